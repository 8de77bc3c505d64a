//! What came back proves that a message in doubt, or held, had left: found, and put into the journal.

use super::Wave;
use crate::intake::Reading;
use crate::model::event::{AttemptRef, Event};
use crate::model::inbound::InboundKind;
use crate::model::plan::Plan;

/// The events that settle what is proven by now about an inquiry's messages.
pub(super) fn settlements(wave: &mut Wave, i: usize) -> Vec<Event> {
    let (plan, inquiry) = (wave.plan.clone(), &wave.state.inquiries[i]);
    let proven: Vec<_> = (0..inquiry.messages.len())
        .filter_map(|message| inquiry.proven(&wave.state, message).map(|(attempt, proof)| (message, attempt, proof)))
        .collect();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    proven
        .into_iter()
        .map(|(message, attempt, proof)| Event::Settled {
            attempt: AttemptRef {
                inquiry: plan.inquiries[i].id.clone(),
                message: number(message),
                attempt: number(attempt + 1),
            },
            left: true,
            why: wave.journal_mut().keep(proof.words()),
            proof,
            receipt: None,
        })
        .collect()
}

/// Which message of ours a bounce returns, or a copy is of: the one whose Message-ID it holds. A
/// reminder names the first message too, so the last one counts.
pub(super) fn about(plan: &Plan, reading: &Reading, bytes: &[u8]) -> Option<u32> {
    let of_ours =
        matches!(reading.interpretation.kind, InboundKind::Bounce | InboundKind::DelayNotice | InboundKind::OwnCopy);
    let (inquiry, _) = reading.interpretation.inquiry.as_ref().filter(|_| of_ours)?;
    let text = String::from_utf8_lossy(bytes);
    let messages = (0..).zip(&plan.inquiry(inquiry)?.messages);
    messages.filter(|(_, message)| text.contains(&message.message_id)).map(|(number, _)| number).last()
}
