//! `risposta form URL|FILE`: what a page's forms are understood as, and what would be written into
//! them. Submits nothing.

use super::check::sample_plan;
use super::locate::quoted;
use super::output::Out;
use super::{Done, Failure, exit, runtime};
use crate::channels::web_form::{Limits, Looked, look};
use crate::forms::choose::choose;
use crate::forms::fill::{Answers, Entry, Filled, Inputs, fill};
use crate::forms::page::{Field, Form, Kind, Page};
use crate::forms::reading::Reading;
use crate::forms::roles::Role;
use crate::model::channel::Channel;
use crate::model::plan::PlannedInquiry;
use crate::model::study::Study;
use crate::net::Dialer;
use crate::report::escape;
use crate::scenario;
use clap::Args;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use unicode_width::UnicodeWidthStr as _;
use url::Url;

/// Columns of a field's name and of its role.
const NAME_COLUMNS: usize = 24;
const ROLE_COLUMNS: usize = 12;

#[derive(Debug, Args)]
pub(super) struct FormCommand {
    /// The page: its address, or a file with its HTML
    #[arg(value_name = "URL|FILE")]
    page: String,
    /// Fill the preview in with this study's persona and question, not with an example
    #[arg(long, value_name = "STUDY")]
    study: Option<PathBuf>,
    /// Show this form only, and take it for the contact form
    #[arg(long, value_name = "CSS")]
    form: Option<String>,
    /// Where a file came from: relative addresses start there
    #[arg(long, value_name = "URL", default_value = "http://page.example/")]
    url: Url,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl FormCommand {
    pub(super) fn run(&self, out: &mut Out) -> Done {
        let (answers, language) = match &self.study {
            Some(path) => from_study(path)?,
            None => (example(), "en".to_owned()),
        };
        let looked = self.page(&language)?;
        let pages: Vec<(&Url, Page)> =
            std::iter::once(&looked).chain(&looked.frames).map(|l| (&l.url, Page::parse(&l.html, &l.url))).collect();
        let chosen: Vec<_> = pages.iter().map(|(_, page)| choose(page, self.form.as_deref())).collect();
        let used = chosen.iter().enumerate().find_map(|(at, form)| Some((at, form.as_ref().ok()?.index)));
        let none = chosen.into_iter().next().and_then(Result::err).filter(|_| used.is_none()).map(|unfit| unfit.why);
        if let (Some(_), Some(why)) = (&self.form, &none) {
            return Err(Failure::new(exit::USAGE, escape::line(why)).with_help("leave out `--form` to see every form"));
        }
        let sheets: Vec<Sheet> = pages
            .iter()
            .enumerate()
            .map(|(at, (url, page))| {
                let used = used.filter(|(of, _)| *of == at).map(|(_, form)| form);
                let shown = |form: &&Form| self.form.is_none() || used == Some(form.index);
                let views = page.forms.iter().filter(shown).map(|form| View::of(page, form, used, &answers)).collect();
                Sheet { url, page, views }
            })
            .collect();
        let Some((whole, frames)) = sheets.split_first() else { return Ok(0) };
        if self.json {
            let mut told = whole.json();
            told["title"] = whole.page.title().trim().into();
            told["none_because"] = none.into();
            told["frames"] = frames.iter().map(Sheet::json).collect();
            out.json(&told)?;
        } else {
            out.data(&whole.text(out.width()));
            for frame in frames {
                out.data(&format!("In the frame {}\n{}", escape::line(frame.url.as_str()), frame.text(out.width())));
            }
            if let Some(why) = none {
                out.data(&format!("No form of this page would be used: {}.\n", escape::line(&why)));
            }
            out.say("Nothing was submitted.");
        }
        Ok(0)
    }

    /// The page, and the frames in which its form may stand; those of a file are not fetched.
    fn page(&self, language: &str) -> Result<Looked, Failure> {
        let limits = Limits::default();
        if let Some(url) = Url::parse(&self.page).ok().filter(|url| matches!(url.scheme(), "http" | "https")) {
            let looked = runtime()?.block_on(look(&Dialer::World, &url, self.form.as_deref(), language, limits));
            return looked.map_err(|why| unreadable(&escape::line(&why)));
        }
        let path = Path::new(&self.page);
        let open = std::fs::File::open(path).and_then(|file| {
            let mut bytes = Vec::new();
            file.take(limits.body_bytes_max as u64).read_to_end(&mut bytes).map(|_| bytes)
        });
        let bytes = open.map_err(|e| {
            unreadable(&format!("{}: {e}", path.display()))
                .with_help("name a file, or an address with http:// or https://")
        })?;
        let html = String::from_utf8_lossy(&bytes).into_owned();
        if html.contains('\0') || !html.contains('<') {
            return Err(unreadable(&format!("{}: this is no HTML", path.display())));
        }
        Ok(Looked { html, url: self.url.clone(), frames: Vec::new() })
    }
}

fn unreadable(why: &str) -> Failure {
    Failure::new(exit::FAILED, format!("the page cannot be read: {why}"))
}

/// Somebody who does not exist, at addresses that do not exist.
fn example() -> Answers {
    Answers {
        name: "Ada Example".to_owned(),
        email: "ada@example.org".to_owned(),
        phone: Some("+1 555 0100".to_owned()),
        details: BTreeMap::new(),
        subject: "A question about returns".to_owned(),
        message: "How long may I return an article that I ordered?".to_owned(),
    }
}

/// What the study's first question through a form would be answered with, and its language.
fn from_study(path: &Path) -> Result<(Answers, String), Failure> {
    let loaded = scenario::load(path);
    let invalid = || {
        Failure::new(exit::INVALID, format!("{}: the study has mistakes", path.display()))
            .with_help(format!("`risposta check {}` lists them", quoted(&path.display().to_string())))
    };
    let study = loaded.study.filter(|_| loaded.findings.errors() == 0).ok_or_else(invalid)?;
    let plan = sample_plan(&study)?;
    let by_form = |i: &&PlannedInquiry| i.channel == Channel::WebForm;
    let inquiry = plan.inquiries.iter().find(by_form).or(plan.inquiries.first());
    let inquiry = inquiry.ok_or_else(|| Failure::new(exit::INVALID, "the study asks nobody"))?;
    Ok((answers(&study, inquiry)?, study.language.clone()))
}

fn answers(study: &Study, inquiry: &PlannedInquiry) -> Result<Answers, Failure> {
    let lacks = |what: &str| Failure::new(exit::INVALID, format!("inquiry {}: {what}", inquiry.id));
    let persona = study.personas.iter().find(|p| p.id == inquiry.persona).ok_or_else(|| lacks("no such persona"))?;
    let message = inquiry.messages.first().ok_or_else(|| lacks("no message"))?;
    let mailbox = persona.mailbox.as_ref().and_then(|id| study.mailbox(id)).map(|mailbox| mailbox.address.clone());
    Ok(Answers {
        name: persona.name.clone(),
        email: inquiry.reply_to.clone().or(mailbox).ok_or_else(|| lacks("the persona has no address for replies"))?,
        phone: persona.phone.clone(),
        details: persona.details.clone(),
        subject: message.subject.clone(),
        message: message.text.clone(),
    })
}

/// What is shown of a page, or of a frame.
struct Sheet<'a> {
    url: &'a Url,
    page: &'a Page,
    views: Vec<View<'a>>,
}

impl Sheet<'_> {
    fn text(&self, width: usize) -> String {
        let stopped = self.page.stopped.as_ref().map(|why| format!("{why}: what comes later is not known.\n\n"));
        let total = self.page.forms.len();
        self.views.iter().map(|view| view.text(total, width)).chain(stopped).collect()
    }

    fn json(&self) -> Value {
        let forms: Vec<Value> = self.views.iter().map(View::json).collect();
        json!({ "url": self.url, "forms": forms, "stopped": self.page.stopped })
    }
}

/// What is shown of a form.
struct View<'a> {
    form: &'a Form,
    is_used: bool,
    /// How it would be filled, or why not; forms that take no question are not filled.
    filled: Option<Result<Filled, String>>,
}

impl<'a> View<'a> {
    fn of(page: &Page, form: &'a Form, used: Option<usize>, answers: &Answers) -> Self {
        let is_used = used == Some(form.index);
        let wanted = is_used || form.nature.is_contact();
        let mapping = BTreeMap::new();
        let inputs = Inputs { mapping: &mapping, answers };
        let filled = wanted.then(|| fill(page, form, inputs).map_err(|unfit| unfit.why));
        Self { form, is_used, filled }
    }

    /// The fields that a person meets, and how they were read.
    fn fields(&self) -> impl Iterator<Item = (&Field, &Reading)> {
        let both = self.form.fields.iter().zip(&self.form.readings);
        both.filter(|(_, reading)| !matches!(reading.role, Role::Hidden | Role::Button))
    }

    /// What would be written into a field; `None` where nothing is.
    fn value(&self, field: &Field) -> Option<String> {
        let filled = self.filled.as_ref()?.as_ref().ok()?;
        let is_box = matches!(field.kind, Kind::Checkbox { .. } | Kind::Radio { .. });
        let meant = |e: &&Entry| e.name == field.name && (!is_box || e.value == field.value);
        let entry = filled.entries.iter().find(meant)?;
        Some(if is_box { "(ticked)".to_owned() } else { entry.value.clone() }).filter(|value| !value.is_empty())
    }

    fn text(&self, total: usize, width: usize) -> String {
        let (form, nature) = (self.form, &self.form.nature);
        let mut text = String::new();
        let contact = if nature.is_contact() { "contact form" } else { "no contact form" };
        let kind = if nature.is_contact() { String::new() } else { format!(" ({})", nature.kind.name()) };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "Form {} of {total}: {contact}{kind}, {} % sure", form.index + 1, nature.confidence);
        let mut say = |line: &str| {
            let _ = writeln!(text, "  {}", escape::fit(&escape::line(line), width.saturating_sub(2)));
        };
        for why in &nature.reasons {
            say(&format!("because {why}"));
        }
        let action = form.action.as_ref().map_or("a script".to_owned(), Url::to_string);
        say(&format!("sent to {action}"));
        if let Some(captcha) = &form.captcha {
            say(&format!("CAPTCHA ({}): {captcha}", captcha.kind));
        }
        if self.is_used {
            say("this one would be used");
        }
        let row = |cells: [&str; 5]| {
            let [name, role, sure, needed, max] = cells;
            format!("  {} {} {sure:>4} {needed:6} {max:>5} ", cell(name, NAME_COLUMNS), cell(role, ROLE_COLUMNS))
        };
        if self.fields().next().is_some() {
            let head = row(["field", "role", "sure", "needed", "max"]);
            let _ = writeln!(text, "{}", head.trim_end());
        }
        for (field, reading) in self.fields() {
            let max = reading.maxlength.map_or("-".to_owned(), |max| max.to_string());
            let needed = if reading.required { "yes" } else { "no" };
            let sure = format!("{}%", reading.confidence);
            let head = row([called(field), reading.role.name(), &sure, needed, &max]);
            let _ = writeln!(text, "{}", head.trim_end());
            let mut below = |words: &str| {
                let _ = writeln!(text, "      {}", escape::fit(&escape::line(words), width.saturating_sub(6)));
            };
            below(&reading.reasons.join("; "));
            if let Some(value) = self.value(field) {
                below(&format!("gets: {value}"));
            }
        }
        if let Some(Err(why)) = &self.filled {
            let _ = writeln!(text, "  it cannot be filled: {}", escape::line(why));
        }
        text.push('\n');
        text
    }

    fn json(&self) -> Value {
        let (form, nature) = (self.form, &self.form.nature);
        let field = |(field, reading): (&Field, &Reading)| {
            json!({
                "name": field.name, "id": field.id, "label": field.label, "hint": field.hint, "type": field.typed,
                "role": reading.role.name(), "confidence": reading.confidence, "reasons": reading.reasons,
                "required": reading.required, "maxlength": reading.maxlength, "never_filled": reading.left,
                "filled_with": self.value(field),
            })
        };
        json!({
            "index": form.index, "contact": nature.is_contact(), "kind": nature.kind.name(),
            "confidence": nature.confidence, "reasons": nature.reasons, "used": self.is_used,
            "action": form.action, "captcha": form.captcha.as_ref().map(|c| json!({ "kind": c.kind, "why": c.why })),
            "cannot_be_filled": self.filled.as_ref().and_then(|filled| filled.as_ref().err()),
            "fields": self.fields().map(field).collect::<Vec<_>>(),
        })
    }
}

/// What a person would call a field.
fn called(field: &Field) -> &str {
    let names = [&field.label, &field.hint, &field.name, &field.id];
    names.into_iter().map(|name| name.trim()).find(|name| !name.is_empty()).unwrap_or("(without a name)")
}

/// A text in so many columns.
fn cell(text: &str, columns: usize) -> String {
    let text = escape::line(text);
    let fitted = escape::fit(&text, columns);
    let pad = columns.saturating_sub(fitted.width());
    format!("{fitted}{}", " ".repeat(pad))
}
