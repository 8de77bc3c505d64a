//! Was it sent to many, or by a machine about something else: newsletters, advertisements, surveys, notices, spam?
//!
//! Nothing here is said of an answer that names our message, and all of it only as long as nothing ties the mail to
//! an inquiry: people's answers, too, go out with banners, ways out and counting pictures.

use super::super::automatic::{Said, is_answer, is_noreply};
use super::super::index::Index;
use super::super::lines::start_of;
use super::super::mail::Mail;
use super::super::written::Written;
use super::super::{signature, tickets};
use super::evidence::Evidence;
use super::{Judged, UNSURE, reply};
use crate::lexicon::mail_words::{Found, MailWords, Topic, fold};
use crate::model::inbound::InboundKind;

/// How much of the foot of a text is searched for what mass mail says there, in bytes.
const FOOT_BYTES: usize = 3_000;
/// How far into its text a mass mail offers to be read elsewhere, in bytes.
const HEAD_BYTES: usize = 600;
/// How far into its text a machine says what it tells, in bytes.
const OPENING_BYTES: usize = 400;
/// Sum of weights from which a mail without any field of a list is mass mail, or a notice.
const ENOUGH: u32 = 4;
/// Signs by which a mail tells what it is. All others are its layout, and what companies' letters may have, too.
const TELLING: [&str; 4] = ["words=mass-mail", "link=way-out", "field=bulk-mailer", "words=spam"];
/// How much a name below a mail speaks for a person.
const SIGNED: u32 = 3;
/// So much of shown text for each link, in bytes, is a letter's.
const BYTES_OF_A_LINK: usize = 250;
/// A page with less text than that shows nothing but pictures, in bytes.
const PICTURE_TEXT_BYTES: usize = 120;

/// What a filter called spam, surveys, newsletters and lists. A filter's word alone takes no reply
/// away from a company: where the mail came to an inquiry's own address or names our message, it
/// counts. Mass mail that is tied to an inquiry is what the company put us on a list for, if it says
/// so itself; else it may hold an answer, and a person looks.
pub(super) fn judge(mail: &Mail, written: &Written, said: &Said, index: &Index) -> Option<Judged> {
    let answers = !mail.in_reply_to.is_empty() || !mail.references.is_empty();
    if mail.marks.spam || subject_says_spam(mail) {
        let to_own_alias = mail.recipients.iter().any(|address| !index.by_alias(address).is_empty());
        let named = mail.in_reply_to.iter().chain(&mail.references).any(|id| !index.by_message_id(id).is_empty());
        if mail.marks.list.is_none() && (to_own_alias || named) {
            return Some(reply(mail, index).and("spam-flag"));
        }
        return Some(Judged::new(InboundKind::Spam, "spam-flag").sure_by(80).unless_ours());
    }
    if let Some(judged) = survey(mail, &written.text, said) {
        return Some(judged);
    }
    if answers {
        return None;
    }
    // Mass mail has a way out, and that is a link.
    let linked = mail.text.contains("://") || mail.layout.links > 0;
    let around = if linked || mail.marks.list.is_some() { around(&mail.text) } else { Found::default() };
    let says = around.count(Topic::Marketing);
    let mass_sender = || is_mass_sender(mail.sender());
    let personal = || speaks_for_a_person(mail, written, said);
    match mail.marks.list {
        Some(list) if says >= 2 && personal() < SIGNED => {
            Some(Judged::new(InboundKind::Newsletter, list).and("words=mass-mail"))
        }
        Some(list) => Some(Judged::new(InboundKind::Newsletter, list).sure_by(80).unless_ours()),
        None if linked && mass_sender() => {
            // The address alone may be whose form was asked: a person looks.
            let sure = if says >= 1 { 80 } else { UNSURE };
            Some(Judged::new(InboundKind::Newsletter, "sender=mass-mail").sure_by(sure).unless_ours())
        }
        // Nobody puts three ways out of a list around a letter of his own. Two he may speak of, or quote.
        None if (says >= 3 || (says == 2 && written.greeting.is_none() && says_mass_mail(&written.text) == 2))
            && personal() == 0 =>
        {
            Some(Judged::new(InboundKind::Newsletter, "words=mass-mail").sure_by(70).unless_ours())
        }
        None => by_signs(mail, written, said, &around, index),
    }
}

/// A filter on our side wrote it before the subject.
fn subject_says_spam(mail: &Mail) -> bool {
    let subject = mail.subject.as_deref().unwrap_or_default().trim_start().to_ascii_lowercase();
    ["[spam]", "***spam***", "*****spam*****", "{spam?}", "[spam?]", "spam:"]
        .iter()
        .any(|mark| subject.starts_with(mark))
}

/// Whether it asks how we liked the service. People of help desks answer above such a question, so
/// that it must come first, or stand in the subject.
fn survey(mail: &Mail, new_text: &str, said: &Said) -> Option<Judged> {
    let links = new_text.contains("://") || mail.text.contains("://") || mail.layout.links > 0;
    let machine = is_noreply(mail.sender()) || mail.marks.list.is_some() || mail.marks.auto_submitted.is_some();
    if !(links || machine) {
        return None;
    }
    let asks = said.text_has(Topic::Survey);
    let subject = said.subject_has(Topic::Survey) > 0;
    let opens = |line: &str| MailWords::get().search(&fold(line)).has(Topic::Survey);
    let opening = asks >= 2 && opening_line(new_text).is_some_and(opens);
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

/// How many things a text says that mass mail says of itself.
fn says_mass_mail(text: &str) -> usize {
    around(text).count(Topic::Marketing)
}

/// What a text says at its foot, where mass mail says what it is, and at its head, that it may be read elsewhere.
fn around(text: &str) -> Found {
    let foot = &text[text.ceil_char_boundary(text.len().saturating_sub(FOOT_BYTES))..];
    let head = start_of(text, HEAD_BYTES.min(text.len() - foot.len()));
    MailWords::get().search(&fold(&format!("{head}\n{foot}")))
}

/// Whether an address is named after what is sent to many: `newsletter@`, `promotion5@`.
fn is_mass_sender(address: &str) -> bool {
    is_named(address, Topic::MassSender)
}

/// Whether the local part of an address is, or has among its words, one of a topic's.
fn is_named(address: &str, topic: Topic) -> bool {
    let local = fold(address.split('@').next().unwrap_or_default());
    let named = MailWords::get().of(topic);
    local.split(|c: char| !c.is_alphabetic()).any(|word| named.contain(word)) || named.contain(&local)
}

/// Weighs what speaks for mass mail or a machine's notice where no field says so, and what speaks for a person.
fn by_signs(mail: &Mail, written: &Written, said: &Said, around: &Found, index: &Index) -> Option<Judged> {
    let enough = |evidence: &Evidence| {
        evidence.sum >= ENOUGH && evidence.sum >= ENOUGH + speaks_for_a_person(mail, written, said)
    };
    // Whoever was asked may answer from an unknown address, and with such a page: its words must say what it is.
    let sure = |evidence: &Evidence, percent| {
        if evidence.names_any(&TELLING) || !index.has_inquiries() { percent } else { UNSURE }
    };
    let spam = spam(mail, said);
    if enough(&spam) {
        let sure = sure(&spam, 70);
        return Some(spam.into_judged(InboundKind::Spam).sure_by(sure).unless_ours());
    }
    let advertisement = advertisement(mail, around);
    if enough(&advertisement) {
        let sure = sure(&advertisement, 65);
        return Some(advertisement.into_judged(InboundKind::Newsletter).sure_by(sure).unless_ours());
    }
    let notice = notice(mail, said);
    enough(&notice).then(|| notice.into_judged(InboundKind::Unrelated).sure_by(65).unless_ours())
}

/// How much speaks for a person's letter.
fn speaks_for_a_person(mail: &Mail, written: &Written, said: &Said) -> u32 {
    let subject = mail.subject.as_deref().unwrap_or_default();
    SIGNED * u32::from(said.is_signed() || takes_leave(&written.text))
        + u32::from(written.greeting.as_deref().is_some_and(greets_somebody))
        + 2 * u32::from(is_answer(mail))
        + 2 * u32::from(!tickets::in_text(subject, true).is_empty())
        + 2 * u32::from(mail.marks.help_desk)
        + 3 * u32::from(written.quotes)
        + 3 * u32::from(mail.recipients.iter().any(|address| address.starts_with("reply+")))
}

/// Whether closing words stand on a line of their own, and a person's name below them, whatever follows.
fn takes_leave(text: &str) -> bool {
    let words = MailWords::get();
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    lines.windows(2).any(|pair| {
        pair[0].chars().count() <= 60
            && signature::is_name(pair[1])
            && words.of(Topic::Closing).contain(fold(pair[0]).trim_end_matches([',', '.', '!', ' ']))
            && !words.of(Topic::Team).occur_as_words_in(&fold(pair[1]))
    })
}

/// Whether a greeting means one person, and not any customer.
fn greets_somebody(greeting: &str) -> bool {
    !MailWords::get().of(Topic::Team).occur_as_words_in(&fold(greeting))
}

/// What speaks for an advertisement: its words, its addresses, how its page is laid out.
fn advertisement(mail: &Mail, around: &Found) -> Evidence {
    let layout = &mail.layout;
    let mut signs = Evidence::default();
    let says = around.count(Topic::Marketing);
    signs.see(says > 0, if says >= 2 { 3 } else { 2 }, "words=mass-mail");
    signs.see(around.has(Topic::Promotion), 1, "words=promotion");
    signs.see(layout.ways_out > 0 || links_out(&mail.text), 3, "link=way-out");
    signs.see(mail.marks.bulk_mailer, 2, "field=bulk-mailer");
    signs.see(mail.marks.script, 1, "field=script");
    let dense = layout.links >= 5 && layout.text_bytes < layout.links * BYTES_OF_A_LINK;
    signs.see(dense, if layout.links >= 12 { 2 } else { 1 }, "page=links");
    let shown = layout.text_bytes < PICTURE_TEXT_BYTES && layout.linked_pictures > 0;
    signs.see(shown, 3, "page=linked-picture");
    signs.see(layout.pictures >= 4 || layout.linked_pictures >= 3, 1, "page=pictures");
    signs.see(layout.tables >= 5, 1, "page=tables");
    signs.see(layout.pixels > 0, 1, "page=counts-readers");
    signs.see(layout.hidden > 0, 1, "page=hidden-words");
    signs.see(layout.alone, 1, "page=without-text");
    signs
}

/// Whether an address in the text leads out of a list.
fn links_out(text: &str) -> bool {
    let ways = MailWords::get().of(Topic::WayOut);
    let links = text.match_indices("://").take(100);
    let mut ends = links.map(|(at, _)| start_of(&text[at..], 500).split_whitespace().next().unwrap_or_default());
    ends.any(|link| ways.occur_in(&link.to_ascii_lowercase()))
}

/// What speaks for spam.
fn spam(mail: &Mail, said: &Said) -> Evidence {
    let layout = &mail.layout;
    let mut signs = Evidence::default();
    // Pharmacies and lotteries have customers, too: two such words are not enough.
    let words = said.text_has(Topic::Spam) + said.subject_has(Topic::Spam);
    signs.see(words > 0, [2, 2, 3, 4][words.min(3)], "words=spam");
    // Letters that are strewn among tags, so that no filter reads the words.
    signs.see(layout.tags >= 150 && layout.text_bytes < layout.tags * 6 && layout.tables < 3, 3, "page=strewn-letters");
    signs.see(layout.hidden >= 3, 1, "page=hidden-words");
    signs.see(mail.sender().is_empty(), 1, "from=none");
    signs.see(layout.alone, 1, "page=without-text");
    signs
}

/// What speaks for a machine's notice about something else than our question.
fn notice(mail: &Mail, said: &Said) -> Evidence {
    let mut signs = Evidence::default();
    let opening = || MailWords::get().search(&fold(start_of(&mail.text, OPENING_BYTES))).count(Topic::Notice);
    let opening = if said.text_has(Topic::Notice) > 0 { opening() } else { 0 };
    signs.see(is_named(mail.sender(), Topic::MachineSender), 3, "sender=machine");
    signs.see(is_noreply(mail.sender()), 1, "sender=noreply");
    signs.see(mail.sender().is_empty(), 2, "from=none");
    signs.see(said.subject_has(Topic::Notice) > 0, 2, "subject=notice");
    signs.see(opening > 0, [2, 2, 3, 4][opening.min(3)], "words=notice");
    signs.see(said.text_has(Topic::NoAnswer) > 0, 1, "words=no-answer");
    signs
}
