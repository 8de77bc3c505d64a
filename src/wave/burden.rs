//! May a company get one more message than was planned? Within the study's caps, by company and group.

use crate::model::event::Act;
use crate::model::ids::CompanyId;
use crate::model::inbound::InboundKind;
use crate::model::plan::Plan;
use crate::model::state::{InquiryState, WaveState};
use std::collections::HashSet;

/// Whether the caps leave room for one more, beside what was sent and what may still be sent.
pub(super) fn allows_one_more(plan: &Plan, state: &WaveState, company: &CompanyId) -> bool {
    let study = &plan.study;
    if messages(state, company) >= study.conduct.max_messages_per_company {
        return false;
    }
    let group = study.company(company).and_then(|c| c.group.as_ref());
    let (Some(cap), Some(group)) = (study.conduct.max_messages_per_group, group) else { return true };
    let members: HashSet<&CompanyId> =
        study.companies.iter().filter(|c| c.group.as_ref() == Some(group)).map(|c| &c.id).collect();
    members.into_iter().map(|member| messages(state, member)).sum::<u32>() < cap
}

/// Messages that a company got, or may still get.
fn messages(state: &WaveState, company: &CompanyId) -> u32 {
    let inquiries = state.of_company(company).iter().map(|i| &state.inquiries[*i]);
    inquiries.map(|inquiry| messages_of(state, inquiry)).fold(0, u32::saturating_add)
}

fn messages_of(state: &WaveState, inquiry: &InquiryState) -> u32 {
    // Nobody is reminded who has replied.
    let replied = state.messages_of(inquiry).any(|m| m.kind == Some(InboundKind::Reply));
    let counts = |(number, m): &(usize, &crate::model::state::MessageState)| {
        m.first_accepted().is_some() || (m.skipped.is_none() && (*number == 0 || !replied))
    };
    let sent = inquiry.messages.iter().enumerate().filter(counts).count();
    let answered = inquiry.acts.iter().filter(|(act, _)| *act == Act::AnsweredBack).count();
    u32::try_from(sent + answered).unwrap_or(u32::MAX)
}
