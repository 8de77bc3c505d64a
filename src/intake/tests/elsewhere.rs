//! Answers that come from elsewhere: another address, a portal, a help desk, within seconds.

use super::*;

fn beta(headers: &str, body: &str) -> Reading {
    mail(headers, body, &Index::new(&plan(false)))
}

#[test]
fn an_answer_from_another_address_that_shows_whom_we_asked_is_tied() {
    let body = format!(
        "No, non lo contiene. Carla\n\nDa: Enrico Riva\nInviato: lunedì 2 marzo 2026 09:00\nA: info@beta.example\nOggetto: Glutine\n\n{QUESTION}"
    );
    let reading = beta("From: Carla <carla@gruppo.example>\nTo: enrico@posta.example", &body);
    assert_eq!(tied(&reading), Some((BETA_MAIL, Tie::DomainAndQuote)));
    assert!(reading.interpretation.because.contains(&"company-named".to_owned()));
}

#[test]
fn an_answer_after_an_internal_forward_with_a_new_subject_and_no_references_is_tied() {
    let body = format!(
        "Buongiorno, le rispondo io: no.\n\n---------- Messaggio inoltrato ---------\nDa: Beta <info@beta.example>\nA: Laboratorio\n\n> {QUESTION}"
    );
    let reading = beta("From: lab@esterno.example\nTo: enrico@posta.example\nSubject: Analisi", &body);
    assert_eq!(tied(&reading), Some((BETA_MAIL, Tie::DomainAndQuote)));
}

#[test]
fn a_portal_that_only_gives_a_link_goes_to_review_with_the_company() {
    let headers = "From: Portale <no-reply@portale.example>\nTo: enrico@posta.example\nSubject: Nuova risposta";
    let reading = beta(headers, "Carla ha risposto: legga la risposta su https://aiuto.beta.example/r/8812");
    assert_eq!((tied(&reading), candidates(&reading)), (None, vec![BETA_MAIL]));
    assert!(reading.interpretation.needs_review());
}

#[test]
fn a_portals_notification_that_sounds_like_mass_mail_goes_to_review_too() {
    let text = "Carla ha risposto: legga la risposta su https://aiuto.beta.example/r/8812\n\nVisualizza nel browser · Annulla l'iscrizione";
    for marked in ["", "\nAuto-Submitted: auto-generated"] {
        let headers =
            format!("From: Portale <info@portale.example>\nTo: enrico@posta.example\nSubject: Novità{marked}");
        let reading = beta(&headers, text);
        assert_eq!((tied(&reading), candidates(&reading)), (None, vec![BETA_MAIL]), "{marked}");
        assert!(reading.interpretation.needs_review());
    }
}

#[test]
fn a_company_that_a_newsletter_of_others_names_has_not_written() {
    let headers = "From: news@gamma.example\nTo: enrico@posta.example\nList-Unsubscribe: <https://gamma.example>";
    let reading = beta(headers, "Offerte dei nostri partner: https://www.beta.example. Annulla l'iscrizione qui.");
    assert_eq!((reading.interpretation.kind, candidates(&reading)), (InboundKind::Newsletter, vec![]));
}

#[test]
fn a_help_desk_says_by_its_host_or_name_for_whom_it_writes() {
    let quoted = format!("No.\n\n> {QUESTION}");
    for from in ["Support <support@beta.zendesk.com>", "Beta <notifications@mail.intercom.io>"] {
        let reading = beta(&format!("From: {from}\nTo: enrico@posta.example"), &quoted);
        assert_eq!(tied(&reading), Some((BETA_MAIL, Tie::DomainAndQuote)), "{from}");
        assert!(reading.interpretation.because.contains(&"help-desk-relay".to_owned()));
    }
    let other = beta("From: Support <support@gamma.zendesk.com>\nTo: enrico@posta.example", &quoted);
    assert_eq!((tied(&other), candidates(&other)), (None, vec![]));
}

#[test]
fn a_digest_of_several_tickets_goes_to_review_with_all_of_them() {
    let mut index = Index::new(&plan(true));
    for (inquiry, alias, ticket) in [(ALFA_MAIL, "alfa.email", "44512"), (ALFA_FORM, "alfa.web_form", "44513")] {
        let headers = format!(
            "From: help@alfa.example\nTo: enrico.{alias}@posta.example\nAuto-Submitted: auto-replied\nSubject: [Ticket #{ticket}] Richiesta ricevuta"
        );
        index.learn(&inquiry.into(), &mail(&headers, "Abbiamo ricevuto la Sua richiesta.", &index));
    }
    let headers = "From: help@alfa.example\nTo: enrico@posta.example\nSubject: Le sue richieste";
    let digest = mail(headers, "Ticket 44512: in lavorazione\nTicket 44513: risolto, senza glutine", &index);
    assert_eq!((tied(&digest), candidates(&digest)), (None, vec![ALFA_MAIL, ALFA_FORM]));
}

#[test]
fn what_answers_within_seconds_is_a_receipt_or_less_sure() {
    let mut index = Index::new(&plan(true));
    index.learn_asked(&BETA_MAIL.into(), "2026-03-03T08:59:40Z".parse().unwrap());
    let headers = "From: Beta <info@beta.example>\nTo: enrico.beta.email@posta.example";
    let receipt = mail(headers, "Grazie per averci contattato, a presto.", &index);
    assert_eq!(receipt.interpretation.kind, InboundKind::Acknowledgement);
    let fast = mail(headers, "Non contiene glutine.", &index).interpretation;
    assert_eq!((fast.kind, fast.because.contains(&"within-seconds".to_owned())), (InboundKind::Reply, true));
    let slow = mail(headers, "Non contiene glutine.", &Index::new(&plan(true))).interpretation;
    assert!(fast.confidence < slow.confidence && fast.confidence >= Confidence::ENOUGH);
}

#[test]
fn the_text_that_another_inquiry_got_is_less_sure_to_be_an_answer_where_it_sounds_like_a_receipt() {
    let mut index = Index::new(&plan(true));
    let text = "Grazie per averci contattato: il suo messaggio è nelle mani del nostro servizio consumatori.";
    let from = |alias: &str| format!("From: Alfa <info@alfa.example>\nTo: enrico.{alias}@posta.example");
    let first = mail(&from("alfa.email"), text, &index);
    assert_eq!(first.interpretation.kind, InboundKind::Reply);
    index.learn(&ALFA_MAIL.into(), &first);
    let second = mail(&from("alfa.web_form"), text, &index);
    assert_eq!(second.interpretation.kind, InboundKind::Reply, "people send the same words to many, too");
    assert!(second.interpretation.confidence < first.interpretation.confidence);
    assert!(second.interpretation.because.contains(&"same-text-before".to_owned()));
}

#[test]
fn the_same_answer_to_two_inquiries_is_an_answer_to_both() {
    let mut index = Index::new(&plan(true));
    let text = "Grazie per averci contattato. La risposta alla sua domanda è no: i frollini non contengono glutine.";
    let from = |alias: &str| format!("From: Alfa <info@alfa.example>\nTo: enrico.{alias}@posta.example");
    let first = mail(&from("alfa.email"), text, &index);
    index.learn(&ALFA_MAIL.into(), &first);
    let second = mail(&from("alfa.web_form"), text, &index);
    assert_eq!(second.interpretation.kind, InboundKind::Reply);
}

#[test]
fn what_was_read_before_is_old_exactly_where_something_was_learnt_of_it() {
    let thanks = "Grazie per averci contattato: il suo messaggio è nelle mani del nostro servizio consumatori.";
    let first = format!(
        "From: help@alfa.example\nTo: enrico.alfa.email@posta.example\nSubject: [Ticket #44512] Richiesta\nX-Pad: {}",
        "x".repeat(100)
    );
    let to_bare = "From: help@alfa.example\nTo: enrico@posta.example\nSubject: ";
    let first_id = format!("r{}@alfa.example", first.len());
    let bounce = "From: MAILER-DAEMON@alfa.example\nTo: enrico@posta.example\nSubject: Undelivered Mail".to_owned();
    let later = [
        (true, format!("From: altro@gruppo.example\nTo: enrico@posta.example\nReferences: <{first_id}>"), "No."),
        (true, format!("{to_bare}Ticket 44512"), "Non ne contiene."),
        (true, "From: x@alfa.example\nTo: enrico.alfa.web_form@posta.example".to_owned(), thanks),
        (true, bounce, &*format!("550 no such user\n\nMessage-ID: <{first_id}>\nFrom: x@y.example")),
        (false, "From: zia@famiglia.example\nTo: enrico@posta.example".to_owned(), "Vieni domenica?"),
        (false, "From: info@beta.example\nTo: enrico.beta.email@posta.example".to_owned(), "No, senza glutine."),
    ];
    for (is_old, headers, body) in later {
        let mut index = Index::new(&plan(true));
        let before = mail(&headers, body, &index);
        let teacher = mail(&first, thanks, &index);
        index.forget_news();
        index.learn(&ALFA_MAIL.into(), &teacher);
        assert_eq!(mail(&headers, body, &index) != before, is_old, "{headers}: {before:?}");
        assert_eq!(index.has_news_for(&before), is_old, "{headers}");
    }
}
