//! What was found, and how sure is it? Two plain sentences, and what stands against them.

use super::card::{GroupScore, Scorecard};
use super::comparison::parallel::Parallel;
use super::comparison::{Comparison, Role, ShownBy, usual_threshold};
use super::rate::Rate;
use super::tally::Tally;
use super::words;
use crate::model::study::Measure;
use crate::model::time::Span;
use crate::stats::Interval;
use serde::{Deserialize, Serialize};

/// Two sentences in plain words, and the reservations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// What was found.
    pub found: String,
    /// How sure it is.
    pub sure: String,
    /// What the reader must bear in mind.
    pub reservations: Vec<String>,
}

/// The findings of a scorecard whose numbers are complete.
#[must_use]
pub fn findings(card: &Scorecard) -> Findings {
    let (told, groups) = (told(card), told_groups(card));
    let (found, sure) = match (told, groups) {
        (Some(comparison), _) => (found_in_pairs(comparison), sure_of_pairs(comparison)),
        (None, Some(groups)) => (found_in_groups(groups), sure_of_groups(groups)),
        (None, None) => by_rates(card),
    };
    Findings { found, sure, reservations: reservations(card, told) }
}

/// The comparison of parallel groups that is told, as for pairs.
fn told_groups(card: &Scorecard) -> Option<&Parallel> {
    card.parallel.last().filter(|groups| groups.difference.is_some())
}

fn found_in_groups(groups: &Parallel) -> String {
    let [left, right] = [&groups.left, &groups.right];
    let (better, worse) = if right.rate.share() > left.rate.share() { (right, left) } else { (left, right) };
    format!(
        "Each asked on one channel, companies {} within {} to {} through “{}” and to {} through “{}”.",
        verb(groups.measure),
        words::span(groups.within),
        words::rate(&better.rate),
        better.name,
        words::rate(&worse.rate),
        worse.name,
    )
}

fn sure_of_groups(groups: &Parallel) -> String {
    let Some(difference) = groups.difference else { return String::new() };
    let turned = groups.right.rate.share() > groups.left.rate.share();
    let (low, high) = (difference.interval.low, difference.interval.high);
    let (value, low, high) = if turned { (-difference.value, -high, -low) } else { (difference.value, low, high) };
    let within = if groups.by_industry {
        let industries = words::plural(groups.strata, "industry");
        format!(", within industries ({industries} with both sides),")
    } else {
        String::new()
    };
    let judgement = if groups.is_shown() {
        "which leaves out no difference at all."
    } else {
        "which does not leave out that there is none: this does not show which side is better."
    };
    format!(
        "The difference{within} is {} percentage points; its 95% interval (Newcombe, two samples) is {}, {judgement}",
        words::whole_percent(value),
        words::range(Interval { low, high }),
    )
}

/// The comparison that is told: the first, unless it waits for coding or has no pairs.
fn told(card: &Scorecard) -> Option<&Comparison> {
    let last = card.comparisons.last()?;
    last.result.difference.map(|_| last)
}

fn found_in_pairs(comparison: &Comparison) -> String {
    let pairs = comparison.result.pairs.pairs();
    let [left, right] = [&comparison.left, &comparison.right];
    let (better, worse) = if right.rate.numerator > left.rate.numerator { (right, left) } else { (left, right) };
    format!(
        "Asked {} on both sides, companies {} within {} to {} through “{}” and to {} through “{}”.",
        if pairs == 1 { "the same question".to_owned() } else { format!("the same {pairs} questions") },
        verb(comparison.measure),
        words::span(comparison.within),
        words::rate(&better.rate),
        better.name,
        words::rate(&worse.rate),
        worse.name,
    )
}

fn sure_of_pairs(comparison: &Comparison) -> String {
    let Some(difference) = comparison.result.difference else { return String::new() };
    // Told from the better side, so that a reader need not think about signs.
    let turned = comparison.right.rate.numerator > comparison.left.rate.numerator;
    let (low, high) = (difference.interval.low, difference.interval.high);
    let (value, low, high) = if turned { (-difference.value, -high, -low) } else { (difference.value, low, high) };
    let p = words::p_value(comparison.result.p_sign_flip);
    let points = words::whole_percent(value);
    let range = words::range(Interval { low, high });
    let one_each = comparison.result.pairs.pairs() == comparison.result.clusters;
    let said = format!("The difference of {points} percentage points has a 95% interval of {range}");
    let test = if one_each { "exact McNemar test" } else { "exact sign-flip test by company" };
    let judgement = match comparison.result.shown_by() {
        ShownBy::Both => return format!("{said}, and would hardly come about by chance ({test}, {p})."),
        ShownBy::Neither => format!(", and may well be chance ({test}, {p})"),
        ShownBy::IntervalAlone => format!(
            ", which leaves out no difference, and the {test} does not ({p}). The test decides, since with so few \
             the interval is approximate"
        ),
        ShownBy::TestAlone => format!(
            ", which does not leave out that there is none, though the {test} does ({p}). The interval decides, as \
             the more careful of the two"
        ),
    };
    format!("{said}{judgement}: this does not show which side is better.")
}

/// Without pairs each side's rate is told by itself; without sides, the rate of all.
fn by_rates(card: &Scorecard) -> (String, String) {
    let measure = card.about.primary.as_ref().map_or(Measure::Replied, |p| p.measure);
    let threshold = card.about.primary.as_ref().map_or_else(|| usual_threshold(&card.about), |p| p.within);
    let rate = |tally: &Tally| rate_within(tally, measure, threshold);
    let sides: Vec<(&GroupScore, Rate)> = card.groups.iter().filter_map(|g| Some((g, rate(&g.tally)?))).collect();
    let within = words::span(threshold);
    if let [(left, of_left), (right, of_right), ..] = sides.as_slice() {
        let found = format!(
            "Within {within} companies {} to {} through “{}” and to {} through “{}”.",
            verb(measure),
            words::rate(of_left),
            left.group,
            words::rate(of_right),
            right.group,
        );
        return (found, sure_of_two(of_left, of_right, card.comparison_hidden));
    }
    match rate(&card.total) {
        Some(all) => (
            format!("Within {within} companies {} to {}.", verb(measure), words::rate(&all)),
            format!(
                "With that many inquiries any true rate of {} would fit what was counted (95% interval).",
                interval_in_words(&all)
            ),
        ),
        None => (
            "Nothing can be said yet.".to_owned(),
            format!("No inquiry that arrived has been watched for {within} so far."),
        ),
    }
}

fn sure_of_two(left: &Rate, right: &Rate, hidden: bool) -> String {
    if hidden {
        return "Too few companies stand behind the comparison for this edition to show it.".to_owned();
    }
    let overlap = match (left.estimate, right.estimate) {
        (Some(l), Some(r)) => l.interval.low <= r.interval.high && r.interval.low <= l.interval.high,
        _ => true,
    };
    let judgement = if overlap { "overlap: this does not show which is better" } else { "do not overlap" };
    format!(
        "Their 95% intervals, {} and {}, {judgement}; no company was asked the same on both sides, so they are compared unpaired.",
        interval_in_words(left),
        interval_in_words(right),
    )
}

fn interval_in_words(rate: &Rate) -> String {
    rate.estimate.map_or_else(String::new, |e| format!("{}%", words::range(e.interval)))
}

/// The rate of a tally; `None` where nothing was watched long enough.
fn rate_within(tally: &Tally, measure: Measure, threshold: Span) -> Option<Rate> {
    let answers = &tally.before_any_reminder;
    let within = answers.within(threshold);
    let rate = match measure {
        Measure::Replied => within.map_or(answers.response, |w| w.replied),
        Measure::Adequate => within.map_or(answers.adequate_response, |w| w.adequate),
    };
    (rate.denominator > 0).then_some(rate)
}

fn verb(measure: Measure) -> &'static str {
    match measure {
        Measure::Replied => "replied",
        Measure::Adequate => "replied adequately",
    }
}

fn reservations(card: &Scorecard, told: Option<&Comparison>) -> Vec<String> {
    let mut list = Vec::new();
    if let Some(notice) = &card.notice {
        list.push(notice.clone());
    }
    if card.about.order_confounded {
        list.push(
            "Every company was asked in the same order of channels: the channel's effect cannot be told apart \
             from the order's."
                .to_owned(),
        );
    }
    let role = told.map(|c| c.role).or(told_groups(card).map(|c| c.role));
    match role {
        Some(Role::Primary) => {
            list.push(
                "This is the study's primary comparison, fixed in advance; all others are exploratory.".to_owned(),
            );
        }
        Some(Role::Exploratory) => {
            list.push("This comparison is exploratory: the study did not fix it in advance.".to_owned());
        }
        None => {}
    }
    if let Some(comparison) = told {
        list.extend(reservations_of(comparison));
    }
    let uncoded = card.total.inquiries_uncoded;
    if uncoded > 0 {
        let verb = if uncoded == 1 { "waits" } else { "wait" };
        let inquiries = words::plural(uncoded, "answered inquiry");
        list.push(format!("{inquiries} {verb} for coding: what is adequate is not known yet."));
    }
    if card.disputed > 0 {
        let verb = if card.disputed == 1 { "was" } else { "were" };
        list.push(format!(
            "{} {verb} coded differently by raters and not settled: what most of them said counts, or the worse.",
            words::plural(card.disputed, "reply"),
        ));
    }
    if card.total.open > 0 {
        list.push(format!(
            "{} without a reply so far {} not yet been watched for {}.",
            words::plural(card.total.open, "inquiry"),
            if card.total.open == 1 { "has" } else { "have" },
            words::span(card.about.window),
        ));
    }
    if card.total.unknown.total > 0 {
        let number = card.total.unknown.total;
        list.push(format!("It is not known whether {} arrived.", words::plural(number, "message")));
    }
    list
}

fn reservations_of(comparison: &Comparison) -> Vec<String> {
    let mut list = Vec::new();
    if comparison.any_of_several {
        list.push(
            "A question asked on several channels of a side counts as answered where any of them answered.".to_owned(),
        );
    }
    let result = &comparison.result;
    if let Some(effect) = result.design_effect {
        let widened = if effect >= 1.05 {
            format!("is widened for it (design effect {effect:.1})")
        } else {
            "needs no widening for it".to_owned()
        };
        list.push(format!(
            "The {} come from {}, asked repeatedly or belonging together: the interval {widened}, and the test counts \
             each of them once.",
            words::plural(result.pairs.pairs(), "pair"),
            if result.clusters == 1 { "1 company".to_owned() } else { format!("{} companies", result.clusters) },
        ));
    }
    list
}
