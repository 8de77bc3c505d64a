//! Whole waves against servers that misbehave: what is our fault uses no try, who is silent stalls nobody else, and a
//! post in doubt is never posted again.

use crate::api;
use crate::matrix::LONG;
use crate::support::little_plan::{after_hours, plan, prompt, start};
use crate::support::smtp_faults::{Does as SmtpDoes, Phase, Script, Server as SmtpServer};
use crate::web::{Does, Server, answer};
use risposta::channels::Sender;
use risposta::channels::email::{EmailSender, Limits};
use risposta::channels::mastodon::MastodonSender;
use risposta::channels::web_form::WebFormSender;
use risposta::clock::{Clock, Stepper};
use risposta::model::channel::Channel;
use risposta::model::event::Event;
use risposta::model::ids::AccountId;
use risposta::model::outcome::Outcome;
use risposta::model::plan::{Due, Plan};
use risposta::model::study::{Inbox, Mailbox, Security, Server as Address, Target};
use risposta::net::Dialer;
use risposta::wave::Wave;
use risposta::wave::accounts::{Accounts, Senders};
use risposta::wave::run::{Ended, Means, News, Until, run};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

const FORM: &str =
    "<form method=post action=/send><input name=email><textarea name=message></textarea><button>Invia</button></form>";
const THANKS: &str = "<p>Grazie! Il messaggio è stato inviato.</p>";
const LIMITS: &str = r#"{"configuration": {"statuses": {"max_characters": 500}}}"#;
const POSTED: &str = r#"{"id": "77", "created_at": "2026-03-02T09:00:01.000Z", "mentions": [{"acct": "alfa"}]}"#;

/// Longer than any of these waves takes, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(100);

/// A sender for each channel.
type Ways = Vec<(Channel, Arc<dyn Sender>)>;

type Tell<'a> = &'a mut (dyn FnMut(News) + Send);

/// Does what is due, with nothing to watch, until that is done or `stop` turns true.
async fn go(wave: &mut Wave, ways: Ways, clock: Clock, stop: watch::Receiver<bool>, tell: Tell<'_>) -> Ended {
    let mut senders = Senders::default();
    for (channel, sender) in ways {
        senders.insert(channel, "enrico".parse().unwrap(), sender);
    }
    let accounts = Accounts { senders, sources: Vec::new(), threads: HashMap::new() };
    let means = Means { accounts, clock, person: None, stop };
    let running = run(wave, means, Until::NothingIsDue, tell);
    tokio::time::timeout(PATIENCE, running).await.expect("it ends").unwrap()
}

/// The same, begun that many hours after the start.
async fn go_at(wave: &mut Wave, ways: Ways, hours: i64) {
    let (_nobody_stops_it, stop) = watch::channel(false);
    let clock = Clock::Stepping(Stepper::new(after_hours(hours)));
    let ended = go(wave, ways, clock, stop, &mut |_| ()).await;
    assert!(matches!(ended, Ended::NothingDue { .. } | Ended::Complete), "{ended:?}");
}

fn begun(plan: &Plan, folder: &Path) -> Wave {
    risposta::net::install_tls_provider();
    Wave::create(folder, plan, start()).unwrap()
}

fn three(channel: Channel) -> Plan {
    plan(&vec![(channel, prompt()); 3])
}

/// The same plan, due now by the system's clock.
fn due_now(plan: &mut Plan) {
    for inquiry in &mut plan.inquiries {
        inquiry.messages[0].due = Due::At(Clock::System.now());
    }
}

fn tries(wave: &Wave) -> Vec<u32> {
    wave.state().inquiries.iter().map(|i| i.messages[0].tries()).collect()
}

/// Whether each inquiry's first message was accepted.
fn accepted(wave: &Wave) -> Vec<bool> {
    let last = |i: &risposta::model::state::InquiryState| i.messages[0].attempts.last().and_then(|a| a.outcome.clone());
    wave.state().inquiries.iter().map(|i| matches!(last(i), Some(Outcome::Accepted { .. }))).collect()
}

/// Why the account is paused, in the words that `status` shows.
fn pause(wave: &Wave, account: &str) -> String {
    let pause = &wave.state().paused[&account.parse::<AccountId>().unwrap()];
    wave.journal().text(&pause.why).unwrap().unwrap()
}

fn mail(plan: &Plan, port: u16) -> Arc<dyn Sender> {
    let smtp = Address { host: "127.0.0.1".to_owned(), port, security: Security::Plain };
    let mailbox = Mailbox { smtp: Some(smtp), ..plan.study.mailboxes[0].clone() };
    let limits = Limits { connect: LONG, greeting: LONG, command: LONG, block: LONG, answer: LONG, farewell: LONG };
    let password = Some("of the test".into());
    let sender = EmailSender::new(&plan.study, &mailbox, password, Dialer::World, Clock::System).unwrap();
    Arc::new(sender.with_limits(limits))
}

fn post(port: u16) -> Arc<dyn Sender> {
    Arc::new(MastodonSender::new(&api::account(port), "token".into(), "it", Dialer::World))
}

fn form(plan: &Plan) -> Arc<dyn Sender> {
    Arc::new(WebFormSender::new(AccountId::web(), Dialer::World, plan, Clock::System))
}

/// A form's server that takes what comes.
async fn good_site() -> Server {
    Server::start(|request| Does::Answers(answer(200, "", if request.method == "POST" { THANKS } else { FORM }))).await
}

fn lead(plan: &mut Plan, inquiry: usize, host: &str, port: u16) {
    let Target::WebForm(target) = &mut plan.inquiries[inquiry].target else { panic!("no form") };
    target.url = format!("http://{host}:{port}/").parse().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_account_that_fails_pauses_and_no_inquiry_loses_a_try() {
    for (phase, does, words) in [
        (Phase::Auth, SmtpDoes::Says(b"535 5.7.8 no\r\n"), "password"),
        (Phase::Banner, SmtpDoes::HangsUp, "the greeting"),
        (Phase::Mail, SmtpDoes::Says(b"553 5.7.1 not yours\r\n"), "alias"),
        (Phase::Rcpt, SmtpDoes::Says(b"452 4.7.0 Daily sending quota exceeded\r\n"), "limit"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let plan = three(Channel::Email);
        let mut wave = begun(&plan, folder.path());
        let bad = SmtpServer::start(Script::plain(phase, does));
        go_at(&mut wave, vec![(Channel::Email, mail(&plan, bad.port))], 0).await;
        assert_eq!(tries(&wave), [0; 3], "{phase:?}");
        assert_eq!(bad.received().connections, 1, "a failing account is tried once, not for each inquiry");
        assert!(pause(&wave, "posta").contains(words), "{}", pause(&wave, "posta"));

        let good = SmtpServer::start(Script::plain(Phase::Quit, SmtpDoes::Crawls));
        go_at(&mut wave, vec![(Channel::Email, mail(&plan, good.port))], 1).await;
        assert_eq!((tries(&wave), accepted(&wave)), (vec![1; 3], vec![true; 3]), "{phase:?}");
        assert_eq!((good.received().messages.len(), bad.received().messages.len()), (3, 0));
        assert!(wave.state().paused.is_empty());
    }
    println!("faults whole, mail account: 4 waves, 4 as stated");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_was_revoked_pauses_the_account_and_no_inquiry_loses_a_try() {
    let folder = tempfile::tempdir().unwrap();
    let plan = three(Channel::Mastodon);
    let mut wave = begun(&plan, folder.path());
    let error = r#"{"error": "The access token was revoked"}"#;
    let bad =
        Server::start(move |r| Does::Answers(answer(if r.method == "POST" { 401 } else { 200 }, "", error))).await;
    go_at(&mut wave, vec![(Channel::Mastodon, post(bad.port))], 0).await;
    assert_eq!((tries(&wave), bad.received().posts().len()), (vec![0; 3], 1));
    assert!(pause(&wave, "sociale").contains("revoked"));
    let good =
        Server::start(|r| Does::Answers(answer(200, "", if r.method == "POST" { POSTED } else { LIMITS }))).await;
    go_at(&mut wave, vec![(Channel::Mastodon, post(good.port))], 1).await;
    assert_eq!((tries(&wave), accepted(&wave)), (vec![1; 3], vec![true; 3]));
    println!("faults whole, token: 1 waves, 1 as stated");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_our_network_is_down_no_form_loses_a_try() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = three(Channel::WebForm);
    let (open, opened) = watch::channel(false);
    // A network that wants a login first: whatever is asked for, it answers itself.
    let site = Server::start(move |request| match (*opened.borrow(), request.method.as_str()) {
        (false, _) => Does::Answers(answer(511, "", "<p>Welcome to the hotel</p>")),
        (true, "POST") => Does::Answers(answer(200, "", THANKS)),
        (true, _) => Does::Answers(answer(200, "", FORM)),
    });
    let site = site.await;
    (0..3).for_each(|i| lead(&mut plan, i, "127.0.0.1", site.port));
    plan.study.mastodon.clear();
    let mailbox = &mut plan.study.mailboxes[0];
    mailbox.smtp = Some(Address { host: "no-such-name.invalid".to_owned(), port: 587, security: Security::Starttls });
    mailbox.inbox = Inbox::Maildir { path: String::new() };
    let mut wave = begun(&plan, folder.path());
    go_at(&mut wave, vec![(Channel::WebForm, form(&plan))], 0).await;
    assert_eq!((tries(&wave), site.received().posts().len()), (vec![0; 3], 0));
    assert!(pause(&wave, "web").contains("network"), "{}", pause(&wave, "web"));
    open.send(true).unwrap();
    go_at(&mut wave, vec![(Channel::WebForm, form(&plan))], 1).await;
    assert_eq!((tries(&wave), accepted(&wave)), (vec![1; 3], vec![true; 3]));
    println!("faults whole, our network: 1 waves, 1 as stated");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_site_stalls_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = plan(&vec![(Channel::WebForm, prompt()); 18]);
    let (others_are_done, done) = watch::channel(false);
    // The first twelve companies share a server that answers once the others are done.
    let silent = Server::start(move |request| match request.method.as_str() {
        "POST" => Does::AnswersOnce(done.clone(), answer(200, "", THANKS)),
        _ => Does::Answers(answer(200, "", FORM)),
    });
    let (silent, good) = (silent.await, good_site().await);
    (0..12).for_each(|i| lead(&mut plan, i, "localhost", silent.port));
    (12..18).for_each(|i| lead(&mut plan, i, "127.0.0.1", good.port));
    due_now(&mut plan);
    let mut wave = begun(&plan, folder.path());
    let (_nobody_stops_it, stop) = watch::channel(false);
    let mut sent = 0;
    let mut tell = |news| {
        sent += usize::from(matches!(news, News::Sent(_, "accepted")));
        if sent == 6 {
            others_are_done.send(true).unwrap();
        }
    };
    go(&mut wave, vec![(Channel::WebForm, form(&plan))], Clock::System, stop, &mut tell).await;
    assert_eq!(accepted(&wave), [true; 18]);
    let ended = |event: Event| match event {
        Event::AttemptEnded { attempt, .. } => wave.state().index_of(&attempt.inquiry),
        _ => None,
    };
    let ended: Vec<usize> = wave.history().unwrap().into_iter().filter_map(|entry| ended(entry.event)).collect();
    assert!(ended[..6].iter().all(|i| *i >= 12), "who is answered at once waits for nobody: {ended:?}");
    assert_eq!((silent.received().posts().len(), good.received().posts().len()), (12, 6));
    println!("faults whole, silent site: 1 waves, 1 as stated; 6 forms passed 12 that were waited for");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_submission_server_stalls_no_form_and_puts_few_in_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let channels: Vec<_> = (0..12).map(|i| (if i < 9 { Channel::Email } else { Channel::WebForm }, prompt())).collect();
    let mut plan = plan(&channels);
    let (silent, good) = (SmtpServer::start(Script::plain(Phase::Dot, SmtpDoes::Hangs)), good_site().await);
    (9..12).for_each(|i| lead(&mut plan, i, "127.0.0.1", good.port));
    due_now(&mut plan);
    let mut wave = begun(&plan, folder.path());
    let (stopper, stop) = watch::channel(false);
    let mut sent = 0;
    let mut tell = |news| {
        sent += usize::from(matches!(news, News::Sent(_, "accepted")));
        if sent == 3 {
            stopper.send(true).unwrap();
        }
    };
    let ways = vec![(Channel::Email, mail(&plan, silent.port)), (Channel::WebForm, form(&plan))];
    let ended = go(&mut wave, ways, Clock::System, stop, &mut tell).await;
    assert_eq!(ended, Ended::Interrupted);
    assert_eq!(accepted(&wave)[9..], [true; 3], "the forms passed");
    let begun = wave.state().inquiries[..9].iter().filter(|i| !i.messages[0].attempts.is_empty()).count();
    assert!(begun <= 2, "{begun} mails are in doubt");
    println!("faults whole, silent submission: 1 waves, 1 as stated; {begun} of 9 mails in doubt");
}

/// Servers forget keys, so a key sent again proves nothing: after a restart, nothing that may have left is posted.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idempotency_key_is_never_replayed_after_a_restart() {
    for does in [Does::HangsUp, Does::AnswersAndHangs(Vec::new()), Does::Answers(answer(502, "", ""))] {
        let (folder, name) = (tempfile::tempdir().unwrap(), format!("{does:?}"));
        let mut plan = plan(&[(Channel::Mastodon, prompt())]);
        due_now(&mut plan);
        let server = Server::start(move |request| match request.method.as_str() {
            "POST" => does.clone(),
            _ => Does::Answers(answer(200, "", LIMITS)),
        });
        let server = server.await;
        let ways = || vec![(Channel::Mastodon, post(server.port))];

        // Stopped as soon as the post has arrived, answered or not.
        let mut wave = begun(&plan, folder.path());
        let (stopper, stop) = watch::channel(false);
        let stopping = async {
            while server.received().posts().is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            // The wave may have ended already.
            let _ = stopper.send(true);
            stopper
        };
        let mut silently = |_| ();
        let _ = tokio::join!(go(&mut wave, ways(), Clock::System, stop, &mut silently), stopping);
        drop(wave);

        for hours in [1, 24, 24 * 20] {
            let mut again = Wave::open(folder.path(), start()).unwrap();
            let (_nobody_stops_it, stop) = watch::channel(false);
            let clock = Clock::Stepping(Stepper::new(Clock::System.now() + chrono::TimeDelta::hours(hours)));
            go(&mut again, ways(), clock, stop, &mut silently).await;
            assert_eq!(accepted(&again), [false]);
        }
        let keys: Vec<_> =
            server.received().posts().iter().filter_map(|p| p.header("idempotency-key").map(str::len)).collect();
        assert_eq!(keys, [64], "{name}");
    }
    println!("faults whole, keys: 3 waves, 3 as stated");
}
