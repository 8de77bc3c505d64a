//! Are small pages with every difficulty of forms understood, and is no trap filled? The pages of
//! `tests/forms/` say themselves what is right: `data-kind` and `data-captcha` of a form, `data-role`
//! of a field (`*`: any, `!role`: anything else).

use risposta::forms::controls;
use risposta::forms::page::{Form, Page, attr, elements};
use risposta::forms::roles::Role;
use scraper::{ElementRef, Html};
use std::path::PathBuf;
use url::Url;

/// What was right, of how many, and what was not.
#[derive(Default)]
struct Tally {
    right: usize,
    all: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, right: bool, wrong: impl FnOnce() -> String) {
        self.all += 1;
        self.right += usize::from(right);
        if !right {
            self.wrong.push(wrong());
        }
    }

    fn at_least(&self, per_cent: usize, what: &str) {
        assert!(
            self.right * 100 >= self.all * per_cent,
            "{what}: {} of {} right, {per_cent} % wanted\n{}",
            self.right,
            self.all,
            self.wrong.join("\n")
        );
    }
}

#[test]
fn forms_and_fields_are_told_apart_and_no_trap_is_filled() {
    let (mut kinds, mut roles, mut captchas) = (Tally::default(), Tally::default(), Tally::default());
    let (mut filled, mut real_as_trap) = (Vec::new(), Tally::default());
    let pages = pages();
    assert!(pages.len() >= 20, "only {} pages", pages.len());
    for (name, text) in pages {
        let page = Page::parse(&text, &Url::parse("http://page.example/").unwrap());
        let html = Html::parse_document(&text);
        let controls: Vec<ElementRef> = controls::elements(&html).collect();
        for (form, element) in page.forms.iter().zip(elements(&html, "form")) {
            let place = format!("{name}, form {}", form.index + 1);
            let told = form.nature.is_contact();
            kinds.add(told == (attr(element, "data-kind") == "contact"), || {
                format!("{place}: {} {:?}", form.nature.points, form.nature.evidence)
            });
            let kind = form.captcha.as_ref().map_or("", |captcha| captcha.kind);
            if let Some(wanted) = element.attr("data-captcha") {
                captchas.add(kind == wanted, || format!("{place}: {kind:?} instead of {wanted:?}"));
            }
            for (field, reading) in form.fields.iter().zip(&form.readings) {
                let Some(wanted) = controls[field.ordinal].attr("data-role").filter(|role| *role != "*") else {
                    continue;
                };
                let place = || format!("{place}: `{}` is {wanted}, taken for {reading:?}", field.name);
                let role = reading.role.name();
                roles.add(wanted.strip_prefix('!').map_or(role == wanted, |not| role != not), place);
                if wanted == "honeypot" && !reading.left {
                    filled.push(place());
                }
                if wanted != "honeypot" {
                    real_as_trap.add(reading.role != Role::Honeypot, place);
                }
            }
        }
    }
    assert!(filled.is_empty(), "traps that would be filled:\n{}", filled.join("\n"));
    real_as_trap.at_least(99, "real fields that are no traps");
    kinds.at_least(96, "contact forms and others");
    roles.at_least(97, "roles");
    captchas.at_least(100, "kinds of CAPTCHA");
}

#[test]
fn a_page_with_very_many_controls_and_labels_is_read_to_its_limits() {
    let field = |i: usize| {
        format!("<div class=row><label for=i{i}>E-mail {i}</label><input id=i{i} name=n{i} aria-labelledby=all></div>")
    };
    let fields = (0..3_000).map(field).collect::<Vec<_>>().concat();
    let rules = (0..2_000).map(|i| format!(".hidden-{i} .row, #x{i} {{ display: none }}")).collect::<Vec<_>>().concat();
    let html = format!("<style>{rules}</style><div id=all>{}</div><form>{fields}</form>", "words ".repeat(20_000));
    let page = Page::parse(&html, &Url::parse("http://page.example/").unwrap());
    let form: &Form = &page.forms[0];
    assert_eq!(form.fields.len(), 2_000);
    assert_eq!(form.readings.len(), form.fields.len());
    assert_eq!(form.readings[0].role, Role::Email);
}

pub(crate) fn pages() -> Vec<(String, String)> {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "forms"].iter().collect();
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<(String, String)> = entries
        .filter(|path| path.extension().is_some_and(|end| end == "html"))
        .map(|path| (path.file_stem().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    pages.sort();
    pages
}
