//! One wave: disturbed at every step, ended in peace, and held against what the servers have seen.

use crate::figures::Figures;
use crate::points::{AFTERWARDS, LAPSING, PLANNING, RUNNING, Way};
use crate::support::little_study::{Wants, written};
use crate::support::program::{PATIENCE, Program, Running, now, until};
use crate::town::{Asked, COMPANIES, Town};
use risposta::model::inbound::InboundKind;
use risposta::model::outcome::Outcome;
use risposta::model::state::{Delivery, InboundState, MessageState};
use risposta::wave::Wave;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Time in which a run comes to its step; else it is killed where it is, and the step is tried again.
const ON_THE_WAY: Duration = Duration::from_secs(12);

/// Time for the windows to close: a mailbox that cannot be opened once is looked at again after a minute.
const TO_THE_END: Duration = Duration::from_mins(4);

/// How often a step is tried.
const TRIES: usize = 6;

const RUN: [&str; 3] = ["run", "study.yaml", "--live"];

/// Where and how the program is killed next.
#[derive(Debug, Clone, Copy)]
enum Kill {
    At(&'static str, Way),
    InRequest,
    AtAnyMoment,
}

/// A wave with its town.
pub(crate) struct Trial {
    town: Arc<Town>,
    program: Program,
    /// The companies' ids, by number.
    ids: Vec<String>,
    text: String,
    dice: u64,
    figures: Figures,
    /// Companies that only a person can ask, in the order in which they are due, and how many were used up.
    by_hand: Vec<usize>,
    used: usize,
    strangers: usize,
    amended: usize,
    /// Steps of tasks that lapse, not come to yet. They lapse when they will: every run is killed there.
    lapsing: Vec<&'static str>,
}

impl Trial {
    /// Plans a wave, with an end at every step of that.
    pub(crate) fn begin(seed: u64) -> Self {
        let town = Arc::new(Town::new());
        let contacts: Vec<String> = (0..COMPANIES.len()).map(|n| town.contact(n)).collect();
        let wants = Wants { mailbox: town.mailbox(), window: "30s", pace: "1s" };
        let (study, start) = written(&wants, &contacts);
        let mut trial = Self {
            town,
            program: study.program,
            ids: study.ids,
            text: study.text,
            dice: seed,
            figures: Figures::default(),
            by_hand: Vec::new(),
            used: 0,
            strangers: 0,
            amended: 0,
            lapsing: LAPSING.to_vec(),
        };
        let start = start.to_rfc3339();
        let plan = ["plan", "study.yaml", "--wave", "w1", "--start", &start];
        for step in PLANNING {
            assert!(trial.killed_at(step, &plan, PATIENCE), "never came to `{step}`");
        }
        trial.program.run(&plan).done();
        let order = trial.wave().plan().inquiries.iter().map(|i| trial.number(i.company.as_str())).collect::<Vec<_>>();
        trial.by_hand = order.into_iter().filter(|n| COMPANIES[*n] == Asked::ByHand).collect();
        trial
    }

    /// Disturbs it that often, lets it end, and checks everything.
    pub(crate) fn run(mut self, kills: usize) -> Figures {
        let town = self.town.clone();
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| town.answer_until(&over));
            // Whatever happens, the other thread ends too.
            let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.disturb(kills)));
            over.store(true, Ordering::SeqCst);
            ended.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        });
        self.nobody_was_asked_twice();
        self.no_reply_is_lost();
        self.afterwards();
        assert_eq!(self.figures.kills(), kills, "{}", self.figures);
        self.figures
    }

    /// Ends the program at every step, in an order that looks random and is always the same, then lets it finish.
    fn disturb(&mut self, kills: usize) {
        let mut queue: Vec<Kill> = RUNNING.iter().map(|(step, way)| Kill::At(step, *way)).collect();
        let rest = kills - PLANNING.len() - RUNNING.len() - LAPSING.len() - AFTERWARDS.len();
        queue.extend((0..rest).map(|n| if n % 4 == 0 { Kill::InRequest } else { Kill::AtAnyMoment }));
        for i in (1..queue.len()).rev() {
            let j = self.throw(i + 1);
            queue.swap(i, j);
        }
        // Tasks lapse when nobody does them for long.
        queue.sort_by_key(|kill| !matches!(kill, Kill::At(_, Way::Records | Way::Stops)));
        let mut queue: VecDeque<(Kill, usize)> = queue.into_iter().map(|kill| (kill, 0)).collect();
        while let Some((kill, tries)) = queue.pop_front() {
            let before = self.figures.kills();
            if !self.kill(kill) {
                assert!(tries < TRIES, "never came to {kill:?}: {}", self.figures);
                // A task that lapsed just then says nothing about this step.
                queue.push_back((kill, tries + usize::from(self.figures.kills() == before)));
            }
        }
        while let Some(step) = self.lapsing.first().copied() {
            assert!(self.killed_at(step, &RUN, TO_THE_END), "never came to `{step}`: {}", self.figures);
        }
        let ended = self.program.start(&RUN).end(TO_THE_END);
        assert!([Some(0), Some(4)].contains(&ended.code), "{ended:?}");
    }

    /// Brings the program to that step; says whether it ended there.
    fn kill(&mut self, kill: Kill) -> bool {
        let (step, way) = match kill {
            Kill::At(step, way) => (step, way),
            Kill::InRequest => return self.killed_in_a_request(),
            Kill::AtAnyMoment => return self.killed_at_any_moment(),
        };
        match way {
            Way::Sends => self.runs_to(step),
            Way::Receives => {
                let choose = self.throw(1_000);
                self.town.say_more(choose) && self.runs_to(step)
            }
            Way::Refused => {
                self.town.ask_for_a_person(true);
                let killed = self.runs_to(step);
                self.town.ask_for_a_person(false);
                killed
            }
            Way::CannotSend => {
                self.town.smtp.shut();
                let killed = self.runs_to(step);
                self.town.smtp.open();
                killed
            }
            Way::CanSendAgain => {
                if self.wave().state().paused.is_empty() {
                    self.town.smtp.shut();
                    let paused = self.run_until(|wave| !wave.state().paused.is_empty());
                    self.town.smtp.open();
                    if !paused {
                        return false;
                    }
                }
                self.runs_to(step)
            }
            Way::CannotLook => {
                self.town.imap.shut();
                let killed = self.runs_to(step);
                self.town.imap.open();
                killed
            }
            Way::Records => {
                let inquiry = self.next_by_hand();
                self.person(step, &["record", &inquiry, "sent"], "already sent")
            }
            Way::Stops => {
                let company = self.next_by_hand().split('.').next().unwrap_or_default().to_owned();
                self.person(step, &["stop", &company, "--why", "they asked us to"], "")
            }
            Way::Settles => self.settles(step),
            Way::Reviews => self.reviews(step),
            Way::Codes => self.codes(step),
            Way::Amends => self.amends(step),
        }
    }

    fn runs_to(&mut self, step: &'static str) -> bool {
        self.killed_at(step, &RUN, ON_THE_WAY)
    }

    /// Starts the program to be killed at a step; says whether it was. One that does not come there is killed anyway.
    fn killed_at(&mut self, step: &str, arguments: &[&str], within: Duration) -> bool {
        let mut running = self.start(arguments, Some(step));
        ends_within(&mut running, within);
        running.kill();
        self.came_to().as_deref() == Some(step)
    }

    /// Starts the program, to be killed at that step, or where a task lapses.
    fn start(&self, arguments: &[&str], step: Option<&str>) -> Running {
        let lapsing = self.lapsing.first().copied().filter(|_| arguments == RUN);
        let steps: Vec<&str> = step.into_iter().chain(lapsing).collect();
        let hit = self.hit();
        let environment =
            [("RISPOSTA_FAILPOINT", steps.join(",")), ("RISPOSTA_FAILPOINT_HIT", hit.to_string_lossy().into_owned())];
        self.program.start_with(arguments, &environment.each_ref().map(|(name, value)| (*name, value.as_str())))
    }

    /// Where the program says at which step it was killed.
    fn hit(&self) -> PathBuf {
        self.program.study().with_file_name("hit")
    }

    /// The step at which the last run was killed, if it was at one.
    fn came_to(&mut self) -> Option<String> {
        let step = std::fs::read_to_string(self.hit()).ok()?;
        std::fs::remove_file(self.hit()).unwrap();
        *self.figures.at_steps.entry(step.clone()).or_default() += 1;
        self.lapsing.retain(|lapsing| *lapsing != step);
        Some(step)
    }

    /// The form's server kills the program when it has the message, and before it answers.
    fn killed_in_a_request(&mut self) -> bool {
        let mut running = self.start(&RUN, None);
        self.town.kill_at_next_post(Some(running.pid()));
        let ended = ends_within(&mut running, ON_THE_WAY);
        self.town.kill_at_next_post(None);
        running.kill();
        let killed = self.came_to().is_none() && ended;
        self.figures.in_requests += usize::from(killed);
        killed
    }

    fn killed_at_any_moment(&mut self) -> bool {
        let running = self.start(&RUN, None);
        std::thread::sleep(Duration::from_millis(20 + self.throw(1_200) as u64));
        let ended = running.kill().code;
        let killed = self.came_to().is_none() && ended.is_none();
        self.figures.at_any_moment += usize::from(killed);
        killed
    }

    /// A person's word, cut off at a step and said again; `known` is what the program says where it knows already.
    fn person(&mut self, step: &str, arguments: &[&str], known: &str) -> bool {
        let killed = self.killed_at(step, arguments, ON_THE_WAY);
        let again = self.program.run(arguments);
        assert!(again.code == Some(0) || (!known.is_empty() && again.err.contains(known)), "{again:?}");
        killed
    }

    fn settles(&mut self, step: &str) -> bool {
        self.all_mail_has_arrived();
        let wave = self.wave();
        let attempts_max = wave.plan().study.design.attempts_max;
        let in_doubt = |m: &MessageState| m.delivery(attempts_max) == Delivery::InDoubt;
        let open = (0..).zip(&wave.state().inquiries).find(|(_, inquiry)| in_doubt(&inquiry.messages[0]));
        let Some((i, _)) = open else { return false };
        let planned = &wave.plan().inquiries[i];
        let arrived = !self.town.arrived_at(self.number(planned.company.as_str())).is_empty();
        let found = if arrived { "--sent" } else { "--not-sent" };
        self.person(step, &["review", planned.id.as_str(), found, "--why", "the server's log"], "not in doubt")
    }

    fn reviews(&mut self, step: &str) -> bool {
        self.strangers += 1;
        self.town.stranger_writes(self.strangers);
        let unknown = |wave: &Wave| wave.state().in_review().map(|m| m.id.to_string()).next();
        if !self.run_until(|wave| unknown(wave).is_some()) {
            return false;
        }
        let message = unknown(&self.wave()).unwrap();
        self.person(step, &["review", &message, "--kind", "unrelated"], "")
    }

    fn codes(&mut self, step: &str) -> bool {
        let wave = self.wave();
        let uncoded = |m: &&InboundState| m.is_to_code() && m.reply().codings.is_empty();
        let reply = wave.state().inbound.values().find(uncoded);
        let Some(reply) = reply.map(|m| m.id.to_string()) else { return false };
        self.person(step, &["code", &reply, "answered"], "")
    }

    /// The page of a company that nobody has asked yet moves. Until the change is made the study is not the planned one.
    fn amends(&mut self, step: &str) -> bool {
        self.amended += 1;
        let page = format!("pagina.{}", self.by_hand.last().unwrap());
        let moved = format!("{page}.{}", self.amended);
        let before = if self.amended == 1 { page.clone() } else { format!("{page}.{}", self.amended - 1) };
        self.text = self.text.replace(&format!("facebook: {before}}}"), &format!("facebook: {moved}}}"));
        assert!(self.text.contains(&format!("facebook: {moved}}}")), "{}", self.text);
        self.program.write(&self.text);
        self.person(step, &["amend", "study.yaml", "--why", "it moved"], "nothing to amend")
    }

    /// Runs until the journal says so, then ends as a person would; says whether it came to that.
    fn run_until(&mut self, there: impl Fn(&Wave) -> bool) -> bool {
        let mut running = self.start(&RUN, None);
        let deadline = Instant::now() + ON_THE_WAY;
        while running.runs() && !there(&self.wave()) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(50));
        }
        if running.runs() {
            running.signal("TERM");
        }
        running.end(PATIENCE);
        self.came_to();
        there(&self.wave())
    }

    /// The next inquiry that only a person can make.
    fn next_by_hand(&mut self) -> String {
        self.used += 1;
        let company = self.by_hand[self.used - 1];
        assert!(self.used + 2 <= self.by_hand.len(), "the last ones lapse");
        format!("{}.facebook.glutine.1", self.ids[company])
    }

    fn wave(&self) -> Wave {
        Wave::open(&self.program.wave(), now()).unwrap()
    }

    fn number(&self, company: &str) -> usize {
        self.ids.iter().position(|id| id == company).unwrap()
    }

    /// All that Postfix has taken lies in its mailbox.
    fn all_mail_has_arrived(&self) {
        until(PATIENCE, "the queue is empty", || {
            let logs = self.town.stack.logs();
            (logs.matches("(queue active)").count() == logs.matches(": removed").count()).then_some(())
        });
    }

    fn throw(&mut self, faces: usize) -> usize {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.dice >> 33).unwrap() % faces
    }

    /// What each company got, by the servers' own records.
    fn nobody_was_asked_twice(&mut self) {
        self.all_mail_has_arrived();
        let wave = self.wave();
        for (planned, inquiry) in wave.plan().inquiries.iter().zip(&wave.state().inquiries) {
            let (n, message) = (self.number(planned.company.as_str()), &inquiry.messages[0]);
            let arrived = self.town.arrived_at(n).len();
            let open = message.attempts.iter().any(|attempt| attempt.outcome.is_none());
            let blocked = message.attempts.iter().any(|a| matches!(a.outcome, Some(Outcome::Blocked(_))));
            let accepted = message.attempts.iter().any(|a| matches!(a.outcome, Some(Outcome::Accepted { .. })));
            let at_least = usize::from(accepted);
            assert!((at_least..=1).contains(&arrived), "{} got {arrived}: {message:?}", planned.id);
            if COMPANIES[n] != Asked::ByHand {
                assert!(accepted || open || blocked, "{} was forgotten: {message:?}", planned.id);
                assert_eq!(arrived, usize::from(accepted || (open && arrived == 1)), "{}: {message:?}", planned.id);
            }
            self.figures.inquiries += 1;
            self.figures.arrivals += arrived;
            self.figures.open_at_a_kill += usize::from(open);
            self.figures.open_and_arrived += usize::from(open && arrived == 1);
        }
    }

    /// What the companies sent, and what the score says of it.
    fn no_reply_is_lost(&mut self) {
        self.program.is_intact();
        let (wave, card) = (self.wave(), self.program.score());
        let mut copies = 0;
        for (planned, inquiry) in wave.plan().inquiries.iter().zip(&wave.state().inquiries) {
            let n = self.number(planned.company.as_str());
            let sent = self.town.sent(n);
            let replies = wave.state().messages_of(inquiry).filter(|m| m.kind == Some(InboundKind::Reply)).count();
            assert_eq!(replies, sent.replies, "{}: each reply once", planned.id);
            let tally =
                card["companies"].as_array().unwrap().iter().find(|c| c["company"] == json!(self.ids[n])).unwrap();
            let answered = usize::from(sent.replies > 0);
            let response = &tally["before_any_reminder"]["response"];
            assert_eq!(response["numerator"], json!(answered), "{}: {tally}", planned.id);
            self.figures.replies += sent.replies;
            self.figures.replied += answered;
            copies += sent.copies;
        }
        let marked = wave.state().inbound.values().filter(|m| m.duplicate_of.is_some()).count();
        assert_eq!(marked, copies, "copies are known as such");
        self.figures.copies = copies;
    }

    /// The copy and the erasure of a wave that is over, cut off too.
    fn afterwards(&mut self) {
        let before = self.program.score();
        for (step, arguments) in AFTERWARDS {
            assert!(self.killed_at(step, arguments, PATIENCE), "never came to `{step}`");
            if step == "backup unfinished" {
                let copy = self.program.study().with_file_name("copy");
                assert!(!copy.exists(), "what has the copy's name is whole");
                self.program.run(arguments).done();
                assert!(copy.join("plan.json").exists());
            }
        }
        self.program.run(&["purge", "--yes"]).done();
        self.program.is_intact();
        assert_eq!(self.program.score(), before);
        let rest: Value = self.program.run(&["verify", "--json"]).json();
        assert_eq!((&rest["purged"], &rest["payloads"]), (&json!(true), &json!(0)));
    }
}

/// Waits for a process to end by itself; says whether it did.
fn ends_within(running: &mut Running, within: Duration) -> bool {
    let deadline = Instant::now() + within;
    while running.runs() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    !running.runs()
}
