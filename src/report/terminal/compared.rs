//! What do comparisons say, and what stands beside them? Everything but the primary one is exploratory.

use super::Page;
use crate::report::table::{Table, rates};
use crate::score::badge::{Badge, BadgeByRule, Rule};
use crate::score::sensitivity::Compared;
use crate::score::{Scorecard, words};
use crate::stats::Estimate;
use anstyle::{Effects, Style};

/// Most badges that the page shows.
const BADGES_MAX: usize = 10;

impl Page {
    /// What the comparison would say if messages of unknown delivery were settled.
    pub(super) fn sensitivity(&mut self, card: &Scorecard) {
        let Some(sensitivity) = &card.sensitivity else { return };
        let unknown = words::plural(sensitivity.unknown, "message");
        self.title("If what is not known were settled", &format!("{unknown} of unknown delivery"));
        let mut table = Table::new(["had they", "replied", "difference"]).left(2);
        let unsettled = card.total.unsettled.as_ref();
        let cells = unsettled.map_or_else(Vec::new, |u| rates(&[u.if_undelivered, u.if_silent, u.if_replied]));
        let rows = [
            ("not arrived", Some(&sensitivity.if_undelivered)),
            ("arrived, and stayed silent", Some(&sensitivity.if_silent)),
            ("all been replied to", None),
        ];
        for (i, (what, compared)) in rows.into_iter().enumerate() {
            let difference = match compared {
                Some(Compared::Paired(c)) => c.result.difference.map(points),
                Some(Compared::Parallel(c)) => c.difference.map(points),
                Some(Compared::Nothing) | None => None,
            };
            let replied = cells.get(i).cloned().unwrap_or_default();
            table.push([what.to_owned(), replied, difference.unwrap_or_else(|| "–".to_owned())]);
        }
        self.table(table);
    }

    /// Facebook's badge.
    pub(super) fn badges(&mut self, card: &Scorecard) {
        if card.badges.is_empty() {
            return;
        }
        self.title("Facebook's badge", "over the seven days before each day, where 10 inquiries or more fell into them");
        let mut table = Table::new(["page", "rule", "days", "held", "last", "lost on"]).left(1).left(4).left(5);
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
        [.., last] => format!("{last} and {} before", lost.len() - 1),
    }
}
