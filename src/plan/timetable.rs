//! When each inquiry is due: the same weekday and local hour for all of a company's inquiries,
//! `washout` apart, and never faster than the pacing allows.
//!
//! Every company gets a cell, a weekday and an hour of its send window, and a second within that
//! hour. Its inquiries fall into that cell, whole weeks apart; a week in which the cell is closed,
//! falls on a public holiday or is full is passed over. Within the cell an inquiry gives way to
//! others by seconds or minutes where pacing asks for it.

use super::chance::Chance;
use super::problem::Problem;
use crate::calendar::SendWindow;
use crate::model::channel::Channel;
use crate::model::study::{Company, Pacing, Study, Target};
use crate::model::time::Span;
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, TimeZone, Timelike, Utc};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Weeks that are searched for room before a study is refused: ten years.
const WEEKS_MAX: u64 = 520;
/// Days from the start in which cells are looked for, short and long.
const CELL_DAYS: [u64; 2] = [28, 400];

/// A weekday (days from Monday) and an hour of the local clock.
type Cell = (u32, u32);
/// Seconds since 1970, `from..to`.
type Piece = (i64, i64);

/// Gives out moments, company by company.
pub(crate) struct Timetable<'s> {
    study: &'s Study,
    /// Seconds since 1970: nothing is due before.
    start: i64,
    places: Vec<Place>,
    place_of: BTreeMap<(&'static str, Option<String>), usize>,
    taken: Taken<'s>,
    full: HashSet<(Piece, Option<Channel>)>,
}

/// The send window at one place, with what was worked out about it.
struct Place {
    window: SendWindow,
    cells: Vec<Cell>,
    pieces: HashMap<(NaiveDate, u32), Option<Piece>>,
    /// Companies that got a cell so far, by the channel they are asked on first.
    dealt: BTreeMap<Channel, usize>,
}

/// The moments that are given out already.
#[derive(Default)]
struct Taken<'s> {
    anywhere: BTreeSet<i64>,
    channel: BTreeMap<Channel, BTreeSet<i64>>,
    host: HashMap<&'s str, BTreeSet<i64>>,
}

impl<'s> Timetable<'s> {
    pub(crate) fn new(study: &'s Study, start: DateTime<Utc>) -> Self {
        let start = start.timestamp() + i64::from(start.timestamp_subsec_nanos() > 0);
        Self {
            study,
            start,
            places: Vec::new(),
            place_of: BTreeMap::new(),
            taken: Taken::default(),
            full: HashSet::new(),
        }
    }

    /// The moments of a company's inquiries, ascending, for contact points in the order of asking.
    ///
    /// # Errors
    /// Where the send window cannot be read, never opens, or has no room left.
    pub(crate) fn moments(
        &mut self,
        company: &'s Company,
        points: &[(Channel, &'s Target)],
    ) -> Result<Vec<DateTime<Utc>>, Problem> {
        let Some((first, _)) = points.first() else { return Ok(Vec::new()) };
        let place = self.place(company)?;
        let cell = self.places[place].next_cell(self.study.seed, *first).ok_or_else(|| Problem {
            what: format!("the send window `{}` never opens for company `{}`", self.study.design.send, company.id),
            help: "widen `design.send`, or start in its season".into(),
        })?;
        let mut within =
            i64::try_from(Chance::of(self.study.seed, &["moment", company.id.as_str()]).below(3_600)).unwrap_or(0);
        let washout = i64::from(self.study.design.washout.as_secs());
        let (mut not_before, mut moments) = (self.start, Vec::new());
        for (channel, target) in points {
            let (at, piece) =
                self.find(place, cell, not_before, within, *channel, target.host()).ok_or_else(|| Problem {
                    what: format!("there is no moment for company `{}` on {channel} within ten years", company.id),
                    help: "loosen `design.pacing`, widen `design.send` or ask fewer companies".into(),
                })?;
            self.taken.take(at, *channel, target.host());
            moments.extend(DateTime::from_timestamp(at, 0));
            within = at - piece.0;
            // At least the next day: the same weekday is then at least a week later.
            not_before = at + washout.max(86_400);
        }
        Ok(moments)
    }

    fn place(&mut self, company: &Company) -> Result<usize, Problem> {
        let key = (company.timezone.name(), company.country.clone());
        if let Some(known) = self.place_of.get(&key) {
            return Ok(*known);
        }
        let window =
            SendWindow::new(&self.study.design.send, company.timezone, company.country.as_deref()).map_err(|why| {
                Problem {
                    what: format!("the send window of company `{}`: {why}", company.id),
                    help: "correct `design.send` or the company's country".into(),
                }
            })?;
        let mut place = Place { window, cells: Vec::new(), pieces: HashMap::new(), dealt: BTreeMap::new() };
        place.look_for_cells(self.start);
        Chance::of(self.study.seed, &["cells", company.timezone.name()]).shuffle(&mut place.cells);
        self.places.push(place);
        self.place_of.insert(key, self.places.len() - 1);
        Ok(self.places.len() - 1)
    }

    /// The first free moment in that cell, with the piece of time it lies in; as near after
    /// `within` seconds from the piece's start as can be.
    fn find(
        &mut self,
        place: usize,
        cell: Cell,
        not_before: i64,
        within: i64,
        channel: Channel,
        host: Option<&str>,
    ) -> Option<(i64, Piece)> {
        let pacing = self.study.design.pacing;
        for date in self.places[place].dates(cell, not_before)? {
            let Some(piece) = self.places[place].piece(date, cell.1) else { continue };
            if self.full.contains(&(piece, None)) || self.full.contains(&(piece, Some(channel))) {
                continue;
            }
            let from = piece.0.max(not_before);
            let wish = from.max(piece.0 + within % (piece.1 - piece.0));
            let free = |from, to| self.taken.free(from..to, pacing, Some(channel), host);
            if let Some(at) = free(wish, piece.1).or_else(|| free(from, wish)) {
                return Some((at, piece));
            }
            if from == piece.0 {
                // Remembered, so that full weeks are passed over quickly.
                for channel in [None, Some(channel)] {
                    if self.taken.free(piece.0..piece.1, pacing, channel, None).is_none() {
                        self.full.insert((piece, channel));
                    }
                }
            }
        }
        None
    }
}

impl Place {
    /// The cells that are open in the first weeks; where there are none, within a year.
    fn look_for_cells(&mut self, start: i64) {
        let Some(first) = self.local_date(start) else { return };
        for days in CELL_DAYS {
            let mut cells = BTreeSet::new();
            for date in first.iter_days().take(usize::try_from(days).unwrap_or(0)) {
                for hour in 0..24 {
                    if self.piece(date, hour).is_some() {
                        cells.insert((date.weekday().num_days_from_monday(), hour));
                    }
                }
            }
            self.cells = cells.into_iter().collect();
            if !self.cells.is_empty() {
                return;
            }
        }
    }

    /// Cells are dealt out in turn, separately for each first channel: hour and weekday are then
    /// balanced over channels in parallel groups too.
    fn next_cell(&mut self, seed: u64, first: Channel) -> Option<Cell> {
        let offset = Chance::of(seed, &["first cell", first.name()]).below(self.cells.len());
        let turn = self.dealt.entry(first).or_default();
        *turn += 1;
        self.cells.get((offset + *turn) % self.cells.len().max(1)).copied()
    }

    /// The dates of that weekday, from the local date of `not_before` on.
    fn dates(&self, cell: Cell, not_before: i64) -> Option<impl Iterator<Item = NaiveDate> + use<>> {
        let earliest = self.local_date(not_before)?;
        let ahead = (cell.0 + 7 - earliest.weekday().num_days_from_monday()) % 7;
        let first = earliest.checked_add_days(Days::new(u64::from(ahead)))?;
        Some((0..WEEKS_MAX).map_while(move |week| first.checked_add_days(Days::new(7 * week))))
    }

    fn local_date(&self, at: i64) -> Option<NaiveDate> {
        Some(DateTime::from_timestamp(at, 0)?.with_timezone(&self.window.zone()).date_naive())
    }

    /// The open part of that local hour, the first where there are several. `None` where it is
    /// closed, a public holiday that the window does not speak of, or skipped by the clock change.
    fn piece(&mut self, date: NaiveDate, hour: u32) -> Option<Piece> {
        if let Some(known) = self.pieces.get(&(date, hour)) {
            return *known;
        }
        // All hours of a day at once: the expression is evaluated once a date.
        let holiday = self.window.is_public_holiday(date) && !self.window.names_holidays();
        let open = if holiday { Vec::new() } else { self.window.open_on(date) };
        for hour in 0..24 {
            let piece = open.iter().find_map(|(opens, closes)| {
                let starts = date.and_hms_opt(hour, 0, 0)?;
                let from = starts.max(*opens);
                let to = (starts + TimeDelta::hours(1)).min(*closes);
                if from >= to { None } else { self.piece_between(from, to) }
            });
            self.pieces.insert((date, hour), piece);
        }
        self.pieces.get(&(date, hour)).copied().flatten()
    }

    /// From local to lived time; the first pass of an hour that is repeated.
    fn piece_between(&self, from: chrono::NaiveDateTime, to: chrono::NaiveDateTime) -> Option<Piece> {
        let starts = self.window.zone().from_local_datetime(&from).earliest()?;
        let last = starts + (to - from) - TimeDelta::seconds(1);
        let unbroken = last.naive_local().hour() == from.hour();
        let starts = starts.timestamp();
        unbroken.then(|| (starts, starts + (to - from).num_seconds()))
    }
}

impl<'s> Taken<'s> {
    fn take(&mut self, at: i64, channel: Channel, host: Option<&'s str>) {
        self.anywhere.insert(at);
        self.channel.entry(channel).or_default().insert(at);
        if let Some(host) = host {
            self.host.entry(host).or_default().insert(at);
        }
    }

    /// The first second of the range that keeps its distance from all that are taken.
    fn free(
        &self,
        range: std::ops::Range<i64>,
        pacing: Pacing,
        channel: Option<Channel>,
        host: Option<&str>,
    ) -> Option<i64> {
        let rules = [
            (Some(&self.anywhere), pacing.total),
            (channel.and_then(|channel| self.channel.get(&channel)), pacing.channel),
            (host.and_then(|host| self.host.get(host)), pacing.host),
        ];
        let mut at = range.start;
        while at < range.end {
            match rules.iter().filter_map(|(taken, gap)| clear_of((*taken)?, at, *gap)).max() {
                None => return Some(at),
                Some(later) => at = later,
            }
        }
        None
    }
}

/// Where `at` is too near to one that is taken: the first moment after that one's gap.
fn clear_of(taken: &BTreeSet<i64>, at: i64, gap: Span) -> Option<i64> {
    let gap = i64::from(gap.as_secs());
    if gap == 0 {
        return None;
    }
    taken.range(at - gap + 1..at + gap).next_back().map(|near| near + gap)
}
