//! Which channels a company is asked on, by which persona, in which wording: balanced by design,
//! not by luck.
//!
//! Each choice takes what was used least so far (minimisation, after Pocock & Simon 1975): first
//! within the company's industry, then over all; chance decides between equals and the order in
//! which companies are dealt with. Independent coin flips would leave small studies lopsided.

use super::chance::Chance;
use super::problem::{Problem, Problems};
use crate::model::channel::{Channel, Delivery};
use crate::model::ids::{PersonaId, QuestionId};
use crate::model::study::{Company, ContactPoint, PerCompany, Persona, Study, Target};
use std::collections::{BTreeMap, BTreeSet};

/// How often something was chosen within a stratum, and in all.
struct Tally<K> {
    within: BTreeMap<(String, K), u32>,
    overall: BTreeMap<K, u32>,
}

impl<K: Ord + Clone> Tally<K> {
    fn new() -> Self {
        Self { within: BTreeMap::new(), overall: BTreeMap::new() }
    }

    fn used(&self, stratum: &str, key: &K) -> (u32, u32) {
        let within = self.within.get(&(stratum.to_owned(), key.clone())).copied().unwrap_or(0);
        (within, self.overall.get(key).copied().unwrap_or(0))
    }

    fn count(&mut self, stratum: &str, key: K) {
        *self.within.entry((stratum.to_owned(), key.clone())).or_default() += 1;
        *self.overall.entry(key).or_default() += 1;
    }
}

/// The items whose cost is least; chance decides between them.
fn least<'a, T, C: Ord>(items: &'a [T], chance: &mut Chance, cost: impl Fn(&T) -> C) -> Option<&'a T> {
    let least = items.iter().map(&cost).min()?;
    let equals: Vec<&T> = items.iter().filter(|item| cost(item) == least).collect();
    chance.pick(&equals).copied()
}

fn industry(company: &Company) -> &str {
    company.industry.as_deref().unwrap_or_default()
}

/// The contact points that each company is asked on, in the order in which the study lists them.
/// Companies are counted by their place in the study.
pub(crate) fn channels<'s>(study: &'s Study, problems: &mut Problems) -> Vec<Vec<&'s ContactPoint>> {
    let groups = match study.design.per_company {
        PerCompany::All => {
            return study.companies.iter().map(|company| company.contact_points.iter().collect()).collect();
        }
        PerCompany::OneOfEach => study.design.compare.iter().map(|group| (group.channels.as_slice(), 1)).collect(),
        PerCompany::Some(n) => vec![(Channel::ALL.as_slice(), n)],
        PerCompany::OneChannel => vec![(Channel::ALL.as_slice(), 1)],
    };
    if groups.is_empty() {
        problems.add(
            "`per_company: one of each` needs channel groups, and the study compares none",
            "name them under `design.compare`, such as `{own: [web_form, email], outside: [facebook, chat]}`",
        );
    }
    let mut chosen: Vec<BTreeSet<Channel>> = vec![BTreeSet::new(); study.companies.len()];
    for (nth, (members, n)) in groups.iter().enumerate() {
        choose(study, members, *n, &mut chosen, &mut Chance::of(study.seed, &["channels", &nth.to_string()]));
    }
    let of_company = |(company, chosen): (&'s Company, &BTreeSet<Channel>)| {
        company.contact_points.iter().filter(|point| chosen.contains(&point.channel)).collect()
    };
    study.companies.iter().zip(&chosen).map(of_company).collect()
}

/// `n` of `members` for each company that offers so many, else all it offers.
fn choose(study: &Study, members: &[Channel], n: u32, chosen: &mut [BTreeSet<Channel>], chance: &mut Chance) {
    let mut waiting: Vec<(usize, Vec<Channel>)> = Vec::new();
    for (index, company) in study.companies.iter().enumerate() {
        let offered = company.contact_points.iter().map(|point| point.channel);
        waiting.push((index, offered.filter(|channel| members.contains(channel)).collect()));
    }
    chance.shuffle(&mut waiting);
    // Who has least choice goes first: the others can still even it out.
    waiting.sort_by_key(|(_, offered)| offered.len());
    let mut tally = Tally::new();
    for (index, mut offered) in waiting {
        let stratum = industry(&study.companies[index]);
        for _ in 0..n {
            let Some(channel) = least(&offered, chance, |channel| tally.used(stratum, channel)).copied() else { break };
            tally.count(stratum, channel);
            chosen[index].insert(channel);
            offered.retain(|other| *other != channel);
        }
    }
}

/// The persona that asks each company, on all its channels; `None` where there is none that can,
/// with the problem noted, and for companies that are not asked.
pub(crate) fn personas<'s>(
    study: &'s Study,
    channels: &[Vec<&ContactPoint>],
    problems: &mut Problems,
) -> Vec<Option<&'s Persona>> {
    let mut chance = Chance::of(study.seed, &["personas"]);
    let mut order: Vec<usize> = (0..study.companies.len()).collect();
    chance.shuffle(&mut order);
    // Named ones first: the rotation evens out what they leave.
    order.sort_by_key(|index| study.companies[*index].persona.is_none());
    let mut chosen = vec![None; study.companies.len()];
    let mut tally: Tally<PersonaId> = Tally::new();
    let mut on_channel: BTreeMap<(PersonaId, Channel), u32> = BTreeMap::new();
    for index in order {
        let (company, points) = (&study.companies[index], &channels[index]);
        if points.is_empty() {
            continue;
        }
        let Some(able) = problems.keep(able_personas(study, company, points)) else { continue };
        let on_its_channels = |persona: &&Persona| -> u32 {
            points.iter().filter_map(|point| on_channel.get(&(persona.id.clone(), point.channel))).sum()
        };
        let cost = |persona: &&Persona| (on_its_channels(persona), tally.used(industry(company), &persona.id));
        let Some(persona) = least(&able, &mut chance, cost).copied() else { continue };
        tally.count(industry(company), persona.id.clone());
        for point in points {
            *on_channel.entry((persona.id.clone(), point.channel)).or_default() += 1;
        }
        chosen[index] = Some(persona);
    }
    chosen
}

/// The personas that can use all these contact points: the one the company names, or any.
fn able_personas<'s>(
    study: &'s Study,
    company: &Company,
    points: &[&ContactPoint],
) -> Result<Vec<&'s Persona>, Problem> {
    let candidates: Vec<&Persona> = match &company.persona {
        Some(id) => vec![study.persona(id).ok_or_else(|| Problem {
            what: format!("company `{}` is asked by persona `{id}`, whom the study does not know", company.id),
            help: "name one of the study's personas, or none for rotation".into(),
        })?],
        None => study.personas.iter().collect(),
    };
    let lack = |persona: &Persona| points.iter().find_map(|point| lacks(study, persona, point));
    let able: Vec<&Persona> = candidates.iter().copied().filter(|persona| lack(persona).is_none()).collect();
    if !able.is_empty() {
        return Ok(able);
    }
    let reasons: Vec<String> = candidates
        .iter()
        .filter_map(|persona| lack(persona).map(|what| format!("persona `{}` has {what}", persona.id)))
        .collect();
    Err(Problem {
        what: format!("nobody can ask company `{}` on its channels: {}", company.id, reasons.join("; ")),
        help: "give a persona the accounts that these channels need".into(),
    })
}

/// What the persona lacks for a contact point; `None` where it can use it.
fn lacks(study: &Study, persona: &Persona, point: &ContactPoint) -> Option<String> {
    let channel = point.channel;
    let mailbox = persona.mailbox.as_ref().and_then(|id| study.mailbox(id));
    match &point.target {
        Target::Email { .. } if mailbox.is_none() => Some(format!("no mailbox for {channel}")),
        Target::Email { .. } if mailbox.is_some_and(|m| m.smtp.is_none()) => {
            Some(format!("a mailbox without `smtp`, which {channel} is sent through"))
        }
        Target::WebForm(_) if mailbox.is_none() => Some(format!("no mailbox, which replies to a {channel} come to")),
        Target::Mastodon { .. } => {
            let account = persona.mastodon.as_ref();
            let known = account.is_some_and(|id| study.mastodon.iter().any(|account| account.id == *id));
            (!known).then(|| "no Mastodon account".to_owned())
        }
        Target::Email { .. } | Target::WebForm(_) | Target::Assisted { .. } => None,
    }
}

/// Notes contact points whose address is of another channel, and channels that occur twice.
pub(crate) fn check_contact_points(study: &Study, problems: &mut Problems) {
    for company in &study.companies {
        let mut seen = BTreeSet::new();
        for point in &company.contact_points {
            let fits = match &point.target {
                Target::Email { .. } => point.channel == Channel::Email,
                Target::WebForm(_) => point.channel == Channel::WebForm,
                Target::Mastodon { .. } => point.channel == Channel::Mastodon,
                Target::Assisted { .. } => point.channel.delivery() == Delivery::Assisted,
            };
            if !fits {
                problems.add(
                    format!(
                        "company `{}` has an address on {} that is none of that channel",
                        company.id, point.channel
                    ),
                    "give the address in the channel's own form",
                );
            }
            if !seen.insert(point.channel) {
                problems.add(
                    format!("company `{}` has two contact points on {}", company.id, point.channel),
                    "keep one: an inquiry is told apart by company, channel, question and repetition",
                );
            }
        }
    }
}

/// Rotates wordings: within a company from channel to channel, and so that over companies each
/// channel gets each wording equally often. Wording is then not nested in channel.
#[derive(Default)]
pub(crate) struct Wordings {
    used: BTreeMap<(QuestionId, Channel, usize), u32>,
}

impl Wordings {
    /// The wording of each of a company's inquiries about one question. `asked` holds channel and
    /// repetition of each; the result is in the same order.
    pub(crate) fn rotate(
        &mut self,
        question: &QuestionId,
        wordings: usize,
        asked: &[(Channel, u32)],
        chance: &mut Chance,
    ) -> Vec<usize> {
        let channels: Vec<Channel> = asked.iter().map(|(c, _)| *c).collect::<BTreeSet<_>>().into_iter().collect();
        let turn = |(channel, repetition): &(Channel, u32), shift: usize| {
            let rank = channels.iter().position(|c| c == channel).unwrap_or(0);
            (rank + *repetition as usize + shift) % wordings.max(1)
        };
        let shifts: Vec<usize> = (0..wordings.max(1)).collect();
        let used = |channel: Channel, wording: usize| {
            self.used.get(&(question.clone(), channel, wording)).copied().unwrap_or(0)
        };
        let cost = |shift: &usize| -> u32 { asked.iter().map(|ask| used(ask.0, turn(ask, *shift))).sum() };
        let shift = least(&shifts, chance, cost).copied().unwrap_or(0);
        let turns: Vec<usize> = asked.iter().map(|ask| turn(ask, shift)).collect();
        for ((channel, _), wording) in asked.iter().zip(&turns) {
            *self.used.entry((question.clone(), *channel, *wording)).or_default() += 1;
        }
        turns
    }
}
