//! Which forms does a page hold, and what does a person see in each? HTML in, plain values out;
//! nothing is fetched and nothing is run.

use super::captcha::{self, Captcha};
use super::controls::{CONTROLS_MAX, Controls};
use super::nature::{self, Nature};
use super::nesting::{NESTED_MAX, within_reason};
use super::reading::{Reading, read};
use super::visible;
use scraper::{ElementRef, Html, Selector};
use url::Url;

/// Most forms of a page that are read.
const FORMS_MAX: usize = 64;

/// How far up an element's ancestors are looked at.
pub const DEPTH_MAX: usize = 128;

/// A form as a person would meet it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Its place among the page's forms, from 0.
    pub index: usize,
    /// Its `id`, `name` and `class`, and the heading that it stands under.
    pub about: String,
    /// How it is sent.
    pub method: FormMethod,
    /// Where it is sent; `None` where that is no address on the web (`mailto:`, `javascript:`).
    pub action: Option<Url>,
    /// How its fields are written into the request.
    pub enctype: Enctype,
    /// Where the page came from: an empty address means this one.
    pub url: Url,
    /// What addresses of the page are relative to.
    pub base: Url,
    /// What `accept-charset` names first.
    pub charset: Option<String>,
    /// Its controls, buttons included, in document order.
    pub fields: Vec<Field>,
    /// What each of its controls is for, in the same order.
    pub readings: Vec<Reading>,
    /// What kind of form it is, and whether it takes a question to the company.
    pub nature: Nature,
    /// What shows that only a person may send it.
    pub captcha: Option<Captcha>,
    /// Whether browsers let it go whatever was entered (`novalidate`).
    pub unchecked: bool,
    /// Whether a script stops the browser from sending it (`onsubmit="… return false"`).
    pub script_only: bool,
    /// Whether it was read in part: its page has more than is read.
    pub cut: bool,
}

/// The way that a form takes when one of its buttons is pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Where it is sent; `None` where that is no address on the web.
    pub action: Option<Url>,
    /// How it is sent.
    pub method: FormMethod,
    /// How its fields are written into the request.
    pub enctype: Enctype,
}

impl Form {
    /// The way that the form takes when that field is pressed: a button may have one of its own.
    pub fn route(&self, button: usize) -> Route {
        let own = self.fields.get(button).map(|field| &field.overrides);
        let own = |pick: fn(&Overrides) -> &Option<String>| own.and_then(|o| pick(o).as_deref());
        let by_script = own(|o| &o.method).is_some_and(|m| m.eq_ignore_ascii_case("dialog"));
        let action = own(|o| &o.action).map_or_else(|| self.action.clone(), |to| resolved(to, &self.url, &self.base));
        Route {
            action: action.filter(|_| !by_script),
            method: own(|o| &o.method).map_or(self.method, method),
            enctype: own(|o| &o.enctype).map_or(self.enctype, |name| enctype(Some(name))),
        }
    }
}

/// How a form is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormMethod {
    /// Fields in the address.
    Get,
    /// Fields in the body.
    Post,
}

/// How a form's fields are written into a request's body (HTML standard, "form submission").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enctype {
    /// `application/x-www-form-urlencoded`.
    Urlencoded,
    /// `multipart/form-data`.
    Multipart,
    /// `text/plain`.
    TextPlain,
}

/// A control of a form.
#[expect(clippy::struct_excessive_bools, reason = "as many as its markup has")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name it is sent under; empty when it is not sent.
    pub name: String,
    /// Its `id`.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The words a person reads beside it.
    pub label: String,
    /// The words inside it: placeholder, title, `aria-label`.
    pub hint: String,
    /// Whether its label is tied to it, and not just near it.
    pub labelled: bool,
    /// The legend of the group it belongs to.
    pub group: String,
    /// Its `class`.
    pub class: String,
    /// Its `type`, in lower case.
    pub typed: String,
    /// What browsers are told to fill in (`autocomplete`).
    pub autocomplete: String,
    /// What it holds already.
    pub value: String,
    /// Whether it must be filled.
    pub required: bool,
    /// Most characters it takes.
    pub maxlength: Option<usize>,
    /// What else its page demands of what is written into it.
    pub demands: Demands,
    /// Whether it takes no input and is not sent.
    pub disabled: bool,
    /// Whether a person may only read it.
    pub readonly: bool,
    /// Why a person does not see it.
    pub hidden: Option<&'static str>,
    /// Whether it is a trap for robots.
    pub is_trap: bool,
    /// The name that the direction of its text is sent under (`dirname`); mostly empty.
    pub dirname: String,
    /// What it changes about the form when it is pressed.
    pub overrides: Overrides,
    /// Its place among the page's controls, from 0.
    pub ordinal: usize,
}

/// What a field demands of a text (HTML standard, "constraint validation"), as its markup says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Demands {
    /// Fewest characters (`minlength`).
    pub minlength: Option<usize>,
    /// The regular expression that it fits as a whole (`pattern`).
    pub pattern: Option<String>,
    /// The least number or first day (`min`).
    pub min: Option<String>,
    /// The greatest number or last day (`max`).
    pub max: Option<String>,
    /// The distance between numbers (`step`).
    pub step: Option<String>,
}

/// What a button changes about its form (`formaction`, `formmethod`, `formenctype`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Where it is sent.
    pub action: Option<String>,
    /// How it is sent.
    pub method: Option<String>,
    /// How its fields are written.
    pub enctype: Option<String>,
}

/// What a control is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    Text,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A password.
    Password,
    /// A number, date, address or another text with rules of its own.
    Special,
    /// Several lines of text.
    Area,
    /// A choice from a list.
    Select {
        /// What can be chosen.
        options: Vec<Choice>,
        /// Whether several can.
        multiple: bool,
    },
    /// A box to tick.
    Checkbox {
        /// Whether it is ticked already.
        checked: bool,
    },
    /// One of several buttons of the same name.
    Radio {
        /// Whether it is chosen already.
        checked: bool,
    },
    /// A file.
    File,
    /// Not shown, sent as it is.
    Hidden,
    /// A button that sends the form.
    Submit,
    /// A picture that sends the form.
    Image,
    /// A button that does something else, or nothing without a script.
    Button,
}

/// An option of a select.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub text: String,
    /// Whether the page says that it is chosen.
    pub selected: bool,
    /// Whether it cannot be chosen.
    pub disabled: bool,
}

/// A parsed page and its forms. It stays on one thread: the parser's tree is not shared.
pub struct Page {
    html: Html,
    base: Url,
    /// The forms, in document order. Controls without a form are left out.
    pub forms: Vec<Form>,
    /// Where reading stopped, in words; `None` where all of the page was read.
    pub stopped: Option<String>,
}

impl Page {
    /// Reads a page that came from `url`.
    pub fn parse(html: &str, url: &Url) -> Self {
        let within = within_reason(html);
        let html = Html::parse_document(within.html);
        let base = base_url(&html, url);
        let mut controls = Controls::read(&html);
        let page_captcha = captcha::on_page(&html);
        let title: String = elements(&html, "title").next().map(|t| t.text().collect()).unwrap_or_default();
        let cut_from = controls.cut_from;
        let stopped = if cut_from.is_some() {
            Some(format!("reading stopped after the page's first {CONTROLS_MAX} fields"))
        } else if !within.rest.is_empty() {
            Some(format!("reading stopped where more than {NESTED_MAX} elements stand in one another"))
        } else {
            let more = elements(&html, "form").nth(FORMS_MAX).is_some();
            more.then(|| format!("reading stopped after the page's first {FORMS_MAX} forms"))
        };
        let last = elements(&html, "form").count().checked_sub(1).filter(|_| within.cuts_form);
        let forms = elements(&html, "form").take(FORMS_MAX).enumerate();
        let forms = forms.map(|(index, form)| {
            let fields = controls.of_form(index);
            let readings = read(&fields);
            let captcha = captcha::in_form(form, &fields, &readings).or_else(|| page_captcha.clone());
            let [before, inside] = controls.headings(index);
            let own = [attr(form, "id"), attr(form, "name"), attr(form, "class")].join(" ");
            let words = nature::Words { own: &own, action: attr(form, "action"), before, inside, title: &title, url };
            let cut = cut_from.is_some_and(|from| index >= from)
                || last == Some(index)
                || has_controls_in(attr(form, "id"), within.rest);
            let nature = nature::tell(&words, &fields, &readings);
            let nature = if cut { nature.of_a_part(stopped.as_deref().unwrap_or_default()) } else { nature };
            Form {
                index,
                about: format!("{own} {before}").trim().to_owned(),
                nature,
                readings,
                cut,
                method: method(attr(form, "method")),
                action: resolved(attr(form, "action"), url, &base)
                    .filter(|_| !attr(form, "method").eq_ignore_ascii_case("dialog")),
                url: url.clone(),
                base: base.clone(),
                enctype: enctype(form.attr("enctype")),
                charset: form.attr("accept-charset").and_then(|c| c.split([' ', ',']).next()).map(str::to_owned),
                fields,
                captcha,
                unchecked: form.attr("novalidate").is_some(),
                script_only: attr(form, "onsubmit").replace(' ', "").trim_end_matches(';').ends_with("returnfalse"),
            }
        });
        let forms = forms.collect();
        Self { html, base, forms, stopped }
    }

    /// The form that a CSS selector names: itself, what it stands in, or what it holds.
    ///
    /// # Errors
    /// In words, when the selector is none or names no form.
    pub fn form_at(&self, css: &str) -> Result<&Form, String> {
        let selector = Selector::parse(css).map_err(|_| format!("`{css}` is no CSS selector"))?;
        let forms: Vec<ElementRef> = elements(&self.html, "form").take(FORMS_MAX).collect();
        let index = self.html.select(&selector).find_map(|found| {
            let holder = found.ancestors().take(DEPTH_MAX).filter_map(ElementRef::wrap);
            let held = found.descendent_elements();
            let mut candidates = std::iter::once(found).chain(holder).chain(held);
            candidates.find_map(|c| forms.iter().position(|f| *f == c))
        });
        index.and_then(|i| self.forms.get(i)).ok_or_else(|| format!("no form of the page fits `{css}`"))
    }

    /// Whether a form, or something that it stands in, fits a CSS selector.
    pub fn form_stands_in(&self, form: &Form, css: &str) -> bool {
        let Ok(selector) = Selector::parse(css) else { return false };
        let Some(element) = elements(&self.html, "form").nth(form.index) else { return false };
        let around = element.ancestors().take(DEPTH_MAX).filter_map(ElementRef::wrap);
        std::iter::once(element).chain(around).any(|e| selector.matches(&e))
    }

    /// Which controls a CSS selector names, by their ordinals; none where it is no selector.
    pub fn controls_at(&self, css: &str) -> Vec<usize> {
        let Ok(selector) = Selector::parse(css) else { return Vec::new() };
        let controls = super::controls::elements(&self.html).enumerate();
        controls.filter(|(_, e)| selector.matches(e)).map(|(ordinal, _)| ordinal).collect()
    }

    /// Whether anything on the page fits a CSS selector.
    pub fn has(&self, css: &str) -> bool {
        Selector::parse(css).is_ok_and(|selector| self.html.select(&selector).next().is_some())
    }

    /// What a person can read in each element that fits a CSS selector, in document order.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let Ok(selector) = Selector::parse(css) else { return Vec::new() };
        self.html.select(&selector).map(visible::text).filter(|text| !text.is_empty()).collect()
    }

    /// That attribute of each element that fits a CSS selector and has it, in document order.
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        let Ok(selector) = Selector::parse(css) else { return Vec::new() };
        self.html.select(&selector).filter_map(|e| e.attr(name)).map(str::to_owned).collect()
    }

    /// An address that stands on the page, as a whole one.
    pub fn address(&self, written: &str) -> Option<Url> {
        self.base.join(written.trim()).ok().filter(is_web)
    }

    /// What a person can read on the page, white space folded.
    pub fn text(&self) -> String {
        visible::text(self.html.root_element())
    }

    /// The page's title.
    pub fn title(&self) -> String {
        elements(&self.html, "title").next().map(|t| t.text().collect()).unwrap_or_default()
    }
}

/// The elements of that tag name, in document order.
pub fn elements<'a>(html: &'a Html, tag: &'static str) -> impl Iterator<Item = ElementRef<'a>> {
    html.root_element().descendent_elements().filter(move |e| e.value().name() == tag)
}

/// An attribute, empty where it is missing.
pub fn attr<'a>(element: ElementRef<'a>, name: &str) -> &'a str {
    element.attr(name).unwrap_or_default()
}

/// Whether what was not read may hold controls of the form with that id (`form="id"`).
fn has_controls_in(id: &str, rest: &str) -> bool {
    !id.is_empty() && ["\"", "'", ""].iter().any(|quote| rest.contains(&format!("form={quote}{id}")))
}

fn base_url(html: &Html, url: &Url) -> Url {
    let base = elements(html, "base").find_map(|e| e.attr("href"));
    base.and_then(|href| url.join(href).ok()).filter(is_web).unwrap_or_else(|| url.clone())
}

/// An empty action is the page itself, whatever `<base>` says.
fn resolved(action: &str, url: &Url, base: &Url) -> Option<Url> {
    let mut action = match action.trim() {
        "" => url.clone(),
        action => base.join(action).ok()?,
    };
    action.set_fragment(None);
    Some(action).filter(is_web)
}

fn method(name: &str) -> FormMethod {
    if name.trim().eq_ignore_ascii_case("post") { FormMethod::Post } else { FormMethod::Get }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

fn enctype(name: Option<&str>) -> Enctype {
    match name.map(|n| n.trim().to_ascii_lowercase()).as_deref() {
        Some("multipart/form-data") => Enctype::Multipart,
        Some("text/plain") => Enctype::TextPlain,
        _ => Enctype::Urlencoded,
    }
}

#[cfg(test)]
mod tests {
    use super::super::choose::choose;
    use super::*;

    #[test]
    fn a_page_with_more_than_is_read_says_so_and_is_sure_of_nothing() {
        let url = "https://a.example/".parse().unwrap();
        let many = |count: usize| format!("<form><input name=q type=search>{}</form>", "<input name=x>".repeat(count));
        let ask = "<form method=post><h2>Contact us</h2><label>E-mail <input name=e type=email></label>\
            <label>Message <textarea name=m></textarea></label><button>Send</button></form>";
        let whole = Page::parse(&many(CONTROLS_MAX - 3), &url);
        assert_eq!((whole.stopped, whole.forms[0].cut), (None, false));
        for html in [many(CONTROLS_MAX) + ask, ask.to_owned() + &many(CONTROLS_MAX)] {
            let page = Page::parse(&html, &url);
            let stopped = page.stopped.unwrap();
            assert!(stopped.contains("first 2000 fields"), "{stopped}");
            for form in page.forms.iter().filter(|form| form.cut) {
                assert!(form.nature.confidence <= 50 && form.nature.reasons[0] == stopped, "{:?}", form.nature);
            }
            assert!(page.forms[1].cut);
        }
        let after = choose(&Page::parse(&(many(CONTROLS_MAX) + ask), &url), None).unwrap_err().why;
        assert!(after.contains("reading stopped"), "{after}");
        let before = Page::parse(&(ask.to_owned() + &many(CONTROLS_MAX)), &url);
        assert_eq!(choose(&before, None).unwrap().index, 0, "what was read whole can be used");
        let forms = Page::parse(&ask.repeat(FORMS_MAX + 1), &url);
        assert!(forms.stopped.unwrap().contains("first 64 forms"));
    }

    #[test]
    fn a_form_that_is_cut_off_by_nesting_is_not_sent_in_part() {
        let url = "https://a.example/".parse().unwrap();
        let deep = "<div>".repeat(NESTED_MAX + 9);
        let fields = "<h2>Contact us</h2><label>E-mail <input name=e type=email></label>\
            <label>Message <textarea name=m></textarea></label><button>Send</button>";
        let whole = format!("<form id=ask method=post>{fields}</form>");
        for (html, is_cut) in [
            (format!("{whole}{deep}"), false),
            (format!("<form method=post>{fields}{deep}<input name=order required></form>"), true),
            (format!("{whole}{deep}<input name=order form=ask required>"), true),
            (format!("{whole}{deep}<input name=order required form=\"other\">"), false),
        ] {
            let page = Page::parse(&html, &url);
            assert_eq!((page.forms.len(), page.forms[0].cut), (1, is_cut), "{}", &html[html.len() - 60..]);
            assert!(page.stopped.as_ref().unwrap().contains("stand in one another"));
            match choose(&page, None) {
                Ok(form) => assert!(!is_cut && form.index == 0),
                Err(unfit) => assert!(is_cut && unfit.why.contains("reading stopped"), "{}", unfit.why),
            }
        }
    }
}
