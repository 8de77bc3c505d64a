//! Whether a machine wrote a message: "received", "away".
//!
//! Header fields first (RFC 3834 and its older cousins), then words. `Precedence` alone proves
//! nothing: people's answers out of help desks carry `bulk`.

use super::kind::Judged;
use super::lines::start_of;
use super::mail::Mail;
use super::tickets;
use crate::lexicon::mail_words::{Found, MailWords, Topic, fold};
use crate::model::inbound::InboundKind;

/// Most new text that is searched for words, in bytes: machines come to the point.
const SEARCHED_BYTES: usize = 3_000;
/// How far into its text a machine says what it is, in bytes.
const OPENING_BYTES: usize = 200;
/// An absence note without any automatic header is short, in characters.
const AWAY_CHARS_MAX: usize = 1_500;

/// What a text and subject say, folded and searched once.
struct Said {
    subject: String,
    text: String,
    in_subject: Found,
    in_text: Found,
}

/// Judges whether a machine wrote it; `None` where nothing says so.
pub(super) fn judge(mail: &Mail, new_text: &str) -> Option<Judged> {
    let said = Said::of(mail, new_text);
    by_header(mail, &said).or_else(|| by_words(mail, &said))
}

/// Whether a machine's text says that something was received, or that it is a machine's.
pub(super) fn acknowledges(text: &str) -> bool {
    let found = MailWords::get().search(&fold(start_of(text, SEARCHED_BYTES)));
    found.has(Topic::Received) || found.has(Topic::Automatic)
}

/// Whether it asks how we liked the service. People of help desks answer above such a question, so
/// that it must come first, or stand in the subject.
pub(super) fn survey(mail: &Mail, new_text: &str) -> Option<Judged> {
    let links = new_text.contains("://") || mail.text.contains("://");
    let machine = is_noreply(mail.sender()) || mail.marks.list.is_some() || mail.marks.auto_submitted.is_some();
    if !(links || machine) {
        return None;
    }
    let words = MailWords::get();
    let text = fold(start_of(new_text, SEARCHED_BYTES));
    let opening = opening_line(new_text).is_some_and(|line| words.search(&fold(line)).has(Topic::Survey));
    let subject = words.search(&fold(mail.subject.as_deref().unwrap_or_default())).has(Topic::Survey);
    let asks = words.search(&text).count(Topic::Survey);
    let survey = || Judged::new(InboundKind::Survey, if subject { "subject=survey" } else { "words=survey" });
    match (subject, opening, asks) {
        (true, _, 1..) => Some(survey()),
        (true, ..) => Some(survey().sure_by(80)),
        (false, true, 2..) => Some(survey().sure_by(75)),
        _ => None,
    }
}

/// The first written line below a greeting.
fn opening_line(text: &str) -> Option<&str> {
    let mut written = text.lines().map(str::trim).filter(|l| !l.is_empty());
    let first = written.next()?;
    let greets =
        first.chars().count() <= 60 && MailWords::get().of(Topic::Greeting).after_start(&fold(first)).is_some();
    if greets { written.next() } else { Some(first) }
}

/// How many things a message says that mass mail says of itself.
pub(super) fn says_mass_mail(mail: &Mail) -> usize {
    // It says so at its foot.
    let foot = &mail.text[mail.text.ceil_char_boundary(mail.text.len().saturating_sub(SEARCHED_BYTES))..];
    MailWords::get().search(&fold(foot)).count(Topic::Marketing)
}

impl Said {
    fn of(mail: &Mail, new_text: &str) -> Self {
        let words = MailWords::get();
        let subject = fold(mail.subject.as_deref().unwrap_or_default());
        let text = fold(start_of(new_text, SEARCHED_BYTES));
        Self { in_subject: words.search(&subject), in_text: words.search(&text), subject, text }
    }

    /// Whether it is somebody's absence.
    fn is_away(&self) -> bool {
        self.in_subject.has(Topic::AwaySubject) || self.in_text.has(Topic::Away)
    }

    /// Whether it begins with an absence that is not over.
    fn opens_away(&self) -> bool {
        let opening = MailWords::get().search(start_of(&self.text, OPENING_BYTES));
        opening.has(Topic::Away) && !self.in_text.has(Topic::AwayOver)
    }

    fn is_challenge(&self) -> bool {
        self.in_subject.has(Topic::Challenge) || self.in_text.has(Topic::Challenge)
    }

    fn is_received(&self) -> bool {
        self.in_subject.has(Topic::ReceivedSubject) || self.in_text.has(Topic::Received)
    }

    fn is_automatic(&self) -> bool {
        self.in_subject.has(Topic::AutomaticSubject) || self.in_text.has(Topic::Automatic)
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
    if said.is_challenge() {
        return Some(Judged::new(InboundKind::Challenge, evidence).and("words=challenge"));
    }
    let judged = Judged::new(InboundKind::Acknowledgement, evidence);
    if said.is_automatic() || said.is_received() {
        return Some(judged.and("words=received"));
    }
    if sure {
        return Some(judged.sure_by(90));
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
    let noreply = is_noreply(mail.sender());
    let quiet = noreply || mail.marks.null_return_path || mail.marks.suppress;
    away_by_words(mail, said)
        .or_else(|| challenge_by_words(said, quiet))
        .or_else(|| received_by_words(mail, said, noreply))
}

fn away_by_words(mail: &Mail, said: &Said) -> Option<Judged> {
    let subject = said.in_subject.has(Topic::AwaySubject);
    let marked = mail.marks.suppress || said.is_automatic() || mail.marks.null_return_path;
    let away = match said.in_text.count(Topic::Away) {
        0 => subject && !is_reply_subject(&said.subject),
        1 => subject || marked,
        // People tell that they were away, too, before they answer.
        many => {
            subject || marked || (said.opens_away() && (many >= 3 || said.text.contains(|c: char| c.is_ascii_digit())))
        }
    };
    let name = if subject { "subject=away" } else { "words=away" };
    let sure = 66 + 12 * u32::from(subject) + 12 * u32::from(marked);
    (away && said.text.chars().count() <= AWAY_CHARS_MAX)
        .then(|| Judged::new(InboundKind::OutOfOffice, name).sure_by(sure))
}

fn challenge_by_words(said: &Said, quiet: bool) -> Option<Judged> {
    let verifies = said.subject.contains("verif") || said.in_subject.has(Topic::Challenge);
    let asks =
        said.is_challenge() && (said.is_automatic() || quiet || verifies || said.in_text.count(Topic::Challenge) >= 2);
    asks.then(|| Judged::new(InboundKind::Challenge, "words=challenge").sure_by(75))
}

fn received_by_words(mail: &Mail, said: &Said, noreply: bool) -> Option<Judged> {
    let received = said.in_text.count(Topic::Received);
    let automatic = said.in_text.has(Topic::Automatic);
    let subject = said.in_subject.has(Topic::ReceivedSubject);
    let ticket = !tickets::in_text(&said.text, false).is_empty()
        || !tickets::in_text(mail.subject.as_deref().unwrap_or_default(), true).is_empty();
    let quiet = noreply || mail.marks.null_return_path || mail.marks.suppress;
    let opens = MailWords::get().search(start_of(&said.text, OPENING_BYTES)).has(Topic::Automatic);
    if said.in_subject.has(Topic::AutomaticSubject) && (quiet || automatic || received > 0) {
        return Some(Judged::new(InboundKind::Acknowledgement, "subject=automatic").sure_by(90));
    }
    let mut score = received.min(3);
    score += usize::from(subject) * 2;
    score += usize::from(automatic) * 2;
    score += usize::from(opens);
    score += usize::from(quiet);
    score += usize::from(ticket && received > 0);
    if !(received > 0 || subject || automatic) || score < 3 {
        return None;
    }
    let judged = Judged::new(InboundKind::Acknowledgement, "words=received");
    let seen = [
        (automatic, "words=automatic"),
        (subject, "subject=received"),
        (noreply, "sender=noreply"),
        (ticket, "ticket"),
    ];
    let judged = seen.into_iter().filter(|(seen, _)| *seen).fold(judged, |judged, (_, name)| judged.and(name));
    Some(judged.sure_by(55 + 7 * u32::try_from(score).unwrap_or(6)))
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
