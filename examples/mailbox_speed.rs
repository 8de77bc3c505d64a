//! What it costs to look at a mailbox of 100,000 new mails on a real Dovecot, through the loop and into
//! a journal: `cargo run --example mailbox_speed [messages]`. Needs what `tests/install-mail.sh` installs.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    dead_code,
    reason = "measures with what the tests have"
)]

#[path = "../tests/support/fake_world.rs"]
mod fake_world;
#[path = "../tests/support/little_plan.rs"]
mod little_plan;
#[path = "../tests/support/mailstack/mod.rs"]
mod mailstack;

use chrono::{DateTime, Utc};
use fake_world::{Fate, World};
use little_plan::{after_hours, start};
use mailstack::{MailStack, PASSWORD, PERSONA_DOMAIN};
use risposta::clock::{Clock, Stepper};
use risposta::model::study::{Inbox, Security, Server};
use risposta::net::Dialer;
use risposta::sources::imap::ImapSource;
use risposta::wave::Wave;
use risposta::wave::run::{Means, Until, run};
use std::io::Write;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

/// Inquiries that the mails answer, in turn.
const INQUIRIES: usize = 1_000;

#[tokio::main]
async fn main() {
    let messages: usize = std::env::args().nth(1).map_or(100_000, |n| n.parse().unwrap());
    let stack = MailStack::start();
    timed("fill the mailbox", || fill(&stack, messages));
    let (plan, _) = World::of(&vec![Fate::Silent; INQUIRIES]);
    let folder = tempfile::tempdir().unwrap();
    let mut wave = Wave::create(folder.path(), &plan, start()).unwrap();
    let server = Server { host: "localhost".to_owned(), port: stack.imap_port, security: Security::Plain };
    let mut mailbox = stack.mailbox();
    mailbox.inbox = Inbox::Imap { server, spam: None, folders: Vec::new() };
    mailbox.id = plan.study.mailboxes[0].id.clone();
    for what in ["look, read, journal", "look again"] {
        let begun = Instant::now();
        let world = World::again(Arc::clone(&plan), &vec![Fate::Silent; INQUIRIES], Stepper::new(after_hours(48)));
        let mut accounts = world.accounts();
        let source = ImapSource::new(&mailbox, PASSWORD.into(), start(), Dialer::World).unwrap();
        accounts.sources = vec![Box::new(source)];
        let (_nobody_stops_it, stop) = tokio::sync::watch::channel(false);
        let means = Means { accounts, clock: Clock::Stepping(world.stepper()), person: None, stop };
        let mut tell = |_| ();
        run(&mut wave, means, Until::NothingIsDue, &mut tell).await.unwrap();
        say(what, begun);
        wave = Wave::open(folder.path(), start()).unwrap();
    }
    println!("{} messages stored of {messages}, {} events", wave.state().inbound.len(), wave.state().last_seq);
}

/// Writes the mails as a mail server would have: two kilobytes each.
fn fill(stack: &MailStack, messages: usize) {
    let maildir = stack.maildir_path(PERSONA_DOMAIN);
    for sub in ["new", "cur", "tmp"] {
        std::fs::create_dir_all(maildir.join(sub)).unwrap();
    }
    let at: DateTime<Utc> = after_hours(24);
    for n in 0..messages {
        let i = n % INQUIRIES;
        let name = format!("{}.M{n}P1.host:2,", at.timestamp());
        let mut file = std::fs::File::create(maildir.join("cur").join(name)).unwrap();
        write!(
            file,
            "From: Ditta <info@ditta{i}.example>\nTo: e.riva{i}@posta.example\nMessage-ID: <m{n}@ditta{i}.example>\n\
             In-Reply-To: <q{i}.0@posta.example>\nSubject: Re: Glutine nei frollini {i}\n\n{}\n",
            "Buongiorno, non contengono glutine. ".repeat(50)
        )
        .unwrap();
        file.set_modified(SystemTime::from(at)).unwrap();
    }
    MailStack::give_to_mailbox(maildir.parent().unwrap());
}

fn timed(what: &str, work: impl FnOnce()) {
    let begun = Instant::now();
    work();
    say(what, begun);
}

fn say(what: &str, begun: Instant) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned();
    println!("{what:>20}: {:>8.2?}, peak memory {peak}", begun.elapsed());
}
