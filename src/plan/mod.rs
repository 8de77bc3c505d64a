//! `Study`, wave id, start, seed → inquiries with times and rendered texts.
//!
//! The design (who is asked on which channels, in which order, by whom, at which weekday and hour)
//! follows from the study and its seed alone: the waves of a benchmark ask alike, and a rehearsal
//! shows the very plan of the live wave. Names (aliases, Message-IDs) follow from study, wave and
//! inquiry: no two waves share one.

mod allocate;
mod burden;
mod chance;
mod file;
mod fingerprint;
mod names;
mod order;
mod problem;
pub mod render;
mod timetable;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod properties;

pub use file::{Head, PlanFileError, from_json, head, read, study_of, to_json};
pub use fingerprint::fingerprint;
pub use problem::{PlanError, Problem};

use crate::model::ids::{InquiryId, WaveId};
use crate::model::plan::{Due, PLAN_FORMAT, Plan, PlannedInquiry, PlannedMessage};
use crate::model::study::{Company, Persona, Question, Study};
use crate::model::time::Span;
use allocate::Wordings;
use chance::Chance;
use chrono::{DateTime, Utc};
use names::Names;
use order::Step;
use problem::Problems;
use render::{Occasion, Words};
use timetable::Timetable;

/// Freezes a wave: every inquiry with its moment, address, alias and words. The same study, wave,
/// start and release give the same plan, and [`to_json`] the same bytes.
///
/// # Errors
/// Everything that keeps the plan from being made, at once: a contact point that no persona can
/// use, a variable without value, a text too long for its channel, a cap that would be broken, a
/// send window without room.
pub fn make(study: &Study, wave: &WaveId, start: DateTime<Utc>) -> Result<Plan, PlanError> {
    let mut problems = Problems::default();
    let words = Words::of(study).map_err(|error| problems.take_all(error)).ok();
    allocate::check_contact_points(study, &mut problems);
    burden::check_asks(study, &mut problems);
    burden::check_addresses(study, &mut problems);
    let channels = allocate::channels(study, &mut problems);
    let personas = allocate::personas(study, &channels, &mut problems);
    let steps = order::steps(study, &channels);
    let reminders = reminder_delays(study);
    burden::check(study, &steps, 1 + reminders.len(), &mut problems);
    let words = problems.none_and(words)?;

    let courses = courses(study, &personas, &steps);
    let mut writer = Writer { study, words, reminders, names: Names::new(&study.id, wave, &study.mailboxes) };
    let mut inquiries = Vec::with_capacity(courses.iter().map(|course| course.steps.len()).sum());
    let mut timetable = Timetable::new(study, start);
    for course in &courses {
        let points: Vec<_> = course.steps.iter().map(|step| (step.point.channel, &step.point.target)).collect();
        let Some(moments) = problems.keep(timetable.moments(course.company, &points)) else { continue };
        for (nth, due) in moments.into_iter().enumerate() {
            inquiries.extend(problems.keep(writer.inquiry(course, nth, due)));
        }
    }
    problems.none()?;
    inquiries.sort_by(|a, b| (a.first_due(), &a.id).cmp(&(b.first_due(), &b.id)));
    Ok(Plan {
        format: PLAN_FORMAT,
        risposta: env!("CARGO_PKG_VERSION").to_owned(),
        wave: wave.clone(),
        start,
        study: study.clone(),
        inquiries,
    })
}

/// The delays of the reminders after the first accepted attempt: only those before the window's end.
fn reminder_delays(study: &Study) -> Vec<Span> {
    let Some(reminders) = study.design.reminders else { return Vec::new() };
    let delay = |nth: u32| reminders.every.as_secs().checked_mul(nth).map(Span::from_secs);
    (1..=reminders.max).map_while(delay).take_while(|delay| *delay < study.design.window).collect()
}

/// What a company is asked, by whom, in order.
struct Course<'s> {
    company: &'s Company,
    persona: &'s Persona,
    steps: Vec<Step<'s>>,
    /// The question of each step, with the place of its wording.
    words: Vec<(&'s Question, usize)>,
}

/// The companies' courses, in the random order in which they get their moments.
fn courses<'s>(study: &'s Study, personas: &[Option<&'s Persona>], steps: &[Vec<Step<'s>>]) -> Vec<Course<'s>> {
    let mut order: Vec<usize> = (0..study.companies.len()).collect();
    Chance::of(study.seed, &["companies"]).shuffle(&mut order);
    let mut chance = Chance::of(study.seed, &["wordings"]);
    let mut wordings = Wordings::default();
    let mut courses = Vec::new();
    for index in order {
        let (company, steps) = (&study.companies[index], &steps[index]);
        let Some(persona) = personas[index] else { continue };
        let mut words: Vec<Option<(&Question, usize)>> = vec![None; steps.len()];
        for ask in &company.asks {
            let Some(question) = study.question(&ask.question) else { continue };
            let places: Vec<usize> = (0..steps.len()).filter(|i| std::ptr::eq(steps[*i].ask, ask)).collect();
            let asked: Vec<_> = places.iter().map(|i| (steps[*i].point.channel, steps[*i].repetition)).collect();
            let turns = wordings.rotate(&question.id, question.wordings.len(), &asked, &mut chance);
            for (place, turn) in places.into_iter().zip(turns) {
                words[place] = Some((question, turn));
            }
        }
        let words: Vec<_> = words.into_iter().flatten().collect();
        courses.push(Course { company, persona, steps: steps.clone(), words });
    }
    courses
}

/// Writes out inquiries, word for word.
struct Writer<'s> {
    study: &'s Study,
    words: Words<'s>,
    reminders: Vec<Span>,
    names: Names<'s>,
}

impl Writer<'_> {
    fn inquiry(&mut self, course: &Course<'_>, nth: usize, due: DateTime<Utc>) -> Result<PlannedInquiry, Problem> {
        let (step, (question, turn)) = (&course.steps[nth], course.words[nth]);
        let (company, persona, channel) = (course.company, course.persona, step.point.channel);
        let id = InquiryId::new(&company.id, channel, &question.id, step.repetition);
        let occasion = Occasion { channel, company, persona, question };
        let wording = question.wordings.get(turn).ok_or_else(|| Problem {
            what: format!("question `{}` has no text", question.id),
            help: "write what is asked under `text`".into(),
        })?;
        let mailbox = persona.mailbox.as_ref().and_then(|id| self.study.mailbox(id));
        let first = self.words.first(occasion, wording)?;
        let mut texts = vec![(Due::At(due), first.clone())];
        for delay in &self.reminders {
            texts.push((Due::AfterFirstAccepted(*delay), self.words.reminder(occasion, &first)?));
        }
        let message = |(number, (due, text)): (usize, (Due, render::Text))| PlannedMessage {
            due,
            message_id: self.names.message_id(mailbox, &id, number),
            subject: text.subject,
            text: text.text,
            fingerprint: text.fingerprint,
        };
        let messages = texts.into_iter().enumerate().map(message).collect();
        let reply_to = mailbox.map(|mailbox| self.names.reply_to(mailbox, persona, &id));
        let (reply_to, reply_to_is_own) = reply_to.map_or((None, false), |(address, own)| (Some(address), own));
        Ok(PlannedInquiry {
            id,
            company: company.id.clone(),
            channel,
            question: question.id.clone(),
            repetition: step.repetition,
            persona: persona.id.clone(),
            wording: wording.name.clone(),
            position: u32::try_from(nth + 1).unwrap_or(u32::MAX),
            target: step.point.target.clone(),
            reply_to,
            reply_to_is_own,
            messages,
        })
    }
}
