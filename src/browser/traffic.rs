//! What does a page ask for, what is it answered, and what may leave just now? Told by the browser's
//! network layer, below everything that a page's scripts can do.

use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use url::Url;

/// Most requests of a visit that are kept.
const REQUESTS_MAX: usize = 3_000;

/// Most dialogs of a visit that are kept.
const DIALOGS_MAX: usize = 50;

/// What may leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// Whatever the page asks for.
    Open,
    /// Only what reads: GET, HEAD and OPTIONS that lead the page nowhere else and do not carry what
    /// was typed. Whoever fills a form and has not sent it sends no more than that.
    Reading {
        /// What was typed and must not leave.
        typed: String,
    },
}

/// A request of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its method.
    pub method: String,
    /// Its address.
    pub url: String,
    /// What for: `Document`, `XHR`, `Fetch`, `Ping`, …
    pub kind: String,
    /// Whether it loads the page itself, no frame in it.
    pub is_page: bool,
    /// The beginning of its body.
    pub body: Option<String>,
    /// The answer's status.
    pub status: Option<u16>,
    /// The answer's content type.
    pub mime: String,
    /// Why there is no answer: Chromium's name, `net::ERR_…`.
    pub failed: Option<String>,
    /// Whether it was [refused](Gate) and never left.
    pub refused: bool,
    /// Chromium's name for it, and the session that knows its body.
    pub(super) id: (String, String),
}

impl Request {
    /// Whether it can have taken something to the other side.
    #[must_use]
    pub fn writes(&self) -> bool {
        !is_safe(&self.method)
    }

    /// Whether it left and can have taken that message along. A beacon whose body is known to lack it has not.
    #[must_use]
    pub fn may_take(&self, message: &str) -> bool {
        let is_beside =
            self.kind == "Ping" && self.body.as_deref().is_some_and(|body| holds(body, message) == Some(false));
        !self.refused && (self.kind == "Document" || self.writes() && !is_beside || self.takes(message))
    }

    /// Whether that message is seen in it.
    #[must_use]
    pub fn takes(&self, message: &str) -> bool {
        let in_body = self.body.as_deref().and_then(|body| holds(body, message));
        in_body == Some(true) || holds(&self.url, message) == Some(true) || carries(&self.url, message)
    }
}

/// A window of a page that a person has to answer: `alert`, `confirm`, `prompt`, `beforeunload`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialog {
    /// Which of them.
    pub kind: String,
    /// What it says.
    pub text: String,
}

/// What was seen of a visit's pages.
#[derive(Debug)]
pub(super) struct Traffic(Mutex<Log>);

#[derive(Debug)]
struct Log {
    gate: Gate,
    requests: Vec<Request>,
    untold: u64,
    by_id: HashMap<String, usize>,
    open: HashSet<String>,
    happened: u64,
    dialogs: Vec<Dialog>,
    crashed: bool,
    /// Targets of the visit's pages, by session.
    pages: HashMap<String, String>,
}

impl Default for Traffic {
    fn default() -> Self {
        Self(Mutex::new(Log {
            gate: Gate::Open,
            requests: Vec::new(),
            untold: 0,
            by_id: HashMap::new(),
            open: HashSet::new(),
            happened: 0,
            dialogs: Vec::new(),
            crashed: false,
            pages: HashMap::new(),
        }))
    }
}

impl Traffic {
    fn log(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what may leave from now on.
    pub(super) fn set_gate(&self, gate: Gate) {
        self.log().gate = gate;
    }

    /// How many requests were made so far: a mark for [`since`](Self::since).
    pub(super) fn mark(&self) -> usize {
        self.log().requests.len()
    }

    /// The requests from a mark on.
    pub(super) fn since(&self, mark: usize) -> Vec<Request> {
        self.log().requests.get(mark..).map(<[Request]>::to_vec).unwrap_or_default()
    }

    /// A number that changes with all that leaves and is not among the [requests](Self::since): what sockets
    /// take, and what is too much to be kept.
    pub(super) fn untold(&self) -> u64 {
        self.log().untold
    }

    /// The dialogs so far.
    pub(super) fn dialogs(&self) -> Vec<Dialog> {
        self.log().dialogs.clone()
    }

    /// How many requests wait for an answer, and a number that changes with all that happens.
    pub(super) fn pulse(&self) -> (usize, u64) {
        let log = self.log();
        (log.open.len(), log.happened)
    }

    /// Whether a page's process ended.
    pub(super) fn has_crashed(&self) -> bool {
        self.log().crashed
    }

    /// The session in which a page is known to the browser.
    pub(super) fn session_of(&self, target: &str) -> Option<String> {
        self.log().pages.iter().find(|(_, t)| *t == target).map(|(session, _)| session.clone())
    }

    pub(super) fn add_page(&self, session: &str, target: &str) {
        self.log().pages.insert(session.to_owned(), target.to_owned());
    }

    pub(super) fn crash(&self) {
        self.log().crashed = true;
    }

    /// Whether a request that the browser holds may go on.
    pub(super) fn lets(&self, paused: &Value, session: &str) -> bool {
        let mut log = self.log();
        let request = &paused["request"];
        let kind = text(&paused["resourceType"]);
        let is_page = log.pages.get(session).is_some_and(|target| *target == text(&paused["frameId"]));
        let Gate::Reading { typed } = &log.gate else { return true };
        let leads_away = kind == "Document" && is_page;
        let lets = is_safe(&text(&request["method"])) && !leads_away && !carries(&text(&request["url"]), typed);
        if !lets {
            let id = text(&paused["networkId"]);
            let known = log.by_id.get(&id).copied().and_then(|at| log.requests.get_mut(at));
            if let Some(known) = known {
                known.refused = true;
            } else {
                let read = read(request, &kind, is_page, (id, session.to_owned()));
                log.push(Request { refused: true, ..read });
            }
        }
        lets
    }

    /// Notes what the browser tells about a request.
    pub(super) fn note(&self, method: &str, told: &Value, session: &str) {
        let mut log = self.log();
        log.happened += 1;
        let id = text(&told["requestId"]);
        match method {
            "Network.requestWillBeSent" => {
                let status = told["redirectResponse"]["status"].as_u64();
                log.answer(&id, status, &told["redirectResponse"]);
                let is_page = log.pages.get(session).is_some_and(|target| *target == text(&told["frameId"]));
                let kind = text(&told["type"]);
                let request = read(&told["request"], &kind, is_page, (id.clone(), session.to_owned()));
                let refused = log.by_id.get(&id).copied().filter(|at| status.is_none() && log.requests[*at].refused);
                if refused.is_none() {
                    log.push(request);
                }
                if is_page && kind == "Document" {
                    // What the page before still asked for is not answered any more.
                    log.open.clear();
                }
                if waits(&kind) {
                    log.open.insert(id);
                }
            }
            "Network.responseReceived" => {
                let response = &told["response"];
                log.answer(&id, response["status"].as_u64(), response);
            }
            "Network.loadingFinished" => {
                log.open.remove(&id);
            }
            "Network.loadingFailed" => {
                log.open.remove(&id);
                if let Some(request) = log.known(&id) {
                    request.failed = Some(text(&told["errorText"]));
                }
            }
            "Network.webSocketCreated" | "Network.webSocketFrameSent" | "Network.webTransportCreated" => {
                log.untold += 1;
            }
            _ => {}
        }
    }

    /// Notes a dialog and gives the answer to it: whether it is accepted.
    pub(super) fn asked(&self, told: &Value) -> bool {
        let mut log = self.log();
        log.happened += 1;
        let dialog = Dialog { kind: text(&told["type"]), text: text(&told["message"]) };
        let accept = match dialog.kind.as_str() {
            "alert" | "beforeunload" => true,
            // "Really send?": only who is sending says yes.
            "confirm" => log.gate == Gate::Open,
            _ => false,
        };
        if log.dialogs.len() < DIALOGS_MAX {
            log.dialogs.push(dialog);
        }
        accept
    }
}

impl Log {
    fn push(&mut self, request: Request) {
        if self.requests.len() < REQUESTS_MAX {
            self.by_id.insert(request.id.0.clone(), self.requests.len());
            self.requests.push(request);
        } else {
            self.untold += 1;
        }
    }

    fn known(&mut self, id: &str) -> Option<&mut Request> {
        let at = *self.by_id.get(id)?;
        self.requests.get_mut(at)
    }

    fn answer(&mut self, id: &str, status: Option<u64>, response: &Value) {
        if let Some(request) = self.known(id)
            && let Some(status) = status.and_then(|s| u16::try_from(s).ok())
        {
            request.status = Some(status);
            request.mime = text(&response["mimeType"]);
        }
    }
}

fn read(request: &Value, kind: &str, is_page: bool, id: (String, String)) -> Request {
    Request {
        method: text(&request["method"]),
        url: text(&request["url"]),
        kind: kind.to_owned(),
        is_page,
        body: request["postData"].as_str().map(str::to_owned),
        status: None,
        mime: String::new(),
        failed: None,
        refused: false,
        id,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS")
}

/// Streams and sockets stay open for as long as their page does.
fn waits(kind: &str) -> bool {
    !matches!(kind, "EventSource" | "WebSocket" | "Media" | "Ping" | "Prefetch")
}

/// Whether a text holds a message, in whatever way its characters are written: all its words of plain letters and
/// digits are there. `None`: it has no such words.
fn holds(text: &str, message: &str) -> Option<bool> {
    const LETTERS_MIN: usize = 4;
    let words = message.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| word.len() >= LETTERS_MIN);
    words.map(|word| text.contains(word)).reduce(|all, is_there| all && is_there)
}

/// Whether an address carries what was typed, however it is written.
fn carries(url: &str, typed: &str) -> bool {
    let typed: String = typed.split_whitespace().collect();
    let Ok(url) = url.parse::<Url>() else { return false };
    !typed.is_empty()
        && url.query_pairs().any(|(name, value)| {
            let folded: String = name.split_whitespace().chain(value.split_whitespace()).collect();
            folded.contains(&typed)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paused(method: &str, url: &str, kind: &str, frame: &str) -> Value {
        json!({"request": {"method": method, "url": url}, "resourceType": kind, "frameId": frame, "networkId": url})
    }

    #[test]
    fn while_a_form_is_filled_only_what_reads_may_leave() {
        let traffic = Traffic::default();
        traffic.add_page("s", "page");
        let post = paused("POST", "https://a.example/autosave", "XHR", "page");
        assert!(traffic.lets(&post, "s"));
        traffic.set_gate(Gate::Reading { typed: "Do you  ship\nto Malta?".to_owned() });
        for refused in [
            post,
            paused("POST", "https://a.example/send", "Document", "frame"),
            paused("GET", "https://a.example/next", "Document", "page"),
            paused("GET", "https://a.example/save?m=Do+you+ship%0Ato+Malta%3F&x=1", "Fetch", "page"),
        ] {
            assert!(!traffic.lets(&refused, "s"), "{refused}");
        }
        for passed in [
            paused("GET", "https://a.example/check?email=a%40b.example", "Fetch", "page"),
            paused("OPTIONS", "https://a.example/api", "Preflight", "page"),
            paused("GET", "https://a.example/lazy", "Document", "frame"),
        ] {
            assert!(traffic.lets(&passed, "s"), "{passed}");
        }
        assert_eq!(traffic.since(0).iter().filter(|r| r.refused).count(), 4);
    }

    #[test]
    fn what_may_take_a_message_along_is_told_from_what_is_beside_it() {
        let message = "Do you ship\nto Malta, perch\u{e9} no?";
        let request = |method: &str, url: &str, kind: &str, body: Option<&str>| {
            let told = json!({"method": method, "url": url, "postData": body});
            let read = read(&told, kind, false, (String::new(), String::new()));
            (read.may_take(message), read.takes(message))
        };
        let folded = r#"{"m":"Do you ship\nto Malta, perch\u00e9 no?"}"#;
        for (method, url, kind, body, expected) in [
            ("POST", "https://a.example/send", "Fetch", Some(folded), (true, true)),
            ("POST", "https://a.example/send", "Ping", Some("m=Do+you+ship%0Ato+Malta%2C+perch%C3%A9"), (true, true)),
            ("POST", "https://a.example/send", "Ping", None, (true, false)),
            ("POST", "https://a.example/log", "Ping", Some("event=click"), (false, false)),
            ("POST", "https://a.example/log", "Fetch", Some("event=click"), (true, false)),
            (
                "GET",
                "https://a.example/save?m=Do%20you%20ship%0Ato%20Malta%2C%20perch%C3%A9",
                "Script",
                None,
                (true, true),
            ),
            ("GET", "https://a.example/picture.png", "Image", None, (false, false)),
            ("GET", "https://a.example/thanks", "Document", None, (true, false)),
        ] {
            assert_eq!(request(method, url, kind, body), expected, "{method} {url} {kind}");
        }
    }

    #[test]
    fn sockets_and_what_is_too_much_to_be_kept_are_never_taken_for_nothing() {
        let traffic = Traffic::default();
        traffic.note("Network.webSocketCreated", &json!({"requestId": "w"}), "s");
        traffic.note("Network.webSocketFrameSent", &json!({"requestId": "w"}), "s");
        assert_eq!(traffic.untold(), 2);
        for at in 0..=REQUESTS_MAX {
            let sent = json!({"requestId": at.to_string(), "type": "Fetch", "request": {"method": "POST", "url": "https://a.example/"}});
            traffic.note("Network.requestWillBeSent", &sent, "s");
        }
        assert_eq!((traffic.mark(), traffic.untold()), (REQUESTS_MAX, 3));
    }

    #[test]
    fn only_who_sends_says_yes_to_a_question_of_the_page() {
        let traffic = Traffic::default();
        let dialog = |kind: &str| json!({"type": kind, "message": "Really?"});
        assert!(traffic.asked(&dialog("confirm")) && traffic.asked(&dialog("beforeunload")));
        assert!(!traffic.asked(&dialog("prompt")));
        traffic.set_gate(Gate::Reading { typed: String::new() });
        assert!(!traffic.asked(&dialog("confirm")) && traffic.asked(&dialog("alert")));
        assert_eq!(traffic.dialogs().len(), 5);
    }

    #[test]
    fn a_redirected_request_is_two_and_each_has_its_answer() {
        let traffic = Traffic::default();
        traffic.add_page("s", "page");
        let sent = |method: &str, url: &str| json!({"requestId": "1", "type": "Document", "frameId": "page", "request": {"method": method, "url": url}});
        traffic.note("Network.requestWillBeSent", &sent("POST", "https://a.example/send"), "s");
        assert_eq!(traffic.pulse().0, 1);
        let mut next = sent("GET", "https://a.example/thanks");
        next["redirectResponse"] = json!({"status": 303, "mimeType": ""});
        traffic.note("Network.requestWillBeSent", &next, "s");
        let answer = json!({"requestId": "1", "response": {"status": 200, "mimeType": "text/html"}});
        traffic.note("Network.responseReceived", &answer, "s");
        traffic.note("Network.loadingFinished", &json!({"requestId": "1"}), "s");
        let seen = traffic.since(0);
        let seen: Vec<_> = seen.iter().map(|r| (r.method.as_str(), r.status, r.is_page)).collect();
        assert_eq!(seen, [("POST", Some(303), true), ("GET", Some(200), true)]);
        assert_eq!(traffic.pulse().0, 0);
    }
}
