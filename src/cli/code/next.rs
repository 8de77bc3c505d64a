//! `risposta code next`: one reply at a time, by single keys.

use super::super::locate::WaveArgs;
use super::super::output::Out;
use super::super::record::person_failure;
use super::super::{Done, Failure, Global};
use super::RaterArgs;
use super::blind::{Blind, Blinder};
use super::keys::{Key, Keys};
use crate::clock::Clock;
use crate::intake::answer::Answer;
use crate::model::event::Adequacy;
use crate::model::ids::InboundId;
use crate::model::story;
use crate::model::study::codebook::{CodeItem, ItemKind};
use crate::report::escape;
use crate::wave::coding::Coding;
use crate::wave::{Wave, answers, coding};
use clap::Args;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Keys for values and ticks: without those that mean something else.
const LABELS: &[u8] = b"123456789abcdefghijklmnoprtvwxyz";

/// What the other keys do.
const OTHERS: &str = "s skip · u undo · q quit";

#[derive(Debug, Args)]
pub(super) struct Next {
    #[command(flatten)]
    rater: RaterArgs,
    /// Show what the reply seems to be, and why; hidden otherwise, so that it sways nobody
    #[arg(long)]
    suggest: bool,
    #[command(flatten)]
    wave: WaveArgs,
}

/// One thing that is asked about a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Asked {
    /// One of some values, of an item or, where there is none, the adequacy.
    One { item: Option<String>, ask: String, values: Vec<String> },
    /// All that apply.
    Ticks { items: Vec<(String, String)> },
}

/// What became of a reply.
enum Came {
    Coded(Coding),
    Skipped,
    Undo,
    Quit,
}

/// How an answer was given.
enum Given {
    Value(Option<String>),
    Ticked(Vec<String>),
    Skip,
    Undo,
    Quit,
}

impl Next {
    pub(super) fn run(&self, global: &Global, out: &mut Out) -> Done {
        let mut wave = self.wave.open_telling(global, out)?;
        answers::catch_up(&mut wave, Clock::System.now())?;
        let rater = &self.rater.rater;
        let queue = coding::queue(&wave, rater);
        let blinder = Blinder::new(&wave);
        let mut keys = Keys::open()?;
        let (mut at, mut coded, mut unreadable) = (0, Vec::new(), 0);
        while let Some(id) = queue.get(at).copied() {
            let Some(seen) = self.see(&wave, &blinder, id)? else {
                unreadable += 1;
                at += 1;
                continue;
            };
            out.data(&render(id, at + 1, queue.len(), &seen));
            match ask(&wave, id, &mut keys, out)? {
                Came::Coded(coding) => {
                    coding::rate(&mut wave, Clock::System.now(), rater, &[coding]).map_err(person_failure)?;
                    coded.push(at);
                    at += 1;
                }
                Came::Skipped => at += 1,
                Came::Undo => match coded.pop() {
                    Some(before) => {
                        coding::withdraw(&mut wave, Clock::System.now(), queue[before], rater)
                            .map_err(person_failure)?;
                        out.say(&format!("the coding of {} is taken back", queue[before]));
                        at = before;
                    }
                    None => out.say("there is nothing to undo"),
                },
                Came::Quit => break,
            }
        }
        drop(keys);
        let left = coding::queue(&wave, rater).len();
        let name = escape::line(rater);
        out.say(&format!("{} coded by {name}, {left} left", coded.len()));
        if unreadable > 0 {
            out.say(&format!("{unreadable} cannot be shown: their words were purged"));
        }
        Ok(0)
    }

    fn see(&self, wave: &Wave, blinder: &Blinder, id: InboundId) -> Result<Option<(Blind, Vec<String>)>, Failure> {
        let Some(message) = wave.state().inbound.get(&id) else { return Ok(None) };
        let Some(blind) = blinder.see(wave, message)? else { return Ok(None) };
        let mut seems = Vec::new();
        if self.suggest {
            let now = if wave.plan().is_simulated() { wave.state().last_at } else { Some(Clock::System.now()) };
            let adequacy = now.and_then(|now| story::seems(wave.plan(), wave.state(), message, now));
            seems.extend(adequacy.map(|(class, sure)| format!("{} ({} % sure)", class.name(), sure.as_percent())));
            seems.extend(blinder.answers.of(wave, message)?.iter().flat_map(reasons));
        }
        Ok(Some((blind, seems)))
    }
}

/// The words behind what a reply seems to be.
fn reasons(answer: &Answer) -> Vec<String> {
    answer.because.iter().map(|b| format!("{}: “{}”", b.what, b.words)).collect()
}

fn render(id: InboundId, number: usize, of: usize, (blind, seems): &(Blind, Vec<String>)) -> String {
    let mut text = format!("\n── {id} · {number} of {of}\n");
    let quote = |text: &mut String, words: &str| {
        for line in escape::lines(words).trim_end().lines() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  │ {line}");
        }
    };
    text.push_str("Asked\n");
    quote(&mut text, &blind.question);
    if !blind.answer_has.is_empty() {
        let _ = writeln!(text, "  a full answer has: {}", escape::line(&blind.answer_has.join(" · ")));
    }
    text.push_str("Replied\n");
    quote(&mut text, &blind.text);
    if let Some(not_hidden) = &blind.not_hidden {
        let _ = writeln!(text, "  not hidden: {not_hidden}");
    }
    for line in seems {
        let _ = writeln!(text, "  seems {}", escape::line(line));
    }
    text
}

/// What is asked about a reply: adequacy, choices and scales one by one, yes or no together at the end.
fn questions(items: &[&CodeItem]) -> Vec<Asked> {
    let adequacy = Asked::One {
        item: None,
        ask: "How adequate is it?".to_owned(),
        values: Adequacy::ALL.map(|a| a.name().to_owned()).into(),
    };
    let mut asked = vec![adequacy];
    let ticks: Vec<_> = items.iter().filter(|i| i.kind == ItemKind::YesNo).collect();
    let ones = items.iter().filter(|i| i.kind != ItemKind::YesNo);
    asked.extend(ones.map(|item| Asked::One {
        item: Some(item.id.clone()),
        ask: item.ask.clone(),
        values: item.values(),
    }));
    // So many ticks as there are keys for.
    asked.extend(
        ticks.chunks(LABELS.len()).map(|ticks| Asked::Ticks {
            items: ticks.iter().map(|item| (item.id.clone(), item.ask.clone())).collect(),
        }),
    );
    asked
}

fn ask(wave: &Wave, id: InboundId, keys: &mut Keys, out: &mut Out) -> Result<Came, Failure> {
    let Some(message) = wave.state().inbound.get(&id) else { return Ok(Came::Skipped) };
    let questions = questions(&coding::items(wave, message));
    let mut given: Vec<Given> = Vec::new();
    while let Some(question) = questions.get(given.len()) {
        match answer(question, keys, out)? {
            Given::Skip => return Ok(Came::Skipped),
            Given::Quit => return Ok(Came::Quit),
            Given::Undo if given.pop().is_none() => return Ok(Came::Undo),
            Given::Undo => {}
            said => given.push(said),
        }
    }
    Ok(coding_of(id, &questions, given).map_or(Came::Skipped, Came::Coded))
}

fn coding_of(inbound: InboundId, questions: &[Asked], given: Vec<Given>) -> Option<Coding> {
    let (mut adequacy, mut items) = (None, BTreeMap::new());
    for (question, given) in questions.iter().zip(given) {
        match (question, given) {
            (Asked::One { item: None, .. }, Given::Value(Some(class))) => {
                adequacy = crate::model::study::codebook::adequacy_of(&class);
            }
            (Asked::One { item: Some(item), .. }, Given::Value(Some(value))) => drop(items.insert(item.clone(), value)),
            (Asked::Ticks { items: all }, Given::Ticked(ticked)) => {
                let said = |item: &String| if ticked.contains(item) { "yes" } else { "no" };
                items.extend(all.iter().map(|(item, _)| (item.clone(), said(item).to_owned())));
            }
            _ => {}
        }
    }
    Some(Coding { inbound, adequacy: adequacy?, items })
}

fn answer(question: &Asked, keys: &mut Keys, out: &mut Out) -> Result<Given, Failure> {
    match question {
        Asked::One { item, ask, values } => one(item.is_some(), ask, values, keys, out),
        Asked::Ticks { items } => ticks(items, keys, out),
    }
}

fn label(number: usize) -> char {
    LABELS.get(number).map_or('?', |label| char::from(*label))
}

fn number_of(key: char) -> Option<usize> {
    LABELS.iter().position(|label| char::from(*label) == key)
}

fn one(may_be_left: bool, ask: &str, values: &[String], keys: &mut Keys, out: &mut Out) -> Result<Given, Failure> {
    let listed: Vec<String> = values.iter().enumerate().map(|(n, v)| format!("{} {v}", label(n))).collect();
    let enter = if may_be_left { "Enter no answer · " } else { "" };
    out.data(&format!("{}\n  {}\n  {enter}{OTHERS}\n", escape::line(ask), escape::line(&listed.join(" · "))));
    loop {
        match keys.next()? {
            Key::End | Key::Char('q') => return Ok(Given::Quit),
            Key::Char('s') => return Ok(Given::Skip),
            Key::Char('u') => return Ok(Given::Undo),
            Key::Enter if may_be_left => return Ok(Given::Value(None)),
            Key::Enter => {}
            Key::Char(key) => match number_of(key).and_then(|n| values.get(n)) {
                Some(value) => {
                    out.data(&format!("  → {}\n", escape::line(value)));
                    return Ok(Given::Value(Some(value.clone())));
                }
                None => out.say(&format!("`{key}` is none of them")),
            },
        }
    }
}

fn ticks(items: &[(String, String)], keys: &mut Keys, out: &mut Out) -> Result<Given, Failure> {
    out.data("What else? Tick all that apply, then Enter\n");
    for (n, (_, ask)) in items.iter().enumerate() {
        out.data(&format!("  {} {}\n", label(n), escape::line(ask)));
    }
    out.data(&format!("  {OTHERS}\n"));
    let mut ticked: Vec<String> = Vec::new();
    loop {
        match keys.next()? {
            Key::End | Key::Char('q') => return Ok(Given::Quit),
            Key::Char('s') => return Ok(Given::Skip),
            Key::Char('u') => return Ok(Given::Undo),
            Key::Enter => return Ok(Given::Ticked(ticked)),
            Key::Char(key) => {
                let Some((item, _)) = number_of(key).and_then(|n| items.get(n)) else {
                    out.say(&format!("`{key}` is none of them"));
                    continue;
                };
                match ticked.iter().position(|t| t == item) {
                    Some(at) => drop(ticked.remove(at)),
                    None => ticked.push(item.clone()),
                }
                out.data(&format!("  → {}\n", ticked.join(", ")));
            }
        }
    }
}
