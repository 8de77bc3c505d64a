//! What is new in a text, and what stands around it.

use super::*;

fn new_text(text: &str) -> String {
    split(text, Closing::Apart, &|_| false).text
}

#[test]
fn what_stands_below_a_heading_is_cut() {
    for text in [
        "No, è senza glutine.\n\nIl giorno lun 2 mar 2026 alle ore 09:00 Enrico Riva\n<e@x.example> ha scritto:\n\n> Lo contiene?\n> Grazie",
        "No, è senza glutine.\n\n-----Messaggio originale-----\nDa: Enrico\nLo contiene?",
        "No, è senza glutine.\n\n________________________________\nDa: Enrico Riva\nInviato: lunedì 2 marzo 2026\nA: Consumatori\nOggetto: Glutine\n\nLo contiene?",
        "##- Scriva sopra questa riga la Sua risposta -##\nNo, è senza glutine.",
        "No, è senza glutine.\n\nAm 02.03.2026 um 09:00 schrieb Enrico Riva:\n> Lo contiene?\n> Grazie\n",
        "No, è senza glutine.\n\nOn Mon, Mar 2, 2026 at 9:00 AM Enrico <e@x.example> wrote:\n\nLo contiene?",
    ] {
        assert_eq!(new_text(text), "No, è senza glutine.", "{text}");
    }
}

#[test]
fn answers_between_and_below_quotations_stay() {
    let between = "On 2 Mar 2026, e@x.example wrote:\n> Lo contiene?\nNo.\n> Quanto costa?\nTre euro.";
    assert_eq!(new_text(between), "No.\nTre euro.");
    let below = "Il 2/3/2026 09:00, e@x.example ha scritto:\n> Lo contiene?\n> Grazie\n\nNo, mai.";
    assert_eq!(new_text(below), "No, mai.");
}

#[test]
fn a_quotation_that_nobody_introduces_goes_where_it_is_ours() {
    let text = "> Lo contiene?\n> Grazie\n\nNo, mai.";
    assert_eq!(split(text, Closing::Apart, &|quoted| quoted.starts_with("Lo contiene?")).text, "No, mai.");
    assert_eq!(new_text(text), text);
}

#[test]
fn in_doubt_everything_stays() {
    for text in [
        "Da: Milano\nsi arriva in treno.",
        "Your colleague wrote:\nplease call us.",
        "> Lo contiene?\n> Grazie",
        "-----Original Message-----\nFrom: x\nonly this",
    ] {
        assert_eq!(new_text(text), text);
    }
    assert!(new_text("Il prezzo è:\n> 5 euro").starts_with("Il prezzo è:"));
}
