//! Would times tell on which of several channels a company was asked? Where every company is asked in the
//! same order they would, and an edition that puts channels together goes without them.
//!
//! Each question then stands as if it had been asked when the wave began: how long everything took stays; dates,
//! hours and weekdays are gone, and so is the order of a company's questions, in all tables, pictures and files.
//! Of questions still open the time watched is rounded down, which may move curves and quartiles; the page says so.

use super::material::{Inquiry, Material, Quotation};
use super::story::What;
use crate::model::ids::InboundId;
use crate::model::observation::{Observation, Observed};
use crate::model::story::Fate;
use chrono::{DateTime, Utc};
use std::collections::HashMap;

/// The material without dates, where they would tell.
pub(super) fn undated(mut material: Material) -> Material {
    if !material.about.order_confounded || material.changed.merged.is_empty() {
        return material;
    }
    material.changed.dates_hidden = true;
    let start = material.start;
    let spans: Vec<u32> =
        material.about.thresholds.iter().chain([&material.about.window]).map(|span| span.as_secs()).collect();
    for inquiry in &mut material.inquiries {
        move_story(inquiry, start);
        move_row(&mut inquiry.observed, start, &spans);
    }
    for row in material.earlier.iter_mut().flat_map(|wave| &mut wave.rows) {
        move_row(row, start, &spans);
    }
    // How much of a wait lay in opening hours depends on the date.
    material.companies.iter_mut().for_each(|company| company.hours = None);
    material
}

fn move_story(inquiry: &mut Inquiry, start: DateTime<Utc>) {
    let Some(by) = inquiry.observed.asked_at.map(|asked_at| start - asked_at) else { return };
    for mark in &mut inquiry.marks {
        mark.at += by;
        if let What::Promised { due } = &mut mark.what {
            *due = None;
        }
    }
    for promise in &mut inquiry.promises {
        promise.made_at += by;
        promise.due = promise.due.map(|due| due + by);
        if let Fate::Kept { at, .. } = &mut promise.fate {
            *at += by;
        }
    }
}

fn move_row(row: &mut Observed, start: DateTime<Utc>, spans: &[u32]) {
    row.asked_at = row.asked_at.map(|_| start);
    row.position = 0;
    // How long it was watched, up to a moment that everybody knows, tells when it was asked.
    let passed = |seconds: u32| spans.iter().copied().filter(|span| *span <= seconds).max().unwrap_or(0);
    // What is shown of it had been seen by then.
    let seen =
        [row.acknowledged_after, row.adequate_after, row.reminded_after].into_iter().flatten().max().unwrap_or(0);
    let watched = |seconds: u32| passed(seconds).max(seen.min(seconds));
    match &mut row.observation {
        Observation::Answered { latency, observed_for, .. } => *observed_for = watched(*observed_for).max(*latency),
        Observation::Censored { observed_for } => *observed_for = watched(*observed_for),
        Observation::Silent { .. }
        | Observation::Undelivered { .. }
        | Observation::UnknownDelivery { .. }
        | Observation::NotAsked { .. } => {}
    }
}

/// Messages are numbered as they came in: without dates, by where they stand in the edition.
pub(super) fn renumber(material: &mut Material) {
    if !material.changed.dates_hidden {
        return;
    }
    let mut numbers: HashMap<InboundId, InboundId> = HashMap::new();
    let mut renumbered = |id: InboundId| {
        let next = u32::try_from(numbers.len() + 1).unwrap_or(u32::MAX);
        *numbers.entry(id).or_insert(InboundId(next))
    };
    for inquiry in &mut material.inquiries {
        for mark in &mut inquiry.marks {
            if let What::Replied { inbound, .. } = &mut mark.what {
                *inbound = renumbered(*inbound);
            }
        }
        inquiry.hops.iter_mut().for_each(|hop| hop.inbound = renumbered(hop.inbound));
        inquiry.promises.iter_mut().for_each(|promise| promise.inbound = renumbered(promise.inbound));
    }
    for Quotation { inbound, .. } in &mut material.quotations {
        *inbound = renumbered(*inbound);
    }
    material.quotations.sort_by_key(|quotation| quotation.inbound);
    let of_items = material.item_codings.iter_mut().map(|(_, codings)| codings);
    for codings in std::iter::once(&mut material.codings).chain(of_items) {
        for coding in codings.iter_mut() {
            coding.item = coding.item.parse().map_or_else(|_| String::new(), |id| renumbered(id).to_string());
        }
        codings.sort_by(|a, b| (&a.item, &a.rater, &a.code).cmp(&(&b.item, &b.rater, &b.code)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::samples::{DAY, HOUR, row};

    #[test]
    fn a_question_still_open_is_watched_to_a_threshold_and_as_long_as_anything_is_shown_of_it() {
        for (acknowledged_after, watched, told) in
            [(None, 5 * HOUR, 0), (Some(60), 5 * HOUR, 60), (Some(60), 2 * DAY, DAY)]
        {
            let open = row("alfa", "email", Observation::Censored { observed_for: watched });
            let mut open = Observed { acknowledged_after, ..open };
            move_row(&mut open, DateTime::UNIX_EPOCH, &[DAY, 7 * DAY]);
            assert_eq!(open.observation, Observation::Censored { observed_for: told });
        }
    }
}
