//! The two servers' files, in a folder of their own.

use super::{as_root, is_root, open_up};
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

/// Free ports of loopback.
pub(super) struct Ports {
    pub(super) imap: u16,
    pub(super) imaps: u16,
    pub(super) submission: u16,
    pub(super) submissions: u16,
    pub(super) smtp: u16,
    pub(super) lmtp: u16,
    pub(super) sasl: u16,
}

impl Ports {
    pub(super) fn free() -> Self {
        // All are held until all are found, so that they differ.
        let held: Vec<TcpListener> = (0..7).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let port = |n: usize| held[n].local_addr().unwrap().port();
        Self {
            imap: port(0),
            imaps: port(1),
            submission: port(2),
            submissions: port(3),
            smtp: port(4),
            lmtp: port(5),
            sasl: port(6),
        }
    }
}

/// The owner of mailboxes: Dovecot refuses root, and whoever else runs the tests owns them.
fn mail_owner() -> String {
    if is_root() {
        return "vmail".to_owned();
    }
    fs::metadata("/proc/self").unwrap().uid().to_string()
}

fn mail_group() -> String {
    if is_root() { "vmail".to_owned() } else { fs::metadata("/proc/self").unwrap().gid().to_string() }
}

pub(super) fn give(path: &Path) {
    run(as_root("chown").arg("-R").arg(format!("{}:{}", mail_owner(), mail_group())).arg(path));
}

pub(super) fn write(dir: &Path, ports: &Ports) {
    for sub in ["run", "state", "mail", "postfix", "queue", "data", "sieve"] {
        fs::create_dir(dir.join(sub)).unwrap();
    }
    open_up(dir);
    certificates(dir);
    fs::write(dir.join("sieve/before.sieve"), SIEVE).unwrap();
    fs::write(dir.join("dovecot.conf"), dovecot(&dir.to_string_lossy(), ports)).unwrap();
    give(&dir.join("mail"));
    give(&dir.join("sieve"));
    queue(dir);
    for (name, text) in [("main.cf", main_cf(&dir.to_string_lossy(), ports)), ("master.cf", master_cf(ports))] {
        let path = dir.join("postfix").join(name);
        fs::write(&path, text).unwrap();
        // Postfix waits while its files are younger than a second or two.
        let earlier = SystemTime::UNIX_EPOCH + Duration::from_hours(24 * 365);
        File::options().write(true).open(path).unwrap().set_modified(earlier).unwrap();
    }
}

/// The folders that `postfix check` would make, in a tenth of its time.
fn queue(dir: &Path) {
    let queue = dir.join("queue");
    let mail =
        ["active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"];
    run(as_root("chown").arg("postfix").arg(dir.join("data")));
    run(as_root("chown").arg("root").arg(&queue));
    run(as_root("install").args(["-d", "-o", "postfix", "-m", "700"]).args(mail.map(|name| queue.join(name))));
    run(as_root("install").args(["-d", "-o", "postfix", "-g", "postdrop", "-m", "730"]).arg(queue.join("maildrop")));
    run(as_root("install").args(["-d", "-o", "postfix", "-g", "postdrop", "-m", "710"]).arg(queue.join("public")));
    run(as_root("install").args(["-d", "-m", "755"]).arg(queue.join("pid")));
}

/// An authority and a leaf: rustls takes no server whose certificate is an authority's.
fn certificates(dir: &Path) {
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let openssl = |args: &[&str]| run(Command::new("openssl").args(args).current_dir(dir));
    fs::write(dir.join("leaf.ext"), "basicConstraints=CA:FALSE\nsubjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
    let request = ["req", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "req.pem"];
    let authority =
        ["req", "-x509", "-days", "30", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem"];
    openssl(&[&authority[..], &key[..]].concat());
    openssl(&[&request[..], &key[..]].concat());
    openssl(&[
        "x509",
        "-req",
        "-in",
        "req.pem",
        "-CA",
        "ca.pem",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "30",
        "-out",
        "cert.pem",
        "-extfile",
        "leaf.ext",
    ]);
}

fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

const SIEVE: &str = r#"require ["fileinto", "mailbox", "envelope", "vacation", "vacation-seconds"];
if header :is "X-Spam-Flag" "YES" { fileinto :create "Junk"; stop; }
if envelope :domain :is "to" "auto.example" {
  vacation :seconds 0 :subject "Abbiamo ricevuto il suo messaggio" "Grazie, le risponderemo al più presto.";
}
"#;

fn dovecot(dir: &str, ports: &Ports) -> String {
    let Ports { imap, imaps, lmtp, sasl, smtp, .. } = ports;
    let (uid, gid) = (mail_owner(), mail_group());
    let password = super::PASSWORD;
    format!(
        r"base_dir = {dir}/run
state_dir = {dir}/state
instance_name = test-{imap}
log_path = {dir}/dovecot.log
listen = 127.0.0.1
protocols = imap lmtp
ssl = yes
ssl_cert = <{dir}/cert.pem
ssl_key = <{dir}/key.pem
disable_plaintext_auth = yes
first_valid_uid = 1
mail_location = maildir:~/Maildir
recipient_delimiter = +
auth_mechanisms = plain login
auth_failure_delay = 0
submission_host = 127.0.0.1:{smtp}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/mail/%d allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  mailbox Junk {{
    special_use = \Junk
    auto = subscribe
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve_before = {dir}/sieve/before.sieve
  sieve_extensions = +vacation-seconds
  sieve_vacation_min_period = 0
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {sasl}
  }}
}}
"
    )
}

fn main_cf(dir: &str, ports: &Ports) -> String {
    let Ports { lmtp, sasl, .. } = ports;
    format!(
        r"compatibility_level = 3.6
queue_directory = {dir}/queue
data_directory = {dir}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {dir}/postfix.log
maillog_file_prefixes = {dir}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
myhostname = mail.{domain}
mydomain = {domain}
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
virtual_mailbox_domains = static:all
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
transport_maps = inline:{{ {{bounce.example = error:5.1.1 The mailbox does not exist}} }}
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_tls_cert_file = {dir}/cert.pem
smtpd_tls_key_file = {dir}/key.pem
smtpd_tls_security_level = may
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_sender_login_maps = inline:{{ {{director@{domain} = director}} }}
smtpd_reject_unlisted_recipient = no
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{
    {{reject.example = 550 5.1.1 No such mailbox}} {{defer.example = 451 4.3.0 Try again later}} }}
",
        domain = super::PERSONA_DOMAIN
    )
}

fn master_cf(ports: &Ports) -> String {
    let Ports { submission, submissions, smtp, .. } = ports;
    let own = "-o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes -o smtpd_sender_restrictions=reject_known_sender_login_mismatch";
    format!(
        "127.0.0.1:{submission} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt {own}
127.0.0.1:{submissions} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes {own}
127.0.0.1:{smtp} inet n - n - - smtpd -o smtpd_relay_restrictions=permit_mynetworks,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"
    )
}
