//! What stays of replies as companies write them, in Italian, English and German.

use super::*;

#[track_caller]
fn left(cases: &[(&str, &str)]) {
    let wrong: Vec<_> =
        cases.iter().map(|(said, left)| (redact(said, &[]), *left)).filter(|(is, left)| is != left).collect();
    assert_eq!(wrong, []);
}

#[test]
fn every_rule_can_be_read() {
    assert_eq!((FIRST.len(), KEPT.len(), AMOUNTS.len(), RULES.len()), (5, 3, 4, 19));
}

#[test]
fn what_points_at_a_person_is_blacked_out() {
    left(&[
        ("Scriva a maria.bianchi@alfa.example.", "Scriva a [e-mail]."),
        ("Chieda del sig. Rossi in negozio", "Chieda del [name] in negozio"),
        ("Sono Maria Bianchi del servizio clienti", "[name] del servizio clienti"),
        ("Costa 20 euro.\nCordiali saluti\nMaria Bianchi\nServizio clienti", "Costa 20 euro.\n[closing]"),
        ("Costa 20 euro. Cordiali saluti, Maria Bianchi", "Costa 20 euro. [closing]"),
        ("Gentile Enrico Riva,\nsì, è disponibile", "[greeting],\nsì, è disponibile"),
        ("It costs 20 pounds.\n\nKind regards,\nTom Baker", "It costs 20 pounds.\n\n[closing]"),
        ("My name is Tom Baker and I can help", "[name] and I can help"),
        ("Fragen Sie nach Frau Müller im Laden", "Fragen Sie nach [name] im Laden"),
        ("Mein Name ist Jörg Weiß", "[name]"),
        ("Es kostet 20 Euro.\nViele Grüße\nJörg Weiß", "Es kostet 20 Euro.\n[closing]"),
        ("Es kostet 20 Euro. Mit freundlichen Grüßen, Jörg Weiß", "Es kostet 20 Euro. [closing]"),
        ("Sehr geehrter Herr Riva, gern", "Sehr geehrter [name], gern"),
        ("See https://alfa.example/x?id=9 for it", "See [link] for it"),
        ("Su Facebook: @alfa_care", "Su Facebook: [account]"),
    ]);
    assert_eq!(
        redact("Biscotti Alfa ringrazia Enrico", &["Alfa".into(), "Biscotti Alfa".into(), "enrico".into()]),
        "[name] ringrazia [name]"
    );
}

#[test]
fn telephone_numbers_are_blacked_out_however_they_are_written() {
    for number in [
        "02 1234567",
        "+39 333 123 4567",
        "0161 496 0000",
        "+44 (0)161 496 0000",
        "06/12345678",
        "02-12345678",
        "333.123.4567",
        "089/123456",
        "0171 1234567",
        "030 12345678",
        "0039 02 123456",
        "06.12.20.34.56",
        "06 12 20 34 56",
        "800 123456",
        "0800 12 34 56",
        "(555) 123-4567",
        "07700 900123",
        "02.12.34.56",
        "0699/1234567",
    ] {
        for said in [format!("Chiami {number}!"), format!("dalle 09:00 alle 12:30 {number}"), format!("Tel.: {number}")]
        {
            let redacted = redact(&said, &[]);
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
            let hours = if said.starts_with("dalle") { 8 } else { 0 };
            assert!(digits(&redacted) <= hours, "{said} → {redacted}");
        }
    }
}

#[test]
fn a_telephone_number_is_no_amount_whatever_stands_after_it() {
    left(&[
        ("Chiami 3331234567 ore pasti", "Chiami [telephone] ore pasti"),
        ("numero verde 800 123 456 ore 9-18", "numero verde [number] ore 9-18"),
        ("800123456 giorni feriali", "[number] giorni feriali"),
        ("0791234567 Fr. vormittags", "[telephone] Fr. vormittags"),
        ("Mo. bis Fr. 0791234567", "Mo. bis Fr. [telephone]"),
        ("02 1234567 ore 09:00-12:30", "[telephone] ore 09:00-12:30"),
        ("030 123456 Stunden Mo-Fr", "[telephone] Stunden Mo-Fr"),
        ("(0161) 496000 Stunden", "[telephone] Stunden"),
        ("Tel. (02) 49 60 00 ore 9-18", "Tel. [telephone] ore 9-18"),
        ("0161 / 496000 Stunden", "[telephone] Stunden"),
        ("0161 – 496000 hours", "[telephone] hours"),
        ("(0161) 49600 km", "[telephone] km"),
        ("+39 (0161) 496000 ore", "[telephone] ore"),
        ("Rufen Sie 496000 Stunden Mo-Fr 8.00–12.00", "Rufen Sie [number] Stunden Mo-Fr 8.00–12.00"),
        ("Appelez le 496000 heures de bureau", "Appelez le [number] heures de bureau"),
        ("Llame al 496000 horas de oficina", "Llame al [number] horas de oficina"),
        ("chiami 496000 ore 9-18", "chiami [number] ore 9-18"),
        ("costa 20 € 3331234567", "costa 20 € [telephone]"),
    ]);
    for said in ["Fr. 12.50 im Laden", "€ 1.250.000,00 o CHF 1'250'000", "0,75 l a 0,50 €"] {
        assert_eq!(redact(said, &[]), said);
    }
}

#[test]
fn account_ticket_and_customer_numbers_are_blacked_out() {
    left(&[
        ("IBAN IT60 X054 2811 1010 0000 0123 456", "IBAN [account]"),
        ("IBAN DE89370400440532013000 bei uns", "IBAN [account] bei uns"),
        ("Ticket #48213 aperto", "[number] aperto"),
        ("La pratica n. 2026/118 è aperta", "La [number] è aperta"),
        ("Ihre Kundennummer: 10.12.26 bitte angeben", "Ihre [number] bitte angeben"),
        ("Codice cliente AB-4711, grazie", "[number], grazie"),
        ("Your customer number 4711 is known", "Your [number] is known"),
        ("Order no. 4711-B has left", "[number] has left"),
        ("Vorgang RX20394 läuft", "[number] läuft"),
        ("Carta 1234-5678-9012-3456 rifiutata", "Carta [number] rifiutata"),
        ("Nata il 01.03.1975", "Nata il [telephone]"),
    ]);
}

#[test]
fn addresses_are_blacked_out() {
    left(&[
        ("Siamo in via Giuseppe Verdi 12, vi aspettiamo", "Siamo in [address], vi aspettiamo"),
        ("VIA ROMA 5, aperto", "[address], aperto"),
        ("Come to 12 High Street any day", "Come to [address] any day"),
        ("20121 Milano", "[address]"),
        ("In der Müllerstraße 12 oder Hauptstr. 5", "In der [address] oder [address]"),
        ("80331 München, gern", "[address], gern"),
    ]);
}

#[test]
fn prices_dates_hours_and_measures_stay() {
    for said in [
        "Costa 1.299,00 euro, consegna dal 01.03.2026",
        "Dal 12/03/2026 alle 15:30",
        "Aperti dal 01.03.2026-15.03.2026, ore 09.00-12.30 / 15.00-19.30",
        "Lun-ven 8:30-12:30, 14:00-18:00; sabato 09.00-13.00",
        "Circa 80 mq, 32 GB, 10000 ore, 15000 lumen",
        "In 2026 we sold 500 of them",
        "It is £12,500.00, or € 14 500, from 2026-03-01",
        "Open Monday to Friday 9:00 - 17:30, closed on 25/12/26",
        "Es kostet 12500 Euro, geliefert am 03.04.2026 um 10.15 Uhr",
        "CHF 1'250.- bis 31.12.2026, Mo-Fr 08.00-18.00 Uhr",
        "12.000 Stück, 0,75 l, 230 V",
        "Aperti in ore 9-18, lun-ven",
        "Mo-Fr 8.00–12.00",
        "Mo-Fr 8.00–12.00 und 13.30–17.00 Uhr, Sa 9-13 Uhr",
        "Mo-Fr 8–12 Uhr (24 Stunden Notdienst)",
        "Du lundi au vendredi de 9h00 à 12h30 et de 14 h à 18 h",
        "L-V 10:00-14:00, 16.30–20.00; 24 horas",
        "Dura 50000 ore, 100.000 Stunden, 25000 heures o 25000 horas",
        "Consegna in 3 giorni, en 5 jours, en 7 días",
        "Grazie e le confermo che costa 20 euro",
    ] {
        assert_eq!(redact(said, &[]), said);
    }
}

#[test]
fn a_strangers_own_marks_are_no_way_in() {
    assert_eq!(redact("\u{e000}\u{e001} 02 1234567 €5", &[]), "[telephone] €5");
}
