//! What the numbers must hold.

use super::samples::*;
use super::variants::Settled;
use super::*;
use crate::model::event::Adequacy;
use crate::model::observation::Observation;
use crate::model::study::Measure;
use crate::model::time::Span;
use crate::stats::Reached;
use proptest::prelude::*;

fn total(rows: &[Observed]) -> Tally {
    score(rows, &frame(rows)).total
}

fn counts(rate: Rate) -> (u32, u32) {
    (rate.numerator, rate.denominator)
}

#[test]
fn whoever_is_still_watched_is_not_silent() {
    let tally =
        total(&[coded("a", "email", HOUR, Adequacy::Answered), silent("b", "email"), open("c", "email", 8 * DAY)]);
    let answers = &tally.before_any_reminder;
    assert_eq!((tally.delivered, tally.open, tally.silent), (3, 1, 1));
    assert_eq!(counts(answers.response), (1, 2));
    let week = answers.within("7d".parse().unwrap()).unwrap();
    assert_eq!(counts(week.replied), (1, 3), "eight days are enough for the week");
}

#[test]
fn an_early_reply_does_not_count_before_its_time() {
    // Replied within the hour, but the wave is three days old: those who are silent so far are
    // not in the week's denominator either.
    let early = Observation::Answered { latency: HOUR, after_reminder: false, observed_for: 3 * DAY };
    let tally = total(&[row("a", "email", early), open("b", "email", 3 * DAY)]);
    let answers = &tally.before_any_reminder;
    assert_eq!(answers.replied, 1);
    assert_eq!(counts(answers.within("24h".parse().unwrap()).unwrap().replied), (1, 2));
    assert_eq!(counts(answers.within("7d".parse().unwrap()).unwrap().replied), (0, 0));
    assert_eq!(answers.response.estimate, None);
}

#[test]
fn what_did_not_arrive_counts_among_all_asked_alone() {
    let rows = [
        coded("a", "email", HOUR, Adequacy::Answered),
        bounced("b", "email"),
        in_doubt("c", "email"),
        blocked("d", "email"),
    ];
    let tally = total(&rows);
    let answers = &tally.before_any_reminder;
    assert_eq!((tally.inquiries, tally.asked, tally.delivered), (4, 3, 1));
    assert_eq!((tally.undelivered.bounced, tally.unknown.in_doubt, tally.not_asked.blocked), (1, 1, 1));
    assert_eq!((counts(answers.response), counts(answers.response_of_asked)), ((1, 1), (1, 3)));
}

#[test]
fn what_is_in_doubt_is_told_both_ways() {
    let unsettled = total(&[silent("a", "email"), in_doubt("b", "email"), in_doubt("c", "email")]).unsettled.unwrap();
    assert_eq!((counts(unsettled.if_silent), counts(unsettled.if_replied)), ((0, 3), (2, 3)));
    assert_eq!(total(&[silent("a", "email")]).unsettled, None);
}

#[test]
fn a_reply_to_a_reminder_counts_with_reminders_alone() {
    let rows = [
        answered_after_reminder("a", "email", 7 * DAY, 8 * DAY),
        coded("b", "email", DAY, Adequacy::Answered),
        Observed { reminded_after: Some(7 * DAY), ..silent("c", "email") },
    ];
    let tally = total(&rows);
    let (before, with) = (&tally.before_any_reminder, tally.with_reminders.as_ref().unwrap());
    assert_eq!((counts(before.response), counts(with.response)), ((1, 3), (2, 3)));
    assert_eq!((before.adequate, with.adequate), (1, 2));
    let (before, with) = (before.latency.unwrap(), with.latency.unwrap());
    assert_eq!((before.median.hours, with.median.hours), (Reached::NotReached, Reached::At(8 * DAY)));
    assert_eq!((before.followed, before.replies), (3, 1));
}

#[test]
fn an_adequate_reply_may_come_after_the_first_one() {
    let later = Observed { adequate_after: Some(9 * DAY), ..coded("a", "email", HOUR, Adequacy::Promised) };
    let answers = total(&[later]).before_any_reminder;
    let within = |t: &str| counts(answers.within(t.parse().unwrap()).unwrap().adequate);
    assert_eq!((within("7d"), within("28d"), answers.adequate), ((0, 1), (1, 1), 1));
}

#[test]
fn companies_that_answer_elsewhere_or_nowhere_are_named() {
    let (rows, frame) = study();
    let card = score(&rows, &frame);
    let nowhere: Vec<_> = card.answered_nowhere.iter().map(|c| (c.company.as_str(), c.delivered, c.open)).collect();
    assert_eq!(nowhere, [("delta", 2, 0), ("evil", 1, 1)]);
    let outside: Vec<_> =
        card.answered_outside_only.iter().map(|c| (c.form.company.as_str(), c.answered_on.join(","))).collect();
    assert_eq!(outside, [("alfa", "facebook".to_owned()), ("tokyo", "facebook".to_owned())]);
}

#[test]
fn the_same_companies_are_compared_on_both_sides() {
    let (rows, frame) = study();
    let comparison = &score(&rows, &frame).comparisons[0];
    // tokyo's form and evil's are not watched for a week or have no other side.
    assert_eq!(comparison.result.companies, 4);
    let pairs = comparison.result.pairs;
    assert_eq!((pairs.both, pairs.left_only, pairs.right_only, pairs.neither), (1, 0, 2, 1));
    assert!(comparison.any_of_several);
}

#[test]
fn until_replies_are_coded_any_reply_is_compared_beside() {
    let rows = [silent("a", "web_form"), answered("a", "facebook", HOUR)];
    let mut frame = frame(&rows);
    frame.about.primary.as_mut().unwrap().measure = Measure::Adequate;
    let card = score(&rows, &frame);
    assert_eq!(card.comparisons.iter().map(|c| c.measure).collect::<Vec<_>>(), [Measure::Adequate, Measure::Replied]);
    assert!(card.findings.found.contains("1 of 1 (100%) through “outside”"), "{}", card.findings.found);
    assert!(card.findings.reservations.iter().any(|r| r.contains("waits for coding")));
}

#[test]
fn findings_say_what_stands_against_them() {
    let (rows, frame) = study();
    let findings = score(&rows, &frame).findings;
    let all = findings.reservations.join("\n");
    assert!(all.contains("SIMULATED") && all.contains("cannot be told apart from the order's"), "{all}");
    assert!(findings.sure.contains("may well be chance"), "{}", findings.sure);
}

#[test]
fn a_clear_difference_is_called_one() {
    let companies: Vec<String> = (0..12).map(|i| format!("c{i}")).collect();
    let rows: Vec<_> = companies
        .iter()
        .flat_map(|c| [silent(c, "web_form"), coded(c, "facebook", HOUR, Adequacy::Answered)])
        .collect();
    let findings = score(&rows, &frame(&rows)).findings;
    assert_eq!(
        findings.found,
        "Asked the same 12 questions on both sides, companies replied within 7 days to 12 of 12 (100%) through \
         “outside” and to 0 of 12 (0%) through “own”."
    );
    assert!(findings.sure.contains("would hardly come about by chance"), "{}", findings.sure);
}

#[test]
fn where_interval_and_test_disagree_the_words_are_true_of_both() {
    let rows = ["a", "b"].map(|c| [silent(c, "web_form"), coded(c, "facebook", HOUR, Adequacy::Answered)]).concat();
    let card = score(&rows, &frame(&rows));
    assert!(card.comparisons[0].result.difference.unwrap().interval.high < 0.0);
    let sure = card.findings.sure;
    assert!(sure.contains("leaves out no difference, and the exact McNemar test does not (p = 0.500)"), "{sure}");
    assert!(sure.contains("The test decides") && sure.ends_with("does not show which side is better."), "{sure}");
    assert!(!sure.contains("chance"), "{sure}");
}

#[test]
fn parallel_groups_are_compared_unpaired() {
    let rows = [silent("a", "web_form"), coded("b", "facebook", HOUR, Adequacy::Answered)];
    let findings = score(&rows, &frame(&rows)).findings;
    assert!(findings.found.contains("0 of 1 (0%) through “own” and to 1 of 1 (100%)"), "{}", findings.found);
    assert!(findings.sure.contains("compared unpaired"), "{}", findings.sure);
}

#[test]
fn nothing_watched_is_nothing_found() {
    let rows = [blocked("a", "email")];
    assert_eq!(score(&rows, &frame(&rows)).findings.found, "Nothing can be said yet.");
    assert_eq!(score(&[], &Frame::of_csv("empty", &[])).total.inquiries, 0);
}

fn any_row() -> impl Strategy<Value = Observed> {
    let company = proptest::sample::select(vec!["a", "b", "c", "d", "e"]);
    let channel = proptest::sample::select(vec!["web_form", "email", "facebook", "chat", "pigeon"]);
    let reminded = proptest::option::of(0..WINDOW);
    (company, channel, 0u32..8, 0..WINDOW, reminded, 1u32..4).prop_map(
        |(company, channel, kind, time, reminded, repetition)| {
            let row = match kind {
                0 => coded(company, channel, time, Adequacy::Answered),
                1 => answered(company, channel, time),
                2 => silent(company, channel),
                3 => open(company, channel, time),
                4 => bounced(company, channel),
                5 => in_doubt(company, channel),
                6 => blocked(company, channel),
                _ => return answered_after_reminder(company, channel, time / 2, time),
            };
            Observed { reminded_after: reminded.filter(|_| row.observation.is_delivered()), repetition, ..row }
        },
    )
}

fn check(rate: &Rate) -> Result<(), TestCaseError> {
    prop_assert!(rate.numerator <= rate.denominator);
    prop_assert_eq!(rate.estimate.is_some(), rate.denominator > 0);
    if let Some(e) = rate.estimate {
        prop_assert!(e.interval.contains(e.value) && e.interval.low >= 0.0 && e.interval.high <= 1.0);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_order_of_rows_changes_nothing(rows in proptest::collection::vec(any_row(), 0..40), by in 1usize..40) {
        let mut turned = rows.clone();
        if !turned.is_empty() {
            let by = by % turned.len();
            turned.rotate_left(by);
            turned.swap(0, by);
        }
        prop_assert_eq!(score(&rows, &frame(&rows)), score(&turned, &frame(&turned)));
    }

    #[test]
    fn every_inquiry_is_counted_once_and_rates_are_rates(rows in proptest::collection::vec(any_row(), 0..40)) {
        let card = score(&rows, &frame(&rows));
        let tallies = card.channels.iter().map(|c| &c.tally).chain(card.companies.iter().map(|c| &c.tally));
        for tally in tallies.chain([&card.total]) {
            prop_assert_eq!(tally.inquiries, tally.asked + tally.not_asked.total);
            prop_assert_eq!(tally.asked, tally.delivered + tally.undelivered.total + tally.unknown.total);
            prop_assert_eq!(tally.delivered, tally.all_answers().replied + tally.silent + tally.open);
            for answers in [&tally.before_any_reminder, tally.all_answers()] {
                check(&answers.response)?;
                check(&answers.response_of_asked)?;
                for within in &answers.within {
                    check(&within.replied)?;
                    check(&within.adequate)?;
                }
            }
        }
        let planned: u32 = card.channels.iter().map(|c| c.tally.inquiries).sum();
        prop_assert_eq!(planned, card.total.inquiries);
    }
}

#[test]
fn spans_beside_the_studys_thresholds_are_not_scored() {
    assert!(total(&[silent("a", "email")]).before_any_reminder.within(Span::from_days(3)).is_none());
}

#[test]
fn companies_that_were_asked_repeatedly_make_a_rate_less_sure() {
    let of = |companies: &[&str]| {
        let row = |(n, company): (usize, &&str)| {
            let row = if *company < "c" { answered(company, "email", HOUR) } else { silent(company, "email") };
            Observed { repetition: u32::try_from(n).unwrap() + 1, ..row }
        };
        total(&companies.iter().enumerate().map(row).collect::<Vec<_>>()).before_any_reminder.response
    };
    let (alike, apart) = (of(&["a", "a", "a", "d", "d", "d"]), of(&["a", "b", "aa", "d", "e", "f"]));
    assert_eq!((counts(alike), apart.repeated), ((3, 6), None));
    assert_eq!(alike.repeated.unwrap().clusters, 2);
    let width = |rate: Rate| rate.estimate.map(|e| e.interval.high - e.interval.low).unwrap();
    assert!(width(alike) > width(apart) + 0.1);
}
#[test]
fn a_bounce_competes_with_a_reply() {
    let rows = [coded("a", "email", HOUR, Adequacy::Answered), bounced("b", "email"), silent("c", "email")];
    let first = &total(&rows).before_any_reminder.first_to_come;
    let day = first.iter().find(|f| f.threshold.as_secs() == DAY).unwrap();
    assert!((day.replied.value - 1.0 / 3.0).abs() < 1e-9 && (day.bounced.value - 1.0 / 3.0).abs() < 1e-9);
    assert!(total(&[silent("a", "email")]).before_any_reminder.first_to_come.is_empty());
}

#[test]
fn how_unknown_deliveries_are_settled_moves_the_comparison_both_ways() {
    let rows = [
        in_doubt("a", "web_form"),
        answered("a", "facebook", HOUR),
        silent("b", "web_form"),
        answered("b", "facebook", HOUR),
    ];
    let variants = score(&rows, &frame(&rows)).variants;
    let companies = |settled| variants.iter().find(|v| v.settled == settled).map(|v| v.companies);
    assert_eq!((companies(Settled::UnknownSilent), companies(Settled::UnknownUndelivered)), (Some(2), Some(1)));
}

/// What was acknowledged, what only after a reminder, and what was acknowledged and never answered.
fn received(rows: &[Observed]) -> [u32; 4] {
    let tally = total(rows);
    assert_eq!(counts(tally.acknowledgement), (tally.acknowledged, tally.delivered));
    assert_eq!(tally.acknowledgement_latency.map_or(0, |latency| latency.replies), tally.acknowledged);
    assert_eq!(Table::of(rows).rows().iter().filter(|r| r.is_acknowledged()).count(), tally.acknowledged as usize);
    let stories = stories::Stories::of(rows.iter().map(|row| (row, None))).total;
    [tally.acknowledged, tally.acknowledged_after_reminder, stories.acknowledged_then_nothing, tally.delivered]
}

#[test]
fn what_acknowledges_a_reminder_says_nothing_of_the_first_message() {
    let acknowledged = |after, row| Observed { acknowledged_after: Some(after), ..row };
    let reminded = |row| Observed { reminded_after: Some(7 * DAY), ..row };
    assert_eq!(received(&[acknowledged(30, silent("a", "email"))]), [1, 0, 1, 1]);
    let first = acknowledged(30, reminded(silent("b", "email")));
    let only_the_reminder = acknowledged(7 * DAY + 30, reminded(silent("c", "email")));
    assert_eq!(received(std::slice::from_ref(&first)), [1, 0, 1, 1]);
    assert_eq!(received(std::slice::from_ref(&only_the_reminder)), [0, 1, 0, 1]);
    // Who replies once reminded has not left it at that.
    let woken = acknowledged(30, answered_after_reminder("d", "email", 7 * DAY, 8 * DAY));
    assert_eq!(received(&[first, only_the_reminder, woken]), [2, 1, 1, 3]);
}

#[test]
fn a_reminder_ends_what_is_seen_of_the_wait_for_an_acknowledgement() {
    let rows = [
        Observed { acknowledged_after: Some(2 * DAY), ..silent("a", "email") },
        Observed { reminded_after: Some(DAY), acknowledged_after: Some(DAY + 60), ..silent("b", "email") },
    ];
    let latency = total(&rows).acknowledgement_latency.unwrap();
    // One of one who was still watched: had the other counted as waiting, it would be one of two.
    assert_eq!((latency.followed, latency.third_quartile.hours), (2, Reached::At(2 * DAY)));
}
