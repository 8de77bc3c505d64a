//! What the short forms mean: `adequate within 7d, own vs outside`, `host:port`, `env:NAME`, `q x3`.

use super::leaf::Wrong;
use crate::model::study::{Measure, Primary, SecretSource};
use opening_hours::OpeningHours;
use opening_hours::localization::Country;
use std::net::IpAddr;

/// A word that may be chosen, and what it means.
pub(super) type Word = (&'static str, &'static str);

/// Whether `text` is one of the words.
pub(super) fn choose(text: &str, choices: &[Word]) -> Result<(), Wrong> {
    if choices.iter().any(|c| c.0 == text) {
        return Ok(());
    }
    let known: Vec<_> = choices.iter().map(|c| c.0).collect();
    Err(Wrong::new(
        format!("`{text}` is none of the words known here"),
        format!("known: {}", known.join(", ")),
        nearest_help(text, known),
    ))
}

/// The nearest of some names, where one is near.
pub(super) fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = text.to_lowercase().replace([' ', '-'], "_");
    let scored =
        known.into_iter().map(|k| (strsim::jaro_winkler(&wanted, &k.to_lowercase().replace([' ', '-'], "_")), k));
    // The first of equals, so that the same mistake always gets the same advice.
    let best = scored.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.filter(|(score, _)| *score > 0.75).map(|(_, k)| k)
}

/// "did you mean …?", or nothing.
pub(super) fn nearest_help<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(text, known).map(|near| format!("did you mean `{near}`?")).unwrap_or_default()
}

/// An IANA time zone.
pub(super) fn timezone(text: &str) -> Result<chrono_tz::Tz, Wrong> {
    text.parse().map_err(|_| {
        let help = match nearest(text, chrono_tz::TZ_VARIANTS.iter().map(|z| z.name())) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "use an IANA name, such as `Europe/Rome`".to_owned(),
        };
        Wrong::new(format!("`{text}` is no time zone"), "", help)
    })
}

/// Opening hours in OpenStreetMap syntax.
pub(super) fn hours(text: &str) -> Result<OpeningHours, Wrong> {
    text.parse().map_err(|_| {
        let help = "write them as OpenStreetMap does: `Mo-Fr 09:00-18:00; Sa 09:00-13:00; PH off`";
        Wrong::new(format!("`{text}` are no opening hours"), "", help)
    })
}

/// A language by its two letters.
pub(super) fn language(text: &str) -> Result<(), Wrong> {
    if text.len() == 2 && text.bytes().all(|b| b.is_ascii_lowercase()) {
        return Ok(());
    }
    Err(Wrong::new(
        format!("`{text}` is no language code"),
        "",
        "use the two letters of ISO 639-1, such as `it` or `en`",
    ))
}

/// A country by its two letters, with its holidays.
pub(super) fn country(text: &str) -> Result<Country, Wrong> {
    let wrong = || {
        let help = "use two capital letters (ISO 3166-1), such as `IT`; leave it out where holidays are not known";
        Wrong::new(format!("`{text}` is no country whose holidays are known"), "", help)
    };
    text.parse().map_err(|_| wrong())
}

/// Where a secret comes from.
pub(super) fn secret(text: &str) -> Result<SecretSource, Wrong> {
    match text.split_once(':') {
        Some(("env", name)) if is_variable(name) => Ok(SecretSource::Env(name.to_owned())),
        Some(("file", path)) if !path.trim().is_empty() => Ok(SecretSource::File(path.trim().to_owned())),
        _ => Err(Wrong::new(
            "a secret written in clear",
            "not shown here",
            "keep it out of the study: `env:NAME` names an environment variable, `file:PATH` a file. Change this secret: others may have read it",
        )),
    }
}

/// A user agent: a product's name first, to which the rules in `robots.txt` are addressed (RFC 9309 §2.2.1).
pub(super) fn user_agent(text: &str) -> Result<(), Wrong> {
    let product = text.split(['/', ' ']).next().unwrap_or_default();
    let named = !product.is_empty() && product.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_'));
    if named && text.len() <= 200 && text.chars().all(|c| matches!(c, ' '..='~')) {
        return Ok(());
    }
    let help = "start with a name of letters, `-` and `_`: `acme-audit/1.0 (+https://acme.example/audit)`";
    Err(Wrong::new(format!("`{text}` is no user agent"), "", help))
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Host and port of `host`, `host:port` or `[::1]:port`.
pub(super) fn server(text: &str) -> Result<(String, Option<u16>), Wrong> {
    let wrong =
        || Wrong::new(format!("`{text}` is no server"), "", "write `mail.shop.example` or `mail.shop.example:993`");
    let (host, port) = match text.strip_prefix('[').and_then(|t| t.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':').or((!rest.is_empty()).then_some(rest))),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | ':' | '_');
    if host.is_empty() || !host.chars().all(allowed) {
        return Err(wrong());
    }
    let port = port.map(|p| p.parse::<u16>().ok().filter(|p| *p > 0).ok_or_else(wrong)).transpose()?;
    Ok((host.to_owned(), port))
}

/// Whether a host is this machine, so that plain text is private enough.
pub(super) fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Questions and how often each: `q`, `q x3`, `q1; q2`.
pub(super) fn asks(text: &str) -> Result<Vec<(String, u32)>, Wrong> {
    let one = |part: &str| {
        let (question, times) = match part.rsplit_once(" x") {
            Some((question, times)) => (question.trim(), times.trim().parse().ok()),
            None => (part, Some(1)),
        };
        let times = times.filter(|t| (1..=100).contains(t))?;
        crate::model::ids::is_identifier(question).then(|| (question.to_owned(), times))
    };
    let parts = text.split([';', ',', '|']).map(str::trim).filter(|p| !p.is_empty());
    let asks: Option<Vec<_>> = parts.map(one).collect();
    asks.filter(|a| !a.is_empty()).ok_or_else(|| {
        Wrong::new(
            format!("`{text}` names no question"),
            "",
            "write a question's id, `id x3` to ask three times, or `id; id`",
        )
    })
}

/// The primary comparison.
pub(super) fn primary(text: &str) -> Result<Primary, Wrong> {
    let read = || {
        let (what, sides) = text.split_once(',')?;
        let (measure, within) = what.trim().split_once(" within ")?;
        let (left, right) = sides.trim().split_once(" vs ")?;
        let measure = match measure.trim() {
            "adequate" => Measure::Adequate,
            "replied" => Measure::Replied,
            _ => return None,
        };
        let within = within.trim().parse().ok()?;
        Some(Primary { measure, within, left: left.trim().to_owned(), right: right.trim().to_owned() })
    };
    read().ok_or_else(|| {
        let help = "write `adequate within 7d, own vs outside`: adequate or replied, a threshold, two channel groups or channels";
        Wrong::new("no comparison that can be read", "", help)
    })
}
