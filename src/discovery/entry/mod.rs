//! What of all that a site publishes goes into a study? One contact point a channel, each with where
//! it was found; the rest is kept as remarks. Pure: pages in, an entry out.

mod mail;
mod personal;
mod social;

use super::ids::of_address;
use super::read::Place;
use super::visit::{Seen, Visited};
use super::{Target, clean};
use crate::model::channel::Channel;
use crate::model::study::{Cost, Found, Intent};
use crate::scenario::is_address;
use serde::Serialize;
use std::collections::BTreeMap;
use url::Url;

/// Longest remark, and most of a kind.
const ALSO_MAX: usize = 8;

/// What is going to be asked, as far as it decides where.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Words of the question: an address for that topic comes before a general one.
    pub topic: String,
    /// What the asker wants.
    pub intent: Option<Intent>,
    /// The questions that each company gets; none where the study has only one.
    pub questions: Vec<String>,
    /// Whether personal and hobby sites are kept.
    pub keep_personal: bool,
}

/// What a visit gives the study.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// A company.
    Company(Box<Entry>),
    /// A site that is left out.
    Skipped {
        /// Why.
        why: String,
    },
    /// A site of which no page could be read.
    Unread {
        /// Why.
        why: String,
    },
}

/// A company as a study has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// Its id: the one that is known, else one made of its address.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its site, where it lies in the end.
    pub website: Url,
    /// What was known before: `industry`, `timezone`, `vars.product`.
    pub known: BTreeMap<String, String>,
    /// The questions it gets, where the study has several.
    pub ask: Vec<String>,
    /// Opening hours in OpenStreetMap syntax.
    pub hours: Option<String>,
    /// Postal address on one line.
    pub address: Option<String>,
    /// ISO 3166-1 code of its country.
    pub country: Option<String>,
    /// Where it can be asked, in the channels' order.
    pub points: Vec<Point>,
    /// Channels that were looked for, and not found. Whether they are not offered is a person's word.
    pub not_found: Vec<Channel>,
    /// Remarks: what else was found, and what could not be read.
    pub remarks: Vec<String>,
    /// Pages that were read.
    pub pages: usize,
}

/// A contact point that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Point {
    /// The channel.
    pub channel: Channel,
    /// The address, handle, number or page.
    pub address: String,
    /// Where it was found.
    pub found: Found,
    /// What asking there costs a customer.
    pub cost: Option<Cost>,
}

/// Makes an entry of a visit.
#[must_use]
pub fn enter(target: &Target, visited: &Visited, asked: &Asked) -> Outcome {
    let Some(home) = visited.pages.first() else {
        let why = visited.troubles.first().map_or("nothing could be read", String::as_str);
        return Outcome::Unread { why: clean(why) };
    };
    if !asked.keep_personal
        && let Some(why) = personal::why(&visited.pages)
    {
        return Outcome::Skipped { why: clean(&why) };
    }
    let mut entry = Entry {
        id: target.known.get("id").cloned().unwrap_or_else(|| of_address(&target.url)),
        name: name(target, visited),
        website: home.reading.url.clone(),
        known: target.known.clone(),
        ask: asked.questions.clone(),
        hours: visited.pages.iter().find_map(|page| page.reading.hours.clone()),
        address: visited.pages.iter().find_map(|page| page.reading.address.clone()).map(|address| clean(&address)),
        country: visited.pages.iter().find_map(|page| page.reading.country.clone()),
        points: Vec::new(),
        not_found: Vec::new(),
        remarks: Vec::new(),
        pages: visited.pages.len(),
    };
    entry.find(visited, asked);
    if entry.points.is_empty() {
        let form =
            visited.pages.iter().find_map(|page| page.reading.form.as_ref().err().map(|missing| (page, missing)));
        let form = form.map(|(page, missing)| format!("; {}: {}", page.reading.url, missing.why)).unwrap_or_default();
        return Outcome::Skipped { why: clean(&format!("no way to ask was found on {} page(s){form}", entry.pages)) };
    }
    Outcome::Company(Box::new(entry))
}

impl Entry {
    fn find(&mut self, visited: &Visited, asked: &Asked) {
        let pages = &visited.pages;
        self.mail(pages, asked);
        self.form(pages);
        self.profiles(pages);
        self.chat(pages);
        self.forum(pages);
        self.phone(pages);
        // What a study would refuse is no contact point.
        let (valid, wrong): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.points).into_iter().partition(|point| is_address(point.channel, &point.address));
        self.points = valid;
        self.points.sort_by_key(|point| point.channel);
        for point in wrong {
            self.remarks.push(format!("{}: {} cannot be written into a study", point.channel, point.address));
        }
        let found = |channel: &Channel| self.points.iter().any(|point| point.channel == *channel);
        self.not_found = Channel::ALL.into_iter().filter(|channel| !found(channel)).collect();
        self.remarks.extend(visited.troubles.iter().take(ALSO_MAX).map(|trouble| format!("not read: {trouble}")));
        self.remarks = self.remarks.iter().map(|remark| clean(remark)).collect();
    }

    fn push(&mut self, channel: Channel, address: String, found: Found, cost: Option<Cost>) {
        self.points.push(Point { channel, address, found, cost });
    }

    fn also(&mut self, what: &str, others: &[String]) {
        if !others.is_empty() {
            self.remarks.push(format!("{what}: {}", others[..others.len().min(ALSO_MAX)].join(", ")));
        }
    }

    fn mail(&mut self, pages: &[Seen], asked: &Asked) {
        let ranked = mail::ranked(pages, &self.website, asked);
        let Some(best) = ranked.first() else { return };
        self.push(Channel::Email, best.mail.clone(), best.found.clone(), None);
        let others: Vec<String> = ranked[1..].iter().map(|other| other.mail.clone()).collect();
        self.also("other addresses", &others);
    }

    /// The form of the page that looks most like one for contacting.
    fn form(&mut self, pages: &[Seen]) {
        let forms = pages.iter().filter_map(|page| Some((page, page.reading.form.as_ref().ok()?)));
        let weight = |page: &Seen| (page.points, std::cmp::Reverse(page.clicks.unwrap_or(u32::MAX)));
        let mut forms: Vec<_> = forms.collect();
        // The first of equals: the order of the visit is stable.
        forms.sort_by_key(|(page, form)| std::cmp::Reverse((form.confidence > 0.8, weight(page))));
        if let Some((page, form)) = forms.first() {
            let cost = Cost { clicks: page.clicks, ..form.cost.clone() };
            let found = found(page, "contact form", form.confidence);
            self.push(Channel::WebForm, page.reading.url.to_string(), found, Some(cost));
            let others: Vec<String> = forms[1..].iter().map(|(page, _)| page.reading.url.to_string()).collect();
            self.also("other forms", &others);
            return;
        }
        let missing = pages.iter().filter(|page| page.points > 0).filter_map(|page| {
            let why = page.reading.form.as_ref().err()?;
            let login = if why.login { " (an account may be needed)" } else { "" };
            Some(format!("no form on {}: {}{login}", page.reading.url, why.why))
        });
        self.remarks.extend(missing.take(2));
    }

    fn profiles(&mut self, pages: &[Seen]) {
        let ranked = social::ranked(pages, &self.website);
        let mut also: Vec<String> = Vec::new();
        for profile in ranked {
            match profile.what.place {
                Place::Channel(channel) if !self.points.iter().any(|point| point.channel == channel) => {
                    self.push(channel, profile.what.handle, profile.found, None);
                }
                Place::Channel(channel) => also.push(format!("{channel} {}", profile.what.handle)),
                Place::Elsewhere(name) => {
                    also.push(format!("{name} {} ({} on {})", profile.what.link, profile.how(), profile.found.page));
                }
            }
        }
        self.also("other profiles", &also);
    }

    fn chat(&mut self, pages: &[Seen]) {
        let all = pages.iter().flat_map(|page| page.reading.chats.iter().map(move |chat| (page, chat)));
        let mut vendors: Vec<&str> = Vec::new();
        for (page, chat) in all {
            if vendors.is_empty() {
                let cost = Cost { clicks: page.clicks, ..Cost::default() };
                let found = found(page, &chat.how, chat.confidence);
                self.push(Channel::Chat, page.reading.url.to_string(), found, Some(cost));
            }
            if !vendors.contains(&chat.what) {
                vendors.push(chat.what);
            }
        }
        let others: Vec<String> = vendors.iter().skip(1).map(|vendor| (*vendor).to_owned()).collect();
        self.also("other chats", &others);
    }

    fn forum(&mut self, pages: &[Seen]) {
        let all = pages.iter().flat_map(|page| page.reading.forums.iter().map(move |forum| (page, forum)));
        let best = all.max_by(|(_, a), (_, b)| a.confidence.total_cmp(&b.confidence));
        if let Some((page, forum)) = best {
            self.push(Channel::Forum, forum.what.to_string(), found(page, &forum.how, forum.confidence), None);
        }
    }

    /// The number that most pages show; of equals the surest, then the first.
    fn phone(&mut self, pages: &[Seen]) {
        let digits = |number: &str| number.chars().filter(char::is_ascii_digit).collect::<String>();
        let all: Vec<_> = pages.iter().flat_map(|page| page.reading.phones.iter().map(move |p| (page, p))).collect();
        let shown = |number: &str| all.iter().filter(|(_, other)| digits(&other.what) == digits(number)).count();
        let mut ranked = all.clone();
        ranked
            .sort_by(|(_, a), (_, b)| shown(&b.what).cmp(&shown(&a.what)).then(b.confidence.total_cmp(&a.confidence)));
        let Some((page, best)) = ranked.first() else { return };
        self.push(Channel::Phone, best.what.clone(), found(page, &best.how, best.confidence), None);
        let mut others: Vec<String> = Vec::new();
        for (_, other) in &ranked {
            if digits(&other.what) != digits(&best.what) && !others.contains(&other.what) {
                others.push(other.what.clone());
            }
        }
        self.also("other numbers", &others);
    }
}

fn found(page: &Seen, how: &str, confidence: f64) -> Found {
    Found { page: page.reading.url.clone(), how: Some(clean(how)), confidence: Some(confidence) }
}

/// What the list calls it, else structured data, else the page, else its host.
fn name(target: &Target, visited: &Visited) -> String {
    let told = visited.pages.iter().find_map(|page| page.reading.name.clone());
    let name = target.known.get("name").cloned().or(told).map(|name| clean(&name));
    let host = || target.url.host_str().unwrap_or("company").to_owned();
    name.filter(|name| !name.is_empty()).unwrap_or_else(host)
}
