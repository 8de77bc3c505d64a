//! Whether a machine wrote a message: "received", "away".
//!
//! Header fields first (RFC 3834 and its older cousins), then words. `Precedence` alone proves
//! nothing: people's answers out of help desks carry `bulk`.

use super::kind::Judged;
use super::lines::start_of;
use super::mail::Mail;
use super::signature::{is_contact, is_thanks};
use super::written::Written;
use super::{answer, tickets};
use crate::lexicon::mail_words::{Found, MailWords, Topic, fold};
use crate::model::inbound::InboundKind;
use std::borrow::Cow;

/// Most new text that is searched for words, in bytes: machines come to the point.
const SEARCHED_BYTES: usize = 3_000;
/// How far into its text a machine says what it is, in bytes.
const OPENING_BYTES: usize = 200;
/// Within how many sentences an absence note says what it is.
const OPENING_SENTENCES: usize = 4;
/// How many sentences are looked at for what an absence note would not say.
const STATEMENTS_MAX: usize = 12;
/// How many words between quotation marks are a sentence.
const QUOTED_WORDS_MIN: usize = 4;
/// A receipt that says no more than its subject is no longer, in characters.
const RECEIPT_CHARS_MAX: usize = 400;
/// An absence note without any automatic header is short, in characters.
const AWAY_CHARS_MAX: usize = 1_500;

/// What a text and subject say, folded and searched once.
#[allow(clippy::struct_excessive_bools, reason = "independent signs, each present or absent")]
pub(super) struct Said {
    subject: String,
    text: String,
    in_subject: Found,
    in_text: Found,
    /// It says of itself, and not of an earlier answer, that a machine wrote it.
    automatic: bool,
    /// The first thing that it says, after greeting and thanks, is that somebody is away.
    opens_away: bool,
    /// It says something that neither machines nor absence notes say.
    says_more: bool,
    /// A person's name stands below it.
    signed: bool,
}

/// Judges whether a machine wrote it; `None` where nothing says so.
pub(super) fn judge(mail: &Mail, written: &Written, said: &Said) -> Option<Judged> {
    by_header(mail, said).or_else(|| by_words(mail, written, said))
}

/// Whether a machine's text says that something was received, or that it is a machine's.
pub(super) fn acknowledges(text: &str) -> bool {
    let found = MailWords::get().search(&fold(start_of(text, SEARCHED_BYTES)));
    [Topic::Received, Topic::Automatic, Topic::AutomaticLoose, Topic::NoAnswer, Topic::Promise]
        .iter()
        .any(|topic| found.has(*topic))
}

impl Said {
    pub(super) fn of(mail: &Mail, written: &Written) -> Self {
        let words = MailWords::get();
        let subject = fold(mail.subject.as_deref().unwrap_or_default());
        let own = unquoted(written);
        let text = fold(&own);
        let in_text = words.search(&text);
        let opens_away = in_text.has(Topic::Away) && !in_text.has(Topic::AwayOver) && opens_away(&own);
        let says_more = opens_away && sentences(&own).take(STATEMENTS_MAX).any(says_more);
        let name = written.signature.as_ref().and_then(|signature| signature.name.as_deref());
        let signed = name.is_some_and(|name| !words.of(Topic::Team).occur_as_words_in(&fold(name)));
        let made = in_text.has(Topic::AutomaticLoose) && sentences(&own).any(calls_a_message_automatic);
        let automatic = (in_text.has(Topic::Automatic) || made) && !in_text.has(Topic::AutomaticEarlier);
        Self { in_subject: words.search(&subject), in_text, subject, text, automatic, opens_away, says_more, signed }
    }

    /// How many phrases of a topic its text has.
    pub(super) fn text_has(&self, topic: Topic) -> usize {
        self.in_text.count(topic)
    }

    /// How many phrases of a topic its subject has.
    pub(super) fn subject_has(&self, topic: Topic) -> usize {
        self.in_subject.count(topic)
    }

    /// Whether a person's name stands below it.
    pub(super) const fn is_signed(&self) -> bool {
        self.signed
    }

    /// Whether it is somebody's absence, given that a header field calls it a machine's.
    fn is_away(&self, answered_by_machine: bool) -> bool {
        let receipt = self.in_text.has(Topic::Received) && self.in_text.has(Topic::Promise);
        self.in_subject.has(Topic::AwaySubject)
            || (self.in_text.has(Topic::Away) && (self.opens_away || (answered_by_machine && !receipt)))
    }

    fn is_challenge(&self) -> bool {
        self.in_subject.has(Topic::Challenge) || self.in_text.has(Topic::Challenge)
    }

    fn is_received(&self) -> bool {
        let told = [Topic::Received, Topic::Promise, Topic::NoAnswer].iter().any(|topic| self.in_text.has(*topic));
        self.in_subject.has(Topic::ReceivedSubject) || told
    }

    fn is_automatic(&self) -> bool {
        self.in_subject.has(Topic::AutomaticSubject) || self.automatic
    }
}

/// What was written, with what stands below it, and without what it quotes: lines that are marked, and
/// sentences in quotation marks, which are somebody else's.
fn unquoted(written: &Written) -> String {
    let below = written.signature.as_ref().map_or("", |signature| signature.text.as_str());
    let mut own = String::new();
    for line in written.text.lines().chain(below.lines()).filter(|line| !line.starts_with('>')) {
        let line = &*outside_quotes(start_of(line, SEARCHED_BYTES));
        let room = SEARCHED_BYTES.saturating_sub(own.len());
        if line.len() > room {
            own.push_str(start_of(line, room));
            break;
        }
        own.push_str(line);
        own.push('\n');
    }
    own
}

/// A line without what stands in it between quotation marks, where that has words enough to be said by somebody.
fn outside_quotes(line: &str) -> Cow<'_, str> {
    let mut own = Cow::Borrowed(line);
    for (opens, closes) in [('"', '"'), ('“', '”'), ('„', '“'), ('«', '»'), ('»', '«')] {
        while let Some((start, end)) = quoted(&own, opens, closes) {
            own.to_mut().replace_range(start..end, " … ");
        }
    }
    own
}

/// Where the first sentence between such marks begins and ends.
fn quoted(line: &str, opens: char, closes: char) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(start) = line[from..].find(opens).map(|at| from + at) {
        let inside = start + opens.len_utf8();
        let end = inside + line[inside..].find(closes)?;
        let after = end + closes.len_utf8();
        if line[inside..end].split_whitespace().count() >= QUOTED_WORDS_MIN {
            return Some((start, after));
        }
        from = after;
    }
    None
}

/// Whether the first sentence that does more than greet and thank tells of an absence, and does not
/// go on with "but".
fn opens_away(own: &str) -> bool {
    let words = MailWords::get();
    for sentence in sentences(own).take(OPENING_SENTENCES) {
        let said = fold(sentence);
        let found = words.search(&said);
        if found.has(Topic::Away) {
            return found.has(Topic::Promise) || !words.of(Topic::But).occur_as_words_in(&said);
        }
        let greets = words.of(Topic::Greeting).after_start(&said).is_some();
        let of_machines = [Topic::Received, Topic::Automatic, Topic::AutomaticLoose].iter().any(|t| found.has(*t));
        if !(greets || is_thanks(&said) || of_machines) {
            return false;
        }
    }
    false
}

/// Whether a sentence says of a message, and not of a bill, that a machine made it.
fn calls_a_message_automatic(sentence: &str) -> bool {
    let (words, said) = (MailWords::get(), fold(sentence));
    words.search(&said).has(Topic::AutomaticLoose) && words.of(Topic::AutomaticNoun).occur_as_words_in(&said)
}

/// Whether a sentence is about something else than an absence or a receipt.
fn says_more(sentence: &str) -> bool {
    const OF_MACHINES: [Topic; 7] = [
        Topic::Away,
        Topic::AwayHint,
        Topic::Promise,
        Topic::Received,
        Topic::Automatic,
        Topic::AutomaticLoose,
        Topic::NoAnswer,
    ];
    let words = MailWords::get();
    let said = fold(sentence);
    let found = words.search(&said);
    let short = said.split(' ').count() < 4 && said.is_ascii();
    let polite = words.of(Topic::Greeting).after_start(&said).is_some()
        || words.of(Topic::Closing).start(&said)
        || is_thanks(&said);
    !(short || polite || is_contact(sentence) || OF_MACHINES.iter().any(|topic| found.has(*topic)))
}

/// The sentences of a text. A point behind a number ends none.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let mut before = ' ';
        let mut end = rest.len();
        let mut chars = rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map_or('\n', |(_, next)| *next);
            let stops = matches!(c, '.' | '!' | '?') && next.is_whitespace() && !before.is_numeric();
            if stops || matches!(c, '。' | '！' | '？') || (c == '\n' && next == '\n') {
                end = at + c.len_utf8();
                break;
            }
            before = c;
        }
        let (sentence, after) = rest.split_at(end);
        rest = after;
        (!sentence.is_empty()).then_some(sentence)
    })
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
    if said.is_away(sure) {
        return Some(Judged::new(InboundKind::OutOfOffice, evidence).and("words=away"));
    }
    if said.is_challenge() {
        return Some(Judged::new(InboundKind::Challenge, evidence).and("words=challenge"));
    }
    let judged = Judged::new(InboundKind::Acknowledgement, evidence);
    if said.is_automatic() || (said.is_received() && (sure || !said.signed)) {
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
fn by_words(mail: &Mail, written: &Written, said: &Said) -> Option<Judged> {
    let noreply = is_noreply(mail.sender());
    let quiet = noreply || mail.marks.null_return_path || mail.marks.suppress;
    away_by_words(mail, said)
        .or_else(|| challenge_by_words(said, quiet))
        .or_else(|| received_by_words(mail, written, said, noreply))
}

fn away_by_words(mail: &Mail, said: &Said) -> Option<Judged> {
    let subject = said.in_subject.has(Topic::AwaySubject);
    let answers = is_reply_subject(&said.subject);
    let marked = said.is_automatic() || mail.marks.null_return_path;
    let goes_on = said.in_text.has(Topic::AwayHint) || said.text.contains(|c: char| c.is_ascii_digit());
    let away = match said.in_text.count(Topic::Away) {
        0 => subject && !answers,
        _ if subject || marked => !answers || marked || said.opens_away,
        _ if mail.marks.suppress => said.opens_away,
        // People tell that they were away, too, before they answer.
        many => said.opens_away && !said.says_more && (many >= 2 || goes_on),
    };
    let name = if subject { "subject=away" } else { "words=away" };
    let sure = 66 + 12 * u32::from(subject) + 12 * u32::from(marked || mail.marks.suppress);
    (away && said.text.chars().count() <= AWAY_CHARS_MAX)
        .then(|| Judged::new(InboundKind::OutOfOffice, name).sure_by(sure))
}

fn challenge_by_words(said: &Said, quiet: bool) -> Option<Judged> {
    let verifies = said.subject.contains("verif") || said.in_subject.has(Topic::Challenge);
    let asks =
        said.is_challenge() && (said.is_automatic() || quiet || verifies || said.in_text.count(Topic::Challenge) >= 2);
    asks.then(|| Judged::new(InboundKind::Challenge, "words=challenge").sure_by(75))
}

fn received_by_words(mail: &Mail, written: &Written, said: &Said, noreply: bool) -> Option<Judged> {
    let (received, promised) = (said.in_text.count(Topic::Received), said.in_text.count(Topic::Promise));
    let automatic = said.automatic;
    let subject = said.in_subject.has(Topic::ReceivedSubject);
    let quiet = noreply || mail.marks.null_return_path || mail.marks.suppress;
    let told = received > 0 || promised > 0;
    if said.in_subject.has(Topic::AutomaticSubject)
        && (quiet || automatic || told)
        && (automatic || !is_reply_subject(&said.subject))
    {
        return Some(Judged::new(InboundKind::Acknowledgement, "subject=automatic").sure_by(90));
    }
    let opens = automatic && MailWords::get().search(start_of(&said.text, OPENING_BYTES)).has(Topic::Automatic);
    if !(told || (automatic && (subject || opens))) {
        return None;
    }
    let ticket = !tickets::in_text(&said.text, false).is_empty()
        || !tickets::in_text(mail.subject.as_deref().unwrap_or_default(), true).is_empty();
    let mut score = (received + promised).min(3);
    score += usize::from(subject) * 2;
    score += usize::from(automatic) * 2;
    score += usize::from(said.in_text.has(Topic::NoAnswer));
    score += usize::from(opens);
    score += usize::from(quiet);
    score += usize::from(ticket && received > 0);
    let mut doubtful = false;
    if !automatic {
        if score < 3 || (received == 0 && !subject) {
            return None;
        }
        // A person thanks for the question, too, and then answers it; but not briefly under such a subject.
        let answers = answer::answers_something(&written.text);
        let brief = promised == 0 && !answers && is_brief_receipt(said);
        // Thanks, however many phrases they are, and such a subject: all that is there beside its brevity.
        let bare = brief && score == received.min(3) + 2;
        doubtful = answers || (bare && (is_answer(mail) || sentences(&written.text).any(says_more)));
        score = score.saturating_sub(usize::from(promised == 0 && !brief) + 2 * usize::from(said.signed));
    }
    if score < 3 {
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
    let sure = 55 + 7 * u32::try_from(score).unwrap_or(6);
    Some(if doubtful { judged.unsure() } else { judged.sure_by(sure) })
}

/// Whether a text hardly says more than its subject, that something was received.
fn is_brief_receipt(said: &Said) -> bool {
    said.in_subject.has(Topic::ReceivedSubject)
        && !said.in_subject.has(Topic::Notice)
        && !is_reply_subject(&said.subject)
        && said.text.chars().count() <= RECEIPT_CHARS_MAX
}

/// Whether nobody reads an address, by its name.
pub(super) fn is_noreply(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    MailWords::get().of(Topic::Noreply).occur_in(&fold(local))
}

/// Whether it answers a message, by its fields or its subject.
pub(super) fn is_answer(mail: &Mail) -> bool {
    !mail.in_reply_to.is_empty()
        || !mail.references.is_empty()
        || is_reply_subject(&fold(mail.subject.as_deref().unwrap_or_default()))
}

fn is_reply_subject(subject: &str) -> bool {
    MailWords::get().of(Topic::ReplySubject).start(without_tags(subject))
}

/// A subject without the tags that lists, desks and filters put before it: `[List] [#12] Re: …`.
pub(super) fn without_tags(subject: &str) -> &str {
    let mut rest = subject.trim_start();
    while let Some((_, after)) = rest.strip_prefix('[').and_then(|tag| tag.split_once(']')) {
        rest = after.trim_start();
    }
    rest
}
