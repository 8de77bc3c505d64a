//! One started browser: its driver, its processes, and the session that commands go through.

use super::devtools::DevTools;
use super::process::Supervised;
use super::program::Programs;
use super::{BrowserError, Patience};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Time limit for a browser to come up.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// How often a command is tried again while a dialog is on its way out.
const DIALOG_LOOKS: u32 = 20;

/// What the driver says of a dialog that was answered before it came to it.
const DIALOG_GONE: [&str; 2] = ["unexpected alert open", "No dialog is showing"];

const DIALOG_TICK: Duration = Duration::from_millis(100);

/// Visits after which a browser is replaced: what pages leak ends with it.
const VISITS_MAX: u32 = 25;

/// Bytes of memory beyond which it is replaced.
const MEMORY_BYTES_MAX: u64 = 1_200 << 20;

/// What every browser of ours is told. No way out but the doors of its visits: the proxy named here
/// does not exist, and no name is resolved in the browser.
const FLAGS: [&str; 19] = [
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-breakpad",
    "--dns-prefetch-disable",
    "--mute-audio",
    "--window-size=1280,1600",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    "--proxy-server=socks5://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--disable-features=Translate,MediaRouter,OptimizationHints,AutofillServerCommunication",
];

/// A browser that runs.
#[derive(Debug)]
pub(super) struct Running {
    process: Supervised,
    pub(super) client: Client,
    pub(super) tools: DevTools,
    /// Contexts of visits that were not closed.
    pub(super) open: Vec<String>,
    served: u32,
    /// Whether it failed and is not to be used any more.
    pub(super) broken: bool,
    memory_peak_bytes: u64,
    pub(super) patience: Patience,
}

impl Running {
    pub(super) async fn start(programs: &Programs, language: &str, patience: Patience) -> Result<Self, BrowserError> {
        let process = Supervised::start(programs).await?;
        let capabilities = capabilities(programs, &process, language, patience);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.as_object().cloned().unwrap_or_default());
        let address = format!("http://127.0.0.1:{}", process.port);
        let connect = tokio::time::timeout(START_TIMEOUT, builder.connect(&address));
        let client = connect.await.map_err(|_| BrowserError::Late(START_TIMEOUT))?;
        let client = client.map_err(|e| BrowserError::Gone(format!("it did not start: {e}")))?;
        let tools = DevTools::connect(&process.profile()).await?;
        Ok(Self { process, client, tools, open: Vec::new(), served: 0, broken: false, memory_peak_bytes: 0, patience })
    }

    /// Keeps a file for pages to take, by its own name, as long as the browser runs.
    pub(super) fn keep_file(&self, name: &OsStr, bytes: &[u8]) -> io::Result<PathBuf> {
        let folder = self.process.folder().join("files").join(&hex::encode(Sha256::digest(bytes))[..16]);
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(name);
        std::fs::write(&path, bytes)?;
        Ok(path)
    }

    /// Counts a visit that begins.
    pub(super) fn begin(&mut self, context: &str) {
        self.open.push(context.to_owned());
        self.served += 1;
    }

    /// Notes that a visit ended, and what memory is used then.
    pub(super) fn end(&mut self, context: &str) {
        self.open.retain(|c| c != context);
        self.memory_peak_bytes = self.memory_peak_bytes.max(self.process.memory_bytes().unwrap_or(0));
    }

    /// Whether the next visit needs a new one.
    pub(super) fn is_worn(&self) -> bool {
        self.broken || self.served >= VISITS_MAX || self.memory_peak_bytes > MEMORY_BYTES_MAX
    }

    /// Ends the session, then all processes.
    pub(super) async fn stop(self) {
        let Self { process, client, tools, .. } = self;
        drop(tools);
        // Politely first: a browser that is killed may leave files behind.
        let _ = tokio::time::timeout(Duration::from_secs(5), client.close()).await;
        process.stop().await;
    }
}

/// Waits for a command's end, but not for ever.
pub(super) async fn within<T, E: Into<BrowserError>>(
    limit: Duration,
    command: impl Future<Output = Result<T, E>>,
) -> Result<T, BrowserError> {
    let ended = tokio::time::timeout(limit, command).await;
    ended.map_err(|_| BrowserError::Late(limit))?.map_err(Into::into)
}

/// The same, again while the driver still believes that a dialog is open: it does nothing else until then.
pub(super) async fn steadily<T, E: Into<BrowserError>, F: Future<Output = Result<T, E>>>(
    limit: Duration,
    command: impl Fn() -> F,
) -> Result<T, BrowserError> {
    for _ in 0..DIALOG_LOOKS {
        match within(limit, command()).await {
            Err(BrowserError::Refused(why)) if DIALOG_GONE.iter().any(|words| why.contains(words)) => {
                tokio::time::sleep(DIALOG_TICK).await;
            }
            other => return other,
        }
    }
    within(limit, command()).await
}

fn capabilities(programs: &Programs, process: &Supervised, language: &str, patience: Patience) -> Value {
    let version = programs.major;
    let mut flags: Vec<String> = FLAGS.iter().map(|&flag| flag.to_owned()).collect();
    flags.push(format!("--user-data-dir={}", process.profile().display()));
    flags.push(format!("--accept-lang={language},en"));
    // Pages for people are made for browsers that people use, as in plain HTTP.
    flags.push(format!(
        "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/{version}.0.0.0 Safari/537.36"
    ));
    if rustix::process::geteuid().is_root() {
        // Chromium's sandbox refuses to work for root.
        flags.push("--no-sandbox".to_owned());
    }
    json!({
        "browserName": "chrome",
        // A picture that does not come must not hold up the form: what is waited for is quiet.
        "pageLoadStrategy": "eager",
        // Dialogs are answered over DevTools at once: two who answer would be in each other's way.
        "unhandledPromptBehavior": "ignore",
        "timeouts": {"implicit": 0, "pageLoad": patience.load.as_millis(), "script": patience.script.as_millis()},
        "goog:chromeOptions": {"binary": programs.browser, "args": flags},
    })
}
