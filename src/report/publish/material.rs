//! What is known of a wave: all that a report is made of, and nothing that points at our own accounts.
//!
//! Everything shown anywhere is computed from this one value. Redacted for its readers
//! ([`mod@super::edition`]) it is also the bundle from which others rebuild every number.

use super::cells::{hide_small, hide_small_changes};
use super::codebook::{self, ItemTold};
use super::story::{self, Mark};
use crate::model::channel::Channel;
use crate::model::event::Adequacy;
use crate::model::ids::InboundId;
use crate::model::observation::{Observed, observe_all};
use crate::model::plan::Plan;
use crate::model::state::WaveState;
use crate::model::story::{Hop, PromiseTold, Story, stories};
use crate::model::study::{Cost, Design, Publish, Rules, Sample};
use crate::score::frame::{Coding, CompanyLabel};
use crate::score::hours::OpeningHours;
use crate::score::stories::Stories;
use crate::score::uncertain::Unsure;
use crate::score::waves::{self, Waves, compare_waves};
use crate::score::{About, Availability, Frame, SIMULATED, Scorecard, score};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the bundle's JSON.
pub const BUNDLE_FORMAT: u32 = 1;

/// All that is known of a wave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Material {
    /// Version of this format: [`BUNDLE_FORMAT`].
    pub format: u32,
    /// Risposta's version.
    pub risposta: String,
    /// Says SIMULATED where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
    /// Which study, which wave, as of when, by which rules.
    pub about: About,
    /// The language of the questions.
    pub language: String,
    /// No message left before this moment.
    pub start: DateTime<Utc>,
    /// Who was asked.
    pub companies: Vec<CompanyFacts>,
    /// What each inquiry came to, and what happened on the way.
    pub inquiries: Vec<Inquiry>,
    /// How replies were coded, by whom.
    pub codings: Vec<Coding>,
    /// How other items of the codebook were coded, by whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub item_codings: Vec<(String, Vec<Coding>)>,
    /// The values, in order, of the items whose values have one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ordered_items: BTreeMap<String, Vec<String>>,
    /// Replies whose adequacy raters coded differently, and nobody has decided.
    #[serde(default)]
    pub disputed: u32,
    /// What the codebook asks about replies, and how they are coded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codebook: Vec<ItemTold>,
    /// How it was done.
    pub method: Method,
    /// By which record it can be checked.
    pub record: Record,
    /// Quotations that a person proposed or approved.
    pub quotations: Vec<Quotation>,
    /// What may be published.
    pub publish: Publish,
    /// Earlier waves of the study, in their order, that this one is held against.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Earlier>,
    /// What was changed for these readers; nothing for the team.
    #[serde(default)]
    pub changed: Changed,
}

/// An earlier wave: all that a change is computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Earlier {
    /// Its id.
    pub wave: String,
    /// Whether it is a rehearsal.
    pub simulated: bool,
    /// What its inquiries came to.
    pub rows: Vec<Observed>,
}

/// A company, as a report needs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyFacts {
    /// Its id.
    pub id: String,
    /// Its name: a stranger's text.
    pub name: String,
    /// Its industry.
    pub industry: Option<String>,
    /// Its time zone.
    pub timezone: chrono_tz::Tz,
    /// Its opening hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<String>,
    /// Its country, for public holidays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Channels that it offers.
    pub offers: Vec<String>,
    /// Channels that were looked for and are not offered.
    pub lacks: Vec<String>,
    /// What asking costs a customer, by channel, where somebody looked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub costs: BTreeMap<String, Cost>,
    /// What it says about the results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// An inquiry: what it came to, and what happened on the way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inquiry {
    /// What it came to.
    #[serde(flatten)]
    pub observed: Observed,
    /// What happened, by time.
    pub marks: Vec<Mark>,
    /// Where replies sent the asker.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<Hop>,
    /// What was promised, and what became of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub promises: Vec<PromiseTold>,
    /// What a message that nobody could be sure of may change; in every edition, since the comparison with
    /// each doubt settled is made from it. Which message it is, only the team's files say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsure: Option<Unsure>,
}

/// How the study was done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// Why it was done.
    pub purpose: String,
    /// Who approved it.
    pub approval: Option<String>,
    /// Most messages that a company gets.
    pub messages_per_company_max: u32,
    /// How the companies were chosen.
    pub sample: Option<Sample>,
    /// How companies, channels and moments are combined.
    pub design: Design,
    /// What was decided in advance.
    pub rules: Rules,
    /// What was asked, by question: subject and text of the first wording, as templates.
    pub questions: Vec<Asked>,
}

/// A question as the study words it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Its id.
    pub question: String,
    /// The text's template.
    pub text: String,
    /// What a full answer contains.
    pub answer_has: Vec<String>,
}

/// By which record the numbers can be checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// SHA-256 of the plan that holds, amendments included.
    pub plan_sha256: Option<String>,
    /// The last hash of the journal's chain.
    pub journal_root: Option<String>,
    /// Number of events in the journal.
    pub events: u64,
    /// What was changed after the plan was made.
    pub amendments: Vec<Amendment>,
}

/// A change of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amendment {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub why: String,
    /// What changed, line by line.
    pub changes: Vec<String>,
}

/// Words of a reply that a person chose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quotation {
    /// The reply.
    pub inbound: InboundId,
    /// The inquiry that it answers.
    pub inquiry: String,
    /// The company's id.
    pub company: String,
    /// The channel it came on.
    pub via: String,
    /// Its words, redacted.
    pub text: String,
    /// How the reply is coded.
    pub adequacy: Option<Adequacy>,
    /// Whether a person approved them for the public.
    pub approved: bool,
}

/// What was changed for these readers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Whether companies have pseudonyms.
    pub pseudonyms: bool,
    /// Channels that were put together because too few companies were asked on each.
    pub merged: Vec<Merged>,
    /// Fewest companies behind a figure.
    pub companies_min: u32,
    /// Whether dates are left out: each question stands as if it had been asked when the wave began.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dates_hidden: bool,
}

/// Channels that were put together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// What they are called together.
    pub as_channel: String,
    /// Their names.
    pub channels: Vec<String>,
}

impl Inquiry {
    /// Its turns; `None` where it was not asked.
    fn story(&self) -> Option<Story> {
        Some(Story {
            inquiry: self.observed.inquiry.clone(),
            channel: self.observed.channel.parse().unwrap_or(Channel::Email),
            asked_at: self.observed.asked_at?,
            steps: Vec::new(),
            hops: self.hops.clone(),
            promises: self.promises.clone(),
            late_reply: None,
        })
    }
}

impl Material {
    /// All that is known of a wave as of `as_of`; names and words as they are.
    #[must_use]
    pub fn of_wave(
        plan: &Plan,
        state: &WaveState,
        as_of: DateTime<Utc>,
        record: Record,
        quotations: Vec<Quotation>,
    ) -> Self {
        let study = &plan.study;
        let rows = observe_all(plan, state, as_of);
        let frame = Frame::of_wave(plan, state, as_of, &rows);
        let companies = study.companies.iter().map(|company| CompanyFacts {
            id: company.id.to_string(),
            name: company.name.clone(),
            industry: company.industry.clone(),
            timezone: company.timezone,
            hours: company.hours.clone(),
            country: company.country.clone(),
            offers: company.contact_points.iter().map(|point| point.channel.to_string()).collect(),
            lacks: company.not_offered.iter().map(ToString::to_string).collect(),
            costs: company
                .contact_points
                .iter()
                .filter_map(|point| Some((point.channel.to_string(), point.cost.clone()?)))
                .collect(),
            comment: study.publish.comments.get(&company.id).cloned(),
        });
        let mut told = stories(plan, state, as_of).peekable();
        let inquiries = rows.into_iter().zip(&state.inquiries).map(|(observed, inquiry)| {
            let story = told.next_if(|story| story.inquiry == observed.inquiry);
            let (hops, promises) = story.map(|story| (story.hops, story.promises)).unwrap_or_default();
            let unsure = frame.unsure.get(&observed.inquiry).copied();
            let mut inquiry_told = Inquiry { observed, marks: Vec::new(), hops, promises, unsure };
            inquiry_told.marks = story::marks(&inquiry_told, state, inquiry, study.design.window, as_of);
            inquiry_told
        });
        Self {
            format: BUNDLE_FORMAT,
            risposta: env!("CARGO_PKG_VERSION").to_owned(),
            notice: plan.is_simulated().then(|| SIMULATED.to_owned()),
            about: frame.about,
            language: study.language.clone(),
            start: plan.start,
            companies: companies.collect(),
            inquiries: inquiries.collect(),
            codings: frame.codings,
            item_codings: frame.item_codings,
            ordered_items: frame.ordered_items,
            disputed: frame.disputed,
            codebook: codebook::told(plan, state, as_of),
            method: Method {
                purpose: study.conduct.purpose.clone(),
                approval: study.conduct.approval.clone(),
                messages_per_company_max: study.conduct.max_messages_per_company,
                sample: study.sample.clone(),
                design: study.design.clone(),
                rules: study.rules.clone(),
                questions: study.questions.iter().map(asked).collect(),
            },
            record,
            quotations,
            publish: study.publish.clone(),
            earlier: Vec::new(),
            changed: Changed::default(),
        }
    }

    /// What the inquiries came to.
    #[must_use]
    pub fn rows(&self) -> Vec<Observed> {
        self.inquiries.iter().map(|inquiry| inquiry.observed.clone()).collect()
    }

    /// By which rules they are scored.
    #[must_use]
    pub fn frame(&self) -> Frame {
        let label =
            |c: &CompanyFacts| CompanyLabel { id: c.id.clone(), name: c.name.clone(), industry: c.industry.clone() };
        let end = self.about.as_of.unwrap_or(self.start) + self.about.window.delta();
        let places = self.companies.iter().filter_map(|c| {
            let place = (c.hours.as_deref()?, c.timezone, c.country.as_deref());
            Some((c.id.as_str(), place))
        });
        Frame {
            about: self.about.clone(),
            companies: self.companies.iter().map(label).collect(),
            availability: self.availability(),
            hours: OpeningHours::of(places, self.start, end),
            codings: self.codings.clone(),
            item_codings: self.item_codings.clone(),
            ordered_items: self.ordered_items.clone(),
            disputed: self.disputed,
            stories: Some(Stories::of(self.inquiries.iter().map(|i| (&i.observed, i.story())))),
            // Messages and those in review are counted from the wave's own record alone; that an inquiry has
            // one that is not sure is all that the comparison below needs.
            uncertain: None,
            unsure: self.inquiries.iter().filter_map(|i| Some((i.observed.inquiry.clone(), i.unsure?))).collect(),
        }
    }

    /// The numbers.
    #[must_use]
    pub fn score(&self) -> Scorecard {
        let mut card = score(&self.rows(), &self.frame());
        if self.changed.dates_hidden {
            card.badges.clear();
        }
        hide_small(&mut card, self.changed.companies_min);
        card
    }

    /// What changed since the earlier waves; `None` where there is none. The rules of this wave hold for all.
    #[must_use]
    pub fn changes(&self) -> Option<Waves> {
        let (rows, frame) = (self.rows(), self.frame());
        let frames: Vec<Frame> = self
            .earlier
            .iter()
            .map(|wave| {
                let mut frame = frame.clone();
                frame.about.simulated = wave.simulated;
                frame
            })
            .collect();
        let earlier = self.earlier.iter().zip(&frames);
        let mut waves: Vec<waves::Wave<'_>> =
            earlier.map(|(wave, frame)| waves::Wave { name: wave.wave.clone(), rows: &wave.rows, frame }).collect();
        let name = self.about.wave.clone().unwrap_or_default();
        waves.push(waves::Wave { name, rows: &rows, frame: &frame });
        let mut changes = compare_waves(&waves)?;
        hide_small_changes(&mut changes, self.changed.companies_min);
        Some(changes)
    }

    /// Every channel that is offered, looked for or asked on, in the order in which tables list them.
    #[must_use]
    pub fn channels(&self) -> Vec<String> {
        let named = self.companies.iter().flat_map(|c| c.offers.iter().chain(&c.lacks));
        let asked = self.inquiries.iter().map(|i| &i.observed.channel);
        let mut channels: Vec<String> = named.chain(asked).cloned().collect();
        channels.sort_by_cached_key(|name| (crate::score::channel_rank(name), name.clone()));
        channels.dedup();
        channels
    }

    fn availability(&self) -> Vec<Availability> {
        let count = |fits: &dyn Fn(&CompanyFacts) -> bool| {
            u32::try_from(self.companies.iter().filter(|c| fits(c)).count()).unwrap_or(u32::MAX)
        };
        let companies = count(&|_| true);
        let of = |channel: String| {
            let offered = count(&|c| c.offers.contains(&channel));
            let not_offered = count(&|c| c.lacks.contains(&channel));
            let not_looked_for = companies.saturating_sub(offered + not_offered);
            (offered + not_offered > 0).then_some(Availability { channel, offered, not_offered, not_looked_for })
        };
        self.channels().into_iter().filter_map(of).collect()
    }
}

fn asked(question: &crate::model::study::Question) -> Asked {
    Asked {
        question: question.id.to_string(),
        text: question.wordings.first().map(|wording| wording.text.clone()).unwrap_or_default(),
        answer_has: question.answer_has.clone(),
    }
}
