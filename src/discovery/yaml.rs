//! How is an entry written into a study? As YAML that a person reads and edits. Names and words come
//! from strangers: each is one line, without anything that YAML or a terminal would obey.

use super::Target;
use super::entry::{Entry, Outcome, Point};
use crate::model::channel::Channel;
use crate::model::study::{Cost, Found};
use std::fmt::Write as _;

/// Most characters of a stranger's words.
const CHARS_MAX: usize = 300;

/// What begins the line that closes the block of a site that was visited.
pub(super) const VISITED: &str = "# visited ";

/// The block of a site: an entry or the reason why there is none, closed by a line that names the site if it was read.
#[must_use]
pub fn write(target: &Target, outcome: &Outcome) -> String {
    let mut text = String::new();
    match outcome {
        Outcome::Company(entry) => company(entry, &mut text),
        Outcome::Skipped { why } => comment(&format!("skipped {}: {why}", target.url), &mut text),
        Outcome::Unread { why } => comment(&format!("could not read {}: {why}", target.url), &mut text),
    }
    // What could not be read may be our own network's fault: it is tried again.
    if !matches!(outcome, Outcome::Unread { .. }) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{VISITED}{}", target.url);
    }
    text.push('\n');
    text
}

fn company(entry: &Entry, text: &mut String) {
    let mut first = true;
    let mut line = |key: &str, value: &str| {
        let mark = if std::mem::take(&mut first) { "- " } else { "  " };
        let _ = writeln!(text, "{mark}{key}: {value}");
    };
    line("id", &quoted(&entry.id));
    line("name", &quoted(&entry.name));
    line("website", &quoted(entry.website.as_str()));
    let known = |key: &str| entry.known.get(key).filter(|value| !value.is_empty());
    for key in ["industry", "group", "timezone"] {
        if let Some(value) = known(key) {
            line(key, &quoted(value));
        }
    }
    for (key, found) in [("hours", &entry.hours), ("address", &entry.address), ("country", &entry.country)] {
        if let Some(value) = known(key).or(found.as_ref()) {
            line(key, &quoted(value));
        }
    }
    match known("ask") {
        Some(ask) => line("ask", &quoted(ask)),
        None if !entry.ask.is_empty() => line("ask", &quoted(&entry.ask.join("; "))),
        None => {}
    }
    let vars = entry.known.iter().filter_map(|(key, value)| Some((key.strip_prefix("vars.")?, value)));
    let vars: Vec<String> = vars.map(|(name, value)| format!("{name}: {}", quoted(value))).collect();
    if !vars.is_empty() {
        line("vars", &format!("{{{}}}", vars.join(", ")));
    }
    entry.points.iter().for_each(|each| point(each, text));
    let missing: Vec<&str> = entry.not_found.iter().map(|channel| channel.name()).collect();
    if !missing.is_empty() {
        let looked = format!("looked for on {} page(s), not found: {}", entry.pages, missing.join(", "));
        comment(&looked, text);
    }
    entry.remarks.iter().for_each(|remark| comment(remark, text));
}

fn point(point: &Point, text: &mut String) {
    let _ = writeln!(text, "  {}:", point.channel);
    let _ = writeln!(text, "    {}: {}", key(point.channel), quoted(&point.address));
    let _ = writeln!(text, "    confirmed: false");
    let _ = writeln!(text, "    found: {}", found(&point.found));
    if let Some(cost) = point.cost.as_ref().map(cost).filter(|cost| !cost.is_empty()) {
        let _ = writeln!(text, "    cost: {{{cost}}}");
    }
}

fn found(found: &Found) -> String {
    let how = found.how.as_ref().map(|how| format!(", how: {}", quoted(how))).unwrap_or_default();
    let confidence = found.confidence.map(|c| format!(", confidence: {c:.2}")).unwrap_or_default();
    format!("{{page: {}{how}{confidence}}}", quoted(found.page.as_str()))
}

fn cost(cost: &Cost) -> String {
    let parts = [
        cost.required_fields.map(|n| format!("required_fields: {n}")),
        cost.registration.map(|b| format!("registration: {b}")),
        cost.phone.map(|b| format!("phone: {b}")),
        cost.real_name.map(|b| format!("real_name: {b}")),
        cost.captcha.as_ref().map(|kind| format!("captcha: {}", quoted(kind))),
        cost.clicks.map(|n| format!("clicks: {n}")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What a study calls the address on a channel.
const fn key(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "address",
        Channel::WebForm | Channel::Chat | Channel::Forum => "url",
        Channel::Facebook => "page",
        Channel::Whatsapp | Channel::Phone => "number",
        Channel::Mastodon | Channel::Instagram | Channel::Telegram | Channel::X | Channel::Linkedin => "handle",
    }
}

fn comment(words: &str, text: &mut String) {
    let _ = writeln!(text, "  # {}", clean(words));
}

/// A scalar in double quotes, valid in any place; JSON's escapes are YAML's.
fn quoted(value: &str) -> String {
    serde_json::Value::from(harmless(value)).to_string()
}

/// Words on one line, without what a terminal would obey, at most 300 characters.
#[must_use]
pub fn clean(text: &str) -> String {
    let folded = harmless(text);
    match folded.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &folded[..end]),
        None => folded,
    }
}

fn harmless(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() || turns_text(c) { ' ' } else { c }).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that turn text around, hide it or end a line, and those that YAML does not allow.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{ffff}' | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_words_are_one_harmless_line() {
        let wicked = "a\u{1b}[2J\r\nb: - {x}\u{202e}#\u{85}\u{2028}\"c\\ \u{0}";
        assert_eq!(clean(wicked), "a [2J b: - {x} # \"c\\");
        assert_eq!(quoted(wicked), r#""a [2J b: - {x} # \"c\\""#);
        assert_eq!(clean(&"é".repeat(1_000)).chars().count(), CHARS_MAX + 1);
    }
}
