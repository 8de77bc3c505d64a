//! Has the company said nearly the same before? Replies are held against its earlier ones by the
//! runs of words that they share, through sketches of fixed size, and against the last of them only: what a reply
//! costs has a bound, however many came before it.

use super::{Reply, Said};
use crate::intake::signature::is_name;
use crate::lexicon::answer_words::Topic;
use crate::lexicon::mail_words::fold;
use crate::lexicon::pattern::Words;
use crate::model::answer::{Likely, Mark};
use crate::model::channel::Channel;
use crate::model::ids::{CompanyId, InboundId, QuestionId};
use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;

/// Words of a run.
const RUN: usize = 3;
/// Shortest text that is held against others: "Yes, it does" is nobody's ready-made text.
const WORDS_MIN: usize = 8;
/// Numbers of a sketch.
const SKETCH: usize = 64;
/// Share of equal numbers from which on two texts are nearly the same.
const ALIKE: usize = SKETCH * 8 / 10;
/// Replies of a company that are remembered.
const REMEMBERED_MAX: usize = 1_000;

/// How sure words of ready-made texts are, by themselves.
const READY_MADE: u32 = 65;

/// What companies said before.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    companies: HashMap<CompanyId, Company>,
}

#[derive(Debug, Default)]
struct Company {
    /// The last replies, in their order.
    remembered: VecDeque<Remembered>,
    /// Names under replies, and the channels they stood on.
    signed: HashMap<String, HashSet<Channel>>,
}

#[derive(Debug)]
struct Remembered {
    inbound: InboundId,
    question: QuestionId,
    sketch: [u32; SKETCH],
}

/// What a reply has in common with earlier ones.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// An earlier reply that says nearly the same.
    pub(super) like: Option<InboundId>,
    /// Whether that one answered another question.
    other_question: bool,
    /// Whether the same person answered on another channel.
    same_person: bool,
}

impl Earlier {
    /// Holds a reply against the earlier ones of its company, and remembers it.
    pub(super) fn meet(&mut self, reply: &Reply<'_>, persona: &str, words: &Words<'_>) -> Seen {
        let company = self.companies.entry(reply.planned.company.clone()).or_default();
        let same_person = company.sign(reply);
        let Some(sketch) = sketch(words, persona) else { return Seen { same_person, ..Seen::default() } };
        let (like, other_question) = match company.like(&sketch) {
            Some(earlier) => (Some(earlier.inbound), earlier.question != reply.planned.question),
            None => (None, false),
        };
        company.remember(Remembered { inbound: reply.inbound, question: reply.planned.question.clone(), sketch });
        Seen { like, other_question, same_person }
    }
}

impl Company {
    fn sign(&mut self, reply: &Reply<'_>) -> bool {
        let name = reply.reading.signature.as_ref().and_then(|s| s.name.as_deref());
        let Some(name) = name.filter(|name| is_name(name) && name.contains(' ')) else { return false };
        let department = super::Said::of(name).first(Topic::Department).is_some();
        if department {
            return false;
        }
        let channels = self.signed.entry(fold(name)).or_default();
        channels.insert(reply.planned.channel);
        channels.len() > 1
    }

    /// The latest that says nearly the same.
    fn like(&self, sketch: &[u32; SKETCH]) -> Option<&Remembered> {
        let equal = |r: &Remembered| r.sketch.iter().zip(sketch).filter(|(a, b)| a == b).count();
        self.remembered.iter().rev().find(|r| equal(r) >= ALIKE)
    }

    fn remember(&mut self, new: Remembered) {
        if self.remembered.len() == REMEMBERED_MAX {
            self.remembered.pop_front();
        }
        self.remembered.push_back(new);
    }
}

impl Seen {
    /// What it shows, with the words that a vocabulary knows.
    pub(super) fn mark(&self, said: &Said<'_>, answers: bool) -> Vec<(Likely<Mark>, Option<Range<usize>>)> {
        let mut marks = Vec::new();
        // The same answer to the same question is an answer; to another question it is a template.
        let sure = match (self.like, self.other_question, answers) {
            (Some(_), true, _) => Some(95),
            (Some(_), false, false) => Some(80),
            (Some(_), false, true) => Some(60),
            (None, ..) => None,
        };
        let whole = || 0..said.words.len();
        let ready_made = said.first(Topic::Canned);
        let mark = match (sure, ready_made) {
            (Some(sure), _) => Some((sure, whole())),
            (None, Some(words)) if !answers => Some((READY_MADE, said.words.sentence(words.from))),
            (None, _) => None,
        };
        marks.extend(mark.map(|(sure, words)| (Likely::by(sure, Mark::Canned), Some(words))));
        if self.same_person {
            marks.push((Likely::by(50, Mark::SuspectsTest), None));
        }
        marks
    }
}

/// The least hash of the runs of words, for each of some hash functions. Names of the asker and
/// numbers count as the same word everywhere.
fn sketch(words: &Words<'_>, persona: &str) -> Option<[u32; SKETCH]> {
    if words.len() < WORDS_MIN {
        return None;
    }
    let names: Vec<String> = persona.split_whitespace().map(fold).collect();
    let plain = words.all().iter().map(|word| match word.folded.as_str() {
        folded if folded.bytes().all(|b| b.is_ascii_digit()) => hash(b"0"),
        folded if names.iter().any(|name| name == folded) => hash(b"name"),
        folded => hash(folded.as_bytes()),
    });
    let plain: Vec<u64> = plain.collect();
    let mut least = [u32::MAX; SKETCH];
    for run in plain.windows(RUN) {
        let run = run.iter().fold(0_u64, |sum, word| mix(sum ^ word));
        let mut state = run;
        for least in &mut least {
            state = mix(state);
            *least = (*least).min((state >> 32) as u32);
        }
    }
    Some(least)
}

/// FNV-1a.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

/// The finalizer of `SplitMix64`.
const fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
