//! Inquiries and companies as lines of a table that somebody may open in a spreadsheet.

use super::codebook::{COMPANIES, INQUIRIES, Table};
use crate::model::observation::{Observation, Observed};
use crate::report::escape;
use crate::report::publish::Material;
use chrono::{DateTime, TimeDelta, Utc};

/// The inquiries.
pub(super) fn inquiries(material: &Material, simulated: bool) -> String {
    sheet_of(material.inquiries.iter().map(|inquiry| &inquiry.observed), simulated)
}

fn sheet_of<'o>(rows: impl Iterator<Item = &'o Observed>, simulated: bool) -> String {
    let mut sheet = header(&INQUIRIES);
    rows.for_each(|row| line(&mut sheet, &inquiry_fields(row), simulated));
    sheet
}

fn inquiry_fields(row: &Observed) -> Vec<String> {
    let after = |seconds: u32| row.asked_at.map(|at| at + TimeDelta::seconds(i64::from(seconds)));
    let time = |at: Option<DateTime<Utc>>| at.map(|at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default();
    let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    let (came_to, why, latency) = told(row.observation);
    let bounced = match row.observation {
        Observation::Undelivered { after, .. } => Some(after),
        _ => None,
    };
    let observed = row.observation.observed_for().or(bounced);
    let outcome = match row.observation {
        Observation::Answered { .. } => "replied",
        Observation::Silent { .. } => "no_reply",
        Observation::Censored { .. } => "censored",
        Observation::Undelivered { .. } if row.asked_at.is_some() => "bounced",
        Observation::Undelivered { .. } | Observation::UnknownDelivery { .. } | Observation::NotAsked { .. } => "",
    };
    vec![
        row.inquiry.to_string(),
        row.company.clone(),
        row.cluster.clone(),
        row.industry.clone().unwrap_or_default(),
        row.channel.clone(),
        row.question.clone(),
        row.repetition.to_string(),
        row.position.to_string(),
        time(row.asked_at),
        time(observed.and_then(after)),
        time(row.acknowledged_after.and_then(after)),
        time(latency.and_then(after)),
        outcome.to_owned(),
        row.adequacy.map(|a| a.name().to_owned()).unwrap_or_default(),
        came_to.to_owned(),
        why,
        number(latency),
        number(row.observation.observed_for()),
        number(row.adequate_after),
        number(row.reminded_after),
        row.uncoded_replies.to_string(),
    ]
}

/// What an inquiry came to, why, and after how long a reply came.
fn told(observation: Observation) -> (&'static str, String, Option<u32>) {
    let word = |value: serde_json::Result<serde_json::Value>| {
        value.ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    };
    match observation {
        Observation::Answered { latency, .. } => ("answered", String::new(), Some(latency)),
        Observation::Silent { .. } => ("silent", String::new(), None),
        Observation::Censored { .. } => ("censored", String::new(), None),
        Observation::Undelivered { reason, .. } => ("undelivered", word(serde_json::to_value(reason)), None),
        Observation::UnknownDelivery { reason } => ("unknown_delivery", word(serde_json::to_value(reason)), None),
        Observation::NotAsked { reason } => ("not_asked", word(serde_json::to_value(reason)), None),
    }
}

/// The companies.
pub(super) fn companies(material: &Material, simulated: bool) -> String {
    let mut sheet = header(&COMPANIES);
    for company in &material.companies {
        let fields = [
            company.id.clone(),
            company.name.clone(),
            company.industry.clone().unwrap_or_default(),
            company.timezone.to_string(),
            company.offers.join(";"),
            company.lacks.join(";"),
        ];
        line(&mut sheet, &fields, simulated);
    }
    sheet
}

fn header(table: &Table) -> String {
    let names: Vec<&str> = table.fields.iter().map(|(name, ..)| *name).collect();
    names.join(",") + "\n"
}

fn line(sheet: &mut String, fields: &[String], simulated: bool) {
    for field in fields {
        sheet.push_str(&escape::csv_field(field));
        sheet.push(',');
    }
    sheet.push_str(if simulated { "SIMULATED\n" } else { "\n" });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::Adequacy;
    use crate::model::observation::{NotAskedReason, UndeliveredReason};
    use crate::score::csv::observed;
    use crate::score::samples::{self, DAY, HOUR};

    /// A study in miniature, with all that a table can say of an inquiry.
    fn rows() -> Vec<Observed> {
        let (mut rows, _) = samples::study();
        // What comes back had a time when it was taken.
        let asked_at = samples::silent("a", "email").asked_at;
        for row in &mut rows {
            row.asked_at = row.asked_at.or_else(|| asked_at.filter(|_| bounced(row)));
        }
        let unlike = |row: Observed, question: &str| Observed {
            inquiry: format!("{}.{}.{question}.1", row.company, row.channel).as_str().into(),
            question: question.to_owned(),
            industry: Some("food, drink".to_owned()),
            cluster: "holding".to_owned(),
            ..row
        };
        let refused = Observation::Undelivered { reason: UndeliveredReason::Refused, after: 0 };
        let reminded = |row, after| Observed { reminded_after: Some(after), ..row };
        let of_first_reply = samples::coded("zeta", "email", HOUR, Adequacy::Answered);
        rows.extend([
            unlike(samples::row("zeta", "email", refused), "refused"),
            unlike(samples::row("zeta", "email", Observation::NotAsked { reason: NotAskedReason::Late }), "late"),
            unlike(reminded(samples::silent("zeta", "email"), 7 * DAY), "reminded"),
            unlike(reminded(of_first_reply.clone(), 7 * DAY), "reminded in vain"),
            unlike(
                reminded(Observed { acknowledged_after: Some(8 * DAY), ..samples::silent("zeta", "email") }, 7 * DAY),
                "acknowledged after a reminder",
            ),
            unlike(Observed { adequate_after: Some(9 * DAY), ..reminded(of_first_reply, 7 * DAY) }, "adequate later"),
            unlike(Observed { uncoded_replies: 3, ..samples::answered("zeta", "email", HOUR) }, "three to code"),
            unlike(Observed { uncoded_replies: 0, ..samples::answered("zeta", "email", HOUR) }, "called back"),
        ]);
        rows
    }

    const fn bounced(row: &Observed) -> bool {
        matches!(row.observation, Observation::Undelivered { reason: UndeliveredReason::Bounced, .. })
    }

    #[test]
    fn all_that_is_scored_can_be_read_again() {
        let rows = rows();
        let table = samples::read(&sheet_of(rows.iter(), true));
        assert_eq!((table.is_simulated(), table.left_out()), (true, 0));
        for (read, row) in observed(&table).iter().zip(&rows) {
            assert_eq!(read, row);
        }
        assert_eq!(table.rows().len(), rows.len());
    }
}
