//! Is a form understood alike when its page says the same in another way? Each page of `tests/forms/`
//! is written anew with a change that people do not notice, and its fields must keep their roles.

use crate::forms::pages;
use ego_tree::NodeRef;
use risposta::forms::page::{Form, Page};
use risposta::forms::roles::Role;
use scraper::{ElementRef, Html, Node};
use std::fmt::Write as _;
use url::Url;

/// What is changed about a page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Nothing: what the writer itself does.
    None,
    /// Attributes in the opposite order, tags in capitals.
    Spelling,
    /// Each control stands in two elements of its own.
    Wrapped,
    /// No white space that is not needed.
    Minified,
    /// Other `id`s and classes, wherever they are named.
    Renamed,
    /// Labels stand after what they label.
    LabelsAfter,
    /// Labels stand inside the fields, as placeholders, and nowhere else.
    Placeholders,
}

#[test]
fn a_page_that_says_the_same_in_another_way_is_understood_alike() {
    let changes = [
        (Change::None, 100),
        (Change::Spelling, 100),
        (Change::Wrapped, 100),
        (Change::Minified, 100),
        (Change::Renamed, 99),
        (Change::LabelsAfter, 99),
        (Change::Placeholders, 98),
    ];
    for (at, (change, floor)) in changes.into_iter().enumerate() {
        let (mut all, mut wrong) = (0, Vec::new());
        for (name, text) in pages() {
            let before = read(&text);
            let after = read(&Writer::write(&text, change));
            assert_eq!(before.len(), after.len(), "{name}: forms");
            for (before, after) in before.iter().zip(&after) {
                let place = format!("{name}, form {}", before.index + 1);
                all += 1;
                if before.nature.is_contact() != after.nature.is_contact() {
                    wrong.push(format!("{place}: {:?}, then {:?}", before.nature.reasons, after.nature.reasons));
                }
                assert_eq!(before.fields.len(), after.fields.len(), "{place}: fields");
                for ((field, before), after) in before.fields.iter().zip(&before.readings).zip(&after.readings) {
                    // A class can be all that betrays a trap.
                    if change == Change::Renamed && before.role == Role::Honeypot {
                        continue;
                    }
                    all += 1;
                    if (before.role, before.left) != (after.role, after.left) {
                        wrong.push(format!("{place}: `{}` {before:?}, then {after:?}", field.name));
                    }
                }
            }
        }
        assert!(all > 400, "only {all} looked at");
        assert!(
            (all - wrong.len()) * 100 >= all * floor,
            "change {at}, {} of {all}:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}

/// Labels of one form in five languages, with the role of each.
const LABELS: [(&str, [&str; 5]); 13] = [
    ("salutation", ["Title", "Titolo", "Anrede", "Civilité", "Tratamiento"]),
    ("first_name", ["First name", "Nome", "Vorname", "Prénom", "Nombre"]),
    ("last_name", ["Last name", "Cognome", "Nachname", "Nom", "Apellidos"]),
    ("email", ["E-mail address", "Indirizzo e-mail", "E-Mail-Adresse", "Adresse e-mail", "Correo electrónico"]),
    (
        "email_again",
        ["Repeat your e-mail", "Ripeti l'e-mail", "E-Mail wiederholen", "Confirmez votre e-mail", "Repita su correo"],
    ),
    ("phone", ["Telephone number", "Numero di telefono", "Telefonnummer", "Numéro de téléphone", "Número de teléfono"]),
    ("company", ["Company", "Azienda", "Firma", "Société", "Empresa"]),
    ("street", ["Street", "Via", "Straße", "Rue", "Calle"]),
    ("postcode", ["Postcode", "CAP", "Postleitzahl", "Code postal", "Código postal"]),
    ("city", ["Town", "Città", "Ort", "Ville", "Ciudad"]),
    ("reference", ["Order number", "Numero d'ordine", "Bestellnummer", "Numéro de commande", "Número de pedido"]),
    ("subject", ["Subject", "Oggetto", "Betreff", "Objet", "Asunto"]),
    ("message", ["Your message", "Il tuo messaggio", "Ihre Nachricht", "Votre message", "Su mensaje"]),
];

#[test]
fn the_same_form_is_understood_in_each_of_the_five_languages() {
    let mut wrong = Vec::new();
    for language in 0..5 {
        let field = |(i, (role, labels)): (usize, &(&str, [&str; 5]))| match *role {
            "salutation" => {
                format!("<p>{}<br><select name=f{i}><option>–<option>Dr<option>Prof</select>", labels[language])
            }
            "message" => format!("<p>{}<br><textarea name=f{i}></textarea>", labels[language]),
            _ => format!("<p>{}<br><input name=f{i}>", labels[language]),
        };
        let fields = LABELS.iter().enumerate().map(field).collect::<String>();
        for form in read(&format!("<form method=post action=x>{fields}<p><button>OK</button></form>")) {
            for ((role, labels), reading) in LABELS.iter().zip(&form.readings) {
                if reading.role.name() != *role {
                    wrong.push(format!("\"{}\" is {role}: {reading:?}", labels[language]));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn read(html: &str) -> Vec<Form> {
    Page::parse(html, &Url::parse("http://page.example/").unwrap()).forms
}

/// Writes a page anew.
struct Writer<'a> {
    change: Change,
    html: &'a Html,
    out: String,
}

impl<'a> Writer<'a> {
    fn write(text: &str, change: Change) -> String {
        let html = Html::parse_document(text);
        let mut writer = Writer { change, html: &html, out: "<!doctype html>".to_owned() };
        writer.element(html.root_element());
        writer.out
    }

    fn element(&mut self, element: ElementRef<'_>) {
        let (tag, change) = (element.value().name(), self.change);
        let is_control = matches!(tag, "input" | "select" | "textarea");
        let label = self.label(element).filter(|_| is_control && element.attr("type") != Some("hidden"));
        let moved = tag == "label" && change == Change::LabelsAfter && element.attr("for").is_some();
        if moved || (change == Change::Placeholders && self.becomes_placeholder(element)) {
            return;
        }
        let wrapped = change == Change::Wrapped && is_control;
        self.out.push_str(if wrapped { "<span class=wrap><span>" } else { "" });
        let written = if change == Change::Spelling { tag.to_uppercase() } else { tag.to_owned() };
        let _ = write!(self.out, "<{written}");
        let mut attributes: Vec<(String, String)> =
            element.value().attrs().map(|(name, value)| (name.to_owned(), self.renamed(name, value))).collect();
        attributes.sort();
        if change == Change::Spelling {
            attributes.reverse();
        }
        let takes_text = tag == "textarea"
            || (tag == "input" && !matches!(element.attr("type"), Some("checkbox" | "radio" | "submit" | "file")));
        if let (Change::Placeholders, true, Some(label)) = (change, takes_text, label) {
            attributes.retain(|(name, _)| name != "placeholder");
            attributes.push(("placeholder".to_owned(), text(label)));
        }
        for (name, value) in attributes {
            let _ = write!(self.out, " {name}=\"{}\"", value.replace('&', "&amp;").replace('"', "&quot;"));
        }
        self.out.push('>');
        for child in element.children() {
            self.node(child, tag);
        }
        if !matches!(tag, "input" | "br" | "hr" | "img" | "meta" | "link" | "base") {
            let _ = write!(self.out, "</{written}>");
        }
        self.out.push_str(if wrapped { "</span></span>" } else { "" });
        if let (Change::LabelsAfter, Some(label)) = (change, label.filter(|l| l.attr("for").is_some())) {
            let _ = write!(self.out, " <label for=\"{}\">{}</label>", label.attr("for").unwrap(), text(label));
        }
    }

    fn node(&mut self, node: NodeRef<'_, Node>, within: &str) {
        if let Some(element) = ElementRef::wrap(node) {
            self.element(element);
        } else if let Node::Text(words) = node.value() {
            let raw = matches!(within, "style" | "script");
            let words = if raw { self.restyled(words) } else { words.replace('&', "&amp;").replace('<', "&lt;") };
            if self.change != Change::Minified || raw || within == "textarea" {
                self.out.push_str(&words);
            } else if !words.trim().is_empty() {
                let folded = words.split_whitespace().collect::<Vec<_>>().join(" ");
                let ends = [words.starts_with(char::is_whitespace), words.ends_with(char::is_whitespace)];
                let [before, after] = ends.map(|end| if end { " " } else { "" });
                let _ = write!(self.out, "{before}{folded}{after}");
            }
        }
    }

    /// The label of a control.
    fn label(&self, control: ElementRef<'_>) -> Option<ElementRef<'a>> {
        let id = control.attr("id")?;
        let mut labels = self.html.root_element().descendent_elements().filter(|e| e.value().name() == "label");
        labels.find(|label| label.attr("for") == Some(id))
    }

    /// Whether it is the label of a field that takes text.
    fn becomes_placeholder(&self, element: ElementRef<'_>) -> bool {
        let Some(id) = element.attr("for").filter(|_| element.value().name() == "label") else { return false };
        let mut controls = self.html.root_element().descendent_elements().filter(|e| e.attr("id") == Some(id));
        controls.any(|c| {
            let typed = c.attr("type").unwrap_or("text");
            c.value().name() == "textarea"
                || (c.value().name() == "input" && !matches!(typed, "checkbox" | "radio" | "submit" | "file"))
        })
    }

    fn renamed(&self, name: &str, value: &str) -> String {
        if self.change != Change::Renamed || !matches!(name, "id" | "for" | "class" | "aria-labelledby" | "form") {
            return value.to_owned();
        }
        value.split_whitespace().map(other_name).collect::<Vec<_>>().join(" ")
    }

    /// A style sheet with the other names.
    fn restyled(&self, sheet: &str) -> String {
        if self.change != Change::Renamed {
            return sheet.to_owned();
        }
        let mut out = String::new();
        let mut rest = sheet;
        while let Some(at) = rest.find(['.', '#']) {
            let name = &rest[at + 1..];
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').unwrap_or(name.len());
            out.push_str(&rest[..=at]);
            let is_name = name.starts_with(char::is_alphabetic);
            out.push_str(&if is_name { other_name(&name[..end]) } else { name[..end].to_owned() });
            rest = &name[end..];
        }
        out + rest
    }
}

/// A name that says nothing.
fn other_name(name: &str) -> String {
    let sum = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    format!("x{sum}")
}

fn text(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}
