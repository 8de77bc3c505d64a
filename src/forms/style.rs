//! Which rules of a page's own style sheets hide something, and how?

use super::visible::{Hidden, HidingKind};
use scraper::{ElementRef, Selector};
use std::collections::HashMap;

/// Most rules that hide something of a page's own style sheets.
const RULES_MAX: usize = 1_000;

/// Why something is not seen, and how it is hidden.
type Why = (&'static str, HidingKind);

/// The rules that hide, by what the last part of their selector asks for, so that an element is
/// held only against those that can fit it.
#[derive(Default)]
pub struct Rules {
    by_mark: HashMap<String, Vec<(Selector, Why)>>,
    others: Vec<(Selector, Why)>,
}

impl Rules {
    /// Reads the text of style sheets. Rules inside `@media` and the like are left out: a rule
    /// that holds for some screens proves nothing.
    pub fn parse(sheets: &str) -> Self {
        let mut rules = Self::default();
        let mut count = 0;
        for (selectors, body) in top_level_rules(sheets) {
            let Some(why) = why(body) else { continue };
            for selector in selectors.split(',') {
                count += 1;
                if count > RULES_MAX {
                    return rules;
                }
                rules.add(selector.trim(), why);
            }
        }
        rules
    }

    fn add(&mut self, text: &str, why: Why) {
        // A state that scripts or people bring about: `:hover`, `.js &`, `:not(.open)`.
        if text.contains(':') {
            return;
        }
        let Ok(selector) = Selector::parse(text) else { return };
        match mark(text) {
            Some(mark) => self.by_mark.entry(mark).or_default().push((selector, why)),
            None => self.others.push((selector, why)),
        }
    }

    /// Why an element is hidden by them.
    pub fn hide(&self, element: ElementRef<'_>) -> Hidden {
        if self.by_mark.is_empty() && self.others.is_empty() {
            return None;
        }
        let id = element.attr("id").map(|id| format!("#{id}"));
        let classes = element.value().classes().map(|class| format!(".{class}"));
        let marks = id.into_iter().chain(classes).chain([element.value().name().to_owned()]);
        let found = marks.filter_map(|mark| self.by_mark.get(&mark)).flatten().chain(&self.others);
        found.into_iter().find(|(selector, _)| selector.matches(&element)).map(|(_, why)| *why)
    }
}

/// The id, class or tag that the last part of a selector asks for.
fn mark(selector: &str) -> Option<String> {
    let last = selector.split([' ', '>', '+', '~']).next_back()?;
    if last.is_empty() || last.contains(['[', '*', '\\']) {
        return None;
    }
    let first_end = |from: usize| last[from + 1..].find(['.', '#']).map_or(last.len(), |end| from + 1 + end);
    let at = last.find('#').or_else(|| last.find('.')).unwrap_or(0);
    let mark = &last[at..first_end(at)];
    Some(if mark.starts_with(['#', '.']) { mark.to_owned() } else { mark.to_ascii_lowercase() })
}

/// The rules outside of any `@` block, with their bodies.
fn top_level_rules(sheets: &str) -> Vec<(&str, &str)> {
    let mut rules = Vec::new();
    let mut depth = 0_usize;
    let (mut selector, mut from) = ("", 0);
    for (at, c) in sheets.char_indices() {
        match c {
            '{' => {
                if depth == 0 {
                    selector = &sheets[from..at];
                    from = at + 1;
                }
                depth += 1;
            }
            '}' => {
                let closes_rule = depth == 1;
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    let name = uncommented(selector);
                    if closes_rule && !name.starts_with('@') && !name.is_empty() {
                        rules.push((name, &sheets[from..at]));
                    }
                    from = at + 1;
                }
            }
            ';' if depth == 0 => from = at + 1,
            _ => {}
        }
    }
    rules
}

/// A selector without the comment or old markers before it.
fn uncommented(selector: &str) -> &str {
    let after = selector.rfind("*/").map_or(selector, |end| &selector[end + 2..]);
    after.trim().trim_start_matches("<!--").trim()
}

/// Why a style hides what it is given to, and how.
pub fn why(style: &str) -> Hidden {
    let style: String = style.to_ascii_lowercase().split_whitespace().collect();
    let declarations = || style.split(';').filter_map(|d| d.split_once(':'));
    let cut = declarations().any(|(p, v)| p.starts_with("overflow") && v.starts_with("hidden"));
    let absolute =
        declarations().any(|(p, v)| p == "position" && (v.starts_with("absolute") || v.starts_with("fixed")));
    let trap = declarations().find_map(|(property, value)| {
        let value = value.trim_end_matches("!important");
        match (property, value) {
            ("opacity", "0" | "0.0" | "0%" | ".0") => Some("transparent"),
            ("left" | "top" | "right" | "bottom" | "margin" | "margin-left" | "margin-top" | "text-indent", v)
                if is_far_out(v) =>
            {
                Some("off the screen")
            }
            ("transform", v) if v.contains("-9999") || v == "scale(0)" => Some("off the screen"),
            ("width" | "height" | "max-height" | "max-width", "0" | "0px" | "1px") if cut || absolute => {
                Some("without size")
            }
            ("font-size" | "line-height", "0" | "0px") => Some("without size"),
            ("clip", v) if v.starts_with("rect(") => Some("clipped away"),
            ("clip-path", v) if v.starts_with("inset(") => Some("clipped away"),
            _ => None,
        }
    });
    let curtain = declarations().find_map(|(property, value)| match (property, value.trim_end_matches("!important")) {
        ("display", "none") => Some("not displayed"),
        ("visibility", "hidden" | "collapse") => Some("invisible"),
        ("width" | "height" | "max-height" | "max-width", "0" | "0px") => Some("without size"),
        _ => None,
    });
    trap.map(|why| (why, HidingKind::Trap)).or(curtain.map(|why| (why, HidingKind::Curtain)))
}

/// At least 500 units to the left or above.
fn is_far_out(value: &str) -> bool {
    let Some(start) = value.find('-') else { return false };
    let number = &value[start + 1..];
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let far = if number[digits..].starts_with("em") || number[digits..].starts_with("rem") { 50 } else { 500 };
    number[..digits].parse::<u32>().is_ok_and(|n| n >= far) || digits > 9
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
            "margin:0 0 0 -9999px",
            "position:absolute;width:1px;height:1px",
        ] {
            assert!(why(style).is_some(), "{style}");
        }
        for style in
            ["display:block", "left:-10px", "left: 9999px; ", "opacity:0.5", "width:100%", "", ";:;", "height:1px"]
        {
            assert_eq!(why(style), None, "{style}");
        }
    }

    #[test]
    fn rules_are_read_past_comments_and_left_out_where_they_hold_for_some_screens_only() {
        let sheets = "@import url(x.css); /* a */ .a , #b .c { display:none } @media print { .d { display:none } } \
                      .e:hover{display:none} } .f{left:-999px}";
        let rules: Vec<&str> = top_level_rules(sheets).into_iter().map(|(selector, _)| selector).collect();
        assert_eq!(rules, [".a , #b .c", ".e:hover", ".f"]);
        let marks = [".a.b", "#b .c", "div#x.y", "INPUT", "form > p.trap", "*", "input[name=x]"].map(mark);
        let expected = [Some(".a"), Some(".c"), Some("#x"), Some("input"), Some(".trap"), None, None];
        assert_eq!(marks.each_ref().map(Option::as_deref), expected);
    }
}
