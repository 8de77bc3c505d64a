//! From a tree to a study: parses, resolves references, fills in defaults. What the shape has
//! reported already is passed over in silence, so that one mistake is told once.

use super::accounts;
use super::codebook;
use super::companies;
use super::design;
use super::fields::STUDY;
use super::files::Files;
use super::finding::{Finding, Place};
use super::publish;
use super::questions;
use super::rehearsal;
use super::section::Section;
use super::tree::Node;
use super::words::nearest_help;
use crate::model::ids::StudyId;
use crate::model::study::{Company, Conduct, Mailbox, MastodonAccount, Persona, Question, Sample, Study};
use std::rc::Rc;

/// A thing of the study, and the node it came from.
pub(super) type Sourced<T> = (T, Rc<Node>);

/// What could be read. Where there were mistakes it has holes, and serves only to find more.
pub(super) struct Draft<'a> {
    /// The whole file.
    pub root: Section<'a>,
    /// Mail accounts.
    pub mailboxes: Vec<Sourced<Mailbox>>,
    /// Mastodon accounts.
    pub mastodon: Vec<Sourced<MastodonAccount>>,
    /// Who asks.
    pub personas: Vec<Sourced<Persona>>,
    /// What is asked, with the place of each wording.
    pub questions: Vec<Sourced<Question>>,
    /// Places of the wordings, question by question.
    pub wording_places: Vec<Vec<Place>>,
    /// Who is asked.
    pub companies: Vec<Sourced<Company>>,
}

/// Reads all parts and reports what does not fit together. The study is whole if nothing was reported.
pub(super) fn build<'a>(root: &'a Node, files: &mut Files, found: &mut Vec<Finding>) -> (Draft<'a>, Option<Study>) {
    let root = Section::new(root, &STUDY);
    let mailboxes = accounts::mailboxes(root, found);
    let mastodon = accounts::mastodon(root, found);
    let personas = accounts::personas(root, &mailboxes, &mastodon, found);
    let (questions, wording_places) = questions::questions(root, files, found);
    let companies = companies::companies(root, &personas, &questions, files, found);
    let draft = Draft { root, mailboxes, mastodon, personas, questions, wording_places, companies };
    let study = study(&draft, found);
    (draft, study)
}

fn study(draft: &Draft<'_>, found: &mut Vec<Finding>) -> Option<Study> {
    let root = draft.root;
    let id: Option<StudyId> = root.parse("study");
    let design = design::design(root, found);
    let thresholds = design::thresholds(root);
    let primary = design::primary(root, &thresholds, found);
    let rules = design::rules(root);
    let questions: Vec<&Question> = draft.questions.iter().map(|(q, _)| q).collect();
    let codebook = codebook::codebook(root, &questions, found);
    let publish = publish::publish(draft, found);
    let rehearsal = rehearsal::rehearsal(draft, found);
    let conduct = conduct(root);
    let id = id?;
    Some(Study {
        title: root.text("title").unwrap_or_else(|| id.to_string()),
        id,
        language: root.text("language")?,
        seed: root.parse("seed").unwrap_or(0),
        conduct: conduct?,
        sample: sample(root),
        mailboxes: items(&draft.mailboxes),
        mastodon: items(&draft.mastodon),
        personas: items(&draft.personas),
        questions: items(&draft.questions),
        companies: items(&draft.companies),
        design: design?,
        thresholds,
        primary,
        rules,
        codebook,
        publish,
        rehearsal,
    })
}

fn items<T: Clone>(sourced: &[Sourced<T>]) -> Vec<T> {
    sourced.iter().map(|(item, _)| item.clone()).collect()
}

fn conduct(root: Section<'_>) -> Option<Conduct> {
    let conduct = root.section("conduct")?;
    Some(Conduct {
        purpose: conduct.text("purpose")?,
        approval: conduct.text("approval"),
        max_messages_per_company: conduct.parse("max_messages_per_company")?,
        max_messages_per_group: conduct.parse("max_messages_per_group"),
        user_agent: conduct.text("user_agent"),
    })
}

fn sample(root: Section<'_>) -> Option<Sample> {
    let sample = root.section("sample")?;
    Some(Sample {
        frame: sample.text("frame")?,
        selected: sample.text("selected")?,
        replace: sample.text("replace").unwrap_or_else(|| "never".to_owned()),
    })
}

/// Reports an id that two things share.
pub(super) fn unique(what: &str, ids: &[(String, Place)], found: &mut Vec<Finding>) {
    for (number, (id, place)) in ids.iter().enumerate() {
        if let Some((_, first)) = ids[..number].iter().find(|(other, _)| other == id) {
            let finding =
                Finding::error(format!("two {what} are called `{id}`"), *place, "again here").and(*first, "first here");
            found.push(finding.help("give each an `id` of its own"));
        }
    }
}

/// Reports a name that nothing has.
pub(super) fn unknown(what: &str, name: &str, place: Place, known: &[&str], found: &mut Vec<Finding>) {
    let help = match nearest_help(name, known.iter().copied()) {
        _ if known.is_empty() => format!("the study has no {what}: add it, or remove this"),
        near if near.is_empty() => format!("known: {}", some_of(known)),
        near => near,
    };
    found.push(Finding::error(format!("unknown {what} `{name}`"), place, "").help(help));
}

fn some_of(known: &[&str]) -> String {
    let shown = known.iter().take(12).copied().collect::<Vec<_>>().join(", ");
    if known.len() > 12 { format!("{shown}, …") } else { shown }
}
