//! How a report is built: the shape of its JSON, the heads of its tables, the outline of its page, its text.

use super::shapes::{Names, material, with_earlier};
use risposta::lexicon::report_words::Language;
use risposta::report::publish::{Audience, Material, Publication, edition};
use risposta::report::voice::Voice;
use risposta::report::{html, package, text};
use scraper::{Html, Selector};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// A study with two waves and one of everything, as the team sees it.
fn whole() -> (Publication, Material) {
    let this = material(12, 5, Names::Short, 6);
    let material = with_earlier(this, "rehearsal-spring", &material(12, 5, Names::Short, 7));
    let material = edition(material, &Audience::Team, b"secret").unwrap();
    (Publication::of(&material, &Audience::Team), material)
}

/// Every place of a JSON value with the types that stand there; lists and counts by name are one place.
fn places(value: &Value, at: &str, found: &mut BTreeSet<String>) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(list) => {
            for item in list {
                places(item, &format!("{at}[]"), found);
            }
            return;
        }
        Value::Object(map) => {
            for (key, item) in map {
                let by_name = key.chars().all(|c| c.is_ascii_digit()) || at.ends_with(".values");
                places(item, &format!("{at}.{}", if by_name { "*" } else { key.as_str() }), found);
            }
            return;
        }
    };
    found.insert(format!("{at}: {kind}"));
}

#[test]
fn the_json_has_this_shape() {
    let mut found = BTreeSet::new();
    places(&serde_json::to_value(whole().0).unwrap(), "", &mut found);
    insta::assert_snapshot!(found.into_iter().collect::<Vec<_>>().join("\n"));
}

#[test]
fn the_files_of_the_package_have_these_heads() {
    let (publication, material) = whole();
    let mut heads = String::new();
    for file in package::package(&publication, &material).unwrap() {
        let is_table = file.name.rsplit('.').next() == Some("csv");
        let head = if is_table { file.text.lines().next().unwrap() } else { "" };
        writeln!(heads, "{} {head}", file.name).unwrap();
    }
    insta::assert_snapshot!(heads);
}

#[test]
fn the_page_has_this_outline_and_no_id_twice() {
    let page = Html::parse_document(&html::render(&whole().0, &Voice::of(Language::English)).unwrap());
    let all = |css: &str| Selector::parse(css).unwrap();
    let mut ids = BTreeSet::new();
    for element in page.select(&all("[id]")) {
        assert!(ids.insert(element.value().id().unwrap().to_owned()), "{:?} twice", element.value().id());
    }
    for link in page.select(&all("a[href^='#']")) {
        let to = &link.value().attr("href").unwrap()[1..];
        assert!(ids.contains(to), "{to} is linked and missing");
    }
    let mut outline = String::new();
    for element in page.select(&all("header, nav, main, section, footer, h1, h2, h3, h4, figure, caption")) {
        let value = element.value();
        let id = value.id().map(|id| format!(" #{id}")).unwrap_or_default();
        let name = value.name();
        let says = name.starts_with('h') && name.len() == 2 || name == "caption";
        let said = if says { element.text().collect::<String>() } else { String::new() };
        // Every company has the same section: the first stands for all.
        if !said.starts_with("Company ") || said == "Company 0" {
            writeln!(outline, "{name}{id} {}", said.trim()).unwrap();
        }
    }
    insta::assert_snapshot!(outline.replace(" \n", "\n"));
}

#[test]
fn the_text_in_english_as_markdown() {
    insta::assert_snapshot!(text::markdown(&whole().0, &Voice::of(Language::English)));
}

#[test]
fn the_text_in_italian_on_a_terminal() {
    insta::assert_snapshot!(text::terminal(&whole().0, &Voice::of(Language::Italian), false));
}
