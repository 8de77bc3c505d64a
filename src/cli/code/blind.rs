//! A reply as a rater sees it: the question, what was newly written, and nothing of who wrote it.

use super::super::Failure;
use crate::intake::Reading;
use crate::intake::mask::Mask;
use crate::model::ids::CompanyId;
use crate::model::inbound::RawFormat;
use crate::model::state::InboundState;
use crate::wave::Wave;
use crate::wave::answers::Answers;
use std::collections::HashMap;

/// What a rater sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Blind {
    /// The question, as it was asked.
    pub(super) question: String,
    /// What a full answer contains.
    pub(super) answer_has: Vec<String>,
    /// What was newly written.
    pub(super) text: String,
    /// What could not be hidden, in words.
    pub(super) not_hidden: Option<String>,
}

/// Shows replies without who wrote them.
pub(super) struct Blinder {
    pub(super) answers: Answers,
    /// Index in the study.
    companies: HashMap<CompanyId, usize>,
}

impl Blinder {
    pub(super) fn new(wave: &Wave) -> Self {
        let companies = wave.plan().study.companies.iter().enumerate().map(|(i, c)| (c.id.clone(), i)).collect();
        Self { answers: Answers::new(wave.plan()), companies }
    }

    /// A reply; `None` where its words were purged.
    pub(super) fn see(&self, wave: &Wave, message: &InboundState) -> Result<Option<Blind>, Failure> {
        let plan = wave.plan();
        let planned = message.inquiry().and_then(|id| wave.state().index_of(id)).map(|i| &plan.inquiries[i]);
        let (Some(planned), Some(reading)) = (planned, self.answers.reading(wave, message)?) else { return Ok(None) };
        let question = plan.study.question(&planned.question);
        let asked = planned.messages.first().map_or("", |m| m.text.as_str());
        let Some(company) = self.companies.get(&planned.company).and_then(|i| plan.study.companies.get(*i)) else {
            return Ok(None);
        };
        let mask = Mask::of(company, signed(&reading));
        let masked = mask.hide(&reading.new_text);
        let mut tells: Vec<String> = Vec::new();
        if message.format == RawFormat::Note {
            tells.push("a person wrote it down, perhaps after a call".to_owned());
        }
        if !masked.still_tells.is_empty() {
            let ways: Vec<&str> = masked.still_tells.iter().copied().collect();
            tells.push(format!("its words speak of {}", ways.join(", ")));
        }
        Ok(Some(Blind {
            question: mask.hide(asked).text,
            answer_has: question.map(|q| q.answer_has.clone()).unwrap_or_default(),
            text: masked.text,
            not_hidden: (!tells.is_empty()).then(|| tells.join("; ")),
        }))
    }
}

fn signed(reading: &Reading) -> Option<&str> {
    reading.signature.as_ref()?.name.as_deref()
}
