//! In which order a company's channels are asked.

use super::chance::Chance;
use crate::model::channel::Channel;
use crate::model::study::{Ask, Company, ContactPoint, Order, Study};
use std::collections::BTreeMap;

/// One question on one channel, once.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Step<'s> {
    /// Where it is asked.
    pub(crate) point: &'s ContactPoint,
    /// What.
    pub(crate) ask: &'s Ask,
    /// Which repetition, from 1.
    pub(crate) repetition: u32,
}

/// The steps of each company, in order. A company goes through rounds: each question on every
/// channel, then the next question; then all of it again for the next repetition.
pub(crate) fn steps<'s>(study: &'s Study, channels: &[Vec<&'s ContactPoint>]) -> Vec<Vec<Step<'s>>> {
    let deals = deal(study, channels);
    let of_company = |(index, company): (usize, &'s Company)| {
        let mut chance = Chance::of(study.seed, &["order", company.id.as_str()]);
        let mut steps = Vec::new();
        for (nth, (ask, repetition)) in rounds(study.design.order, company, &deals[index], &mut chance).enumerate() {
            let mut points = channels[index].clone();
            match study.design.order {
                Order::Listed => {}
                Order::Random => chance.shuffle(&mut points),
                Order::LatinSquare => deals[index].arrange(nth, &mut points),
            }
            steps.extend(points.into_iter().map(|point| Step { point, ask, repetition }));
        }
        steps
    };
    study.companies.iter().enumerate().map(of_company).collect()
}

/// Questions and repetitions, a round each. Unless the order is the listed one, the order of the
/// questions is spread over companies too.
fn rounds<'s>(
    order: Order,
    company: &'s Company,
    deal: &Deal,
    chance: &mut Chance,
) -> impl Iterator<Item = (&'s Ask, u32)> + use<'s> {
    let most = company.asks.iter().map(|ask| ask.times).max().unwrap_or(0);
    let mut asks: Vec<&Ask> = company.asks.iter().collect();
    match order {
        Order::Listed => {}
        Order::Random => chance.shuffle(&mut asks),
        Order::LatinSquare => asks.rotate_left(deal.turn % company.asks.len().max(1)),
    }
    (1..=most).flat_map(move |repetition| {
        asks.clone().into_iter().filter(move |ask| repetition <= ask.times).map(move |ask| (ask, repetition))
    })
}

/// A company's place in the square of those who are asked on the same channels.
#[derive(Debug, Clone, Default)]
struct Deal {
    /// Running number among them.
    turn: usize,
    /// Their channels, in the order in which the square counts them.
    labels: Vec<Channel>,
}

impl Deal {
    /// Puts the points in the order of this company's row, `round` rows further on.
    fn arrange(&self, round: usize, points: &mut [&ContactPoint]) {
        let rows = williams(self.labels.len());
        let Some(row) = rows.get((self.turn + round) % rows.len().max(1)) else { return };
        let place = |channel: Channel| row.iter().position(|label| self.labels.get(*label) == Some(&channel));
        points.sort_by_key(|point| place(point.channel));
    }
}

/// Deals the rows out in turn, industry by industry, to companies in random order.
fn deal(study: &Study, channels: &[Vec<&ContactPoint>]) -> Vec<Deal> {
    let mut order: Vec<usize> = (0..study.companies.len()).collect();
    Chance::of(study.seed, &["latin square"]).shuffle(&mut order);
    order.sort_by_key(|index| study.companies[*index].industry.as_deref());
    let mut squares: BTreeMap<Vec<Channel>, Deal> = BTreeMap::new();
    let mut deals = vec![Deal::default(); study.companies.len()];
    for index in order {
        let mut set: Vec<Channel> = channels[index].iter().map(|point| point.channel).collect();
        set.sort_unstable();
        let square = squares.entry(set).or_insert_with_key(|set| {
            let mut labels = set.clone();
            let names: Vec<&str> = set.iter().map(|channel| channel.name()).collect();
            Chance::of(study.seed, &["labels", &names.join(" ")]).shuffle(&mut labels);
            Deal { turn: 0, labels }
        });
        deals[index] = square.clone();
        square.turn += 1;
    }
    deals
}

/// A Williams design (Williams 1949) for `n` treatments: `n` rows for even `n`, `2n` for odd.
/// In every `n` rows from the start, each treatment stands once in each position; over all rows,
/// each follows each other one equally often, so that carry-over is balanced too.
fn williams(n: usize) -> Vec<Vec<usize>> {
    // 0, n-1, 1, n-2, 2, …: neighbours differ by every residue once.
    let zigzag: Vec<usize> = (0..n).map(|i| if i % 2 == 0 { i / 2 } else { n - 1 - i / 2 }).collect();
    let square = |row: &[usize]| -> Vec<Vec<usize>> {
        (0..n).map(|shift| row.iter().map(|label| (label + shift) % n).collect()).collect()
    };
    let mut rows = square(&zigzag);
    if n % 2 == 1 {
        let mirrored: Vec<usize> = zigzag.iter().rev().copied().collect();
        rows.extend(square(&mirrored));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_treatment_stands_in_every_position_and_follows_every_other_equally_often() {
        for n in 2..=12 {
            let rows = williams(n);
            for block in rows.chunks(n) {
                for position in 0..n {
                    let mut seen: Vec<usize> = block.iter().map(|row| row[position]).collect();
                    seen.sort_unstable();
                    assert_eq!(seen, (0..n).collect::<Vec<_>>(), "{n} treatments, position {position}");
                }
            }
            let mut follows = BTreeMap::new();
            for row in &rows {
                for pair in row.windows(2) {
                    *follows.entry((pair[0], pair[1])).or_insert(0) += 1;
                }
            }
            let expected = if n % 2 == 0 { 1 } else { 2 };
            assert_eq!(follows.len(), n * (n - 1), "{n} treatments");
            assert!(follows.values().all(|times| *times == expected), "{n} treatments: {follows:?}");
        }
    }

    #[test]
    fn one_channel_or_none_needs_no_square() {
        assert_eq!(williams(1), [[0], [0]]);
        assert_eq!(williams(0), Vec::<Vec<usize>>::new());
    }
}
