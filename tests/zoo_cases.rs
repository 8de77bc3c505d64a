//! The page zoo through plain HTTP: one named test for each file in `tests/zoo/`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "support/mod.rs"]
mod support;

use libtest_mimic::{Arguments, Trial};
use risposta::channels::web_form::{Limits, WebFormSender};
use risposta::channels::{Evidence, Outgoing, Sender};
use risposta::clock::{Clock, Stepper};
use risposta::net::{Dialer, install_tls_provider};
use std::time::Duration;
use support::zoo::{Came, Case, ZooSite};

fn main() {
    let trials = Case::all().into_iter().map(|case| Trial::test(case.name.clone(), move || run(&case)));
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit();
}

fn run(case: &Case) -> Result<(), libtest_mimic::Failed> {
    install_tls_provider();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let wrong = runtime.block_on(async {
        let site = ZooSite::start(case).await;
        let (outcome, evidence) = ask(case, &site).await;
        let mut wrong = case.wrong(&case.http, &outcome, &site);
        let secret = |e: &&Evidence| {
            [&b"visitor-number-"[..], b"token-0"].iter().any(|s| memchr::memmem::find(&e.bytes, s).is_some())
        };
        wrong.extend(evidence.iter().find(secret).map(|e| format!("a secret stands in the {}", e.label)));
        wrong
    });
    if wrong.is_empty() { Ok(()) } else { Err(format!("{}\n{}", case.about, wrong.join("\n")).into()) }
}

async fn ask(case: &Case, site: &ZooSite) -> (Came, Vec<Evidence>) {
    let plan = case.plan(site);
    let clock = Clock::Stepping(Stepper::new(plan.start));
    let moment = Duration::from_secs(3);
    let limits = Limits { first_byte: moment, body: moment, ..Limits::default() };
    let sender = WebFormSender::new("posta".parse().unwrap(), Dialer::World, &plan, clock).with_limits(limits);
    let inquiry = &plan.inquiries[0];
    let outgoing = Outgoing { inquiry, message: &inquiry.messages[0], in_reply_to: None, first_receipt: None };
    match sender.prepare(outgoing).await {
        Err(refused) => (Came::of(&refused.outcome), refused.evidence),
        Ok(prepared) => {
            let mut evidence = prepared.evidence();
            let delivered = prepared.deliver().await;
            evidence.extend(delivered.evidence);
            (Came::of(&delivered.outcome), evidence)
        }
    }
}
