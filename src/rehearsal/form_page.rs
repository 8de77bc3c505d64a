//! The companies' contact pages: what forms they show, each in a shape of its own.

use super::chance::seed_of;
use super::directory::target_key;
use super::letters::escape;
use super::texts::{FormTexts, Names, Texts, fill};
use crate::model::ids::slug;
use crate::model::study::{FormTarget, Study, Target};
use std::collections::HashMap;
use std::fmt::Write as _;
use url::Url;

/// Name of the trap for robots: hidden, so that no person fills it in.
pub(super) const TRAP: &str = "website";

/// Name of the hidden token.
pub(super) const TOKEN: &str = "csrf_token";

/// All pages of the companies' sites, by `host/path?query`.
pub(super) struct Sites {
    pub(super) forms: Vec<Site>,
    pages: HashMap<String, (usize, Page)>,
    hosts: HashMap<String, usize>,
}

/// What is at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    /// The page with the form.
    Form,
    /// Where the form goes.
    Submit,
    /// Where a successful submission leads.
    Thanks,
}

/// One contact form.
pub(super) struct Site {
    /// Its contact point: what the directory knows it by.
    pub(super) key: String,
    /// Its host.
    pub(super) host: String,
    /// Path and query of its submission.
    pub(super) action: String,
    /// Path and query of its thank-you page.
    pub(super) thanks: String,
    /// Its visible fields.
    pub(super) fields: Vec<Field>,
    company: String,
    target: FormTarget,
    multipart: bool,
    newsletter: bool,
}

/// One visible field.
pub(super) struct Field {
    /// What it is for.
    pub(super) role: Role,
    /// Its name.
    pub(super) name: String,
    /// Whether it must be filled in.
    pub(super) required: bool,
    id: String,
    class: String,
    label: String,
}

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Name,
    FirstName,
    LastName,
    Email,
    Phone,
    Subject,
    SubjectChoice,
    Message,
    Consent,
    Other,
}

impl Sites {
    /// The sites of all companies of a study that have a form.
    pub(super) fn new(study: &Study, texts: &Texts) -> Self {
        let mut sites = Self { forms: Vec::new(), pages: HashMap::new(), hosts: HashMap::new() };
        for company in &study.companies {
            for point in &company.contact_points {
                let Target::WebForm(target) = &point.target else { continue };
                let key = target_key(&point.target);
                // A group's shared form is one page.
                if sites.pages.contains_key(&key) {
                    continue;
                }
                let seed = seed_of(&[b"form", &study.seed.to_le_bytes(), company.id.as_str().as_bytes()]);
                sites.add(Site::new(key, &company.name, target, seed, &texts.form));
            }
        }
        sites
    }

    fn add(&mut self, site: Site) {
        let at = self.forms.len();
        let host = site.host.clone();
        for (path, page) in [(&site.thanks, Page::Thanks), (&site.action, Page::Submit)] {
            self.pages.insert(format!("{host}{path}"), (at, page));
        }
        self.pages.insert(site.key.clone(), (at, Page::Form));
        self.hosts.entry(host).or_insert(at);
        self.forms.push(site);
    }

    /// What is at `host/path?query`.
    pub(super) fn page(&self, key: &str) -> Option<(&Site, Page)> {
        let (at, page) = self.pages.get(key)?;
        Some((&self.forms[*at], *page))
    }

    /// A form of a host.
    pub(super) fn of_host(&self, host: &str) -> Option<&Site> {
        self.hosts.get(host).map(|at| &self.forms[*at])
    }
}

impl Site {
    fn new(key: String, company: &str, target: &FormTarget, seed: [u8; 32], texts: &FormTexts) -> Self {
        let host = target.url.host_str().unwrap_or_default().to_owned();
        let here = path_and_query(&target.url);
        let beside = |piece: &str| {
            let path = target.url.path().trim_end_matches('/');
            let query = target.url.query().map(|q| format!("?{q}")).unwrap_or_default();
            format!("{path}/{piece}{query}")
        };
        let success_url = target.success.as_ref().and_then(|s| s.url.as_deref());
        let thanks = match success_url {
            None => beside(&texts.thanks_path),
            Some(full) if full.contains("://") => full.parse().map_or_else(|_| beside(full), |u| path_and_query(&u)),
            Some(path) if path.starts_with('/') => path.to_owned(),
            Some(piece) => beside(piece),
        };
        Self {
            key,
            host,
            action: if seed[0] & 1 == 0 { here } else { beside("send") },
            thanks,
            fields: fields(target, seed, texts),
            company: company.to_owned(),
            target: target.clone(),
            multipart: seed[1] & 1 == 1,
            newsletter: seed[2].is_multiple_of(3),
        }
    }

    /// The page with the form; `token` belongs to the visitor's cookie, `error` is shown on top.
    pub(super) fn form_html(&self, texts: &FormTexts, token: &str, error: Option<&str>) -> String {
        let names = Names { company: &self.company, ..Names::default() };
        let (open, form_attributes, close) = placed(self.target.form.as_deref());
        let multipart = if self.multipart { " enctype=\"multipart/form-data\"" } else { "" };
        let error = error.map(|e| format!("<p class=\"error\" role=\"alert\">{}</p>\n", escape(e))).unwrap_or_default();
        let mut body = format!(
            "<h1>{}</h1>\n<p>{}</p>\n{error}{open}<form method=\"post\" action=\"{}\"{multipart}{form_attributes}>\n\
             <input type=\"hidden\" name=\"{TOKEN}\" value=\"{token}\">\n\
             <div style=\"position:absolute;left:-9999px\" aria-hidden=\"true\"><label for=\"{TRAP}\">{}</label>\
             <input type=\"text\" id=\"{TRAP}\" name=\"{TRAP}\" tabindex=\"-1\" autocomplete=\"off\"></div>\n",
            escape(&texts.title),
            escape(&fill(&texts.intro, names)),
            escape(&self.action),
            escape(&texts.trap),
        );
        for field in &self.fields {
            body.push_str(&field.html(texts));
        }
        // Writing to a String cannot fail.
        let _ = writeln!(body, "<button type=\"submit\">{}</button>\n</form>{close}", escape(&texts.send));
        if self.newsletter {
            let (label, send) = (escape(&texts.newsletter), escape(&texts.send));
            let _ = writeln!(
                body,
                "<form method=\"post\" action=\"/newsletter\"><label>{label} \
                 <input type=\"email\" name=\"newsletter_email\"></label><button>{send}</button></form>"
            );
        }
        self.html(texts, &body)
    }

    /// The page after a successful submission, with all that the study takes as proof.
    pub(super) fn thanks_html(&self, texts: &FormTexts) -> String {
        let success = self.target.success.as_ref();
        let text = success.and_then(|s| s.text.as_deref()).unwrap_or_default();
        let (open, attributes, close) = placed(success.and_then(|s| s.selector.as_deref()));
        let body =
            format!("{open}<div{attributes}><p>{}</p>\n<p>{}</p></div>{close}\n", escape(&texts.thanks), escape(text));
        self.html(texts, &body)
    }

    /// Any other page of the site.
    pub(super) fn home_html(&self, texts: &FormTexts) -> String {
        let link = path_and_query(&self.target.url);
        self.html(texts, &format!("<p><a href=\"{}\">{}</a></p>\n", escape(&link), escape(&texts.title)))
    }

    fn html(&self, texts: &FormTexts, body: &str) -> String {
        let (company, search) = (escape(&self.company), escape(&texts.search));
        format!(
            "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{company}</title></head><body>\n\
             <header><a href=\"/\">{company}</a>\n\
             <form method=\"get\" action=\"/search\" role=\"search\"><label for=\"q\">{search}</label>\
             <input type=\"search\" id=\"q\" name=\"q\"><button>{search}</button></form></header>\n\
             <main>\n{body}</main>\n</body></html>\n"
        )
    }
}

impl Field {
    fn html(&self, texts: &FormTexts) -> String {
        let (label, name, id) = (escape(&self.label), escape(&self.name), escape(&self.id));
        let required = if self.required { " required" } else { "" };
        let class = if self.class.is_empty() { String::new() } else { format!(" class=\"{}\"", escape(&self.class)) };
        let attributes = format!("id=\"{id}\" name=\"{name}\"{class}{required}");
        let star = if self.required { " *" } else { "" };
        let input =
            |kind: &str| format!("<label for=\"{id}\">{label}{star}</label>\n<input type=\"{kind}\" {attributes}>");
        let inner = match self.role {
            Role::Name | Role::FirstName | Role::LastName | Role::Subject | Role::Other => input("text"),
            Role::Email => input("email"),
            Role::Phone => input("tel"),
            Role::Message => {
                format!("<label for=\"{id}\">{label}{star}</label>\n<textarea rows=\"8\" {attributes}></textarea>")
            }
            Role::Consent => {
                format!("<input type=\"checkbox\" value=\"1\" {attributes}>\n<label for=\"{id}\">{label}{star}</label>")
            }
            Role::SubjectChoice => {
                let option = |s: &String| format!("<option value=\"{}\">{}</option>", slug(s), escape(s));
                let options = texts.subjects.iter().map(option).collect::<Vec<_>>().concat();
                let choose = escape(&texts.choose);
                format!(
                    "<label for=\"{id}\">{label}{star}</label>\n<select {attributes}>\
                     <option value=\"\">{choose}</option>{options}</select>"
                )
            }
        };
        format!("<p>{inner}</p>\n")
    }
}

/// The fields of a company's form: by its seed, and by the names that the study gives.
fn fields(target: &FormTarget, seed: [u8; 32], texts: &FormTexts) -> Vec<Field> {
    let mapped = |role: &str| target.fields.iter().find(|(_, r)| *r == role).map(|(key, _)| key.as_str());
    let study_names = !target.fields.is_empty();
    let split = !study_names && seed[3] & 1 == 1;
    let mut fields = Vec::new();
    let mut add = |role: Role, key: Option<&str>, label: &str, required: bool| {
        let number = fields.len() + 1;
        fields.push(Field::new(role, key, label, required, (seed[4].is_multiple_of(3)).then_some(number)));
    };
    if split {
        add(Role::FirstName, None, &texts.first_name, true);
        add(Role::LastName, None, &texts.last_name, true);
    } else {
        add(Role::Name, mapped("name"), &texts.name, true);
    }
    add(Role::Email, mapped("email"), &texts.email, true);
    if mapped("phone").is_some() || (!study_names && seed[5] & 1 == 1) {
        add(Role::Phone, mapped("phone"), &texts.phone, false);
    }
    match (mapped("subject"), seed[6] % 3) {
        (Some(key), _) => add(Role::Subject, Some(key), &texts.subject, true),
        (None, 0) if !study_names => add(Role::Subject, None, &texts.subject, true),
        (None, 1) if !study_names => add(Role::SubjectChoice, None, &texts.subject, true),
        (None, _) => {}
    }
    for (key, _) in target.fields.iter().filter(|(_, value)| !ROLES.contains(&value.as_str())) {
        add(Role::Other, Some(key), key, false);
    }
    add(Role::Message, mapped("message"), &texts.message, true);
    if mapped("consent").is_some() || !study_names {
        add(Role::Consent, mapped("consent"), &texts.consent, true);
    }
    fields
}

/// The roles that a study may name; anything else that it wants written is a template.
const ROLES: [&str; 6] = ["name", "email", "phone", "subject", "message", "consent"];

impl Field {
    /// `key` is the study's name or selector; else the label names the field, or its number does.
    fn new(role: Role, key: Option<&str>, label: &str, required: bool, number: Option<usize>) -> Self {
        let selector = key.map(Simple::read).unwrap_or_default();
        let own = match (number, role) {
            (Some(number), _) => format!("field_{number}"),
            (None, Role::Consent) => "privacy".to_owned(),
            (None, _) => slug(label).replace('-', "_"),
        };
        let bare = key.filter(|k| k.chars().all(|c| c.is_alphanumeric() || "-_[]".contains(c)) && !k.starts_with('['));
        let name = bare.map(ToOwned::to_owned).or(selector.name).unwrap_or_else(|| own.clone());
        let id = selector.id.unwrap_or_else(|| format!("f-{own}"));
        Self { role, name, required, id, class: selector.classes.join(" "), label: label.to_owned() }
    }
}

/// What a simple CSS selector asks of one element.
#[derive(Debug, Default, PartialEq, Eq)]
struct Simple {
    id: Option<String>,
    classes: Vec<String>,
    name: Option<String>,
}

impl Simple {
    /// Reads `tag#id.class[name="x"]`; what it does not know it leaves out.
    fn read(selector: &str) -> Self {
        let mut simple = Self::default();
        let mut rest = selector;
        while let Some(at) = rest.find(['#', '.', '[']) {
            let mark = rest.as_bytes()[at];
            let tail = &rest[at + 1..];
            let end = if mark == b'[' { tail.find(']') } else { tail.find(['#', '.', '[', ':']) };
            let (word, next) = tail.split_at(end.unwrap_or(tail.len()));
            match mark {
                b'#' => simple.id = Some(word.to_owned()),
                b'.' => simple.classes.push(word.to_owned()),
                _ => {
                    if let Some(("name", value)) = word.split_once('=') {
                        simple.name = Some(value.trim_matches(['"', '\'']).to_owned());
                    }
                }
            }
            rest = next;
        }
        simple
    }

    fn attributes(&self) -> String {
        let mut out = String::new();
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                let _ = write!(out, " {name}=\"{}\"", escape(value));
            }
        };
        add("id", self.id.as_deref().unwrap_or_default());
        add("class", &self.classes.join(" "));
        add("name", self.name.as_deref().unwrap_or_default());
        out
    }
}

/// For a selector of the study: what opens around the element, its attributes, and what closes.
fn placed(selector: Option<&str>) -> (String, String, String) {
    let mut pieces: Vec<&str> = selector.unwrap_or_default().split([' ', '>']).filter(|p| !p.is_empty()).collect();
    let last = pieces.pop().map(|p| Simple::read(p).attributes()).unwrap_or_default();
    let div = |piece: &&str| format!("<div{}>", Simple::read(piece).attributes());
    let open = pieces.iter().map(div).collect::<Vec<_>>().concat();
    (open, last, "</div>".repeat(pieces.len()))
}

fn path_and_query(url: &Url) -> String {
    let query = url.query().map(|q| format!("?{q}")).unwrap_or_default();
    format!("{}{query}", url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_fits_the_selectors_that_the_study_names() {
        let read = |s| Simple::read(s);
        assert_eq!(read("#contact").id.as_deref(), Some("contact"));
        assert_eq!(read("input[name=\"tel\"]").name.as_deref(), Some("tel"));
        assert_eq!(read("form.a.b").classes, ["a", "b"]);
        let (open, last, close) = placed(Some("#page form.contact"));
        assert_eq!(
            (open.as_str(), last.as_str(), close.as_str()),
            ("<div id=\"page\">", " class=\"contact\"", "</div>")
        );
    }
}
