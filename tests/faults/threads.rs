//! An instance whose API misbehaves while our account on it is watched; then it behaves again, and every
//! reply must be there.

use risposta::clock::Clock;
use risposta::model::study::{MastodonAccount, SecretSource};
use risposta::net::{Dialer, install_tls_provider};
use risposta::sources::mastodon::{MastodonSource, Threads};
use risposta::sources::{Source, SourceError, Trouble};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A look that must end by its own time limit has this one; all others, and a whole cell, the other.
const SHORT: Duration = Duration::from_millis(500);
const LONG: Duration = Duration::from_mins(1);

/// How the instance misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Hangs up without an answer.
    Drop,
    /// Says nothing.
    Hang,
    /// This status line with these headers, and no body.
    Says(&'static str),
    /// A body that is no JSON.
    NoJson,
    /// JSON of another shape.
    OtherJson,
    /// Half of the body, then hangs up.
    Half,
    /// Half of the body, then nothing.
    HalfAndHang,
    /// Headers, a byte at a time.
    SlowHeaders,
    /// A body without end.
    Endless,
}

use Fault::{Drop, Endless, Half, HalfAndHang, Hang, NoJson, OtherJson, Says, SlowHeaders};

const FAULTS: [(Fault, &[Trouble]); 17] = [
    (Drop, &[Trouble::Lost]),
    (Hang, &[Trouble::Silent]),
    (Says("HTTP/1.1 301 Moved\r\nLocation: /elsewhere"), &[Trouble::Refused]),
    (Says("HTTP/1.1 400 Bad Request"), &[Trouble::Refused]),
    (Says("HTTP/1.1 401 Unauthorized"), &[Trouble::LoginRefused]),
    (Says("HTTP/1.1 403 Forbidden"), &[Trouble::LoginRefused]),
    (Says("HTTP/1.1 418 No"), &[Trouble::Refused]),
    (Says("HTTP/1.1 500 Oh"), &[Trouble::Unavailable]),
    (Says("HTTP/1.1 503 Busy"), &[Trouble::Unavailable]),
    (Says("HTTP/1.1 204 Nothing"), &[Trouble::Refused]),
    (NoJson, &[Trouble::Garbled]),
    (OtherJson, &[Trouble::Garbled]),
    (Half, &[Trouble::Lost]),
    (HalfAndHang, &[Trouble::Silent]),
    (SlowHeaders, &[Trouble::Silent]),
    (Endless, &[Trouble::Garbled]),
    (Says("what is this"), &[Trouble::Lost]),
];

/// Parts of the API that a look asks for.
const PARTS: [&str; 4] = ["/notifications", "/verify_credentials", "/accounts/1/statuses", "/context"];

#[derive(Default)]
struct State {
    /// Where and how it misbehaves.
    fault: Option<(&'static str, Fault)>,
    /// Whether somebody has replied below our post, and mentioned us.
    replied: bool,
    asked: Vec<String>,
}

#[derive(Clone, Default)]
struct Instance(Arc<Mutex<State>>);

impl Instance {
    async fn start() -> (Self, MastodonAccount) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let account = MastodonAccount {
            id: "sociale".parse().unwrap(),
            instance: format!("http://{}", listener.local_addr().unwrap()).parse().unwrap(),
            token: SecretSource::Env("UNUSED".to_owned()),
        };
        let instance = Self::default();
        let serving = instance.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(stream));
            }
        });
        (instance, account)
    }

    /// One request a connection; `None` where the line is gone.
    async fn serve(self, stream: TcpStream) -> Option<()> {
        let mut lines = BufReader::new(stream);
        let mut request = String::new();
        while !request.ends_with("\r\n\r\n") {
            if lines.read_line(&mut request).await.ok()? == 0 {
                return None;
            }
        }
        let path = request.split(' ').nth(1)?.to_owned();
        let (fault, body) = {
            let mut state = self.0.lock().unwrap();
            state.asked.push(path.clone());
            let part = path.split('?').next()?;
            (state.fault.filter(|(at, _)| part.ends_with(at)).map(|(_, fault)| fault), answer(&path, state.replied))
        };
        let head = |length: usize| {
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            )
        };
        let good = head(body.len()) + &body;
        let mut line = lines.into_inner();
        match fault {
            None => line.write_all(good.as_bytes()).await.ok()?,
            Some(Drop) => {}
            Some(Hang) => std::future::pending().await,
            Some(Says(head)) => {
                let text = format!("{head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                line.write_all(text.as_bytes()).await.ok()?;
            }
            Some(NoJson) => line.write_all((head(15) + "<html>oh</html>").as_bytes()).await.ok()?,
            Some(OtherJson) => line.write_all((head(13) + "{\"error\":\"?\"}").as_bytes()).await.ok()?,
            Some(Half) => line.write_all((head(body.len() + 9) + &body).as_bytes()).await.ok()?,
            Some(HalfAndHang) => {
                line.write_all((head(body.len() + 9) + &body).as_bytes()).await.ok()?;
                std::future::pending::<()>().await;
            }
            Some(SlowHeaders) => {
                for byte in good.bytes() {
                    line.write_all(&[byte]).await.ok()?;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            Some(Endless) => {
                line.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[").await.ok()?;
                let piece = vec![b' '; 1 << 16];
                loop {
                    line.write_all(&piece).await.ok()?;
                }
            }
        }
        line.shutdown().await.ok()
    }
}

/// What a good instance answers: our account is 1, our post 100; 101 replies and mentions us, 102 replies only.
fn answer(path: &str, replied: bool) -> String {
    let status = |id: u32| {
        format!(
            "{{\"id\":\"{id}\",\"created_at\":\"2026-03-02T10:00:00Z\",\"account\":{{\"id\":\"2\",\"acct\":\"alfa@b.example\"}}}}"
        )
    };
    let part = path.split('?').next().unwrap_or_default();
    if part.ends_with("/verify_credentials") {
        return "{\"id\":\"1\",\"acct\":\"enrico\"}".to_owned();
    }
    if part.ends_with("/accounts/1/statuses") {
        let count = if replied { 2 } else { 0 };
        let more = path.contains("max_id");
        return if more { "[]".to_owned() } else { format!("[{{\"id\":\"100\",\"replies_count\":{count}}}]") };
    }
    if part.ends_with("/context") {
        let below = if replied { format!("{},{}", status(101), status(102)) } else { String::new() };
        return format!("{{\"ancestors\":[],\"descendants\":[{below}]}}");
    }
    if replied && path.contains("min_id=0") {
        return format!("[{{\"id\":\"7\",\"created_at\":\"2026-03-02T10:00:01Z\",\"status\":{}}}]", status(101));
    }
    "[]".to_owned()
}

type Told<T = ()> = Result<T, String>;

fn check(holds: bool, words: impl FnOnce() -> String) -> Told {
    if holds { Ok(()) } else { Err(words()) }
}

fn source(account: &MastodonAccount, limit: Duration) -> MastodonSource {
    let threads = Threads::default();
    threads.watch("100");
    MastodonSource::new(account, "geheim".to_owned().into(), threads, Dialer::World).with_limit(limit)
}

/// Reads to the end: what was found, and the cursor.
async fn read(source: &mut MastodonSource, mut cursor: Option<String>) -> Result<(Vec<String>, String), SourceError> {
    let mut found = Vec::new();
    loop {
        let batch = source.fetch(cursor.as_deref()).await?;
        found.extend(batch.messages.into_iter().map(|m| m.locator));
        if !batch.more {
            return Ok((found, batch.cursor));
        }
        cursor = Some(batch.cursor);
    }
}

async fn cell(part: &'static str, fault: Fault, expected: &[Trouble]) -> Told {
    let (instance, account) = Instance::start().await;
    let words = |e: SourceError| format!("{e:?}");
    let (found, cursor) = read(&mut source(&account, LONG), None).await.map_err(words)?;
    check(found.is_empty(), || format!("{found:?}"))?;
    {
        let mut state = instance.0.lock().unwrap();
        (state.replied, state.fault) = (true, Some((part, fault)));
    }
    let by_time = expected == [Trouble::Silent];
    let mut failing = source(&account, if by_time { SHORT } else { LONG });
    let looked = tokio::time::timeout(LONG, read(&mut failing, Some(cursor.clone()))).await;
    let error = match looked.map_err(|_| "the look had no end".to_owned())? {
        Ok(covered) => return Err(format!("covered: {covered:?}")),
        Err(error) => error,
    };
    check(expected.contains(&error.trouble), || format!("{error:?} instead of {expected:?}"))?;
    check(!format!("{error:?}").contains("geheim"), || format!("the token shows: {error:?}"))?;
    check(error.help.len() > 20, || format!("no help: {error:?}"))?;
    instance.0.lock().unwrap().fault = None;
    // The same process goes on, and a new one.
    for source in [&mut failing.with_limit(LONG), &mut source(&account, LONG)] {
        let (found, _) = read(source, Some(cursor.clone())).await.map_err(words)?;
        let distinct: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        check(distinct == BTreeSet::from(["101", "102"]), || format!("{found:?}"))?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_part_of_the_api_in_every_way() {
    install_tls_provider();
    let mut failed = Vec::new();
    let mut count = 0;
    for part in PARTS {
        for (fault, expected) in FAULTS {
            count += 1;
            if let Err(why) = cell(part, fault, expected).await {
                failed.push(format!("{part} {fault:?}: {why}"));
            }
        }
    }
    println!(
        "faults threads: {count} cells, {} parts of the API, {} failed; after each, both replies",
        PARTS.len(),
        failed.len()
    );
    assert!(failed.is_empty(), "{} of {count} cells:\n{}", failed.len(), failed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_rest_until_the_instance_said_and_what_is_gone_is_no_failure() {
    install_tls_provider();
    let (instance, account) = Instance::start().await;
    let (_, cursor) = read(&mut source(&account, LONG), None).await.unwrap();
    let limited =
        "HTTP/1.1 429 Too Many\r\nDate: Mon, 02 Mar 2026 09:00:00 GMT\r\nX-RateLimit-Reset: 2026-03-02T09:04:00Z";
    instance.0.lock().unwrap().fault = Some(("/notifications", Says(limited)));
    let before = Clock::System.now();
    let error = read(&mut source(&account, LONG), Some(cursor.clone())).await.unwrap_err();
    let Trouble::RateLimited { until } = error.trouble else { panic!("{error:?}") };
    let wait = (until - before).num_seconds();
    // Clocks here count whole seconds.
    assert!((239..300).contains(&wait), "{wait} s");

    // A post of ours that was deleted has no thread; an instance without notifications is not silent.
    {
        let mut state = instance.0.lock().unwrap();
        (state.replied, state.fault) = (true, Some(("/context", Says("HTTP/1.1 404 Gone"))));
    }
    let (found, _) = read(&mut source(&account, LONG), Some(cursor.clone())).await.unwrap();
    assert_eq!(found, ["101"]);
    instance.0.lock().unwrap().fault = Some(("/notifications", Says("HTTP/1.1 404 Gone")));
    let error = read(&mut source(&account, LONG), Some(cursor)).await.unwrap_err();
    assert_eq!(error.trouble, Trouble::Refused);
}
