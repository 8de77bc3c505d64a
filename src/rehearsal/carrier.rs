//! How what a company does gets back: by mail, as a status, or before a person's eyes.

use super::bounce::{Returned, notification};
use super::chance::{Reply, seed_of};
use super::letters::{self, Asked, LetterError, Writer};
use super::mailroom::Folder;
use super::square::{Case, MailSlip, Medium, Square};
use crate::model::channel::Channel;
use crate::model::task::Said;
use chrono_tz::Tz;

impl Square {
    /// Returns a mail to its envelope's sender.
    pub(super) fn carry_bounce(&self, case: &Case) {
        let Medium::Mail(slip) = &case.question.medium else { return };
        let bytes = notification(Returned {
            sender: &slip.sender,
            recipient: &slip.recipient,
            headers: &slip.headers,
            arrived: case.received,
            now: self.stepper.now(),
            variant: case.fate.variant,
            key: &self.key(case, "bounce"),
        });
        self.post(&slip.sender, Folder::Inbox, Ok(bytes));
    }

    /// Sends a machine's "received".
    pub(super) fn carry_acknowledgement(&self, case: &Case) {
        match &case.question.medium {
            Medium::Mail(_) | Medium::Form { .. } => {
                let letter = self.write(case, "ack", letters::acknowledgement);
                self.post_reply(case, Folder::Inbox, letter);
            }
            Medium::Status { id } => {
                let text = self.acknowledgement_text(case);
                self.reply_on_mastodon(case.inquiry, *id, &text, true, false);
            }
            Medium::Person => {
                self.tell(case, Said::Acknowledgement, None, Some(self.acknowledgement_text(case)));
            }
        }
    }

    /// Sends a person's reply.
    pub(super) fn carry_reply(&self, case: &Case, reply: Reply) {
        let words = self.texts.reply(reply.says, case.fate.variant, self.names(case.inquiry, self.subject(case)));
        match &case.question.medium {
            Medium::Mail(_) | Medium::Form { .. } => {
                let html = self.writes_html(case);
                let letter = self.write(case, "reply", |writer, asked| letters::reply(writer, asked, &words, html));
                self.post_reply(case, if reply.in_spam { Folder::Junk } else { Folder::Inbox }, letter);
            }
            Medium::Status { id } => self.reply_on_mastodon(case.inquiry, *id, &words, false, reply.in_spam),
            Medium::Person => self.tell(case, self.word_for_reply(case), None, Some(words)),
        }
    }

    /// Keeps a promise: by telephone where a mail or form was answered, else on the same channel.
    pub(super) fn carry_kept(&self, case: &Case, words: String) {
        match &case.question.medium {
            Medium::Mail(_) | Medium::Form { .. } => {
                self.tell(case, Said::Call, Some(Channel::Phone), Some(words));
            }
            Medium::Status { id } => self.reply_on_mastodon(case.inquiry, *id, &words, false, false),
            Medium::Person => self.tell(case, self.word_for_reply(case), None, Some(words)),
        }
    }

    fn word_for_reply(&self, case: &Case) -> Said {
        if self.planned(case.inquiry).channel == Channel::Phone { Said::Call } else { Said::Reply }
    }

    fn acknowledgement_text(&self, case: &Case) -> String {
        super::texts::fill(&self.texts.acknowledge.text, self.names(case.inquiry, self.subject(case)))
    }

    /// The subject as the company saw it, else as it was planned.
    fn subject<'a>(&'a self, case: &'a Case) -> &'a str {
        if !case.question.subject.is_empty() {
            return &case.question.subject;
        }
        let messages = &self.planned(case.inquiry).messages;
        messages.get(case.message as usize).map_or("", |m| &m.subject)
    }

    /// About half of the companies write HTML beside plain text.
    fn writes_html(&self, case: &Case) -> bool {
        let company = self.planned(case.inquiry).company.as_str();
        seed_of(&[b"html", company.as_bytes()])[0] & 1 == 1
    }

    fn key(&self, case: &Case, kind: &str) -> String {
        format!("{}/{}/{}/{kind}", self.plan.wave, self.planned(case.inquiry).id, case.message)
    }

    fn write(
        &self,
        case: &Case,
        kind: &str,
        letter: impl FnOnce(Writer<'_>, Asked<'_>) -> Result<Vec<u8>, LetterError>,
    ) -> Result<Vec<u8>, LetterError> {
        let from = match &case.question.medium {
            Medium::Mail(slip) => slip.recipient.clone(),
            Medium::Form { host, .. } => {
                let user = if kind == "ack" { "noreply" } else { "info" };
                format!("{user}@{}", host.trim_start_matches("www."))
            }
            Medium::Status { .. } | Medium::Person => return Err("no mail on this channel".into()),
        };
        let slip: Option<&MailSlip> = match &case.question.medium {
            Medium::Mail(slip) => Some(slip),
            _ => None,
        };
        let key = self.key(case, kind);
        let writer = Writer {
            texts: &self.texts,
            names: self.names(case.inquiry, self.subject(case)),
            from: &from,
            to: reply_address(&case.question.medium),
            zone: self.company(case.inquiry).map_or(Tz::UTC, |c| c.timezone),
            now: self.stepper.now(),
            key: &key,
        };
        let asked = Asked {
            message_id: slip.and_then(|s| s.message_id.as_deref()),
            references: slip.and_then(|s| s.references.as_deref()),
            text: &case.question.text,
            at: case.received,
        };
        letter(writer, asked)
    }

    fn post_reply(&self, case: &Case, folder: Folder, letter: Result<Vec<u8>, LetterError>) {
        self.post(reply_address(&case.question.medium), folder, letter);
    }

    /// Puts a mail into the mailbox that an address leads to.
    pub(super) fn post(&self, address: &str, folder: Folder, letter: Result<Vec<u8>, LetterError>) {
        let now = self.stepper.now();
        let mut ledger = self.ledger();
        match (self.postbox(&ledger, address), letter) {
            (Some(postbox), Ok(bytes)) => ledger.mail.deliver(postbox, folder, now, bytes),
            _ => ledger.stats.undeliverable += 1,
        }
    }

    /// The mailbox of an address: that of the inquiry which has it as an alias, else by domain.
    fn postbox(&self, ledger: &super::square::Ledger, address: &str) -> Option<usize> {
        let owner = self.directory.owner(address).and_then(|i| {
            let mailbox = self.plan.study.persona(&self.planned(i).persona)?.mailbox.as_ref()?;
            ledger.mail.of_account(mailbox)
        });
        owner.or_else(|| ledger.mail.at_address(address))
    }
}

fn reply_address(medium: &Medium) -> &str {
    match medium {
        Medium::Mail(slip) => &slip.reply_to,
        Medium::Form { reply_to, .. } => reply_to,
        Medium::Status { .. } | Medium::Person => "",
    }
}
