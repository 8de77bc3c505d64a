//! Where does a page lead, and which of its links lead to a place where one can ask?

use super::Sighting;
use super::document::{Document, above, words};
use crate::lexicon::site_words::{SiteConcept, Words, is_below};
use scraper::ElementRef;
use url::Url;

/// Most links of a page that are read: a third from its head, the others from its foot.
const LINKS_MAX: usize = 3_000;

/// Most characters of a link's words; longer ones are sentences, not names of pages.
const WORDS_MAX: usize = 60;

/// A link as it is written.
pub(super) struct Raw<'a> {
    pub(super) href: &'a str,
    /// The words in it.
    pub(super) words: String,
    /// Its element.
    pub(super) element: ElementRef<'a>,
}

/// A link to somewhere on the web.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it leads, without a fragment.
    pub url: Url,
    /// The words in it, in its title or its picture.
    pub words: String,
    /// Whether the page says that both are the same person (`rel="me"`).
    pub is_me: bool,
    /// Whether it stands where a site says things about itself: head, foot, navigation.
    pub is_own: bool,
}

/// All links, in document order.
pub(super) fn raw(page: &Document) -> Vec<Raw<'_>> {
    let is_link =
        |e: &ElementRef| matches!(e.value().name(), "a" | "area") || (e.value().name() == "link" && has_rel(*e, "me"));
    let all: Vec<ElementRef<'_>> = page.all().filter(is_link).collect();
    // A site speaks of itself at the head and the foot of a page; what lies between is its wares.
    let (head, foot) = (LINKS_MAX / 3, all.len().saturating_sub(LINKS_MAX - LINKS_MAX / 3));
    let kept = all.into_iter().enumerate().filter(|(at, _)| *at < head || *at >= foot);
    let found = kept.filter_map(|(_, element)| {
        let href = element.attr("href")?.trim();
        (!href.is_empty() && href.len() < 2_000).then(|| Raw { href, words: name(element), element })
    });
    found.collect()
}

/// Pages of the same site that a page shows in itself.
pub(super) fn frames(page: &Document, url: &Url) -> Vec<Url> {
    let frames = page.all().filter(|e| matches!(e.value().name(), "iframe" | "frame"));
    let urls = frames.filter_map(|e| page.base.join(e.attr("src")?.trim()).ok());
    urls.filter(|to| matches!(to.scheme(), "http" | "https") && is_same_site(to, url) && is_page(to)).take(4).collect()
}

/// Those that lead to somewhere on the web.
pub(super) fn on_the_web(raw: &[Raw<'_>], page: &Document) -> Vec<Link> {
    let link = |raw: &Raw<'_>| {
        let mut url = page.base.join(raw.href).ok()?;
        url.set_fragment(None);
        let is_web = matches!(url.scheme(), "http" | "https" | "whatsapp" | "tg");
        let is_me = has_rel(raw.element, "me");
        is_web.then(|| Link { url, words: raw.words.clone(), is_me, is_own: is_me || is_own(raw.element) })
    };
    raw.iter().filter_map(link).collect()
}

impl Link {
    /// How likely a page of the site is one where somebody can be asked, or says who they are; `None`: not at all.
    #[must_use]
    pub fn interest(&self, site: &Url) -> Option<u32> {
        if !is_same_site(&self.url, site) || !is_page(&self.url) {
            return None;
        }
        let short = self.words.chars().count() <= WORDS_MAX;
        let named = Words::of(if short { &self.words } else { "" });
        interest_of_path(&self.url).into_iter().chain(interest(&named, 1)).max()
    }
}

/// The same for an address alone, as a sitemap has it.
#[must_use]
pub(in crate::discovery) fn interest_of_path(url: &Url) -> Option<u32> {
    let path = percent_decoded(url.path());
    let depth = path.matches('/').count();
    // An article about contacts is no contact page.
    if !is_page(url) || depth > 5 || path.rsplit('/').next().is_some_and(|last| last.len() > WORDS_MAX) {
        return None;
    }
    interest(&Words::of(&path), 0)
}

fn interest(words: &Words, more: u32) -> Option<u32> {
    let order = [
        (SiteConcept::Contact, 10),
        (SiteConcept::NotAPage, 0),
        (SiteConcept::Help, 6),
        (SiteConcept::Imprint, 5),
        (SiteConcept::Forum, 2),
        (SiteConcept::About, 3),
    ];
    let (_, points) = order.into_iter().find(|(concept, _)| concept.is_in(words))?;
    (points > 0).then_some(points + more)
}

/// Whether an address may be a page, and no picture or document.
fn is_page(url: &Url) -> bool {
    let last = url.path().rsplit('/').next().unwrap_or_default();
    match last.rsplit_once('.') {
        None => true,
        Some((_, kind)) => {
            matches!(
                kind.to_ascii_lowercase().as_str(),
                "html" | "htm" | "php" | "asp" | "aspx" | "jsp" | "do" | "shtml" | "xhtml" | "cfm"
            ) || kind.len() > 5
        }
    }
}

/// Whether two addresses belong to one site: the same host, one without `www.`, or one below the other.
#[must_use]
pub(in crate::discovery) fn is_same_site(a: &Url, b: &Url) -> bool {
    let bare = |url: &Url| url.host_str().map(|host| host.strip_prefix("www.").unwrap_or(host).to_ascii_lowercase());
    match (bare(a), bare(b)) {
        (Some(a), Some(b)) => matches!(a.as_str(), x if is_below(x, &b) || is_below(&b, x)),
        _ => false,
    }
}

/// Links to a forum or community of the company's.
pub(super) fn forums(links: &[Link], url: &Url) -> Vec<Sighting<Url>> {
    let found = links.iter().filter_map(|link| {
        let first = link.url.host_str()?.split('.').next()?;
        let in_host = SiteConcept::Forum.is_in(&Words::of(first)) && is_same_site(&link.url, url);
        let named = link.words.split_whitespace().count() <= 3 && SiteConcept::Forum.is_in(&Words::of(&link.words));
        let own = is_same_site(&link.url, url) || link.is_own;
        let is_platform = super::profiles::platform(&link.url).is_some();
        let confidence = if in_host { 0.9 } else { 0.7 };
        let is_forum = (in_host || (named && own)) && !is_platform && link.url.has_host();
        is_forum.then(|| Sighting::new(link.url.clone(), "link to a forum", confidence))
    });
    let mut forums: Vec<Sighting<Url>> = Vec::new();
    for forum in found {
        if forums.len() < 5 && !forums.iter().any(|known| known.what == forum.what) {
            forums.push(forum);
        }
    }
    forums
}

fn name(link: ElementRef<'_>) -> String {
    let mut name = words(link, 200);
    let pictures = link.descendent_elements().filter_map(|e| e.attr("alt"));
    for more in ["aria-label", "title"].into_iter().filter_map(|key| link.attr(key)).chain(pictures).take(3) {
        if name.is_empty() {
            name = more.chars().take(200).collect();
        }
    }
    name
}

fn has_rel(element: ElementRef<'_>, rel: &str) -> bool {
    element.attr("rel").is_some_and(|rels| rels.split_whitespace().any(|r| r.eq_ignore_ascii_case(rel)))
}

fn is_own(element: ElementRef<'_>) -> bool {
    above(element).any(|e| {
        let marks = [e.attr("class"), e.attr("id"), e.attr("role")].into_iter().flatten();
        let marked = |mark: &str| {
            let mark = mark.to_ascii_lowercase();
            ["foot", "header", "social", "follow", "contact", "nav", "topbar"].iter().any(|known| mark.contains(known))
        };
        matches!(e.value().name(), "footer" | "header" | "nav" | "address") || marks.into_iter().any(marked)
    })
}

/// A path or address with its `%XX` read.
pub(super) fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = byte.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            decoded.push(byte);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}
