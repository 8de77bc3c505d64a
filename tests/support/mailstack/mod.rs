//! A private Postfix and Dovecot on loopback: the persona's mail server and the companies' at once.
//!
//! Every domain is a catch-all mailbox of its own on the same Dovecot: what is sent to any address at
//! `alfa.example` lies in the mailbox of `alfa.example`. Any address of a domain logs in to it with
//! [`PASSWORD`]. Some domains behave in a way of their own:
//!
//! | domain | does |
//! | --- | --- |
//! | `bounce.example` | Postfix takes the mail, then returns a real bounce (RFC 3464) to the sender |
//! | `reject.example` | refused at RCPT: 550 5.1.1 |
//! | `defer.example` | put off at RCPT: 451 4.3.0 |
//! | `auto.example` | stores the mail and returns a real auto-reply (RFC 3834) to the sender |
//!
//! On submission, `director@riva.example` may be written only by user `director`: as anybody else,
//! Postfix answers that the sender is not owned.

mod configuration;
mod wire;

use chrono::{DateTime, Utc};
use risposta::model::study::{AliasKind, Inbox, Mailbox, Security, Server};
use std::net::TcpStream;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The persona's domain.
pub(crate) const PERSONA_DOMAIN: &str = "riva.example";
/// The persona's address and user name.
pub(crate) const PERSONA: &str = "enrico@riva.example";
/// Everybody's password.
pub(crate) const PASSWORD: &str = "corretto-cavallo";

/// Longest wait for a server to start or a message to arrive.
const PATIENCE: Duration = Duration::from_secs(15);

/// The running servers; they end with it.
pub(crate) struct MailStack {
    /// IMAP with STARTTLS; plain from loopback too.
    pub(crate) imap_port: u16,
    /// IMAP over TLS.
    pub(crate) imaps_port: u16,
    /// Submission with STARTTLS and AUTH.
    pub(crate) submission_port: u16,
    /// Submission over TLS with AUTH.
    pub(crate) submissions_port: u16,
    /// SMTP without AUTH: how the outside world delivers; relays to every domain.
    pub(crate) smtp_port: u16,
    /// LMTP, straight into the mailboxes.
    pub(crate) lmtp_port: u16,
    /// The certificate authority of all these servers, which are `localhost`.
    pub(crate) ca_file: PathBuf,
    dir: TempDir,
    servers: Vec<Child>,
}

impl MailStack {
    /// Starts both servers on free ports: some 0.2 s. Panics with the servers' logs where that fails.
    pub(crate) fn start() -> Self {
        // Another test may take a port between finding it free and its server's start.
        let mut logs = String::new();
        let started = (0..3).find_map(|_| Self::try_start(&mut logs));
        started.unwrap_or_else(|| {
            panic!("Postfix and Dovecot did not start; tests/install-mail.sh installs what they need\n{logs}")
        })
    }

    fn try_start(logs: &mut String) -> Option<Self> {
        let dir = tempfile::Builder::new().prefix("mail").tempdir().expect("a temporary folder");
        let ports = configuration::Ports::free();
        configuration::write(dir.path(), &ports);
        let dovecot =
            as_root("/usr/sbin/dovecot").args(["-F", "-c"]).arg(dir.path().join("dovecot.conf")).spawn_quiet();
        // -d: it stays in our process group, so that an interrupt of the tests ends it too.
        let postfix =
            as_root("/usr/lib/postfix/sbin/master").args(["-d", "-c"]).arg(dir.path().join("postfix")).spawn_quiet();
        let stack = Self {
            imap_port: ports.imap,
            imaps_port: ports.imaps,
            submission_port: ports.submission,
            submissions_port: ports.submissions,
            smtp_port: ports.smtp,
            lmtp_port: ports.lmtp,
            ca_file: dir.path().join("ca.pem"),
            dir,
            servers: vec![dovecot, postfix],
        };
        let begun = Instant::now();
        let all = [ports.imap, ports.imaps, ports.submission, ports.submissions, ports.smtp, ports.lmtp, ports.sasl];
        for port in all {
            while TcpStream::connect(("127.0.0.1", port)).is_err() {
                if begun.elapsed() > PATIENCE {
                    logs.push_str(&stack.logs());
                    return None;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        Some(stack)
    }

    /// The persona's account as a study would have it: catch-all, STARTTLS on both servers.
    pub(crate) fn mailbox(&self) -> Mailbox {
        let server = |port| Server { host: "localhost".to_owned(), port, security: Security::Starttls };
        Mailbox {
            id: "enrico".parse().unwrap(),
            address: PERSONA.to_owned(),
            alias: AliasKind::CatchAll,
            smtp: Some(server(self.submission_port)),
            inbox: Inbox::Imap { server: server(self.imap_port), spam: None, folders: Vec::new() },
            user: PERSONA.to_owned(),
            password: None,
            ca_file: Some(self.ca_file.to_string_lossy().into_owned()),
            copy: false,
        }
    }

    /// The Maildir of a domain's mailbox, whether it exists yet or not.
    pub(crate) fn maildir_path(&self, domain: &str) -> PathBuf {
        self.dir.path().join("mail").join(domain).join("Maildir")
    }

    /// Delivers a message as the outside world does. Returns when Postfix has taken it, which is
    /// before it lies in the mailbox: see [`await_mail`](Self::await_mail).
    pub(crate) fn deliver(&self, from: &str, to: &str, raw: &str) {
        wire::smtp(self.smtp_port, from, to, raw);
    }

    /// The same, straight into the mailbox: it lies there when this returns.
    pub(crate) fn deliver_now(&self, from: &str, to: &str, raw: &str) {
        wire::lmtp(self.lmtp_port, from, to, raw);
    }

    /// Delivers a message that the server's filter takes for spam: it lies in Junk when this returns.
    pub(crate) fn deliver_junk(&self, from: &str, to: &str, raw: &str) {
        self.deliver_now(from, to, &format!("X-Spam-Flag: YES\r\n{raw}"));
    }

    /// Puts a message into a folder of a domain's mailbox, as having arrived at `internaldate`.
    pub(crate) fn append(&self, domain: &str, folder: &str, raw: &str, internaldate: DateTime<Utc>) {
        wire::append(self.imap_port, &format!("anybody@{domain}"), folder, raw, internaldate);
    }

    /// Answers a message as a company's person does with a mail program: to its sender, in its
    /// thread, quoting it. `question` is the raw message as the company received it.
    pub(crate) fn answer(&self, question: &[u8], from: &str, text: &str) {
        let reply = wire::reply(question, from, text);
        self.deliver(from, &reply.to, &reply.raw);
    }

    /// The messages in the INBOX of a domain's mailbox as they lie on disk (LF line ends), in order
    /// of arrival.
    pub(crate) fn received_by(&self, domain: &str) -> Vec<Vec<u8>> {
        let mut files: Vec<PathBuf> = ["new", "cur"]
            .iter()
            .filter_map(|sub| std::fs::read_dir(self.maildir_path(domain).join(sub)).ok())
            .flat_map(|entries| entries.map(|e| e.unwrap().path()))
            .collect();
        files.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
        files.iter().map(|path| std::fs::read(path).unwrap()).collect()
    }

    /// The same, once there are at least `count`. Panics with the servers' logs if that takes too long.
    pub(crate) fn await_mail(&self, domain: &str, count: usize) -> Vec<Vec<u8>> {
        let begun = Instant::now();
        loop {
            let mail = self.received_by(domain);
            if mail.len() >= count {
                return mail;
            }
            assert!(begun.elapsed() < PATIENCE, "{} of {count} messages for {domain}\n{}", mail.len(), self.logs());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the servers wrote into their logs.
    pub(crate) fn logs(&self) -> String {
        ["dovecot.log", "postfix.log"]
            .map(|name| std::fs::read_to_string(self.dir.path().join(name)).unwrap_or_default())
            .join("\n")
    }

    /// Makes files written by a test readable for the mailbox's owner.
    pub(crate) fn give_to_mailbox(path: &Path) {
        configuration::give(path);
    }
}

impl Drop for MailStack {
    fn drop(&mut self) {
        for server in &self.servers {
            let _ = as_root("kill").arg(server.id().to_string()).stderr(Stdio::null()).status();
        }
        for server in &mut self.servers {
            let _ = server.wait();
        }
    }
}

trait Quiet {
    fn spawn_quiet(&mut self) -> Child;
}

impl Quiet for Command {
    fn spawn_quiet(&mut self) -> Child {
        self.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.spawn().unwrap_or_else(|e| panic!("{self:?}: {e}; tests/install-mail.sh installs what is missing"))
    }
}

/// Both servers change users, so they start as root: by sudo where the tests are not root.
fn as_root(program: &str) -> Command {
    if is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

/// Readable by the servers' users.
fn open_up(dir: &Path) {
    std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).unwrap();
}
