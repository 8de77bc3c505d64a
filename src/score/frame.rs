//! By which rules are rows scored, and what are their companies called?

use super::hours::OpeningHours;
use super::stories::Stories;
use super::uncertain::{Uncertain, Unsure};
use crate::model::channel::Channel;
use crate::model::ids::InquiryId;
use crate::model::observation::Observed;
use crate::model::plan::Plan;
use crate::model::state::{InboundState, WaveState};
use crate::model::study::codebook::ADEQUACY;
use crate::model::study::{Order, PerCompany, Primary, Stratify, Study};
use crate::model::time::Span;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// All that the rows themselves do not say.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// What the scorecard repeats.
    pub about: About,
    /// The companies, in the order in which tables list them.
    pub companies: Vec<CompanyLabel>,
    /// Channels that companies offer, and do not.
    pub availability: Vec<Availability>,
    /// When companies are open.
    pub hours: OpeningHours,
    /// How replies were coded, by whom.
    pub codings: Vec<Coding>,
    /// How other items of the codebook were coded, by whom.
    pub item_codings: Vec<(String, Vec<Coding>)>,
    /// The values, in order, of the items whose values have one.
    pub ordered_items: BTreeMap<String, Vec<String>>,
    /// Replies whose adequacy raters coded differently, and nobody has decided.
    pub disputed: u32,
    /// What became of the questions; `None` for a CSV.
    pub stories: Option<Stories>,
    /// What messages that are not sure would change; `None` where all are, and for a CSV.
    pub uncertain: Option<Uncertain>,
    /// What such messages may change, by inquiry.
    pub unsure: BTreeMap<InquiryId, Unsure>,
}

/// How one rater coded one reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coding {
    /// The reply.
    pub item: String,
    /// Who coded it.
    pub rater: String,
    /// As what.
    pub code: String,
}

/// Which study, which wave, as of when, by which rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The study's title, or the file's name.
    pub title: String,
    /// The study's id; `None` for a CSV.
    pub study: Option<String>,
    /// The wave's id; `None` for a CSV.
    pub wave: Option<String>,
    /// Whether it is a rehearsal.
    pub simulated: bool,
    /// Up to when all that came in is counted.
    pub as_of: Option<DateTime<Utc>>,
    /// How long an inquiry is watched.
    pub window: Span,
    /// Times within which a reply is counted, ascending.
    pub thresholds: Vec<Span>,
    /// Channel groups to compare.
    pub groups: Vec<LabelGroup>,
    /// The one confirmatory comparison.
    pub primary: Option<Primary>,
    /// Whether all companies were asked in the same order of channels, so that the order's
    /// effect cannot be told apart from the channel's.
    pub order_confounded: bool,
    /// How companies were assigned to channels, and so how channels are compared.
    #[serde(default)]
    pub design: Compared,
}

/// What a comparison of channels rests on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// The same companies were asked on several channels: each is compared with itself.
    #[default]
    SameCompanies,
    /// Each company was asked on one channel: the companies of one with those of the other.
    ParallelGroups,
    /// The same, within each industry.
    ParallelGroupsByIndustry,
}

/// Channels that are compared as one, by their labels: a CSV may have channels of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelGroup {
    /// Its name.
    pub name: String,
    /// Its channels.
    pub channels: Vec<String>,
}

/// What a company is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyLabel {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its industry.
    pub industry: Option<String>,
}

/// How many companies offer a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// The channel.
    pub channel: String,
    /// Companies that offer it.
    pub offered: u32,
    /// Companies where it was looked for and is not offered.
    pub not_offered: u32,
    /// Companies where nobody looked.
    pub not_looked_for: u32,
}

/// 5 and 15 minutes, 1 and 4 hours, 1, 3, 7 and 14 days.
const CSV_THRESHOLD_SECONDS: [u32; 8] = [300, 900, 3_600, 14_400, 86_400, 259_200, 604_800, 1_209_600];

impl Frame {
    /// The frame of a wave.
    #[must_use]
    pub fn of_plan(plan: &Plan, as_of: DateTime<Utc>) -> Self {
        let study = &plan.study;
        let groups = study.design.compare.iter().map(|group| LabelGroup {
            name: group.name.clone(),
            channels: group.channels.iter().map(ToString::to_string).collect(),
        });
        let companies = study.companies.iter().map(|company| CompanyLabel {
            id: company.id.to_string(),
            name: company.name.clone(),
            industry: company.industry.clone(),
        });
        Self {
            about: About {
                title: study.title.clone(),
                study: Some(study.id.to_string()),
                wave: Some(plan.wave.to_string()),
                simulated: plan.is_simulated(),
                as_of: Some(as_of),
                window: study.design.window,
                thresholds: study.thresholds.clone(),
                groups: groups.collect(),
                primary: study.primary.clone(),
                order_confounded: order_is_confounded(plan),
                design: compared(study),
            },
            companies: companies.collect(),
            availability: availability(study),
            hours: OpeningHours::of_plan(plan, as_of),
            codings: Vec::new(),
            item_codings: Vec::new(),
            ordered_items: BTreeMap::new(),
            disputed: 0,
            stories: None,
            uncertain: None,
            unsure: BTreeMap::new(),
        }
    }

    /// The frame of a wave whose observations are `rows`, with what its raters said and what became
    /// of its questions.
    #[must_use]
    pub fn of_wave(plan: &Plan, state: &WaveState, as_of: DateTime<Utc>, rows: &[Observed]) -> Self {
        let came = |m: &&InboundState| m.duplicate_of.is_none() && m.received.at <= as_of;
        let replies: Vec<&InboundState> = state.inbound.values().filter(came).collect();
        let items = plan.study.codebook.items.iter();
        let disputed = replies.iter().filter(|m| m.is_to_code() && m.is_disputed(ADEQUACY)).count();
        Self {
            codings: codings(&replies, ADEQUACY),
            item_codings: items.map(|item| (item.id.clone(), codings(&replies, &item.id))).collect(),
            ordered_items: plan.study.codebook.ordered(),
            disputed: u32::try_from(disputed).unwrap_or(u32::MAX),
            stories: Some(Stories::of_wave(plan, state, as_of, rows)),
            uncertain: Uncertain::of_wave(plan, state, as_of, rows),
            unsure: Unsure::of_wave(plan, state, as_of, rows),
            ..Self::of_plan(plan, as_of)
        }
    }

    /// Counts replies within these times instead, in whatever order they are named and however often.
    pub fn count_within(&mut self, thresholds: &[Span]) {
        let mut ascending = thresholds.to_vec();
        ascending.sort_unstable();
        ascending.dedup();
        self.about.thresholds = ascending;
    }

    /// The frame of a CSV of observations: the oracles' thresholds, the longest window that a row
    /// has, no groups. All of it may be changed.
    #[must_use]
    pub fn of_csv(title: &str, rows: &[Observed]) -> Self {
        let window = rows.iter().filter_map(|r| r.observation.observed_for()).max().unwrap_or(0);
        let end = |r: &Observed| Some(r.asked_at? + TimeDelta::seconds(i64::from(r.observation.observed_for()?)));
        Self {
            about: About {
                title: title.to_owned(),
                study: None,
                wave: None,
                simulated: false,
                as_of: rows.iter().filter_map(end).max(),
                window: Span::from_secs(window),
                thresholds: CSV_THRESHOLD_SECONDS.map(Span::from_secs).to_vec(),
                groups: Vec::new(),
                primary: None,
                order_confounded: false,
                design: Compared::SameCompanies,
            },
            companies: Vec::new(),
            availability: Vec::new(),
            hours: OpeningHours::default(),
            codings: Vec::new(),
            item_codings: Vec::new(),
            ordered_items: BTreeMap::new(),
            disputed: 0,
            stories: None,
            uncertain: None,
            unsure: BTreeMap::new(),
        }
    }
}

fn codings(replies: &[&InboundState], item: &str) -> Vec<Coding> {
    let of_reply = |message: &&InboundState| {
        let coding = |(rater, code): (&str, &str)| Coding {
            item: message.id.to_string(),
            rater: rater.to_owned(),
            code: code.to_owned(),
        };
        message.codings_of(item).map(coding).collect::<Vec<_>>()
    };
    replies.iter().flat_map(of_reply).collect()
}

fn compared(study: &Study) -> Compared {
    match (study.design.per_company, study.design.stratify) {
        (PerCompany::OneChannel, None) => Compared::ParallelGroups,
        (PerCompany::OneChannel, Some(Stratify::Industry)) => Compared::ParallelGroupsByIndustry,
        (PerCompany::All | PerCompany::OneOfEach | PerCompany::Some(_), _) => Compared::SameCompanies,
    }
}

fn order_is_confounded(plan: &Plan) -> bool {
    let design = &plan.study.design;
    let channels: BTreeSet<Channel> = plan.inquiries.iter().map(|i| i.channel).collect();
    design.order == Order::Listed && design.per_company != PerCompany::OneChannel && channels.len() > 1
}

fn availability(study: &Study) -> Vec<Availability> {
    let companies = u32::try_from(study.companies.len()).unwrap_or(u32::MAX);
    let count = |fits: &dyn Fn(&crate::model::study::Company) -> bool| {
        u32::try_from(study.companies.iter().filter(|c| fits(c)).count()).unwrap_or(u32::MAX)
    };
    Channel::ALL
        .into_iter()
        .filter_map(|channel| {
            let offered = count(&|c| c.contact_points.iter().any(|p| p.channel == channel));
            let not_offered = count(&|c| c.not_offered.contains(&channel));
            (offered + not_offered > 0).then(|| Availability {
                channel: channel.to_string(),
                offered,
                not_offered,
                not_looked_for: companies.saturating_sub(offered + not_offered),
            })
        })
        .collect()
}
