//! The servers that are written to and watched, and companies that answer, whether the program runs or not.

use crate::gate::Gate;
use crate::support::mailstack::{MailStack, PERSONA};
use crate::support::site::{Arrived, Does, Site, pairs};
use axum::http::Method;
use mail_parser::MessageParser;
use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Bytes of a reply that does not fit into the database any more.
const LONG: usize = 20_000;

/// How a company is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    Email,
    Form,
    ByHand,
}

/// Companies of the study.
const COUNT: usize = 44;

/// Which company is asked how: by its number.
pub(crate) const COMPANIES: [Asked; COUNT] = {
    let mut all = [Asked::Email; COUNT];
    let mut n = 0;
    while n < COUNT {
        if n % 8 == 3 {
            all[n] = Asked::ByHand;
        } else if n % 2 == 1 {
            all[n] = Asked::Form;
        }
        n += 1;
    }
    all
};

/// What the site does beside taking messages.
#[derive(Default)]
struct Switches {
    /// Pages ask for a proof that a person fills them.
    captcha: AtomicBool,
    /// The next message that is posted kills this process before it is answered.
    kills: Mutex<Option<u32>>,
}

/// A message that was sent into the persona's mailbox, by the company it is from.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Sent {
    /// Different replies.
    pub(crate) replies: usize,
    /// Deliveries of the same reply again.
    pub(crate) copies: usize,
}

pub(crate) struct Town {
    pub(crate) stack: MailStack,
    pub(crate) smtp: Gate,
    pub(crate) imap: Gate,
    site: Site,
    switches: Arc<Switches>,
    sent: Mutex<BTreeMap<usize, Sent>>,
    _runtime: Runtime,
}

impl Town {
    pub(crate) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let stack = MailStack::start();
        let switches = Arc::new(Switches::default());
        let of_site = switches.clone();
        let (site, smtp, imap) = runtime.block_on(async {
            let site = Site::start(move |asked| contact_page(asked, &of_site)).await;
            (site, Gate::to(stack.submission_port).await, Gate::to(stack.imap_port).await)
        });
        Self { stack, smtp, imap, site, switches, sent: Mutex::default(), _runtime: runtime }
    }

    /// The contact point of company number `n`, for the study.
    pub(crate) fn contact(&self, n: usize) -> String {
        match COMPANIES[n] {
            Asked::Email => format!("email: info@ditta{n}.example"),
            Asked::Form => format!("web_form: {{url: '{}', success: Grazie}}", self.site.url(&format!("/{n}"))),
            Asked::ByHand => format!("facebook: pagina.{n}"),
        }
    }

    /// The persona's account, by the ways that can be shut.
    pub(crate) fn mailbox(&self) -> String {
        let server = |port| format!("{{host: localhost, port: {port}, security: starttls}}");
        let ca_file = self.stack.ca_file.display();
        let (imap, smtp) = (server(self.imap.port), server(self.smtp.port));
        format!("imap: {imap}, smtp: {smtp}, password: 'env:MAIL_PASSWORD', ca_file: {ca_file}")
    }

    /// The sender's address of each message that company number `n` got.
    pub(crate) fn arrived_at(&self, n: usize) -> Vec<String> {
        match COMPANIES[n] {
            Asked::Email => self.stack.received_by(&format!("ditta{n}.example")).iter().map(|m| sender(m)).collect(),
            Asked::Form => {
                let posted = self.site.posted().into_iter().filter(|post| post.path == format!("/{n}"));
                posted.map(|post| pairs(&post.body).into_iter().find(|(name, _)| name == "email").unwrap().1).collect()
            }
            Asked::ByHand => Vec::new(),
        }
    }

    /// Whether a company of that number answers what it is asked.
    pub(crate) fn answers(n: usize) -> bool {
        !n.is_multiple_of(5)
    }

    /// Every company that was asked and answers does so, once; every third says it twice. Until `over`.
    pub(crate) fn answer_until(&self, over: &AtomicBool) {
        while !over.load(Ordering::SeqCst) {
            self.answer_all();
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn answer_all(&self) {
        for n in (0..COMPANIES.len()).filter(|n| Self::answers(*n)) {
            if self.sent(n).replies == 0
                && let Some(alias) = self.arrived_at(n).first()
            {
                self.reply(n, alias, "No, nessuno.", 1 + usize::from(n % 3 == 0));
            }
        }
    }

    /// A company that has answered says something more, at length.
    pub(crate) fn say_more(&self, choose: usize) -> bool {
        let answered: Vec<usize> = self.sent.lock().unwrap().keys().copied().collect();
        let Some(n) = answered.get(choose % answered.len().max(1)).copied() else { return false };
        let alias = self.arrived_at(n).remove(0);
        self.reply(n, &alias, &"Ancora una cosa. ".repeat(LONG / 17), 1);
        true
    }

    /// Somebody whom nobody asked writes.
    pub(crate) fn stranger_writes(&self, nth: usize) {
        let from = format!("mario{nth}@altrove.example");
        let raw =
            format!("From: {from}\nTo: {PERSONA}\nSubject: Boh\nMessage-ID: <{nth}@altrove.example>\n\nNon saprei.\n");
        self.stack.deliver_now(&from, PERSONA, &raw);
    }

    /// What company number `n` has sent so far.
    pub(crate) fn sent(&self, n: usize) -> Sent {
        self.sent.lock().unwrap().get(&n).copied().unwrap_or_default()
    }

    fn reply(&self, n: usize, alias: &str, text: &str, times: usize) {
        let mut sent = self.sent.lock().unwrap();
        let sent = sent.entry(n).or_default();
        let (from, nth) = (format!("anna@ditta{n}.example"), sent.replies);
        let raw = format!(
            "From: {from}\nTo: {alias}\nSubject: Glutine\nMessage-ID: <{nth}.{alias}>\n\
             Content-Type: text/plain; charset=utf-8\n\n{text} {nth}\n"
        );
        for _ in 0..times {
            self.stack.deliver_now(&from, alias, &raw);
        }
        sent.replies += 1;
        sent.copies += times - 1;
    }

    /// Whether pages ask for a proof that a person fills them.
    pub(crate) fn ask_for_a_person(&self, yes: bool) {
        self.switches.captcha.store(yes, Ordering::SeqCst);
    }

    /// The next message that is posted kills this process.
    pub(crate) fn kill_at_next_post(&self, pid: Option<u32>) {
        *self.switches.kills.lock().unwrap() = pid;
    }
}

fn sender(raw: &[u8]) -> String {
    let message = MessageParser::default().parse(raw).unwrap();
    message.from().unwrap().first().unwrap().address().unwrap().to_owned()
}

fn contact_page(asked: &Arrived, switches: &Switches) -> Does {
    if asked.method == Method::POST {
        if let Some(pid) = switches.kills.lock().unwrap().take() {
            assert!(Command::new("kill").args(["-s", "KILL", &pid.to_string()]).status().unwrap().success());
        }
        return Does::page("<h1>Grazie</h1><p>Le risponderemo presto.</p>");
    }
    let proof = if switches.captcha.load(Ordering::SeqCst) { "<div class=g-recaptcha></div>" } else { "" };
    Does::page(format!(
        "<form method=post action={}><label>Nome <input name=nome></label>\
         <label>E-mail <input type=email name=email></label>\
         <label>Messaggio <textarea name=messaggio></textarea></label>{proof}<button>Invia</button></form>",
        asked.path
    ))
}
