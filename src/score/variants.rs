//! Would the comparison say the same if what is not known were known? Each kind of doubt settled at both
//! ends, and the same comparison made again.

use super::comparison::parallel::compare_groups;
use super::comparison::{Paired, compare};
use super::frame::{About, Frame};
use super::rate::Rate;
use super::uncertain::Unsure;
use crate::model::event::Adequacy;
use crate::model::observation::{Observation, Observed, UndeliveredReason};
use crate::model::study::Measure;
use crate::stats::Estimate;
use serde::{Deserialize, Serialize};

/// The comparison with one kind of doubt settled in one way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Variant {
    /// What is settled, and how.
    pub settled: Settled,
    /// Inquiries that it settles.
    pub inquiries: u32,
    /// Companies that are compared.
    pub companies: u32,
    /// One side.
    pub left: Rate,
    /// The other.
    pub right: Rate,
    /// Left minus right.
    pub difference: Option<Estimate>,
    /// The exact test's p, where there is one.
    pub p: Option<f64>,
    /// Whether the data show a difference then.
    pub is_shown: bool,
}

/// What is settled, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// Nothing: as it is counted.
    AsCounted,
    /// Messages of unknown delivery had arrived, and stayed without a reply.
    UnknownSilent,
    /// They had not arrived.
    UnknownUndelivered,
    /// They had been answered at once.
    UnknownAnswered,
    /// Inquiries that were not followed to the end stayed without a reply.
    OpenSilent,
    /// They were answered at once.
    OpenAnswered,
    /// No message that may be something else was a reply.
    UnsureNone,
    /// Every message that may be a reply was one.
    UnsureAll,
}

impl Settled {
    /// All, in the order in which they are told.
    pub const ALL: [Self; 8] = [
        Self::AsCounted,
        Self::UnknownSilent,
        Self::UnknownUndelivered,
        Self::UnknownAnswered,
        Self::OpenSilent,
        Self::OpenAnswered,
        Self::UnsureNone,
        Self::UnsureAll,
    ];

    /// Its name in the catalogues of words; in data it is written with `_`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AsCounted => "as-counted",
            Self::UnknownSilent => "unknown-silent",
            Self::UnknownUndelivered => "unknown-undelivered",
            Self::UnknownAnswered => "unknown-answered",
            Self::OpenSilent => "open-silent",
            Self::OpenAnswered => "open-answered",
            Self::UnsureNone => "unsure-none",
            Self::UnsureAll => "unsure-all",
        }
    }

    fn concerns(self, row: &Observed, unsure: Option<Unsure>) -> bool {
        match self {
            Self::AsCounted => false,
            Self::UnknownSilent | Self::UnknownUndelivered | Self::UnknownAnswered => {
                matches!(row.observation, Observation::UnknownDelivery { .. })
            }
            Self::OpenSilent | Self::OpenAnswered => matches!(row.observation, Observation::Censored { .. }),
            Self::UnsureNone => unsure == Some(Unsure::MayBeNone),
            Self::UnsureAll => unsure == Some(Unsure::MayBeReply),
        }
    }

    fn settle(self, row: &Observed, window: u32) -> Observed {
        match self {
            Self::AsCounted => row.clone(),
            Self::UnknownSilent | Self::OpenSilent => without_reply(row, Observation::Silent { window }),
            // Without that reply it was followed as long as it was, and no longer.
            Self::UnsureNone => match row.observation {
                Observation::Answered { observed_for, .. } if observed_for < window => {
                    without_reply(row, Observation::Censored { observed_for })
                }
                _ => without_reply(row, Observation::Silent { window }),
            },
            Self::UnknownUndelivered => {
                let reason = UndeliveredReason::NeverTaken;
                without_reply(row, Observation::Undelivered { reason, after: 0 })
            }
            Self::UnknownAnswered | Self::OpenAnswered | Self::UnsureAll => Observed {
                observation: Observation::Answered { latency: 0, after_reminder: false, observed_for: window },
                adequate_after: Some(0),
                adequacy: Some(Adequacy::Answered),
                uncoded_replies: 0,
                ..row.clone()
            },
        }
    }
}

fn without_reply(row: &Observed, observation: Observation) -> Observed {
    Observed { observation, adequate_after: None, adequacy: None, uncoded_replies: 0, ..row.clone() }
}

/// The comparison that is told, as counted and with each doubt settled; nothing where there is no doubt, or
/// nothing is compared. `measure`: what that comparison counts.
#[must_use]
pub fn variants(rows: &[Observed], frame: &Frame, measure: Option<Measure>) -> Vec<Variant> {
    let Some(measure) = measure else { return Vec::new() };
    let window = frame.about.window.as_secs();
    let unsure = |row: &Observed| frame.unsure.get(&row.inquiry).copied();
    let made: Vec<Variant> = Settled::ALL
        .into_iter()
        .filter_map(|settled| {
            let concerned = rows.iter().filter(|row| settled.concerns(row, unsure(row))).count();
            if concerned == 0 && settled != Settled::AsCounted {
                return None;
            }
            let settle = |row: &Observed| {
                if settled.concerns(row, unsure(row)) { settled.settle(row, window) } else { row.clone() }
            };
            let inquiries = u32::try_from(concerned).unwrap_or(u32::MAX);
            Some(Variant {
                settled,
                inquiries,
                ..made_again(&rows.iter().map(settle).collect::<Vec<_>>(), &frame.about, measure)?
            })
        })
        .collect();
    if made.len() > 1 { made } else { Vec::new() }
}

fn made_again(rows: &[Observed], about: &About, measure: Measure) -> Option<Variant> {
    let (settled, inquiries) = (Settled::AsCounted, 0);
    if let Some(groups) = compare_groups(rows, about).into_iter().find(|g| g.measure == measure) {
        let is_shown = groups.is_shown();
        let companies = groups.companies();
        let (left, right, difference) = (groups.left.rate, groups.right.rate, groups.difference);
        return Some(Variant { settled, inquiries, companies, left, right, difference, p: None, is_shown });
    }
    if about.design != super::frame::Compared::SameCompanies {
        return None;
    }
    let told = compare(rows, about).into_iter().find(|c| c.measure == measure)?;
    let Paired { companies, difference, p_sign_flip, .. } = told.result;
    let (left, right, is_shown) = (told.left.rate, told.right.rate, told.result.is_shown());
    Some(Variant { settled, inquiries, companies, left, right, difference, p: Some(p_sign_flip), is_shown })
}

#[cfg(test)]
mod tests {
    use super::super::samples::{DAY, HOUR, answered, frame, open, silent};
    use super::super::{LabelGroup, score};
    use super::*;
    use crate::model::observation::UnknownReason;

    #[test]
    fn each_doubt_is_settled_at_both_ends_and_nothing_else_moves() {
        let unknown = Observed {
            observation: Observation::UnknownDelivery { reason: UnknownReason::InDoubt },
            ..silent("d", "chat")
        };
        let rows = [
            silent("a", "email"),
            answered("a", "chat", HOUR),
            silent("b", "email"),
            answered("b", "chat", HOUR),
            silent("c", "email"),
            open("c", "chat", 30),
            silent("d", "email"),
            unknown,
        ];
        let mut frame = frame(&rows);
        frame.about.groups = [("own", "email"), ("outside", "chat")]
            .map(|(name, channel)| LabelGroup { name: name.to_owned(), channels: vec![channel.to_owned()] })
            .into();
        frame.unsure.insert(rows[1].inquiry.clone(), Unsure::MayBeNone);
        let told: Vec<_> = score(&rows, &frame)
            .variants
            .iter()
            .map(|v| (v.settled.name(), v.inquiries, v.companies, v.right.numerator))
            .collect();
        assert_eq!(
            told,
            [
                ("as-counted", 0, 2, 2),
                ("unknown-silent", 1, 3, 2),
                ("unknown-undelivered", 1, 2, 2),
                ("unknown-answered", 1, 3, 3),
                ("open-silent", 1, 3, 2),
                ("open-answered", 1, 3, 3),
                ("unsure-none", 1, 2, 1),
            ]
        );
        // What was followed for three days was not silent for the whole window.
        let observation = Observation::Answered { latency: 60, after_reminder: false, observed_for: 3 * DAY };
        let young =
            Settled::UnsureNone.settle(&Observed { observation, ..rows[1].clone() }, frame.about.window.as_secs());
        assert_eq!(young.observation, Observation::Censored { observed_for: 3 * DAY });
        frame.unsure.clear();
        let sure = [silent("a", "email"), answered("a", "chat", HOUR)];
        assert_eq!(score(&sure, &frame).variants, []);
    }
}
