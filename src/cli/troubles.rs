//! What is wrong with a wave, in words, and what to do about it.

use super::Failure;
use crate::clock::Clock;
use crate::model::ids::AccountId;
use crate::model::state::{Delivery, Gap, InquiryState, MessageState, SourceState};
use crate::model::study::Late;
use crate::wave::Wave;
use crate::wave::agenda::{SendWindows, waiting};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// Something that is wrong, or waits for somebody.
#[derive(Debug, Serialize)]
pub(super) struct Trouble {
    /// What it is.
    pub(super) what: String,
    /// The other side's or our own words about it.
    pub(super) words: Vec<String>,
    /// What to do.
    pub(super) to_do: String,
}

impl Trouble {
    fn new(what: impl Into<String>, to_do: impl Into<String>) -> Self {
        Self { what: what.into(), words: Vec::new(), to_do: to_do.into() }
    }

    fn saying(mut self, words: &str) -> Self {
        self.words = words.lines().map(str::to_owned).collect();
        self
    }
}

/// All that is wrong, the worst first.
pub(super) fn troubles(wave: &Wave) -> Result<Vec<Trouble>, Failure> {
    let mut found: Vec<Trouble> = clock(wave).into_iter().collect();
    found.extend(paused(wave)?);
    found.extend(sources(wave)?);
    found.extend(overdue(wave));
    found.extend(deliveries(wave));
    let review = wave.state().in_review().count();
    if review > 0 {
        found.push(Trouble::new(
            format!("{review} message(s) came in, and nobody knows which inquiry they answer"),
            "`risposta review` shows them; they do not count until then",
        ));
    }
    Ok(found)
}

/// What time it is for the wave: in a rehearsal it stands where it ended.
fn now(wave: &Wave) -> DateTime<Utc> {
    if wave.plan().is_simulated() { wave.state().last_at.unwrap_or_default() } else { Clock::System.now() }
}

fn clock(wave: &Wave) -> Option<Trouble> {
    let back = wave.state().set_back?;
    let (from, to) = (moment(back.from), moment(back.to));
    Some(Trouble::new(
        format!("this machine's clock was set back, from {from} to {to}"),
        "see which of the two was right: times that the journal noted before may be wrong by as much; \
         what was covered is looked at again by itself",
    ))
}

fn paused(wave: &Wave) -> Result<Vec<Trouble>, Failure> {
    let mut found = Vec::new();
    for (account, pause) in &wave.state().paused {
        let what = format!(
            "our account {account} is paused since {}: nothing is sent through it, and no inquiry loses a try",
            moment(pause.since)
        );
        let to_do = "mend what it says, then start `risposta run --live` anew, which tries it at once; one that is \
                     running tries it again by itself, after 15 minutes and then ever less often";
        found.push(Trouble::new(what, to_do).saying(&words(wave, &pause.why)?));
    }
    Ok(found)
}

fn sources(wave: &Wave) -> Result<Vec<Trouble>, Failure> {
    let mut found = Vec::new();
    for (account, source) in &wave.state().sources {
        for gap in &source.gaps {
            found.push(unread(account, gap).saying(&words(wave, &gap.why)?));
        }
        let Some(why) = &source.failed else { continue };
        let since = source.failing_since.map_or_else(String::new, |at| format!(" since {}", moment(at)));
        let what = format!("replies to {account} cannot be read{since}{}", what_is_known(source));
        let to_do = "mend what it says; it is looked at again within seconds, then ever less often. Nothing is lost, and no window closes as \
                     silent meanwhile; who would answer there is not written to until it can be read";
        found.push(Trouble::new(what, to_do).saying(&words(wave, why)?));
    }
    Ok(found)
}

/// What came in this time can never be read.
fn unread(account: &AccountId, gap: &Gap) -> Trouble {
    let (since, until) = (moment(gap.since), moment(gap.until));
    Trouble::new(
        format!("from {since} to {until} something may have come to {account} that nobody read"),
        format!(
            "delete nothing from this account before the wave ends; whoever had been asked by then counts as watched \
             until {since} only"
        ),
    )
}

fn what_is_known(source: &SourceState) -> String {
    match source.through {
        Some(through) => format!("; all that came until {} is known", moment(through)),
        None => "; it has never been read".to_owned(),
    }
}

/// What should have left by now: nothing runs, or it waits for one of the accounts above.
fn overdue(wave: &Wave) -> Vec<Trouble> {
    let Ok(windows) = SendWindows::new(wave.plan()) else { return Vec::new() };
    let due = waiting(wave.plan(), wave.state(), &windows, now(wave));
    let mut found = Vec::new();
    if due.unheard > 0 {
        found.push(Trouble::new(
            format!("{} message(s) are due and wait until the replies to them could be read", due.unheard),
            "mend the account above: a question whose answer nobody can read is not asked",
        ));
    }
    if due.to_send + due.to_skip > 0 {
        let rule = match wave.plan().study.rules.late {
            Late::Send => "`late: send`: they leave in the next send window, and the journal says how late",
            Late::Skip => "`late: skip`: those that missed their send window will be left out",
        };
        let (to_send, to_skip) = (due.to_send, due.to_skip);
        let what =
            format!("{to_send} message(s) are due and have not left, {to_skip} are overdue and will be left out");
        let how = if wave.plan().is_simulated() {
            "this rehearsal was interrupted: `risposta rehearse STUDY` does it anew"
        } else {
            "`risposta run STUDY --live` sends what is due"
        };
        found.push(Trouble::new(what, format!("{how}. The study says {rule}")));
    }
    found
}

fn deliveries(wave: &Wave) -> Vec<Trouble> {
    let [doubts, held, blocked, rejected] =
        [Delivery::InDoubt, Delivery::Held, Delivery::Blocked, Delivery::EntriesRejected].map(|d| count(wave, d));
    let proved = wave.state().inquiries.iter().filter(|i| i.is_asked_by_proof(wave.state())).count();
    let mut found = Vec::new();
    if doubts > 0 {
        found.push(Trouble::new(
            format!("{doubts} message(s) may have left or not; no machine sends them again"),
            "`risposta review` shows what is known, and takes your word; an answer, a bounce or our own copy settles \
             them too",
        ));
    }
    if held > 0 {
        found.push(Trouble::new(
            format!("{held} message(s) are held for moderation on the other side"),
            "nothing: an answer shows that they were let through; else they count as unknown when the window ends",
        ));
    }
    if blocked > 0 {
        found.push(Trouble::new(
            format!("{blocked} message(s) could not be sent by a machine (a CAPTCHA, a login, a limit)"),
            "`risposta todo` lists them for a person",
        ));
    }
    if rejected > 0 {
        found.push(Trouble::new(
            format!("{rejected} message(s) were not taken: the site rejected what was entered, and says why"),
            "`risposta todo` lists them for a person, with the site's words; no company is silent for it",
        ));
    }
    if proved > 0 {
        found.push(Trouble::new(
            format!("{proved} message(s) in doubt are known to have left by what came back"),
            "nothing: their latencies count from the attempt; `risposta show` says what proved it",
        ));
    }
    found
}

fn count(wave: &Wave, wanted: Delivery) -> usize {
    let max = wave.plan().study.design.attempts_max;
    let is_open = |inquiry: &InquiryState, (n, m): (usize, &MessageState)| {
        m.delivery(max) == wanted && m.skipped.is_none() && inquiry.proven(wave.state(), n).is_none()
    };
    let inquiries = wave.state().inquiries.iter();
    inquiries.map(|i| i.messages.iter().enumerate().filter(|m| is_open(i, *m)).count()).sum()
}

fn words(wave: &Wave, payload: &crate::model::outcome::Payload) -> Result<String, Failure> {
    Ok(wave.journal().text(payload)?.unwrap_or_else(|| "(purged)".to_owned()))
}

fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::super::doubts;
    use super::*;
    use crate::model::channel::Channel::{Email, WebForm};
    use crate::model::event::Event;
    use crate::model::fixtures::*;
    use crate::model::outcome::Outcome;
    use tempfile::TempDir;

    fn wave(folder: &TempDir) -> Wave {
        Wave::create(&folder.path().join("wave"), &plan(&[Email, WebForm, Email, Email], |_| ()), start()).unwrap()
    }

    fn said(wave: &Wave) -> String {
        let all = troubles(wave).unwrap();
        let each: Vec<_> = all.iter().map(|t| format!("{}\n{}\n{}", t.what, t.words.join("\n"), t.to_do)).collect();
        each.join("\n")
    }

    #[test]
    fn what_is_wrong_is_said_with_what_to_do() {
        let folder = TempDir::new().unwrap();
        let mut wave = wave(&folder);
        let plan = wave.plan().clone();
        let why = wave.journal_mut().keep("535 login refused\nCheck the password");
        let failure = |code| failure().with_code(code);
        let tried = |i, outcome| [started(attempt(&plan, i, 0, 1)), ended(attempt(&plan, i, 0, 1), outcome)];
        let mut events = vec![
            Event::AccountPaused { account: account("posta"), why: why.clone() },
            covered("posta", start()),
            Event::SourceFailed { source: account("posta"), why },
        ];
        events.extend(tried(0, Outcome::InDoubt(failure(421))));
        events.extend(tried(1, Outcome::Blocked(failure(403))));
        wave.append(after("1d"), &events).unwrap();
        let said = said(&wave);
        for words in [
            "our account posta is paused since 2026-03-03 09:00 UTC",
            "no inquiry loses a try",
            "Check the password",
            "replies to posta cannot be read since 2026-03-03 09:00 UTC; all that came until 2026-03-02 09:00 UTC is known",
            "2 message(s) are due and have not left",
            "`late: send`",
            "1 message(s) may have left or not",
            "1 message(s) could not be sent by a machine",
        ] {
            assert!(said.contains(words), "{words}\n\n{said}");
        }
        wave.append(start(), &[covered("posta", start())]).unwrap();
        assert!(self::said(&wave).contains("clock was set back, from 2026-03-03 09:00 UTC to 2026-03-02 09:00 UTC"));
    }

    #[test]
    fn a_doubt_is_shown_with_its_evidence_until_something_proves_it() {
        let folder = TempDir::new().unwrap();
        let mut wave = wave(&folder);
        let plan = wave.plan().clone();
        let [letter, answer, words] =
            ["Subject: Glutine", "HTTP/1.1 500", "the answer is missing"].map(|text| wave.journal_mut().keep(text));
        let mut begun = started(attempt(&plan, 0, 0, 1));
        if let Event::AttemptStarted { prepared, .. } = &mut begun {
            prepared.push(letter);
        }
        let outcome = Outcome::InDoubt(crate::model::outcome::Failure { detail: words, ..failure().with_code(500) });
        let over = Event::AttemptEnded { attempt: attempt(&plan, 0, 0, 1), outcome, evidence: vec![answer] };
        wave.append(start(), &[begun, over]).unwrap();
        let mut text = String::new();
        doubts::doubts(&wave).unwrap().iter().for_each(|doubt| doubts::render(&mut text, doubt));
        for words in [
            "in doubt since 2026-03-02 09:00:00 UTC",
            "broke off with the message on its way, in try 1 (500): the answer is missing",
            "prepared (16 bytes)\n  │ Subject: Glutine",
            "exchanged (12 bytes)\n  │ HTTP/1.1 500",
            "until 2026-03-30 09:00:00 UTC settles it by itself",
            "--not-sent --why TEXT",
        ] {
            assert!(text.contains(words), "{words}\n\n{text}");
        }
        let reply = taken_for(crate::model::inbound::InboundKind::Reply, &plan, Some(0));
        wave.append(start(), &[stored(1, Email, start()), interpreted(1, reply, None)]).unwrap();
        assert!(doubts::doubts(&wave).unwrap().is_empty(), "whoever answers has got it");
    }

    #[test]
    fn mail_that_left_unread_is_told_with_what_it_means_and_what_to_do() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let gap = Gap {
            since: at("2026-03-04T08:00:00Z"),
            until: at("2026-03-05T09:30:00Z"),
            why: crate::model::outcome::Payload([7; 32]),
        };
        let trouble = unread(&account("posta"), &gap).saying("the mailbox was full");
        assert_eq!(
            trouble.what,
            "from 2026-03-04 08:00 UTC to 2026-03-05 09:30 UTC something may have come to posta that nobody read"
        );
        assert_eq!(trouble.words, ["the mailbox was full"]);
        assert!(trouble.to_do.contains("counts as watched until 2026-03-04 08:00 UTC only"), "{}", trouble.to_do);
    }
}
