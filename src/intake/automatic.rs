//! Whether a machine wrote a message: "received", "away".
//!
//! Header fields first (RFC 3834 and its older cousins), then words. `Precedence` alone proves
//! nothing: people's answers out of help desks carry `bulk`.

use super::kind::Judged;
use super::mail::Mail;
use super::tickets;
use crate::lexicon::mail_words::{MailWords, Topic, fold};
use crate::model::inbound::InboundKind;

/// Most new text that is searched for words, in characters: machines come to the point.
const SEARCHED_CHARS: usize = 2_500;
/// An absence note without any automatic header is short, in characters.
const AWAY_CHARS_MAX: usize = 1_500;

/// What a text and subject say, folded once.
#[allow(clippy::struct_excessive_bools, reason = "independent words, each present or absent")]
struct Said {
    subject: String,
    text: String,
    away: usize,
    away_subject: bool,
    received: usize,
    received_subject: bool,
    automatic: bool,
    automatic_subject: bool,
    challenge: bool,
}

/// Judges whether a machine wrote it; `None` where nothing says so.
pub(super) fn judge(mail: &Mail, new_text: &str) -> Option<Judged> {
    let said = Said::of(mail, new_text);
    by_header(mail, &said).or_else(|| by_words(mail, &said))
}

/// Whether a machine's text says that something was received, or that it is a machine's.
pub(super) fn acknowledges(text: &str) -> bool {
    let words = MailWords::get();
    let text = fold(&text.chars().take(SEARCHED_CHARS).collect::<String>());
    words.of(Topic::Received).occur_in(&text) || words.of(Topic::Automatic).occur_in(&text)
}

impl Said {
    fn of(mail: &Mail, new_text: &str) -> Self {
        let words = MailWords::get();
        let subject = fold(mail.subject.as_deref().unwrap_or_default());
        let text = fold(&new_text.chars().take(SEARCHED_CHARS).collect::<String>());
        Self {
            away: words.of(Topic::Away).count_in(&text),
            away_subject: words.of(Topic::AwaySubject).occur_in(&subject),
            received: words.of(Topic::Received).count_in(&text),
            received_subject: words.of(Topic::ReceivedSubject).occur_in(&subject),
            automatic: words.of(Topic::Automatic).occur_in(&text),
            automatic_subject: words.of(Topic::AutomaticSubject).occur_in(&subject),
            challenge: words.of(Topic::Challenge).occur_in(&text) || words.of(Topic::Challenge).occur_in(&subject),
            subject,
            text,
        }
    }

    /// Whether it is somebody's absence.
    fn is_away(&self) -> bool {
        self.away_subject || self.away >= 1
    }
}

/// By header fields. `auto-replied` and the old `X-Autoreply` fields speak of an answer to our
/// message; `auto-generated` is also what ticket systems put on a person's words.
fn by_header(mail: &Mail, said: &Said) -> Option<Judged> {
    let marks = &mail.marks;
    let (evidence, sure) = match (marks.auto_submitted.as_deref(), marks.autoreply) {
        (Some("no"), _) => return None,
        (Some(token), _) if token.starts_with("auto-replied") || token == "vacation" => {
            ("auto-submitted=auto-replied", true)
        }
        (Some(token), _) if token.starts_with("auto-notified") => ("auto-submitted=auto-notified", false),
        (Some(token), _) if token.starts_with("auto") => ("auto-submitted=auto-generated", false),
        (_, Some(name)) => (name, true),
        (_, None) => return None,
    };
    if said.is_away() {
        return Some(Judged::new(InboundKind::OutOfOffice, evidence).and("words=away"));
    }
    let says_so = said.automatic || said.automatic_subject || said.received > 0 || said.received_subject;
    let judged = Judged::new(InboundKind::Acknowledgement, evidence);
    if says_so || said.challenge {
        return Some(judged.and(if said.challenge { "words=challenge" } else { "words=received" }));
    }
    if sure {
        return Some(judged);
    }
    if marks.help_desk || is_answer(mail) {
        // Ticket systems mark a person's words so: a person must look.
        return Some(Judged::new(InboundKind::Reply, evidence).and("may-be-a-person").unsure());
    }
    Some(Judged::new(InboundKind::Unrelated, evidence).and("no-words").unless_ours())
}

/// By words alone, where header fields are silent. People write such words too, so one is never
/// enough.
fn by_words(mail: &Mail, said: &Said) -> Option<Judged> {
    let asks_silence = mail.marks.suppress;
    let noreply = is_noreply(mail.sender());
    let short_text = said.text.chars().count() <= AWAY_CHARS_MAX;
    let marked = asks_silence || said.automatic || said.automatic_subject || mail.marks.null_return_path;
    let away = match said.away {
        0 => said.away_subject && !is_reply_subject(&said.subject),
        1 => said.away_subject || marked,
        _ => true,
    };
    if away && short_text {
        let name = if said.away_subject { "subject=away" } else { "words=away" };
        return Some(Judged::new(InboundKind::OutOfOffice, name));
    }
    let ack = |name: &str| Some(Judged::new(InboundKind::Acknowledgement, name));
    if said.automatic_subject && (asks_silence || said.automatic || said.received > 0 || noreply) {
        return ack("subject=automatic");
    }
    if said.challenge && (said.automatic || noreply || mail.marks.null_return_path || said.subject.contains("verif")) {
        return ack("words=challenge");
    }
    let ticket = !tickets::in_text(&said.text, false).is_empty()
        || !tickets::in_text(mail.subject.as_deref().unwrap_or_default(), true).is_empty();
    let mut score = said.received.min(3);
    score += usize::from(said.received_subject) * 2;
    score += usize::from(said.automatic) * 2;
    score += usize::from(noreply || mail.marks.null_return_path || asks_silence);
    score += usize::from(ticket && said.received > 0);
    let has_core = said.received > 0 || said.received_subject || said.automatic;
    (has_core && score >= 3).then(|| {
        let mut judged = Judged::new(InboundKind::Acknowledgement, "words=received");
        for (seen, name) in [
            (said.automatic, "words=automatic"),
            (said.received_subject, "subject=received"),
            (noreply, "sender=noreply"),
            (ticket, "ticket"),
        ] {
            if seen {
                judged = judged.and(name);
            }
        }
        judged
    })
}

fn is_noreply(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    MailWords::get().of(Topic::Noreply).occur_in(&fold(local))
}

/// Whether it answers a message, by its fields or its subject.
fn is_answer(mail: &Mail) -> bool {
    !mail.in_reply_to.is_empty()
        || !mail.references.is_empty()
        || is_reply_subject(&fold(mail.subject.as_deref().unwrap_or_default()))
}

fn is_reply_subject(subject: &str) -> bool {
    MailWords::get().of(Topic::ReplySubject).start(subject)
}
