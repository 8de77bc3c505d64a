//! What does a spreadsheet get? One line a number, in tidy long form.

use super::escape;
use crate::model::study::Measure;
use crate::score::comparison::{Paired, Side};
use crate::score::raters::Agreement;
use crate::score::stories::{StoryTally, Turns};
use crate::score::tally::{Answers, NotAsked, Undelivered, Unknown};
use crate::score::waves::Waves;
use crate::score::{Latency, Rate, Scorecard, Tally, words};
use crate::stats::{Estimate, Reached};
use std::fmt::Write;

/// The columns.
pub const COLUMNS: &str = "level,name,measure,numerator,denominator,estimate,low,high,unit,simulated";

/// The scorecard as CSV (RFC 4180, `\n` line ends). Shares have 6 decimals, hours 4. The last
/// column says `SIMULATED` on every line of a rehearsal. A median that the curve does not
/// reach is `not_reached`.
#[must_use]
pub fn render(card: &Scorecard) -> String {
    let mut sheet = Sheet { out: format!("{COLUMNS}\n"), simulated: card.about.simulated };
    sheet.tally("total", "all", &card.total);
    for channel in &card.channels {
        sheet.tally("channel", &channel.channel, &channel.tally);
    }
    for group in &card.groups {
        sheet.tally("group", &group.group, &group.tally);
    }
    for position in &card.positions {
        let measure = format!("response_at_position_{}", position.position);
        sheet.rate("channel", &position.channel, &measure, &position.response);
    }
    sheet.comparisons(card);
    sheet.several(card);
    sheet.league(card);
    sheet.badges(card);
    sheet.agreement(card);
    sheet.stories(card);
    for company in &card.companies {
        sheet.tally("company", &company.name, &company.tally);
    }
    sheet.out
}

/// What changed between waves, in the same columns: the level is `wave`, the name says whose
/// change it is, the measure between which waves.
#[must_use]
pub fn render_waves(waves: &Waves) -> String {
    let mut sheet = Sheet { out: format!("{COLUMNS}\n"), simulated: waves.notice.is_some() };
    for step in &waves.steps {
        let levels = [
            ("all", step.all.as_slice()),
            ("channel", &step.channels),
            ("group", &step.groups),
            ("company", &step.companies),
        ];
        for (level, changes) in levels {
            for change in changes {
                let level = format!("wave_{level}");
                let measure = format!("{}_within_{}", measured(waves.measure), words::threshold(waves.within));
                sheet.rate(&level, &change.name, &format!("{measure}_in_{}", step.from), &change.before);
                sheet.rate(&level, &change.name, &format!("{measure}_in_{}", step.to), &change.after);
                sheet.paired(
                    &level,
                    &change.name,
                    &format!("{measure}_from_{}_to_{}", step.from, step.to),
                    &change.result,
                );
            }
        }
    }
    sheet.out
}

/// The CSV while it grows.
struct Sheet {
    out: String,
    simulated: bool,
}

impl Sheet {
    fn tally(&mut self, level: &str, name: &str, tally: &Tally) {
        let Undelivered { total: undelivered, bounced, refused, never_taken } = tally.undelivered;
        let Unknown { total: unknown, in_doubt, held } = tally.unknown;
        let NotAsked { total: not_asked, pending, blocked, entries_rejected, late, stopped, impossible } =
            tally.not_asked;
        for (measure, count) in [
            ("inquiries", tally.inquiries),
            ("asked", tally.asked),
            ("delivered", tally.delivered),
            ("undelivered", undelivered),
            ("undelivered_bounced", bounced),
            ("undelivered_refused", refused),
            ("undelivered_never_taken", never_taken),
            ("unknown", unknown),
            ("unknown_in_doubt", in_doubt),
            ("unknown_held", held),
            ("not_asked", not_asked),
            ("not_asked_pending", pending),
            ("not_asked_blocked", blocked),
            ("not_asked_entries_rejected", entries_rejected),
            ("not_asked_late", late),
            ("not_asked_stopped", stopped),
            ("not_asked_impossible", impossible),
            ("open", tally.open),
            ("silent", tally.silent),
            ("acknowledged", tally.acknowledged),
            ("acknowledged_after_reminder", tally.acknowledged_after_reminder),
            ("reminded", tally.reminded),
            ("replies_uncoded", tally.replies_uncoded),
            ("inquiries_uncoded", tally.inquiries_uncoded),
        ] {
            self.count(level, name, measure, count);
        }
        self.rate(level, name, "bounce", &tally.bounce);
        self.rate(level, name, "acknowledgement", &tally.acknowledgement);
        if let Some(latency) = &tally.acknowledgement_latency {
            self.latency(level, name, latency, "acknowledgement_latency");
        }
        self.answers(level, name, &tally.before_any_reminder, "");
        if let Some(answers) = &tally.with_reminders {
            self.answers(level, name, answers, "_with_reminders");
        }
        if let Some(unsettled) = &tally.unsettled {
            self.rate(level, name, "response_if_unknown_undelivered", &unsettled.if_undelivered);
            self.rate(level, name, "response_if_unknown_silent", &unsettled.if_silent);
            self.rate(level, name, "response_if_unknown_replied", &unsettled.if_replied);
        }
    }

    fn answers(&mut self, level: &str, name: &str, answers: &Answers, reading: &str) {
        self.count(level, name, &format!("replied{reading}"), answers.replied);
        self.count(level, name, &format!("adequate{reading}"), answers.adequate);
        for (measure, rate) in [
            ("response", &answers.response),
            ("response_of_asked", &answers.response_of_asked),
            ("adequate_response", &answers.adequate_response),
            ("adequate_response_of_asked", &answers.adequate_response_of_asked),
        ] {
            self.rate(level, name, &format!("{measure}{reading}"), rate);
        }
        for within in &answers.within {
            let threshold = words::threshold(within.threshold);
            for (measure, rate) in [
                ("replied", &within.replied),
                ("replied_of_asked", &within.replied_of_asked),
                ("adequate", &within.adequate),
                ("adequate_of_asked", &within.adequate_of_asked),
            ] {
                self.rate(level, name, &format!("{measure}_within_{threshold}{reading}"), rate);
            }
        }
        for (measure, latency) in [
            ("latency", &answers.latency),
            ("adequate_latency", &answers.adequate_latency),
            ("open_hours_latency", &answers.open_hours_latency),
        ] {
            if let Some(latency) = latency {
                self.latency(level, name, latency, &format!("{measure}{reading}"));
            }
        }
        for first in &answers.first_to_come {
            let threshold = words::threshold(first.threshold);
            for (what, cumulated) in [("replied_first", first.replied), ("bounced_first", first.bounced)] {
                let [low, high] = cumulated.interval.map_or_else(Default::default, |i| [i.low, i.high].map(share));
                let numbers = [String::new(), first.of.to_string(), share(cumulated.value), low, high];
                self.line(level, name, &format!("{what}_by_{threshold}{reading}"), &numbers, "share");
            }
        }
    }

    fn comparisons(&mut self, card: &Scorecard) {
        for c in &card.comparisons {
            let measure = format!("{}_within_{}", measured(c.measure), words::threshold(c.within));
            self.sides(&measure, &c.left, &c.right);
            self.paired("comparison", &format!("{} vs {}", c.left.name, c.right.name), &measure, &c.result);
        }
        for c in &card.parallel {
            let measure = format!("{}_within_{}", measured(c.measure), words::threshold(c.within));
            self.sides(&measure, &c.left, &c.right);
            if let Some(difference) = c.difference {
                let name = format!("{} vs {}", c.left.name, c.right.name);
                self.estimate("comparison", &name, &format!("{measure}_difference"), "", difference);
            }
        }
    }

    fn several(&mut self, card: &Scorecard) {
        for several in &card.several {
            let measure = format!("{}_within_{}", measured(several.measure), words::threshold(several.within));
            let all = several.sides.join(", ");
            if let Some((cochran, p)) = several.cochran.and_then(|c| Some((c, c.p?))) {
                self.p_value("exploratory", &all, &format!("{measure}_cochran"), &cochran.blocks.to_string(), p);
            }
            if let Some(test) = several.log_rank {
                self.p_value("exploratory", &all, "log_rank", "", test.p);
            }
            for two in &several.pairs {
                let name = format!("{} vs {}", two.left, two.right);
                if let Some(result) = &two.result {
                    self.paired("exploratory", &name, &measure, result);
                }
                for (test, p) in [("sign_flip_holm", two.p_holm), ("log_rank", two.log_rank.map(|t| t.p))] {
                    if let Some(p) = p {
                        self.p_value("exploratory", &name, &format!("{measure}_{test}"), "", p);
                    }
                }
                if let Some(mean) = two.restricted_mean_hours {
                    let [value, low, high] =
                        [mean.value, mean.interval.low, mean.interval.high].map(|hours| format!("{hours:.4}"));
                    let numbers = [String::new(), String::new(), value, low, high];
                    let measure = format!("restricted_mean_{}_difference", words::threshold(several.within));
                    self.line("exploratory", &name, &measure, &numbers, "hours");
                }
            }
        }
    }

    fn league(&mut self, card: &Scorecard) {
        for place in &card.league.places {
            self.estimate("company", &place.name, "shrunken_rate", "", place.shrunk);
            let rank = format!("{:.4}", place.expected_rank);
            let numbers =
                [String::new(), String::new(), rank, place.place_first.to_string(), place.place_last.to_string()];
            self.line("company", &place.name, "expected_rank", &numbers, "rank");
        }
    }

    fn badges(&mut self, card: &Scorecard) {
        for badge in &card.badges {
            let name = match &badge.company {
                Some(company) => format!("{company}, {}", badge.channel),
                None => badge.channel.clone(),
            };
            for by_rule in &badge.rules {
                let rule = by_rule.rule.name();
                let numbers = [
                    by_rule.days_held.to_string(),
                    by_rule.days_judged.to_string(),
                    String::new(),
                    String::new(),
                    String::new(),
                ];
                self.line("badge", &name, &format!("days_held_{rule}"), &numbers, "count");
            }
        }
    }

    fn agreement(&mut self, card: &Scorecard) {
        if let Some(agreement) = &card.agreement {
            self.agreement_on("raters", &agreement.raters.join(", "), agreement);
            self.count("raters", &agreement.raters.join(", "), "disputed", card.disputed);
        }
        for of_item in &card.agreement_by_item {
            self.agreement_on("item", &of_item.item, &of_item.agreement);
        }
    }

    fn agreement_on(&mut self, level: &str, name: &str, agreement: &Agreement) {
        for (measure, value) in [
            ("raw_agreement", agreement.raw),
            ("krippendorff_alpha", agreement.krippendorff_alpha),
            ("fleiss_kappa", agreement.fleiss_kappa),
            ("gwet_ac1", agreement.gwet_ac1),
        ] {
            if let Some(value) = value {
                let numbers = [String::new(), agreement.items.to_string(), share(value), String::new(), String::new()];
                self.line(level, name, measure, &numbers, "agreement");
            }
        }
    }

    fn stories(&mut self, card: &Scorecard) {
        let Some(stories) = &card.stories else { return };
        self.story("total", "all", &stories.total);
        for channel in &stories.channels {
            self.story("channel", &channel.channel, &channel.tally);
        }
        for (basis, round) in [("coded", stories.rounds.coded), ("suggested", stories.rounds.suggested)] {
            self.count("question", "all", &format!("sent_on_{basis}"), round.sent_on);
            self.count("question", "all", &format!("sent_round_{basis}"), round.in_a_circle);
        }
    }

    fn story(&mut self, level: &str, name: &str, tally: &StoryTally) {
        self.count(level, name, "acknowledged_then_nothing", tally.acknowledged_then_nothing);
        for (basis, turns) in [("coded", &tally.coded), ("suggested", &tally.suggested)] {
            let Turns { redirected, hops, in_a_circle, promises, by_hops: _ } = turns;
            for (measure, count) in [
                ("redirected", *redirected),
                ("hops", *hops),
                ("in_a_circle", *in_a_circle),
                ("promises_made", promises.made),
                ("promises_kept", promises.kept),
                ("promises_broken", promises.broken),
                ("promises_open", promises.open),
            ] {
                self.count(level, name, &format!("{measure}_{basis}"), count);
            }
        }
    }

    fn sides(&mut self, measure: &str, left: &Side, right: &Side) {
        let name = format!("{} vs {}", left.name, right.name);
        for (side, rate) in [("left", &left.rate), ("right", &right.rate)] {
            self.rate("comparison", &name, &format!("{measure}_{side}"), rate);
        }
    }

    fn paired(&mut self, level: &str, name: &str, measure: &str, paired: &Paired) {
        let pairs = paired.pairs.pairs().to_string();
        if let Some(difference) = paired.difference {
            self.estimate(level, name, &format!("{measure}_difference"), &pairs, difference);
        }
        for (test, p) in [("mcnemar_exact", paired.p_mcnemar_exact), ("sign_flip", paired.p_sign_flip)] {
            self.p_value(level, name, &format!("{measure}_{test}"), &pairs, p);
        }
    }

    fn latency(&mut self, level: &str, name: &str, latency: &Latency, measure: &str) {
        for (which, quantile) in [
            ("first_quartile", latency.first_quartile),
            ("median", latency.median),
            ("third_quartile", latency.third_quartile),
        ] {
            let numbers = [
                latency.replies.to_string(),
                latency.followed.to_string(),
                hours(quantile.hours),
                quantile.low_hours.map_or_else(String::new, hours),
                quantile.high_hours.map_or_else(String::new, hours),
            ];
            // `latency_median`, and `latency_median_with_reminders`.
            let measure = match measure.strip_suffix("_with_reminders") {
                Some(measure) => format!("{measure}_{which}_with_reminders"),
                None => format!("{measure}_{which}"),
            };
            self.line(level, name, &measure, &numbers, "hours");
        }
    }

    fn estimate(&mut self, level: &str, name: &str, measure: &str, of: &str, e: Estimate) {
        let [value, low, high] = [e.value, e.interval.low, e.interval.high].map(share);
        self.line(level, name, measure, &[String::new(), of.to_owned(), value, low, high], "share");
    }

    fn p_value(&mut self, level: &str, name: &str, measure: &str, of: &str, p: f64) {
        let numbers = [String::new(), of.to_owned(), format!("{p:.6e}"), String::new(), String::new()];
        self.line(level, name, measure, &numbers, "p");
    }

    fn count(&mut self, level: &str, name: &str, measure: &str, count: u32) {
        let numbers = [String::new(), String::new(), count.to_string(), String::new(), String::new()];
        self.line(level, name, measure, &numbers, "count");
    }

    fn rate(&mut self, level: &str, name: &str, measure: &str, rate: &Rate) {
        let [value, low, high] =
            rate.estimate.map_or_else(Default::default, |e| [e.value, e.interval.low, e.interval.high].map(share));
        let numbers = [rate.numerator.to_string(), rate.denominator.to_string(), value, low, high];
        self.line(level, name, measure, &numbers, "share");
    }

    fn line(&mut self, level: &str, name: &str, measure: &str, numbers: &[String; 5], unit: &str) {
        let simulated = if self.simulated { "SIMULATED" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            self.out,
            "{level},{},{},{},{unit},{simulated}",
            escape::csv_field(name),
            escape::csv_field(measure),
            numbers.join(",")
        );
    }
}

const fn measured(measure: Measure) -> &'static str {
    match measure {
        Measure::Replied => "replied",
        Measure::Adequate => "adequate",
    }
}

fn share(value: f64) -> String {
    // Adding 0.0 makes a -0 an ordinary 0.
    format!("{:.6}", (value * 1e6).round() / 1e6 + 0.0)
}

fn hours(reached: Reached) -> String {
    match reached {
        Reached::At(seconds) => format!("{:.4}", f64::from(seconds) / 3600.0),
        Reached::NotReached => "not_reached".to_owned(),
    }
}
