//! The rows of what changed between waves, by channel and by company.

use super::tables::{Cell, cell};
use crate::model::study::Measure;
use crate::report::publish::Publication;
use crate::report::voice::Voice;
use crate::score::waves::{Change, Step, Waves};

/// What changed, step by step.
pub(super) struct WaveTable {
    /// What counts, within how long.
    pub(super) lead: String,
    pub(super) steps: Vec<WaveStep>,
}

pub(super) struct WaveStep {
    pub(super) title: String,
    pub(super) rows: Vec<WaveRow>,
    pub(super) notes: Vec<String>,
    pub(super) companies: Vec<WaveRow>,
}

pub(super) struct WaveRow {
    pub(super) name: String,
    pub(super) before: Cell,
    pub(super) after: Cell,
    pub(super) change: String,
    pub(super) bounds: String,
    pub(super) p: String,
}

pub(super) fn waves(p: &Publication, v: &Voice) -> Option<WaveTable> {
    let waves = p.waves.as_ref()?;
    Some(WaveTable { lead: lead(waves, v), steps: waves.steps.iter().map(|step| wave_step(step, v)).collect() })
}

/// What counts as success in both waves, and within how long.
pub(in crate::report) fn lead(waves: &Waves, v: &Voice) -> String {
    let key = match waves.measure {
        Measure::Replied => "waves-lead-replied",
        Measure::Adequate => "waves-lead-adequate",
    };
    v.of_one(key, "within", &v.span(waves.within))
}

fn wave_step(step: &Step, v: &Voice) -> WaveStep {
    let mut notes: Vec<String> = companies_said(step, v).into_iter().collect();
    if step.unmatched > 0 {
        notes.push(v.n("waves-unmatched", step.unmatched));
    }
    WaveStep {
        title: v.with("table-waves", &[("from", (&step.from).into()), ("to", (&step.to).into())]),
        rows: step.channels.iter().chain(&step.groups).chain(&step.all).map(|c| row(v.side(&c.name), c, v)).collect(),
        notes,
        companies: step
            .companies
            .iter()
            .map(|c| row(crate::report::escape::line(&c.name).into_owned(), c, v))
            .collect(),
    }
}

fn row(name: String, change: &Change, v: &Voice) -> WaveRow {
    let difference = change.result.difference;
    WaveRow {
        name,
        before: cell(&change.before, v),
        after: cell(&change.after, v),
        change: difference.map(|d| v.points(&d)).unwrap_or_default(),
        bounds: difference.map(|d| format!("[{}]", v.range(d.interval))).unwrap_or_default(),
        p: v.decimal(change.result.p_sign_flip, 3),
    }
}

/// How many companies did better, as well, and worse; `None` where none was asked the same in both.
pub(in crate::report) fn companies_said(step: &Step, v: &Voice) -> Option<String> {
    let moved = |c: &Change| c.after.numerator.cmp(&c.before.numerator);
    let count = |how: std::cmp::Ordering| {
        v.count(u32::try_from(step.companies.iter().filter(|c| moved(c) == how).count()).unwrap_or(u32::MAX))
    };
    let all = v.n("companies-n", u32::try_from(step.companies.len()).unwrap_or(u32::MAX));
    (!step.companies.is_empty()).then(|| {
        v.with(
            "waves-companies",
            &[
                ("companies", (&all).into()),
                ("better", (&count(std::cmp::Ordering::Greater)).into()),
                ("equal", (&count(std::cmp::Ordering::Equal)).into()),
                ("worse", (&count(std::cmp::Ordering::Less)).into()),
            ],
        )
    })
}
