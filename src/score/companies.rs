//! Which companies answered, and where?

use super::card::CompanyScore;
use super::frame::{CompanyLabel, Frame};
use super::tally::{Reading, Tally, replied_after};
use crate::model::channel::Channel;
use crate::model::observation::{Observation, Observed};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// A company in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyRef {
    /// Its id.
    pub company: String,
    /// Its name: a stranger's text.
    pub name: String,
    /// Inquiries delivered to it, and none replied to.
    pub delivered: u32,
    /// Of these, how many are not yet watched to the end of the window.
    pub open: u32,
}

/// A company that answers, but not through its own form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideOnly {
    /// The company, with what was delivered through its form.
    #[serde(flatten)]
    pub form: CompanyRef,
    /// The outside channels on which it answered.
    pub answered_on: Vec<String>,
}

/// A company with its rows.
pub type CompanyRows<'r> = (CompanyLabel, Vec<&'r Observed>);

/// Counts and rates of each company.
#[must_use]
pub fn scores(companies: &[CompanyRows<'_>], frame: &Frame) -> Vec<CompanyScore> {
    let score = |(label, rows): &CompanyRows<'_>| CompanyScore {
        company: label.id.clone(),
        name: label.name.clone(),
        industry: label.industry.clone(),
        tally: Tally::of(rows, frame),
    };
    companies.iter().map(score).collect()
}

/// Companies to which something was delivered and which replied to nothing, reminders or not.
#[must_use]
pub fn answered_nowhere(companies: &[CompanyRows<'_>]) -> Vec<CompanyRef> {
    let unanswered = |(label, rows): &CompanyRows<'_>| CompanyRef::unanswered(label, rows.iter().copied());
    companies.iter().filter_map(unanswered).collect()
}

/// Companies that replied to nothing through their own web form and to something outside.
#[must_use]
pub fn answered_outside_only(companies: &[CompanyRows<'_>], frame: &Frame) -> Vec<OutsideOnly> {
    let own = own_channels(frame);
    let outside_only = |(label, rows): &CompanyRows<'_>| {
        let form = CompanyRef::unanswered(label, rows.iter().copied().filter(|r| r.channel == FORM))?;
        let replied = rows.iter().filter(|r| replied(r) && !own.contains(r.channel.as_str()));
        let channels: BTreeSet<&str> = replied.map(|r| r.channel.as_str()).collect();
        (!channels.is_empty())
            .then(|| OutsideOnly { form, answered_on: channels.into_iter().map(str::to_owned).collect() })
    };
    companies.iter().filter_map(outside_only).collect()
}

const FORM: &str = Channel::WebForm.name();

/// The company's own channels: the group of the study that holds the web form; without such a
/// group what always belongs to the company.
fn own_channels(frame: &Frame) -> BTreeSet<&str> {
    let group = frame.about.groups.iter().find(|group| group.channels.iter().any(|c| c == FORM));
    group.map_or_else(
        || [Channel::Email, Channel::WebForm, Channel::Phone].map(Channel::name).into(),
        |group| group.channels.iter().map(String::as_str).collect(),
    )
}

impl CompanyRef {
    fn unanswered<'r>(label: &CompanyLabel, rows: impl Iterator<Item = &'r Observed>) -> Option<Self> {
        let (mut delivered, mut open) = (0, 0);
        for row in rows.filter(|r| r.observation.is_delivered()) {
            if replied(row) {
                return None;
            }
            delivered += 1;
            open += u32::from(matches!(row.observation, Observation::Censored { .. }));
        }
        (delivered > 0).then(|| Self { company: label.id.clone(), name: label.name.clone(), delivered, open })
    }
}

fn replied(row: &Observed) -> bool {
    replied_after(row, Reading::WithReminders).is_some()
}

/// What each company is called.
pub(super) fn labels(frame: &Frame) -> HashMap<&str, &CompanyLabel> {
    frame.companies.iter().map(|label| (label.id.as_str(), label)).collect()
}

/// Each company's rows: in the study's order, then by id.
#[must_use]
pub fn by_company<'r>(rows: &'r [Observed], frame: &Frame) -> Vec<CompanyRows<'r>> {
    let rank: HashMap<&str, usize> = frame.companies.iter().enumerate().map(|(i, c)| (c.id.as_str(), i)).collect();
    let place =
        |row: &'r Observed| (rank.get(row.company.as_str()).copied().unwrap_or(usize::MAX), row.company.as_str());
    super::grouped(rows, place)
        .into_iter()
        .map(|((place, id), rows)| {
            let label = frame.companies.get(place).cloned().unwrap_or_else(|| CompanyLabel {
                id: id.to_owned(),
                name: id.to_owned(),
                industry: rows.iter().filter_map(|r| r.industry.clone()).min(),
            });
            (label, rows)
        })
        .collect()
}
