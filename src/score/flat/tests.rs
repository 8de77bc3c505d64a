//! What must not change a number, and what a number must always be.

use super::*;
use crate::score::csv::read_table;
use crate::threads::Threads;
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use proptest::prelude::*;
use std::fmt::Write as _;

/// A line of a table.
#[derive(Debug, Clone)]
struct Inquiry {
    company: u8,
    channel: u8,
    question: u8,
    sent: u32,
    watched: u32,
    ending: Ending,
}

#[derive(Debug, Clone, Copy)]
enum Ending {
    Replied(u32),
    Silent,
    Bounced,
    Censored,
}

const ALL: Wanted = Wanted { all: true, seed: 3, resamples: 50, threads: Threads::ONE };

fn inquiries() -> impl Strategy<Value = Vec<Inquiry>> {
    // Times on a coarse grid, so that there are ties.
    let ending = prop_oneof![
        4 => (0u32..40).prop_map(Ending::Replied),
        2 => Just(Ending::Silent),
        1 => Just(Ending::Bounced),
        2 => Just(Ending::Censored),
    ];
    let one = (0u8..9, 0u8..4, 0u8..3, 0u32..200, 0u32..60, ending).prop_map(
        |(company, channel, question, sent, watched, ending)| Inquiry {
            company,
            channel,
            question,
            sent: sent * 3_600,
            watched: watched * 21_600,
            ending: match ending {
                Ending::Replied(after) => Ending::Replied((after * 21_600).min(watched * 21_600)),
                other => other,
            },
        },
    );
    proptest::collection::vec(one, 1..70).prop_map(|mut all| {
        all.sort_by_key(|i| (i.company, i.channel, i.question));
        all.dedup_by_key(|i| (i.company, i.channel, i.question));
        all
    })
}

/// The table as CSV, with stamps of that zone.
fn csv(inquiries: &[Inquiry], hours_east: i32) -> String {
    let zone = FixedOffset::east_opt(hours_east * 3_600).unwrap();
    let start: DateTime<Utc> = "2026-03-02T00:00:00Z".parse().unwrap();
    let at = |seconds: u32| (start + TimeDelta::seconds(i64::from(seconds))).with_timezone(&zone).to_rfc3339();
    let mut text =
        "company,industry,channel,question,attempt,sent_at,window_end,first_ack_at,first_reply_at,outcome,adequacy\n"
            .to_owned();
    for i in inquiries {
        let (reply, outcome) = match i.ending {
            Ending::Replied(after) => (at(i.sent + after), "replied"),
            Ending::Silent => (String::new(), "no_reply"),
            Ending::Bounced => (String::new(), "bounced"),
            Ending::Censored => (String::new(), "censored"),
        };
        let (sent, end) = (at(i.sent), at(i.sent + i.watched));
        writeln!(text, "c{},x,k{},q{},1,{sent},{end},,{reply},{outcome},", i.company, i.channel, i.question).unwrap();
    }
    text
}

fn table(inquiries: &[Inquiry]) -> Table {
    read_table(csv(inquiries, 0).as_bytes(), "t.csv", Threads::ONE).unwrap()
}

fn json(table: &Table) -> String {
    study(table, ALL, &Only::default()).to_json().unwrap()
}

fn number(flat: &Flat, id: &str) -> Option<f64> {
    match flat.get(id)? {
        Value::Number(number) => Some(*number),
        Value::Count(count) => u32::try_from(*count).ok().map(f64::from),
        Value::Numbers(_) | Value::Flag(_) => None,
    }
}

fn ends(flat: &Flat, id: &str) -> Option<(f64, f64)> {
    match flat.get(id)? {
        Value::Numbers(ends) => Some((ends[0], ends[1])),
        Value::Number(_) | Value::Count(_) | Value::Flag(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_order_of_rows_changes_nothing(all in inquiries(), seed in any::<u64>()) {
        let mut shuffled = all.clone();
        let n = shuffled.len() as u64;
        shuffled.sort_by_key(|i| {
            (u64::from(i.company) * 12 + u64::from(i.channel) * 3 + u64::from(i.question)).wrapping_mul(seed | 1) % (n + 7)
        });
        prop_assert_eq!(json(&table(&all)), json(&table(&shuffled)));
    }

    #[test]
    fn splitting_into_files_changes_nothing(all in inquiries(), cut in 0.0f64..1.0) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
        let (first, last) = all.split_at((all.len() as f64 * cut) as usize);
        let mut joined = Table::default();
        for part in [last, first].into_iter().filter(|part| !part.is_empty()) {
            joined.append(&table(part));
        }
        prop_assert_eq!(json(&table(&all)), json(&joined));
    }

    #[test]
    fn the_zone_of_stamps_changes_nothing(all in inquiries(), hours_east in -11i32..14) {
        let abroad = read_table(csv(&all, hours_east).as_bytes(), "t.csv", Threads::ONE).unwrap();
        prop_assert_eq!(json(&table(&all)), json(&abroad));
    }

    #[test]
    fn a_share_lies_in_each_of_its_intervals(all in inquiries()) {
        let flat = study(&table(&all), ALL, &Only::default());
        for channel in 0..4 {
            for (label, _) in THRESHOLDS {
                let id = format!("rate.k{channel}.{label}");
                let (Some(x), Some(n)) = (number(&flat, &format!("{id}.x")), number(&flat, &format!("{id}.n"))) else {
                    continue;
                };
                prop_assert!(x <= n);
                for interval in ["wilson", "wilson_deff", "clopper"] {
                    if let Some((low, high)) = ends(&flat, &format!("{id}.{interval}")) {
                        prop_assert!(low <= x / n && x / n <= high && low >= 0.0 && high <= 1.0, "{id}.{interval}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_is_never_told(all in inquiries()) {
        for (id, value) in study(&table(&all), ALL, &Only::default()).iter() {
            let is_sound = match value {
                Value::Number(number) => !number.is_nan(),
                Value::Numbers(numbers) => numbers.iter().all(|number| number.is_finite()),
                Value::Count(_) | Value::Flag(_) => true,
            };
            prop_assert!(is_sound, "{id} {value:?}");
            let last = id.rsplit('.').next().unwrap_or(id);
            if let (Value::Number(p), true) = (value, last == "p" || last.ends_with("_p") || last.ends_with("_holm")) {
                prop_assert!((0.0..=1.0).contains(p), "{id} {p}");
            }
        }
    }

    #[test]
    fn a_week_without_change_between_waves_is_no_change(all in inquiries()) {
        let flat = waves(&[table(&all), table(&all)], ALL);
        for (id, value) in flat.iter().filter(|(id, _)| id.ends_with("_p")) {
            prop_assert_eq!(value, &Value::Number(1.0), "{}", id);
        }
    }
}

#[test]
fn a_table_may_hold_next_to_nothing() {
    let one = |ending| table(&[Inquiry { company: 0, channel: 0, question: 0, sent: 0, watched: 0, ending }]);
    for ending in [Ending::Replied(0), Ending::Silent, Ending::Bounced, Ending::Censored] {
        let flat = study(&one(ending), ALL, &Only::default());
        assert_eq!(number(&flat, "rate.k0.7d.n"), Some(0.0), "{ending:?}");
        assert_eq!(flat.get("eb.boundary"), None);
        assert!(!json(&one(ending)).is_empty());
    }
    assert_eq!(study(&Table::default(), ALL, &Only::default()), Flat::default());
    assert_eq!(waves(&[], ALL), Flat::default());
}

#[test]
fn a_column_of_something_else_is_not_compared_a_million_times() {
    let one = |channel| Inquiry { company: 0, channel, question: 0, sent: 0, watched: 700_000, ending: Ending::Silent };
    let all: Vec<Inquiry> = (0..=u8::MAX).map(one).collect();
    let flat = study(&table(&all), ALL, &Only::default());
    assert_eq!(number(&flat, "channels_too_many_to_compare"), Some(256.0));
    assert_eq!(number(&flat, "rate.k255.7d.n"), Some(1.0));
    assert!(flat.iter().all(|(id, _)| !id.starts_with("paired.")));
}

#[test]
fn what_is_never_reached_is_a_word() {
    let flat = study(
        &table(&[Inquiry { company: 0, channel: 0, question: 0, sent: 0, watched: 700_000, ending: Ending::Censored }]),
        ALL,
        &Only::default(),
    );
    let parsed: serde_json::Value = serde_json::from_str(&flat.to_json().unwrap()).unwrap();
    assert_eq!(parsed["km.k0.median"], "inf");
    assert_eq!(parsed["rate.k0.7d.wilson"][0], 0.0);
}
