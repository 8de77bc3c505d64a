//! The program itself, run as a user runs it, on a study of the test's own.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde_json::Value;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The longest that any single thing in these tests takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(100);

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    /// Exit code; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Standard output of a command that did what it should.
    #[track_caller]
    pub(crate) fn done(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }

    /// Its standard output as JSON, whatever its exit code.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// Asserts an exit code, and words on standard error.
    #[track_caller]
    pub(crate) fn refused(self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "`{word}` is missing: {self:?}");
        }
    }
}

/// A folder with a study, its results, and the environment that the program runs in.
pub(crate) struct Program {
    folder: TempDir,
    pub(crate) password: Option<String>,
}

impl Program {
    /// An empty folder.
    pub(crate) fn new(password: &str) -> Self {
        Self { folder: TempDir::new().unwrap(), password: Some(password.to_owned()) }
    }

    /// The study's file.
    pub(crate) fn study(&self) -> PathBuf {
        self.folder.path().join("study.yaml")
    }

    /// The folder of wave `w1`.
    pub(crate) fn wave(&self) -> PathBuf {
        self.folder.path().join("results/prova/w1")
    }

    /// Writes the study's file.
    pub(crate) fn write(&self, text: &str) {
        std::fs::write(self.study(), text).unwrap();
    }

    /// Checks the study and freezes the plan of wave `w1`.
    #[track_caller]
    pub(crate) fn plan(&self, start: DateTime<Utc>) {
        self.run(&["check", "study.yaml"]).done();
        self.run(&["plan", "study.yaml", "--wave", "w1", "--start", &start.to_rfc3339()]).done();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        self.dressed(Command::new(env!("CARGO_BIN_EXE_risposta")), arguments)
    }

    /// The command where and with what the program runs.
    fn dressed(&self, mut command: Command, arguments: &[&str]) -> Command {
        command.args(arguments).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command.envs(self.password.iter().map(|password| ("MAIL_PASSWORD", password)));
        command
    }

    /// Runs a command to its end.
    #[track_caller]
    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.start(arguments).end(PATIENCE)
    }

    /// Starts a command.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        self.start_with(arguments, &[])
    }

    /// Starts a command with something more in its environment.
    pub(crate) fn start_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Running {
        let mut command = self.command(arguments);
        command.envs(environment.iter().copied());
        Self::spawn(command, arguments)
    }

    /// Starts a command by way of another one, which gets the program and its arguments as its last arguments.
    pub(crate) fn start_by(&self, way: &[&str], arguments: &[&str]) -> Running {
        let mut command = Command::new(way[0]);
        command.args(&way[1..]).arg(env!("CARGO_BIN_EXE_risposta"));
        let mut command = self.dressed(command, arguments);
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        Self::spawn(command, arguments)
    }

    fn spawn(mut command: Command, arguments: &[&str]) -> Running {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let read = |mut stream: Box<dyn Read + Send>| {
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                stream.read_to_end(&mut bytes).unwrap();
                String::from_utf8(bytes).unwrap()
            })
        };
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let streams = Some([read(Box::new(out)), read(Box::new(err))]);
        Running { child, streams, what: arguments.join(" ") }
    }

    /// The wave's journal holds, and all its words are there.
    #[track_caller]
    pub(crate) fn is_intact(&self) {
        let found = self.run(&["verify", "--json"]).json();
        assert_eq!((&found["intact"], &found["damage"]), (&Value::Bool(true), &Value::Array(Vec::new())), "{found}");
    }

    /// `status --json`.
    #[track_caller]
    pub(crate) fn status(&self) -> Value {
        self.run(&["status", "--json"]).json()
    }

    /// `score --json`, with what differs between runs at different moments left out.
    #[track_caller]
    pub(crate) fn score(&self) -> Value {
        serde_json::from_str(&self.run(&["score", "--json"]).done()).unwrap()
    }

    /// What happened to a company, each moment as `what` with its text.
    #[track_caller]
    pub(crate) fn story(&self, company: &str) -> Vec<(DateTime<Utc>, String, String)> {
        let timeline: Value = serde_json::from_str(&self.run(&["show", company, "--json"]).done()).unwrap();
        let words = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let moments = timeline["moments"].as_array().unwrap().iter();
        moments.map(|m| (words(&m["at"]).parse().unwrap(), words(&m["what"]), words(&m["text"]))).collect()
    }
}

/// A command that runs; it is killed with this value.
pub(crate) struct Running {
    child: Child,
    streams: Option<[std::thread::JoinHandle<String>; 2]>,
    what: String,
}

impl Running {
    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub(crate) fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Sends it a signal: `TERM`, `INT`, `KILL`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Kills it outright, wherever it is.
    pub(crate) fn kill(mut self) -> Said {
        self.child.kill().unwrap();
        self.end(PATIENCE)
    }

    /// What it said, once it has ended by itself.
    #[track_caller]
    pub(crate) fn end(mut self, within: Duration) -> Said {
        let ended = until(within, &self.what.clone(), || self.child.try_wait().unwrap());
        self.said(ended)
    }

    fn said(&mut self, ended: ExitStatus) -> Said {
        let [out, err] = self.streams.take().unwrap().map(|stream| stream.join().unwrap());
        Said { code: ended.code(), out, err }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until there is something.
#[track_caller]
pub(crate) fn until<T>(within: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + within;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "not within {within:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The moment that the program, too, takes for now.
pub(crate) fn now() -> DateTime<Utc> {
    risposta::clock::Clock::System.now()
}

/// When messages may leave so that they do so now: an hour of today in a zone where it is not
/// about to begin or to end.
pub(crate) struct Now {
    /// The start of the wave.
    pub(crate) start: DateTime<Utc>,
    /// The companies' time zone.
    pub(crate) zone: chrono_tz::Tz,
    /// `design.send`.
    pub(crate) send: String,
}

impl Now {
    /// The hour that has begun some minutes ago.
    pub(crate) fn new() -> Self {
        use chrono::{Datelike, Timelike};
        use chrono_tz::{Asia::Kolkata, Asia::Tokyo, Australia::Darwin, UTC};
        let start = now().trunc_subsecs(0);
        let fits = |zone: &chrono_tz::Tz| {
            let local = start.with_timezone(zone);
            (5..=50).contains(&local.minute()) && local.hour() < 23
        };
        let zone = [UTC, Tokyo, Kolkata, Darwin].into_iter().find(fits).unwrap();
        let local = start.with_timezone(&zone);
        let day = &local.weekday().to_string()[..2];
        let send = format!("{day} {:02}:00-{:02}:00", local.hour(), local.hour() + 1);
        Self { start, zone, send }
    }

    /// Ids of `count` companies that the plan puts at its very start. It spreads companies over
    /// the hour, those whose turn had passed before the start come first: this asks the plan of a
    /// study with many of them.
    pub(crate) fn ids(&self, study: impl Fn(&str) -> String, count: usize) -> Vec<String> {
        let many: String = (0..800).map(|n| company(&format!("c{n}"), &format!("email: info@c{n}.example"))).collect();
        let loaded = risposta::scenario::check_str("many.yaml", &study(&many), std::path::Path::new("."));
        let study = loaded.study.unwrap_or_else(|| panic!("{}", loaded.findings.plain()));
        let plan = risposta::plan::make(&study, &"w1".parse().unwrap(), self.start).unwrap();
        let soon = self.start + TimeDelta::seconds(1);
        let first = plan.inquiries.iter().filter(|inquiry| inquiry.first_due().is_some_and(|due| due < soon));
        let ids: Vec<String> = first.map(|inquiry| inquiry.company.to_string()).take(count).collect();
        assert_eq!(ids.len(), count, "the hour began too lately for so many companies");
        ids
    }
}

/// A company of a study, with one contact point.
pub(crate) fn company(id: &str, contact: &str) -> String {
    format!("  - {{id: {id}, name: Ditta {id}, vars: {{product: biscotti {id}}}, {contact}}}\n")
}
