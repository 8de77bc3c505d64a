//! What waits for a person. Pure: plan and state in, tasks out.

use super::agenda::{SendWindows, is_answered};
use super::burden;
use crate::model::answer::Mark;
use crate::model::channel::Delivery as Delivers;
use crate::model::event::Act;
use crate::model::inbound::{Confidence, InboundKind};
use crate::model::plan::{Due, Plan};
use crate::model::state::{Delivery, InboundState, WaveState};
use crate::model::task::Task;
use chrono::{DateTime, Utc};

/// All tasks that are open at `now`, by the moment they became due, then in the plan's order.
#[must_use]
pub fn open_tasks(plan: &Plan, state: &WaveState, windows: &SendWindows, now: DateTime<Utc>) -> Vec<Task> {
    let mut tasks: Vec<Task> =
        (0..plan.inquiries.len()).filter_map(|i| open_task(plan, state, windows, i, now)).collect();
    tasks.extend((0..plan.inquiries.len()).flat_map(|i| after_replies(plan, state, i, now)));
    tasks.sort_by_key(Task::due);
    tasks
}

/// What a reply to inquiry number `i` asks of a person: an answer to what it asks back, or peace.
/// A machine only suggests it; who coded the reply otherwise has the last word.
fn after_replies(plan: &Plan, state: &WaveState, i: usize, now: DateTime<Utc>) -> Vec<Task> {
    let (Some(planned), Some(inquiry)) = (plan.inquiries.get(i), state.inquiries.get(i)) else { return Vec::new() };
    if inquiry.inbound.is_empty() || state.stopped.contains_key(&planned.company) {
        return Vec::new();
    }
    let shows = |mark: Mark| {
        let seems = move |m: &&InboundState| m.is_to_code() && m.received.at <= now && shows(m, mark);
        state.messages_of(inquiry).filter(seems).max_by_key(|m| m.received.at)
    };
    let (id, mut tasks) = (&planned.id, Vec::new());
    if let Some(reply) = shows(Mark::LeaveAlone) {
        tasks.push(Task::LeaveAlone { inquiry: id.clone(), inbound: reply.id, due: reply.received.at });
    }
    let text = plan.study.question(&planned.question).and_then(|q| q.if_asked_back.as_ref());
    let answered = inquiry.acts.iter().any(|(act, _)| *act == Act::AnsweredBack);
    let open = inquiry.asked_at(state).is_some_and(|asked| now < asked + plan.study.design.window.delta());
    if text.is_some()
        && !answered
        && open
        && tasks.is_empty()
        && let Some(reply) = shows(Mark::AsksBack)
        && burden::allows_one_more(plan, state, &planned.company)
    {
        tasks.push(Task::AnswerBack { inquiry: id.clone(), inbound: reply.id, due: reply.received.at });
    }
    tasks
}

fn shows(message: &InboundState, mark: Mark) -> bool {
    match message.item(mark.name()) {
        Some(coded) => coded == "yes",
        None => message
            .reply()
            .suggested
            .as_ref()
            .and_then(|(_, s)| s.mark(mark))
            .is_some_and(|sure| sure >= Confidence::ENOUGH),
    }
}

/// The task that inquiry number `i` has for a person at `now`.
#[must_use]
pub fn open_task(plan: &Plan, state: &WaveState, windows: &SendWindows, i: usize, now: DateTime<Utc>) -> Option<Task> {
    let (planned, inquiry) = (plan.inquiries.get(i)?, state.inquiries.get(i)?);
    let assisted = planned.channel.delivery() == Delivers::Assisted;
    let window = plan.study.design.window.delta();
    let stopped = state.stopped.contains_key(&planned.company);
    let Some(asked_at) = inquiry.asked_at(state) else {
        let (message, due) = (inquiry.messages.first()?, planned.first_due()?);
        let delivery = message.delivery(plan.study.design.attempts_max);
        let for_person = delivery.is_for_a_person() || (assisted && delivery == Delivery::Pending);
        let open = for_person && message.skipped.is_none() && !stopped && (due..due + window).contains(&now);
        return open.then(|| Task::Send { inquiry: planned.id.clone(), message: 0, due });
    };
    // Where a reply is there, nobody need go on looking.
    let replied = state.messages_of(inquiry).any(|m| m.kind == Some(InboundKind::Reply));
    let check = (assisted && !replied)
        .then(|| check_due(plan, asked_at, now))
        .flatten()
        .filter(|due| state.covered_through(plan, planned, inquiry).is_none_or(|through| through < *due));
    match check {
        Some(due) => Some(Task::Check { inquiry: planned.id.clone(), due }),
        None => reminder_task(plan, state, windows, i, asked_at, now),
    }
}

/// The last moment by which a person should have looked: a threshold, or the window's end. Who
/// looks only at the channels that answer would make them look better than the silent ones.
fn check_due(plan: &Plan, asked_at: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let ends = std::iter::once(plan.study.design.window);
    let moments = plan.study.thresholds.iter().copied().chain(ends).map(|span| asked_at + span.delta());
    moments.filter(|due| *due <= now && *due <= asked_at + plan.study.design.window.delta()).max()
}

fn reminder_task(
    plan: &Plan,
    state: &WaveState,
    windows: &SendWindows,
    i: usize,
    asked_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Option<Task> {
    let (planned, inquiry) = (plan.inquiries.get(i)?, state.inquiries.get(i)?);
    if is_answered(state, inquiry) || state.stopped.contains_key(&planned.company) {
        return None;
    }
    let assisted = planned.channel.delivery() == Delivers::Assisted;
    let (number, message) =
        (0_u32..).zip(&inquiry.messages).skip(1).find(|(_, m)| m.skipped.is_none() && m.first_accepted().is_none())?;
    let Due::AfterFirstAccepted(after) = planned.messages.get(number as usize)?.due else { return None };
    // By hand or by machine: a reminder waits for the send window.
    let due = windows.next_open(&planned.company, asked_at + after.delta())?;
    let delivery = message.delivery(plan.study.design.attempts_max);
    let for_person = delivery.is_for_a_person() || (assisted && delivery == Delivery::Pending);
    let open = for_person && now >= due && now < asked_at + plan.study.design.window.delta();
    open.then(|| Task::Send { inquiry: planned.id.clone(), message: number, due })
}

#[cfg(test)]
mod tests;
