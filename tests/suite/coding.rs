//! A rehearsed study, coded by two raters through a pipe, settled, scored and purged: do agreement,
//! redirections, circles and promises come out as the town says?

mod terminal;

use chrono::{DateTime, TimeDelta, Utc};
use risposta::cli::{Rehearsed, in_town};
use risposta::clock::Clock;
use risposta::model::answer::Destination;
use risposta::model::channel::Channel;
use risposta::model::event::Adequacy;
use risposta::model::ids::{InboundId, InquiryId};
use risposta::model::study::Says;
use risposta::net::install_tls_provider;
use risposta::rehearsal::Truth;
use risposta::wave::{Wave, coding};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;
use tokio::sync::watch;

/// Keys of `code next`, in its order.
const LABELS: &[u8] = b"123456789abcdefghijklmnoprtvwxyz";

const COMPANIES: usize = 24;

/// Each company is asked by mail or form first, then on its page: who is sent to the mail has a circle
/// where mail was asked.
fn study() -> String {
    let company = |n: usize| {
        let own = ["email: info@c{n}.example", "web_form: \"https://c{n}.example/contatti\""][n % 2];
        let own = own.replace("{n}", &n.to_string());
        format!("  - {{name: Ditta {n}, {own}, facebook: ditta.{n}}}\n")
    };
    format!(
        "study: giro
language: it
seed: 5
timezone: Europe/Rome
country: IT
conduct: {{purpose: research, max_messages_per_company: 6}}
mailbox: {{address: enrico@posta.example, alias: catch-all, imap: i.example, smtp: i.example}}
persona: {{name: Enrico Riva}}
questions:
  preventivo: {{subject: Preventivo, text: \"Buongiorno, quanto costa? E si può? Enrico Riva\", answer_has: [prezzo | sì o no]}}
companies:
{}design: {{window: 28d, washout: 28d, per_company: all, order: random, compare: {{own: [email, web_form], outside: [facebook]}}}}
thresholds: [7d]
primary: replied within 7d, own vs outside
rehearsal:
  - {{reply: 0.95, delay: 1d, spread: 0.5, acknowledge: 0.4, bounce: 0, spam: 0,
     says: [answer, partial, redirect, promise_broken, promise_kept, canned]}}
",
        (0..COMPANIES).map(company).collect::<Vec<_>>().concat()
    )
}

/// A folder of results with the rehearsed wave in it, uncoded.
struct Town {
    folder: TempDir,
    rehearsed: Rehearsed,
}

impl Town {
    async fn rehearse() -> Self {
        install_tls_provider();
        let loaded = risposta::scenario::check_str("giro.yaml", &study(), Path::new("."));
        let study = loaded.study.unwrap_or_else(|| panic!("{}", loaded.findings.plain()));
        let start = "2026-01-12T00:00:00Z".parse().unwrap();
        let plan = risposta::plan::make(&study, &"rehearsal".parse().unwrap(), start).unwrap();
        let folder = TempDir::new().unwrap();
        let mut wave = Wave::create(&folder.path().join("results/giro/rehearsal"), &plan, plan.start).unwrap();
        let (_nobody_stops_it, stop) = watch::channel(false);
        let rehearsed = in_town(&mut wave, Path::new("."), stop, &mut |_| ()).await.unwrap();
        let coded: Vec<InboundId> =
            wave.state().inbound.values().filter(|m| !m.reply().codings.is_empty()).map(|m| m.id).collect();
        let now = wave.state().last_at.unwrap();
        for id in coded {
            coding::withdraw(&mut wave, now, id, "simulated").unwrap();
        }
        Self { folder, rehearsed }
    }

    fn wave(&self) -> Wave {
        Wave::open(&self.folder.path().join("results/giro/rehearsal"), Clock::System.now()).unwrap()
    }

    fn run(&self, arguments: &[&str], keys: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_risposta"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (mut stdin, keys) = (child.stdin.take().unwrap(), keys.to_owned());
        // Who quits reads no more.
        let typed = std::thread::spawn(move || drop(stdin.write_all(keys.as_bytes())));
        let output = child.wait_with_output().unwrap();
        typed.join().unwrap();
        output
    }

    #[track_caller]
    fn ok(&self, arguments: &[&str], keys: &str) -> String {
        let output = self.run(arguments, keys);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(arguments, "")).unwrap()
    }

    /// How a rater who knows everything codes each reply, and where it sends the asker.
    fn truth(&self) -> BTreeMap<InboundId, (Adequacy, Option<Destination>)> {
        let wave = self.wave();
        let mut known = BTreeMap::new();
        for truth in self.rehearsed.truth.iter().filter(|t| t.replied_at.is_some()) {
            let inquiry = &wave.state().inquiries[wave.state().index_of(&truth.inquiry).unwrap()];
            let mut replies: Vec<_> = wave.state().messages_of(inquiry).filter(|m| m.is_to_code()).collect();
            replies.sort_by_key(|m| (m.received.at, m.id));
            for (n, reply) in replies.into_iter().enumerate() {
                let class = if n == 0 { truth.adequacy().unwrap() } else { Adequacy::Answered };
                known.insert(reply.id, (class, truth.sent_to.filter(|_| n == 0)));
            }
        }
        known
    }
}

/// What the town did within the windows, as the scorecard counts it.
fn expected(truth: &[Truth], promise_made: bool) -> Value {
    let asked: BTreeMap<&InquiryId, DateTime<Utc>> =
        truth.iter().filter(|t| t.message == 0).map(|t| (&t.inquiry, t.received_at)).collect();
    let company = |id: &InquiryId| id.as_str().split('.').next().unwrap().to_owned();
    let on = |id: &InquiryId, channel: Channel| id.as_str().split('.').nth(1) == Some(channel.name());
    let in_window: Vec<&Truth> =
        truth.iter().filter(|t| t.replied_at.is_some_and(|at| at <= asked[&t.inquiry] + TimeDelta::days(28))).collect();
    let redirected: Vec<_> = in_window.iter().filter(|t| t.says == Some(Says::Redirect)).collect();
    let circle = |t: &&&&Truth| match t.sent_to {
        Some(Destination::Channel(channel)) => asked
            .iter()
            .any(|(id, at)| company(id) == company(&t.inquiry) && on(id, channel) && *at <= t.replied_at.unwrap()),
        _ => false,
    };
    let says = |wanted: Says| in_window.iter().filter(|t| t.says == Some(wanted)).count();
    let kept = in_window.iter().filter(|t| t.kept_at.is_some()).count();
    let (kept_made, broken) = (says(Says::PromiseKept), says(Says::PromiseBroken));
    assert!(kept == kept_made && promise_made, "every promise was kept before the end");
    json!({
        "redirected": redirected.len(),
        "hops": redirected.len(),
        "in_a_circle": redirected.iter().filter(circle).count(),
        "by_hops": {"1": redirected.len()},
        "promises": {"made": kept + broken, "kept": kept, "broken": broken, "open": 0,
                     "settled_by_person": kept + broken},
    })
}

/// What a rater types: a class, a destination, no tone, and one tick.
fn keys(class: Adequacy, to: Option<Destination>, destinations: &[String]) -> String {
    let label = |n: usize| char::from(LABELS[n]);
    let class = Adequacy::ALL.iter().position(|c| *c == class).unwrap();
    let to = to.map_or("none", Destination::name);
    let to = destinations.iter().position(|d| d == to).unwrap();
    format!("{}{}\n1\n", label(class), label(to))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_raters_and_a_decision_give_what_the_town_knows() {
    let town = Town::rehearse().await;
    let truth = town.truth();
    let wanted = expected(&town.rehearsed.truth, true);
    assert!(wanted["redirected"].as_u64() > Some(2) && wanted["in_a_circle"].as_u64() > Some(0), "{wanted}");
    assert!(
        wanted["promises"]["kept"].as_u64() > Some(0) && wanted["promises"]["broken"].as_u64() > Some(0),
        "{wanted}"
    );
    let score = ["score", "--json"];
    let before = town.json(&score);
    assert_eq!(before["stories"]["total"]["suggested"], wanted, "what the texts seem to be");
    assert_eq!(before["stories"]["total"]["coded"]["redirected"], 0);

    let wave = town.wave();
    let destinations = wave.plan().study.codebook.item("sends_to").unwrap().values();
    let orders = ["anna", "bea"].map(|rater| coding::queue(&wave, rater));
    assert_ne!(orders[0], orders[1], "each rater has an order of their own");
    assert_eq!(orders[0].iter().collect::<BTreeSet<_>>(), truth.keys().collect(), "all replies are to code");
    drop(wave);
    let right = |id: &InboundId| keys(truth[id].0, truth[id].1, &destinations);

    // Anna mistakes the first, takes that back, skips the second, and quits after the third.
    let [first, _, third] = orders[0][..3] else { panic!("too few replies") };
    let mistaken = keys(Adequacy::Irrelevant, None, &destinations);
    let typed = format!("{mistaken}u{}s{}q", right(&first), right(&third));
    let shown = town.ok(&["code", "next", "--rater", "anna"], &typed);
    assert!(!shown.contains("Ditta") && !shown.contains("@c") && !shown.contains("seems"), "{shown}");
    let rest: String = orders[0].iter().filter(|id| **id != first && **id != third).map(right).collect();
    town.ok(&["code", "next", "--rater", "anna"], &rest);
    let seen = town.ok(&["code", "next", "--rater", "anna", "--suggest"], "");
    assert!(seen.is_empty(), "nothing is left: {seen}");

    // Bea finds every fifth reply irrelevant; suggestions are shown to her, and Anna's codings never.
    let wrong: BTreeSet<InboundId> = orders[1].iter().step_by(5).copied().collect();
    let typed = |id: &InboundId| if wrong.contains(id) { mistaken.clone() } else { right(id) };
    let shown =
        town.ok(&["code", "next", "--rater", "bea", "--suggest"], &orders[1].iter().map(typed).collect::<String>());
    assert!(
        shown.contains("seems redirected") && shown.contains("seems promise by") && !shown.contains("anna"),
        "{shown}"
    );

    let card = town.json(&score);
    let agreement = &card["agreement"];
    let expected =
        1.0 - f64::from(u32::try_from(wrong.len()).unwrap()) / f64::from(u32::try_from(truth.len()).unwrap());
    assert!((agreement["raw"].as_f64().unwrap() - expected).abs() < 1e-9, "{agreement}");
    assert!(agreement["krippendorff_alpha"].as_f64().unwrap() < expected);
    assert_eq!((&card["disputed"], &card["total"]["replies_uncoded"]), (&json!(wrong.len()), &json!(0)));
    let items: Vec<&str> =
        card["agreement_by_item"].as_array().unwrap().iter().filter_map(|i| i["item"].as_str()).collect();
    assert!(items.contains(&"sends_to") && items.contains(&"canned"), "{items:?}");

    settle(&town, &wrong, &truth);
    let card = town.json(&score);
    assert_eq!(card["disputed"], 0);
    assert_eq!(card["stories"]["total"]["coded"], wanted);
    assert_eq!(card["stories"]["total"]["suggested"]["redirected"], 0, "all is coded");
    let adequate =
        town.rehearsed.truth.iter().filter(|t| matches!(t.says, Some(Says::Answer | Says::PromiseKept))).count();
    assert_eq!(card["total"]["before_any_reminder"]["adequate"], adequate);

    // Words go, numbers stay.
    town.ok(&["purge", "--yes"], "");
    let purged = town.json(&score);
    assert_eq!(
        (&purged["stories"], &purged["agreement"], &purged["total"]),
        (&card["stories"], &card["agreement"], &card["total"])
    );
    let said = town.run(&["code", "next", "--rater", "cleo"], "");
    assert!(String::from_utf8_lossy(&said.stderr).contains("words were purged"));
}

/// Every disagreement is listed, and settled as the town knows it.
fn settle(town: &Town, wrong: &BTreeSet<InboundId>, truth: &BTreeMap<InboundId, (Adequacy, Option<Destination>)>) {
    let listed = town.json(&["code", "disagreements", "--json"]);
    let all = listed["disagreements"].as_array().unwrap();
    let of = |item: &str| -> BTreeSet<InboundId> {
        all.iter().filter(|d| d["item"] == item).map(|d| d["reply"].as_str().unwrap().parse().unwrap()).collect()
    };
    assert_eq!(of("adequacy"), *wrong);
    let refused = town.run(&["code", "settle", "m1", "perfect", "--why", "x", "--rater", "dora"], "");
    assert_eq!(refused.status.code(), Some(1));
    for disagreement in all {
        let (reply, item) = (disagreement["reply"].as_str().unwrap(), disagreement["item"].as_str().unwrap());
        let (class, to) = truth[&reply.parse().unwrap()];
        let value = if item == "adequacy" { class.name() } else { to.map_or("none", Destination::name) };
        town.ok(&["code", "settle", reply, value, "--item", item, "--why", "read again", "--rater", "dora"], "");
    }
    assert_eq!(town.json(&["code", "disagreements", "--json"])["disagreements"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_edited_elsewhere_and_taken_in_whole_or_not_at_all() {
    let town = Town::rehearse().await;
    let table = town.ok(&["code", "export", "--rater", "cleo"], "");
    assert!(
        !table.contains("Ditta")
            && table
                .starts_with("reply,asked,full_answer_has,replied,not_hidden,simulated,wave,adequacy,sends_to,tone,")
    );
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let wave = town.wave();
    assert_eq!(rows.iter().map(|r| r[0].parse().unwrap()).collect::<Vec<InboundId>>(), coding::queue(&wave, "cleo"));
    let edited = |class: &dyn Fn(usize) -> &'static str, tone: &str| {
        let mut writer = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        writer.write_record(&header).unwrap();
        for (n, row) in rows.iter().enumerate() {
            let cell = |(at, cell): (usize, &str)| match &header[at] {
                "adequacy" => class(n).to_owned(),
                "tone" => tone.to_owned(),
                _ => cell.to_owned(),
            };
            writer.write_record(row.iter().enumerate().map(cell)).unwrap();
        }
        format!("\u{feff}{}", String::from_utf8(writer.into_inner().unwrap()).unwrap())
    };
    let file = town.folder.path().join("cleo.csv");
    let import = ["code", "import", "cleo.csv", "--rater", "cleo"];

    std::fs::write(&file, edited(&|n| if n == 2 { "good" } else { "Partial" }, "curt")).unwrap();
    let output = town.run(&import, "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(3) && said.contains("`good` is no class") && said.contains("line "), "{said}");
    assert_eq!(coding::queue(&town.wave(), "cleo").len(), rows.len(), "nothing was taken in");

    let of_this = edited(&|n| if n == 0 { "" } else { "Partial" }, "");
    std::fs::write(&file, of_this.replace("/rehearsal", "/autumn")).unwrap();
    let output = town.run(&import, "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(3) && said.contains("it is of the wave"), "{said}");

    std::fs::write(&file, of_this).unwrap();
    town.ok(&import, "");
    assert_eq!(coding::queue(&town.wave(), "cleo"), [rows[0][0].parse().unwrap()], "one row is left empty");
    let seq = town.wave().state().last_seq;
    town.ok(&import, "");
    assert_eq!(town.wave().state().last_seq, seq, "the same table again says nothing new");
    let again = town.ok(&["code", "export", "--rater", "cleo"], "");
    assert_eq!(again.matches(",partial,").count(), rows.len() - 1);
    assert!(
        !town.ok(&["code", "export", "--rater", "dora"], "").contains(",partial,"),
        "others' codings are not shown"
    );
    std::fs::write(&file, "reply,adequacy,mood\nm1,answered,good\n").unwrap();
    assert!(String::from_utf8_lossy(&town.run(&import, "").stderr).contains("no column is called `mood`"));
}
