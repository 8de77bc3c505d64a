//! Inquiries and companies as lines of a table that somebody may open in a spreadsheet.

use super::codebook::{COMPANIES, INQUIRIES, Table};
use crate::model::observation::{Observation, Observed};
use crate::report::escape;
use crate::report::publish::Material;
use chrono::{DateTime, TimeDelta, Utc};

/// The inquiries.
pub(super) fn inquiries(material: &Material, simulated: bool) -> String {
    let mut sheet = header(&INQUIRIES);
    for inquiry in &material.inquiries {
        line(&mut sheet, &inquiry_fields(&inquiry.observed), simulated);
    }
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
