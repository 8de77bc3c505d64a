//! What it costs to look at a mailbox of 100,000 new mails on a real Dovecot, through the loop and into
//! a journal: `cargo run --example mailbox_speed [messages]`. Needs what `tests/install-mail.sh` installs. The
//! mailbox lies in `TMPDIR`, the journal below the current folder.
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
use std::time::{Duration, Instant, SystemTime};

/// Inquiries that the mails answer, in turn.
const INQUIRIES: usize = 1_000;

#[tokio::main]
async fn main() {
    let messages: usize = std::env::args().nth(1).map_or(100_000, |n| n.parse().unwrap());
    let stack = MailStack::start();
    timed("fill the mailbox", || fill(&stack, messages));
    let (plan, _) = World::of(&vec![Fate::Silent; INQUIRIES]);
    let folder = tempfile::tempdir_in(".").unwrap();
    let mut wave = Wave::create(folder.path(), &plan, start()).unwrap();
    let server = Server { host: "localhost".to_owned(), port: stack.imap_port, security: Security::Plain };
    let mut mailbox = stack.mailbox();
    mailbox.inbox = Inbox::Imap { server, spam: None, folders: Vec::new() };
    mailbox.id = plan.study.mailboxes[0].id.clone();
    for what in ["look, read, journal", "look again"] {
        let begun = Begun::now();
        let world = World::again(Arc::clone(&plan), &vec![Fate::Silent; INQUIRIES], Stepper::new(after_hours(48)));
        let mut accounts = world.accounts();
        let source = ImapSource::new(&mailbox, PASSWORD.into(), start(), Dialer::World).unwrap();
        accounts.sources = vec![Box::new(source)];
        let (_nobody_stops_it, stop) = tokio::sync::watch::channel(false);
        let means = Means { accounts, clock: Clock::Stepping(world.stepper()), person: None, stop };
        let mut tell = |_| ();
        run(&mut wave, means, Until::NothingIsDue, &mut tell).await.unwrap();
        begun.say(what);
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
    let begun = Begun::now();
    work();
    begun.say(what);
}

/// What had been used up when something began.
struct Begun {
    at: Instant,
    ours: f64,
    dovecot: f64,
}

impl Begun {
    fn now() -> Self {
        Self { at: Instant::now(), ours: cpu_seconds(std::process::id(), OWN), dovecot: of_dovecot() }
    }

    fn say(&self, what: &str) {
        let wall = self.at.elapsed();
        let ours = cpu_seconds(std::process::id(), OWN) - self.ours;
        // A session's process is counted once it has ended, which it does when we have hung up.
        std::thread::sleep(Duration::from_millis(500));
        let dovecot = of_dovecot() - self.dovecot;
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned();
        println!("{what:>20}: {wall:>8.2?}, CPU {ours:.2} s and Dovecot's {dovecot:.2} s, peak memory {peak}");
    }
}

/// Fields of `/proc/PID/stat` behind the name, in user and kernel: a process's own time, and its dead children's.
const OWN: [usize; 2] = [11, 12];
const OF_CHILDREN: [usize; 2] = [13, 14];

/// In ticks of a hundredth of a second, as Linux counts for every program.
fn cpu_seconds(process: u32, fields: [usize; 2]) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let behind: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields.iter().filter_map(|at| behind.get(*at)?.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// What the sessions that have ended took on the server that we started.
fn of_dovecot() -> f64 {
    let ours = std::process::id().to_string();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_it = |process: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        stat.contains("(dovecot)")
            && stat.rsplit(')').next().unwrap_or_default().split_whitespace().nth(1) == Some(&ours)
    };
    numbers.filter(is_it).map(|process| cpu_seconds(process, OF_CHILDREN)).sum()
}
