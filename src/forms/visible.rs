//! What does a person see of a page, and what is hidden from people but not from robots?

use super::page::{DEPTH_MAX, attr, elements};
use scraper::{ElementRef, Html, Node, Selector};

/// Most rules of a page's own style sheets that are looked at.
const RULES_MAX: usize = 500;

/// Most bytes of text that are taken from a page.
const TEXT_BYTES_MAX: usize = 400_000;

/// Classes by which the common frameworks hide what they mark.
const HIDING_CLASSES: [&str; 18] = [
    "hidden",
    "d-none",
    "hide",
    "invisible",
    "visually-hidden",
    "visuallyhidden",
    "sr-only",
    "screen-reader-text",
    "offscreen",
    "off-screen",
    "display-none",
    "is-hidden",
    "u-hidden",
    "uk-hidden",
    "honeypot",
    "hp",
    "ohnohoney",
    "nascosto",
];

/// The page's own style rules that hide something.
pub struct HidingRules(Vec<Selector>);

impl HidingRules {
    /// Reads the `<style>` elements; linked style sheets are not fetched.
    pub fn read(html: &Html) -> Self {
        let sheets: String = elements(html, "style").flat_map(|e| e.text()).collect();
        // Inside `@media` the first rule keeps the query before its selector and is dropped: a
        // rule that holds for some screens proves nothing.
        let rules = sheets.split('}').filter_map(|rule| rule.split_once('{')).take(RULES_MAX);
        let hiding = rules.filter(|(_, body)| hides(body).is_some());
        Self(hiding.filter_map(|(selector, _)| Selector::parse(selector.trim()).ok()).collect())
    }

    /// Why a person does not see a control; ancestors are looked at up to the form.
    /// Boxes are often drawn by style sheets in place of the real one: only what hides their
    /// surroundings hides them.
    pub fn why_hidden(&self, control: ElementRef<'_>, is_box: bool) -> Option<&'static str> {
        let above = control.ancestors().take(DEPTH_MAX).filter_map(ElementRef::wrap);
        let above = above.take_while(|e| !matches!(e.value().name(), "form" | "body" | "html"));
        let own = (!is_box).then_some(control);
        own.into_iter().chain(above).find_map(|e| self.hides(e))
    }

    fn hides(&self, element: ElementRef<'_>) -> Option<&'static str> {
        if element.attr("hidden").is_some() {
            return Some("marked as hidden");
        }
        if attr(element, "aria-hidden").eq_ignore_ascii_case("true") {
            return Some("hidden from screen readers");
        }
        if let Some(why) = element.attr("style").and_then(hides) {
            return Some(why);
        }
        if element.value().classes().any(|c| HIDING_CLASSES.contains(&c.to_ascii_lowercase().as_str())) {
            return Some("hidden by its class");
        }
        self.0.iter().any(|s| s.matches(&element)).then_some("hidden by the page's style")
    }
}

/// Why a style hides what it is given to.
fn hides(style: &str) -> Option<&'static str> {
    let style: String = style.to_ascii_lowercase().split_whitespace().collect();
    let mut declarations = style.split(';').filter_map(|d| d.split_once(':'));
    declarations.find_map(|(property, value)| {
        let value = value.trim_end_matches("!important");
        match (property, value) {
            ("display", "none") => Some("not displayed"),
            ("visibility", "hidden" | "collapse") => Some("invisible"),
            ("opacity", "0" | "0.0" | "0%") => Some("transparent"),
            ("left" | "top" | "right" | "bottom" | "margin-left" | "margin-top" | "text-indent", v)
                if is_far_out(v) =>
            {
                Some("off the screen")
            }
            ("width" | "height" | "max-height" | "max-width", "0" | "0px" | "1px") => Some("without size"),
            ("clip", v) if v.starts_with("rect(") => Some("clipped away"),
            _ => None,
        }
    })
}

/// At least 500 units to the left or above.
fn is_far_out(value: &str) -> bool {
    let Some(number) = value.strip_prefix('-') else { return false };
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    number[..digits].parse::<u32>().is_ok_and(|n| n >= 500) || digits > 9
}

/// What a person can read in an element, white space folded.
pub fn text(element: ElementRef<'_>) -> String {
    let mut out = String::new();
    for node in element.descendants() {
        let Node::Text(text) = node.value() else { continue };
        let parent = node.parent().and_then(ElementRef::wrap);
        if parent.is_some_and(|p| is_silent(p.value().name())) {
            continue;
        }
        push_folded(&mut out, text);
        if out.len() > TEXT_BYTES_MAX {
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
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_that_hide_are_told_from_styles_that_place() {
        for style in [
            "display:none",
            "Display : NONE !important;",
            "color:red; left: -9999px",
            "visibility:hidden",
            "position:absolute;top:-5000em",
            "opacity: 0",
            "height:0",
            "text-indent:-99999999999999px",
        ] {
            assert!(hides(style).is_some(), "{style}");
        }
        for style in ["display:block", "left:-10px", "left: 9999px; ", "opacity:0.5", "width:100%", "", ";:;"] {
            assert_eq!(hides(style), None, "{style}");
        }
    }
}
