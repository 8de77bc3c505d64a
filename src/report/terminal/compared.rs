//! What do comparisons say, and what stands beside them? Everything but the primary one is exploratory.

use super::Page;
use crate::model::study::Measure;
use crate::report::table::{Table, rates};
use crate::score::badge::{Badge, BadgeByRule, Rule};
use crate::score::comparison::several::{Several, SidesOf};
use crate::score::raters::Agreement;
use crate::score::variants::Settled;
use crate::score::{Scorecard, words};
use crate::stats::Estimate;
use anstyle::{Effects, Style};

/// Most badges that the page shows.
const BADGES_MAX: usize = 10;

impl Page {
    /// The rate, and the comparison, if messages of unknown delivery were settled.
    pub(super) fn sensitivity(&mut self, card: &Scorecard) {
        let Some(unsettled) = &card.total.unsettled else { return };
        let unknown = words::plural(card.total.unknown.total, "message");
        self.title("If what is not known were settled", &format!("{unknown} of unknown delivery"));
        let mut table = Table::new(["had they", "replied", "difference"]).left(2);
        let cells = rates(&[unsettled.if_undelivered, unsettled.if_silent, unsettled.if_replied]);
        let rows = [
            ("not arrived", Settled::UnknownUndelivered),
            ("arrived, and stayed silent", Settled::UnknownSilent),
            ("all been replied to", Settled::UnknownAnswered),
        ];
        for ((what, settled), replied) in rows.into_iter().zip(cells) {
            let variant = card.variants.iter().find(|variant| variant.settled == settled);
            let difference = variant.and_then(|variant| variant.difference).map(points);
            table.push([what.to_owned(), replied, difference.unwrap_or_else(|| "–".to_owned())]);
        }
        self.table(table);
    }

    /// All channels, and all groups, against each other.
    pub(super) fn several(&mut self, card: &Scorecard) {
        for several in &card.several {
            // Two groups are what the findings tell already; two channels are not.
            if several.of == SidesOf::Groups && several.sides.len() == 2 && !self.look.all {
                continue;
            }
            self.one_of_several(several);
        }
    }

    fn one_of_several(&mut self, several: &Several) {
        let what = match several.of {
            SidesOf::Channels => "Channels against each other",
            SidesOf::Groups => "Channel groups against each other",
        };
        let measure = match several.measure {
            Measure::Replied => "replied",
            Measure::Adequate => "replied adequately",
        };
        self.title(what, &format!("exploratory; {measure} within {}", words::span(several.within)));
        let mut table = Table::new(["left − right", "pairs", "only l:r", "points", "p, Holm", "p, waits"]);
        let p = |p: Option<f64>| p.map_or_else(|| "–".to_owned(), words::p_number);
        for two in &several.pairs {
            // What no company was asked on both sides says nothing, and there is much of it.
            if two.result.is_none() && two.log_rank.is_none() && !self.look.all {
                continue;
            }
            let pairs = two.result.map(|r| r.pairs);
            table.push([
                format!("{} − {}", two.left, two.right),
                pairs.map_or_else(|| "–".to_owned(), |t| t.pairs().to_string()),
                pairs.map_or_else(|| "–".to_owned(), |t| format!("{}:{}", t.left_only, t.right_only)),
                two.result.and_then(|r| r.difference).map_or_else(|| "–".to_owned(), points),
                p(two.p_holm),
                p(two.log_rank.map(|test| test.p)),
            ]);
        }
        self.table(table);
        self.paragraph(&tests_of(several), "", Style::new().effects(Effects::DIMMED));
        if self.look.all {
            self.restricted_means(several);
        }
    }

    /// How much sooner one side replies, on average and within the threshold.
    fn restricted_means(&mut self, several: &Several) {
        let within = words::span(several.within);
        self.title(
            "Difference of the mean waits",
            &format!("of each wait no more than {within} counts, replied or not; interval by companies"),
        );
        let mut table = Table::new(["left − right", "hours", "95% interval"]);
        for two in &several.pairs {
            if let Some(mean) = two.restricted_mean_hours {
                table.push([
                    format!("{} − {}", two.left, two.right),
                    format!("{:+.1}", mean.value),
                    format!("{:+.1} to {:+.1}", mean.interval.low, mean.interval.high),
                ]);
            }
        }
        self.table(table);
    }

    /// How well raters agree.
    pub(super) fn raters(&mut self, agreement: &Agreement) {
        let number = |n: Option<f64>| n.map_or_else(|| "–".to_owned(), |n| format!("{n:.2}"));
        self.title("Raters", &format!("{} coded by two or more", words::plural(agreement.items, "reply")));
        let raw = agreement.raw.map_or_else(|| "–".to_owned(), words::percent);
        let text = format!(
            "{} agree on {raw} of their pairs of codings; Krippendorff's alpha, which takes off what chance gives, is {}.",
            agreement.raters.join(", "),
            number(agreement.krippendorff_alpha),
        );
        self.paragraph(&text, "", Style::new());
        if !self.look.all {
            return;
        }
        let whole = format!(
            "Fleiss' kappa {} over {} that all coded; Gwet's AC1 {}.",
            number(agreement.fleiss_kappa),
            words::plural(agreement.items_complete, "reply"),
            number(agreement.gwet_ac1),
        );
        self.paragraph(&whole, "", Style::new());
        for two in &agreement.cohen {
            let replies = words::plural(two.items, "reply");
            let text = format!(
                "{} and {}: Cohen's kappa {:.2} (SE {:.2}, {replies})",
                two.left, two.right, two.kappa, two.standard_error
            );
            self.paragraph(&text, "• ", Style::new());
        }
    }

    /// The same for the other items of the codebook, and what is still in dispute.
    pub(super) fn raters_by_item(&mut self, card: &Scorecard) {
        if !card.agreement_by_item.is_empty() {
            let mut table = Table::new(["item", "replies", "agree", "Krippendorff's alpha"]);
            for of_item in &card.agreement_by_item {
                let (item, a) = (of_item.item.clone(), &of_item.agreement);
                let raw = a.raw.map_or_else(|| "–".to_owned(), words::percent);
                let alpha = a.krippendorff_alpha.map_or_else(|| "–".to_owned(), |alpha| format!("{alpha:.2}"));
                table.push([item, a.items.to_string(), raw, alpha]);
            }
            self.table(table);
        }
        if card.disputed > 0 {
            let number = words::plural(card.disputed, "reply");
            let text = format!("{number} coded differently and not settled: `risposta code disagreements`.");
            self.paragraph(&text, "", Style::new());
        }
    }

    /// Facebook's badge.
    pub(super) fn badges(&mut self, card: &Scorecard) {
        if card.badges.is_empty() {
            return;
        }
        self.title(
            "Facebook's badge",
            "over the seven days before each day, where 10 inquiries or more fell into them",
        );
        let mut table = Table::new(["page", "rule", "days", "held", "last", "lost on"]).left(1).left(4).left(5).keys(2);
        for badge in card.badges.iter().take(BADGES_MAX) {
            for (i, by_rule) in badge.rules.iter().enumerate() {
                let name = if i == 0 { page_of(badge) } else { String::new() };
                let held = if by_rule.last.held { "held" } else { "not held" };
                table.push([
                    name,
                    rule(by_rule.rule).to_owned(),
                    by_rule.days_judged.to_string(),
                    by_rule.days_held.to_string(),
                    held.to_owned(),
                    lost(by_rule),
                ]);
            }
        }
        self.table(table);
        let more = card.badges.len().saturating_sub(BADGES_MAX);
        let rest = if more > 0 { format!(" {more} more pages are in the JSON.") } else { String::new() };
        let note = format!(
            "The rule is Facebook's: its median leaves out whoever got no answer. A channel without a company is \
             all its companies taken as one page.{rest}"
        );
        self.paragraph(&note, "", Style::new().effects(Effects::DIMMED));
    }

    /// What misleads and was asked for.
    pub(super) fn also(&mut self, card: &Scorecard) {
        for told in &card.also {
            self.title(&format!("Asked for, and misleading: {}", told.what), "");
            for number in &told.numbers {
                self.paragraph(number, "• ", Style::new());
            }
            self.paragraph(&told.why, "", Style::new());
        }
    }
}

/// Which tests stand in the table.
fn tests_of(several: &Several) -> String {
    let mut text = "Pairs: questions that went out on both; only l:r: on how many only the left, only the right side \
                    succeeded. p, Holm: exact sign-flip test by company, adjusted for all pairs. p, waits: log-rank, \
                    each company by itself."
        .to_owned();
    if let Some(cochran) = several.cochran {
        let sides = several.sides.len();
        let said = match (cochran.blocks, cochran.chi2, cochran.p) {
            (0, ..) => format!(" Cochran's Q cannot be told: no question went out on all {sides}."),
            (blocks, Some(chi2), Some(p)) => {
                let (blocks, p) = (words::plural(blocks, "question"), words::p_value(p));
                format!(" Cochran's Q over {blocks} that went out on all {sides}: {chi2:.1}, {p}.")
            }
            (blocks, ..) => {
                let blocks = words::plural(blocks, "question");
                format!(" Cochran's Q cannot be told: of {blocks} that went out on all {sides} none tells two apart.")
            }
        };
        text.push_str(&said);
    }
    if several.by_cluster {
        text.push_str(" Companies were asked repeatedly: each counts once in every test.");
    }
    if let Some(test) = several.log_rank {
        let said = format!(" Log-rank of all: {:.1}, {}.", test.chi2, words::p_value(test.p));
        text.push_str(&said);
    }
    text
}

/// A difference of shares with its interval, in percentage points.
pub(in crate::report) fn points(difference: Estimate) -> String {
    let sign = if difference.value > 0.0 { "+" } else { "" };
    format!("{sign}{} [{}]", words::whole_percent(difference.value), words::range(difference.interval))
}

fn page_of(badge: &Badge) -> String {
    badge.company.as_ref().map_or_else(|| badge.channel.clone(), |company| format!("{company}, {}", badge.channel))
}

const fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::MostAnsweredMedian15Minutes => "90% answered, median ≤ 15m",
        Rule::MostWithin15Minutes => "90% within 15m",
        Rule::MostWithin5Minutes => "90% within 5m (2015)",
    }
}

/// The last three days on which it was lost.
fn lost(by_rule: &BadgeByRule) -> String {
    let lost: Vec<String> = by_rule.changes.iter().skip(1).filter(|c| !c.held).map(|c| c.date.to_string()).collect();
    match lost.as_slice() {
        [] => "–".to_owned(),
        [one] => one.clone(),
        [before @ .., latest] => format!("{latest} and {} before", before.len()),
    }
}
