//! What remains of several tests when each gave chance another opportunity? Holm, and Cochran's Q before it.

use super::survival::log_rank::chi2_tail;
use serde::{Deserialize, Serialize};

/// Adjusts p-values by Holm (1979): the chance of any false alarm among all stays at the level.
/// In the order in which they were given.
#[must_use]
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest: f64 = 0.0;
    for (before, index) in order.into_iter().enumerate() {
        let left = u32::try_from(p_values.len() - before).map_or(f64::INFINITY, f64::from);
        largest = largest.max((p_values[index] * left).min(1.0));
        adjusted[index] = largest;
    }
    adjusted
}

/// Cochran's Q test (1950): do three or more sides differ, on the same subjects? It takes subjects as
/// independent: of six questions a company it errs in 13 % instead of 5 % (`examples/calibration/`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CochranQ {
    /// Subjects that have an answer on every side.
    pub blocks: u32,
    /// The statistic; `None` where no subject tells two sides apart.
    pub chi2: Option<f64>,
    /// Sides minus 1.
    pub degrees_of_freedom: u32,
    /// How often chance gives as large a statistic; `None` where there is none.
    pub p: Option<f64>,
}

/// Tests whether `sides` differ: a block holds one subject's success on each of them. A block of
/// another length is left out. `None` of fewer than two sides.
pub fn cochran_q<'b>(sides: usize, blocks: impl IntoIterator<Item = &'b [bool]>) -> Option<CochranQ> {
    let degrees_of_freedom = u32::try_from(sides).ok()?.checked_sub(1).filter(|df| *df > 0)?;
    let mut columns = vec![0_u64; sides];
    let (mut number, mut total, mut squares) = (0_u32, 0_u64, 0_u64);
    for block in blocks.into_iter().filter(|block| block.len() == sides) {
        let mut row = 0_u64;
        for (column, success) in columns.iter_mut().zip(block) {
            *column += u64::from(*success);
            row += u64::from(*success);
        }
        number += 1;
        total += row;
        squares += row * row;
    }
    #[allow(clippy::cast_precision_loss, reason = "counts below 2^53")]
    let chi2 = {
        let (k, total, squares) = (sides as f64, total as f64, squares as f64);
        let between: f64 = columns.iter().map(|column| (*column as f64 - total / k).powi(2)).sum();
        let within = k * total - squares;
        (within > 0.0).then(|| k * (k - 1.0) * between / within)
    };
    let p = chi2.map(|chi2| chi2_tail(chi2, degrees_of_freedom));
    Some(CochranQ { blocks: number, chi2, degrees_of_freedom, p })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holm_takes_the_smallest_most_and_never_turns_the_order() {
        let adjusted = holm(&[0.01, 0.04, 0.03]);
        for (found, expected) in adjusted.iter().zip([0.03, 0.06, 0.06]) {
            assert!((found - expected).abs() < 1e-12, "{adjusted:?}");
        }
        assert_eq!(holm(&[]), Vec::<f64>::new());
        assert_eq!(holm(&[0.9]), [0.9]);
    }

    #[test]
    fn two_sides_are_mcnemars_statistic() {
        // (b - c)^2 / (b + c) of b = 7, c = 2.
        let block = |i: usize| [i < 10, (7..12).contains(&i) || i > 100];
        let blocks: Vec<[bool; 2]> = (0..14).map(block).collect();
        let found = cochran_q(2, blocks.iter().map(<[bool; 2]>::as_slice)).unwrap();
        assert!((found.chi2.unwrap() - 25.0 / 9.0).abs() < 1e-12);
    }

    #[test]
    fn subjects_that_do_the_same_everywhere_show_nothing() {
        let blocks = [[true; 3], [false; 3]];
        let found = cochran_q(3, blocks.iter().map(<[bool; 3]>::as_slice)).unwrap();
        assert_eq!((found.blocks, found.chi2, found.p), (2, None, None));
        assert_eq!(cochran_q(1, []), None);
    }
}
