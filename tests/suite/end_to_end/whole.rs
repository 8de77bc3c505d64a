//! One study from its file to its score, over IMAP and over Maildir.

use super::{alias_of, counts, only_question};
use crate::support::little_study::{Planned, Wants, asked_at, planned};
use crate::support::mailstack::{MailStack, PERSONA, PERSONA_DOMAIN};
use crate::support::program::{PATIENCE, Program, now, until};
use crate::support::site::{Arrived, Does, Site, pairs};
use axum::http::Method;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::path::Path;

/// Who is asked: by e-mail at these domains, then by form, then by a person on two pages.
const DOMAINS: [&str; 10] = ["alfa", "beta", "gamma", "bounce", "reject", "auto", "delta", "epsilon", "zeta", "eta"];
const DELTA: usize = 6;
const EPSILON: usize = 7;
const FORM: usize = DOMAINS.len();
const PAGES: [usize; 2] = [FORM + 1, FORM + 2];
const WINDOW_SECONDS: i64 = 40;

/// Words that only replies hold: none of them may outlive a purge.
const SECRETS: [&str; 4] = ["farina di riso", "anna@alfa.example", "amido di mais", "mario@altrove.example"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_study_over_imap() {
    a_whole_study(Wants::imap).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_study_over_maildir() {
    a_whole_study(Wants::maildir).await;
}

async fn a_whole_study(wants: fn(&MailStack, &'static str) -> Wants) {
    let stack = MailStack::start();
    let site = Site::start(contact_page).await;
    let mut contacts: Vec<String> = DOMAINS.iter().map(|d| format!("email: info@{d}.example")).collect();
    contacts.push(format!("web_form: {{url: '{}', success: Grazie}}", site.url("/contatti")));
    contacts.extend(["facebook: pagina.uno".to_owned(), "facebook: pagina.due".to_owned()]);
    // The persona's mailbox exists, as it does in life: with mail of its own from the day before.
    let old = now() - TimeDelta::hours(12);
    stack.append(PERSONA_DOMAIN, "INBOX", "Subject: prima\nMessage-ID: <old@x.example>\n\nVecchia\n", old);
    let study = planned(&wants(&stack, "40s"), &contacts);

    a_dry_run_sends_nothing(&stack, &site, &study);
    let running = study.program.start(&["run", "study.yaml", "--live"]);
    everybody_answers(&stack, &site, &study);
    // What a person must look at is left over when the machine's work is done.
    let ended = running.end(PATIENCE);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.err.contains("wait for a person"), "{ended:?}");

    // What comes after the window is kept, and not counted.
    let after = await_asked(&study, EPSILON) + TimeDelta::seconds(WINDOW_SECONDS + 1);
    until(PATIENCE, "the window has ended", || (now() > after).then_some(()));
    arrives_after(&stack, &study, EPSILON, WINDOW_SECONDS + 1);
    assert_eq!(study.program.run(&["run", "study.yaml", "--live", "--once"]).code, Some(4));

    a_person_does_the_rest(&study);
    study.program.run(&["run", "study.yaml", "--live", "--once"]).done();
    nobody_was_asked_twice(&stack, &site, &study);
    the_score_is_right(&study);
    words_go_and_numbers_stay(&study.program);
}

fn contact_page(asked: &Arrived) -> Does {
    if asked.method == Method::POST {
        return Does::page("<h1>Grazie</h1><p>Le risponderemo presto.</p>");
    }
    Does::page(
        "<form method=post action=/contatti><label>Nome <input name=nome></label>\
         <label>E-mail <input type=email name=email></label>\
         <label>Messaggio <textarea name=messaggio></textarea></label><button>Invia</button></form>",
    )
}

fn a_dry_run_sends_nothing(stack: &MailStack, site: &Site, study: &Planned) {
    let dry = study.program.run(&["run", "study.yaml"]);
    assert!(dry.err.contains("Nothing was sent"), "{dry:?}");
    let text = dry.done();
    assert!(text.starts_with("11 message(s) due now, 0 later"), "{text}");
    for id in &study.ids[..=FORM] {
        assert!(text.contains(&format!("i vostri biscotti {id} contengono glutine?")), "{text}");
    }
    for domain in DOMAINS {
        assert!(stack.received_by(&format!("{domain}.example")).is_empty(), "{domain}");
    }
    assert!(site.arrived().is_empty());
}

/// What the companies do while the program watches.
fn everybody_answers(stack: &MailStack, site: &Site, study: &Planned) {
    pages_are_asked_by_hand(study);
    let question = |domain: &str| stack.await_mail(&format!("{domain}.example"), 1).remove(0);
    stack.answer(&question("alfa"), "Anna <anna@alfa.example>", "No: li facciamo con farina di riso.");
    let beta = alias_of(&question("beta"));
    stack.deliver("bea@beta.example", &beta, &fresh("bea@beta.example", &beta, "Venga a trovarci in negozio."));
    let gamma = alias_of(&question("gamma"));
    stack.deliver_junk("gino@gamma.example", &gamma, &fresh("gino@gamma.example", &gamma, "Con amido di mais."));
    let stranger = fresh("mario@altrove.example", PERSONA, "Non saprei, chieda al produttore.");
    stack.deliver("mario@altrove.example", PERSONA, &stranger);
    let form = until(PATIENCE, "the form is submitted", || site.posted().pop());
    let alias = pairs(&form.body).into_iter().find(|(name, _)| name == "email").unwrap().1;
    stack.deliver("info@theta.example", &alias, &fresh("info@theta.example", &alias, "Ne parliamo domani."));

    // The server's word decides when a reply came, not the moment at which it is found.
    let looked = await_asked(study, DELTA) + TimeDelta::seconds(17);
    until(PATIENCE, "the thresholds have passed", || (now() > looked).then_some(()));
    arrives_after(stack, study, DELTA, 8);
}

fn await_asked(study: &Planned, company: usize) -> DateTime<Utc> {
    until(PATIENCE, "the journal says when", || asked_at(&study.program, &study.ids[company]))
}

/// A reply that the server received that many seconds after the question.
fn arrives_after(stack: &MailStack, study: &Planned, company: usize, seconds: i64) {
    let domain = format!("{}.example", DOMAINS[company]);
    let arrival = await_asked(study, company) + TimeDelta::seconds(seconds);
    let alias = alias_of(&stack.await_mail(&domain, 1)[0]);
    let reply = fresh(&format!("info@{domain}"), &alias, "Scusi il ritardo: no.");
    stack.append(PERSONA_DOMAIN, "INBOX", &reply, arrival);
}

/// A reply from a mail program that names no earlier message.
fn fresh(from: &str, to: &str, text: &str) -> String {
    format!(
        "From: {from}\nTo: {to}\nSubject: Informazioni\nMessage-ID: <{to}.re@{from}>\n\
         Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
}

/// A person sends on two pages; one answers.
fn pages_are_asked_by_hand(study: &Planned) {
    let program = &study.program;
    let tasks = program.run(&["todo", "--json"]).json();
    let tasks = tasks["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 2, "{tasks:?}");
    for page in PAGES {
        let (id, inquiry) = (&study.ids[page], format!("{}.facebook.glutine.1", study.ids[page]));
        let task = tasks.iter().find(|task| task["inquiry"] == json!(inquiry)).unwrap();
        assert!(task["text"].as_str().unwrap().contains(&format!("i vostri biscotti {id} contengono")), "{task}");
        program.run(&["record", &inquiry, "sent"]).done();
        // Nobody is asked twice by hand either.
        program.run(&["record", &inquiry, "sent"]).refused(1, &["already sent"]);
    }
    let inquiry = format!("{}.facebook.glutine.1", study.ids[PAGES[0]]);
    program.run(&["record", &inquiry, "reply", "--note", "No, nessun glutine."]).done();
}

/// Looking, tying, coding: after the windows have closed.
fn a_person_does_the_rest(study: &Planned) {
    let (program, ids) = (&study.program, &study.ids);
    // Where a reply is there, nobody need look again.
    let todo = program.run(&["todo"]).done();
    for (page, waits) in [(PAGES[0], false), (PAGES[1], true)] {
        let look = format!("risposta record {}.facebook.glutine.1 checked", ids[page]);
        assert_eq!(todo.contains(&look), waits, "{todo}");
    }
    program.run(&["record", &format!("{}.facebook.glutine.1", ids[PAGES[1]]), "checked"]).done();

    // What came before the wave is none of its business; what a filter of ours called spam, to an
    // inquiry's own address, is its reply: only the stranger's message waits.
    let review = program.run(&["review", "--json"]).json();
    let open = review["messages"].as_array().unwrap();
    assert_eq!(open.len(), 1, "{review}");
    assert_eq!(open[0]["from"], json!("mario@altrove.example"));
    let inquiry = format!("{}.email.glutine.1", ids[8]);
    program.run(&["review", open[0]["id"].as_str().unwrap(), "--answers", &inquiry, "--kind", "reply"]).done();
    assert_eq!(program.run(&["review"]).done(), "Nothing to review.\n");

    let code = |company: usize, class: &str, seen: &[&str]| {
        let story = program.story(&ids[company]);
        let (_, what, text) = story.iter().find(|(_, what, _)| what.contains(" reply by ")).unwrap();
        assert!(seen.iter().all(|word| what.contains(word) || text.contains(word)), "{what}: {text}");
        program.run(&["code", what.split(' ').next().unwrap(), class]).done();
    };
    code(0, "answered", &["farina di riso", "alias"]);
    code(1, "redirected", &["in negozio", "alias"]);
    code(2, "answered", &["in the spam folder", "amido"]);
    code(DELTA, "answered", &["Scusi il ritardo"]);
    code(8, "irrelevant", &["Non saprei", "person"]);
    code(FORM, "promised", &["Ne parliamo domani", "alias"]);
    code(PAGES[0], "answered", &["nessun glutine"]);
    // A bounce, an automatic message and what came too late are there to be seen.
    for (company, what) in
        [(3, "bounce"), (4, "refused 550 5.1.1"), (5, "acknowledgement"), (EPSILON, " reply by email")]
    {
        let story = program.story(&ids[company]);
        assert!(story.iter().any(|(_, told, _)| told.contains(what)), "{what}: {story:?}");
    }
}

fn nobody_was_asked_twice(stack: &MailStack, site: &Site, study: &Planned) {
    for (domain, id) in DOMAINS.iter().zip(&study.ids).filter(|(domain, _)| !["bounce", "reject"].contains(*domain)) {
        only_question(stack, &format!("{domain}.example"), id);
    }
    let posted = site.posted();
    assert_eq!(posted.len(), 1);
    let message = pairs(&posted[0].body).into_iter().find(|(name, _)| name == "messaggio").unwrap().1;
    assert!(message.contains(&format!("i vostri biscotti {} contengono glutine?", study.ids[FORM])), "{message}");
}

fn the_score_is_right(study: &Planned) {
    let card = study.program.score();
    let channels = card["channels"].as_array().unwrap().iter();
    let found: Vec<Value> = channels.map(|c| json!([c["channel"], counts(c)])).collect();
    let expected = json!([
        ["email", {
            "asked": [10, 10], "bounced": 1, "refused": 1, "in_doubt": 0, "open": 0, "silent": 3,
            "acknowledged": 1, "uncoded": 0, "replied": [5, 8], "replied_of_asked": [5, 10], "adequate": [3, 8],
        }],
        ["web_form", {
            "asked": [1, 1], "bounced": 0, "refused": 0, "in_doubt": 0, "open": 0, "silent": 0,
            "acknowledged": 0, "uncoded": 0, "replied": [1, 1], "replied_of_asked": [1, 1], "adequate": [0, 1],
        }],
        ["facebook", {
            "asked": [2, 2], "bounced": 0, "refused": 0, "in_doubt": 0, "open": 0, "silent": 1,
            "acknowledged": 0, "uncoded": 0, "replied": [1, 2], "replied_of_asked": [1, 2], "adequate": [1, 2],
        }],
    ]);
    assert_eq!(Value::from(found), expected, "{}", serde_json::to_string_pretty(&card).unwrap());
    // The reply lay in the mailbox only after 17 s; its server had received it after 8.
    let companies = card["companies"].as_array().unwrap();
    let delta = companies.iter().find(|c| c["company"] == json!(study.ids[DELTA])).unwrap();
    let within = delta["before_any_reminder"]["within"].as_array().unwrap();
    let replied: Vec<&Value> = within.iter().map(|w| &w["replied"]["numerator"]).collect();
    assert_eq!(replied, [&json!(0), &json!(1)], "{within:?}");
}

fn words_go_and_numbers_stay(program: &Program) {
    program.is_intact();
    let before = program.score();
    let there = |word: &&str| holds(&program.wave(), word.as_bytes());
    assert!(SECRETS.iter().all(&there), "the evidence holds them until then");
    program.run(&["purge"]).refused(2, &["--yes"]);
    program.run(&["purge", "--yes"]).done();
    program.is_intact();
    assert_eq!(program.score(), before);
    let left: Vec<_> = SECRETS.iter().filter(|word| there(word)).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Whether any file below a folder holds these bytes.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, bytes);
        }
        std::fs::read(path).unwrap().windows(bytes.len()).any(|window| window == bytes)
    })
}
