//! Which controls does a page have, to which form does each belong, and which words stand beside it?

use super::page::{Choice, Demands, Field, Kind, Overrides, attr};
use super::surroundings::{Control, Surroundings};
use super::visible::{Hiding, Sight, push_folded, text_up_to};
use crate::lexicon::form_words::Concept;
use scraper::{ElementRef, Html};
use std::collections::HashMap;

/// Most controls of a page that are read.
pub const CONTROLS_MAX: usize = 2_000;

/// Most options of a select that are read.
const OPTIONS_MAX: usize = 1_000;

/// Most characters of the words beside a control.
const LABEL_CHARS_MAX: usize = 300;

/// A page's controls that can belong to a form, in document order.
pub fn elements(html: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    html.root_element().descendent_elements().filter(is_control).take(CONTROLS_MAX)
}

/// Whether an element can be a control of a form.
pub fn is_control(element: &ElementRef<'_>) -> bool {
    matches!(element.value().name(), "input" | "select" | "textarea" | "button")
}

/// All controls of a page, each with its form.
pub struct Controls {
    by_form: Vec<Vec<Field>>,
    headings: Vec<[String; 2]>,
    /// The first form that is not read whole, where the page has more controls than are read.
    pub cut_from: Option<usize>,
}

impl Controls {
    /// Reads them.
    pub fn read(html: &Html) -> Self {
        let surroundings = Surroundings::read(html);
        let mut sight = Sight::read(html);
        let mut by_form: Vec<Vec<Field>> = vec![Vec::new(); surroundings.forms.len()];
        let mut hidings: Vec<Vec<Option<Hiding>>> = vec![Vec::new(); surroundings.forms.len()];
        let mut groups: HashMap<String, String> = HashMap::new();
        for (ordinal, control) in surroundings.controls.iter().enumerate() {
            let Some(form) = surroundings.form_of(ordinal).filter(|form| *form < by_form.len()) else { continue };
            let mut field = field(control, ordinal);
            (field.label, field.labelled) = label(control, &field, &surroundings);
            first_chars(surroundings.legend(control)).clone_into(&mut field.group);
            if matches!(field.kind, Kind::Checkbox { .. } | Kind::Radio { .. }) && field.group.is_empty() {
                let key = format!("{form} {}", field.name);
                let before = || first_chars(surroundings.beside(ordinal).0).to_owned();
                field.group.clone_from(groups.entry(key).or_insert_with(before));
            }
            field.required = field.required || marks_required(&field);
            let is_drawn = is_drawn(&field.kind);
            hidings[form].push(sight.hiding(control.element, is_drawn));
            by_form[form].push(field);
        }
        for (fields, hidings) in by_form.iter_mut().zip(&hidings) {
            super::traps::mark(fields, hidings);
        }
        let heading = |form: usize| {
            let inside: Vec<&str> = surroundings.inside(form).take(4).collect();
            [surroundings.heading(form), &inside.join(" ")].map(|text| first_chars(text).to_owned())
        };
        let headings = (0..by_form.len()).map(heading).collect();
        Self { by_form, headings, cut_from: surroundings.cut_from }
    }

    /// The controls of the form with that index; they are handed out once.
    pub fn of_form(&mut self, index: usize) -> Vec<Field> {
        self.by_form.get_mut(index).map(std::mem::take).unwrap_or_default()
    }

    /// The heading that the form with that index stands under, and those inside it.
    pub fn headings(&self, index: usize) -> [&str; 2] {
        self.headings.get(index).map_or([""; 2], |both| both.each_ref().map(String::as_str))
    }
}

/// Scripts often draw these themselves and hide the real ones.
fn is_drawn(kind: &Kind) -> bool {
    matches!(kind, Kind::Checkbox { .. } | Kind::Radio { .. } | Kind::Select { .. } | Kind::File)
}

fn field(control: &Control<'_>, ordinal: usize) -> Field {
    let element = control.element;
    let kind = kind(element);
    let hint = ["placeholder", "title", "aria-label"].map(|name| attr(element, name)).join(" ");
    Field {
        name: attr(element, "name").to_owned(),
        id: attr(element, "id").to_owned(),
        value: value(element, &kind),
        label: String::new(),
        labelled: false,
        hint: first_chars(hint.trim()).to_owned(),
        group: String::new(),
        class: first_chars(attr(element, "class")).to_owned(),
        typed: attr(element, "type").trim().to_ascii_lowercase(),
        autocomplete: attr(element, "autocomplete").to_ascii_lowercase(),
        required: element.attr("required").is_some() || attr(element, "aria-required") == "true",
        maxlength: attr(element, "maxlength").trim().parse().ok(),
        demands: demands(element),
        disabled: element.attr("disabled").is_some() || control.in_disabled_group,
        readonly: element.attr("readonly").is_some(),
        hidden: None,
        is_trap: false,
        dirname: attr(element, "dirname").to_owned(),
        overrides: overrides(element, &kind),
        ordinal,
        kind,
    }
}

fn demands(element: ElementRef<'_>) -> Demands {
    let own = |name: &str| element.attr(name).map(str::to_owned);
    Demands {
        minlength: attr(element, "minlength").trim().parse().ok(),
        // The standard knows it for lines of text only.
        pattern: own("pattern").filter(|_| element.value().name() == "input"),
        min: own("min"),
        max: own("max"),
        step: own("step"),
    }
}

fn overrides(element: ElementRef<'_>, kind: &Kind) -> Overrides {
    let own = |name: &str| element.attr(name).filter(|_| matches!(kind, Kind::Submit | Kind::Image));
    let own = |name: &str| own(name).map(str::to_owned);
    Overrides { action: own("formaction"), method: own("formmethod"), enctype: own("formenctype") }
}

fn kind(element: ElementRef<'_>) -> Kind {
    let checked = element.attr("checked").is_some();
    match (element.value().name(), attr(element, "type").trim().to_ascii_lowercase().as_str()) {
        ("select", _) => Kind::Select { options: options(element), multiple: element.attr("multiple").is_some() },
        ("textarea", _) => Kind::Area,
        ("button", "" | "submit") | (_, "submit") => Kind::Submit,
        ("button", _) | (_, "button" | "reset") => Kind::Button,
        (_, "image") => Kind::Image,
        (_, "hidden") => Kind::Hidden,
        (_, "checkbox") => Kind::Checkbox { checked },
        (_, "radio") => Kind::Radio { checked },
        (_, "file") => Kind::File,
        (_, "password") => Kind::Password,
        (_, "email") => Kind::Email,
        (_, "tel") => Kind::Phone,
        (_, "number" | "range" | "color" | "date" | "month" | "week" | "time" | "datetime-local" | "url") => {
            Kind::Special
        }
        _ => Kind::Text,
    }
}

fn options(select: ElementRef<'_>) -> Vec<Choice> {
    let options = select.descendent_elements().filter(|e| e.value().name() == "option").take(OPTIONS_MAX);
    let choice = |option: ElementRef<'_>| {
        let mut text = String::new();
        option.text().for_each(|t| push_folded(&mut text, t));
        let in_disabled_group =
            option.parent().and_then(ElementRef::wrap).is_some_and(|p| p.attr("disabled").is_some());
        Choice {
            value: option.attr("value").map_or_else(|| text.clone(), str::to_owned),
            selected: option.attr("selected").is_some(),
            disabled: option.attr("disabled").is_some() || in_disabled_group,
            text,
        }
    };
    options.map(choice).collect()
}

fn value(element: ElementRef<'_>, kind: &Kind) -> String {
    match kind {
        // The parser has already dropped a first line break.
        Kind::Area => element.text().collect(),
        Kind::Checkbox { .. } | Kind::Radio { .. } => element.attr("value").unwrap_or("on").to_owned(),
        Kind::Special => special_value(element),
        _ => attr(element, "value").to_owned(),
    }
}

/// What a control that is never empty holds before anybody touches it (HTML standard, "value sanitization").
fn special_value(element: ElementRef<'_>) -> String {
    let number = |name: &str| attr(element, name).trim().parse::<f64>().ok();
    let own = attr(element, "value");
    match attr(element, "type").trim().to_ascii_lowercase().as_str() {
        "color" if own.is_empty() => "#000000".to_owned(),
        "range" if number("value").is_none() => {
            let (least, most) = (number("min").unwrap_or(0.0), number("max").unwrap_or(100.0));
            (if most < least { least } else { f64::midpoint(least, most) }).to_string()
        }
        "number" if number("value").is_none() => String::new(),
        _ => own.to_owned(),
    }
}

/// The words beside a control, and whether they are tied to it: its label, else what stands before
/// it (after it, for boxes).
fn label(control: &Control<'_>, field: &Field, surroundings: &Surroundings<'_>) -> (String, bool) {
    let element = control.element;
    if matches!(field.kind, Kind::Submit | Kind::Button) {
        let mut own = String::new();
        element.text().for_each(|t| push_folded(&mut own, t));
        push_folded(&mut own, &field.value);
        return (first_chars(&own).to_owned(), true);
    }
    let named = || {
        let ids = attr(element, "aria-labelledby").split_whitespace().take(4);
        let words = ids.filter_map(|id| surroundings.with_id(id)).map(|e| text_up_to(e, LABEL_CHARS_MAX));
        Some(words.collect::<Vec<_>>().join(" ")).filter(|words| !words.trim().is_empty())
    };
    if let Some(label) = surroundings.label(control).or_else(named) {
        return (first_chars(&label).to_owned(), true);
    }
    let (before, after) = surroundings.beside(field.ordinal);
    let is_box = matches!(field.kind, Kind::Checkbox { .. } | Kind::Radio { .. });
    let is_after = is_box || surroundings.is_followed_by_its_words(field.ordinal);
    let beside = if is_after && !after.is_empty() { after } else { before };
    (last_chars(beside).to_owned(), false)
}

/// A star, or the word itself, says it as well as the attribute.
fn marks_required(field: &Field) -> bool {
    let label = field.label.trim_end_matches([':', ' ', '\u{a0}']);
    let is_input = !matches!(field.kind, Kind::Hidden | Kind::Submit | Kind::Image | Kind::Button);
    let starred = label.ends_with(['*', '＊']) || label.starts_with('*') || field.hint.trim_end().ends_with('*');
    is_input && (starred || (label.chars().count() < 60 && Concept::Required.is_in(label)))
}

fn first_chars(text: &str) -> &str {
    text.char_indices().nth(LABEL_CHARS_MAX).map_or(text, |(end, _)| &text[..end])
}

fn last_chars(text: &str) -> &str {
    text.char_indices().rev().nth(LABEL_CHARS_MAX).map_or(text, |(start, _)| &text[start..])
}
