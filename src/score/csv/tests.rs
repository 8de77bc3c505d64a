//! Does a CSV become the right table, and is every mistake told where it stands?

use super::*;
use crate::model::event::Adequacy;
use crate::model::observation::{NotAskedReason, Observation, Observed};
use proptest::prelude::*;
use std::num::NonZeroUsize;

const HEADER: &str =
    "company,industry,channel,question,attempt,sent_at,window_end,first_ack_at,first_reply_at,outcome,adequacy";
const GOOD: &str =
    "a,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,2026-01-02T11:00:00+01:00,replied,deflected";

fn read(file: impl std::io::Read + Send, name: &str) -> Result<Vec<Observed>, CsvError> {
    read_table(file, name, Threads::ONE).map(|table| observed(&table))
}

fn faults(rows: &[&str]) -> Vec<(u64, Option<&'static str>)> {
    let text = [&[HEADER], rows].concat().join("\n");
    let error = read(text.as_bytes(), "study.csv").unwrap_err();
    error.faults.iter().map(|f| (f.line, f.column)).collect()
}

#[test]
fn a_row_becomes_an_observation() {
    let rows = read(format!("\u{feff}{HEADER}\r\n{GOOD}\r\n").as_bytes(), "study.csv").unwrap();
    assert_eq!(
        rows[0].observation,
        Observation::Answered { latency: 3_600, after_reminder: false, observed_for: 30 * 86_400 }
    );
    assert_eq!((rows[0].adequacy, rows[0].adequate_after), (Some(Adequacy::Redirected), None));
    assert_eq!((rows[0].channel.as_str(), rows[0].uncoded_replies), ("social", 0));
}

#[test]
fn every_mistake_is_told_at_once() {
    let found = faults(&[
        GOOD,
        "b,food,social,q1,0,yesterday,2026-02-01T09:00:00Z,,,no_answer,good",
        "c,food,social,q1,1,2026-01-02T09:00:00Z,2026-01-01T09:00:00Z,,,no_reply,",
        "d,food,social,q1",
        "e,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,replied,",
        "f,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,2026-02-02T09:00:00Z,replied,",
        "g,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,2026-01-03T09:00:00Z,no_reply,",
        "h,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,no_reply,answered",
        GOOD,
        ",food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,no_reply,",
    ]);
    let expected = [
        (3, Some("attempt")),
        (3, Some("sent_at")),
        (3, Some("outcome")),
        (3, Some("adequacy")),
        (4, Some("window_end")),
        (5, None),
        (6, Some("first_reply_at")),
        (7, Some("first_reply_at")),
        (8, Some("first_reply_at")),
        (9, Some("adequacy")),
        (10, None),
        (11, Some("company")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn a_misspelt_column_is_named() {
    let text = HEADER.replace("first_reply_at", "first_replyat").replace(",industry", "");
    let error = read(text.as_bytes(), "study.csv").unwrap_err();
    assert_eq!(error.faults[0].problem, "missing columns `industry`, `first_reply_at`");
    assert!(error.to_string().contains("is `first_replyat` meant as `first_reply_at`?"), "{error}");
}

#[test]
fn bytes_that_are_no_utf8_are_found_and_an_empty_file_is_no_study() {
    let mut text = format!("{HEADER}\n").into_bytes();
    text.extend(b"caf\xe9,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,no_reply,\n");
    assert_eq!(read(text.as_slice(), "x").unwrap_err().faults[0].column, Some("company"));
    assert!(read(&b""[..], "x").is_err());
}

#[test]
fn a_flood_of_mistakes_is_cut_short() {
    let row = ",,,,,,,,,,\n".repeat(50);
    let error = read(format!("{HEADER}\n{row}").as_bytes(), "x").unwrap_err();
    assert_eq!((error.faults.len(), error.more), (FAULTS_LISTED_MAX, 50 * 7 - FAULTS_LISTED_MAX));
}

fn threads(number: usize) -> Threads {
    Threads::new(NonZeroUsize::new(number).unwrap())
}

/// A file of many blocks. Every `odd`-th company has a name that needs quotes, and holds a line break.
fn large(odd: usize) -> String {
    let mut text = format!("{HEADER}\r\n");
    for n in 0..16_000 {
        let company = if n % odd == 0 { format!("\"c, \"\"{n}\"\"\nand sons\"") } else { format!("c{n}") };
        for channel in ["email", "social"] {
            let line =
                format!("{company},food,{channel},q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,no_reply,\r\n");
            text.push_str(&line);
        }
    }
    text
}

#[test]
fn the_table_is_the_same_on_any_number_of_threads() {
    for odd in [3, usize::MAX] {
        let text = large(odd);
        let table = |number| read_table(text.as_bytes(), "x", threads(number)).unwrap();
        let alone = table(1);
        assert_eq!(alone.rows().len(), 32_000);
        assert_eq!((table(2) == alone, table(7) == alone), (true, true));
        let rows = alone.rows();
        assert_eq!(alone.names().companies.name(rows[2].company), "c1");
        assert_eq!(alone.names().companies.name(rows[0].company), "c, \"0\"\nand sons");
    }
}

#[test]
fn mistakes_in_a_large_file_are_told_with_their_lines() {
    let mut text = large(1_000);
    text = text.replace("c9999,food,email,q1,1,2026", "c9999,food,email,q1,0,2O26");
    text.push_str("c5,food,email,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,no_reply,\n");
    text.push_str("\"c6\",food,fax,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,,\n");
    // The first line, 16 names with a line break on two lines each, two lines a company.
    let last = 1 + 16 * 2 + 2 * 16_000;
    let expected = [
        (1 + 10 * 2 + 2 * 9_999 + 1, Some("attempt"), "`0` is no repetition"),
        (1 + 10 * 2 + 2 * 9_999 + 1, Some("sent_at"), "`2O26-01-02T09:00:00Z` is no time"),
        (last + 1, None, "the same company, channel, question and attempt as line 14"),
        (last + 2, Some("outcome"), "this is empty"),
    ];
    for number in [1, 2, 7] {
        let error = read_table(text.as_bytes(), "x", threads(number)).unwrap_err();
        let found: Vec<_> = error.faults.iter().map(|f| (f.line, f.column, f.problem.as_str())).collect();
        assert_eq!(found, expected, "{number} threads");
    }
}

#[test]
fn names_that_look_alike_when_joined_are_two_inquiries() {
    let rows = [("a.b", "c"), ("a", "b.c")]
        .map(|(company, channel)| GOOD.replace("a,food,social", &format!("{company},food,{channel}")));
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    assert_eq!(read_table(text.as_bytes(), "x", Threads::ONE).unwrap().rows().len(), 2);
}

#[test]
fn empty_lines_are_skipped_and_counted() {
    for quote in ["", "\""] {
        let bad = GOOD.replace("replied", "answered").replace("food", &format!("{quote}food{quote}"));
        assert_eq!(faults(&["", GOOD, "", "", &bad, ""]), [(6, Some("outcome"))], "{quote}");
    }
}

#[test]
fn rows_of_a_rehearsal_say_so() {
    for (mark, cells, simulated) in [
        ("simulated", ["SIMULATED", "SIMULATED"], true),
        ("simulated", ["", " SIMULATED"], true),
        ("simulated", ["", ""], false),
        ("simulated", ["no", "false"], false),
        ("remark", ["SIMULATED", "SIMULATED"], false),
    ] {
        let [first, second] = cells;
        let text = format!("{HEADER},{mark}\n{GOOD},{first}\n{},{second}\n", GOOD.replace("a,food", "b,food"));
        let table = read_table(text.as_bytes(), "x", Threads::ONE).unwrap();
        assert_eq!((table.is_simulated(), table.rows().len()), (simulated, 2), "{mark} {cells:?}");
    }
}

#[test]
fn an_inquiry_of_our_own_tables_without_an_outcome_is_left_out_and_counted() {
    let text = format!("{HEADER},came_to\n{GOOD},answered\nb,food,social,q1,1,,,,,,,not_asked\n");
    for threads in [1, 3].map(|n| Threads::new(NonZeroUsize::new(n).unwrap())) {
        let table = read_table(text.as_bytes(), "x", threads).unwrap();
        assert_eq!((table.rows().len(), table.left_out()), (1, 1));
    }
    let why = text.replace("came_to\n", "came_to,why\n").replace("answered\n", "answered,\n");
    let why = why.replace("not_asked\n", "not_asked,blocked\n");
    let table = read_table(why.as_bytes(), "x", Threads::ONE).unwrap();
    let blocked = Observation::NotAsked { reason: NotAskedReason::Blocked };
    assert_eq!((table.left_out(), table.rows()[1].observation), (0, blocked), "its reason says all that is scored");
    let elsewhere = text.replace("came_to", "remark");
    assert_eq!(read(elsewhere.as_bytes(), "x").unwrap_err().faults[0].line, 3, "another's rows need an outcome");
}

#[test]
fn what_came_after_a_reminder_was_not_unprompted() {
    let text = format!("{HEADER},reminded_seconds\n{GOOD},3599\n{},3600\n", GOOD.replace("a,food", "b,food"));
    let rows = read(text.as_bytes(), "x").unwrap();
    let after_reminder = |row: &Observed| matches!(row.observation, Observation::Answered { after_reminder: true, .. });
    assert_eq!((after_reminder(&rows[0]), after_reminder(&rows[1])), (true, false));
    assert_eq!(rows[0].reminded_after, Some(3_599));
}

#[test]
fn columns_that_may_mean_anything_count_in_our_own_tables_only() {
    let table = |came_to: &str| {
        let rows = [GOOD.to_owned(), GOOD.replace("a,food", "b,food")].map(|row| format!("{row},holding,3,answered"));
        format!("{HEADER},cluster,position,{came_to}\n{}\n", rows.join("\n"))
    };
    let of = |came_to: &str| read(table(came_to).as_bytes(), "x").unwrap().remove(1);
    let (ours, other) = (of("came_to"), of("remark"));
    assert_eq!((ours.cluster.as_str(), ours.position), ("holding", 3));
    assert_eq!((other.cluster.as_str(), other.position), ("b", 0));
}

#[test]
fn mistakes_in_our_own_columns_are_told() {
    let text = [
        &format!("{HEADER},adequate_seconds,reminded_seconds,uncoded_replies,position,came_to"),
        &format!("{GOOD},3600,,0,1,answered"),
        &format!("{},3599,,,1,answered", GOOD.replace("a,food", "b,food").replace("deflected", "answered")),
        &format!("{},,soon,-1,first,answered", GOOD.replace("a,food", "c,food")),
        "d,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,no_reply,,60,,,1,silent",
        "e,food,social,q1,1,2026-01-02T09:00:00Z,2026-02-01T09:00:00Z,,,no_reply,,,,2,1,silent",
    ]
    .join("\n");
    let found: Vec<_> =
        read(text.as_bytes(), "x").unwrap_err().faults.iter().map(|f| (f.line, f.column.unwrap())).collect();
    let expected = [
        (2, "adequate_seconds"),
        (3, "adequate_seconds"),
        (4, "position"),
        (4, "reminded_seconds"),
        (4, "uncoded_replies"),
        (5, "adequate_seconds"),
        (6, "uncoded_replies"),
    ];
    assert_eq!(found, expected);
}

proptest! {
    #[test]
    fn the_order_of_lines_changes_only_the_order_of_rows(order in Just((0..40_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let line = |n: &usize| GOOD.replace("a,food", &format!("c{},industry {}", n / 2, n % 3)).replace("q1", &format!("q{}", n % 2));
        let read = |order: &[usize]| {
            let text = format!("{HEADER}\n{}\n", order.iter().map(line).collect::<Vec<_>>().join("\n"));
            let mut rows = read(text.as_bytes(), "x").unwrap();
            rows.sort_by(|a, b| a.inquiry.cmp(&b.inquiry));
            rows
        };
        let sorted: Vec<usize> = (0..40).collect();
        prop_assert_eq!(read(&order), read(&sorted));
    }
}
