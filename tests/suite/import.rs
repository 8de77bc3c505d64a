//! An exported mailbox enters a wave by the program itself, once; and evidence is read again.

use crate::support::little_plan::{after_hours, plan, prompt, start};
use crate::support::program::Program;
use risposta::intake;
use risposta::model::channel::Channel;
use risposta::model::event::{AttemptRef, Event};
use risposta::model::ids::InboundId;
use risposta::model::inbound::{Confidence, InboundKind, Interpretation};
use risposta::model::observation::Observation;
use risposta::model::observation::observe_all;
use risposta::model::outcome::Outcome;
use risposta::model::plan::Plan;
use risposta::model::time::Stamp;
use risposta::wave::Wave;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A wave whose questions by e-mail were all taken at its start.
struct Asked {
    program: Program,
    folder: PathBuf,
    plan: Plan,
}

impl Asked {
    fn new(companies: usize) -> Self {
        let program = Program::new("");
        let folder = program.study().with_file_name("results/prova/rehearsal-1");
        let plan = plan(&vec![(Channel::Email, prompt()); companies]);
        let mut wave = Wave::create(&folder, &plan, start()).unwrap();
        for inquiry in &plan.inquiries {
            let attempt = AttemptRef { inquiry: inquiry.id.clone(), message: 0, attempt: 1 };
            let started = Event::AttemptStarted {
                attempt: attempt.clone(),
                account: None,
                fingerprint: "f".to_owned(),
                bytes_sha256: None,
                prepared: Vec::new(),
                late_seconds: 0,
            };
            let outcome = Outcome::Accepted { at: Stamp::server(start()), receipt: None };
            let ended = Event::AttemptEnded { attempt, outcome, evidence: Vec::new() };
            wave.append(start(), &[started, ended]).unwrap();
        }
        Self { program, folder, plan }
    }

    fn wave(&self) -> Wave {
        Wave::open(&self.folder, start()).unwrap()
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.program.study().with_file_name(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    #[track_caller]
    fn import(&self, arguments: &[&str]) -> Value {
        let all = [&["import"], arguments, &["--json", "--wave", "rehearsal-1"]].concat();
        serde_json::from_str(&self.program.run(&all).done()).unwrap()
    }

    /// What each inquiry came to, so many hours after the start.
    fn came_to(&self, hours: i64) -> Vec<Observation> {
        let wave = self.wave();
        observe_all(&self.plan, wave.state(), after_hours(hours)).into_iter().map(|o| o.observation).collect()
    }
}

fn mail(from: &str, to: &str, hours: i64, more: &str, body: &str) -> String {
    let at = after_hours(hours).to_rfc2822();
    format!("Received: from x by mail.posta.example; {at}\nFrom: <{from}>\nTo: <{to}>\nDate: {at}\n{more}\n\n{body}\n")
}

fn mbox(mails: &[String]) -> Vec<u8> {
    let each = mails.iter().map(|mail| format!("From x@y.example Mon Mar  2 12:00:00 2026\n{mail}\n"));
    each.collect::<Vec<_>>().concat().into()
}

/// A reply to the first company's alias; an acknowledgement to the second's, and an agent's reply that
/// names nothing but the ticket; old mail; and mail that concerns nobody.
fn mails() -> Vec<String> {
    vec![
        mail(
            "info@ditta0.example",
            "e.riva0@posta.example",
            3,
            "Subject: Re: Glutine",
            "No, nessuno dei nostri prodotti ne contiene.",
        ),
        mail(
            "assistenza@ditta1.example",
            "e.riva1@posta.example",
            1,
            "Auto-Submitted: auto-replied\nSubject: [Ticket #48213] Richiesta ricevuta",
            "Abbiamo ricevuto la sua richiesta. Il numero del ticket è #48213.",
        ),
        mail(
            "assistenza@ditta1.example",
            "enrico@posta.example",
            5,
            "Subject: [Ticket #48213] Glutine",
            "Buonasera, i frollini contengono farina di frumento, quindi glutine. Cordiali saluti, Anna",
        ),
        mail("info@ditta0.example", "enrico@posta.example", -900, "Subject: auguri", "Buone feste!"),
        mail("zia@famiglia.example", "enrico@posta.example", 6, "Subject: pranzo", "Vieni domenica?"),
    ]
}

#[test]
fn an_mbox_is_taken_in_once_and_each_message_is_tied_with_what_those_before_it_taught() {
    let asked = Asked::new(3);
    asked.write("posta.mbox", &mbox(&mails()));
    let first = asked.import(&["mbox", "posta.mbox"]);
    assert_eq!(
        first,
        json!({
            "found": 5, "before_the_wave": 1, "known": 0, "stored": 4, "duplicates": 0,
            "kinds": {"acknowledgement": 1, "reply": 3}, "tied": 3, "in_review": 1,
        })
    );
    let latency =
        |o: &Observation| if let Observation::Answered { latency, .. } = o { Some(latency / 3_600) } else { None };
    assert_eq!(asked.came_to(28 * 24).iter().map(latency).collect::<Vec<_>>(), [Some(3), Some(5), None]);

    // The same mails again, from a Maildir this time, with other line ends around them.
    for (n, mail) in mails().iter().enumerate() {
        asked.write(&format!("Maildir/.Archivio/cur/17{n}.M1.host:2,S"), mail.as_bytes());
    }
    let again = asked.import(&["maildir", "Maildir"]);
    assert_eq!((&again["stored"], &again["known"]), (&json!(0), &json!(4)), "{again}");
    asked.program.run(&["verify", "--wave", "rehearsal-1"]).done();
}

#[test]
fn only_a_persons_word_that_an_export_is_complete_makes_silence_of_it() {
    let asked = Asked::new(3);
    asked.write("posta.mbox", &mbox(&mails()));
    asked.import(&["mbox", "posta.mbox"]);
    assert!(matches!(asked.came_to(30 * 24)[2], Observation::Censored { observed_for: 0 }));
    let through = after_hours(29 * 24).to_rfc3339();
    asked.import(&["mbox", "posta.mbox", "--complete-through", &through]);
    assert!(matches!(asked.came_to(30 * 24)[2], Observation::Silent { .. }));
    let too_late = ["import", "mbox", "posta.mbox", "--complete-through", "2999-01-01T00:00:00Z"];
    asked.program.run(&too_late).refused(2, &["future"]);
}

#[test]
fn what_comes_before_a_broken_place_is_kept_and_what_is_no_export_is_refused_first() {
    let asked = Asked::new(2);
    // Ends in the middle of the packed data.
    let many: Vec<String> = (0..3_000)
        .map(|n| mail("zia@famiglia.example", "enrico@posta.example", 7, &format!("Subject: {n}"), &hash(n)))
        .collect();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &mbox(&[mails(), many].concat())).unwrap();
    let packed = packed.finish().unwrap();
    asked.write("posta.mbox.gz", &packed[..packed.len() - 100]);
    let broken = ["import", "mbox", "posta.mbox.gz", "--wave", "rehearsal-1"];
    asked.program.run(&broken).refused(1, &["posta.mbox.gz", "import it again"]);
    assert!(asked.wave().state().inbound.len() > 1_000);
    asked.write("posta.mbox.gz", &packed);
    assert_eq!(asked.import(&["mbox", "posta.mbox.gz"])["before_the_wave"], json!(1));
    assert_eq!(asked.wave().state().inbound.len(), 3_004, "nothing is lost, nothing comes twice");

    asked.write("messaggi.json", b"{}");
    asked.program.run(&["import", "mbox", "posta.mbox.gz", "messaggi.json"]).refused(1, &["messaggi.json is no mbox"]);
    asked.program.run(&["import", "maildir", "results"]).refused(1, &["no Maildir"]);
    asked.program.run(&["import", "mbox", "posta.mbox.gz", "--account", "altra"]).refused(2, &["altra", "posta"]);
}

/// Text that packs badly.
fn hash(n: usize) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let digits = (0..20).map(|i| {
        let mut hasher = DefaultHasher::new();
        (n, i).hash(&mut hasher);
        format!("{:x}", hasher.finish())
    });
    digits.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_newer_reading_is_shown_then_recorded_beside_the_old_one_and_a_persons_word_holds() {
    let asked = Asked::new(3);
    asked.write("posta.mbox", &mbox(&mails()));
    asked.import(&["mbox", "posta.mbox"]);
    let nothing = asked.program.run(&["reprocess", "--wave", "rehearsal-1"]).done();
    assert!(nothing.contains("0 are taken for something else"), "{nothing}");

    // An older release took the reply for a newsletter; and a person says that the aunt's mail is a reply.
    let mut wave = asked.wave();
    let older = Interpretation {
        kind: InboundKind::Newsletter,
        because: vec!["an older rule".to_owned()],
        inquiry: None,
        candidates: Vec::new(),
        status: None,
        confidence: Confidence::CERTAIN,
    };
    let event = Event::Interpreted {
        inbound: InboundId(1),
        intake: intake::VERSION - 1,
        interpretation: older,
        duplicate_of: None,
        about: None,
        sender: None,
    };
    wave.append(start(), &[event]).unwrap();
    let third = asked.plan.inquiries[2].id.to_string();
    asked.program.run(&["review", "m4", "--answers", &third, "--wave", "rehearsal-1"]).done();
    let through = after_hours(29 * 24).to_rfc3339();
    asked.import(&["mbox", "posta.mbox", "--complete-through", &through]);
    let before = asked.came_to(28 * 24);
    assert!(matches!(before[0], Observation::Silent { .. }) && matches!(before[2], Observation::Answered { .. }));
    let events = wave.history().unwrap().len();
    let shown = asked.program.run(&["reprocess", "--wave", "rehearsal-1"]);
    assert!(shown.err.contains("Nothing was recorded"), "{shown:?}");
    let shown = shown.done();
    let first = &asked.plan.inquiries[0].id;
    for words in
        ["1 are taken for something else", &format!("m1: newsletter → reply to {first}"), "silent → answered after 3 h"]
    {
        assert!(shown.contains(words), "{words} is missing in {shown}");
    }
    assert_eq!(wave.history().unwrap().len(), events, "showing records nothing");

    asked.program.run(&["reprocess", "--yes", "--wave", "rehearsal-1"]).done();
    let after = asked.came_to(28 * 24);
    assert!(matches!(after[0], Observation::Answered { latency: 10_800, .. }), "{after:?}");
    assert_eq!(after[2], before[2], "a person's word holds");
    let history = wave.history().unwrap();
    assert_eq!(history.len(), events + 1, "both readings stand in the chain");
    let again: Value = asked.program.run(&["reprocess", "--json", "--wave", "rehearsal-1"]).json();
    assert_eq!((&again["changes"], &again["inquiries"]), (&json!([]), &json!([])));
    asked.program.run(&["verify", "--wave", "rehearsal-1"]).done();
}

#[test]
fn hostile_mails_are_kept_whole_and_what_comes_after_them_is_read() {
    let asked = Asked::new(1);
    let to_us = |more: &str, body: &str| mail("info@ditta0.example", "e.riva0@posta.example", 3, more, body);
    let many_parts = "--b\nContent-Type: text/plain\n\nx\n".repeat(10_000);
    let nested: Vec<_> =
        (0..500).map(|n| format!("--b{n}\nContent-Type: multipart/mixed; boundary=b{}\n\n", n + 1)).collect();
    let fields: Vec<_> = (0..50_000).map(|n| format!("X-Bomb-{n}: {n}\n")).collect();
    let hostile = [
        to_us("Content-Type: application/zip\nContent-Transfer-Encoding: base64", &"UEsDBBQAAAAIAA\n".repeat(300_000)),
        to_us("Content-Type: multipart/mixed; boundary=b", &many_parts),
        to_us("Content-Type: multipart/mixed; boundary=b0", &nested.concat()),
        to_us(&format!("{}Subject: x", fields.concat()), "testo"),
        to_us(
            "Content-Type: text/html; charset=x-nonsense",
            "<script>alert(1)</script><img src=http://evil.example/x>",
        ),
    ];
    let last = mail("zia@famiglia.example", "enrico@posta.example", 6, "Subject: pranzo", "Vieni domenica?");
    asked.write("posta.mbox", &mbox(&[&hostile[..], &[last]].concat()));
    let imported = asked.import(&["mbox", "posta.mbox"]);
    assert_eq!((&imported["found"], &imported["stored"]), (&json!(6), &json!(6)), "{imported}");
    let wave = asked.wave();
    for (message, sent) in wave.state().inbound.values().zip(&hostile) {
        assert_eq!(wave.raw(message).unwrap().unwrap().bytes, sent.as_bytes(), "kept as it came");
        assert!(message.interpretation.is_some());
    }
    asked.program.run(&["verify", "--wave", "rehearsal-1"]).done();
    asked.program.run(&["show", "ditta0", "--wave", "rehearsal-1"]).done();
}
