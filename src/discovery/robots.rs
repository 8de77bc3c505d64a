//! What does a site's `robots.txt` allow us (RFC 9309)? Pure: text in, rules out.

use std::time::Duration;
use url::Url;

/// Most bytes that are read (RFC 9309 §2.5: at least 500 KiB).
pub(super) const BYTES_MAX: usize = robotxt::BYTE_LIMIT;

/// Longest pause that is taken for meant.
const DELAY_MAX: Duration = Duration::from_hours(24);

/// What one site allows one robot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Robots {
    rules: robotxt::Robots,
    /// Why nothing at all: the file could not be had (RFC 9309 §2.3.1.4), or the site is none of the public internet.
    unread: Option<String>,
}

impl Robots {
    /// A site that has no such file, or will not show it (RFC 9309 §2.3.1.3).
    pub(super) fn open() -> Self {
        Self { rules: robotxt::Robots::allow_all(), unread: None }
    }

    /// A site whose file cannot be had, and why: its server fails, or is not reached.
    pub(super) fn closed(why: impl Into<String>) -> Self {
        Self::inside(format!("robots.txt cannot be read ({})", why.into()))
    }

    /// A site that is not asked at all, and why: it lies within our own network.
    pub(super) fn inside(why: impl Into<String>) -> Self {
        Self { rules: robotxt::Robots::disallow_all(), unread: Some(why.into()) }
    }

    /// Reads a file for whoever calls itself so: its first word is the name that rules speak to.
    pub(super) fn parse(text: &str, user_agent: &str) -> Self {
        let product = user_agent.split(['/', ' ']).next().unwrap_or_default();
        Self { rules: robotxt::Robots::parse(text.as_bytes(), product), unread: None }
    }

    /// Why an address may not be visited; `None` where it may.
    pub(super) fn refusal(&self, url: &Url) -> Option<String> {
        self.unread
            .clone()
            .or_else(|| (!self.rules.is_url_allowed(url)).then(|| "robots.txt does not allow it".to_owned()))
    }

    /// Time that it asks us to wait between two requests.
    pub(super) fn delay(&self) -> Option<Duration> {
        self.rules.crawl_delay().map(|delay| delay.min(DELAY_MAX))
    }

    /// The first sitemap that it names.
    pub(super) fn sitemap(&self) -> Option<&Url> {
        self.rules.sitemaps().first()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(robots: &Robots, path: &str) -> bool {
        robots.refusal(&Url::parse(&format!("https://a.example{path}")).unwrap()).is_none()
    }

    fn allowed(text: &str, path: &str) -> bool {
        allows(&Robots::parse(text, "Risposta/1.0 (audit)"), path)
    }

    /// The examples of RFC 9309 §2.2.2, §2.2.3 and §5.
    #[test]
    fn the_rfcs_examples_hold() {
        let simple = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n\
                      User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n\n\
                      User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\nUser-Agent: quxbot\n";
        for (robot, path, allowed) in [
            ("other", "/a.gif", false),
            ("other", "/a.gif?x", true),
            ("other", "/example/x", false),
            ("other", "/publications/", true),
            ("FooBot/2.1", "/", false),
            ("foobot", "/example/page.html", true),
            ("bazbot (of us)", "/example/page.html", false),
            ("bazbot", "/example/", true),
            ("quxbot", "/example/page.html", true),
        ] {
            assert_eq!(allows(&Robots::parse(simple, robot), path), allowed, "{robot} {path}");
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
        let text = "user-agent: risposta\ndisallow: /a\n\nuser-agent: *\ndisallow: /\n\nUSER-AGENT: Risposta\n\
                    Disallow: /b\ncrawl-delay: 2.5\nSitemap: https://a.example/s.xml";
        let robots = Robots::parse(text, "Risposta");
        assert!(allows(&robots, "/c") && !allows(&robots, "/a") && !allows(&robots, "/b/x"));
        assert_eq!(robots.delay(), Some(Duration::from_millis(2_500)));
        assert_eq!(robots.sitemap().map(Url::as_str), Some("https://a.example/s.xml"));
        let other = Robots::parse(text, "other");
        assert!(!allows(&other, "/c") && allows(&other, "/robots.txt"));
    }

    #[test]
    fn an_allow_as_long_as_a_disallow_wins_and_empty_says_nothing() {
        assert!(allowed("user-agent: *\ndisallow: /a\nallow: /a", "/a"));
        assert!(allowed("user-agent: *\ndisallow:", "/a"));
        assert!(allowed("disallow: /", "/a"), "speaks to nobody");
        assert!(!allowed("\u{feff}User-agent: *\r\nDisallow: / # all of it", "/a"));
        assert!(!allowed("user-agent: *\ndisallow: /*/private$", "/x/y/private"));
        assert!(allowed("user-agent: *\ndisallow: /*/private$", "/x/y/private2"));
        assert!(allowed("", "/") && allows(&Robots::open(), "/") && !allows(&Robots::closed("500"), "/"));
    }

    #[test]
    fn hostile_files_end() {
        let stars = format!("user-agent: *\ndisallow: /{}b$", "*a".repeat(2_000));
        assert!(allowed(&stars, &format!("/{}", "a".repeat(4_000))));
        let long = format!("user-agent: *\n{}disallow: /late", "disallow: /x\n".repeat(60_000));
        assert!(allowed(&long, "/late") && !allowed(&long, "/x"), "what lies beyond the limit is not read");
        for text in [
            "user-agent",
            ":::",
            "user-agent: \u{0}\ndisallow: %",
            "crawl-delay: 1e999\nuser-agent:*\ncrawl-delay: nan",
        ] {
            let robots = Robots::parse(text, "Risposta");
            assert_eq!(robots.delay(), None);
            assert!(allows(&robots, "/x"), "{text}");
        }
    }
}
