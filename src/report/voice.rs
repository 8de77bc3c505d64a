//! How does a report speak? Texts, numbers, dates and lengths of time in the form of its language.

use super::escape;
use crate::lexicon::report_words::{Catalogue, Language, Value};
use crate::model::event::Adequacy;
use crate::model::time::Span;
use crate::score::rate::Quantile;
use crate::score::{Latency, Rate};
use crate::stats::{Estimate, Interval, Reached};
use chrono::{DateTime, Datelike, TimeZone, Timelike, Utc};

/// A language, spoken.
pub struct Voice {
    catalogue: Catalogue,
}

impl Voice {
    /// The voice of a language.
    #[must_use]
    pub fn of(language: Language) -> Self {
        Self { catalogue: Catalogue::of(language) }
    }

    /// The language's code.
    pub fn code(&self) -> &'static str {
        self.catalogue.language().code()
    }

    /// A text.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.catalogue.text(key, &[])
    }

    /// A text with a number.
    #[must_use]
    pub fn n(&self, key: &str, number: u32) -> String {
        self.catalogue.text(key, &[("n", number.into()), ("shown", (&self.count(number)).into())])
    }

    /// A text with what is put into it.
    #[must_use]
    pub fn with(&self, key: &str, values: &[(&str, Value<'_>)]) -> String {
        self.catalogue.text(key, values)
    }

    /// A text with one text in it.
    #[must_use]
    pub fn of_one(&self, key: &str, name: &str, value: &str) -> String {
        self.catalogue.text(key, &[(name, value.into())])
    }

    const fn is_italian(&self) -> bool {
        matches!(self.catalogue.language(), Language::Italian)
    }

    /// A count, with separators between thousands.
    #[must_use]
    pub fn count(&self, number: u32) -> String {
        let digits = number.to_string();
        let separator = if self.is_italian() { '.' } else { ',' };
        let mut text = String::new();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                text.push(separator);
            }
            text.push(digit);
        }
        text
    }

    /// A number with so many decimals.
    #[must_use]
    pub fn decimal(&self, value: f64, decimals: usize) -> String {
        // Adding 0.0 makes the -0 of a rounded small negative number an ordinary 0.
        let scale = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
        let rounded = (value * scale).round() / scale + 0.0;
        let text = format!("{rounded:.decimals$}").replace('-', "−");
        if self.is_italian() { text.replace('.', ",") } else { text }
    }

    /// A share in whole percents; never 0 or 100 where it is not exactly that.
    #[must_use]
    pub fn percent(&self, share: f64) -> String {
        crate::score::words::percent(share)
    }

    /// The ends of an interval of shares: `8–48`.
    #[must_use]
    pub fn range(&self, interval: Interval) -> String {
        let whole = |share: f64| self.decimal(share * 100.0, 0);
        let (low, high) = (whole(interval.low), whole(interval.high));
        if low == high {
            return format!("{}–{}", self.decimal(interval.low * 100.0, 1), self.decimal(interval.high * 100.0, 1));
        }
        if interval.low < 0.0 {
            self.with("range", &[("low", (&low).into()), ("high", (&high).into())])
        } else {
            format!("{low}–{high}")
        }
    }

    /// A rate within a sentence: `13 of 17 (76%)`.
    #[must_use]
    pub fn rate(&self, rate: &Rate) -> String {
        let of = self.fraction(rate);
        rate.share().map_or(of.clone(), |share| format!("{of} ({})", self.percent(share)))
    }

    /// `13 of 17`.
    #[must_use]
    pub fn fraction(&self, rate: &Rate) -> String {
        let (n, of) = (self.count(rate.numerator), self.count(rate.denominator));
        self.with("n-of-m", &[("n", (&n).into()), ("m", (&of).into())])
    }

    /// The percentage of a rate, or a dash.
    #[must_use]
    pub fn share(&self, rate: &Rate) -> String {
        rate.share().map_or_else(|| "–".to_owned(), |share| self.percent(share))
    }

    /// The interval of a rate in brackets, or nothing.
    #[must_use]
    pub fn bounds(&self, rate: &Rate) -> String {
        rate.estimate.map_or_else(String::new, |e| format!("[{}]", self.range(e.interval)))
    }

    /// A difference in percentage points with its sign.
    #[must_use]
    pub fn points(&self, estimate: &Estimate) -> String {
        let value = self.decimal(estimate.value * 100.0, 0);
        if estimate.value > 0.0 && value != "0" { format!("+{value}") } else { value }
    }

    /// A length of time by its two largest units: `10 d 2 h`.
    #[must_use]
    pub fn duration(&self, seconds: u32) -> String {
        let units = [(86_400, "unit-d"), (3_600, "unit-h"), (60, "unit-min"), (1, "unit-s")];
        let unit = |number: u32, key: &str| format!("{}\u{a0}{}", self.count(number), self.t(key));
        let Some(first) = units.iter().position(|(size, _)| seconds >= *size) else { return unit(0, "unit-s") };
        let (size, key) = units[first];
        let whole = unit(seconds / size, key);
        match units.get(first + 1) {
            Some((smaller, key)) if seconds % size >= *smaller => {
                format!("{whole}\u{a0}{}", unit(seconds % size / smaller, key))
            }
            _ => whole,
        }
    }

    /// A tick of a time axis: its largest unit.
    #[must_use]
    pub fn tick(&self, seconds: u32) -> String {
        let units = [(86_400, "unit-d"), (3_600, "unit-h"), (60, "unit-min"), (1, "unit-s")];
        let fits = units.iter().find(|(size, _)| seconds >= *size && seconds.is_multiple_of(*size));
        let (size, key) = fits.copied().unwrap_or((1, "unit-s"));
        format!("{}\u{a0}{}", self.count(seconds / size), self.t(key))
    }

    /// A threshold within a sentence: `28 days`. One day is said as hours, as service levels are.
    #[must_use]
    pub fn span(&self, span: Span) -> String {
        let seconds = span.as_secs();
        let (size, key) = match seconds {
            s if s > 86_400 && s.is_multiple_of(86_400) => (86_400, "span-days"),
            s if s >= 3_600 && s.is_multiple_of(3_600) => (3_600, "span-hours"),
            s if s >= 60 && s.is_multiple_of(60) => (60, "span-minutes"),
            _ => (1, "span-seconds"),
        };
        self.n(key, seconds / size)
    }

    /// When a part had a reply, or that it never came so far.
    #[must_use]
    pub fn reached(&self, at: Reached) -> String {
        match at {
            Reached::At(seconds) => self.duration(seconds),
            Reached::NotReached => self.t("not-reached"),
        }
    }

    /// A quantile's interval in brackets, or nothing.
    #[must_use]
    pub fn quantile_bounds(&self, quantile: &Quantile) -> String {
        let Some(low) = quantile.low_hours else { return String::new() };
        match (low, quantile.high_hours) {
            (Reached::NotReached, _) | (_, None) => String::new(),
            (Reached::At(low), Some(Reached::NotReached)) => {
                format!("[{}]", self.of_one("or-more", "low", &self.duration(low)))
            }
            (Reached::At(low), Some(Reached::At(high))) => {
                format!("[{}–{}]", self.duration(low), self.duration(high))
            }
        }
    }

    /// The median of a latency, or a dash.
    #[must_use]
    pub fn median(&self, latency: Option<&Latency>) -> String {
        latency.map_or_else(|| "–".to_owned(), |l| self.reached(l.median.hours))
    }

    /// A p value within a sentence.
    #[must_use]
    pub fn p(&self, p: f64) -> String {
        if p < 0.001 {
            format!("p\u{a0}<\u{a0}{}", self.decimal(0.001, 3))
        } else {
            format!("p\u{a0}=\u{a0}{}", self.decimal(p, 3))
        }
    }

    /// A day: `12 January 2026`.
    #[must_use]
    pub fn date<Z: TimeZone>(&self, at: &DateTime<Z>) -> String {
        let month = self.t(&format!("month-{}", at.month()));
        let day = if at.day() == 1 { self.t("day-first") } else { at.day().to_string() };
        self.with(
            "date",
            &[("day", (&day).into()), ("month", (&month).into()), ("year", (&at.year().to_string()).into())],
        )
    }

    /// A moment: `12 January 2026, 09:05 UTC`.
    #[must_use]
    pub fn moment(&self, at: &DateTime<Utc>) -> String {
        format!("{}, {:02}:{:02}\u{a0}UTC", self.date(at), at.hour(), at.minute())
    }

    /// A moment in a company's time, short: `12 Jan 09:05`.
    #[must_use]
    pub fn local(&self, at: &DateTime<Utc>, zone: chrono_tz::Tz) -> String {
        let at = at.with_timezone(&zone);
        let month: String = self.t(&format!("month-{}", at.month())).chars().take(3).collect();
        format!("{}\u{a0}{month} {:02}:{:02}", at.day(), at.hour(), at.minute())
    }

    /// A channel's name; what is no channel of ours is shown as it is called.
    #[must_use]
    pub fn channel(&self, label: &str) -> String {
        let key = format!("channel-{}", label.replace('_', "-"));
        if self.catalogue.has(&key) {
            return self.t(&key);
        }
        let merged = label.strip_prefix("other (").and_then(|rest| rest.strip_suffix(')'));
        match (label, merged) {
            ("other", _) => self.t("channels-merged"),
            ("all", _) => self.t("channels-all"),
            (_, Some(group)) => self.of_one("channels-merged-of", "group", &self.side(group)),
            _ => escape::line(label).into_owned(),
        }
    }

    /// A place that a reply sends to: a channel, or something that is none.
    #[must_use]
    pub fn place(&self, name: &str) -> String {
        let key = format!("place-{}", name.replace('_', "-"));
        if self.catalogue.has(&key) { self.t(&key) } else { self.channel(name) }
    }

    /// A side of a comparison: a channel, or a channel group as the study calls it.
    #[must_use]
    pub fn side(&self, name: &str) -> String {
        match name {
            "own" => self.t("side-own"),
            "outside" => self.t("side-outside"),
            _ => self.channel(name),
        }
    }

    /// A side within a sentence: “through own channels”.
    #[must_use]
    pub fn through(&self, name: &str) -> String {
        match name {
            "own" => self.t("through-own"),
            "outside" => self.t("through-outside"),
            _ => self.of_one("through", "name", &self.channel(name)),
        }
    }

    /// How a reply is coded.
    #[must_use]
    pub fn adequacy(&self, adequacy: Adequacy) -> String {
        self.t(&format!("adequacy-{}", adequacy.name().replace('_', "-")))
    }
}
