//! What does a site's `robots.txt` allow us? RFC 9309, with the `Crawl-delay` and `Sitemap` lines
//! that most sites and robots know beside it. Pure: text in, rules out.

use std::fmt::Write as _;
use std::time::Duration;

/// Most bytes that are read (RFC 9309 §2.5: at least 500 KiB).
pub(super) const BYTES_MAX: usize = 512 * 1024;

/// Most rules that are kept, and most sitemaps.
const RULES_MAX: usize = 5_000;
const SITEMAPS_MAX: usize = 10;

/// What one site allows one robot.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Robots {
    /// Why nothing at all: the file could not be had (RFC 9309 §2.3.1.4).
    closed: Option<String>,
    rules: Vec<Rule>,
    /// Time that it asks us to wait between two requests.
    pub(super) delay: Option<Duration>,
    /// Addresses of sitemaps, as they are written.
    pub(super) sitemaps: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    allows: bool,
    pattern: String,
}

/// The lines that speak to some robots.
#[derive(Debug, Default)]
struct Group {
    agents: Vec<String>,
    rules: Vec<Rule>,
    delay: Option<Duration>,
}

impl Robots {
    /// A site that has no such file, or will not show it (RFC 9309 §2.3.1.3).
    pub(super) const fn open() -> Self {
        Self { closed: None, rules: Vec::new(), delay: None, sitemaps: Vec::new() }
    }

    /// A site whose file cannot be had, and why: its server fails, or is not reached.
    pub(super) fn closed(why: impl Into<String>) -> Self {
        Self { closed: Some(why.into()), ..Self::open() }
    }

    /// Reads a file for the robot of that product name.
    pub(super) fn parse(text: &str, product: &str) -> Self {
        let (groups, sitemaps) = groups(text);
        let speaks_to = |group: &&Group, name: &str| group.agents.iter().any(|agent| agent.eq_ignore_ascii_case(name));
        let mut own: Vec<&Group> = groups.iter().filter(|group| speaks_to(group, product)).collect();
        if own.is_empty() {
            own = groups.iter().filter(|group| speaks_to(group, "*")).collect();
        }
        let rules = own.iter().flat_map(|group| group.rules.iter().cloned()).take(RULES_MAX).collect();
        let delay = own.iter().filter_map(|group| group.delay).max();
        Self { closed: None, rules, delay, sitemaps }
    }

    /// Why a path, with its query, may not be visited; `None` where it may.
    pub(super) fn refusal(&self, path: &str) -> Option<String> {
        let unread = self.closed.as_ref().map(|why| format!("robots.txt cannot be read ({why})"));
        unread.or_else(|| (!self.allows(path)).then(|| "robots.txt does not allow it".to_owned()))
    }

    /// Whether a path may be visited: the longest rule decides, and `Allow` where two are as long.
    pub(super) fn allows(&self, path: &str) -> bool {
        if path == "/robots.txt" {
            return true;
        }
        let path = normal(path);
        let fitting = self.rules.iter().filter(|rule| fits(rule.pattern.as_bytes(), path.as_bytes()));
        let longest = fitting.max_by_key(|rule| (rule.pattern.len(), rule.allows));
        self.closed.is_none() && longest.is_none_or(|rule| rule.allows)
    }
}

fn groups(text: &str) -> (Vec<Group>, Vec<String>) {
    let mut groups: Vec<Group> = Vec::new();
    let mut sitemaps = Vec::new();
    let mut naming = false;
    for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
        let line = line.split('#').next().unwrap_or_default();
        let Some((key, value)) = line.split_once(':') else { continue };
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
        match key.as_str() {
            "user-agent" => {
                if !naming {
                    groups.push(Group::default());
                }
                naming = true;
                if let Some(group) = groups.last_mut() {
                    group.agents.push(product(value));
                }
            }
            "allow" | "disallow" => {
                naming = false;
                // An empty pattern fits nothing. Rules before any name speak to nobody.
                if let Some(group) =
                    groups.last_mut().filter(|group| !value.is_empty() && group.rules.len() < RULES_MAX)
                {
                    group.rules.push(Rule { allows: key == "allow", pattern: normal(value) });
                }
            }
            "crawl-delay" => {
                naming = false;
                let seconds = value.parse::<f64>().ok().filter(|s| s.is_finite() && (0.0..=86_400.0).contains(s));
                if let Some(group) = groups.last_mut() {
                    group.delay = seconds.map(Duration::from_secs_f64).or(group.delay);
                }
            }
            // It belongs to no group (sitemaps.org).
            "sitemap" if sitemaps.len() < SITEMAPS_MAX => sitemaps.push(value.to_owned()),
            _ => {}
        }
    }
    (groups, sitemaps)
}

/// The name that a line speaks to: `Risposta/1.0` is `Risposta` (RFC 9309 §2.2.1).
pub(super) fn product(value: &str) -> String {
    if value.starts_with('*') {
        return "*".to_owned();
    }
    value.chars().take_while(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_')).collect()
}

/// One way of writing each octet (RFC 9309 §2.2.2): `%7E` is `~`, `é` is `%C3%A9`, `%2f` stays `%2F`.
fn normal(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut normal = String::with_capacity(path.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = path.get(at + 1..at + 3).filter(|_| *byte == b'%');
        let (octet, taken) = match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(octet) => (octet, 3),
            None => (*byte, 1),
        };
        let unreserved = octet.is_ascii_alphanumeric() || b"-._~".contains(&octet);
        if unreserved || (taken == 1 && octet.is_ascii_graphic()) {
            normal.push(char::from(octet));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(normal, "%{octet:02X}");
        }
        at += taken;
    }
    normal
}

/// Whether a pattern fits the beginning of a path; `*` is anything, `$` at the end is the end.
fn fits(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, to_end) = match pattern.strip_suffix(b"$") {
        Some(rest) => (rest, true),
        None => (pattern, false),
    };
    let (mut p, mut s) = (0, 0);
    // Where the last star stands, and how much of the path it takes.
    let mut star: Option<(usize, usize)> = None;
    loop {
        if p == pattern.len() && (!to_end || s == path.len()) {
            return true;
        }
        match (pattern.get(p), path.get(s)) {
            (Some(b'*'), _) => {
                star = Some((p, s));
                p += 1;
            }
            (Some(a), Some(b)) if a == b => {
                p += 1;
                s += 1;
            }
            (_, _) => {
                let Some((at, taken)) = star.filter(|(_, taken)| *taken < path.len()) else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                s = taken + 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(text: &str, path: &str) -> bool {
        Robots::parse(text, "Risposta").allows(path)
    }

    /// The examples of RFC 9309 §2.2.2, §2.2.3 and §5.
    #[test]
    fn the_rfcs_examples_hold() {
        let simple = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n\
                      User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n\n\
                      User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\nUser-Agent: quxbot\n";
        for (robot, path, allows) in [
            ("other", "/a.gif", false),
            ("other", "/a.gif?x", true),
            ("other", "/example/x", false),
            ("other", "/publications/", true),
            ("FooBot", "/", false),
            ("foobot", "/example/page.html", true),
            ("bazbot", "/example/page.html", false),
            ("bazbot", "/example/", true),
            ("quxbot", "/example/page.html", true),
        ] {
            assert_eq!(Robots::parse(simple, robot).allows(path), allows, "{robot} {path}");
        }
        let longest = "User-agent: *\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif";
        assert!(allowed(longest, "/example/page/x") && !allowed(longest, "/example/page/disallowed.gif"));
        for (rule, path) in [
            ("/foo/bar?baz=quz", "/foo/bar?baz=quz"),
            ("/foo/bar/ツ", "/foo/bar/%E3%83%84"),
            ("/foo/bar/%E3%83%84", "/foo/bar/%e3%83%84"),
            ("/foo/bar/%62%61%7A", "/foo/bar/baz"),
        ] {
            assert!(!allowed(&format!("User-agent: *\nDisallow: {rule}"), path), "{rule} {path}");
        }
    }

    #[test]
    fn groups_of_one_name_are_one_and_a_name_of_ones_own_counts_alone() {
        let text = "user-agent: risposta/2.0\ndisallow: /a\n\nuser-agent: *\ndisallow: /\n\nUSER-AGENT: Risposta\nDisallow: /b\ncrawl-delay: 2.5\nSitemap: https://a.example/s.xml";
        let robots = Robots::parse(text, "Risposta");
        assert!(robots.allows("/c") && !robots.allows("/a") && !robots.allows("/b/x"));
        assert_eq!(robots.delay, Some(Duration::from_millis(2_500)));
        assert_eq!(robots.sitemaps, ["https://a.example/s.xml"]);
        assert!(!Robots::parse(text, "other").allows("/c"));
        assert!(Robots::parse(text, "other").allows("/robots.txt"));
    }

    #[test]
    fn an_allow_as_long_as_a_disallow_wins_and_empty_says_nothing() {
        assert!(allowed("user-agent: *\ndisallow: /a\nallow: /a", "/a"));
        assert!(allowed("user-agent: *\ndisallow:", "/a"));
        assert!(allowed("disallow: /", "/a"), "speaks to nobody");
        assert!(!allowed("\u{feff}User-agent: *\r\nDisallow: / # all of it", "/a"));
        assert!(!allowed("user-agent: *\ndisallow: /*/private$", "/x/y/private"));
        assert!(allowed("user-agent: *\ndisallow: /*/private$", "/x/y/private2"));
        assert!(allowed("", "/") && Robots::open().allows("/") && !Robots::closed("").allows("/"));
    }

    #[test]
    fn hostile_files_end() {
        let stars = format!("user-agent: *\ndisallow: /{}b$", "*a".repeat(2_000));
        assert!(allowed(&stars, &format!("/{}", "a".repeat(4_000))));
        for text in [
            "user-agent",
            ":::",
            "user-agent: \u{0}\ndisallow: %",
            "crawl-delay: 1e999\nuser-agent:*\ncrawl-delay: nan",
        ] {
            let robots = Robots::parse(text, "Risposta");
            assert_eq!(robots.delay, None);
            assert!(robots.allows("/x"), "{text}");
        }
    }
}
