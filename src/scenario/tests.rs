//! What a user relies on: short forms, the bundled studies, one shape for reading and schema.

use super::fields::STUDY;
use super::section::asked;
use super::shape::{Map, Shape};
use super::{Loaded, check_str, load, schema, starter};
use crate::model::channel::Channel;
use crate::model::study::{Inbox, Order, PerCompany, SecretSource, Security, Study, Target, Visibility};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::path::Path;

fn clean(loaded: Loaded) -> Study {
    let said = loaded.findings.plain();
    loaded.study.unwrap_or_else(|| panic!("{said}"))
}

fn fixture(name: &str) -> Loaded {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name))
}

#[test]
fn the_example_is_read_as_it_was_meant() {
    let study = clean(fixture("tests/fixtures/study-example.yaml"));
    assert_eq!(study.id.as_str(), "ladogana-2026");
    assert_eq!(study.questions[0].wordings[1].name, "glutine-b.txt");
    assert_eq!(study.design.per_company, PerCompany::OneOfEach);
    let mailbox = &study.mailboxes[0];
    assert_eq!(mailbox.password, Some(SecretSource::Env("MAIL_PASSWORD".to_owned())));
    let Inbox::Imap { server, .. } = &mailbox.inbox else { panic!("no IMAP") };
    assert_eq!((server.port, server.security), (993, Security::Tls));
    let smtp = mailbox.smtp.as_ref().unwrap();
    assert_eq!((smtp.port, smtp.security), (587, Security::Starttls));
    let alfa = &study.companies[0];
    assert_eq!((alfa.id.as_str(), &alfa.not_offered[..]), ("biscotti-alfa", &[Channel::Chat][..]));
    let channels: Vec<_> = alfa.contact_points.iter().map(|p| p.channel).collect();
    assert_eq!(channels, [Channel::WebForm, Channel::Email, Channel::Facebook]);
    let Target::Assisted { visibility, .. } = study.companies[1].contact_points[1].target else { panic!("no page") };
    assert_eq!(visibility, Visibility::Private);
}

#[test]
fn the_demonstration_has_the_blogger_s_counts_and_one_warning_that_matters() {
    let loaded = fixture("scenarios/ladogana.yaml");
    let plain = loaded.findings.plain();
    assert!(plain.contains("the order cannot be told apart from the channel"), "{plain}");
    let study = clean(loaded);
    assert_eq!(study.design.order, Order::Listed);
    let own = |study: &Study| -> u32 {
        let own = &study.design.compare[0].channels;
        let points =
            |c: &crate::model::study::Company| c.contact_points.iter().filter(|p| own.contains(&p.channel)).count();
        study.companies.iter().map(|c| u32::try_from(points(c)).unwrap() * c.asks[0].times).sum()
    };
    // 3 × food, 2 computers, 3 builders, 4 dealers, 5 bulbs, 1 bank.
    assert_eq!(own(&study), 18);
    for company in &study.companies {
        let first_outside =
            company.contact_points.iter().position(|p| study.design.compare[1].channels.contains(&p.channel));
        assert_eq!(first_outside, Some(1), "{} is asked on one own channel first, then outside", company.name);
    }
}

#[test]
fn the_starter_passes_check_without_a_mistake() {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in starter() {
        std::fs::write(folder.path().join(path), content).unwrap();
    }
    let study = clean(load(&folder.path().join("study.yaml")));
    assert_eq!(study.companies.len(), 3);
    assert_eq!(study.companies[0].vars["product"], "an oak table");
}

/// Every key that the description knows, as `map.key`.
fn described(map: &'static Map, keys: &mut BTreeSet<(&'static str, &'static str)>) {
    fn within(shape: &'static Shape, keys: &mut BTreeSet<(&'static str, &'static str)>) {
        match shape {
            Shape::Leaf(_) => {}
            Shape::Map(map) => described(map, keys),
            Shape::Named { each, .. } | Shape::List(each) | Shape::OneOrMore(each) => within(each, keys),
            Shape::Either(shapes) => shapes.iter().for_each(|s| within(s, keys)),
        }
    }
    for field in map.fields {
        if keys.insert((map.name, field.key)) {
            within(&field.shape, keys);
        }
    }
}

#[test]
fn each_key_of_the_description_is_read_and_stands_in_the_schema() {
    let mut keys = BTreeSet::new();
    described(&STUDY, &mut keys);
    clean(fixture("tests/fixtures/every-key.yaml"));
    let unread: Vec<_> = keys.difference(&asked::keys()).copied().collect();
    // The fixture has one kind of inbox, as every mailbox must.
    assert_eq!(unread, [], "described, and read by nobody");
    let schema = schema();
    for (map, key) in keys {
        let object = if map == STUDY.name { &schema } else { &schema["$defs"][map.replace(' ', "_")] };
        assert!(object["properties"].get(key).is_some(), "{map}.{key} is not in the schema");
    }
}

/// A small judge of the few words that our schema uses.
fn fits(schema: &Json, root: &Json, value: &Json) -> bool {
    if let Some(name) = schema["$ref"].as_str() {
        return fits(&root["$defs"][name.trim_start_matches("#/$defs/")], root, value);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        return any.iter().any(|s| fits(s, root, value));
    }
    match value {
        Json::Object(object) => {
            let known = schema["properties"].as_object();
            let each = |(key, value): (&String, &Json)| match known.and_then(|k| k.get(key)) {
                Some(schema) => fits(schema, root, value),
                None => {
                    schema["additionalProperties"].is_object() && fits(&schema["additionalProperties"], root, value)
                }
            };
            let required = schema["required"].as_array().into_iter().flatten();
            schema["type"] == "object"
                && object.iter().all(each)
                && required.clone().all(|k| object.contains_key(k.as_str().unwrap()))
        }
        Json::Array(items) => schema["type"] == "array" && items.iter().all(|item| fits(&schema["items"], root, item)),
        Json::Number(number) => {
            let most = schema["maximum"].as_f64().unwrap_or(f64::MAX);
            schema["type"].to_string().contains("number") && number.as_f64().unwrap() <= most
                || schema["type"] == "integer" && number.is_i64() && number.as_f64().unwrap() <= most
        }
        Json::String(text) => {
            let among = schema["enum"].as_array().is_none_or(|words| words.iter().any(|w| w == text));
            schema["type"].to_string().contains("string") && among
        }
        Json::Bool(_) => schema["type"].to_string().contains("boolean"),
        Json::Null => false,
    }
}

#[test]
fn what_the_reader_accepts_conforms_to_the_schema() {
    let root = schema();
    let starter = starter().into_iter().find(|(path, _)| *path == "study.yaml").unwrap().1;
    let read = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let paths = ["tests/fixtures/study-example.yaml", "tests/fixtures/every-key.yaml", "scenarios/ladogana.yaml"];
    for text in paths.into_iter().map(read).chain([starter]) {
        let mut value: Json = serde_yaml::from_str(&text).unwrap();
        assert!(fits(&root, &root, &value), "{text}");
        value["desing"] = Json::Bool(true);
        assert!(!fits(&root, &root, &value), "an unknown key fits");
    }
}

#[test]
fn thresholds_count_once_and_in_order_however_they_are_named() {
    let text = include_str!("../../tests/fixtures/study-example.yaml");
    let given = text.lines().find(|line| line.starts_with("thresholds:")).unwrap();
    let turned = text.replace(given, "thresholds: [28d, 7d, 24h, 168h, 2h, 1d]");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let study = clean(check_str("study.yaml", &turned, &folder));
    let told: Vec<String> = study.thresholds.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["2h", "1d", "7d", "28d"]);
}

#[test]
fn a_secret_in_clear_is_never_shown() {
    let text = "study: s\nmailbox: {address: a@b.example, imap: i.example, password: hunter2}\n";
    let loaded = check_str("s.yaml", text, Path::new("."));
    let broken = check_str("s.yaml", "mailbox:\n  password: hunter2\n  user: [a\n", Path::new("."));
    let listed = "study: s\nmailbox: {address: a@b.example, password: [hunter2]}\n";
    for loaded in [&broken, &check_str("s.yaml", listed, Path::new("."))] {
        let drawn = loaded.findings.graphical(false, 100);
        assert!(!loaded.findings.is_empty() && !drawn.contains("hunter2"), "{drawn}");
    }
    let all = loaded.findings.plain()
        + &loaded.findings.graphical(false, 100)
        + &serde_json::to_string(&loaded.findings.resolved()).unwrap();
    assert!(all.contains("a secret written in clear"), "{all}");
    assert!(!all.contains("hunter2"), "{all}");
}

#[test]
fn a_mistake_is_drawn_with_line_caret_and_remedy() {
    let loaded = check_str("scenarios/refund.yaml", "study: refund\nlangage: en\n", Path::new("."));
    let drawn = loaded.findings.graphical(false, 80);
    for part in [
        "× unknown key `langage`",
        "scenarios/refund.yaml:2:1",
        "2 │ langage: en",
        "───┬───",
        "help: did you mean `language`?",
    ] {
        assert!(drawn.contains(part), "{part} in\n{drawn}");
    }
}

#[test]
fn yaml_says_what_it_looks_like() {
    let study = clean(fixture("tests/scenarios/norway_is_no_boolean.yaml"));
    assert_eq!((study.title.as_str(), study.companies[0].country.as_deref()), ("no", Some("NO")));
    let study = clean(fixture("tests/scenarios/merge_keys.yaml"));
    let birch = &study.companies[1];
    assert_eq!((birch.name.as_str(), birch.vars["product"].as_str()), ("Birch", "a table"));
    assert!(
        birch.contact_points.iter().any(|p| p.target == Target::Email { address: "shop@birch.example".to_owned() })
    );
    let study = clean(fixture("tests/scenarios/csv_good.yaml"));
    assert_eq!(study.companies[0].vars["product"], "a table, round");
    assert_eq!(
        (study.companies[0].not_offered.as_slice(), study.companies[1].asks[0].times),
        ([Channel::Chat].as_slice(), 2)
    );
}

proptest::proptest! {
    /// Whatever is torn out of a study, or typed into it, is told and drawn, never a crash.
    #[test]
    fn a_damaged_study_is_told_and_drawn(at in 0_usize..4_000, length in 0_usize..200, typed in "[ -~\\nà€]{0,6}") {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/study-example.yaml");
        let text: Vec<char> = std::fs::read_to_string(&path).unwrap().chars().collect();
        let at = at.min(text.len());
        let end = (at + length).min(text.len());
        let damaged: String = text[..at].iter().copied().chain(typed.chars()).chain(text[end..].iter().copied()).collect();
        let loaded = check_str("study.yaml", &damaged, path.parent().unwrap());
        proptest::prop_assert_eq!(loaded.study.is_some(), loaded.findings.errors() == 0);
        proptest::prop_assert!(loaded.findings.graphical(false, 80).matches('×').count() >= loaded.findings.errors());
        proptest::prop_assert_eq!(loaded.findings.plain().lines().count(), loaded.findings.iter().count());
    }
}

#[test]
fn places_far_apart_are_told_and_not_all_lines_between_them() {
    let text = format!("study: s\n{}study: t\n", "# a line\n".repeat(300));
    let drawn = check_str("s.yaml", &text, Path::new(".")).findings.graphical(false, 80);
    assert!(drawn.contains("s.yaml:302:1") && drawn.contains("s.yaml:1:1: first here"), "{drawn}");
    assert!(!drawn.contains("150"), "{drawn}");
}
