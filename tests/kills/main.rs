//! The program is killed outright at every step that it journals, and started again until the wave ends: the servers'
//! own records show that nobody is asked twice and that no reply is lost.
//!
//! `RISPOSTA_KILLS` says how often in all, over as many waves as that takes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod copies;
mod disk;
mod figures;
mod gate;
mod imports;
mod points;
mod stops;
#[path = "../support/mod.rs"]
mod support;
mod town;
mod trial;

use figures::Figures;
use std::sync::Mutex;
use trial::Trial;

/// Kills of one wave: each step once, and some moments that no step names.
const KILLS_A_WAVE: usize = 56;

/// Waves at a time.
const WAVES_AT_ONCE: usize = 3;

#[test]
fn killed_at_every_step_and_started_again_nobody_is_asked_twice_and_no_reply_is_lost() {
    let wanted = std::env::var("RISPOSTA_KILLS").ok().map_or(KILLS_A_WAVE, |n| n.parse().expect("a number of kills"));
    let waves = wanted.div_ceil(KILLS_A_WAVE);
    let seeds = Mutex::new(1..=waves as u64);
    let all = Mutex::new(Figures::default());
    std::thread::scope(|scope| {
        for _ in 0..WAVES_AT_ONCE.min(waves) {
            scope.spawn(|| {
                while let Some(seed) = { seeds.lock().unwrap().next() } {
                    let figures = Trial::begin(seed).run(KILLS_A_WAVE);
                    println!("wave {seed}: {figures}");
                    all.lock().unwrap().add(figures);
                }
            });
        }
    });
    println!("kills: {}", all.lock().unwrap());
}
