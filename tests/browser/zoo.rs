//! The page zoo in a real browser: the same difficulties that plain HTTP meets, and those that it cannot.

use super::browser;
use crate::support::asking::START;
use crate::support::zoo::{Came, Case, ZooSite};
use risposta::browser::Browser;
use risposta::channels::web_form::WebFormSender;
use risposta::channels::{Delivered, Outgoing, Refused, Sender};
use risposta::clock::{Clock, Stepper};
use risposta::model::plan::Plan;
use risposta::model::study::{Engine, Target};
use risposta::net::Dialer;
use std::sync::{Arc, Mutex};

/// What came of asking as a plan says, with that engine.
pub(crate) async fn asked(plan: Plan, engine: Engine, browser: &Browser) -> Delivered {
    asked_through(Dialer::World, plan, engine, browser).await
}

/// The same through another dialer.
pub(crate) async fn asked_through(dialer: Dialer, mut plan: Plan, engine: Engine, browser: &Browser) -> Delivered {
    if let Target::WebForm(form) = &mut plan.inquiries[0].target {
        form.engine = engine;
    }
    let clock = Clock::Stepping(Stepper::new(START.parse().unwrap()));
    let sender = WebFormSender::new("posta".parse().unwrap(), dialer, &plan, clock).with_browser(browser.clone());
    let inquiry = &plan.inquiries[0];
    let outgoing = Outgoing { inquiry, message: &inquiry.messages[0], in_reply_to: None, first_receipt: None };
    match sender.prepare(outgoing).await {
        Err(Refused { outcome, evidence }) => Delivered { outcome, evidence },
        Ok(prepared) => {
            let mut evidence = prepared.evidence();
            let Delivered { outcome, evidence: more } = prepared.deliver().await;
            evidence.extend(more);
            Delivered { outcome, evidence }
        }
    }
}

/// Browsers at once: most of the time is spent waiting for a page to be quiet.
const BROWSERS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn every_case_of_the_zoo() {
    let cases = Arc::new(Mutex::new(Case::all().into_iter()));
    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..BROWSERS {
        let cases = cases.clone();
        workers.spawn(async move {
            let browser = browser();
            let mut wrong = Vec::new();
            loop {
                let Some(case) = cases.lock().unwrap().next() else { break };
                let (site, started) = (ZooSite::start(&case).await, std::time::Instant::now());
                let delivered = asked(case.plan(&site), Engine::Browser, &browser).await;
                eprintln!("{:5.1} s  {}", started.elapsed().as_secs_f64(), case.name);
                let found = case.wrong(case.browser(), &Came::of(&delivered.outcome), &site);
                if !found.is_empty() {
                    wrong.push(format!("{} ({}):\n  {}", case.name, case.about, found.join("\n  ")));
                }
            }
            browser.stop().await;
            wrong
        });
    }
    let wrong = workers.join_all().await.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
