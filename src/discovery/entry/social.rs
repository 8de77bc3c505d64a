//! Which of the linked profiles are the company's own? Those that stand where a site speaks of
//! itself, on many pages, and are called like the site.

use super::super::read::Profile;
use super::super::visit::Seen;
use super::found;
use crate::model::study::Found;
use url::Url;

/// A profile and where it was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ranked {
    pub(super) what: Profile,
    pub(super) found: Found,
    points: f64,
}

impl Ranked {
    /// How it stands on the page, in words.
    pub(super) fn how(&self) -> &str {
        self.found.how.as_deref().unwrap_or("link")
    }
}

/// All profiles, the likeliest first.
pub(super) fn ranked(pages: &[Seen], home: &Url) -> Vec<Ranked> {
    let mut ranked: Vec<Ranked> = Vec::new();
    let label = label(home);
    for page in pages {
        for sighting in &page.reading.profiles {
            let same = |known: &&mut Ranked| {
                known.what.place == sighting.what.place && known.what.handle.eq_ignore_ascii_case(&sighting.what.handle)
            };
            if let Some(known) = ranked.iter_mut().find(same) {
                known.points += 0.02;
                continue;
            }
            let alike = is_alike(&sighting.what.handle, &label);
            let is_person = sighting.what.handle.starts_with("in/");
            let points = sighting.confidence + if alike { 0.3 } else { 0.0 } - if is_person { 0.5 } else { 0.0 };
            let confidence = if alike { sighting.confidence.max(0.85) } else { sighting.confidence };
            let found = found(page, &sighting.how, confidence);
            ranked.push(Ranked { what: sighting.what.clone(), found, points });
        }
    }
    ranked.sort_by(|a, b| b.points.total_cmp(&a.points));
    ranked
}

/// `rossibiscotti` of `www.rossi-biscotti.it`.
fn label(home: &Url) -> String {
    let host = home.host_str().unwrap_or_default();
    let bare = host.strip_prefix("www.").unwrap_or(host);
    let above = bare.rsplit_once('.').map_or(bare, |(above, _)| above);
    letters(above.rsplit('.').max_by_key(|part| part.len()).unwrap_or(above))
}

fn is_alike(handle: &str, label: &str) -> bool {
    let handle = letters(handle.rsplit('/').next().unwrap_or_default());
    label.len() >= 4 && (handle.contains(label) || (handle.len() >= 4 && label.contains(&handle)))
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
