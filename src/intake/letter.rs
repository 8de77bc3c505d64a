//! What a mail says, and then what it is: first taken apart into what was sent and what was newly written, then judged
//! and tied.

use super::mail::Mail;
use super::report::Report;
use super::written::{Closing, Written};
use super::{Index, Learnt, Reading, bounce, dates, kind, lines, tickets, tie, timing, written};
use crate::model::inbound::{InboundKind, Interpretation};
use crate::model::time::Stamp;

/// A mail that was taken apart. Nobody has judged it yet.
#[derive(Debug)]
pub struct Letter {
    mail: Mail,
    written: Written,
}

impl Letter {
    /// Takes a mail apart; `None` where it is none. Unlike [`read`](super::read) it has no bound, and no guard against
    /// a parser that panics.
    #[must_use]
    pub fn open(raw: &[u8], index: &Index, closing: Closing) -> Option<Self> {
        let mail = Mail::parse(raw)?;
        let written = if matches!(mail.report, Some(Report::Delivery { .. })) {
            // A report is nobody's letter.
            Written { text: lines::without_marks(mail.text.clone()), ..Written::default() }
        } else {
            written::split(&mail.text, closing, &|text| tie::is_asked_in(text, index))
        };
        Some(Self { mail, written })
    }

    /// What it is, and which inquiry it answers.
    #[must_use]
    pub fn read(self, received: Stamp, index: &Index) -> Reading {
        let Self { mail, written } = self;
        let mut judged = kind::judge(&mail, &written, index);
        let ties = tie::of_mail(&mail, judged.kind, judged.unless_ours, received, index);
        judged = timing::weigh(judged, &written, ties.inquiry.as_ref().map(|(id, _)| id), received, index);
        let new_text = written.text;
        let mut because = std::mem::take(&mut judged.because);
        because.extend(ties.because);
        let mut inquiry = ties.inquiry;
        let mut candidates = ties.candidates;
        if judged.unless_ours && (inquiry.is_some() || !candidates.is_empty()) {
            // A mass mail to an inquiry's own address may hold an answer: a person must look.
            judged = judged.may_be_a_reply();
        }
        if judged.is_unsure()
            && let Some((id, _)) = inquiry.take()
        {
            candidates.retain(|c| *c != id);
            candidates.insert(0, id);
        }
        let may_be_ours = inquiry.is_some() || !candidates.is_empty();
        let text = may_be_ours.then(|| timing::fingerprint(&new_text)).flatten();
        let undelivered = matches!(judged.kind, InboundKind::Bounce | InboundKind::DelayNotice);
        let status = undelivered.then_some(judged.status);
        let away = judged.kind == InboundKind::OutOfOffice;
        Reading {
            interpretation: Interpretation {
                kind: judged.kind,
                because,
                inquiry,
                candidates,
                status: status.flatten(),
                confidence: judged.confidence,
            },
            learnt: Learnt {
                message_ids: mail.message_id.iter().cloned().collect(),
                threads: Vec::new(),
                tickets: tickets::of_mail(&mail, judged.kind, &new_text),
                text,
            },
            reason: undelivered.then(|| bounce::reason(&mail)).flatten(),
            returns_on: away.then(|| dates::last_in(&new_text, received.at.date_naive())).flatten(),
            named: ties.named,
            message_id: mail.message_id,
            in_reply_to: mail.in_reply_to,
            references: mail.references,
            from: mail.from.map(|from| from.address),
            subject: mail.subject,
            text: lines::without_marks(mail.text),
            new_text,
            greeting: written.greeting,
            signature: written.signature,
        }
    }
}
