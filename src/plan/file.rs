//! `plan.json`: the frozen plan as bytes.

use crate::model::channel::Channel;
use crate::model::ids::{CompanyId, InquiryId, PersonaId, QuestionId, StudyId, WaveId};
use crate::model::plan::{Due, PLAN_FORMAT, Plan, PlannedInquiry, PlannedMessage};
use crate::model::study::Target;
use crate::model::words::Words;
use crate::threads::Threads;
use chrono::{DateTime, Utc};
use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, de};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::fmt;
use std::hash::Hash;
use std::io::{self, BufRead};

/// Why a `plan.json` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanFileError {
    /// Its bytes cannot be had.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// It is not the JSON of a plan.
    #[error("this is no plan: {0}")]
    Json(#[from] serde_json::Error),
    /// It was written in another format.
    #[error("this plan has format {found}, this release reads {PLAN_FORMAT}: use the release that made it")]
    Format {
        /// The format it has.
        found: u32,
    },
}

/// The plan as JSON: two blanks of indentation, fields in the order of the types, maps sorted, a
/// newline at the end. Equal plans give equal bytes, on every platform.
#[must_use]
pub fn to_json(plan: &Plan) -> String {
    // Strings, numbers and maps with string keys only: writing them into memory cannot fail.
    let mut json = serde_json::to_string_pretty(plan).unwrap_or_default();
    json.push('\n');
    json
}

/// Reads what [`to_json`] wrote; gives the SHA-256 of its bytes, in hex, beside it. A large plan's
/// inquiries are parsed on several threads, and its bytes are never in memory all at once.
///
/// # Errors
/// Where it cannot be read, is no plan, or one of another format.
pub fn read(json: impl BufRead + Send, words: Words, threads: Threads) -> Result<(Plan, String), PlanFileError> {
    let mut lines = Lines { json, sha256: Sha256::new(), problem: Ok(()) };
    // Written in another layout, all of it is frame.
    let mut frame = Vec::new();
    let is_split = lines.read_until(&mut frame, |line, _| line == b"  \"inquiries\": [\n");
    let (mut inquiries, mut problem) = (Vec::new(), Ok(()));
    let mut names = Names::default();
    if is_split {
        let mut pieces = Pieces { lines: &mut lines, rest: &mut frame };
        threads.fold(
            &mut pieces,
            |piece| parse(&piece, words),
            |read| match read {
                Ok(more) => inquiries.extend(more.into_iter().map(|inquiry| names.shared(inquiry))),
                Err(e) => problem = Err(e),
            },
        );
        lines.read_until(&mut frame, |_, _| false);
    }
    lines.problem?;
    let framed = from_json(&frame)?;
    problem?;
    let inquiries = if is_split { inquiries } else { framed.inquiries };
    Ok((Plan { inquiries, ..framed }, hex::encode(lines.sha256.finalize())))
}

/// What a plan says first of itself. Sorted, the wave that starts last comes last; of equals, the last by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Head {
    /// No message leaves before this moment.
    pub start: DateTime<Utc>,
    /// The wave.
    pub wave: WaveId,
}

/// Reads the head of what [`to_json`] wrote, and not the rest, however large it is.
///
/// # Errors
/// Where it cannot be read, or is no plan.
pub fn head(json: impl io::Read) -> Result<Head, PlanFileError> {
    let (mut wave, mut start) = (None, None);
    let read =
        serde_json::Deserializer::from_reader(json).deserialize_map(First { wave: &mut wave, start: &mut start });
    match (wave, start) {
        (Some(wave), Some(start)) => Ok(Head { start, wave }),
        _ => Err(read.err().unwrap_or_else(|| de::Error::custom("it names no wave and no start")).into()),
    }
}

/// Reads whose plan it is of what [`to_json`] wrote, and keeps nothing of the rest.
///
/// # Errors
/// Where it cannot be read, or is no plan.
pub fn study_of(json: impl io::Read) -> Result<StudyId, PlanFileError> {
    #[derive(Deserialize)]
    struct Planned {
        study: Named,
    }
    #[derive(Deserialize)]
    struct Named {
        id: StudyId,
    }
    Ok(serde_json::from_reader::<_, Planned>(json)?.study.id)
}

/// Takes fields until both are known.
struct First<'f> {
    wave: &'f mut Option<WaveId>,
    start: &'f mut Option<DateTime<Utc>>,
}

impl<'de> Visitor<'de> for First<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plan")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut plan: A) -> Result<(), A::Error> {
        while (self.wave.is_none() || self.start.is_none())
            && let Some(key) = plan.next_key::<String>()?
        {
            match key.as_str() {
                "wave" => *self.wave = Some(plan.next_value()?),
                "start" => *self.start = Some(plan.next_value()?),
                _ => drop(plan.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

fn parse(piece: &[u8], words: Words) -> serde_json::Result<Vec<PlannedInquiry>> {
    if words == Words::LeftOut {
        let bare: Vec<Bare> = serde_json::from_slice(piece)?;
        return Ok(bare.into_iter().map(PlannedInquiry::from).collect());
    }
    let mut inquiries: Vec<PlannedInquiry> = serde_json::from_slice(piece)?;
    // What is read gets room for several messages; most inquiries have one.
    for inquiry in &mut inquiries {
        inquiry.messages.shrink_to_fit();
    }
    Ok(inquiries)
}

/// What observations rest on.
#[derive(Deserialize)]
struct Bare {
    id: InquiryId,
    company: CompanyId,
    channel: Channel,
    question: QuestionId,
    repetition: u32,
    persona: PersonaId,
    position: u32,
    messages: Vec<BareMessage>,
}

#[derive(Deserialize)]
struct BareMessage {
    due: Due,
}

impl From<Bare> for PlannedInquiry {
    fn from(bare: Bare) -> Self {
        let message = |message: BareMessage| PlannedMessage {
            due: message.due,
            message_id: String::new(),
            subject: String::new(),
            text: String::new(),
            fingerprint: String::new(),
        };
        Self {
            id: bare.id,
            company: bare.company,
            channel: bare.channel,
            question: bare.question,
            repetition: bare.repetition,
            persona: bare.persona,
            wording: String::new(),
            position: bare.position,
            target: Target::Email { address: String::new() },
            reply_to: None,
            reply_to_is_own: false,
            messages: bare.messages.into_iter().map(message).collect::<Box<[_]>>().into_vec(),
        }
    }
}

/// Names that many inquiries bear, each kept once.
#[derive(Default)]
struct Names {
    companies: HashSet<CompanyId>,
    questions: HashSet<QuestionId>,
    personas: HashSet<PersonaId>,
}

impl Names {
    fn shared(&mut self, inquiry: PlannedInquiry) -> PlannedInquiry {
        PlannedInquiry {
            company: shared(&mut self.companies, inquiry.company),
            question: shared(&mut self.questions, inquiry.question),
            persona: shared(&mut self.personas, inquiry.persona),
            ..inquiry
        }
    }
}

fn shared<N: Clone + Eq + Hash>(known: &mut HashSet<N>, name: N) -> N {
    if let Some(known) = known.get(&name) {
        return known.clone();
    }
    known.insert(name.clone());
    name
}

/// The lines of a file, and the digest of those that were read.
struct Lines<R> {
    json: R,
    sha256: Sha256,
    problem: io::Result<()>,
}

impl<R: BufRead> Lines<R> {
    /// Appends lines to `text` through the first one that `ends` it; says whether one did. `ends` is
    /// also told how long `text` is by then.
    fn read_until(&mut self, text: &mut Vec<u8>, ends: impl Fn(&[u8], usize) -> bool) -> bool {
        loop {
            let begun = text.len();
            match self.json.read_until(b'\n', text) {
                Ok(0) => return false,
                Ok(_) => self.sha256.update(&text[begun..]),
                Err(e) => {
                    self.problem = Err(e);
                    return false;
                }
            }
            if ends(&text[begun..], text.len()) {
                return true;
            }
        }
    }
}

/// The inquiries of a plan, some at a time, each piece an array; what comes after the last goes to `rest`.
struct Pieces<'f, R> {
    lines: &'f mut Lines<R>,
    rest: &'f mut Vec<u8>,
}

/// Inquiries are parsed together until they have so many bytes.
const PIECE_BYTES: usize = 1 << 17;

/// The line that ends the array of inquiries.
const END: &[u8] = b"  ]\n";

impl<R: BufRead> Iterator for Pieces<'_, R> {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        if self.rest.ends_with(END) {
            return None;
        }
        let mut piece = vec![b'['];
        self.lines.read_until(&mut piece, |line, length| line == END || (line == b"    },\n" && length >= PIECE_BYTES));
        if piece.ends_with(END) {
            piece.truncate(piece.len() - END.len());
            self.rest.extend_from_slice(END);
        } else if piece.len() == 1 {
            return None;
        }
        let inside = piece.trim_ascii_end().strip_suffix(b",").unwrap_or(piece.trim_ascii_end()).len();
        piece.truncate(inside);
        piece.push(b']');
        Some(piece)
    }
}

/// Reads what [`to_json`] wrote.
///
/// # Errors
/// Where it is no plan, or one of another format.
pub fn from_json(json: impl AsRef<[u8]>) -> Result<Plan, PlanFileError> {
    #[derive(Deserialize)]
    struct Head {
        format: u32,
    }
    let json = json.as_ref();
    // A large plan is read once; only where it is not ours is the format asked for by itself.
    let read = serde_json::from_slice::<Plan>(json);
    let found = match &read {
        Ok(plan) => plan.format,
        Err(_) => serde_json::from_slice::<Head>(json)?.format,
    };
    if found == PLAN_FORMAT { Ok(read?) } else { Err(PlanFileError::Format { found }) }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn plan() -> Plan {
        fixture::plan(&fixture::study(100, &[Channel::Email, Channel::WebForm]))
    }

    fn read_bytes(json: &[u8]) -> Result<(Plan, String), PlanFileError> {
        read(json, Words::Kept, Threads::available())
    }

    #[test]
    fn what_was_written_is_read_in_pieces_in_any_layout_with_the_digest_of_the_bytes() {
        let plan = plan();
        let pretty = to_json(&plan);
        assert!(pretty.len() > 2 * PIECE_BYTES, "the plan is more than one piece");
        let none = to_json(&Plan { inquiries: Vec::new(), ..plan.clone() });
        let compact = serde_json::to_string(&plan).unwrap();
        let windows = pretty.replace('\n', "\r\n");
        for json in [pretty, none, compact, windows] {
            let (read, sha256) = read_bytes(json.as_bytes()).unwrap();
            assert_eq!(read, from_json(&json).unwrap());
            assert_eq!(sha256, hex::encode(Sha256::digest(&json)));
        }
    }

    #[test]
    fn the_head_of_a_plan_is_read_without_the_rest() {
        let plan = plan();
        let expected = Head { start: plan.start, wave: plan.wave.clone() };
        let pretty = to_json(&plan);
        for json in [&pretty, &pretty[..400], &serde_json::to_string(&plan).unwrap()] {
            assert_eq!(head(json.as_bytes()).unwrap(), expected);
        }
        for wrong in
            ["", "[]", "{}", "{\"wave\": \"w1\"}", "{\"wave\": \"../w1\", \"start\": \"2026-01-01T00:00:00Z\"}"]
        {
            assert!(matches!(head(wrong.as_bytes()), Err(PlanFileError::Json(_))), "{wrong}");
        }
    }

    #[test]
    fn without_its_words_a_plan_asks_the_same_at_the_same_time() {
        let plan = plan();
        let json = to_json(&plan);
        let (bare, sha256) = read(json.as_bytes(), Words::LeftOut, Threads::available()).unwrap();
        assert_eq!(sha256, hex::encode(Sha256::digest(&json)));
        assert_eq!(bare.study, plan.study);
        let counts = |plan: &Plan| {
            let one = |i: &PlannedInquiry| {
                let dues: Vec<Due> = i.messages.iter().map(|m| m.due).collect();
                let who = (i.id.clone(), i.company.clone(), i.channel, i.question.clone(), i.persona.clone());
                (who, i.repetition, i.position, dues)
            };
            plan.inquiries.iter().map(one).collect::<Vec<_>>()
        };
        assert_eq!(counts(&bare), counts(&plan));
        assert!(bare.inquiries.iter().all(|i| i.messages.iter().all(|m| m.text.is_empty())));
    }

    #[test]
    fn a_damaged_plan_is_refused_wherever_the_damage_is() {
        let json = to_json(&plan());
        for at in [10, json.len() / 3, json.len() / 2, json.len() - 5] {
            assert!(read_bytes(&json.as_bytes()[..at]).is_err(), "cut at {at}");
            assert!(read_bytes(&json.as_bytes()[at..]).is_err(), "begun at {at}");
        }
        let doubled = json.replacen("\n    },\n    {\n", "\n    },\n    },\n    {\n", 1);
        assert!(read_bytes(doubled.as_bytes()).is_err());
        assert!(read_bytes(format!("{json}x").as_bytes()).is_err());
        let other = json.replacen("\"format\": 1", "\"format\": 2", 1);
        assert!(matches!(read_bytes(other.as_bytes()), Err(PlanFileError::Format { found: 2 })));
    }
}
