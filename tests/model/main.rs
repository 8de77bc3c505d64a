//! Random interleavings of sends, kills, replies, duplicates, moved folders, failing accounts, wrong
//! clocks and a person's words, against the truth: nobody is asked twice, nothing is lost, and what
//! an inquiry came to is what happened to it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod case;
mod checks;
mod play;
#[path = "../support/mod.rs"]
mod support;
mod world;

use case::cases;
use play::{Figures, play};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Cases of one run; `RISPOSTA_CASES` asks for more.
const CASES: u32 = 2_000;

/// Threads that share them.
const THREADS: u32 = 2;

#[test]
fn whatever_happens_nobody_is_asked_twice_and_nothing_is_lost() {
    let cases = std::env::var("RISPOSTA_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(CASES);
    listen_to_panics();
    let workers: Vec<_> = (0..THREADS).map(|n| std::thread::spawn(move || play_many(n, cases / THREADS))).collect();
    let (mut all, mut failed) = (Figures::default(), Vec::new());
    for worker in workers {
        match worker.join().unwrap() {
            Ok(figures) => all += figures,
            Err(broken) => failed.push(broken),
        }
    }
    let _ = std::panic::take_hook();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    println!(
        "model: {} cases, {} steps, {} sends, {} kills, {} letters, {} doubts of which {} settled by proof, \
         {} account failures, {} clocks set back",
        all.cases,
        all.steps,
        all.sends,
        all.kills,
        all.letters,
        all.doubts,
        all.proofs,
        all.account_failures,
        all.wrong_clocks
    );
}

/// Plays that many cases, always the same for each thread; a case that fails is made as small as it can be.
fn play_many(thread: u32, cases: u32) -> Result<Figures, String> {
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 600, ..Config::default() };
    let seed: [u8; 32] = std::array::from_fn(|i| if i == 0 { u8::try_from(thread).unwrap() } else { 7 });
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
    let figures = RefCell::new(Figures::default());
    let result = runner.run(&self::cases(), |case| {
        let played = catch_unwind(AssertUnwindSafe(|| play(&case)));
        match played {
            Ok(shown) => {
                *figures.borrow_mut() += shown;
                Ok(())
            }
            Err(_) => Err(TestCaseError::fail(SAID.with_borrow(String::clone))),
        }
    });
    match result {
        Ok(()) => Ok(figures.into_inner()),
        Err(TestError::Fail(why, case)) => Err(format!("{why}\n{case}")),
        Err(TestError::Abort(why)) => Err(why.to_string()),
    }
}

thread_local! {
    /// What the last panic of this thread said, and where.
    static SAID: RefCell<String> = const { RefCell::new(String::new()) };
}

/// While a case is made smaller, hundreds of panics say the same: only the last is told.
fn listen_to_panics() {
    std::panic::set_hook(Box::new(|panic| SAID.with_borrow_mut(|said| *said = panic.to_string())));
}
