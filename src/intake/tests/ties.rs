//! Every rule of tying, alone and in conflict.

use super::*;

#[test]
fn an_own_address_ties_wherever_it_stands() {
    let index = Index::new(&plan(true));
    for field in ["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Forwarded-To"] {
        let reading = mail(
            &format!("From: x@elsewhere.example\n{field}: \"E\" <ENRICO.alfa.web_form@posta.example>"),
            "No.",
            &index,
        );
        assert_eq!(tied(&reading), Some((ALFA_FORM, Tie::Alias)), "{field}");
        assert_eq!(reading.interpretation.kind, InboundKind::Reply);
    }
    let hidden = "Received: from a by b for <enrico.beta.email@posta.example>; Mon\nFrom: x@y.example";
    assert_eq!(tied(&mail(hidden, "No.", &index)), Some((BETA_MAIL, Tie::Alias)));
}

#[test]
fn a_shared_address_ties_nothing() {
    let index = Index::new(&plan(false));
    let reading = mail("From: x@elsewhere.example\nTo: enrico@posta.example", "No.", &index);
    assert_eq!(tied(&reading), None);
    assert!(reading.interpretation.needs_review());
}

#[test]
fn our_message_id_ties_a_reminders_too() {
    let index = Index::new(&plan(false));
    for field in ["In-Reply-To", "References"] {
        for n in 0..2 {
            let reading = mail(
                &format!("From: x@elsewhere.example\n{field}: <other@x> <{ALFA_FORM}.{n}@posta.example>"),
                "No.",
                &index,
            );
            assert_eq!(tied(&reading), Some((ALFA_FORM, Tie::MessageId)));
        }
    }
}

#[test]
fn address_and_message_id_that_disagree_go_to_review_with_both() {
    let index = Index::new(&plan(true));
    let reading = mail(
        &format!(
            "From: a@alfa.example\nTo: enrico.alfa.email@posta.example\nIn-Reply-To: <{ALFA_FORM}.0@posta.example>"
        ),
        "No.",
        &index,
    );
    assert_eq!(tied(&reading), None);
    assert_eq!(candidates(&reading), [ALFA_MAIL, ALFA_FORM]);
    assert!(reading.interpretation.because.contains(&"evidence-disagrees".to_owned()));
}

#[test]
fn an_answer_to_two_inquiries_at_once_goes_to_review() {
    let index = Index::new(&plan(true));
    let both = "From: a@alfa.example\nTo: enrico.alfa.email@posta.example, enrico.alfa.web_form@posta.example";
    let reading = mail(both, "No.", &index);
    assert_eq!(tied(&reading), None);
    assert_eq!(candidates(&reading), [ALFA_MAIL, ALFA_FORM]);
}

#[test]
fn a_message_id_chooses_among_two_addresses() {
    let index = Index::new(&plan(true));
    let headers = format!(
        "From: a@alfa.example\nTo: enrico.alfa.email@posta.example, enrico.alfa.web_form@posta.example\nIn-Reply-To: <{ALFA_FORM}.0@posta.example>"
    );
    assert_eq!(tied(&mail(&headers, "No.", &index)), Some((ALFA_FORM, Tie::Alias)));
}

#[test]
fn what_was_tied_ties_what_continues_it() {
    let mut index = Index::new(&plan(true));
    let first = mail("From: a@elsewhere.example\nTo: enrico.alfa.web_form@posta.example", "Chiedo.", &index);
    index.learn(&ALFA_FORM.into(), &first);
    let headers = format!("From: b@elsewhere.example\nReferences: <{}>", first.message_id.unwrap());
    assert_eq!(tied(&mail(&headers, "No.", &index)), Some((ALFA_FORM, Tie::MessageId)));
}

#[test]
fn a_message_id_that_a_broken_responder_uses_for_all_ties_nothing() {
    let mut index = Index::new(&plan(true));
    for (inquiry, alias) in [(ALFA_FORM, "alfa.web_form"), (ALFA_MAIL, "alfa.email")] {
        let raw =
            format!("Message-ID: <always@alfa.example>\nFrom: a@alfa.example\nTo: enrico.{alias}@posta.example\n\nx\n");
        let reading = read(raw.as_bytes(), RawFormat::Mail, at("2026-03-03T09:00:00Z"), &index);
        index.learn(&inquiry.into(), &reading);
    }
    let reading = mail("From: a@alfa.example\nReferences: <always@alfa.example>", "No.", &index);
    assert_eq!((tied(&reading), candidates(&reading)), (None, vec![ALFA_FORM, ALFA_MAIL]));
}

#[test]
fn a_ticket_number_ties_the_agents_later_mail_of_the_same_domain_only() {
    let mut index = Index::new(&plan(true));
    let acknowledgement = mail(
        "From: no-reply@alfa.example\nTo: enrico.alfa.web_form@posta.example\nAuto-Submitted: auto-replied\nSubject: Richiesta ricevuta",
        "Il Suo numero di ticket è 2026-44512. Messaggio automatico.",
        &index,
    );
    assert_eq!(acknowledgement.interpretation.kind, InboundKind::Acknowledgement);
    index.learn(&ALFA_FORM.into(), &acknowledgement);
    let subject = "To: enrico@posta.example\nSubject: [Ticket #2026-44512] Glutine";
    let agent = mail(&format!("From: carla@help.alfa.example\n{subject}"), "No.", &index);
    assert_eq!(tied(&agent), Some((ALFA_FORM, Tie::Ticket)));
    let stranger = mail(&format!("From: carla@gamma.example\n{subject}"), "No.", &index);
    assert_eq!(tied(&stranger), None);
}

#[test]
fn a_merged_ticket_never_overrules_an_own_address() {
    let mut index = Index::new(&plan(true));
    let headers =
        |alias: &str| format!("From: c@alfa.example\nTo: enrico.{alias}@posta.example\nSubject: [Ticket #44512] x");
    let first = mail(&headers("alfa.email"), "Vediamo.", &index);
    index.learn(&ALFA_MAIL.into(), &first);
    let reading = mail(&headers("alfa.web_form"), "No.", &index);
    assert_eq!(tied(&reading), Some((ALFA_FORM, Tie::Alias)));
    assert_eq!(candidates(&reading), [ALFA_MAIL]);
}

#[test]
fn domain_and_quoted_question_tie_where_only_one_inquiry_fits() {
    let index = Index::new(&plan(false));
    let quoted = format!("No, non lo contiene.\n\n> {}", QUESTION.replace(". ", ".\n> "));
    let beta = mail("From: carla@crm.beta.example\nTo: enrico@posta.example", &quoted, &index);
    assert_eq!(tied(&beta), Some((BETA_MAIL, Tie::DomainAndQuote)));
    let stranger = mail("From: carla@gamma.example", &quoted, &index);
    assert_eq!((tied(&stranger), candidates(&stranger)), (None, vec![]));
}

#[test]
fn the_same_question_twice_to_one_company_is_never_mixed_up() {
    let index = Index::new(&plan(false));
    let quoted = format!("No.\n\n> {QUESTION}");
    let reading = mail("From: carla@alfa.example\nTo: enrico@posta.example", &quoted, &index);
    assert_eq!(tied(&reading), None);
    assert_eq!(candidates(&reading).len(), 3);
    assert!(reading.interpretation.because.contains(&"several-inquiries".to_owned()));
}

#[test]
fn a_company_that_quotes_nothing_or_writes_before_it_was_asked_is_not_tied() {
    let index = Index::new(&plan(false));
    let silent = mail("From: info@beta.example", "Buongiorno, nessun glutine.", &index);
    assert_eq!((tied(&silent), candidates(&silent)), (None, vec![BETA_MAIL]));
    let raw = format!("From: info@beta.example\n\n> {QUESTION}\n");
    let early = read(raw.as_bytes(), RawFormat::Mail, at("2026-03-02T08:59:00Z"), &index);
    assert_eq!((tied(&early), candidates(&early)), (None, vec![]));
}

#[test]
fn a_number_that_the_page_gave_after_a_form_ties_a_reply_that_only_names_it() {
    let mut index = Index::new(&plan(false));
    let read =
        |index: &Index, from: &str, text: &str| mail(&format!("From: {from}\nTo: enrico@posta.example"), text, index);
    let text = "Buongiorno, riguardo al ticket 2026-44512: no, non ne contengono.";
    assert_eq!(tied(&read(&index, "agente@alfa.example", text)), None);
    index.learn_ticket(&ALFA_FORM.into(), "2026-44512");
    for from in ["agente@alfa.example", "support@helpdesk.example"] {
        assert_eq!(tied(&read(&index, from, text)), Some((ALFA_FORM, Tie::Ticket)), "{from}");
    }
    // Another company of the wave has numbers of its own, and so has every stranger short ones.
    assert_eq!(tied(&read(&index, "agente@beta.example", text)), None);
    index.learn_ticket(&ALFA_FORM.into(), "4451");
    assert_eq!(tied(&read(&index, "support@helpdesk.example", "Il ticket 4451 è chiuso.")), None);
    assert_eq!(tied(&read(&index, "agente@alfa.example", "Il ticket 4451 è chiuso.")), Some((ALFA_FORM, Tie::Ticket)));
}
