//! How are the browser's network layer, its dialogs and its crashes seen? Over its DevTools protocol,
//! beside the driver: one task reads what it tells, and answers at once where the browser waits.

use super::BrowserError;
use super::traffic::Traffic;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Time limit for an answer of the browser.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);

/// Most bytes of one message: bodies of answers and screenshots come in one.
const MESSAGE_BYTES_MAX: usize = 64 << 20;

/// Most bytes of a request's body that are told.
const POST_BYTES_MAX: usize = 256 << 10;

type Answered = Result<Value, String>;

/// Visits by the browser context that they happen in.
type Visits = Arc<Mutex<HashMap<String, Arc<Traffic>>>>;

/// A connection to the browser.
#[derive(Debug)]
pub(super) struct DevTools {
    asks: mpsc::Sender<Ask>,
    visits: Visits,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct Ask {
    method: &'static str,
    params: Value,
    session: Option<String>,
    answer: oneshot::Sender<Answered>,
}

impl DevTools {
    /// Connects to the browser of that profile.
    pub(super) async fn connect(profile: &Path) -> Result<Self, BrowserError> {
        let gone = |e: &dyn std::fmt::Display| BrowserError::Gone(format!("it is not to be watched: {e}"));
        // "44075\n/devtools/browser/8f3486b1-…", written by the browser.
        let file = std::fs::read_to_string(profile.join("DevToolsActivePort")).map_err(|e| gone(&e))?;
        let (port, path) = file.trim().split_once('\n').ok_or_else(|| gone(&"its port is not known"))?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(MESSAGE_BYTES_MAX))
            .max_frame_size(Some(MESSAGE_BYTES_MAX));
        let connect = async {
            let stream = TcpStream::connect(format!("127.0.0.1:{}", port.trim())).await.map_err(|e| gone(&e))?;
            let url = format!("ws://127.0.0.1:{}{}", port.trim(), path.trim());
            let opened = tokio_tungstenite::client_async_with_config(url, stream, Some(config)).await;
            opened.map(|(socket, _)| socket).map_err(|e| gone(&e))
        };
        let socket = tokio::time::timeout(ANSWER_TIMEOUT, connect).await;
        let socket = socket.map_err(|_| BrowserError::Late(ANSWER_TIMEOUT))??;
        let visits = Visits::default();
        let (asks, asked) = mpsc::channel(64);
        let watcher =
            Watcher { socket, visits: visits.clone(), sessions: HashMap::new(), waiting: HashMap::new(), last: 0 };
        let task = tokio::spawn(watcher.run(asked));
        let tools = Self { asks, visits, task };
        tools.ask("Target.setAutoAttach", attach(&json!([{"type": "page"}])), None).await?;
        Ok(tools)
    }

    /// Asks the browser, or one of its pages, for something.
    pub(super) async fn ask(
        &self,
        method: &'static str,
        params: Value,
        session: Option<&str>,
    ) -> Result<Value, BrowserError> {
        self.ask_within(ANSWER_TIMEOUT, method, params, session).await
    }

    /// The same, for what takes longer.
    pub(super) async fn ask_within(
        &self,
        limit: Duration,
        method: &'static str,
        params: Value,
        session: Option<&str>,
    ) -> Result<Value, BrowserError> {
        let (answer, answered) = oneshot::channel();
        let ask = Ask { method, params, session: session.map(str::to_owned), answer };
        let gone = || BrowserError::Gone("its connection ended".to_owned());
        let wait = async {
            self.asks.send(ask).await.map_err(|_| gone())?;
            answered.await.map_err(|_| gone())?.map_err(|why| BrowserError::Refused(format!("{method}: {why}")))
        };
        tokio::time::timeout(limit, wait).await.map_err(|_| BrowserError::Late(limit))?
    }

    /// Watches what happens in a browser context.
    pub(super) fn watch(&self, context: &str) -> Arc<Traffic> {
        let traffic = Arc::new(Traffic::default());
        self.visits().insert(context.to_owned(), traffic.clone());
        traffic
    }

    /// Watches it no more.
    pub(super) fn forget(&self, context: &str) {
        self.visits().remove(context);
    }

    fn visits(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Traffic>>> {
        self.visits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for DevTools {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Which related targets are told of, each halted until it is watched.
fn attach(filter: &Value) -> Value {
    json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true, "filter": filter})
}

struct Watcher {
    socket: WebSocketStream<TcpStream>,
    visits: Visits,
    /// The visit that a session belongs to.
    sessions: HashMap<String, Arc<Traffic>>,
    waiting: HashMap<u64, oneshot::Sender<Answered>>,
    last: u64,
}

impl Watcher {
    async fn run(mut self, mut asked: mpsc::Receiver<Ask>) {
        loop {
            let gone = tokio::select! {
                told = self.socket.next() => match told {
                    Some(Ok(Message::Text(text))) => self.told(text.as_str()).await,
                    Some(Ok(_)) => Ok(()),
                    Some(Err(_)) | None => Err(()),
                },
                ask = asked.recv() => match ask {
                    Some(Ask { method, params, session, answer }) => {
                        let sent = self.send(method, params, session.as_deref()).await;
                        sent.map(|id| drop(self.waiting.insert(id, answer)))
                    }
                    None => Err(()),
                },
            };
            if gone.is_err() {
                return;
            }
        }
    }

    async fn send(&mut self, method: &str, params: Value, session: Option<&str>) -> Result<u64, ()> {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": params});
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        self.socket.send(Message::text(message.to_string())).await.map(|()| self.last).map_err(|_| ())
    }

    async fn told(&mut self, text: &str) -> Result<(), ()> {
        let Ok(mut told) = serde_json::from_str::<Value>(text) else { return Ok(()) };
        if let Some(id) = told["id"].as_u64() {
            if let Some(answer) = self.waiting.remove(&id) {
                let error = told["error"]["message"].as_str().map(str::to_owned);
                let _ = answer.send(error.map_or_else(|| Ok(told["result"].take()), Err));
            }
            return Ok(());
        }
        let session = told["sessionId"].as_str().unwrap_or_default().to_owned();
        let (method, params) = (told["method"].as_str().unwrap_or_default().to_owned(), told["params"].take());
        if method == "Target.attachedToTarget" {
            return self.attached(&params, &session).await;
        }
        let Some(traffic) = self.sessions.get(&session).cloned() else { return Ok(()) };
        match method.as_str() {
            "Fetch.requestPaused" => {
                let id = &params["requestId"];
                let (answer, params) = if traffic.lets(&params, &session) {
                    ("Fetch.continueRequest", json!({"requestId": id}))
                } else {
                    ("Fetch.failRequest", json!({"requestId": id, "errorReason": "BlockedByClient"}))
                };
                self.send(answer, params, Some(&session)).await?;
            }
            "Page.javascriptDialogOpening" => {
                let accept = json!({"accept": traffic.asked(&params)});
                self.send("Page.handleJavaScriptDialog", accept, Some(&session)).await?;
            }
            "Inspector.targetCrashed" => traffic.crash(),
            "Target.detachedFromTarget" => {
                self.sessions.remove(params["sessionId"].as_str().unwrap_or_default());
            }
            network => traffic.note(network, &params, &session),
        }
        Ok(())
    }

    /// A page, frame or worker came up: it is watched before it does anything.
    async fn attached(&mut self, params: &Value, parent: &str) -> Result<(), ()> {
        let target = &params["targetInfo"];
        let (session, kind) = (params["sessionId"].as_str().unwrap_or_default(), target["type"].as_str());
        let context = target["browserContextId"].as_str().unwrap_or_default();
        let by_context = self.visits.lock().unwrap_or_else(PoisonError::into_inner).get(context).cloned();
        if let Some(traffic) = self.sessions.get(parent).cloned().or(by_context) {
            if kind == Some("page") {
                traffic.add_page(session, target["targetId"].as_str().unwrap_or_default());
            }
            self.sessions.insert(session.to_owned(), traffic);
            for (method, params) in [
                ("Network.enable", json!({"maxPostDataSize": POST_BYTES_MAX})),
                ("Network.setBypassServiceWorker", json!({"bypass": true})),
                ("Fetch.enable", json!({})),
                ("Page.enable", json!({})),
                ("Inspector.enable", json!({})),
                (
                    "Target.setAutoAttach",
                    attach(&json!([{"type": "browser", "exclude": true}, {"type": "tab", "exclude": true}, {}])),
                ),
            ] {
                self.send(method, params, Some(session)).await?;
            }
        }
        self.send("Runtime.runIfWaitingForDebugger", json!({}), Some(session)).await.map(drop)
    }
}
