//! What may be shown to whom: the one place that decides it, before anything is counted or drawn.

use super::cells::{TooFew, enough_companies, merge_small};
use super::codebook;
use super::material::{CompanyFacts, Inquiry, Material, Quotation};
use super::story::{Mark, What};
use super::undated::{renumber, undated};
use crate::model::ids::InquiryId;
use crate::model::observation::Observed;
use crate::model::study::{Names, Quotations};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Who reads a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// Those who asked: all of it, names and all.
    Team,
    /// One of the companies, beside peers without names.
    Client(String),
    /// Everybody.
    Public,
}

impl Audience {
    /// Its name on the command line and in the data.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Client(_) => "client",
            Self::Public => "public",
        }
    }
}

/// The material as these readers may see it. `secret` is known to the team alone: it mixes the
/// companies before they get their pseudonyms, so that no order gives them away.
///
/// # Errors
/// There is no edition for others than the team where a wave has so few companies that all of them
/// together are fewer than a figure may stand for.
pub fn edition(material: Material, audience: &Audience, secret: &[u8]) -> Result<Material, TooFew> {
    let mut material = material;
    Ok(match audience {
        Audience::Team => material,
        Audience::Client(company) => {
            enough_companies(&material, Some(company))?;
            pair_earlier(&mut material);
            material.quotations.retain(|q| q.approved && q.company == *company);
            material.companies.iter_mut().for_each(|c| c.comment = c.comment.take().filter(|_| c.id == *company));
            // They know their own answers: of a figure, the others are what they learn about.
            without_raters_names(named_only(material, secret, 1, |c| c.id == *company))
        }
        Audience::Public => {
            enough_companies(&material, None)?;
            pair_earlier(&mut material);
            let quoted = material.publish.quotations;
            material.quotations.retain(|q| q.approved && quoted == Quotations::Approved);
            match material.publish.names {
                Names::Shown => {
                    let mut material = undated(merge_small(material, 0));
                    rename_rows(&mut material, &|id| id.to_owned(), false);
                    without_raters_names(material)
                }
                Names::Pseudonyms => without_raters_names(named_only(material, secret, 0, |_| false)),
            }
        }
    })
}

/// All companies but some get pseudonyms, and lose what few of them share.
fn named_only(
    material: Material,
    secret: &[u8],
    known_before: u32,
    keeps_name: impl Fn(&CompanyFacts) -> bool,
) -> Material {
    let mut material = undated(merge_small(material, known_before));
    let pseudonyms = pseudonyms(&material.companies, secret, &keeps_name);
    let renamed = |id: &str| pseudonyms.get(id).cloned().unwrap_or_else(|| id.to_owned());
    coarsen(&mut material, &keeps_name);
    material.companies.iter_mut().filter(|c| !keeps_name(c)).for_each(|company| {
        company.hours = None;
        company.comment = None;
        company.id = renamed(&company.id);
        company.name = company.id.to_uppercase();
    });
    material.companies.sort_by(|a, b| a.id.cmp(&b.id));
    rename_rows(&mut material, &renamed, true);
    material.publish.comments.retain(|id, _| !pseudonyms.contains_key(id.as_str()));
    material.changed.pseudonyms = true;
    // Questions may name what only one of the companies sells; amendments name addresses.
    material.method.questions.clear();
    material.record.amendments.iter_mut().for_each(|amendment| amendment.changes.clear());
    material
}

/// A pseudonym for each company that loses its name: `c01`, `c02`, … in an order that tells nothing.
fn pseudonyms(
    companies: &[CompanyFacts],
    secret: &[u8],
    keeps_name: impl Fn(&CompanyFacts) -> bool,
) -> HashMap<String, String> {
    let mixed = |id: &str| Sha256::new().chain_update(secret).chain_update([0]).chain_update(id).finalize();
    let mut hidden: Vec<&str> = companies.iter().filter(|c| !keeps_name(c)).map(|c| c.id.as_str()).collect();
    hidden.sort_by_cached_key(|id| mixed(id));
    let digits = hidden.len().to_string().len().max(2);
    hidden.into_iter().zip(1..).map(|(id, n)| (id.to_owned(), format!("c{n:0digits$}"))).collect()
}

/// What fewer than the minimum share is left out: by industry, zone or country they could be told.
fn coarsen(material: &mut Material, keeps_name: impl Fn(&CompanyFacts) -> bool) {
    let few = |counts: &BTreeMap<String, u32>, value: &str| {
        counts.get(value).copied().unwrap_or(0) < material.changed.companies_min
    };
    let count = |of: fn(&CompanyFacts) -> Option<String>| {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        material.companies.iter().filter_map(of).for_each(|value| *counts.entry(value).or_default() += 1);
        counts
    };
    let industries = count(|c| c.industry.clone());
    let zones = count(|c| Some(c.timezone.to_string()));
    let lost: Vec<bool> = material
        .companies
        .iter()
        .map(|c| c.industry.as_ref().is_some_and(|industry| few(&industries, industry)) && !keeps_name(c))
        .collect();
    let far: Vec<bool> =
        material.companies.iter().map(|c| few(&zones, &c.timezone.to_string()) && !keeps_name(c)).collect();
    for ((company, lost), far) in material.companies.iter_mut().zip(lost).zip(far) {
        if lost {
            company.industry = None;
        }
        if far {
            company.timezone = chrono_tz::UTC;
        }
        if !keeps_name(company) {
            company.country = None;
        }
    }
    let industry_of: HashMap<String, Option<String>> =
        material.companies.iter().map(|c| (c.id.clone(), c.industry.clone())).collect();
    for inquiry in &mut material.inquiries {
        inquiry.observed.industry = industry_of.get(&inquiry.observed.company).cloned().flatten();
    }
}

/// Gives each row of an earlier wave the id of the inquiry that is its like in this one. Rows without one are
/// numbered: the same in all earlier waves where they are of one inquiry, so that they still make a pair.
fn pair_earlier(material: &mut Material) {
    if material.earlier.is_empty() {
        return;
    }
    let key = |r: &Observed| (r.company.clone(), r.channel.clone(), r.question.clone(), r.repetition);
    let ids: HashMap<_, InquiryId> =
        material.inquiries.iter().map(|i| (key(&i.observed), i.observed.inquiry.clone())).collect();
    let mut alone = HashMap::new();
    for row in material.earlier.iter_mut().flat_map(|wave| &mut wave.rows) {
        let key = key(row);
        row.inquiry = ids.get(&key).cloned().unwrap_or_else(|| {
            let next = alone.len() + 1;
            InquiryId::from(format!("-{}", alone.entry(key).or_insert(next)).as_str())
        });
    }
}

/// Rows follow their companies, stand in the order of time and are numbered in it: an inquiry's id, and
/// its place in the plan, would name a channel that was put together with others. Questions are numbered
/// for each company by itself: which companies were asked the same could tell their trade.
fn rename_rows(material: &mut Material, renamed: &impl Fn(&str) -> String, questions_too: bool) {
    let mut clusters: HashMap<String, String> = HashMap::new();
    let mut questions: HashMap<String, Vec<String>> = HashMap::new();
    let mut new_rows: HashMap<String, Observed> = HashMap::new();
    let mut numbers: HashMap<String, u32> = HashMap::new();
    let mut repeated: HashMap<(String, String, String), u32> = HashMap::new();
    let merged: Vec<String> = material.changed.merged.iter().map(|m| m.as_channel.clone()).collect();
    // The first company of a cluster, in the order of the pseudonyms, gives it its name.
    material.inquiries.sort_by_cached_key(|i| (renamed(&i.observed.company), in_time(i)));
    for inquiry in &mut material.inquiries {
        let row = &mut inquiry.observed;
        let asked = questions.entry(row.company.clone()).or_default();
        let number = asked.iter().position(|q| *q == row.question).unwrap_or_else(|| {
            asked.push(row.question.clone());
            asked.len() - 1
        });
        row.company = renamed(&row.company);
        row.cluster = clusters.entry(row.cluster.clone()).or_insert_with(|| row.company.clone()).clone();
        if questions_too {
            row.question = format!("q{}", number + 1);
        }
        if merged.contains(&row.channel) {
            let key = (row.company.clone(), row.channel.clone(), row.question.clone());
            let times = repeated.entry(key).or_insert(0);
            *times += 1;
            row.repetition = *times;
        }
        let nth = numbers.entry(row.company.clone()).or_insert(0_u32);
        *nth += 1;
        let old = std::mem::replace(&mut row.inquiry, InquiryId::from(format!("{}.{nth}", row.company).as_str()));
        new_rows.insert(old.to_string(), row.clone());
    }
    for Quotation { inquiry, company, .. } in &mut material.quotations {
        *company = renamed(company);
        *inquiry = new_rows.get(inquiry).map(|row| row.inquiry.to_string()).unwrap_or_default();
    }
    let channels: BTreeSet<&str> = material.inquiries.iter().map(|i| i.observed.channel.as_str()).collect();
    let mut former: HashMap<String, String> = HashMap::new();
    for row in material.earlier.iter_mut().flat_map(|wave| &mut wave.rows) {
        if let Some(like) = new_rows.get(row.inquiry.as_str()) {
            called_as(row, like);
        } else {
            let next = format!("former-{}", former.len() + 1);
            let company = if questions.contains_key(&row.company) {
                renamed(&row.company)
            } else {
                former.entry(row.company.clone()).or_insert(next).clone()
            };
            let cluster = clusters.entry(row.cluster.clone()).or_insert_with(|| company.clone()).clone();
            called_alone(row, company, cluster, &channels);
        }
    }
    renumber(material);
}

/// By time; of those at the same time, nothing but what is shown decides.
fn in_time(inquiry: &Inquiry) -> (bool, Option<chrono::DateTime<chrono::Utc>>, [String; 2], String) {
    let row = &inquiry.observed;
    // The number of a message is none of what is shown: it says in which order they came.
    let what = |mark: &Mark| match mark.what {
        What::Replied { adequacy, .. } => format!("{:?}", (mark.after, adequacy, &mark.via)),
        _ => format!("{mark:?}"),
    };
    let marks: Vec<String> = inquiry.marks.iter().map(what).collect();
    let shown = format!("{:?}", (row.observation, row.acknowledged_after, row.adequacy, marks));
    (row.asked_at.is_none(), row.asked_at, [row.channel.clone(), row.question.clone()], shown)
}

/// A row of an earlier wave is called as its like in this one.
fn called_as(row: &mut Observed, like: &Observed) {
    *row = Observed {
        inquiry: like.inquiry.clone(),
        company: like.company.clone(),
        cluster: like.cluster.clone(),
        channel: like.channel.clone(),
        question: like.question.clone(),
        repetition: like.repetition,
        industry: None,
        position: 0,
        ..row.clone()
    };
}

/// One without a like has its number, by which earlier waves make a pair of it, and a channel only where
/// companies are asked on it now: what is gone may have been one company's.
fn called_alone(row: &mut Observed, company: String, cluster: String, channels: &BTreeSet<&str>) {
    row.repetition = row.inquiry.as_str().trim_start_matches('-').parse().unwrap_or(0);
    if !channels.contains(row.channel.as_str()) {
        "-".clone_into(&mut row.channel);
    }
    (row.company, row.cluster) = (company, cluster);
    "-".clone_into(&mut row.question);
    row.inquiry = InquiryId::from("-");
    row.industry = None;
    row.position = 0;
}

/// Raters are the team's own people; and few companies' codings tell of those.
fn without_raters_names(mut material: Material) -> Material {
    codebook::hide_small(&mut material);
    let of_items = material.item_codings.iter().flat_map(|(_, codings)| codings);
    let raters: BTreeSet<String> = material.codings.iter().chain(of_items).map(|c| c.rater.clone()).collect();
    let number = |rater: &str| raters.iter().position(|r| r == rater).unwrap_or(0) + 1;
    let items = material.item_codings.iter_mut().flat_map(|(_, codings)| codings);
    material
        .codings
        .iter_mut()
        .chain(items)
        .for_each(|coding| coding.rater = format!("rater {}", number(&coding.rater)));
    material
}
