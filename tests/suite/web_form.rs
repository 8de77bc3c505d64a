//! Contact forms: a real web site's, and pages that go wrong in known ways.

use crate::support::asking::{QUESTION, START, form_at, plan_with};
use crate::support::mezzanine::Mezzanine;
use crate::support::site::{Arrived, Does, Site, pairs};
use axum::http::Method;
use risposta::channels::web_form::{Limits, WebFormSender};
use risposta::channels::{Delivered, Evidence, Outgoing, Refused, Sender};
use risposta::clock::{Clock, Stepper};
use risposta::model::channel::Channel;
use risposta::model::outcome::Outcome;
use risposta::model::study::{FormSuccess, FormTarget, Target};
use risposta::net::{Dialer, install_tls_provider};
use std::time::Duration;

/// What came of one try.
#[derive(Debug)]
struct Try {
    outcome: Outcome<String>,
    evidence: Vec<Evidence>,
}

impl Try {
    fn detail(&self) -> String {
        self.outcome.failure().map(|f| f.detail.clone()).unwrap_or_default()
    }

    fn kind(&self) -> &'static str {
        match self.outcome {
            Outcome::Accepted { .. } => "accepted",
            Outcome::Held { .. } => "held",
            Outcome::Deferred(_) => "deferred",
            Outcome::Rejected(_) => "refused",
            Outcome::EntriesRejected(_) => "entries rejected",
            Outcome::InDoubt(_) => "in doubt",
            Outcome::Blocked(_) => "blocked",
            Outcome::AccountFailed { .. } => "account failed",
        }
    }
}

async fn ask(target: FormTarget) -> Try {
    ask_within(Limits::default(), target).await
}

/// For a site that stays silent: enough time for a page that comes at once.
async fn ask_impatiently(target: FormTarget) -> Try {
    let moment = Duration::from_secs(4);
    ask_within(Limits { first_byte: moment, body: moment, ..Limits::default() }, target).await
}

async fn ask_within(limits: Limits, target: FormTarget) -> Try {
    install_tls_provider();
    let plan = plan_with(Target::WebForm(target), Channel::WebForm);
    let clock = Clock::Stepping(Stepper::new(START.parse().unwrap()));
    let sender = WebFormSender::new("posta".parse().unwrap(), Dialer::World, &plan, clock).with_limits(limits);
    let inquiry = &plan.inquiries[0];
    let outgoing = Outgoing { inquiry, message: &inquiry.messages[0], in_reply_to: None, first_receipt: None };
    match sender.prepare(outgoing).await {
        Err(Refused { outcome, evidence }) => Try { outcome, evidence },
        Ok(prepared) => {
            assert_eq!(prepared.bytes_sha256().map(|hash| hash.len()), Some(64));
            let mut evidence = prepared.evidence();
            let Delivered { outcome, evidence: more } = prepared.deliver().await;
            evidence.extend(more);
            Try { outcome, evidence }
        }
    }
}

/// Shows `form` on GET and does what `then` says on POST.
async fn site(form: &'static str, then: fn(&Arrived) -> Does) -> Site {
    Site::start(move |request| if request.method == Method::POST { then(request) } else { Does::page(form) }).await
}

fn thanks(_: &Arrived) -> Does {
    Does::page("<h1>Grazie!</h1><p>Il messaggio è stato inviato.</p>")
}

const PLAIN: &str = "<form method=post action=/send><label>Nome <input name=n></label>\
    <label>E-mail <input name=e></label><textarea name=m></textarea><button>Invia</button></form>";

#[tokio::test(flavor = "multi_thread")]
async fn a_real_site_receives_exactly_one_message_word_for_word() {
    let shop = tokio::task::spawn_blocking(Mezzanine::start).await.unwrap();
    let tried = ask(form_at(&shop.contact_page())).await;
    assert_eq!(tried.kind(), "accepted", "{}", tried.detail());
    let mails = shop.mails();
    assert_eq!(mails.len(), 1, "{mails:#?}");
    for expected in [QUESTION, "Enrico Riva", "e.riva7@posta-prova.example"] {
        assert!(mails[0].contains(expected), "{expected:?} in {}", mails[0]);
    }
    let labels: Vec<&str> = tried.evidence.iter().map(|e| e.label).collect();
    assert_eq!((labels[0], labels[1]), ("page", "request"));
    assert!(labels[2..].contains(&"response"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_site_that_lacks_the_stated_proof_leaves_the_message_in_doubt() {
    let shop = tokio::task::spawn_blocking(Mezzanine::start).await.unwrap();
    let success = FormSuccess { text: Some("Ticket number".to_owned()), ..FormSuccess::default() };
    let tried = ask(FormTarget { success: Some(success), ..form_at(&shop.contact_page()) }).await;
    assert_eq!(tried.kind(), "in doubt", "{}", tried.detail());
    assert_eq!(shop.mails().len(), 1);
}

#[tokio::test]
async fn cookies_hidden_fields_and_the_pressed_button_go_with_the_message() {
    let form = "<form role=search action=/search><input name=q><button>Cerca</button></form>\
        <form method=post><input type=hidden name=csrf value=t0k>\
        <input name=vorname placeholder=Vorname><input name=name placeholder=Name>\
        <label for=a>E-Mail-Adresse*</label><input id=a name=field_1>\
        <label for=b>E-Mail wiederholen*</label><input id=b name=field_2>\
        <label for=c>Ihre Nachricht</label><textarea id=c name=field_3>\n</textarea>\
        <label><input type=checkbox name=ds value=ja required> Ich habe die Datenschutzerklärung gelesen</label>\
        <label><input type=checkbox name=nl value=ja checked> Newsletter abonnieren</label>\
        <button type=reset>Löschen</button><input type=submit name=action value=Absenden></form>";
    let site = Site::start(move |request| match request.method {
        Method::POST => Does::redirect(303, "/kontakt/danke"),
        _ if request.path == "/kontakt/danke" => Does::page("Vielen Dank für Ihre Nachricht."),
        _ => Does::Answer(200, vec![("set-cookie", "sid=42; Path=/".to_owned())], form.into()),
    });
    let site = site.await;
    let tried = ask(form_at(&site.url("/kontakt"))).await;
    assert_eq!(tried.kind(), "accepted", "{}", tried.detail());
    let [sent] = &site.posted()[..] else { panic!("{:?}", site.arrived()) };
    assert_eq!(sent.path, "/kontakt");
    assert_eq!(sent.cookie, "sid=42");
    let text = QUESTION.replace('\n', "\r\n");
    let expected = [
        ("csrf", "t0k"),
        ("vorname", "Enrico"),
        ("name", "Riva"),
        ("field_1", "e.riva7@posta-prova.example"),
        ("field_2", "e.riva7@posta-prova.example"),
        ("field_3", &text),
        ("ds", "ja"),
        ("action", "Absenden"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(pairs(&sent.body), expected);
}

#[tokio::test]
async fn traps_stay_empty_and_the_subject_is_chosen() {
    let form = "<style>.zz { position: absolute; left: -5000px }</style><h2>Contattaci</h2>\
        <form method=post action=/send><input name=nome aria-label='Nome e cognome' required>\
        <input name=email type=email><input name=tel type=tel>\
        <select name=oggetto required><option value=''>Scegli un argomento</option>\
        <option value=1>Lavora con noi</option><option value=2>Altro</option></select>\
        <p class=zz><input name=email2 type=email></p><div style='display:none'><textarea name=message></textarea></div>\
        <input name=website aria-hidden=true><p>Lasciare vuoto <input name=foo></p>\
        <p>Messaggio</p><textarea name=testo required></textarea><input type=submit value='Invia richiesta'></form>";
    let site = site(form, thanks).await;
    let tried = ask(form_at(&site.url("/"))).await;
    assert_eq!(tried.kind(), "accepted", "{}", tried.detail());
    let sent = pairs(&site.posted()[0].body);
    let value = |name: &str| sent.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
    for trap in ["email2", "message", "website", "foo"] {
        assert_eq!(value(trap), Some(""), "{trap}");
    }
    assert_eq!(value("nome"), Some("Enrico Riva"));
    assert_eq!(value("tel"), Some("+39 000 0000000"));
    assert_eq!(value("oggetto"), Some("2"));
    assert_eq!(value("testo"), Some(QUESTION.replace('\n', "\r\n").as_str()));
}

#[tokio::test]
async fn the_studys_mapping_decides_before_the_form_does() {
    let form = "<form id=newsletter method=post action=/no><input name=email><input type=submit></form>\
        <form class=kontakt method=post action=/yes><input name=a><input id=special name=b><input name=c>\
        <select name=anrede required><option value=''>Anrede</option><option value=x>Keine Angabe</option></select>\
        <input name=m><input type=submit></form>";
    let site = site(form, thanks).await;
    let fields = [
        ("a", "name"),
        ("#special", "email"),
        ("c", "Kunde {{ persona.name }}"),
        ("anrede", "Keine Angabe"),
        ("m", "message"),
    ];
    let fields = fields.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let tried = ask(FormTarget { form: Some(".kontakt".to_owned()), fields, ..form_at(&site.url("/")) }).await;
    assert_eq!(tried.kind(), "accepted", "{}", tried.detail());
    let sent = &site.posted()[0];
    assert_eq!(sent.path, "/yes");
    let values: Vec<String> = pairs(&sent.body).into_iter().map(|(_, value)| value).collect();
    let text = QUESTION.replace('\n', "\r\n");
    assert_eq!(values, ["Enrico Riva", "e.riva7@posta-prova.example", "Kunde Enrico Riva", "x", &text]);
}

#[tokio::test]
async fn a_latin_1_page_gets_its_own_encoding_back() {
    let form = "<meta charset=iso-8859-1><form method=post action=/send>\
        <p>Prénom et nom</p><input name=n><p>Courriel</p><input name=e><p>Précisions</p><textarea name=m></textarea>\
        <input type=image name=go alt=Envoyer></form>";
    let latin: Vec<u8> = form.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let site = Site::start(move |request| match request.method {
        Method::POST => Does::page("Merci, votre message a bien été envoyé."),
        _ => Does::Answer(200, vec![("content-type", "text/html".to_owned())], latin.clone()),
    });
    let site = site.await;
    assert_eq!(ask(form_at(&site.url("/"))).await.kind(), "accepted");
    let body = String::from_utf8(site.posted()[0].body.to_vec()).unwrap();
    assert!(body.contains("Perch%E9+non"), "{body}");
    assert!(body.ends_with("&go.x=7&go.y=7"), "{body}");
}

#[tokio::test]
async fn multipart_and_get_forms_are_sent_as_they_say() {
    let multipart = "<form method=post enctype=multipart/form-data action=/send><input name=email><input type=file name=f>\
        <textarea name=m></textarea><button name=b value=1>Send</button></form>";
    let site = site(multipart, thanks).await;
    assert_eq!(ask(FormTarget { form: Some("form".to_owned()), ..form_at(&site.url("/")) }).await.kind(), "accepted");
    let sent = &site.posted()[0];
    assert!(sent.content_type.starts_with("multipart/form-data; boundary="), "{}", sent.content_type);
    let body = String::from_utf8(sent.body.to_vec()).unwrap();
    assert!(body.contains(&QUESTION.replace('\n', "\r\n")) && body.contains("name=\"f\"; filename=\"\""), "{body}");

    let get = "<form action=/ask><input name=email><textarea name=m></textarea><button>Send</button></form>";
    let site = Site::start(move |request| match request.path.as_str() {
        "/ask" => Does::page("Thank you for your message"),
        _ => Does::page(get),
    });
    let site = site.await;
    assert_eq!(ask(FormTarget { form: Some("form".to_owned()), ..form_at(&site.url("/")) }).await.kind(), "accepted");
    let query = site.arrived().into_iter().find(|a| a.path == "/ask").unwrap().query.unwrap();
    assert_eq!(pairs(query.as_bytes())[1], ("m".to_owned(), QUESTION.replace('\n', "\r\n")));
}

#[tokio::test]
async fn what_cannot_be_filled_is_a_persons_task_and_nothing_is_sent() {
    let cases = [
        ("<div class=g-recaptcha></div>", "CAPTCHA"),
        ("<label>Quanto fa 3 + 4? <input name=x></label>", "CAPTCHA"),
        ("<label>Codice cliente* <input name=x></label>", "Codice cliente"),
        ("<label>Foto <input type=file name=x required></label>", "Foto"),
        ("<label><input type=checkbox name=x required> Iscrivimi alla newsletter</label>", "advertising"),
        ("<label>Taglia <select name=x required><option>-<option>M<option>L</select></label>", "Taglia"),
        ("<label>Sintesi <input name=subject maxlength=5></label>", "takes 5 characters"),
    ];
    for (extra, reason) in cases {
        let form = PLAIN.replace("<button>", &format!("{extra}<button>"));
        let site = Site::start(move |_| Does::page(form.clone())).await;
        let tried = ask(form_at(&site.url("/"))).await;
        assert_eq!(tried.kind(), "blocked", "{extra}");
        assert!(tried.detail().contains(reason), "{}", tried.detail());
        assert_eq!(tried.evidence.len(), 1);
        assert!(site.posted().is_empty());
    }
}

#[tokio::test]
async fn pages_without_a_usable_form_are_blocked_with_the_reason() {
    for (page, reason) in [
        ("<p>Write us a letter.</p>", "no form"),
        ("<form><input name=user><input type=password name=p><button>Log in</button></form>", "login"),
        ("<div id=root></div><script src=app.js></script>", "script"),
        ("<title>Just a moment...</title><p>Verifying you are human</p>", "proof"),
        (
            "<form onsubmit='send(); return false'><input name=email><textarea name=m></textarea><button>Send</button></form>",
            "script",
        ),
        (
            "<form action='mailto:a@b.example'><input name=email><textarea name=m></textarea><button>Send</button></form>",
            "script",
        ),
        ("<form><input name=email><textarea name=m></textarea><button type=button>Send</button></form>", "no button"),
    ] {
        let site = Site::start(move |_| Does::page(page)).await;
        let tried = ask(form_at(&site.url("/"))).await;
        assert_eq!(tried.kind(), "blocked", "{page}");
        assert!(tried.detail().contains(reason), "{page}: {}", tried.detail());
    }
}

#[tokio::test]
async fn a_page_that_is_not_shown_says_whether_to_try_again() {
    for (status, kind) in [
        (404, "refused"),
        (410, "refused"),
        (401, "blocked"),
        (403, "blocked"),
        (429, "deferred"),
        (500, "deferred"),
        (503, "deferred"),
    ] {
        let site = Site::start(move |_| Does::status(status, "no")).await;
        let tried = ask(form_at(&site.url("/"))).await;
        assert_eq!((tried.kind(), tried.outcome.failure().unwrap().code), (kind, Some(status)));
    }
    let challenge = Site::start(|_| Does::status(429, "<title>Are you a robot?</title>")).await;
    assert_eq!(ask(form_at(&challenge.url("/"))).await.kind(), "blocked");
    let silent = Site::start(|_| Does::Hang).await;
    assert_eq!(ask_impatiently(form_at(&silent.url("/"))).await.kind(), "deferred");
    let endless = Site::start(|_| Does::redirect(302, "/again")).await;
    assert_eq!(ask(form_at(&endless.url("/"))).await.kind(), "deferred");
    assert_eq!(endless.arrived().len(), 11);
    assert_eq!(ask(form_at("http://127.0.0.1:1/")).await.kind(), "deferred");
    assert_eq!(ask(form_at("http://no-such-name.invalid/")).await.kind(), "deferred");
}

#[tokio::test]
async fn a_frame_that_leads_on_to_a_stranger_is_not_written_into() {
    let site = Site::start(|r| match r.path.as_str() {
        "/" => Does::page("<p>Contact</p><iframe src=/moves></iframe>"),
        "/moves" => Does::redirect(302, &format!("http://localhost:{}/form", r.host.rsplit_once(':').unwrap().1)),
        _ => Does::page(PLAIN),
    });
    let site = site.await;
    let tried = ask(form_at(&site.url("/"))).await;
    assert_eq!((tried.kind(), site.posted().len()), ("blocked", 0));
    assert!(tried.detail().contains("a frame of localhost was not looked into"), "{}", tried.detail());
}

#[tokio::test]
async fn the_answer_to_the_form_decides_what_may_have_left() {
    for (status, kind) in [
        (400, "refused"),
        (404, "refused"),
        (422, "refused"),
        (401, "blocked"),
        (403, "blocked"),
        (405, "blocked"),
        (429, "blocked"),
        (408, "in doubt"),
        (500, "in doubt"),
        (502, "in doubt"),
    ] {
        let site =
            Site::start(move |r| if r.method == Method::POST { Does::status(status, "?") } else { Does::page(PLAIN) });
        let site = site.await;
        let tried = ask(form_at(&site.url("/"))).await;
        assert_eq!((tried.kind(), site.posted().len()), (kind, 1), "{status}");
    }
    let silent = site(PLAIN, |_| Does::Hang).await;
    assert_eq!(ask_impatiently(form_at(&silent.url("/"))).await.kind(), "in doubt");
    assert_eq!(silent.posted().len(), 1);
    let endless = site(PLAIN, |_| Does::redirect(307, "/send")).await;
    assert_eq!(ask(form_at(&endless.url("/"))).await.kind(), "in doubt");
    let lost = Site::start(|r| match (r.method.clone(), r.path.as_str()) {
        (Method::POST, _) => Does::redirect(302, "/gone"),
        (_, "/gone") => Does::status(404, "?"),
        _ => Does::page(PLAIN),
    });
    assert_eq!(ask(form_at(&lost.await.url("/"))).await.kind(), "in doubt");
    let elsewhere = PLAIN.replace("/send", "http://127.0.0.1:1/");
    let unreachable = Site::start(move |_| Does::page(elsewhere.clone())).await;
    assert_eq!(ask(form_at(&unreachable.url("/"))).await.kind(), "deferred");
}

#[tokio::test]
async fn a_page_of_success_is_believed_only_on_evidence() {
    type Then = fn(&Arrived) -> Does;
    let cases: [(Then, &str); 9] = [
        (thanks, "accepted"),
        (|_| Does::page("Il commento è in attesa di moderazione."), "held"),
        (|_| Does::page(format!("<p class=error>Errore: campo obbligatorio.</p>{PLAIN}")), "entries rejected"),
        (|_| Does::page(format!("<p>Grazie, messaggio inviato.</p>{PLAIN}")), "accepted"),
        (|_| Does::page(PLAIN), "in doubt"),
        (|_| Does::page(""), "in doubt"),
        (|_| Does::page("<p>Benvenuti nel nostro sito</p>"), "in doubt"),
        (|_| Does::page("<p>Si è verificato un errore.</p>"), "in doubt"),
        (|_| Does::page("{\"success\": true}"), "accepted"),
    ];
    for (i, (then, kind)) in cases.into_iter().enumerate() {
        let site = site(PLAIN, then).await;
        let tried = ask(form_at(&site.url("/"))).await;
        assert_eq!(tried.kind(), kind, "case {i}: {}", tried.detail());
    }
    // The question's own "Grazie" in an echo of it is no thanks.
    let echo = site(PLAIN, |r| Does::page(format!("<p>{}</p>", pairs(&r.body)[2].1))).await;
    assert_eq!(ask(form_at(&echo.url("/"))).await.kind(), "in doubt");
}

#[tokio::test]
async fn stated_proof_is_enough_and_all_of_it_is_needed() {
    let success = |text: &str, selector: &str| {
        Some(FormSuccess {
            text: Some(text.to_owned()),
            selector: Some(selector.to_owned()),
            url: Some("/send".to_owned()),
        })
    };
    let site = site(PLAIN, |_| Does::page("<div id=ok>Pratica 77 aperta</div>")).await;
    for (stated, kind) in [(success("Pratica", "#ok"), "accepted"), (success("Pratica", "#no"), "in doubt")] {
        let tried = ask(FormTarget { success: stated, ..form_at(&site.url("/")) }).await;
        assert_eq!(tried.kind(), kind);
    }
}
