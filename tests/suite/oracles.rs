//! Do the scorer's numbers equal those of other people's programs? See `tests/oracles/README.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests are tests too")]

use risposta::model::observation::Observed;
use risposta::model::study::{Measure, Primary};
use risposta::score::comparison::compare;
use risposta::score::tally::{Reading, followed};
use risposta::score::{About, Frame, Rate, Scorecard, Tally, score};
use risposta::stats::{Confidence, Estimate, Interval, KaplanMeier, PairedTable, Proportion, Reached};
use serde_json::Value;
use std::path::PathBuf;

/// Kinds of records that nothing here computes yet, by how their ids begin.
const NOT_YET: [&str; 9] = [
    "aj.",
    "cochran_q.",
    "eb.",
    "facebook_2016.",
    "logrank.",
    "logrank_cluster_robust.",
    "logrank_pair.",
    "logrank_strat_company.",
    "rmst_diff168h.",
];

/// The same, by how their ids end.
const NOT_YET_ENDS: [&str; 18] = [
    ".clopper",
    ".clusters",
    ".cluster_se",
    ".deff",
    ".wilson_deff",
    ".cluster_boot_B20000",
    ".cluster_boot_se",
    ".rmst168h",
    ".rmst168h_se",
    "_Rrule",
    ".mcnemar_midp",
    ".mcnemar_cc_chi2",
    ".mcnemar_chi2",
    ".tango",
    "_p_holm",
    ".clustered_mcnemar_yang_chi2",
    ".clustered_mcnemar_durkalski_chi2",
    ".diff_cluster",
];

struct Record {
    id: String,
    expected: Vec<f64>,
    tolerance: String,
}

#[test]
fn the_blogs_study() {
    study("study_small", 122);
}

#[test]
fn four_channels_with_bounces_and_open_windows() {
    study("study_medium", 274);
}

#[test]
fn a_wave_with_medians_on_exact_flats() {
    study("study_wave1", 122);
}

#[test]
fn wilson_intervals_at_three_levels() {
    for record in records("extra_wilson") {
        let rest = record.id.strip_prefix("wilson.").expect("a wilson id");
        let (counts, level) = rest.split_once('.').expect("counts and level");
        let (x, n) = counts.split_once('/').expect("x/n");
        let estimate = Proportion::new(x.parse().unwrap(), n.parse().unwrap())
            .wilson(Confidence::of(level.parse().unwrap()))
            .unwrap();
        record.holds(&ends(estimate.interval));
    }
}

#[test]
fn paired_tables() {
    let csv = std::fs::read_to_string(path("extra_paired_tables.csv")).unwrap();
    let table = |id: &str| {
        let line = csv.lines().find(|line| line.split(',').next() == Some(id)).expect("a table of that id");
        let cells: Vec<u32> = line.split(',').skip(1).map(|cell| cell.parse().unwrap()).collect();
        PairedTable { both: cells[0], left_only: cells[1], right_only: cells[2], neither: cells[3] }
    };
    let mut held = 0;
    for record in records("extra_paired_tables") {
        let mut parts = record.id.split('.').skip(1);
        let (id, what) = (parts.next().unwrap(), parts.next().unwrap());
        match what {
            "mcnemar_exact_p" => record.holds(&[table(id).mcnemar_exact()]),
            "newcombe10" => record.holds(&estimate(table(id).difference(Confidence::p95()).unwrap())),
            _ => {
                record.is_not_yet();
                continue;
            }
        }
        held += 1;
    }
    assert_eq!(held, 14);
}

/// Holds the scorer to every record of a study; `least` is how many there must be, so that a
/// change of ids cannot empty the test.
fn study(name: &str, least: usize) {
    let file = std::fs::File::open(path(&format!("{name}.csv"))).unwrap();
    let rows = risposta::score::csv::read(file, name).unwrap();
    let card = score(&rows, &Frame::of_csv(name, &rows));
    let mut held = 0;
    for record in records(name) {
        match computed(&record.id, &rows, &card) {
            Some(found) => {
                record.holds(&found);
                held += 1;
            }
            None => record.is_not_yet(),
        }
    }
    assert!(held >= least, "only {held} records of {name} were held to");
}

/// What we compute for a record's id; `None` for a kind that is not computed.
fn computed(id: &str, rows: &[Observed], card: &Scorecard) -> Option<Vec<f64>> {
    let parts: Vec<&str> = id.split('.').collect();
    match parts.as_slice() {
        ["count", channel, what] => Some(vec![f64::from(count(tally(card, channel), what)?)]),
        ["bounce_rate", channel, "wilson"] => {
            let tally = tally(card, channel);
            let bounced = Proportion::new(tally.undelivered.bounced, tally.asked);
            Some(ends(bounced.wilson(Confidence::p95())?.interval))
        }
        ["rate", channel, within, what] => {
            let answers = &tally(card, channel).before_any_reminder;
            let within = answers.within(within.parse().unwrap()).expect("a threshold of the CSV's frame");
            match *what {
                "x" => Some(vec![f64::from(within.replied.numerator)]),
                "n" => Some(vec![f64::from(within.replied.denominator)]),
                "x_answered" => Some(vec![f64::from(within.adequate.numerator)]),
                "wilson" => Some(ends(rate(within.replied).interval)),
                _ => None,
            }
        }
        ["paired", sides, within, what] => paired(rows, &card.about, sides, within, what),
        ["km", channel, rest @ ..] => kaplan_meier(rows, tally(card, channel), channel, rest),
        _ => None,
    }
}

fn count(tally: &Tally, what: &str) -> Option<u32> {
    match what {
        "replied" => Some(tally.before_any_reminder.replied),
        "no_reply" => Some(tally.silent),
        "bounced" => Some(tally.undelivered.bounced),
        "censored" => Some(tally.open),
        "acked" => Some(tally.acknowledged),
        "delivered" => Some(tally.delivered),
        _ => None,
    }
}

/// Two channels compared on the same companies: the comparison that a study would call primary.
fn paired(rows: &[Observed], about: &About, sides: &str, within: &str, what: &str) -> Option<Vec<f64>> {
    let (left, right) = sides.split_once('~').unwrap();
    let primary = Primary {
        measure: Measure::Replied,
        within: within.parse().unwrap(),
        left: left.to_owned(),
        right: right.to_owned(),
    };
    let about = About { primary: Some(primary), ..about.clone() };
    let comparison = compare(rows, &about).remove(0);
    let table = comparison.pairs;
    match what {
        "table_abcd" => Some([table.both, table.left_only, table.right_only, table.neither].map(f64::from).to_vec()),
        "mcnemar_exact_p" => Some(vec![comparison.p_mcnemar_exact]),
        "signflip_company_p" => Some(vec![comparison.p_sign_flip]),
        "newcombe10" => Some(estimate(comparison.difference.unwrap())),
        _ => None,
    }
}

fn kaplan_meier(rows: &[Observed], tally: &Tally, channel: &str, what: &[&str]) -> Option<Vec<f64>> {
    let latency = tally.before_any_reminder.latency.unwrap();
    let sample = rows.iter().filter(|r| r.channel == channel).filter_map(|r| followed(r, Reading::BeforeAnyReminder));
    let curve = KaplanMeier::fit(sample).unwrap();
    let at = |threshold: &str| threshold.parse::<risposta::model::time::Span>().unwrap().as_secs();
    match what {
        ["n"] => Some(vec![f64::from(latency.followed)]),
        ["events"] => Some(vec![f64::from(latency.replies)]),
        ["max_followup_h"] => Some(vec![latency.followed_hours_max]),
        ["q25"] => Some(vec![hours(latency.first_quartile_hours)]),
        ["median"] => Some(vec![hours(latency.median_hours)]),
        ["q75"] => Some(vec![hours(latency.third_quartile_hours)]),
        ["median_ci_lo"] => Some(vec![hours(latency.median_low_hours.unwrap())]),
        ["median_ci_hi"] => Some(vec![hours(latency.median_high_hours.unwrap())]),
        ["S", threshold] => Some(vec![curve.survival(at(threshold))]),
        ["se_S", threshold] => Some(vec![curve.standard_error(at(threshold)).unwrap()]),
        ["loglog", threshold] => Some(ends(curve.estimate(at(threshold), Confidence::p95()).unwrap().interval)),
        _ => None,
    }
}

fn tally<'c>(card: &'c Scorecard, channel: &str) -> &'c Tally {
    &card.channels.iter().find(|c| c.channel == channel).expect("a channel of the study").tally
}

fn rate(rate: Rate) -> Estimate {
    rate.estimate.expect("a rate of something")
}

fn ends(interval: Interval) -> Vec<f64> {
    vec![interval.low, interval.high]
}

fn estimate(estimate: Estimate) -> Vec<f64> {
    vec![estimate.value, estimate.interval.low, estimate.interval.high]
}

fn hours(reached: Reached) -> f64 {
    match reached {
        Reached::At(seconds) => f64::from(seconds) / 3600.0,
        Reached::NotReached => f64::INFINITY,
    }
}

impl Record {
    fn holds(&self, found: &[f64]) {
        assert_eq!(found.len(), self.expected.len(), "{}", self.id);
        for (found, expected) in found.iter().zip(&self.expected) {
            assert!(self.is_near(*found, *expected), "{}: {found}, expected {expected}", self.id);
        }
    }

    #[allow(clippy::float_cmp, reason = "counts, and infinity, must be equal to the last bit")]
    fn is_near(&self, found: f64, expected: f64) -> bool {
        let off = (found - expected).abs();
        found == expected
            || self.tolerance.split('|').any(|tolerance| match tolerance.split_once(':') {
                Some(("abs", most)) => off <= most.parse().unwrap(),
                Some(("rel", most)) => off <= most.parse::<f64>().unwrap() * expected.abs(),
                _ => false,
            })
    }

    fn is_not_yet(&self) {
        let listed = NOT_YET.iter().any(|kind| self.id.starts_with(kind))
            || NOT_YET_ENDS.iter().any(|kind| self.id.ends_with(kind));
        assert!(listed, "{} is neither computed nor listed as not yet computed", self.id);
    }
}

/// The records that bind: programs agree on them, or only one computes them.
fn records(name: &str) -> Vec<Record> {
    let json = std::fs::read_to_string(path(&format!("{name}.json"))).unwrap();
    let all: Value = serde_json::from_str(&json).unwrap();
    let all = all["records"].as_array().unwrap();
    let binding = all.iter().filter(|r| !["UNDEFINED", "DISAGREE"].contains(&r["status"].as_str().unwrap()));
    binding
        .map(|r| Record {
            id: r["id"].as_str().unwrap().to_owned(),
            expected: r["expected"]
                .as_array()
                .map_or_else(|| vec![number(&r["expected"])], |a| a.iter().map(number).collect()),
            tolerance: r["tolerance"].as_str().unwrap().to_owned(),
        })
        .collect()
}

fn number(value: &Value) -> f64 {
    match value {
        Value::String(word) if word == "inf" => f64::INFINITY,
        Value::Bool(yes) => f64::from(u8::from(*yes)),
        number => number.as_f64().expect("a number"),
    }
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oracles").join(file)
}
