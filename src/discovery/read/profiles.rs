//! Which profiles on social platforms does a page link to? Links that share or search are none.

use super::Sighting;
use super::links::{Link, percent_decoded};
use super::structured::Structured;
use crate::lexicon::site_words::{PLATFORMS, Platform, is_below};
use crate::model::channel::Channel;
use url::Url;

/// Most profiles of a page that are kept.
const PROFILES_MAX: usize = 100;

/// Where a profile is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On one of the channels.
    Channel(Channel),
    /// On a platform of that name, on which nobody is asked.
    Elsewhere(&'static str),
}

/// A profile on a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The platform.
    pub place: Place,
    /// The account as a study writes it: a handle, a number, else the whole address.
    pub handle: String,
    /// The link.
    pub link: Url,
}

/// The profiles, each once, the surest sighting first.
pub(super) fn profiles(links: &[Link], facts: &Structured) -> Vec<Sighting<Profile>> {
    let mut found: Vec<Sighting<Profile>> = Vec::new();
    let mut push = |sighting: Sighting<Profile>| {
        let same = |f: &&mut Sighting<Profile>| {
            f.what.place == sighting.what.place && f.what.handle.eq_ignore_ascii_case(&sighting.what.handle)
        };
        let room = found.len() < PROFILES_MAX;
        match found.iter_mut().find(same) {
            Some(known) if known.confidence < sighting.confidence => *known = sighting,
            None if room => found.push(sighting),
            Some(_) | None => {}
        }
    };
    for link in links {
        let (how, confidence) = match (link.is_me, link.is_own) {
            (true, _) => ("rel=me link", 0.95),
            (false, true) => ("link in the page's frame", 0.9),
            (false, false) => ("link", 0.6),
        };
        let profile = profile(&link.url).or_else(|| mastodon(link));
        if let Some(profile) = profile {
            push(Sighting::new(profile, how, confidence));
        }
    }
    for url in facts.same_as() {
        if let Some(profile) = profile(&url) {
            push(Sighting::new(profile, "structured data", 0.95));
        }
    }
    found
}

/// The platform that an address belongs to.
pub(super) fn platform(url: &Url) -> Option<&'static Platform> {
    let host = url.host_str()?.to_ascii_lowercase();
    PLATFORMS.iter().find(|platform| platform.hosts.iter().any(|above| is_below(&host, above)))
}

/// The profile that an address on a known platform leads to.
fn profile(url: &Url) -> Option<Profile> {
    if url.scheme() == "whatsapp" {
        return whatsapp(url);
    }
    let platform = platform(url)?;
    let path = percent_decoded(url.path());
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let first = parts.first().copied().unwrap_or_default();
    if platform.no_profile.iter().any(|no| no.eq_ignore_ascii_case(first)) {
        return None;
    }
    let second = parts.get(1).copied();
    let handle = match platform.name {
        "whatsapp" => return whatsapp(url),
        "facebook" => match first {
            "pages" | "people" | "pg" | "profile.php" => None,
            _ => Some(first),
        },
        "linkedin" => match (first, second) {
            ("company" | "in" | "school" | "showcase", Some(name)) => {
                return Some(named(platform, &format!("{first}/{name}"), url));
            }
            _ => return None,
        },
        "youtube" => match (first, second) {
            ("channel" | "c" | "user", Some(_)) => None,
            _ if first.starts_with('@') => Some(first),
            _ => return None,
        },
        "tiktok" | "medium" | "threads" => Some(first.strip_prefix('@')?),
        "bluesky" => Some(if first == "profile" { second? } else { return None }),
        "xing" => Some(second?),
        "telegram" if first.starts_with('+') => return None,
        _ => Some(first),
    };
    match handle {
        Some(handle) if !handle.trim_matches('@').is_empty() => Some(named(platform, handle, url)),
        Some(_) => None,
        // A page without a name of its own: only its address says which.
        None => (parts.len() > 1 || url.query().is_some()).then(|| named(platform, url.as_str(), url)),
    }
}

fn named(platform: &'static Platform, handle: &str, url: &Url) -> Profile {
    let bare = handle.trim_start_matches('@');
    let place = platform.name.parse().map_or(Place::Elsewhere(platform.name), Place::Channel);
    let also = match place {
        Place::Channel(Channel::X | Channel::Telegram) => "_",
        Place::Channel(Channel::Instagram) => "_.",
        Place::Channel(Channel::Linkedin) => "_-/",
        _ => "_.-",
    };
    let plain = !bare.is_empty() && bare.chars().all(|c| c.is_alphanumeric() || also.contains(c));
    let mut link = url.clone();
    if plain {
        link.set_query(None);
    }
    Profile { place, handle: if plain { bare.to_owned() } else { link.to_string() }, link }
}

/// `wa.me/N`, `api.whatsapp.com/send?phone=N`; without a number it shares a text.
fn whatsapp(url: &Url) -> Option<Profile> {
    let asked = url.query_pairs().find(|(key, _)| key == "phone").map(|(_, number)| number.into_owned());
    let number = asked.unwrap_or_else(|| url.path().trim_matches('/').to_owned());
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let plain = number.chars().all(|c| c.is_ascii_digit() || "+ -".contains(c));
    let link = Url::parse(&format!("https://wa.me/{digits}")).ok()?;
    let place = Place::Channel(Channel::Whatsapp);
    (plain && (6..=15).contains(&digits.len())).then(|| Profile { place, handle: format!("+{digits}"), link })
}

/// `https://instance/@user`, where the page says `rel="me"` or the host is known by its name.
fn mastodon(link: &Link) -> Option<Profile> {
    let (host, path) = (link.url.host_str()?, link.url.path().trim_matches('/'));
    let user = path.strip_prefix('@').or_else(|| path.strip_prefix("users/"))?;
    let known = link.is_me || host.contains("mastodon") || host.contains("mstdn");
    let plain = !user.is_empty() && user.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
    let handle = format!("{user}@{host}");
    (known && plain && host.contains('.') && platform(&link.url).is_none()).then(|| Profile {
        place: Place::Channel(Channel::Mastodon),
        handle,
        link: link.url.clone(),
    })
}
