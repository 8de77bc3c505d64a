//! When a message of a Maildir arrived, and who says so.

use crate::model::time::{Provenance, Stamp};
use crate::sources::received::topmost_received;
use chrono::{DateTime, Utc};

/// The delivery time that a file name starts with, in seconds: `1700000000.M1P2.host` (the Maildir
/// convention). Anything that is no time of this century is no time.
pub(in crate::sources) fn named_at(base: &str) -> Option<i64> {
    let seconds: i64 = base.split('.').next()?.parse().ok()?;
    (946_684_800..4_102_444_800).contains(&seconds).then_some(seconds)
}

/// When it arrived. See the module's parent for the order of clocks.
pub(super) fn arrival(named_at: Option<i64>, bytes: &[u8], modified: DateTime<Utc>, oldest: DateTime<Utc>) -> Stamp {
    if let Some(named) = named_at.and_then(|s| DateTime::from_timestamp(s, 0)) {
        let kept = modified >= oldest && modified < named;
        let truth = if kept { DateTime::from_timestamp(modified.timestamp(), 0).unwrap_or(modified) } else { named };
        return Stamp::server(truth);
    }
    match topmost_received(bytes) {
        Some(at) => Stamp::server(at),
        // The file's time is the delivering program's, or that of whoever touched it last.
        None => Stamp { at: modified, provenance: Provenance::Observed, error_seconds: 86_400 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_receiving_servers_clock_is_preferred() {
        let oldest = moment("2026-03-01T00:00:00Z");
        let named = named_at("1773136800.M1P2.host,S=12");
        assert_eq!(named, Some(moment("2026-03-10T10:00:00Z").timestamp()));
        let mail = b"Received: from a by b; Tue, 10 Mar 2026 09:00:07 +0100\r\n\
            Received: from c by a; Mon, 9 Mar 2026 09:00:00 +0100\r\nSubject: x\r\n\r\n";
        for (named, modified, expected, who) in [
            (named, "2026-03-12T00:00:00Z", "2026-03-10T10:00:00Z", Provenance::Server),
            (named, "2026-03-05T08:30:00Z", "2026-03-05T08:30:00Z", Provenance::Server),
            (named, "1970-01-01T00:00:00Z", "2026-03-10T10:00:00Z", Provenance::Server),
            (None, "2026-03-12T00:00:00Z", "2026-03-10T08:00:07Z", Provenance::Server),
        ] {
            let stamp = arrival(named, mail, moment(modified), oldest);
            assert_eq!((stamp.at, stamp.provenance), (moment(expected), who));
        }
        let bare = arrival(None, b"Subject: x\r\n\r\n", moment("2026-03-12T00:00:00Z"), oldest);
        assert_eq!((bare.at, bare.provenance), (moment("2026-03-12T00:00:00Z"), Provenance::Observed));
    }

    #[test]
    fn names_without_a_time_have_none() {
        for name in ["msg.1", "12.x", "99999999999.x", "", "x1773136800.y"] {
            assert_eq!(named_at(name), None, "{name}");
        }
    }
}
