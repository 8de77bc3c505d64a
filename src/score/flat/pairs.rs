//! Ids of comparisons on the same companies: `paired.…` and `cochran_q.…`.

use super::{Flat, Study, WEEK, Wanted};
use crate::score::table::{NameId, Row};
use crate::stats::{Confidence, PairedTable, SignFlipMethod, clustered_difference, cochran_q, holm, sign_flip};

/// One answer about a question to a company, on one side of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Answer {
    cluster: NameId,
    company: NameId,
    question: NameId,
    repetition: u32,
    side: u16,
    success: bool,
}

/// Two sides on the questions that were asked on both.
#[derive(Debug, Clone, Default)]
pub(super) struct Pairing {
    table: PairedTable,
    /// By cluster: left successes minus right ones, and pairs.
    clusters: Vec<(i32, u32)>,
}

impl Answer {
    /// The answer of a row that was watched for a week; `None` of another.
    pub(super) fn of(row: &Row, side: u16) -> Option<Self> {
        row.is_watched_for(WEEK).then(|| Self {
            cluster: row.cluster,
            company: row.company,
            question: row.question,
            repetition: row.repetition,
            side,
            success: row.replied_within(WEEK),
        })
    }

    const fn subject(&self) -> (NameId, NameId, u32) {
        (self.company, self.question, self.repetition)
    }
}

impl Pairing {
    /// Pairs every two of `sides` sides, in the order (0, 1), (0, 2), …, (1, 2), …
    pub(super) fn of_all(sides: usize, sorted: &[Answer]) -> Vec<Self> {
        let index = pair_index(sides);
        let mut all = vec![Self::default(); sides * sides.saturating_sub(1) / 2];
        let mut of_cluster = vec![(0_i32, 0_u32); all.len()];
        for cluster in sorted.chunk_by(|a, b| a.cluster == b.cluster) {
            for subject in cluster.chunk_by(|a, b| a.subject() == b.subject()) {
                for (i, left) in subject.iter().enumerate() {
                    for right in subject[i + 1..].iter().filter(|right| right.side != left.side) {
                        let pair = index(left.side, right.side);
                        all[pair].table.add(left.success, right.success);
                        of_cluster[pair].0 += i32::from(left.success) - i32::from(right.success);
                        of_cluster[pair].1 += 1;
                    }
                }
            }
            for (pairing, sums) in all.iter_mut().zip(&mut of_cluster) {
                if sums.1 > 0 {
                    pairing.clusters.push(std::mem::take(sums));
                }
            }
        }
        all
    }

    /// The numbers of one pair of sides; nothing where no question was asked on both.
    pub(super) fn put(&self, id: &str, wanted: Wanted, flat: &mut Flat) -> Option<Tests> {
        let difference = self.table.difference(Confidence::p95())?;
        let table = [self.table.both, self.table.left_only, self.table.right_only, self.table.neither];
        flat.numbers(format!("{id}.table_abcd"), &table.map(f64::from));
        let differences: Vec<i32> = self.clusters.iter().map(|(difference, _)| *difference).collect();
        let flipped = sign_flip(&differences);
        let tests = Tests { mcnemar: self.table.mcnemar_exact(), sign_flip: flipped.p };
        flat.number(format!("{id}.mcnemar_exact_p"), tests.mcnemar);
        if wanted.all {
            flat.number(format!("{id}.mcnemar_midp"), self.table.mcnemar_mid_p());
        }
        flat.estimate(format!("{id}.newcombe10"), difference);
        flat.number(format!("{id}.signflip_company_p"), tests.sign_flip);
        if flipped.method == SignFlipMethod::Normal {
            flat.flag(format!("{id}.signflip_company_p_is_normal"), true);
        }
        if let Some((value, error)) =
            clustered_difference(&self.clusters).and_then(|d| Some((d.value, d.standard_error?)))
        {
            flat.numbers(format!("{id}.diff_cluster"), &[value, error]);
        }
        Some(tests)
    }
}

/// The p-values of a pair of sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tests {
    mcnemar: f64,
    sign_flip: f64,
}

/// Where a pair of sides stands, the smaller side first.
fn pair_index(sides: usize) -> impl Fn(u16, u16) -> usize {
    move |left, right| {
        let (left, right) = (usize::from(left), usize::from(right));
        left * (2 * sides - left - 1) / 2 + right - left - 1
    }
}

/// Channels compared within a week.
pub(super) fn channels(study: &Study<'_>, wanted: Wanted, flat: &mut Flat) {
    let sides = study.channels.len();
    let mut answers: Vec<Answer> = (0_u16..)
        .zip(&study.channels)
        .flat_map(|(side, channel)| channel.rows.iter().filter_map(move |row| Answer::of(row, side)))
        .collect();
    answers.sort_unstable();
    let mut tested = Vec::new();
    for ((left, right), pairing) in study.pairs().zip(Pairing::of_all(sides, &answers)) {
        let id = format!("paired.{}.7d", study.pair_name(left, right));
        tested.extend(pairing.put(&id, wanted, flat).map(|tests| (id, tests)));
    }
    adjusted(&tested, flat);
    if sides > 2 {
        all_at_once(sides, &answers, flat);
    }
}

fn adjusted(tested: &[(String, Tests)], flat: &mut Flat) {
    let by = |p: fn(&Tests) -> f64| holm(&tested.iter().map(|(_, tests)| p(tests)).collect::<Vec<_>>());
    let (mcnemar, sign_flip) = (by(|t| t.mcnemar), by(|t| t.sign_flip));
    for ((id, _), (mcnemar, sign_flip)) in tested.iter().zip(mcnemar.into_iter().zip(sign_flip)) {
        flat.number(format!("{id}.mcnemar_exact_p_holm"), mcnemar);
        flat.number(format!("{id}.signflip_company_p_holm"), sign_flip);
    }
}

/// All channels at once, on the questions that were asked on every one.
fn all_at_once(sides: usize, sorted: &[Answer], flat: &mut Flat) {
    let complete = sorted.chunk_by(|a, b| a.subject() == b.subject()).filter(|subject| subject.len() == sides);
    let blocks: Vec<Vec<bool>> = complete.map(|subject| subject.iter().map(|a| a.success).collect()).collect();
    let Some(test) = cochran_q(sides, blocks.iter().map(Vec::as_slice)) else { return };
    flat.count("cochran_q.n_blocks".to_owned(), test.blocks);
    flat.count("cochran_q.df".to_owned(), test.degrees_of_freedom);
    if let (Some(chi2), Some(p)) = (test.chi2, test.p) {
        flat.number("cochran_q.chi2".to_owned(), chi2);
        flat.number("cochran_q.p".to_owned(), p);
    }
}
