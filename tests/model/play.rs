//! A case is played: steps fall upon the program while it runs, and it is started again until the
//! wave has ended.

use super::case::{Case, Step, WINDOW_DAYS, start};
use super::checks;
use super::world::World;
use crate::support::little_plan;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt as _;
use risposta::clock::Clock;
use risposta::model::channel::Channel;
use risposta::model::ids::InquiryId;
use risposta::model::study::Target;
use risposta::model::task::{Record, Said, Task};
use risposta::wave::agenda::SendWindows;
use risposta::wave::run::{Ended, Means, News, RunError, Until, run};
use risposta::wave::{Wave, amend, person, tasks};
use std::ops::AddAssign;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::watch;

/// Far longer than any case takes: a loop that never ends fails here.
const LIMIT: Duration = Duration::from_mins(1);

/// What was seen of a case, or of all.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) cases: usize,
    pub(crate) steps: usize,
    pub(crate) sends: usize,
    pub(crate) kills: usize,
    pub(crate) letters: usize,
    pub(crate) doubts: usize,
    pub(crate) proofs: usize,
    pub(crate) account_failures: usize,
    pub(crate) wrong_clocks: usize,
}

impl AddAssign for Figures {
    fn add_assign(&mut self, other: Self) {
        self.cases += other.cases;
        self.steps += other.steps;
        self.sends += other.sends;
        self.kills += other.kills;
        self.letters += other.letters;
        self.doubts += other.doubts;
        self.proofs += other.proofs;
        self.account_failures += other.account_failures;
        self.wrong_clocks += other.wrong_clocks;
    }
}

/// The program is killed while it writes: unwinds as far as the test.
struct Killed;

/// Plays one case to its end; panics where something does not hold.
pub(crate) fn play(case: &Case) -> Figures {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let playing = async { tokio::time::timeout(LIMIT, play_all(case)).await.expect("the case ends") };
    runtime.block_on(playing)
}

async fn play_all(case: &Case) -> Figures {
    let plan = Arc::new(case.plan(&little_plan::prompt(), little_plan::plan));
    let world = World::of(case, plan.clone());
    // Memory, where there is some: what is tested is not the disk.
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
    drop(Wave::create(folder.path(), &plan, start()).unwrap());
    let folder = folder.path().to_owned();
    let (downs, down) = tokio::sync::mpsc::unbounded_channel();
    for (hour, step) in &case.steps {
        let (world, folder, step, downs) = (world.clone(), folder.clone(), *step, downs.clone());
        let at = start() + TimeDelta::hours((*hour).into());
        world.stepper().schedule(at, async move { happens(&world, &folder, step, &downs).await });
    }
    let kills = run_to_the_end(&world, &folder, down).await;
    // Whatever was still to happen has happened: all is looked at once more, with the right clock.
    world.stepper().pass(start() + TimeDelta::days(2 * WINDOW_DAYS + 14)).await;
    let later = run_to_the_end(&world, &folder, tokio::sync::mpsc::unbounded_channel().1).await;
    let mut figures = checks::in_the_end(case, &world, &Wave::open(&folder, world.stepper().now()).unwrap());
    figures.kills = kills + later;
    figures.steps = case.steps.len();
    std::fs::remove_dir_all(&folder).ok();
    figures
}

/// What a kill leaves: for how long nothing runs, and whether the last that was read was not understood.
type Down = (TimeDelta, bool);

/// Runs the wave, and again after each kill; says how many there were.
async fn run_to_the_end(world: &World, folder: &Path, mut down: tokio::sync::mpsc::UnboundedReceiver<Down>) -> usize {
    let killed = world.truth().killed.clone();
    let mut kills = 0;
    loop {
        let mut wave = Wave::open(folder, world.stepper().now()).unwrap();
        checks::folds_the_same(&wave);
        let ended = {
            let running = AssertUnwindSafe(run_once(&mut wave, world)).catch_unwind();
            tokio::select! {
                biased;
                () = killed.notified() => None,
                ended = running => match ended {
                    Ok(ended) => Some(ended.unwrap()),
                    Err(panic) if panic.is::<Killed>() => None,
                    Err(panic) => resume_unwind(panic),
                },
            }
        };
        checks::folds_the_same(&wave);
        drop(wave);
        if let Some(ended) = ended {
            assert_eq!(ended, Ended::Complete);
            return kills;
        }
        kills += 1;
        if let Ok((rest, torn)) = down.try_recv() {
            if torn {
                tear(folder);
            }
            let until = world.stepper().now() + rest;
            world.stepper().pass(until).await;
        }
    }
}

async fn run_once(wave: &mut Wave, world: &World) -> Result<Ended, RunError> {
    let (_nobody_stops_it, stop) = watch::channel(false);
    let means = Means { accounts: world.accounts(), clock: Clock::Stepping(world.stepper()), person: None, stop };
    let told = world.clone();
    let mut tell = move |news: News| {
        // This is told when a delivery has ended, and before that is written down.
        if matches!(news, News::Sent(..)) && std::mem::take(&mut told.truth().kill_before_end) {
            resume_unwind(Box::new(Killed));
        }
    };
    run(wave, means, Until::WindowsClose, &mut tell).await
}

/// As if killed between storing what came in and reading it.
fn tear(folder: &Path) {
    let database = rusqlite::Connection::open(folder.join("journal.db")).unwrap();
    let dropped = "DROP TRIGGER events_are_not_deleted;
        DELETE FROM events WHERE seq > (SELECT max(seq) FROM events
            WHERE event NOT LIKE '{\"event\":\"interpreted\"%' AND event NOT LIKE '{\"event\":\"covered\"%');
        CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
            BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;";
    database.execute_batch(dropped).unwrap();
}

async fn happens(world: &World, folder: &Path, step: Step, downs: &tokio::sync::mpsc::UnboundedSender<Down>) {
    let stepper = world.stepper();
    let now = stepper.now();
    let later = |hours: u8, what: fn(&World)| {
        let world = world.clone();
        stepper.schedule(now + TimeDelta::hours(hours.into()), async move { what(&world) });
    };
    match step {
        Step::Kill { hours, torn } => {
            // Where nothing runs, nobody reads this.
            let _ = downs.send((TimeDelta::hours(hours.into()), torn));
            world.truth().killed.notify_one();
            tokio::task::yield_now().await;
        }
        Step::KillInALook => world.truth().kill_in_look = true,
        Step::Sleep { hours } => stepper.pass(now + TimeDelta::hours(hours.into())).await,
        Step::WrongClock { minutes, hours } => {
            let by = TimeDelta::minutes(minutes.into());
            set_clock(world, by);
            let world = world.clone();
            stepper.schedule(now + by + TimeDelta::hours(hours.into()), async move { set_clock(&world, -by) });
        }
        Step::MailboxDown { hours } => {
            world.truth().mailbox_down += 1;
            later(hours, |world| world.truth().mailbox_down -= 1);
        }
        Step::AccountDown { hours } => {
            world.truth().account_down += 1;
            later(hours, |world| world.truth().account_down -= 1);
        }
        Step::MoveMail => world.truth().renumber(Some(if now.timestamp() % 2 == 0 { "Junk" } else { "Archive" })),
        Step::Renumber => world.truth().renumber(None),
        Step::DeliverAgain => world.truth().deliver_again(),
        Step::Settle { .. } | Step::Work | Step::Stop { .. } | Step::Call { .. } | Step::Amend { .. } => {
            a_person(world, &mut Wave::open(folder, now).unwrap(), step, now);
        }
    }
}

fn set_clock(world: &World, by: TimeDelta) {
    let mut truth = world.truth();
    truth.ahead += by;
    let to = truth.stepper.now() + by;
    truth.stepper.set(to);
}

/// What a person says and does, in a process of its own.
fn a_person(world: &World, wave: &mut Wave, step: Step, now: DateTime<Utc>) {
    let plan = wave.plan().clone();
    let index = |n: u8| usize::from(n) % plan.inquiries.len();
    match step {
        Step::Settle { truly } => settle(world, wave, truly, now),
        Step::Work => work(world, wave, now),
        Step::Stop { company } => {
            let company = plan.inquiries[index(company)].company.clone();
            person::stop(wave, now, &company, "they wrote so").unwrap();
            world.truth().stopped.insert(company);
        }
        Step::Call { company } => {
            let i = index(company);
            if says(wave, now, &plan.inquiries[i].id, 0, Said::Call) {
                world.truth().calls.push((i, now));
            }
        }
        Step::Amend { company } => {
            let i = index(company);
            let mut study = plan.study.clone();
            let new = format!("nuovo{}@ditta{i}.example", now.timestamp());
            study.companies[i].contact_points[0].target = match &plan.inquiries[i].target {
                Target::Email { .. } => Target::Email { address: new.clone() },
                _ => return,
            };
            let first = &wave.state().inquiries[i].messages[0];
            let begun = !first.attempts.is_empty() || first.sent_by_person.is_some();
            amend::amend(wave, now, &study, "a mistyped address").unwrap();
            if !begun {
                world.truth().address.insert(i, new);
            }
        }
        _ => unreachable!("no person does that"),
    }
}

fn says(wave: &mut Wave, now: DateTime<Utc>, inquiry: &InquiryId, message: u32, what: Said) -> bool {
    let via = if what == Said::Call { Channel::Phone } else { wave.plan().inquiry(inquiry).unwrap().channel };
    let record = Record { inquiry: inquiry.clone(), message, at: now, via, what, note: None };
    match person::record(wave, now, &record) {
        Ok(()) => true,
        Err(person::PersonError::Contradiction { .. }) => false,
        Err(other) => panic!("{other}"),
    }
}

/// Whatever is in doubt is settled, as it was or against the truth.
fn settle(world: &World, wave: &mut Wave, truly: bool, now: DateTime<Utc>) {
    for (i, planned) in wave.plan().clone().inquiries.iter().enumerate() {
        for message in 0..2 {
            let left = {
                let truth = world.truth();
                // One more arrival than lies were told about.
                truth.copies(i, message) > truth.lies.get(&(i, message)).copied().unwrap_or_default()
            };
            let says_left = left == truly;
            let number = u32::try_from(message).unwrap();
            if person::settle(wave, now, &planned.id, number, says_left, "so they say").is_err() {
                continue;
            }
            let mut truth = world.truth();
            match (left, says_left) {
                (true, false) => *truth.lies.entry((i, message)).or_default() += 1,
                (false, true) => drop(truth.believed.insert((i, message))),
                _ => {}
            }
        }
    }
}

fn work(world: &World, wave: &mut Wave, now: DateTime<Utc>) {
    let plan = wave.plan().clone();
    let windows = SendWindows::new(&plan).unwrap();
    for task in tasks::open_tasks(&plan, wave.state(), &windows, now) {
        let i = wave.state().index_of(task.inquiry()).unwrap();
        match task {
            // Who works at night leaves the writing for the morning, as `todo` says.
            Task::Send { .. } if windows.next_open(&plan.inquiries[i].company, now) != Some(now) => {}
            Task::Send { inquiry, message, .. } => {
                world.arrives(i, message as usize, true);
                assert!(says(wave, now, &inquiry, message, Said::Sent), "what `todo` lists may be done");
            }
            Task::Check { inquiry, .. } => assert!(says(wave, now, &inquiry, 0, Said::Checked)),
            Task::AnswerBack { .. } | Task::LeaveAlone { .. } => {}
        }
    }
}
