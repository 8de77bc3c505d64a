//! Whether a message says that ours did not arrive.

use super::automatic::without_tags;
use super::index::Index;
use super::kind::{Evidence, Judged, UNSURE};
use super::lines::start_of;
use super::mail::{Mail, Returned};
use super::report::{Action, Disposition, Report, status_in};
use super::written::Written;
use crate::lexicon::mail_words::{Found, MailWords, Topic, fold};
use crate::model::inbound::InboundKind;

/// Most text of a bounce that is searched for words, in bytes: reports say it at the top.
const SEARCHED_BYTES: usize = 6_000;
/// How far down the header of a returned message is looked for, in bytes.
const RETURNED_BYTES: usize = 20_000;
/// How far into its own words a machine has said that something did not arrive, in bytes.
const OPENING_BYTES: usize = 500;
/// Sum of weights from which a message without a report is a bounce, if a machine sent it.
const ENOUGH: u32 = 6;

/// Judges by the machine-readable report that the message carries, if it does.
pub(super) fn by_report(mail: &Mail, index: &Index) -> Option<Judged> {
    match mail.report.as_ref()? {
        Report::Feedback => Some(Judged::new(InboundKind::Unrelated, "report-type=feedback-report")),
        Report::Disposition(done) => Some(by_disposition(mail, done)),
        Report::Delivery { recipients, .. } if are_ours(recipients, index) => {
            Some(Judged::new(InboundKind::OwnCopy, "report-type=delivery-status").and("recipient=own-address"))
        }
        Report::Delivery { action, status, .. } => Some(by_delivery_report(mail, *action, status.clone())),
    }
}

/// Whether a report is about nobody but ourselves: our blind copy did not reach our own mailbox, which says nothing
/// of the company, but proves that the message had left.
fn are_ours(recipients: &[Vec<String>], index: &Index) -> bool {
    !recipients.is_empty() && recipients.iter().all(|named| named.iter().any(|address| index.is_own_address(address)))
}

fn by_delivery_report(mail: &Mail, action: Option<Action>, status: Option<String>) -> Judged {
    let named = |kind, action: &str| Judged::new(kind, "report-type=delivery-status").and(action);
    let status = status.or_else(|| status_in(start_of(&mail.text, SEARCHED_BYTES)));
    let judged = match action {
        Some(Action::Failed) => named(InboundKind::Bounce, "action=failed"),
        Some(Action::Delayed) => named(InboundKind::DelayNotice, "action=delayed"),
        Some(Action::Delivered) => named(InboundKind::Unrelated, "action=delivered"),
        None if Said::of(mail).delayed => named(InboundKind::DelayNotice, "words=delay").sure_by(90),
        None => match status.as_deref() {
            Some(s) if s.starts_with('2') => named(InboundKind::Unrelated, "status=2"),
            _ => named(InboundKind::Bounce, "action=none").sure_by(90),
        },
    };
    judged.with_status(status)
}

/// A disposition notification is a mail program's "seen"; a few gateways send rejections as one
/// (RFC 8098, section 3.2.6, knows `denied`, `failed` and fields for errors).
fn by_disposition(mail: &Mail, disposition: &Disposition) -> Judged {
    let said = Said::of(mail);
    let refused = matches!(disposition.done.as_str(), "deleted" | "failed" | "denied" | "error" | "dispatched");
    let words = said.subject.has(Topic::BounceSubject)
        || said.text.has(Topic::BounceBody)
        || said.text.has(Topic::BounceGateway);
    let unread = said.text.has(Topic::Unread) || said.subject.has(Topic::Unread);
    let read = disposition.done == "displayed";
    let says_twice = said.text.count(Topic::BounceBody) >= 2
        || (said.subject.has(Topic::BounceSubject) && said.text.has(Topic::BounceBody));
    if (((refused || disposition.failed) && words) || (!read && says_twice)) && !unread {
        return Judged::new(InboundKind::Bounce, "report-type=disposition-notification")
            .and("words=bounce")
            .sure_by(90)
            .with_status(said.status);
    }
    Judged::new(InboundKind::Acknowledgement, "report-type=disposition-notification")
}

/// What a message without a report says.
#[allow(clippy::struct_excessive_bools, reason = "independent signs, each present or absent")]
struct Said {
    subject: Found,
    subject_text: String,
    text: Found,
    delayed: bool,
    /// A status (RFC 3463) of a failure.
    status: Option<String>,
    /// That, or a reply code of a server that refuses.
    code: bool,
    /// A line that names an address and why it failed.
    failing_line: bool,
    /// A line that begins with a server's code.
    code_line: bool,
    /// Words of an autoresponder: "away", "received".
    of_a_responder: bool,
    /// Words of parcels and orders.
    of_a_parcel: bool,
}

impl Said {
    fn of(mail: &Mail) -> Self {
        let words = MailWords::get();
        let full = above_returned(start_of(&mail.text, SEARCHED_BYTES));
        let text = fold(full);
        let subject_text = fold(mail.subject.as_deref().unwrap_or_default());
        let (found, subject) = (words.search(&text), words.search(&subject_text));
        let status = status_in(full).filter(|s| !s.starts_with('2'));
        let delays = found.has(Topic::Delay) || subject.has(Topic::Delay);
        Self {
            delayed: delays && !found.has(Topic::DelayOver),
            code: status.is_some() || has_smtp_code(&text),
            code_line: full.lines().take(80).any(begins_with_code),
            failing_line: full.lines().take(80).any(is_failing_line),
            of_a_responder: [Topic::Away, Topic::Received].iter().any(|t| found.has(*t) || subject.has(*t))
                || subject.has(Topic::AwaySubject),
            of_a_parcel: found.has(Topic::Parcel) || subject.has(Topic::Parcel),
            subject,
            subject_text,
            text: found,
            status,
        }
    }
}

/// Judges a message without a report by who sends it and what it says.
pub(super) fn by_signs(mail: &Mail, written: &Written, index: &Index) -> Option<Judged> {
    let own = written.text.as_str();
    let failed = &mail.marks.failed_recipients;
    let names_failed = !failed.is_empty();
    if names_failed && failed.iter().all(|address| index.is_own_address(address)) {
        return Some(Judged::new(InboundKind::OwnCopy, "x-failed-recipients").and("recipient=own-address"));
    }
    let mut evidence = Evidence::default();
    let (system, daemon) = (is_system(mail), is_mailer_daemon(mail));
    let null = mail.marks.null_return_path;
    let auto = mail.marks.auto_submitted.as_deref().is_some_and(|a| a != "no");
    let signed = system || auto || null || names_failed;
    if !(signed || could_speak_of_delivery(mail, own)) {
        return None;
    }
    let said = Said::of(mail);
    let answers = is_answer(&said.subject_text);
    let returns = mail.returned.is_some() || Returned::names_id(start_of(&mail.text, RETURNED_BYTES));
    let machine = evidence.see(names_failed, 6, "x-failed-recipients")
        | evidence.see(system, if daemon { 4 } else { 3 }, "sender=mailer-daemon")
        | evidence.see(null, 2, "return-path=null")
        | evidence.see(auto, 1, "auto-submitted");
    let subject = evidence.see(said.subject.has(Topic::BounceSubject) && !answers, 3, "subject=bounce");
    let report = evidence.see(opening_has(own, Topic::BounceReport), 3, "words=report");
    let phrases = said.text.count(Topic::BounceBody);
    let body = evidence.see(phrases > 0 || said.delayed, if phrases >= 2 { 3 } else { 2 }, "words=bounce");
    let gateway = evidence.see(said.text.has(Topic::BounceGateway), 2, "words=gateway");
    let code = evidence.see(said.code, 2, "smtp-code");
    let dialog = evidence.see(said.text.has(Topic::BounceDialog), 2, "words=servers");
    let returned = evidence.see(returns, 2, "returned-message");
    let failing = evidence.see(said.failing_line, 2, "failing-address");
    let proof = code || dialog || returned || failing;
    let personal = speaks_personally(written) || (said.of_a_parcel && !proof);
    let named = || names_another(mail);
    let spoken = subject || body || gateway || report;
    // "Delivery failed" is also said of parcels: words alone need a mail system that says them.
    let said_by_system = (system || null) && subject && body || auto && subject && phrases >= 2;
    let sent_by_machine =
        machine && spoken && (proof || said_by_system || (report && named())) && evidence.sum >= ENOUGH;
    let by_system = system && !personal && (subject || report || (spoken && (proof || phrases >= 2 || named())));
    // Nothing but reports is signed so, in whatever language.
    let by_daemon = daemon && (spoken || (returned && code) || (!personal && !said.of_a_responder));
    let unsigned =
        subject && !personal && (((body || gateway) && proof) || report || (phrases >= 2 && (gateway || named())));
    let by_text = !machine
        && !personal
        && ((report && (code || dialog || failing || said.delayed || named()))
            || (phrases >= 2
                && (!answers || shows_code(written))
                && (dialog || failing || said.code_line)
                && opening_has(own, Topic::BounceBody)));
    let repeats =
        system && !personal && !said.of_a_responder && !said.text.has(Topic::Delivered) && repeats_header(mail);
    evidence.see(repeats, 2, "repeated-header");
    if answers && !machine && said.subject.has(Topic::BounceSubject) && passes_bounce_on(mail) {
        // No word of whoever passed it on.
        return Some(Judged::new(InboundKind::Bounce, "forwarded-whole").unsure().with_status(said.status));
    }
    let told = names_failed || sent_by_machine || by_system || by_daemon || unsigned || by_text;
    if !(told || repeats) {
        return None;
    }
    // A person who forwards or answers a bounce is no bounce.
    if answers && !machine && !by_text {
        return None;
    }
    let sure = if machine {
        70 + evidence.sum * 2
    } else if by_text && !unsigned {
        65
    } else {
        75
    };
    let kind = if said.delayed { InboundKind::DelayNotice } else { InboundKind::Bounce };
    // A site's form repeats such lines, too, and so does who sells scanners: a person looks.
    let sure = if told { sure } else { UNSURE };
    Some(evidence.into_judged(kind).sure_by(sure).with_status(said.status))
}

/// Whether a message holds nothing but a bounce that it passes on.
fn passes_bounce_on(mail: &Mail) -> bool {
    let words = MailWords::get();
    let first = mail.text.lines().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    let text = start_of(&mail.text, SEARCHED_BYTES);
    first.chars().count() < 80
        && words.of(Topic::QuoteOriginal).occur_in(&fold(first))
        && status_or_code(text)
        && words.search(&fold(text)).has(Topic::BounceBody)
}

/// Whether a system repeats the header of a message in its own words, as scanners do in any language: lines with a
/// label, one of which has an address that is not its own, another a date with its time.
fn repeats_header(mail: &Mail) -> bool {
    let is_label = |label: &str| (2..=30).contains(&label.trim().len()) && !label.contains("//");
    let values =
        mail.text.lines().take(40).filter_map(|line| line.split_once([':', '：'])).filter(|(l, _)| is_label(l));
    let values: Vec<&str> = values.map(|(_, value)| value.trim()).collect();
    let clock = |value: &&&str| value.contains(':') && value.chars().filter(char::is_ascii_digit).count() >= 8;
    let others = |value: &&&str| value.contains('@') && !value.contains(' ') && !value.contains(mail.sender());
    values.iter().any(|v| others(&v)) && values.iter().any(|v| clock(&v))
}

/// Whether a server's code stands in what was newly written, or apart below it.
fn shows_code(written: &Written) -> bool {
    let below = written.signature.as_ref().map_or("", |signature| signature.text.as_str());
    [written.text.as_str(), below].into_iter().any(|text| status_or_code(start_of(text, SEARCHED_BYTES)))
}

fn status_or_code(text: &str) -> bool {
    status_in(text).is_some() || has_smtp_code(&fold(text))
}

/// Whether the text names an address that is not its sender's, as a report does near its top.
fn names_another(mail: &Mail) -> bool {
    let text = above_returned(start_of(&mail.text, SEARCHED_BYTES));
    let sender = mail.sender();
    text.match_indices('@').take(20).any(|(at, _)| {
        let part = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '+' | '=' | '*');
        let before =
            text[..at].rfind(|c| !part(c)).map_or(0, |n| n + text[n..].chars().next().map_or(1, char::len_utf8));
        let after = text[at + 1..].find(|c| !part(c)).map_or(text.len(), |n| at + 1 + n);
        let domain = text[at + 1..after].trim_end_matches('.');
        before < at && domain.contains('.') && !sender.eq_ignore_ascii_case(text[before..at + 1 + domain.len()].trim())
    })
}

/// Whether it is worth to search a message that no machine signs: it shows a server's code or a
/// failing address, or speaks of delivery in the subject or at its beginning.
fn could_speak_of_delivery(mail: &Mail, own: &str) -> bool {
    let start = start_of(&mail.text, SEARCHED_BYTES);
    let shows = |line: &str| is_failing_line(line) || begins_with_code(line.trim_start());
    status_in(start).is_some()
        || start.lines().take(80).any(shows)
        || {
            let subject = fold(mail.subject.as_deref().unwrap_or_default());
            MailWords::get().search(&subject).has(Topic::BounceSubject)
        }
        || opening_has(own, Topic::BounceReport)
}

/// Whether the first words of a text speak of something.
fn opening_has(own: &str, topic: Topic) -> bool {
    MailWords::get().search(&fold(start_of(own, OPENING_BYTES))).has(topic)
}

/// Whether a text greets somebody or takes leave, as people do. Machines greet, too, but do not
/// sign with a name below.
fn speaks_personally(written: &Written) -> bool {
    let words = MailWords::get();
    let greets = |line: &str| {
        let said = fold(start_of(line, 200));
        let rest = words.of(Topic::Greeting).after_start(&said);
        rest.is_some_and(|rest| said.chars().count() <= 60 || rest.starts_with([',', '!']))
    };
    let closes = |line: &str| {
        line.chars().count() <= 60 && {
            let said = fold(line);
            words.of(Topic::Closing).contain(said.trim_end_matches([',', '.', '!', ' ']))
        }
    };
    // What stands apart from the text may be a name alone; reports end with addresses, too.
    let takes_leave = |line: &str| {
        let said = fold(start_of(line, 200));
        words.of(Topic::Closing).after_start(&said).is_some_and(|rest| rest.split(' ').count() <= 4)
    };
    let mut lines = written.text.lines().map(str::trim).filter(|l| !l.is_empty()).peekable();
    lines.peek().is_some_and(|first| greets(first))
        || written.signature.as_ref().is_some_and(|signature| signature.text.lines().any(takes_leave))
        || lines.any(closes)
}

/// Whether the sender is a mail system by name.
fn is_system(mail: &Mail) -> bool {
    // Some mail systems sign with an empty address.
    let Some(from) = mail.from.as_ref().filter(|f| !f.address.is_empty() || !f.name.is_empty()) else {
        return mail.marks.null_return_path;
    };
    let senders = MailWords::get().of(Topic::BounceSender);
    let local = from.address.split('@').next().unwrap_or_default();
    senders.occur_in(&fold(local)) || senders.occur_in(&fold(&from.name))
}

/// Whether it signs as `MAILER-DAEMON`, which no person does, in whatever language it then speaks.
fn is_mailer_daemon(mail: &Mail) -> bool {
    mail.sender().starts_with("mailer-daemon") || (mail.sender().is_empty() && mail.marks.null_return_path)
}

/// Whether the subject is that of an answer or a forwarded message.
fn is_answer(subject: &str) -> bool {
    let (words, subject) = (MailWords::get(), without_tags(subject));
    words.of(Topic::ReplySubject).start(subject) || words.of(Topic::ForwardSubject).start(subject)
}

/// A line that names one address and goes on with why it failed, or is nothing else: as Postfix,
/// qmail and Exim write, in any language. `<a@b.example>: host mx said: 550 …`
fn is_failing_line(line: &str) -> bool {
    let line = line.trim();
    let Some(rest) = line.strip_prefix('<') else { return false };
    let Some((address, rest)) = rest.split_once('>') else { return false };
    address.contains('@') && !address.contains(' ') && (rest.starts_with(':') || rest.trim().is_empty())
}

/// A reply code of a mail server that refuses: 4xx or 5xx at the start of a word, as in `550 5.1.1`.
fn has_smtp_code(folded: &str) -> bool {
    folded.split(' ').any(is_code)
}

fn is_code(word: &str) -> bool {
    let digits = word.trim_start_matches(['<', '(', '#', '[', '"', '\'']).as_bytes();
    digits.len() >= 3
        && matches!(digits[0], b'4' | b'5')
        && matches!(digits[1], b'0'..=b'5')
        && digits[2].is_ascii_digit()
        && !digits.get(3).is_some_and(u8::is_ascii_alphanumeric)
}

/// `550 5.1.1 …`, `5.1.0 - …`: no sentence begins so.
fn begins_with_code(line: &str) -> bool {
    let Some(first) = line.split_whitespace().next() else { return false };
    (is_code(first) && !first.ends_with('.')) || status_in(first).is_some_and(|s| !s.starts_with('2'))
}

/// A report without what it returns: up to the first line that is a field of a mail's header.
fn above_returned(text: &str) -> &str {
    let is_field = |line: &str| {
        let line = line.trim_start_matches(['>', ' ', '|']);
        ["Received:", "Return-Path:", "Return-path:", "Message-ID:", "Message-Id:", "Delivered-To:", "MIME-Version:"]
            .iter()
            .any(|f| line.starts_with(f))
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if is_field(line) && at > 0 {
            return &text[..at];
        }
        at += line.len();
    }
    text
}

/// Why a message did not arrive, as the other side put it: the diagnostic of a report, else the
/// line of the text that holds a server's code, or the first that speaks of it.
pub(super) fn reason(mail: &Mail) -> Option<String> {
    if let Some(Report::Delivery { diagnostic: Some(diagnostic), .. }) = &mail.report {
        return Some(diagnostic.clone());
    }
    let text = above_returned(start_of(&mail.text, SEARCHED_BYTES));
    let lines = || text.lines().map(str::trim).filter(|l| !l.is_empty());
    let by_code = lines().find(|l| status_in(l).is_some() || has_smtp_code(&fold(l)));
    let by_words = || lines().find(|l| MailWords::get().search(&fold(l)).has(Topic::BounceBody));
    by_code.or_else(by_words).map(|l| start_of(l, 500).to_owned())
}
