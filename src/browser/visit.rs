//! One visit to a site: pages are loaded, read, typed into, clicked and looked at. Every step has a
//! time limit, and what the pages ask for and are answered is [kept](Request).

use super::running::{Running, steadily, within};
use super::socks::Door;
use super::traffic::Traffic;
use super::{BrowserError, Dialog, Gate, Request};
use crate::net::Dialer;
use base64::Engine;
use fantoccini::elements::{Element, ElementRef};
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OwnedMutexGuard;
use url::Url;

/// How the WebDriver standard marks an element in a script's result.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Between two looks at whether a page is quiet.
const TICK: Duration = Duration::from_millis(100);

/// Looks in a row that find it quiet.
const QUIET_TICKS: u32 = 4;

/// What changes with a page's content: cheap, and enough to see that something still happens.
const PULSE: &str = "const e = document.documentElement; \
    return e ? [document.readyState, location.href, e.getElementsByTagName('*').length, \
    (document.body ? document.body.innerText : '').length].join(' ') : '';";

type Held = OwnedMutexGuard<Option<Running>>;

/// The element around a shadow tree that takes a click on an element in it. Arguments: the element.
const HOST: &str = "const e = arguments[0], host = e.getRootNode().host; if (!host) return null; \
    const box = e.getBoundingClientRect(), root = host.getRootNode(); \
    const over = root.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2); \
    return over && (over === host || host.contains(over)) ? host : null;";

/// An element of a page.
#[derive(Debug, Clone)]
pub struct Node(Element);

/// A key that sends nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// Puts away what lies over a page.
    Escape,
    /// Deletes what is selected.
    Backspace,
}

/// A visit. Closed, it leaves nothing in the browser; dropped, the next visit clears up after it.
#[derive(Debug)]
pub struct Visit {
    held: Held,
    opened: Opened,
}

/// What belongs to one visit alone.
#[derive(Debug)]
pub(super) struct Opened {
    client: Client,
    context: String,
    traffic: Arc<Traffic>,
    window: String,
    /// How long a command may take.
    limit: Duration,
    _door: Door,
}

impl Visit {
    pub(super) fn new(held: Held, opened: Opened) -> Self {
        Self { held, opened }
    }

    pub(super) async fn open(held: &mut Held, dialer: Dialer, inside: bool) -> Result<Opened, BrowserError> {
        let Some(running) = held.as_mut() else { return Err(BrowserError::Gone("it was not started".to_owned())) };
        for left in std::mem::take(&mut running.open) {
            dispose(running, &left).await?;
        }
        let door = Door::open(dialer, inside).await.map_err(|e| BrowserError::Gone(e.to_string()))?;
        let created = json!({"disposeOnDetach": true, "proxyServer": door.proxy(), "proxyBypassList": "<-loopback>"});
        let created = running.tools.ask("Target.createBrowserContext", created, None).await?;
        let context = created["browserContextId"].as_str().unwrap_or_default().to_owned();
        running.begin(&context);
        let traffic = running.tools.watch(&context);
        let deny = json!({"behavior": "deny", "browserContextId": context});
        running.tools.ask("Browser.setDownloadBehavior", deny, None).await?;
        let page = json!({"url": "about:blank", "browserContextId": context});
        let page = running.tools.ask("Target.createTarget", page, None).await?;
        let window = page["targetId"].as_str().unwrap_or_default().to_owned();
        let client = running.client.clone();
        let limit = running.patience.command;
        let opened = Opened { client, context, traffic, window: window.clone(), limit, _door: door };
        within(limit, opened.client.switch_to_window(handle(&window)?)).await?;
        Ok(opened)
    }

    /// Loads a page.
    ///
    /// # Errors
    /// `Unreached` with Chromium's reason.
    pub async fn goto(&mut self, url: &Url) -> Result<(), BrowserError> {
        let done = steadily(self.opened.limit, || self.opened.client.goto(url.as_str())).await;
        self.checked(done)
    }

    /// The address of the page, or of the frame that was entered.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn url(&mut self) -> Result<Url, BrowserError> {
        let url = self.run("return document.URL", vec![]).await?;
        let url = url.as_str().unwrap_or_default();
        url.parse().map_err(|_| BrowserError::Refused(format!("the page's address is `{url}`")))
    }

    /// Runs the body of a function in the page.
    ///
    /// # Errors
    /// What the script throws.
    pub async fn run(&mut self, script: &str, arguments: Vec<Value>) -> Result<Value, BrowserError> {
        let done = steadily(self.opened.limit, || self.opened.client.execute(script, arguments.clone())).await;
        self.checked(done)
    }

    /// The element that a script gave.
    pub fn node(&self, value: &Value) -> Option<Node> {
        let id = value.get(ELEMENT)?.as_str()?;
        Some(Node(Element::from_element_id(self.opened.client.clone(), ElementRef::from(id.to_owned()))))
    }

    /// An element, for a script.
    pub fn argument(node: &Node) -> Value {
        json!({ELEMENT: &*node.0.element_id()})
    }

    /// The first element that fits a CSS selector, in the page or in the open shadow root of `within_node`.
    ///
    /// # Errors
    /// When there is none.
    pub async fn find(&mut self, css: &str, within_node: Option<&Node>) -> Result<Node, BrowserError> {
        let search = Locator::Css(css);
        let done = match within_node {
            None => within(self.opened.limit, self.opened.client.find(search)).await,
            Some(host) => match within(self.opened.limit, host.0.shadow_root()).await {
                Ok(root) => within(self.opened.limit, root.find(search)).await,
                Err(e) => Err(e),
            },
        };
        let found = self.checked(done);
        found.map(Node).map_err(|e| match e {
            BrowserError::Refused(_) => BrowserError::Refused(format!("nothing on the page fits `{css}`")),
            other => other,
        })
    }

    /// Clicks an element as a person would: it must be seen, and nothing may lie over it.
    ///
    /// # Errors
    /// [`BrowserError::Refused`] only where it was not clicked; [`BrowserError::Unseen`] where it may have been.
    pub async fn click(&mut self, node: &Node) -> Result<(), BrowserError> {
        let done = self.click_once(node).await;
        // The words on a button of a shadow tree stand outside of it, and the driver takes them for another element.
        if let Err(BrowserError::Refused(why)) = &done
            && why.contains("click intercepted")
        {
            let host = self.run(HOST, vec![Self::argument(node)]).await?;
            if let Some(host) = self.node(&host) {
                return self.click_once(&host).await;
            }
        }
        done
    }

    async fn click_once(&mut self, node: &Node) -> Result<(), BrowserError> {
        let done = within(self.opened.limit, async { node.0.click().await.map_err(Unclicked) }).await;
        self.checked(done)
    }

    /// Types keys into an element. Nothing that would be a key of its own is typed: no Enter, no Tab.
    ///
    /// # Errors
    /// When it takes no keys.
    pub async fn type_keys(&mut self, node: &Node, text: &str) -> Result<(), BrowserError> {
        let keys: String = text.chars().filter(|c| !c.is_control() && !('\u{e000}'..='\u{f8ff}').contains(c)).collect();
        let done = within(self.opened.limit, node.0.send_keys(&keys)).await;
        self.checked(done)
    }

    /// Gives a file of that name to an element that takes one. The page sees a copy, which goes with the browser.
    ///
    /// # Errors
    /// When it takes none.
    pub async fn give_file(&mut self, node: &Node, name: &OsStr, bytes: &[u8]) -> Result<(), BrowserError> {
        let running = self.held.as_ref().ok_or_else(not_running)?;
        let kept = running.keep_file(name, bytes);
        let path = kept.map_err(|e| BrowserError::Gone(format!("a file for the page cannot be written: {e}")))?;
        let done = within(self.opened.limit, node.0.send_keys(&path.to_string_lossy())).await;
        self.checked(done)
    }

    /// Empties an element.
    ///
    /// # Errors
    /// When it cannot be emptied.
    pub async fn clear(&mut self, node: &Node) -> Result<(), BrowserError> {
        let done = within(self.opened.limit, node.0.clear()).await;
        self.checked(done)
    }

    /// Writes text, line breaks included, into what has the focus, as an input method does: the page
    /// hears of it as of typing, and no Enter is pressed.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn insert(&mut self, text: &str) -> Result<(), BrowserError> {
        let session = self.opened.traffic.session_of(&self.opened.window);
        let running = self.held.as_ref().ok_or_else(not_running)?;
        let done = running.tools.ask("Input.insertText", json!({"text": text}), session.as_deref()).await;
        self.checked(done.map(drop))
    }

    /// Presses a key that sends nothing, in what has the focus.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn press(&mut self, key: Key) -> Result<(), BrowserError> {
        let (name, code) = match key {
            Key::Escape => ("Escape", 27),
            Key::Backspace => ("Backspace", 8),
        };
        let session = self.opened.traffic.session_of(&self.opened.window);
        let running = self.held.as_ref().ok_or_else(not_running)?;
        let mut done = Ok(());
        for kind in ["rawKeyDown", "keyUp"] {
            let key = json!({"type": kind, "key": name, "code": name, "windowsVirtualKeyCode": code});
            let told = running.tools.ask("Input.dispatchKeyEvent", key, session.as_deref()).await;
            done = done.and(told.map(drop));
        }
        self.checked(done)
    }

    /// Chooses an option of a list by its value.
    ///
    /// # Errors
    /// When it has no such option.
    pub async fn choose(&mut self, node: &Node, value: &str) -> Result<(), BrowserError> {
        let done = within(self.opened.limit, node.0.select_by_value(value)).await;
        self.checked(done)
    }

    /// Enters a frame.
    ///
    /// # Errors
    /// When the element is no frame.
    pub async fn enter(&mut self, frame: &Node) -> Result<(), BrowserError> {
        let done = within(self.opened.limit, frame.0.clone().enter_frame()).await;
        self.checked(done)
    }

    /// Goes back to the page itself, out of all frames.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn top(&mut self) -> Result<(), BrowserError> {
        let window = handle(&self.opened.window)?;
        let done = steadily(self.opened.limit, || self.opened.client.switch_to_window(window.clone())).await;
        self.checked(done)
    }

    /// Goes to the page that was opened last, where the visit has opened one beside its first.
    ///
    /// # Errors
    /// When the browser is gone.
    pub async fn follow_window(&mut self) -> Result<bool, BrowserError> {
        let running = self.held.as_ref().ok_or_else(not_running)?;
        let targets = running.tools.ask("Target.getTargets", json!({}), None).await?;
        let ours = targets["targetInfos"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|t| t["type"] == "page" && t["browserContextId"] == self.opened.context.as_str());
        let pages: Vec<String> = ours.filter_map(|t| t["targetId"].as_str().map(str::to_owned)).collect();
        // The newest stands first; where ours was closed, any is better than none.
        let Some(other) = pages.iter().find(|id| **id != self.opened.window) else { return Ok(false) };
        self.opened.window.clone_from(other);
        self.top().await?;
        Ok(true)
    }

    /// A picture of what is to be seen, as PNG.
    ///
    /// # Errors
    /// When the page is gone.
    pub async fn screenshot(&mut self) -> Result<Vec<u8>, BrowserError> {
        let done = steadily(self.opened.limit, || self.opened.client.screenshot()).await;
        self.checked(done)
    }

    /// The page on paper, as PDF: sheets, margins and page numbers as its own style says. At most `limit`.
    ///
    /// # Errors
    /// When the page is gone, or takes longer.
    pub async fn print(&mut self, limit: Duration) -> Result<Vec<u8>, BrowserError> {
        let session = self.opened.traffic.session_of(&self.opened.window);
        let running = self.held.as_ref().ok_or_else(not_running)?;
        let options = json!({"preferCSSPageSize": true, "printBackground": true, "generateTaggedPDF": true,
            "generateDocumentOutline": true});
        let done = running.tools.ask_within(limit, "Page.printToPDF", options, session.as_deref()).await;
        let printed = self.checked(done)?;
        let data = base64::engine::general_purpose::STANDARD.decode(printed["data"].as_str().unwrap_or_default());
        data.map_err(|_| BrowserError::Refused("the browser printed nothing that can be read".to_owned()))
    }

    /// Waits until nothing happens any more: no request waits for its answer and the page stays as it
    /// is. At most `limit`; gives whether it became quiet.
    ///
    /// # Errors
    /// When the page or the browser is gone.
    pub async fn settle(&mut self, limit: Duration) -> Result<bool, BrowserError> {
        let ticks = u32::try_from(limit.as_millis() / TICK.as_millis()).unwrap_or(u32::MAX);
        let (mut quiet, mut before) = (0, None);
        for _ in 0..ticks {
            tokio::time::sleep(TICK).await;
            let (waiting, happened) = self.opened.traffic.pulse();
            let page = match self.run(PULSE, vec![]).await {
                Ok(page) => page,
                // Between two pages there is none to ask.
                Err(BrowserError::Refused(_)) => Value::Null,
                Err(e) => return Err(e),
            };
            let is_loaded = page.as_str().is_some_and(|p| p.starts_with("complete") || p.starts_with("interactive"));
            let now = Some((happened, page));
            quiet = if is_loaded && waiting == 0 && now == before { quiet + 1 } else { 0 };
            before = now;
            if quiet >= QUIET_TICKS {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Says what may leave from now on.
    pub fn set_gate(&self, gate: Gate) {
        self.opened.traffic.set_gate(gate);
    }

    /// How many requests were made so far.
    pub fn mark(&self) -> usize {
        self.opened.traffic.mark()
    }

    /// The requests from a mark on.
    pub fn since(&self, mark: usize) -> Vec<Request> {
        self.opened.traffic.since(mark)
    }

    /// A number that changes with all that leaves and is not among the requests: what sockets take, and what is too
    /// much to be kept.
    pub fn untold(&self) -> u64 {
        self.opened.traffic.untold()
    }

    /// The dialogs so far; each was answered.
    pub fn dialogs(&self) -> Vec<Dialog> {
        self.opened.traffic.dialogs()
    }

    /// The body of an answer as text, while the browser still has it.
    pub async fn body_of(&self, request: &Request) -> Option<String> {
        let (id, session) = &request.id;
        let running = self.held.as_ref()?;
        let params = json!({"requestId": id});
        let got = running.tools.ask("Network.getResponseBody", params, Some(session)).await.ok()?;
        (got["base64Encoded"] == false).then(|| got["body"].as_str().map(str::to_owned))?
    }

    /// Ends the visit: its pages, cookies and connections are gone.
    pub async fn close(mut self) {
        let context = self.opened.context.clone();
        if let Some(running) = self.held.as_mut() {
            running.end(&context);
            if !running.broken && dispose(running, &context).await.is_err() {
                running.broken = true;
            }
        }
    }

    /// Notes what a failure means for the browser.
    fn checked<T>(&mut self, done: Result<T, BrowserError>) -> Result<T, BrowserError> {
        let crashed = self.opened.traffic.has_crashed();
        done.map_err(|e| {
            let e = if crashed { BrowserError::Crashed } else { e };
            if let Some(running) = self.held.as_mut() {
                // Whatever hangs may hang for ever.
                running.broken |=
                    e.is_ours() || matches!(e, BrowserError::Late(_) | BrowserError::Hangs | BrowserError::Crashed);
            }
            e
        })
    }
}

async fn dispose(running: &Running, context: &str) -> Result<(), BrowserError> {
    running.tools.forget(context);
    // The driver must not stand in a window that goes.
    let parameters = json!({"browserContextId": context});
    running.tools.ask("Target.disposeBrowserContext", parameters, None).await.map(drop)
}

fn not_running() -> BrowserError {
    BrowserError::Gone("it is not running".to_owned())
}

fn handle(window: &str) -> Result<WindowHandle, BrowserError> {
    WindowHandle::try_from(window.to_owned()).map_err(|_| BrowserError::Gone("a window without a name".to_owned()))
}

/// Why a click gave an error. What the driver has a name for, it did not do: something lies over it, it is gone, it cannot
/// be seen (WebDriver, 12.5.1). Any other error may have come after the click, while it waited for the next page.
struct Unclicked(CmdError);

impl From<Unclicked> for BrowserError {
    fn from(Unclicked(error): Unclicked) -> Self {
        let has_no_name = matches!(&error, CmdError::Standard(told) if told.error == ErrorStatus::UnknownError);
        match Self::from(error) {
            Self::Refused(why) if has_no_name => Self::Unseen(why),
            other => other,
        }
    }
}

impl From<CmdError> for BrowserError {
    fn from(error: CmdError) -> Self {
        let CmdError::Standard(told) = &error else {
            return match error {
                CmdError::Failed(_) | CmdError::FailedC(_) | CmdError::Lost(_) => {
                    Self::Gone(format!("its driver is gone: {error}"))
                }
                other => Self::Refused(other.to_string()),
            };
        };
        let line = told.message.lines().next().unwrap_or_default().to_owned();
        if told.message.contains("tab crashed") || told.message.contains("page crash") {
            return Self::Crashed;
        }
        if let Some((_, reason)) = line.split_once("net::ERR_") {
            return Self::Unreached(format!("ERR_{reason}"));
        }
        match told.error {
            ErrorStatus::InvalidSessionId | ErrorStatus::SessionNotCreated => Self::Gone(line),
            ErrorStatus::Timeout => Self::Slow,
            ErrorStatus::ScriptTimeout => Self::Hangs,
            _ if line.contains("chrome not reachable") || line.contains("disconnected") => Self::Gone(line),
            _ => Self::Refused(line),
        }
    }
}
