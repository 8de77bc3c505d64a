//! Which controls does a page have, to which form does each belong, and which words stand beside it?

use super::page::{Choice, DEPTH_MAX, Field, Kind, Overrides, attr, elements as all};
use super::visible::{HidingRules, is_silent, push_folded, text};
use crate::lexicon::form_words::Concept;
use scraper::{ElementRef, Html, Node};
use std::collections::HashMap;

/// Most controls of a page that are read.
const CONTROLS_MAX: usize = 2_000;

/// Most options of a select that are read.
const OPTIONS_MAX: usize = 1_000;

/// Most characters of the words beside a control.
const LABEL_CHARS_MAX: usize = 300;

/// A page's controls that can belong to a form, in document order.
pub fn elements(html: &Html) -> impl Iterator<Item = ElementRef<'_>> {
    let is_control = |e: &ElementRef| matches!(e.value().name(), "input" | "select" | "textarea" | "button");
    html.root_element().descendent_elements().filter(is_control).take(CONTROLS_MAX)
}

/// All controls of a page, each with its form.
pub struct Controls {
    fields: Vec<(Option<usize>, Field)>,
    headings: Vec<String>,
}

impl Controls {
    /// Reads them.
    pub fn read(html: &Html) -> Self {
        let surroundings = Surroundings::read(html);
        let owners = Owners::read(html);
        let labels = labels_by_id(html);
        let rules = HidingRules::read(html);
        let mut fields: Vec<(Option<usize>, Field)> = Vec::new();
        for (ordinal, element) in elements(html).enumerate() {
            let mut field = field(element, ordinal, &rules);
            field.label = label(element, &field, &labels, &surroundings);
            field.required = field.required || marks_required(&field);
            fields.push((owners.of(element), field));
        }
        Self { fields, headings: surroundings.headings }
    }

    /// The controls of the form with that index.
    pub fn of_form(&self, index: usize) -> Vec<Field> {
        self.fields.iter().filter(|(owner, _)| *owner == Some(index)).map(|(_, field)| field.clone()).collect()
    }

    /// The heading that the form with that index stands under.
    pub fn heading(&self, index: usize) -> &str {
        self.headings.get(index).map_or("", String::as_str)
    }
}

/// Which form a control belongs to.
struct Owners<'a> {
    forms: Vec<ElementRef<'a>>,
    /// Controls that follow an empty form of a table: the parser had to close the form before
    /// them, and browsers still count them in.
    adopted: HashMap<usize, usize>,
    all: Vec<ElementRef<'a>>,
}

impl<'a> Owners<'a> {
    fn read(html: &'a Html) -> Self {
        let forms: Vec<ElementRef> = all(html, "form").collect();
        let controls: Vec<ElementRef> = elements(html).collect();
        let mut owners = Self { forms, adopted: HashMap::new(), all: controls };
        owners.adopt(html);
        owners
    }

    fn adopt(&mut self, html: &Html) {
        let mut open = None;
        let mut next_form = 0;
        let mut next_control = 0;
        for element in html.root_element().descendent_elements() {
            if self.forms.get(next_form) == Some(&element) {
                let above = element.parent().and_then(ElementRef::wrap).map(|p| p.value().name());
                let in_table = matches!(above, Some("table" | "tbody" | "thead" | "tr"));
                open = (in_table && element.child_elements().next().is_none()).then_some(next_form);
                next_form += 1;
            } else if self.all.get(next_control) == Some(&element) {
                if let Some(form) = open
                    && self.by_place(element).is_none()
                {
                    self.adopted.insert(next_control, form);
                }
                next_control += 1;
            }
        }
    }

    fn by_place(&self, control: ElementRef<'_>) -> Option<usize> {
        if let Some(id) = control.attr("form") {
            return self.forms.iter().position(|f| f.attr("id") == Some(id));
        }
        let above = control.ancestors().take(DEPTH_MAX).filter_map(ElementRef::wrap);
        let form = above.into_iter().find(|e| e.value().name() == "form")?;
        self.forms.iter().position(|f| *f == form)
    }

    fn of(&self, control: ElementRef<'_>) -> Option<usize> {
        self.by_place(control).or_else(|| {
            let ordinal = self.all.iter().position(|c| *c == control)?;
            self.adopted.get(&ordinal).copied()
        })
    }
}

/// The words between the controls, and the heading over each form.
struct Surroundings {
    /// Words before control *n* and after control *n* − 1.
    gaps: Vec<String>,
    headings: Vec<String>,
}

impl Surroundings {
    fn read(html: &Html) -> Self {
        let mut gaps = vec![String::new()];
        let (mut headings, mut heading) = (Vec::new(), String::new());
        for node in html.root_element().descendants() {
            match node.value() {
                Node::Text(words) => {
                    let silent = node.parent().and_then(ElementRef::wrap).is_some_and(|p| is_silent(p.value().name()));
                    if let Some(gap) = gaps.last_mut().filter(|_| !silent) {
                        push_folded(gap, words);
                    }
                }
                Node::Element(element) => match element.name() {
                    "input" | "select" | "textarea" | "button" if gaps.len() <= CONTROLS_MAX => {
                        gaps.push(String::new());
                    }
                    "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "legend" => {
                        heading = ElementRef::wrap(node).map(text).unwrap_or_default();
                    }
                    "form" => {
                        headings.push(first_chars(&heading).to_owned());
                        // What stands before a form is not its first field's label.
                        gaps.last_mut().into_iter().for_each(String::clear);
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Self { gaps, headings }
    }

    fn before(&self, ordinal: usize) -> &str {
        self.gaps.get(ordinal).map_or("", |gap| last_chars(gap))
    }

    fn after(&self, ordinal: usize) -> &str {
        self.gaps.get(ordinal + 1).map_or("", |gap| first_chars(gap))
    }
}

fn field(element: ElementRef<'_>, ordinal: usize, rules: &HidingRules) -> Field {
    let kind = kind(element);
    let is_box = matches!(kind, Kind::Checkbox { .. } | Kind::Radio { .. });
    let fieldsets = element.ancestors().take(DEPTH_MAX).filter_map(ElementRef::wrap);
    let fieldsets: Vec<ElementRef> = fieldsets.filter(|e| e.value().name() == "fieldset").collect();
    let legend = fieldsets.iter().find_map(|f| f.child_elements().find(|c| c.value().name() == "legend"));
    let hint = ["placeholder", "title", "aria-label"].map(|name| attr(element, name)).join(" ");
    Field {
        name: attr(element, "name").to_owned(),
        id: attr(element, "id").to_owned(),
        value: value(element, &kind),
        label: String::new(),
        hint: first_chars(hint.trim()).to_owned(),
        group: legend.map(text).unwrap_or_default(),
        autocomplete: attr(element, "autocomplete").to_ascii_lowercase(),
        required: element.attr("required").is_some() || attr(element, "aria-required") == "true",
        maxlength: attr(element, "maxlength").trim().parse().ok(),
        disabled: element.attr("disabled").is_some() || fieldsets.iter().any(|f| disables(*f, element)),
        readonly: element.attr("readonly").is_some(),
        hidden: rules.why_hidden(element, is_box),
        dirname: attr(element, "dirname").to_owned(),
        overrides: overrides(element, &kind),
        ordinal,
        kind,
    }
}

/// A disabled group takes all its controls with it, but those in its own legend.
fn disables(fieldset: ElementRef<'_>, control: ElementRef<'_>) -> bool {
    let legend = fieldset.child_elements().find(|c| c.value().name() == "legend");
    let in_legend = legend.is_some_and(|l| control.ancestors().any(|a| a == *l));
    fieldset.attr("disabled").is_some() && !in_legend
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

fn labels_by_id(html: &Html) -> HashMap<String, String> {
    let mut labels: HashMap<String, String> = HashMap::new();
    for label in all(html, "label") {
        if let Some(id) = label.attr("for") {
            push_folded(labels.entry(id.to_owned()).or_default(), first_chars(&text(label)));
        }
    }
    labels
}

/// The words beside a control: its label, else what stands before it (after it, for boxes).
fn label(
    element: ElementRef<'_>,
    field: &Field,
    labels: &HashMap<String, String>,
    surroundings: &Surroundings,
) -> String {
    let is_box = matches!(field.kind, Kind::Checkbox { .. } | Kind::Radio { .. });
    if matches!(field.kind, Kind::Submit | Kind::Button) {
        let mut own = String::new();
        element.text().for_each(|t| push_folded(&mut own, t));
        push_folded(&mut own, &field.value);
        return own;
    }
    let by_id = labels.get(&field.id).filter(|_| !field.id.is_empty()).cloned();
    let above = || element.ancestors().take(DEPTH_MAX).filter_map(ElementRef::wrap);
    let wrapping = || above().find(|e| e.value().name() == "label").map(text);
    let named = || {
        let ids = attr(element, "aria-labelledby").split_whitespace();
        let root = above().last()?;
        let find = |id: &str| root.descendent_elements().find(|e| e.attr("id") == Some(id)).map(text);
        let words: Vec<String> = ids.filter_map(find).collect();
        Some(words.join(" "))
    };
    let found = by_id.into_iter().chain(wrapping()).chain(named()).find(|label| !label.trim().is_empty());
    let beside = || {
        let after = surroundings.after(field.ordinal);
        if is_box && !after.is_empty() { after } else { surroundings.before(field.ordinal) }.to_owned()
    };
    first_chars(&found.unwrap_or_else(beside)).to_owned()
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
