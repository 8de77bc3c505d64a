//! The simulated person: sends what no machine may send, looks, and tells what was seen.

use super::square::{MailSlip, Medium, Question, Square};
use crate::model::channel::{Channel, Delivery};
use crate::model::ids::InquiryId;
use crate::model::study::Target;
use crate::model::task::{Person, Record, Said, Task};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// A diligent helper: does every task at once, and tells of every reply with its true time.
pub(super) struct Helper {
    pub(super) square: Arc<Square>,
}

impl Person for Helper {
    fn act(&mut self, now: DateTime<Utc>, tasks: &[Task]) -> Vec<Record> {
        let mut records = std::mem::take(&mut self.square.ledger().to_tell);
        // What happened at the same second is told in the plan's words' order, not in the order
        // of connections.
        records.sort_by(|a, b| (a.at, &a.inquiry, a.message).cmp(&(b.at, &b.inquiry, b.message)));
        records.extend(tasks.iter().filter_map(|task| self.do_task(now, task)));
        records
    }
}

impl Helper {
    fn do_task(&self, now: DateTime<Utc>, task: &Task) -> Option<Record> {
        let (id, message, what) = match task {
            Task::Send { inquiry, message, .. } => (inquiry, *message, Said::Sent),
            Task::Check { inquiry, .. } => (inquiry, 0, Said::Checked),
            // Simulated companies ask nothing back, and nobody of them wants to be left alone.
            Task::AnswerBack { .. } | Task::LeaveAlone { .. } => return None,
        };
        let inquiry = self.index_of(id)?;
        if what == Said::Sent {
            self.send(inquiry, message)?;
        }
        let via = self.square.planned(inquiry).channel;
        Some(Record { inquiry: id.clone(), message, at: now, via, what, note: None })
    }

    /// Sends by hand, once: a task that is still open because its record got lost is told again,
    /// but the company does not hear it twice.
    fn send(&self, inquiry: usize, message: u32) -> Option<()> {
        let question = self.question(inquiry, message)?;
        if !self.square.ledger().truth.contains_key(&(inquiry, message)) {
            self.square.hear(inquiry, message, question);
        }
        Some(())
    }

    /// The message as it reaches the company: what a machine could not send by mail or form goes
    /// the same way by hand, and is answered the same way.
    fn question(&self, inquiry: usize, message: u32) -> Option<Question> {
        let planned = self.square.planned(inquiry);
        let text = planned.messages.get(message as usize)?;
        let reply_to = planned.reply_to.clone();
        let medium = match (planned.channel, &planned.target, reply_to) {
            (channel, ..) if channel.delivery() == Delivery::Assisted => Medium::Person,
            (Channel::WebForm, Target::WebForm(form), Some(reply_to)) => {
                Medium::Form { reply_to, host: form.url.host_str().unwrap_or_default().to_owned() }
            }
            (Channel::Email, Target::Email { address }, Some(reply_to)) => Medium::Mail(MailSlip {
                sender: reply_to.clone(),
                recipient: address.clone(),
                reply_to,
                message_id: Some(text.message_id.clone()),
                references: None,
                headers: format!("Message-ID: <{}>\r\n", text.message_id),
            }),
            _ => Medium::Person,
        };
        Some(Question { medium, subject: text.subject.clone(), text: text.text.clone() })
    }

    fn index_of(&self, id: &InquiryId) -> Option<usize> {
        self.square.directory.index_of(id)
    }
}
