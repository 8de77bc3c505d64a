//! Which e-mail addresses does a page publish?

use super::Sighting;
use super::document::{Document, above, words};
use super::links::{Raw, percent_decoded};
use super::obfuscated::{cloudflare, spelled_out};
use super::structured::Structured;
use email_address::{EmailAddress, Options};

/// Most addresses of a page that are kept.
const ADDRESSES_MAX: usize = 100;

/// Most characters of the words around an address.
const ABOUT_MAX: usize = 160;

/// Domains that only stand in examples and in the code of tools.
const NOBODYS: [&str; 14] = [
    "example.com",
    "example.org",
    "example.net",
    "domain.com",
    "yourdomain.com",
    "email.com",
    "mysite.com",
    "company.com",
    "sentry.io",
    "sentry.wixpress.com",
    "wixpress.com",
    "dominio.com",
    "domain.tld",
    "mail.tld",
];

/// Names that only examples have.
const NOBODY: [&str; 16] = [
    "example",
    "esempio",
    "beispiel",
    "exemple",
    "ejemplo",
    "youremail",
    "your.email",
    "yourname",
    "your.name",
    "myemail",
    "johndoe",
    "john.doe",
    "nome.cognome",
    "vorname.nachname",
    "prenom.nom",
    "username",
];

/// A published e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The address, in lower case.
    pub mail: String,
    /// The words around it.
    pub about: String,
}

/// The addresses of a page, each once, the surest sighting first.
pub(super) fn addresses(
    page: &Document,
    raw: &[Raw<'_>],
    lines: &[String],
    facts: &Structured,
) -> Vec<Sighting<Address>> {
    let mut found = Vec::new();
    for link in raw {
        in_link(link, &mut found);
    }
    for element in page.all() {
        if let Some(mail) = element.attr("data-cfemail").and_then(cloudflare) {
            push(&mut found, &mail, &around(element), "protected by Cloudflare", 0.95);
        }
    }
    for mail in facts.emails() {
        push(&mut found, &mail, "", "structured data", 0.9);
    }
    for line in lines.iter().filter(|line| line.len() < 20_000) {
        for mail in in_text(line) {
            push(&mut found, &mail, line, "text", 0.85);
        }
        for mail in spelled_out(line) {
            push(&mut found, &mail, line, "text, spelled out", 0.75);
        }
    }
    found
}

fn in_link(link: &Raw<'_>, found: &mut Vec<Sighting<Address>>) {
    let scheme = link.href.get(..7).filter(|s| s.eq_ignore_ascii_case("mailto:"));
    if scheme.is_some() {
        let (to, query) = link.href[7..].split_once('?').unwrap_or((&link.href[7..], ""));
        let also = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key.eq_ignore_ascii_case("to"));
        let decoded = also.map(|(_, value)| value.into_owned()).chain([percent_decoded(to)]);
        for mail in decoded.flat_map(|to| to.split([',', ';']).map(str::to_owned).collect::<Vec<_>>()) {
            // "Name <info@…>" is allowed there, too.
            let bare = mail.rsplit_once('<').map_or(mail.as_str(), |(_, bare)| bare.trim_end_matches('>'));
            let spelled = spelled_out(bare).into_iter().next();
            let about = format!("{} {}", link.words, around(link.element));
            push(found, spelled.as_deref().unwrap_or(bare), &about, "mailto link", 0.95);
        }
    }
    if let Some((_, hex)) = link.href.split_once("/cdn-cgi/l/email-protection#")
        && let Some(mail) = cloudflare(hex)
    {
        let mail = mail.split('?').next().unwrap_or_default();
        push(found, mail, &around(link.element), "protected by Cloudflare", 0.95);
    }
}

/// The words of the smallest block around an element.
fn around(element: scraper::ElementRef<'_>) -> String {
    let block =
        above(element).find(|e| !matches!(e.value().name(), "span" | "b" | "strong" | "em" | "i" | "a" | "font"));
    block.map(|block| words(block, ABOUT_MAX)).unwrap_or_default()
}

fn push(found: &mut Vec<Sighting<Address>>, mail: &str, about: &str, how: &str, confidence: f64) {
    let mail = mail.trim().trim_end_matches('.').to_lowercase();
    let known = found.iter().any(|f: &Sighting<Address>| f.what.mail == mail);
    if known || found.len() >= ADDRESSES_MAX || !is_mailbox(&mail) {
        return;
    }
    let about = about.chars().take(ABOUT_MAX).collect();
    found.push(Sighting::new(Address { mail, about }, how, confidence));
}

/// Whether a text is an address that mail may go to.
fn is_mailbox(mail: &str) -> bool {
    let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
    let Some((local, domain)) = mail.rsplit_once('@') else { return false };
    let top = domain.rsplit('.').next().unwrap_or_default();
    let plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || "._-+&'".contains(c));
    EmailAddress::parse_with_options(mail, options).is_ok()
        && plain(local)
        && plain(domain)
        && top.chars().all(char::is_alphabetic)
        && top.chars().count() >= 2
        // `logo@2x.png` is a picture.
        && !matches!(top, "png" | "jpg" | "jpeg" | "gif" | "webp" | "svg" | "css" | "js" | "html" | "php")
        && !NOBODYS.contains(&domain)
        && !NOBODY.contains(&local)
}

/// Addresses that stand plainly in a text.
fn in_text(line: &str) -> Vec<String> {
    let local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let domain = |c: char| c.is_alphanumeric() || ".-".contains(c);
    let found = line.match_indices('@').filter_map(|(at, _)| {
        let before = &line[..at];
        let start = before.rfind(|c| !local(c)).map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
        let after = &line[at + 1..];
        let end = after.find(|c| !domain(c)).unwrap_or(after.len());
        let (name, host) = (before[start..].trim_matches('.'), after[..end].trim_matches(['.', '-']));
        (!name.is_empty() && host.contains('.')).then(|| format!("{name}@{host}"))
    });
    found.collect()
}
