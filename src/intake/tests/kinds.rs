//! What mails are, where it depends on the wave; and bytes that cannot be read.

use super::*;

#[test]
fn bounces_are_tied_by_what_they_return() {
    let index = Index::new(&plan(true));
    let report = |returned: &str| {
        format!(
            "--b\n\nYour message could not be delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; info@beta.example\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: message/rfc822\n\n{returned}\n\nBuongiorno\n--b--"
        )
    };
    let headers = "From: MAILER-DAEMON@mx.example\nTo: enrico@posta.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b";
    let by_id =
        mail(headers, &report(&format!("From: e@posta.example\nMessage-ID: <{BETA_MAIL}.0@posta.example>")), &index);
    assert_eq!(tied(&by_id), Some((BETA_MAIL, Tie::MessageId)));
    assert_eq!(by_id.interpretation.status.as_deref(), Some("5.1.1"));
    let by_from = mail(headers, &report("From: <enrico.beta.email@posta.example>"), &index);
    assert_eq!(tied(&by_from), Some((BETA_MAIL, Tie::Alias)));
    let plain = mail(
        "From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: failure notice",
        &format!(
            "Hi. I'm sorry, delivery failed: 550 no such user.\n\n--- Below is a copy:\nReceived: from x\nMessage-ID: <{BETA_MAIL}.0@posta.example>"
        ),
        &index,
    );
    assert_eq!((plain.interpretation.kind, tied(&plain)), (InboundKind::Bounce, Some((BETA_MAIL, Tie::MessageId))));
}

#[test]
fn our_own_mail_seen_again_is_no_reply() {
    let index = Index::new(&plan(true));
    let raw =
        format!("Message-ID: <{BETA_MAIL}.0@posta.example>\nFrom: enrico.beta.email@posta.example\n\n{QUESTION}\n");
    let sent = read(raw.as_bytes(), RawFormat::Mail, at("2026-03-03T09:00:00Z"), &index);
    assert_eq!(sent.interpretation.kind, InboundKind::OwnCopy);
    let copy = mail("From: enrico.beta.email@posta.example\nTo: enrico.beta.email@posta.example", QUESTION, &index);
    assert_eq!(copy.interpretation.kind, InboundKind::OwnCopy);
    let forged = mail("From: enrico.beta.email@posta.example\nTo: enrico.beta.email@posta.example", "Vincite!", &index);
    assert_eq!((forged.interpretation.kind, tied(&forged)), (InboundKind::Reply, None));
    assert!(forged.interpretation.needs_review());
}

#[test]
fn a_copy_that_does_not_reach_our_own_mailbox_is_no_bounce_of_the_company() {
    let index = Index::new(&plan(true));
    let headers = "From: MAILER-DAEMON@mx.example\nTo: enrico.beta.email@posta.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b";
    let report = |recipients: &[(&str, &str)]| {
        let group = |(to, action): &(&str, &str)| format!("\n{to}\nAction: {action}\nStatus: 5.2.2\n");
        let groups = recipients.iter().map(group).collect::<Vec<_>>().concat();
        let body = format!(
            "--b\n\nYour message could not be delivered.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n{groups}--b\nContent-Type: message/rfc822\n\nMessage-ID: <{BETA_MAIL}.0@posta.example>\n\nBuongiorno\n--b--"
        );
        let reading = mail(headers, &body, &index);
        assert_eq!(tied(&reading).map(|(id, _)| id), Some(BETA_MAIL));
        reading.interpretation.kind
    };
    let (ours, theirs) =
        ("Final-Recipient: rfc822; Enrico@Posta.example", "Final-Recipient: rfc822; info@beta.example");
    let forwarded = "Original-Recipient: rfc822;enrico@posta.example\nFinal-Recipient: rfc822; box7@store.example";
    assert_eq!(report(&[(ours, "failed")]), InboundKind::OwnCopy);
    assert_eq!(report(&[(forwarded, "failed")]), InboundKind::OwnCopy);
    assert_eq!(report(&[(theirs, "relayed"), (ours, "failed")]), InboundKind::OwnCopy);
    assert_eq!(report(&[(theirs, "failed"), (ours, "failed")]), InboundKind::Bounce);
    assert_eq!(report(&[(theirs, "failed"), (ours, "relayed")]), InboundKind::Bounce);

    let in_words = |failed: &str| {
        let headers = format!(
            "From: Mailer-Daemon@mx.example\nTo: enrico.beta.email@posta.example\nX-Failed-Recipients: {failed}\nSubject: Mail delivery failed"
        );
        let body = format!(
            "A message that you sent could not be delivered: 552 mailbox full\n\nMessage-ID: <{BETA_MAIL}.0@posta.example>"
        );
        let reading = mail(&headers, &body, &index);
        assert_eq!(tied(&reading).map(|(id, _)| id), Some(BETA_MAIL));
        reading.interpretation.kind
    };
    assert_eq!(in_words("Enrico@posta.example"), InboundKind::OwnCopy);
    assert_eq!(in_words("info@beta.example, enrico@posta.example"), InboundKind::Bounce);
}

#[test]
fn a_newsletter_is_unrelated_until_it_comes_to_an_own_address() {
    let index = Index::new(&plan(true));
    let list = "From: news@gamma.example\nList-Unsubscribe: <https://g.example>";
    assert_eq!(mail(list, "Offerte", &index).interpretation.kind, InboundKind::Newsletter);
    let ours = mail(&format!("{list}\nTo: enrico.beta.email@posta.example"), "Offerte", &index);
    assert_eq!((tied(&ours), candidates(&ours)), (None, vec![BETA_MAIL]));
    assert!(ours.interpretation.needs_review());
}

#[test]
fn a_ticket_systems_auto_generated_mail_without_a_machines_words_goes_to_review() {
    let index = Index::new(&plan(true));
    let headers = "From: Carla <carla@alfa.example>\nTo: enrico.alfa.email@posta.example\nAuto-Submitted: auto-generated\nX-Zendesk-From-Account-Id: 1";
    let reading = mail(headers, "No, non contiene glutine. Carla", &index);
    assert_eq!((reading.interpretation.kind, tied(&reading)), (InboundKind::Reply, None));
    assert_eq!(candidates(&reading), [ALFA_MAIL]);
}

#[test]
fn what_cannot_be_read_goes_to_review() {
    let index = Index::new(&plan(true));
    let stamp = at("2026-03-03T09:00:00Z");
    for (raw, format) in [
        (&b""[..], RawFormat::Mail),
        (b"\xff\xfe\x00", RawFormat::Mail),
        (b"no header at all", RawFormat::Mail),
        (b"{", RawFormat::MastodonStatus),
        (b"[1,2]", RawFormat::MastodonStatus),
    ] {
        let reading = read(raw, format, stamp, &index);
        assert_eq!(reading.interpretation.because, ["unreadable"]);
        assert!(reading.interpretation.needs_review());
    }
    let note = read("Ha chiamato Carla".as_bytes(), RawFormat::Note, stamp, &index);
    assert_eq!((note.interpretation.kind, note.text.as_str()), (InboundKind::Reply, "Ha chiamato Carla"));
}

#[test]
fn bombs_are_read_in_bounded_time() {
    let index = Index::new(&plan(true));
    let deep: String = (0..20_000).map(|_| "Content-Type: message/rfc822\n\n").collect();
    let level = |n: u32| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n");
    let nested = (0..3_000).map(level).collect::<Vec<_>>().concat();
    let parts = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(10_000));
    let fields = format!("{}\nx", "A: b\n".repeat(200_000));
    let folded = format!("To:{}\n\nx", "\n a@b.example,".repeat(100_000));
    let html = format!("Content-Type: text/html\n\n{}", "<div><blockquote><script>".repeat(50_000));
    let arrows = format!("From: a@b\n\n{}", ">\n".repeat(200_000));
    for (name, raw) in [
        ("deep", deep),
        ("nested", nested),
        ("parts", parts),
        ("fields", fields),
        ("folded", folded),
        ("html", html),
        ("arrows", arrows),
        ("headings", "From: a@b\n\n".to_owned() + &"On 2 March 2026 at 9:00, a <a@b.example> wrote:\n".repeat(15_000)),
        ("labels", "From: a@b\n\n".to_owned() + &"text\nFrom: a@b.example\n".repeat(9_000)),
        ("rules", "From: a@b\n\ntext\n".to_owned() + &"-----\nKind regards\n".repeat(9_000)),
        ("empty", "From: a@b\n\ntext\n".to_owned() + &"\n> \n".repeat(9_000)),
        ("one line", "From: a@b\n\n".to_owned() + &"no such user ".repeat(300_000)),
        ("divisions", format!("Content-Type: text/html\n\n{}", "<div class=gmail_quote>".repeat(100_000))),
    ] {
        let start = std::time::Instant::now();
        let reading = read(raw.as_bytes(), RawFormat::Mail, at("2026-03-03T09:00:00Z"), &index);
        assert_ne!(reading.interpretation.because, ["unreadable"], "{name}");
        assert!(start.elapsed().as_secs() < 20, "{name} took {:?}", start.elapsed());
    }
}

#[test]
fn a_text_is_read_wherever_its_searched_part_ends() {
    for length in 2_990..3_010 {
        for filler in ["è".repeat(length / 2), "a".repeat(length)] {
            let body = format!("{filler}\nNo.\n\nAnna");
            let reading = mail("From: a@alfa.example\nSubject: Re: Frollini", &body, &Index::default());
            assert_eq!(reading.interpretation.because, ["no-sign-of-a-machine"], "{length}");
        }
    }
}

#[test]
fn of_a_mail_of_fifty_megabytes_the_beginning_is_read_and_an_archive_is_not_opened() {
    let index = Index::new(&plan(true));
    let archive = "UEsDBBQAAAAIAAAAIQ".repeat(50 * 1024 * 1024 / 18);
    let raw = format!(
        "From: Carla <carla@alfa.example>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nNo.\n--b\nContent-Type: application/zip\nContent-Transfer-Encoding: base64\n\n{archive}\n--b--\n"
    );
    let reading = read(raw.as_bytes(), RawFormat::Mail, at("2026-03-03T09:00:00Z"), &index);
    assert_eq!((reading.interpretation.kind, reading.new_text.as_str()), (InboundKind::Reply, "No."));
    assert!(reading.text.len() < 100, "the archive is no text");
}

#[test]
fn a_weak_sign_waits_for_a_person_and_says_how_weak() {
    let index = Index::new(&plan(true));
    let headers = "From: Carla <carla@alfa.example>\nTo: enrico.alfa.email@posta.example\nAuto-Submitted: auto-generated\nX-Zendesk-From-Account-Id: 1";
    let weak = mail(headers, "No, non contiene glutine. Carla", &index).interpretation;
    assert!(weak.confidence < Confidence::ENOUGH && weak.needs_review());
    let clear =
        mail("From: Carla <carla@alfa.example>\nTo: enrico.alfa.email@posta.example", "No.", &index).interpretation;
    assert!(clear.confidence >= Confidence::ENOUGH && !clear.needs_review());
}

#[test]
fn a_newsletter_that_says_so_is_tied_and_is_no_reply() {
    let index = Index::new(&plan(true));
    let headers =
        "From: news@beta.example\nTo: enrico.beta.email@posta.example\nList-Unsubscribe: <https://beta.example>";
    let body = "Offerte di marzo!\n\nSe non desideri più ricevere queste email puoi annullare l'iscrizione. Visualizza nel browser.";
    let reading = mail(headers, body, &index);
    assert_eq!((reading.interpretation.kind, tied(&reading)), (InboundKind::Newsletter, Some((BETA_MAIL, Tie::Alias))));
}

#[test]
fn an_answer_that_looks_like_mass_mail_is_never_called_that_once_it_is_tied() {
    let index = Index::new(&plan(true));
    let to = "To: enrico.beta.email@posta.example";
    let footer =
        "Ricevi questa email perché hai scritto a Beta. Per annullare l'iscrizione: https://b.example/unsubscribe";
    let letter = format!("Gentile Enrico,\n\nno, non lo contiene.\n\nCordiali saluti\nCarla Bianchi\n\n{footer}");
    let page = format!(
        "<div style='display:none'>Beta</div>{}<p>No, non lo contiene.</p><a href='https://b.example/unsubscribe'>via</a>",
        "<table><tr><td><a href='https://b.example'><img src=x></a></table>".repeat(8)
    );
    let html = "\nContent-Type: text/html";
    for (name, fields, body) in [
        ("a desk's field", "\nList-Unsubscribe: <https://b.example>", &letter),
        ("bulk", "\nPrecedence: bulk", &letter),
        ("a page", html, &page),
    ] {
        let reading = mail(&format!("From: Carla <carla@beta.example>\n{to}{fields}"), body, &index);
        assert_eq!(reading.interpretation.kind, InboundKind::Reply, "{name}: {:?}", reading.interpretation);
        let ours = tied(&reading).map(|(id, _)| id).or(candidates(&reading).first().copied());
        assert_eq!(ours, Some(BETA_MAIL), "{name}");
        assert!(tied(&reading).is_some() || reading.interpretation.needs_review(), "{name}");
    }
    let answered = mail(
        &format!("From: Carla <carla@beta.example>\n{to}\nIn-Reply-To: <{BETA_MAIL}.0@posta.example>{html}"),
        &page,
        &index,
    );
    assert_eq!(
        (answered.interpretation.kind, tied(&answered).map(|(id, _)| id)),
        (InboundKind::Reply, Some(BETA_MAIL))
    );
}

#[test]
fn a_page_that_only_looks_like_mass_mail_waits_for_a_person_where_somebody_was_asked() {
    let icons = "<a href='https://c.example'><img src=x></a>".repeat(5);
    let pixel = "<img src=y width=1 height=1>";
    let answer = format!("<p>No, non lo contiene.</p>{icons}{pixel}");
    let headers = "From: privata@elsewhere.example\nTo: enrico@posta.example\nContent-Type: text/html";
    let asked = mail(headers, &answer, &Index::new(&plan(false))).interpretation;
    assert!(asked.needs_review(), "{asked:?}");
    let nobody = mail(headers, &answer, &Index::default()).interpretation;
    assert_eq!((nobody.kind, nobody.needs_review()), (InboundKind::Newsletter, false));
    let leaves = format!("{answer}<a href='https://c.example/unsubscribe'>x</a>");
    let mass = mail(headers, &leaves, &Index::new(&plan(false))).interpretation;
    assert_eq!((mass.kind, mass.needs_review()), (InboundKind::Newsletter, false));
}

#[test]
fn a_form_that_is_sent_on_by_the_postmaster_does_not_make_a_question_undelivered() {
    let index = Index::new(&plan(true));
    let headers = "From: postmaster@alfa.example\nTo: enrico.alfa.web_form@posta.example\nSubject: Modulo";
    let form = "Nome: Enrico Riva\nEmail: enrico.alfa.web_form@posta.example\nData: 02/03/2026 10:15";
    let reading = mail(headers, form, &index);
    assert_eq!((tied(&reading), candidates(&reading)), (None, vec![ALFA_FORM]));
    assert!(reading.interpretation.needs_review());
}

#[test]
fn our_own_question_at_the_top_is_no_new_text() {
    let index = Index::new(&plan(true));
    let quoted = format!("> {QUESTION}\n\nNo, non lo contiene.");
    let reading = mail("From: x@alfa.example\nTo: enrico.alfa.email@posta.example", &quoted, &index);
    assert_eq!(reading.new_text, "No, non lo contiene.");
}

#[test]
fn a_hundred_thousand_inquiries_are_indexed() {
    let mut plan = plan(true);
    let template = plan.inquiries[0].clone();
    plan.inquiries = (0..100_000)
        .map(|n| {
            let mut inquiry = template.clone();
            inquiry.id = InquiryId::from(format!("alfa.email.q.{n}").as_str());
            inquiry.reply_to = Some(format!("e{n}@posta.example"));
            inquiry.messages[0].message_id = format!("{n}@posta.example");
            inquiry
        })
        .collect();
    let index = Index::new(&plan);
    let reading = mail("From: x@alfa.example\nTo: e99999@posta.example", "No.", &index);
    assert_eq!(tied(&reading), Some(("alfa.email.q.99999", Tie::Alias)));
    // A sender that stands for all of them says nothing: nothing is tied, the list stays short.
    let vague = mail("From: x@alfa.example", &format!("> {QUESTION}"), &index);
    assert_eq!(tied(&vague), None);
    assert!(candidates(&vague).len() <= 20);
}

#[test]
fn a_line_that_fills_what_is_searched_to_the_last_byte_is_read() {
    // Found by fuzzing: the line end behind it made the room that was left less than none.
    for bytes in 2_990..=3_010 {
        let body = format!("{}\n{}", "x".repeat(bytes), "Sono fuori ufficio. ".repeat(300));
        let reading = mail("From: info@beta.example\nTo: enrico@posta.example", &body, &Index::default());
        assert!(!reading.interpretation.because.contains(&"reader-panicked".to_owned()), "{bytes}");
        let short = format!("{}\nNo.", "x".repeat(bytes));
        let reading = mail("From: info@beta.example\nTo: enrico@posta.example", &short, &Index::default());
        assert!(!reading.interpretation.because.contains(&"reader-panicked".to_owned()), "{bytes}");
    }
}
