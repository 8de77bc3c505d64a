//! Which words stand around a page's forms and controls, and to which form does each control
//! belong? One walk over the page, whatever its size.

use super::controls::{CONTROLS_MAX, is_control};
use super::page::attr;
use super::visible::{is_silent, push_folded};
use ego_tree::NodeId;
use ego_tree::iter::Edge;
use scraper::{ElementRef, Html, Node};
use std::collections::HashMap;

/// Most labels around one another that are read.
const NESTED_MAX: usize = 8;

/// Most characters of one text between controls that are kept at either end.
const GAP_BYTES_MAX: usize = 2_000;

/// What stands around the controls of a page.
#[derive(Default)]
pub struct Surroundings<'a> {
    /// The controls, in document order.
    pub controls: Vec<Control<'a>>,
    /// The forms, in document order.
    pub forms: Vec<Around>,
    /// The first form that is not read whole, where the page has more controls than are read.
    pub cut_from: Option<usize>,
    /// Words before control *n* and after control *n* − 1; a line break where a block begins or ends.
    gaps: Vec<String>,
    /// Texts of labels, legends and headings, some still growing.
    texts: Vec<String>,
    /// Which texts are labels for an `id`.
    labels: HashMap<&'a str, Vec<Label>>,
    by_id: HashMap<&'a str, ElementRef<'a>>,
}

/// A control and its place.
#[derive(Clone, Copy)]
pub struct Control<'a> {
    /// The element.
    pub element: ElementRef<'a>,
    form: Option<usize>,
    label: Option<usize>,
    legend: Option<usize>,
    /// Whether a group around it takes no input.
    pub in_disabled_group: bool,
}

/// A label for an `id`: pages use one `id` in several forms.
#[derive(Clone, Copy)]
struct Label {
    text: usize,
    form: Option<usize>,
}

/// What is said over a form and in it.
#[derive(Debug, Default, Clone)]
pub struct Around {
    before: Option<usize>,
    inside: Vec<usize>,
}

/// What is open while the walk goes on.
#[derive(Default)]
struct Open {
    forms: Vec<(NodeId, usize)>,
    /// A form of a table that the parser had to close before its controls; browsers still count
    /// them in.
    empty_form: Option<usize>,
    labels: Vec<(NodeId, usize)>,
    heading: Option<(NodeId, usize)>,
    groups: Vec<Group>,
    silent: usize,
    last_heading: Option<usize>,
}

struct Group {
    id: NodeId,
    legend: Option<usize>,
    disabled: bool,
}

impl<'a> Surroundings<'a> {
    /// Reads a page.
    pub fn read(html: &'a Html) -> Self {
        let mut around = Self { gaps: vec![String::new()], ..Self::default() };
        let mut open = Open::default();
        for edge in html.root_element().traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Text(words) if open.silent == 0 => around.hear(words, &open),
                    Node::Element(_) => {
                        if let Some(element) = ElementRef::wrap(node) {
                            around.enter(element, &mut open);
                        }
                    }
                    _ => {}
                },
                Edge::Close(node) => {
                    if let Some(element) = ElementRef::wrap(node) {
                        around.leave(element, &mut open);
                    }
                }
            }
        }
        around.link_by_attribute();
        around
    }

    fn hear(&mut self, words: &str, open: &Open) {
        if let Some(gap) = self.gaps.last_mut() {
            push_folded(gap, words);
        }
        for (_, text) in open.labels.iter().chain(&open.heading) {
            push_folded(&mut self.texts[*text], words);
        }
    }

    fn enter(&mut self, element: ElementRef<'a>, open: &mut Open) {
        let tag = element.value().name();
        if let Some(id) = element.attr("id") {
            self.by_id.entry(id).or_insert(element);
        }
        if is_block(tag) {
            self.break_line();
        }
        match tag {
            "form" => self.enter_form(element, open),
            "label" if open.labels.len() < NESTED_MAX => {
                let text = self.new_text();
                open.labels.push((element.id(), text));
                if let Some(id) = element.attr("for") {
                    let form = open.forms.last().map(|(_, form)| *form);
                    self.labels.entry(id).or_default().push(Label { text, form });
                }
            }
            "fieldset" => {
                open.groups.push(Group {
                    id: element.id(),
                    legend: None,
                    disabled: element.attr("disabled").is_some(),
                });
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "legend" => self.enter_heading(element, open),
            _ if is_control(&element) && self.controls.len() >= CONTROLS_MAX => {
                let form = open.forms.last().map(|(_, form)| *form).or(open.empty_form).unwrap_or(self.forms.len());
                self.cut_from = self.cut_from.or(Some(form));
            }
            _ if is_control(&element) => {
                self.controls.push(Control {
                    element,
                    form: open.forms.last().map(|(_, form)| *form).or(open.empty_form),
                    label: open.labels.last().map(|(_, text)| *text),
                    legend: open.groups.iter().rev().find_map(|g| g.legend),
                    // The controls in its own legend stay usable (HTML standard, "disabled").
                    in_disabled_group: open
                        .groups
                        .iter()
                        .any(|g| g.disabled && (g.legend.is_none() || g.legend != open.heading.map(|(_, text)| text))),
                });
                // What is not seen stands between nothing.
                let is_hidden = attr(element, "type").eq_ignore_ascii_case("hidden");
                let before = self.gaps.last().filter(|_| is_hidden).map(|gap| tail(gap).to_owned());
                self.gaps.push(before.unwrap_or_default());
            }
            _ => {}
        }
        if is_silent(tag) {
            open.silent += 1;
        }
    }

    fn enter_form(&mut self, element: ElementRef<'a>, open: &mut Open) {
        let above = element.parent().and_then(ElementRef::wrap).map(|p| p.value().name());
        let in_table = matches!(above, Some("table" | "tbody" | "thead" | "tr"));
        let is_empty = in_table && element.child_elements().next().is_none();
        open.empty_form = is_empty.then_some(self.forms.len());
        open.forms.push((element.id(), self.forms.len()));
        self.forms.push(Around { before: open.last_heading, inside: Vec::new() });
        // What stands before a form is not its first field's label.
        self.gaps.last_mut().into_iter().for_each(String::clear);
    }

    fn enter_heading(&mut self, element: ElementRef<'a>, open: &mut Open) {
        let text = self.new_text();
        open.heading = Some((element.id(), text));
        open.last_heading = Some(text);
        if element.value().name() == "legend"
            && let Some(group) = open.groups.last_mut().filter(|g| g.legend.is_none())
        {
            group.legend = Some(text);
        }
        if let Some((_, form)) = open.forms.last() {
            self.forms[*form].inside.push(text);
        }
    }

    fn leave(&mut self, element: ElementRef<'a>, open: &mut Open) {
        let (tag, id) = (element.value().name(), element.id());
        if is_silent(tag) {
            open.silent = open.silent.saturating_sub(1);
        }
        if is_block(tag) {
            self.break_line();
        }
        let closes = |last: Option<&(NodeId, usize)>| last.is_some_and(|(opened, _)| *opened == id);
        if closes(open.forms.last()) {
            open.forms.pop();
        }
        if closes(open.labels.last()) {
            open.labels.pop();
        }
        if closes(open.heading.as_ref()) {
            open.heading = None;
        }
        if open.groups.last().is_some_and(|group| group.id == id) {
            open.groups.pop();
        }
    }

    /// A control may name its form by `id`.
    fn link_by_attribute(&mut self) {
        let mut forms: HashMap<NodeId, usize> = HashMap::new();
        let named = self.controls.iter().filter_map(|c| c.element.attr("form"));
        let named: Vec<NodeId> = named.filter_map(|id| self.by_id.get(id)).map(|e| e.id()).collect();
        if !named.is_empty()
            && let Some(root) = self.controls.first().and_then(|c| c.element.ancestors().last())
        {
            let all = root.descendants().filter_map(ElementRef::wrap).filter(|e| e.value().name() == "form");
            forms = all.enumerate().map(|(index, form)| (form.id(), index)).collect();
        }
        for control in &mut self.controls {
            if let Some(id) = control.element.attr("form") {
                control.form = self.by_id.get(id).and_then(|e| forms.get(&e.id())).copied();
            }
        }
    }

    fn new_text(&mut self) -> usize {
        self.texts.push(String::new());
        self.texts.len() - 1
    }

    fn break_line(&mut self) {
        if let Some(gap) = self.gaps.last_mut().filter(|gap| !gap.ends_with('\n')) {
            gap.push('\n');
        }
    }

    /// Which form a control belongs to.
    pub fn form_of(&self, ordinal: usize) -> Option<usize> {
        self.controls.get(ordinal)?.form
    }

    /// The text of the labels that name a control by its `id`, or stand around it.
    pub fn label(&self, control: &Control<'a>) -> Option<String> {
        let id = control.element.attr("id").unwrap_or_default();
        let all = self.labels.get(id).map(Vec::as_slice).unwrap_or_default();
        let of_form = all.iter().any(|label| label.form == control.form);
        let named = all.iter().filter(|label| !of_form || label.form == control.form);
        let named: Vec<&str> = named.take(4).map(|label| self.texts[label.text].as_str()).collect();
        let named = named.join(" ");
        let around = control.label.map(|text| self.texts[text].clone());
        [Some(named), around].into_iter().flatten().find(|text| !text.trim().is_empty())
    }

    /// The legend of the group that a control stands in.
    pub fn legend(&self, control: &Control<'a>) -> &str {
        control.legend.map_or("", |text| &self.texts[text])
    }

    /// The element with that `id`.
    pub fn with_id(&self, id: &str) -> Option<ElementRef<'a>> {
        self.by_id.get(id).copied()
    }

    /// The heading that a form stands under, or its own first one.
    pub fn heading(&self, form: usize) -> &str {
        self.forms.get(form).and_then(|f| f.before).map_or("", |text| &self.texts[text])
    }

    /// The headings and legends inside a form.
    pub fn inside(&self, form: usize) -> impl Iterator<Item = &str> {
        self.forms.get(form).into_iter().flat_map(|f| &f.inside).map(|text| self.texts[*text].as_str())
    }

    /// The last line with words before a control, and the first one after it.
    pub fn beside(&self, ordinal: usize) -> (&str, &str) {
        let (gap, next) = (self.gap(ordinal), self.gap(ordinal + 1));
        let before = tail(gap).lines().rev().find(has_words);
        let after = head(next).lines().find(has_words);
        (before.unwrap_or_default(), after.unwrap_or_default())
    }

    /// Whether what stands before a control is on the line of the one before, and something is on its own.
    pub fn is_followed_by_its_words(&self, ordinal: usize) -> bool {
        let (gap, next) = (self.gap(ordinal), self.gap(ordinal + 1));
        let on_line = |gap: &str| gap.lines().next().is_some_and(|line| has_words(&line));
        let only = gap.lines().filter(has_words).count() <= 1 && gap.contains('\n');
        on_line(next) && only && (on_line(gap) || !gap.lines().any(|line| has_words(&line)))
    }

    fn gap(&self, ordinal: usize) -> &str {
        self.gaps.get(ordinal).map_or("", String::as_str)
    }
}

fn is_block(tag: &str) -> bool {
    matches!(
        tag,
        "p" | "div"
            | "br"
            | "li"
            | "ul"
            | "ol"
            | "tr"
            | "td"
            | "th"
            | "table"
            | "dl"
            | "dt"
            | "dd"
            | "fieldset"
            | "legend"
            | "label"
            | "section"
            | "form"
            | "hr"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
    )
}

fn has_words(line: &&str) -> bool {
    line.chars().any(char::is_alphanumeric)
}

fn head(text: &str) -> &str {
    text.get(..text.floor_char_boundary(GAP_BYTES_MAX)).unwrap_or(text)
}

fn tail(text: &str) -> &str {
    let start = text.len().saturating_sub(GAP_BYTES_MAX);
    text.get(text.ceil_char_boundary(start)..).unwrap_or(text)
}
