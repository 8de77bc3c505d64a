//! What does a person see of a page, and what is hidden from people but not from robots?

use super::page::{DEPTH_MAX, attr, elements};
use super::style::{Rules, why};
use scraper::{ElementRef, Html, Node};
use std::collections::HashMap;

/// Identifies an element of a page.
pub type ElementId = ego_tree::NodeId;

/// Most bytes of text that are taken from a page.
const TEXT_BYTES_MAX: usize = 400_000;

/// Classes by which the common frameworks hide what they mark until a script shows it.
const CURTAIN_CLASSES: [&str; 12] = [
    "hidden",
    "d-none",
    "hide",
    "invisible",
    "display-none",
    "is-hidden",
    "u-hidden",
    "uk-hidden",
    "nascosto",
    "gform_hidden",
    "js-hidden",
    "ng-hide",
];

/// Classes of what stays on the page and out of people's sight.
const TRAP_CLASSES: [&str; 16] = [
    "visually-hidden",
    "visuallyhidden",
    "sr-only",
    "screen-reader-text",
    "offscreen",
    "off-screen",
    "honeypot",
    "hp",
    "ohnohoney",
    "gform_validation_container",
    "honeypot-textfield",
    "wpcf7-honeypot",
    "hpot",
    "frm_verify",
    "nospam",
    "pot",
];

/// Parts of the names that containers of traps are given.
const TRAP_PARTS: [&str; 8] =
    ["honeypot", "honey-pot", "honey_pot", "ohnohoney", "beehive", "wpforms-field-hp", "bot-field", "field-hp"];

/// Why a person does not see a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hiding {
    /// In words.
    pub why: &'static str,
    /// Which element is hidden: the control itself or one around it.
    pub by: ElementId,
    /// Whether it is the control itself.
    pub is_own: bool,
    /// How far that tells.
    pub kind: HidingKind,
    /// Whether the keyboard does not reach the control.
    pub unreached: bool,
}

/// What hiding something tells about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HidingKind {
    /// It is meant for robots: off the screen, without size.
    Trap,
    /// Perhaps a script shows it: not displayed.
    Curtain,
    /// Programs that read aloud pass over it; people may see it.
    Silent,
    /// The keyboard does not reach it: a style sheet elsewhere hides it, unless all its form is so.
    Unreached,
}

/// Why an element is hidden, and how.
pub type Hidden = Option<(&'static str, HidingKind)>;

/// Finds what hides the controls of a page.
pub struct Sight {
    rules: Rules,
    /// What was found out about an element.
    known: HashMap<ElementId, Hidden>,
}

impl Sight {
    /// Reads the `<style>` elements; linked style sheets are not fetched.
    pub fn read(html: &Html) -> Self {
        let sheets: String = elements(html, "style").flat_map(|e| e.text()).collect();
        Self { rules: Rules::parse(&sheets), known: HashMap::new() }
    }

    /// Why a person does not see a control; ancestors are looked at up to the form.
    /// Boxes, lists and files are often drawn by scripts in place of the real one: only what
    /// hides their surroundings hides them.
    pub fn hiding(&mut self, control: ElementRef<'_>, is_drawn: bool) -> Option<Hiding> {
        let above = control.ancestors().take(DEPTH_MAX).filter_map(ElementRef::wrap);
        let above = above.take_while(|e| !matches!(e.value().name(), "form" | "body" | "html"));
        let own = (!is_drawn).then_some(control);
        let unreached = !is_drawn && attr(control, "tabindex").trim().starts_with('-');
        let found = own.into_iter().chain(above).find_map(|e| {
            let (why, kind) = self.hidden(e)?;
            // What the keyboard does not reach either is meant for nobody.
            let kind = if unreached && kind == HidingKind::Silent { HidingKind::Trap } else { kind };
            Some(Hiding { why, by: e.id(), is_own: e == control, kind, unreached })
        });
        let why = "the keyboard does not reach it";
        found.or_else(|| {
            unreached.then(|| Hiding { why, by: control.id(), is_own: true, kind: HidingKind::Unreached, unreached })
        })
    }

    fn hidden(&mut self, element: ElementRef<'_>) -> Hidden {
        if let Some(known) = self.known.get(&element.id()) {
            return *known;
        }
        let hidden = by_markup(element).or_else(|| self.rules.hide(element));
        self.known.insert(element.id(), hidden);
        hidden
    }
}

fn by_markup(element: ElementRef<'_>) -> Hidden {
    if element.attr("hidden").is_some() {
        return Some(("marked as hidden", HidingKind::Curtain));
    }
    if let Some(hidden) = element.attr("style").and_then(why) {
        return Some(hidden);
    }
    let has = |list: &[&str]| element.value().classes().any(|c| list.iter().any(|known| c.eq_ignore_ascii_case(known)));
    // `left-[-9999px]` and the like: classes that are styles.
    let is_style = |class: &str| class.contains("[-9999") || (class.starts_with("-left-[") && class.contains("999"));
    if has(&TRAP_CLASSES) || element.value().classes().any(is_style) {
        return Some(("hidden by its class", HidingKind::Trap));
    }
    let called = [attr(element, "class"), attr(element, "id")].map(str::to_ascii_lowercase);
    if TRAP_PARTS.iter().any(|part| called.iter().any(|name| name.contains(part))) {
        return Some(("called a trap", HidingKind::Trap));
    }
    if has(&CURTAIN_CLASSES) {
        return Some(("hidden by its class", HidingKind::Curtain));
    }
    let is_silent = attr(element, "aria-hidden").eq_ignore_ascii_case("true");
    is_silent.then_some(("hidden from screen readers", HidingKind::Silent))
}

/// What a person can read in an element, white space folded.
pub fn text(element: ElementRef<'_>) -> String {
    text_up_to(element, TEXT_BYTES_MAX)
}

/// The same, ended soon after so many bytes.
pub fn text_up_to(element: ElementRef<'_>, bytes_max: usize) -> String {
    let mut out = String::new();
    for node in element.descendants() {
        let Node::Text(text) = node.value() else { continue };
        let parent = node.parent().and_then(ElementRef::wrap);
        if parent.is_some_and(|p| is_silent(p.value().name())) {
            continue;
        }
        push_folded(&mut out, text);
        if out.len() > bytes_max {
            break;
        }
    }
    out
}

/// Elements whose text is not read by a person, or belongs to a control.
pub fn is_silent(tag: &str) -> bool {
    matches!(tag, "script" | "style" | "template" | "noscript" | "title" | "option" | "textarea" | "button")
}

/// Appends words with single spaces between.
pub fn push_folded(out: &mut String, text: &str) {
    for word in text.split_whitespace() {
        if !out.is_empty() && !out.ends_with('\n') {
            out.push(' ');
        }
        out.push_str(word);
    }
}
