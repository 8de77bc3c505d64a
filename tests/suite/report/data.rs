//! The data of a report: do others get the same numbers from it, and nothing that they must not have?

use super::{HOSTILE, Rehearsed, named};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_bundle_gives_every_published_number_again() {
    let rehearsed = Rehearsed::pseudonymous();
    for audience in [&["team"][..], &["public"], &["client", "edil-beta"]] {
        let arguments = [&["--for"], audience].concat();
        let published = json(&rehearsed.report("out", &arguments)["data/report.json"]);
        rehearsed.run(&[&["export", "--bundle", "b.json"], arguments.as_slice()].concat());
        let again = json(&rehearsed.run(&["--results", "nowhere", "score", "--bundle", "b.json", "--json"]));
        assert_eq!(again, published["scorecard"], "{audience:?}");
    }
    let of_journal = json(&rehearsed.run(&["score", "--json"]));
    assert_eq!(json(&rehearsed.report("out", &[])["data/report.json"])["scorecard"], of_journal);
}

#[test]
fn a_bundle_gives_every_published_change_between_waves_again() {
    let rehearsed = Rehearsed::waves();
    let both = ["--wave", "rehearsal-spring", "--wave", "rehearsal-autumn"];
    for audience in [&["team"][..], &["public"], &["client", "edil-beta"]] {
        let arguments = [&both[..], &["--for"], audience].concat();
        let files = rehearsed.report("out", &arguments);
        let published = json(&files["data/report.json"])["waves"].clone();
        let step = &published["steps"][0];
        assert!(step["all"]["companies"].as_u64() >= Some(5), "{published}");
        rehearsed.run(&[&["export", "--bundle", "b.json"], arguments.as_slice()].concat());
        let again = rehearsed.run(&[&["score", "--bundle", "b.json", "--json"], &both[..]].concat());
        assert_eq!(json(&again), published, "{audience:?}");
        // The same companies and questions, whatever they are called and put together as.
        let of_waves = json(&rehearsed.run(&[&["score", "--json"], &both[..]].concat()));
        assert_eq!(step["all"], of_waves["steps"][0]["all"], "{audience:?}");
        assert_eq!(step["unmatched"], of_waves["steps"][0]["unmatched"]);
        assert!(files["data/changes.csv"].lines().count() > 5 && files.contains_key("charts/change.svg"));
    }
}

#[test]
fn the_package_describes_what_is_there() {
    let rehearsed = Rehearsed::study(&named(&HOSTILE));
    let files = rehearsed.report("out", &[]);
    let package = json(&files["data/datapackage.json"]);
    assert_eq!(package["simulated"], true);
    let resources = package["resources"].as_array().unwrap();
    assert_eq!(resources.len(), files.keys().filter(|name| name.starts_with("data/")).count() - 1);
    for resource in resources {
        let text = &files[&format!("data/{}", resource["path"].as_str().unwrap())];
        let hash = format!("sha256:{}", hex::encode(Sha256::digest(text.as_bytes())));
        assert_eq!((&resource["hash"], &resource["bytes"]), (&Value::from(hash), &Value::from(text.len())));
        if resource["type"] == "table" {
            let fields = resource["schema"]["fields"].as_array().unwrap();
            let names: Vec<&str> = fields.iter().map(|field| field["name"].as_str().unwrap()).collect();
            assert_eq!(text.lines().next().unwrap(), names.join(","));
            assert!(fields.iter().all(|field| field["description"].as_str().is_some_and(|d| !d.is_empty())));
        }
    }
}

#[test]
fn no_cell_of_a_table_is_a_formula() {
    let rehearsed = Rehearsed::study(&named(&HOSTILE));
    for (name, text) in rehearsed.report("out", &[]) {
        if name.rsplit('.').next() != Some("csv") {
            continue;
        }
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                let number = cell.parse::<f64>().is_ok();
                assert!(number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?} in {name}");
            }
        }
    }
}

/// The bundled study with changes.
fn changed(changes: &[(&str, &str)]) -> Rehearsed {
    let mut study = include_str!("../../../scenarios/ladogana.yaml").to_owned();
    for (old, new) in changes {
        assert!(study.contains(old), "{old}");
        study = study.replace(old, new);
    }
    Rehearsed::study(&study)
}

/// What an edition without dates does not show.
const DATED: [&str; 2] = ["badges", "positions"];

/// What a table of inquiries can say of a scorecard: no opening hours, and of companies no names.
fn numbers(card: &Value) -> BTreeMap<String, Value> {
    let mut numbers = BTreeMap::from([("total".to_owned(), card["total"].clone())]);
    for (list, key) in [("channels", "channel"), ("companies", "company")] {
        for one in card[list].as_array().unwrap() {
            let mut one = one.clone();
            one.as_object_mut().unwrap().remove("name");
            numbers.insert(format!("{list} {}", one[key]), one);
        }
    }
    for tally in numbers.values_mut() {
        for reading in ["before_any_reminder", "with_reminders"] {
            if let Some(answers) = tally[reading].as_object_mut() {
                answers.remove("open_hours_latency");
            }
        }
    }
    let shown = DATED.into_iter().filter(|key| card[key] != serde_json::json!([]));
    numbers.into_iter().chain(shown.map(|key| (key.to_owned(), card[key].clone()))).collect()
}

#[test]
fn the_table_of_inquiries_is_scored_as_the_wave_is() {
    let reminders = [
        ("  washout: 28d", "  reminders: {max: 1, every: 1d}\n  washout: 28d"),
        ("max_messages_per_company: 6", "max_messages_per_company: 20"),
    ];
    let pseudonyms = ("names: shown", "names: pseudonyms");
    is_rebuilt(&Rehearsed::demo(), &[]);
    let total = is_rebuilt(&changed(&reminders), &[]);
    let replied = |reading: &str| total[reading]["replied"].as_u64();
    assert!(replied("with_reminders") > replied("before_any_reminder"), "{total}");
    let unnamed = changed(&[&reminders[..], &[pseudonyms]].concat());
    is_rebuilt(&unnamed, &["--for", "public"]);
    is_rebuilt(&unnamed, &["--for", "client", "edil-beta"]);
}

/// Scores the table of an edition, and gives its total.
#[track_caller]
fn is_rebuilt(rehearsed: &Rehearsed, edition: &[&str]) -> Value {
    let files = rehearsed.report("out", edition);
    fs::write(rehearsed.path("inquiries.csv"), &files["data/inquiries.csv"]).unwrap();
    let published = json(&files["data/report.json"])["scorecard"].clone();
    let list = published["about"]["thresholds"].as_array().unwrap().iter();
    let thresholds = list.map(|t| t.as_str().unwrap()).collect::<Vec<_>>().join(",");
    let of_table = json(&rehearsed.run(&["score", "--csv", "inquiries.csv", "--thresholds", &thresholds, "--json"]));
    let (expected, found) = (numbers(&published), numbers(&of_table));
    assert!(expected.len() > 15);
    assert!(DATED.iter().all(|key| expected.contains_key(*key)) || !edition.is_empty());
    for (name, number) in &expected {
        assert_eq!(found.get(name), Some(number), "{name} {edition:?}");
    }
    assert!(found.keys().all(|name| DATED.contains(&name.as_str()) || expected.contains_key(name)));
    if edition.is_empty() {
        let flat = ["--format", "flat", "--all", "--resamples", "100"];
        let of_wave = rehearsed.run(&[&["score"][..], &flat].concat());
        assert_eq!(rehearsed.run(&[&["score", "--csv", "inquiries.csv"][..], &flat].concat()), of_wave);
    }
    published["total"].clone()
}

/// The bundled study, in which a channel that fewer than five companies were asked on is put together with others.
#[test]
fn no_published_sum_gives_a_small_figure_away() {
    let rehearsed = Rehearsed::pseudonymous();
    let published = json(&rehearsed.report("out", &["--for", "public"])["data/report.json"]);
    let min = published["changed"]["companies_min"].as_u64().unwrap();
    assert_eq!(min, 5);
    let card = &published["scorecard"];
    let count = |of: &Value| of["asked"].as_u64().unwrap();
    let list = |key: &str| card[key].as_array().unwrap().clone();
    // Each published channel has enough companies behind it.
    let places: Vec<&str> = published["channels"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    for channel in list("channels") {
        let place = places.iter().position(|name| channel["channel"] == *name).unwrap();
        let companies = published["companies"].as_array().unwrap().iter();
        let asked = companies.filter(|c| c["tiles"][place]["asked"].as_u64().unwrap() > 0).count() as u64;
        assert!(asked >= min, "{} was asked of {asked}", channel["channel"]);
    }
    // What a reader can subtract leaves nothing, or enough.
    let of_channels: u64 = list("channels").iter().map(count).sum();
    assert_eq!(of_channels, count(&card["total"]));
    for group in list("groups") {
        let inside = list("channels");
        let sum: u64 =
            inside.iter().filter(|c| group["channels"].as_array().unwrap().contains(&c["channel"])).map(count).sum();
        assert_eq!(sum, count(&group), "{}", group["group"]);
    }
    for pair in list("several").iter().flat_map(|s| s["pairs"].as_array().unwrap().clone()) {
        assert!(pair["result"].is_null() || pair["result"]["companies"].as_u64().unwrap() >= min, "{pair}");
    }
}

#[test]
fn only_approved_words_are_published_and_nobody_is_named_in_them() {
    let rehearsed = Rehearsed::demo();
    let shown = json(&rehearsed.run(&["show", "bit-bottega", "--json"]));
    let reply = shown["moments"]
        .as_array()
        .unwrap()
        .iter()
        .find(|m| m["what"].as_str().is_some_and(|what| what.contains(" reply ") && what.starts_with('m')));
    let id = reply.unwrap()["what"].as_str().unwrap().split(' ').next().unwrap().to_owned();
    let quoted = |audience: &str| {
        let files = rehearsed.report("out", &["--for", audience]);
        json(&files["data/report.json"])["quotations"].as_array().unwrap().len()
    };
    assert!(!rehearsed.run(&["report", "quote", &id]).trim().is_empty());
    assert_eq!((quoted("team"), quoted("public")), (0, 0), "what is only looked at is not recorded");
    rehearsed.run(&["report", "quote", &id, "--propose"]);
    assert_eq!((quoted("team"), quoted("public")), (1, 0));
    let said = rehearsed.run(&["report", "quote", &id, "--approve"]);
    assert_eq!((quoted("team"), quoted("public")), (1, 1));
    for name in ["Bit Bottega", "Enrico", "Riva"] {
        assert!(!said.contains(name), "{said}");
    }
    let page = &rehearsed.report("out", &["--for", "public"])["report.html"];
    assert!(page.contains("<blockquote>"));
    rehearsed.run(&["report", "quote", &id, "--withdraw"]);
    assert_eq!((quoted("team"), quoted("public")), (0, 0));
    assert_eq!(json(&rehearsed.run(&["verify", "--json"]))["intact"], true);
}

#[test]
fn text_fits_eighty_columns_and_obeys_nobody() {
    use unicode_width::UnicodeWidthStr as _;
    let rehearsed = Rehearsed::study(&named(&HOSTILE));
    for lang in ["en", "it"] {
        for format in ["terminal", "markdown"] {
            let text = rehearsed.run(&["report", "--format", format, "--lang", lang]);
            assert!(text.contains("SIMULATED") && !text.contains('⟦'), "{text}");
            // Nothing is cut in Markdown: its tables and commands may be wider.
            let is_wide =
                |line: &&str| format == "markdown" && (line.starts_with('|') || line.starts_with("risposta "));
            for line in text.lines().filter(|line| !is_wide(line)) {
                assert!(line.width() <= 80, "{} columns: {line}", line.width());
                assert!(!line.contains(['\u{1b}', '\u{202e}', '\u{1}']), "{line:?}");
            }
            if format == "markdown" {
                assert!(!text.contains("<script") && !text.contains("[link](") && !text.contains("<img"), "{text}");
            }
        }
    }
}
