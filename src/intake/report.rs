//! What a machine-readable report says (RFC 3464 delivery, RFC 8098 disposition, RFC 5965 feedback).

use super::lines::start_of;

/// A report that a message carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Report {
    /// What became of a delivery.
    Delivery {
        /// The gravest action of all recipients.
        action: Option<Action>,
        /// The status (RFC 3463) that goes with it.
        status: Option<String>,
        /// What the server said that goes with it.
        diagnostic: Option<String>,
        /// Whom that action befell, in lower case: each as the sender named it, and as it was tried.
        recipients: Vec<Vec<String>>,
    },
    /// What a mail program did with a message.
    Disposition(Disposition),
    /// Somebody complained about a message: never a bounce.
    Feedback,
}

/// What a mail program did with a message (RFC 8098).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Disposition {
    /// `displayed`, `deleted`, `denied`, …
    pub(super) done: String,
    /// Whether it says that something went wrong, by a modifier or a field of its own.
    pub(super) failed: bool,
}

/// What became of a delivery, gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    /// Given up.
    Failed,
    /// Not yet.
    Delayed,
    /// Done, or handed on.
    Delivered,
}

impl Report {
    /// Reads the fields of a message/delivery-status part. Among several recipients the gravest
    /// action counts: we wrote to one address, and a blind copy to ourselves.
    pub(super) fn delivery(text: &str) -> Self {
        let mut gravest: (Option<Action>, Option<String>) = (None, None);
        let mut diagnostic = None;
        let mut befallen: Vec<(Option<Action>, Vec<String>)> = Vec::new();
        for group in unfolded(text).split("\n\n") {
            let value = |name: &str| {
                group.lines().find_map(|line| {
                    let (n, v) = line.split_once(':')?;
                    n.trim().eq_ignore_ascii_case(name).then(|| v.trim().to_owned())
                })
            };
            let action = value("action").and_then(|a| Action::of(&a));
            let given = value("status").as_deref().and_then(status_in);
            let diagnosed = value("diagnostic-code").as_deref().and_then(status_in);
            let status = more_specific(given, diagnosed);
            let named = [value("original-recipient"), value("final-recipient")];
            let named: Vec<String> = named.into_iter().flatten().map(|field| address_of(&field)).collect();
            if !named.is_empty() {
                befallen.push((action, named));
            }
            let graver = match (action, gravest.0) {
                (Some(new), Some(old)) => new < old,
                (Some(_), None) => true,
                (None, _) => gravest == (None, None) && status.is_some(),
            };
            if graver {
                gravest = (action, status);
                diagnostic = value("diagnostic-code").map(|d| start_of(&d, 500).to_owned());
            }
        }
        befallen.retain(|(action, _)| *action == gravest.0);
        let recipients = befallen.into_iter().map(|(_, named)| named).collect();
        Self::Delivery { action: gravest.0, status: gravest.1, diagnostic, recipients }
    }

    /// Reads the fields of a message/disposition-notification part.
    pub(super) fn disposition(text: &str) -> Self {
        let fields = unfolded(text);
        let field = |wanted: &str| {
            fields.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().to_ascii_lowercase())
            })
        };
        let value = field("disposition");
        let kind = value.as_deref().and_then(|v| v.split(';').nth(1)).unwrap_or_default();
        let (done, modifier) = kind.split_once('/').unwrap_or((kind, ""));
        let failed = ["error", "failure", "failed"].iter().any(|m| modifier.contains(m))
            || ["failure", "error"].iter().any(|name| field(name).is_some_and(|v| !v.is_empty()));
        Self::Disposition(Disposition { done: done.trim().to_owned(), failed })
    }

    /// Whether a text holds the fields of a delivery report.
    pub(super) fn looks_like_delivery(text: &str) -> bool {
        let has = |name: &str| text.lines().any(|l| l.get(..name.len()).is_some_and(|l| l.eq_ignore_ascii_case(name)));
        has("action:") && (has("final-recipient:") || has("original-recipient:") || has("status:"))
    }
}

/// The address in a recipient's field: `rfc822; <Info@beta.example>`.
fn address_of(field: &str) -> String {
    let address = field.split_once(';').map_or(field, |(_, address)| address);
    address.trim().trim_matches(['<', '>']).to_lowercase()
}

/// Lines that go on with white space joined to the ones they continue (RFC 5322, section 2.2.3).
fn unfolded(text: &str) -> String {
    text.replace("\n ", " ").replace("\n\t", " ")
}

impl Action {
    fn of(value: &str) -> Option<Self> {
        let word: String = value.chars().take_while(char::is_ascii_alphabetic).collect();
        match word.to_ascii_lowercase().as_str() {
            "failed" | "failure" | "fail" | "bounced" => Some(Self::Failed),
            "delayed" | "deferred" => Some(Self::Delayed),
            "delivered" | "relayed" | "expanded" | "deliverable" => Some(Self::Delivered),
            _ => None,
        }
    }
}

/// The given status, unless it says no more than its class (`5.0.0`) and the diagnostic does.
fn more_specific(given: Option<String>, diagnosed: Option<String>) -> Option<String> {
    match (given, diagnosed) {
        (Some(given), Some(diagnosed)) if given.ends_with(".0.0") && given[..1] == diagnosed[..1] => Some(diagnosed),
        (given, diagnosed) => given.or(diagnosed),
    }
}

/// The first enhanced status code of a failure (RFC 3463) in a text: `5.1.1`. Parts of longer
/// numbers, such as IP addresses and versions, are none.
pub(super) fn status_in(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_part = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_'));
    for (at, byte) in bytes.iter().enumerate() {
        if !matches!(byte, b'2' | b'4' | b'5') || (at > 0 && is_part(bytes.get(at - 1))) {
            continue;
        }
        let end = at + bytes[at..].iter().take(9).take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        let code = text[at..end].trim_end_matches('.');
        let pieces: Vec<&str> = code.split('.').collect();
        let fits = pieces.len() == 3
            && pieces[0].len() == 1
            && pieces[1..].iter().all(|p| (1..=3).contains(&p.len()))
            && !bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
        if fits {
            return Some(code.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gravest_action_counts_with_its_status() {
        let text = "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@b.example\nAction: relayed\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; c@d.example\nAction: failed (bad)\nStatus: 5.1.1 (no such user)\n";
        assert_eq!(
            Report::delivery(text),
            Report::Delivery {
                action: Some(Action::Failed),
                status: Some("5.1.1".into()),
                diagnostic: None,
                recipients: vec![vec!["c@d.example".into()]]
            }
        );
    }

    #[test]
    fn a_status_is_no_address_and_no_version() {
        assert_eq!(status_in("smtp; 550-5.1.10 no such user").as_deref(), Some("5.1.10"));
        for text in ["from 4.4.8.8 port 25", "version 5.1.1rc", "x5.1.1", "2024.5.1"] {
            assert_eq!(status_in(text), None, "{text}");
        }
        assert_eq!(status_in("550 5.7.1: rejected.").as_deref(), Some("5.7.1"));
    }

    #[test]
    fn an_empty_report_says_nothing() {
        let nothing = Report::Delivery { action: None, status: None, diagnostic: None, recipients: Vec::new() };
        assert_eq!(Report::delivery(""), nothing);
        assert_eq!(
            Report::disposition("Disposition: manual-action/MDN-sent-manually; displayed"),
            Report::Disposition(Disposition { done: "displayed".into(), failed: false })
        );
    }
}
