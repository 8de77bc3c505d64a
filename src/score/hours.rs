//! How long did a wait last in the company's opening hours?

use crate::calendar::{OpenClock, SendWindow};
use crate::model::observation::Observed;
use crate::model::plan::Plan;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::Arc;

/// The opening hours of a study's companies, each in its own time zone and with its holidays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OpeningHours {
    clocks: HashMap<String, Arc<OpenClock>>,
}

/// Opening hours in OpenStreetMap syntax, the time zone, and the country for its holidays.
pub type Place<'c> = (&'c str, chrono_tz::Tz, Option<&'c str>);

impl OpeningHours {
    /// The hours that the study gives, from the wave's start to `as_of`. A company for which it
    /// gives none has none: nobody knows when it is open.
    #[must_use]
    pub fn of_plan(plan: &Plan, as_of: DateTime<Utc>) -> Self {
        let places = plan.study.companies.iter().filter_map(|company| {
            let place = (company.hours.as_deref()?, company.timezone, company.country.as_deref());
            Some((company.id.as_str(), place))
        });
        Self::of(places, plan.start, as_of + plan.study.design.window.delta())
    }

    /// The hours of these companies, by id, from a little before `start` to `end`.
    #[must_use]
    pub fn of<'c>(
        companies: impl Iterator<Item = (&'c str, Place<'c>)>,
        start: DateTime<Utc>,
        end: DateTime<Utc>,
    ) -> Self {
        // A person may have written a little before the plan's start; a wave may be scored late.
        let (from, to) = (start - TimeDelta::days(2), end);
        let mut made: HashMap<Place<'_>, Arc<OpenClock>> = HashMap::new();
        let mut clocks = HashMap::new();
        for (company, place) in companies {
            let clock = made.get(&place).cloned().or_else(|| {
                let window = SendWindow::new(place.0, place.1, place.2).ok()?;
                Some(Arc::new(OpenClock::new(&window, from, to)))
            });
            if let Some(clock) = clock {
                made.insert(place, clock.clone());
                clocks.insert(company.to_owned(), clock);
            }
        }
        Self { clocks }
    }

    /// Whether the hours of no company are known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.clocks.is_empty()
    }

    /// Seconds in which the row's company was open within the first `seconds` after it was asked;
    /// `None` where its hours are not known.
    #[must_use]
    pub fn open_within(&self, row: &Observed, seconds: u32) -> Option<u32> {
        let asked_at = row.asked_at?;
        let clock = self.clocks.get(&row.company)?;
        Some(clock.open_seconds_between(asked_at, asked_at + TimeDelta::seconds(i64::from(seconds))))
    }
}
