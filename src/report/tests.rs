//! What readers of a scorecard must be able to rely on.

use super::*;
use crate::score::samples::study;
use crate::score::{Rate, Scorecard, score};
use crate::stats::Proportion;
use unicode_width::UnicodeWidthStr;

fn card() -> Scorecard {
    let (rows, frame) = study();
    score(&rows, &frame)
}

#[test]
fn the_terminal_page_as_a_reader_sees_it() {
    let page = terminal::render(&card(), &Look { companies: true, ..Look::default() });
    insta::assert_snapshot!(page);
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in [80, 100, 132] {
        let page = terminal::render(&card(), &Look { width, companies: true, all: true, color: false });
        for line in page.lines() {
            assert!(line.width() <= width, "{} columns: {line}", line.width());
        }
    }
}

#[test]
fn thousands_of_inquiries_with_reminders_fit_too_and_lose_no_column() {
    let (rows, frame) = study();
    let of_many = |rate: &mut Rate| *rate = Rate::from(Proportion::new(12_345, 98_765));
    let mut card = score(&rows, &frame);
    let channels = card.channels.iter_mut().map(|channel| &mut channel.tally);
    for tally in channels.chain([&mut card.total]) {
        tally.delivered = 98_765;
        for answers in [Some(&mut tally.before_any_reminder), tally.with_reminders.as_mut()].into_iter().flatten() {
            let rates = [&mut answers.response, &mut answers.response_of_asked, &mut answers.adequate_response];
            rates.into_iter().for_each(of_many);
            answers.within.iter_mut().for_each(|within| of_many(&mut within.replied));
            answers.within.iter_mut().for_each(|within| of_many(&mut within.replied_of_asked));
        }
    }
    let page = terminal::render(&card, &Look { companies: true, all: true, ..Look::default() });
    for line in page.lines() {
        assert!(line.width() <= 80, "{} columns: {line}", line.width());
    }
    let reminders = &page[page.find("With reminders").unwrap()..];
    assert!(reminders.contains("median wait") && reminders.contains("12345/98765"), "{reminders}");
}

#[test]
fn colour_is_written_only_when_asked_for() {
    let (plain, coloured) = (Look::default(), Look { color: true, ..Look::default() });
    let (without, with) = (terminal::render(&card(), &plain), terminal::render(&card(), &coloured));
    assert!(!without.contains('\u{1b}'));
    assert!(with.contains('\u{1b}'));
    assert_eq!(escape::lines(&with), without, "colour changes no character");
}

#[test]
fn every_output_of_a_rehearsal_says_simulated() {
    let card = card();
    assert!(terminal::render(&card, &Look::default()).contains("SIMULATED"));
    assert!(json::render(&card).unwrap().contains("\"notice\": \"SIMULATED"));
    let sheet = csv::render(&card);
    assert!(sheet.lines().skip(1).all(|line| line.ends_with(",SIMULATED")));
}

#[test]
fn a_live_wave_never_says_so() {
    let (rows, mut frame) = study();
    frame.about.simulated = false;
    let card = score(&rows, &frame);
    let outputs = [terminal::render(&card, &Look::default()), json::render(&card).unwrap(), csv::render(&card)];
    assert!(outputs.iter().all(|output| !output.contains("SIMULATED")));
}

#[test]
fn json_reads_back_as_it_was() {
    let card = card();
    let text = json::render(&card).unwrap();
    let read: Scorecard = serde_json::from_str(&text).unwrap();
    assert_eq!(read, card);
    assert_eq!(json::render(&read).unwrap(), text);
}

#[test]
fn csv_has_a_denominator_and_an_interval_with_every_share() {
    let sheet = csv::render(&card());
    let mut reader = ::csv::Reader::from_reader(sheet.as_bytes());
    let mut names = Vec::new();
    for record in reader.records() {
        let record = record.unwrap();
        assert_eq!(record.len(), 10);
        // Differences and curves have no numerator.
        let counted = !["comparison", "exploratory"].contains(&&record[0]) && !record[2].contains("_first_by_");
        if &record[8] == "share" && &record[4] != "0" && counted {
            assert!(record.iter().skip(3).take(5).all(|cell| !cell.is_empty()), "{record:?}");
        }
        names.push(record[1].to_owned());
    }
    assert!(names.iter().any(|name| name == "'=Edil Beta, S.r.l."), "a name that looks like a formula is defused");
    assert!(sheet.contains("channel,web_form,latency_median,"));
    assert!(names.iter().all(|name| !name.contains('\u{1b}')));
}

#[test]
fn what_misleads_is_told_with_the_reason_and_only_on_request() {
    let (rows, frame) = study();
    let plain = card();
    assert!(!terminal::render(&plain, &Look::default()).contains("mean 10d"));
    let also = crate::score::also::also(&plain, &rows, &frame, &crate::score::also::Misleading::ALL);
    let page = terminal::render(&Scorecard { also, ..plain }, &Look::default());
    for misleading in crate::score::also::Misleading::ALL {
        assert!(page.contains(&format!("Asked for, and misleading: {misleading}")), "{misleading}");
    }
    assert!(page.contains("• web_form: mean 10d 2h") || page.contains("• web_form: mean 9d"), "{page}");
    assert!(page.contains("leaves out whoever did not reply"));
}
