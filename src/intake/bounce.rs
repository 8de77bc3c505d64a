//! Whether a message says that ours did not arrive.

use super::kind::Judged;
use super::lines::start_of;
use super::mail::{Mail, Returned};
use super::report::{Action, Report, status_in};
use crate::lexicon::mail_words::{MailWords, Topic, fold};
use crate::model::inbound::InboundKind;

/// Most text of a bounce that is searched for words, in bytes: reports say it at the top.
const SEARCHED_BYTES: usize = 6_000;

/// Judges by the machine-readable report that the message carries, if it does.
pub(super) fn by_report(mail: &Mail) -> Option<Judged> {
    match mail.report.as_ref()? {
        Report::Feedback => Some(Judged::new(InboundKind::Unrelated, "report-type=feedback-report")),
        Report::Disposition(done) => Some(by_disposition(mail, done)),
        Report::Delivery { action, status } => Some(by_delivery_report(mail, *action, status.clone())),
    }
}

fn by_delivery_report(mail: &Mail, action: Option<Action>, status: Option<String>) -> Judged {
    let named = |kind, action: &str| Judged::new(kind, "report-type=delivery-status").and(action);
    let status = status.or_else(|| status_in(start_of(&mail.text, SEARCHED_BYTES)));
    let judged = match action {
        Some(Action::Failed) => named(InboundKind::Bounce, "action=failed"),
        Some(Action::Delayed) => named(InboundKind::DelayNotice, "action=delayed"),
        Some(Action::Delivered) => named(InboundKind::Unrelated, "action=delivered"),
        None if says_delay(mail) => named(InboundKind::DelayNotice, "words=delay"),
        None => match status.as_deref() {
            Some(s) if s.starts_with('2') => named(InboundKind::Unrelated, "status=2"),
            _ => named(InboundKind::Bounce, "action=none"),
        },
    };
    judged.with_status(status)
}

/// A disposition notification is a mail program's "seen"; a few gateways send rejections as one.
fn by_disposition(mail: &Mail, done: &str) -> Judged {
    let words = MailWords::get();
    let text = fold(start_of(&mail.text, SEARCHED_BYTES));
    let refused = matches!(done, "deleted" | "failed" | "denied" | "error" | "dispatched");
    if refused && words.of(Topic::BounceBody).occur_in(&text) {
        return Judged::new(InboundKind::Bounce, "report-type=disposition-notification")
            .and("words=bounce")
            .with_status(status_in(&text));
    }
    Judged::new(InboundKind::Acknowledgement, "report-type=disposition-notification")
}

/// Judges a message without a report by who sends it and what it says.
pub(super) fn by_signs(mail: &Mail) -> Option<Judged> {
    let words = MailWords::get();
    let subject = fold(mail.subject.as_deref().unwrap_or_default());
    let full = start_of(&mail.text, SEARCHED_BYTES);
    let text = fold(above_returned(full));
    let sender = is_system(mail);
    let says_subject = words.of(Topic::BounceSubject).occur_in(&subject);
    let delay = says_delay(mail);
    let says_body = words.of(Topic::BounceBody).occur_in(&text) || delay;
    let code = status_in(above_returned(full)).filter(|s| !s.starts_with('2'));
    let returns = mail.returned.is_some() || !Returned::within(&mail.text).ids.is_empty();
    let machine =
        sender || mail.marks.null_return_path || mail.marks.auto_submitted.as_deref().is_some_and(|a| a != "no");
    let mut evidence: Vec<&str> = Vec::new();
    let mut see = |seen: bool, name| seen.then(|| evidence.push(name)).is_some();
    let failed = see(mail.marks.failed_recipients, "x-failed-recipients");
    see(sender, "sender=mailer-daemon");
    see(mail.marks.null_return_path, "return-path=null");
    let says_subject = see(says_subject && !is_answer(&subject), "subject=bounce");
    let says_body = see(says_body, "words=bounce");
    let code_seen = see(code.is_some() || has_smtp_code(&text), "smtp-code");
    let returns = see(returns, "returned-message");
    let is_bounce = failed
        || (sender && (says_subject || says_body || (returns && (code_seen || is_mailer_daemon(mail)))))
        || (machine && says_subject && (says_body || code_seen || returns))
        || (machine && says_body && code_seen && returns)
        || (says_subject && says_body && (code_seen || returns));
    // A person who forwards or answers a bounce is no bounce.
    if !is_bounce || (is_answer(&subject) && !machine && !failed) {
        return None;
    }
    let kind = if delay { InboundKind::DelayNotice } else { InboundKind::Bounce };
    let mut judged = Judged::new(kind, evidence.first().copied().unwrap_or("bounce"));
    for name in &evidence[1..] {
        judged = judged.and(name);
    }
    Some(judged.with_status(code))
}

/// Whether the sender is a mail system by name.
fn is_system(mail: &Mail) -> bool {
    // Some mail systems sign with an empty address.
    let Some(from) = &mail.from else { return mail.marks.null_return_path };
    let words = MailWords::get();
    let local = from.address.split('@').next().unwrap_or_default();
    words.of(Topic::BounceSender).occur_in(&fold(local)) || words.of(Topic::BounceSender).occur_in(&fold(&from.name))
}

/// Whether it signs as `MAILER-DAEMON`, which no person does, in whatever language it then speaks.
fn is_mailer_daemon(mail: &Mail) -> bool {
    mail.sender().starts_with("mailer-daemon@")
}

/// Whether the subject is that of an answer or a forwarded message.
fn is_answer(subject: &str) -> bool {
    let words = MailWords::get();
    words.of(Topic::ReplySubject).start(subject) || words.of(Topic::ForwardSubject).start(subject)
}

/// Whether the other side still tries.
fn says_delay(mail: &Mail) -> bool {
    let words = MailWords::get();
    let full = start_of(&mail.text, SEARCHED_BYTES);
    let text = fold(above_returned(full));
    let subject = fold(mail.subject.as_deref().unwrap_or_default());
    let said = words.of(Topic::Delay).occur_in(&text) || words.of(Topic::Delay).occur_in(&subject);
    said && !words.of(Topic::DelayOver).occur_in(&text)
}

/// A reply code of a mail server that refuses: 4xx or 5xx at the start of a word, as in `550 5.1.1`.
fn has_smtp_code(folded: &str) -> bool {
    let is_code = |w: &str| {
        let digits = w.trim_start_matches(['<', '(', '#', '[', '"']);
        digits.len() >= 3
            && matches!(digits.as_bytes()[0], b'4' | b'5')
            && matches!(digits.as_bytes()[1], b'0'..=b'5')
            && digits.as_bytes()[2].is_ascii_digit()
            && !digits.as_bytes().get(3).is_some_and(u8::is_ascii_alphanumeric)
    };
    folded.split(' ').any(is_code)
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
