//! What do channels and channel groups come to? The tables of rates and times.

use super::Page;
use crate::report::table::{Table, rates};
use crate::score::rate::Quantile;
use crate::score::tally::{Answers, Within};
use crate::score::waits::Cumulated;
use crate::score::{Latency, Rate, Scorecard, Tally, words};
use crate::stats::Reached;
use anstyle::{Effects, Style};

/// Stands before the name of a channel group.
const GROUP: &str = "▸ ";

impl Page {
    /// Replies within the window, with both denominators.
    pub(super) fn channels(&mut self, card: &Scorecard) {
        self.title("Channels", &format!("replies within {}", words::span(card.about.window)));
        let tallies = with_total(card);
        let column = |of: fn(&Answers) -> Rate| {
            rates(&tallies.iter().map(|(_, t)| of(&t.before_any_reminder)).collect::<Vec<_>>())
        };
        let (of_delivered, of_asked) = (column(|a| a.response), column(|a| a.response_of_asked));
        let adequate = column(|a| a.adequate_response);
        let mut table = Table::new(["channel", "asked", "replied", "of all asked", "adequate"]);
        for (i, (name, tally)) in tallies.iter().enumerate() {
            table.push([
                name.clone(),
                tally.asked.to_string(),
                of_delivered[i].clone(),
                of_asked[i].clone(),
                adequate[i].clone(),
            ]);
        }
        self.table(table);
        self.members(card);
    }

    fn members(&mut self, card: &Scorecard) {
        if card.groups.is_empty() {
            return;
        }
        let members = |g: &crate::score::GroupScore| format!("{GROUP}{}: {}", g.group, g.channels.join(", "));
        let all = card.groups.iter().map(members).collect::<Vec<_>>().join(" · ");
        self.paragraph(&all, "", Style::new().effects(Effects::DIMMED));
    }

    /// Replies within each threshold, with both denominators.
    pub(super) fn thresholds(&mut self, card: &Scorecard) {
        if card.about.thresholds.is_empty() {
            return;
        }
        self.title("Within each threshold", "of those delivered and watched that long, and of all asked");
        let tallies = with_groups(card);
        let scores = tallies.iter().flat_map(|(name, tally)| {
            let within = &tally.before_any_reminder.within;
            within.iter().enumerate().map(move |(i, w)| (if i == 0 { name.clone() } else { String::new() }, w))
        });
        let (names, within): (Vec<_>, Vec<_>) = scores.unzip();
        let column = |of: fn(&Within) -> Rate| rates(&within.iter().map(|w| of(w)).collect::<Vec<_>>());
        let (replied, of_asked) = (column(|w| w.replied), column(|w| w.replied_of_asked));
        let adequate: Vec<_> = if self.look.all {
            column(|w| w.adequate)
        } else {
            within.iter().map(|w| format!("{}/{}", w.adequate.numerator, w.adequate.denominator)).collect()
        };
        let mut table = Table::new(["channel", "within", "replied", "of all asked", "adequate"]).keys(2);
        for (i, w) in within.iter().enumerate() {
            table.push([
                names[i].clone(),
                words::threshold(w.threshold),
                replied[i].clone(),
                of_asked[i].clone(),
                adequate[i].clone(),
            ]);
        }
        self.table(table);
        self.first_to_come(card);
    }

    /// Where messages bounced: what had come first, of all that were taken in.
    fn first_to_come(&mut self, card: &Scorecard) {
        let tallies: Vec<_> =
            with_total(card).into_iter().filter(|(_, t)| !t.before_any_reminder.first_to_come.is_empty()).collect();
        if tallies.is_empty() || !self.look.all {
            return;
        }
        let repeated = tallies.iter().any(|(_, t)| is_repeated(t));
        self.title("What came first, reply or bounce", "Aalen–Johansen, of all that were taken in");
        let mut table = Table::new(["channel", "within", "replied", "came back"]).keys(2);
        for (name, tally) in tallies {
            for (i, first) in tally.before_any_reminder.first_to_come.iter().enumerate() {
                let name = if i == 0 { name.clone() } else { String::new() };
                table.push([
                    name,
                    words::threshold(first.threshold),
                    share_cell(first.replied),
                    share_cell(first.bounced),
                ]);
            }
        }
        self.table(table);
        if repeated {
            self.note(
                "These intervals take inquiries as independent: of companies asked repeatedly they are too narrow.",
            );
        }
    }

    /// How long replies took.
    pub(super) fn waits(&mut self, card: &Scorecard) {
        let tallies = with_total(card);
        let open_hours = tallies.iter().any(|(_, t)| t.before_any_reminder.open_hours_latency.is_some());
        let repeated = tallies.iter().any(|(_, t)| is_repeated(t));
        self.title("How long until a reply", "Kaplan–Meier: also those without a reply count");
        let mut table = Table::new(["channel", "part", "any reply", "95% interval", "adequate", "95% interval"])
            .left(3)
            .left(5)
            .keys(2);
        for (name, tally) in &tallies {
            let answers = &tally.before_any_reminder;
            for (i, (part, of)) in PARTS.iter().enumerate() {
                let [any, any_interval] = wait(answers.latency.as_ref(), *of);
                let [adequate, adequate_interval] = wait(answers.adequate_latency.as_ref(), *of);
                let name = if i == 0 { name.clone() } else { String::new() };
                table.push([name, (*part).to_owned(), any, any_interval, adequate, adequate_interval]);
            }
        }
        self.table(table);
        self.still_waiting(card);
        if repeated {
            self.note("Companies asked repeatedly: intervals go by companies, and are never narrower than without.");
        }
        if open_hours {
            self.open_hours(&tallies);
        }
    }

    /// What is to be known of a table.
    fn note(&mut self, text: &str) {
        self.paragraph(text, "", Style::new().effects(Effects::DIMMED));
    }

    /// The curve at each threshold.
    fn still_waiting(&mut self, card: &Scorecard) {
        self.title("Still without a reply", "the Kaplan–Meier curve, with log-log limits");
        let mut table = Table::new(["channel", "after", "without a reply"]).keys(2);
        for (name, tally) in with_groups(card) {
            for (i, waiting) in tally.before_any_reminder.still_waiting.iter().enumerate() {
                let name = if i == 0 { name.clone() } else { String::new() };
                table.push([name, words::threshold(waiting.threshold), share_cell(waiting.without_reply)]);
            }
        }
        self.table(table);
    }

    /// The same in the companies' opening hours, beside the clock's.
    fn open_hours(&mut self, tallies: &[(String, &Tally)]) {
        self.title("In the companies' opening hours", "where the study gives them, with time zone and holidays");
        let mut table = Table::new(["channel", "inquiries", "median, open", "95% interval", "by the clock"]).left(3);
        for (name, tally) in tallies {
            let answers = &tally.before_any_reminder;
            let Some(open) = &answers.open_hours_latency else { continue };
            let [median, interval] = wait(Some(open), |l| l.median);
            let [clock, _] = wait(answers.latency.as_ref(), |l| l.median);
            table.push([name.clone(), open.followed.to_string(), median, interval, clock]);
        }
        self.table(table);
    }

    /// What came back, and what machines said.
    pub(super) fn delivery(&mut self, card: &Scorecard) {
        self.title("Bounces and acknowledgements", "a machine that says \"received\" has answered nothing");
        let tallies = with_total(card);
        let column = |of: fn(&Tally) -> Rate| rates(&tallies.iter().map(|(_, t)| of(t)).collect::<Vec<_>>());
        let (bounced, acknowledged) = (column(|t| t.bounce), column(|t| t.acknowledgement));
        let mut table = Table::new(["channel", "came back", "acknowledged", "half within", "95% interval"]).left(4);
        for (i, (name, tally)) in tallies.iter().enumerate() {
            let [half, interval] = wait(tally.acknowledgement_latency.as_ref(), |l| l.median);
            table.push([name.clone(), bounced[i].clone(), acknowledged[i].clone(), half, interval]);
        }
        self.table(table);
    }

    pub(super) fn positions(&mut self, card: &Scorecard) {
        if card.positions.is_empty() {
            return;
        }
        let note = if card.about.order_confounded {
            "which cannot be told apart from the channel"
        } else {
            "drawn at random, beside the channel"
        };
        self.title("Position in the order", note);
        let response = rates(&card.positions.iter().map(|p| p.response).collect::<Vec<_>>());
        let mut table = Table::new(["channel", "asked as the nth", "replied"]).keys(2);
        let mut before = "";
        for (position, response) in card.positions.iter().zip(response) {
            let name = if position.channel == before { "" } else { position.channel.as_str() };
            before = &position.channel;
            table.push([name.to_owned(), position.position.to_string(), response]);
        }
        self.table(table);
    }

    pub(super) fn with_reminders(&mut self, card: &Scorecard) {
        if card.total.reminded == 0 {
            return;
        }
        self.title("With reminders", "the tables above count what came before any reminder");
        let tallies = with_total(card);
        let column =
            |of: fn(&Answers) -> Rate| rates(&tallies.iter().map(|(_, t)| of(t.all_answers())).collect::<Vec<_>>());
        let (replied, adequate) = (column(|a| a.response), column(|a| a.adequate_response));
        let mut table = Table::new(["channel", "reminded", "replied", "adequate", "median wait"]);
        for (i, (name, tally)) in tallies.iter().enumerate() {
            let [median, interval] = wait(tally.all_answers().latency.as_ref(), |l| l.median);
            let median =
                if interval.is_empty() { median } else { format!("{median} [{}]", interval.replace(" or more", "+")) };
            table.push([name.clone(), tally.reminded.to_string(), replied[i].clone(), adequate[i].clone(), median]);
        }
        self.table(table);
    }
}

/// A share of a curve and its interval.
fn share_cell(share: Cumulated) -> String {
    let range = share.interval.map(|i| format!(" [{}]", words::range(i).replace(" to ", "–")));
    format!("{}{}", words::percent(share.value), range.unwrap_or_default())
}

/// Whether companies of it were asked repeatedly.
fn is_repeated(tally: &Tally) -> bool {
    tally.before_any_reminder.latency.is_some_and(|latency| latency.clusters.is_some())
}

/// A part of the inquiries, and when it had a reply.
type Part = (&'static str, fn(&Latency) -> Quantile);

/// The parts of the inquiries whose waiting is told.
const PARTS: [Part; 3] = [("¼", |l| l.first_quartile), ("½", |l| l.median), ("¾", |l| l.third_quartile)];

/// Channels, groups, and all of them.
fn with_total(card: &Scorecard) -> Vec<(String, &Tally)> {
    let mut tallies = with_groups(card);
    if card.channels.len() != 1 {
        tallies.push(("all".to_owned(), &card.total));
    }
    tallies
}

/// Channels and groups.
fn with_groups(card: &Scorecard) -> Vec<(String, &Tally)> {
    let channels = card.channels.iter().map(|c| (c.channel.clone(), &c.tally));
    let groups = card.groups.iter().map(|g| (format!("{GROUP}{}", g.group), &g.tally));
    channels.chain(groups).collect()
}

/// A quantile and its interval.
fn wait(latency: Option<&Latency>, of: fn(&Latency) -> Quantile) -> [String; 2] {
    let Some(latency) = latency else { return ["–".to_owned(), String::new()] };
    let quantile = of(latency);
    let interval = match (quantile.low_hours, quantile.high_hours) {
        (Some(Reached::NotReached), _) => words::NOT_REACHED.to_owned(),
        (Some(low @ Reached::At(_)), Some(Reached::NotReached)) => format!("{} or more", words::reached(low)),
        (Some(low), Some(high)) if low == high => words::reached(low),
        (Some(low), Some(high)) => format!("{}–{}", words::reached(low), words::reached(high)),
        (None, _) | (_, None) => "–".to_owned(),
    };
    [words::reached(quantile.hours), interval]
}
