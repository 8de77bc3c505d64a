//! One site, visited as a polite guest: `robots.txt` first, few pages, one request at a time, a pause
//! after each, under our own name, and never into our own network.

use super::fetch::{Answer, Fetcher, Lost};
use super::pace::Hosts;
use super::read::{self, Link, Reading, is_same_site};
use super::robots::{self, Robots};
use super::{Manners, Target};
use crate::lexicon::site_words::SiteConcept;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// Most redirects in a row.
const REDIRECTS_MAX: usize = 5;

/// Most clicks from the home page that are followed.
const CLICKS_MAX: u32 = 3;

/// Most addresses of a sitemap that are looked at.
const SITEMAP_ENTRIES_MAX: usize = 20_000;

/// Points from which on a page is one for contacting, and no mere help or imprint.
const CONTACT_POINTS: u32 = 10;

/// Points of a page that stands in a frame of one that leads nowhere else.
const FRAME_POINTS: u32 = 4;

/// A page that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What it publishes.
    pub reading: Reading,
    /// Clicks from the home page; `None` where no link leads to it.
    pub clicks: Option<u32>,
    /// How likely one can ask there.
    pub points: u32,
}

/// What a visit came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Visited {
    /// The pages that were read, the home page first.
    pub pages: Vec<Seen>,
    /// Requests that were made, `robots.txt` and redirects included.
    pub requests: u32,
    /// What could not be read, and why.
    pub troubles: Vec<String>,
}

/// A page to be visited.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    points: u32,
    /// Negative, so that the nearest comes last, where the best is.
    clicks: i64,
    /// Negative, too: `/contact` comes before `/contact/about-lost-keys`.
    length: i64,
    url: Url,
}

impl Candidate {
    fn new(points: u32, clicks: i64, url: Url) -> Self {
        let length = -i64::try_from(url.as_str().len()).unwrap_or(i64::MAX);
        Self { points, clicks, length, url }
    }
}

/// Most pages that are kept to be visited.
const CANDIDATES_MAX: usize = 200;

/// Visits a site. It always comes to an end, whatever the site does.
pub(super) async fn visit(target: &Target, manners: &Manners, hosts: &Hosts) -> Visited {
    let mut visit = match Visit::new(target, manners, hosts) {
        Ok(visit) => visit,
        Err(why) => return Visited { pages: Vec::new(), requests: 0, troubles: vec![why] },
    };
    visit.run(target).await;
    visit.visited
}

struct Visit<'a> {
    fetcher: Fetcher,
    manners: &'a Manners,
    hosts: &'a Hosts,
    robots: HashMap<String, Robots>,
    asked: BTreeSet<String>,
    ends: Instant,
    /// Whether any server has answered at all.
    answered: bool,
    /// The server wants to be left alone for now.
    busy: bool,
    visited: Visited,
}

impl<'a> Visit<'a> {
    fn new(target: &Target, manners: &'a Manners, hosts: &'a Hosts) -> Result<Self, String> {
        let fetcher = Fetcher::new(&manners.dialer, &manners.user_agent, &manners.language, manners.limits)?;
        let ends = Instant::now() + manners.site_limit;
        let visited = Visited { pages: Vec::new(), requests: 0, troubles: Vec::new() };
        tracing::debug!("visiting {}", target.url);
        Ok(Self {
            fetcher,
            manners,
            hosts,
            robots: HashMap::new(),
            asked: BTreeSet::new(),
            ends,
            answered: false,
            busy: false,
            visited,
        })
    }

    async fn run(&mut self, target: &Target) {
        let mut home = self.page(&target.url, None, Some(0), 0).await;
        if home.is_none() && target.scheme_is_guessed && !self.answered {
            let mut plain = target.url.clone();
            // Neither fails for a URL on the web.
            let _ = plain.set_scheme("http");
            home = self.page(&plain, None, Some(0), 0).await;
        }
        let Some(home) = home else { return };
        let mut open = BTreeSet::new();
        self.note_links(&home, 0, &mut open);
        self.follow(&home, &mut open).await;
        if !self.has_contact_page() {
            self.look_in_sitemap(&home, &mut open).await;
            self.guess(&home, &mut open);
            self.follow(&home, &mut open).await;
        }
    }

    /// Visits the best candidates, as long as budget and time last.
    async fn follow(&mut self, home: &Url, open: &mut BTreeSet<Candidate>) {
        while let Some(next) = open.pop_last() {
            if self.is_over() {
                return;
            }
            let clicks = u32::try_from(-next.clicks).ok();
            if let Some(url) = self.page(&next.url, Some(home), clicks, next.points).await
                && let Some(clicks) = clicks.filter(|clicks| *clicks < CLICKS_MAX)
            {
                self.note_links(&url, clicks, open);
            }
        }
    }

    fn is_over(&self) -> bool {
        self.busy || self.visited.requests >= self.manners.requests_max || Instant::now() >= self.ends
    }

    fn has_contact_page(&self) -> bool {
        self.visited.pages.iter().any(|page| page.points >= CONTACT_POINTS)
    }

    /// The links of the page read last, as candidates.
    fn note_links(&mut self, site: &Url, clicks: u32, open: &mut BTreeSet<Candidate>) {
        let Some(page) = self.visited.pages.last() else { return };
        // What a page shows in a frame is as near as the page itself.
        let frames = page.reading.frames.iter();
        let frames = frames.map(|url| Candidate::new(page.points.max(FRAME_POINTS), -i64::from(clicks), url.clone()));
        let links = page.reading.links.iter().filter_map(|link| {
            Some(Candidate::new(self.points(link, site)?, -i64::from(clicks) - 1, link.url.clone()))
        });
        let mut known: BTreeSet<String> = open.iter().map(|candidate| key(&candidate.url)).collect();
        for candidate in frames.chain(links) {
            let key = key(&candidate.url);
            if self.asked.contains(&key) || !known.insert(key) {
                continue;
            }
            open.insert(candidate);
            if open.len() > CANDIDATES_MAX {
                open.pop_first();
            }
        }
        // Links are many, and needed no more.
        if let Some(page) = self.visited.pages.last_mut() {
            page.reading.links = Vec::new();
        }
    }

    /// A page in the language we ask in comes first.
    fn points(&self, link: &Link, site: &Url) -> Option<u32> {
        let points = link.interest(site)?;
        let first = link.url.path_segments().and_then(|mut parts| parts.next()).unwrap_or_default();
        let other = first.len() == 2 && first != self.manners.language && first.chars().all(|c| c.is_ascii_lowercase());
        Some(if other { points.saturating_sub(5).max(1) } else { points })
    }

    /// Reads a page and gives the address at which it lies in the end.
    async fn page(&mut self, url: &Url, site: Option<&Url>, clicks: Option<u32>, points: u32) -> Option<Url> {
        let (url, text) = self.text(url, site, None).await?;
        let reading = read::read(&text, &url);
        self.visited.pages.push(Seen { reading, clicks, points });
        Some(url)
    }

    /// The text at an address, redirects followed; `site` keeps it on one site.
    async fn text(&mut self, url: &Url, site: Option<&Url>, bytes_max: Option<usize>) -> Option<(Url, String)> {
        let mut url = url.clone();
        url.set_fragment(None);
        for hop in 0..=REDIRECTS_MAX {
            if self.is_over() {
                return None;
            }
            if !self.asked.insert(key(&url)) {
                if hop > 1 && self.visited.pages.is_empty() {
                    self.trouble(&url, "it redirects in a circle");
                }
                return None;
            }
            if site.is_some_and(|site| !is_same_site(&url, site)) {
                self.trouble(&url, "it leads to another site");
                return None;
            }
            if let Some(why) = self.refusal(&url).await {
                self.trouble(&url, &why);
                return None;
            }
            let pause = self.pause(&url);
            if Instant::now() + pause > self.ends {
                self.busy = true;
                self.trouble(&url, &format!("robots.txt asks for a pause of {pause:?}: no time is left for it"));
                return None;
            }
            match self.get(&url, bytes_max).await {
                Ok(Answer::Text(text)) => return Some((url, text)),
                Ok(Answer::Moved(to)) => url = to,
                Ok(Answer::Refused(status)) => {
                    self.trouble(&url, &format!("status {status}"));
                    return None;
                }
                Ok(Answer::Busy(status, wait)) => {
                    self.busy = true;
                    let wait = wait.map(|seconds| format!(", asks for {seconds} s")).unwrap_or_default();
                    self.trouble(&url, &format!("status {status}{wait}: left alone"));
                    return None;
                }
                Ok(Answer::NoText(kind)) => {
                    self.trouble(&url, &format!("{kind}, no page"));
                    return None;
                }
                Err(Lost::Inside(why) | Lost::Unanswered(why)) => {
                    self.trouble(&url, &why);
                    return None;
                }
            }
        }
        self.trouble(&url, "too many redirects");
        None
    }

    fn trouble(&mut self, url: &Url, why: &str) {
        self.visited.troubles.push(format!("{url}: {why}"));
    }

    /// Why the site's `robots.txt`, fetched once an origin, keeps us away; `None` where it does not.
    async fn refusal(&mut self, url: &Url) -> Option<String> {
        let origin = url.origin().ascii_serialization();
        if !self.robots.contains_key(&origin) {
            let robots = self.read_robots(url).await;
            self.robots.insert(origin.clone(), robots);
        }
        self.robots.get(&origin).and_then(|robots| robots.refusal(url))
    }

    async fn read_robots(&mut self, url: &Url) -> Robots {
        let Ok(mut at) = url.join("/robots.txt") else { return Robots::closed("no address") };
        for _ in 0..=REDIRECTS_MAX {
            match self.get(&at, Some(robots::BYTES_MAX)).await {
                Ok(Answer::Text(text)) => {
                    return Robots::parse(&text, &self.manners.user_agent);
                }
                Ok(Answer::Moved(to)) => at = to,
                Ok(Answer::Refused(status)) if status < 500 => return Robots::open(),
                Ok(Answer::NoText(_)) => return Robots::open(),
                // A server that is busy is not asked for more; one that fails may forbid all (RFC 9309 §2.3.1.4).
                Ok(Answer::Refused(status) | Answer::Busy(status, _)) => {
                    return Robots::closed(format!("status {status}"));
                }
                Err(Lost::Inside(why)) => return Robots::inside(why),
                Err(Lost::Unanswered(why)) => return Robots::closed(why),
            }
        }
        // RFC 9309 §2.3.1.2: too many redirects are as if there were none.
        Robots::open()
    }

    /// Our own pause, or a longer one that the site asks for.
    fn pause(&self, url: &Url) -> Duration {
        let asked = self.robots.get(&url.origin().ascii_serialization()).and_then(Robots::delay);
        asked.unwrap_or_default().max(self.manners.pause)
    }

    /// One request, when it is this host's turn.
    async fn get(&mut self, url: &Url, bytes_max: Option<usize>) -> Result<Answer, Lost> {
        let host = url.host_str().unwrap_or_default().to_ascii_lowercase();
        let _turn = self.hosts.turn(&host, self.pause(url)).await;
        self.visited.requests += 1;
        let answer = self.fetcher.get(url, bytes_max).await;
        self.answered |= answer.is_ok();
        answer
    }

    /// Contact pages that the sitemap names.
    async fn look_in_sitemap(&mut self, home: &Url, open: &mut BTreeSet<Candidate>) {
        let listed = self.robots.get(&home.origin().ascii_serialization()).and_then(|robots| robots.sitemap().cloned());
        let Some(url) = listed.or_else(|| home.join("/sitemap.xml").ok()) else { return };
        let Some((_, text)) = self.text(&url, Some(home), None).await else { return };
        let places = text.split("<loc>").skip(1).take(SITEMAP_ENTRIES_MAX).filter_map(|rest| rest.split_once("</loc>"));
        let urls = places.filter_map(|(place, _)| Url::parse(place.trim().replace("&amp;", "&").as_str()).ok());
        let found = urls.filter(|url| is_same_site(url, home)).filter_map(|url| {
            let points = read::interest_of_path(&url).filter(|points| *points >= CONTACT_POINTS)?;
            // Below 0 clicks: no link leads there.
            Some(Candidate::new(points, 1, url))
        });
        let mut found: Vec<_> = found.filter(|c| !self.asked.contains(&key(&c.url))).collect();
        found.sort_by_key(|c| c.url.as_str().len());
        open.extend(found.into_iter().take(3));
    }

    /// Where contact pages usually are, in the page's language.
    fn guess(&self, home: &Url, open: &mut BTreeSet<Candidate>) {
        if !open.is_empty() {
            return;
        }
        let language = self.visited.pages.first().and_then(|page| page.reading.language.as_deref());
        let paths = SiteConcept::Path.phrases(language.unwrap_or(&self.manners.language));
        let urls = paths.iter().take(2).filter_map(|path| home.join(path).ok());
        let new = urls.filter(|url| !self.asked.contains(&key(url)));
        open.extend(new.map(|url| Candidate::new(CONTACT_POINTS, 1, url)));
    }
}

/// Two addresses of one page: with or without a slash at the end.
fn key(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}
