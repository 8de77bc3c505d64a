//! Do raters code the same reply alike?

use std::collections::BTreeMap;

/// Codes that raters gave to items. A rater may leave items out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ratings {
    raters: usize,
    codes: usize,
    /// By item, the code that each rater gave.
    items: Vec<Vec<Option<usize>>>,
}

/// Agreement of two raters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cohen {
    /// Items that both coded.
    pub items: u32,
    /// Cohen's kappa (1960).
    pub kappa: f64,
    /// Its standard error (Fleiss, Cohen and Everitt 1969).
    pub standard_error: f64,
}

impl Ratings {
    /// Ratings by item, rater and code, each numbered from 0. Of two codes that a rater gave the
    /// same item the later counts.
    pub fn of(ratings: impl IntoIterator<Item = (usize, usize, usize)>) -> Self {
        let mut cells: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let mut all = Self::default();
        for (item, rater, code) in ratings {
            cells.insert((item, rater), code);
            all.raters = all.raters.max(rater + 1);
            all.codes = all.codes.max(code + 1);
        }
        for ((item, rater), code) in cells {
            if all.items.len() <= item {
                all.items.resize(item + 1, vec![None; all.raters]);
            }
            all.items[item][rater] = Some(code);
        }
        all
    }

    /// Number of raters.
    #[must_use]
    pub const fn raters(&self) -> usize {
        self.raters
    }

    /// Items that every rater coded.
    #[must_use]
    pub fn complete_items(&self) -> usize {
        self.items.iter().filter(|codes| codes.iter().all(Option::is_some)).count()
    }

    /// The share of agreeing pairs of raters, averaged over the items that two or more coded;
    /// `None` where no item was.
    #[must_use]
    pub fn percent_agreement(&self) -> Option<f64> {
        mean(self.counts().filter(|c| total(c) >= 2.0).map(|counts| agreeing_pairs(&counts)))
    }

    /// Krippendorff's alpha for codes without an order (2004); `None` where no item was coded
    /// twice, or all codes are the same, so that nothing shows whether raters can tell them apart.
    #[must_use]
    pub fn krippendorff_alpha(&self) -> Option<f64> {
        self.alpha(|_, one, other| if one == other { 0.0 } else { 1.0 })
    }

    /// The same for codes that are numbered in their order: two codes differ by how many ratings lie
    /// between them, each end counted half (Krippendorff 2004, the ordinal metric).
    #[must_use]
    pub fn krippendorff_alpha_ordinal(&self) -> Option<f64> {
        self.alpha(|by_code, one, other| {
            let between: f64 = by_code[one.min(other)..=one.max(other)].iter().sum();
            (between - f64::midpoint(by_code[one], by_code[other])).powi(2)
        })
    }

    /// One less the disagreement that was seen, over that which chance gives. `differ` says how far
    /// two codes lie apart, given how often each was used.
    fn alpha(&self, differ: impl Fn(&[f64], usize, usize) -> f64) -> Option<f64> {
        let shared: Vec<Vec<f64>> = self.counts().filter(|counts| total(counts) >= 2.0).collect();
        let by_code: Vec<f64> = (0..self.codes).map(|code| shared.iter().map(|counts| counts[code]).sum()).collect();
        let apart: Vec<Vec<f64>> =
            (0..self.codes).map(|one| (0..self.codes).map(|other| differ(&by_code, one, other)).collect()).collect();
        let pairs = |counts: &[f64]| -> f64 {
            let of = |(one, times): (usize, &f64)| -> f64 {
                times * counts.iter().zip(&apart[one]).map(|(count, apart)| count * apart).sum::<f64>()
            };
            counts.iter().enumerate().map(of).sum()
        };
        let seen: f64 = shared.iter().map(|counts| pairs(counts) / (total(counts) - 1.0)).sum();
        let expected = pairs(&by_code);
        (expected > 0.0).then(|| 1.0 - (total(&by_code) - 1.0) * seen / expected)
    }

    /// Gwet's AC1 (2008), which stays meaningful where nearly all codes are the same; `None` where
    /// no item was coded twice, or fewer than two codes were used.
    #[must_use]
    pub fn gwet_ac1(&self) -> Option<f64> {
        let agreement = self.percent_agreement()?;
        let items = self.counts().filter(|counts| total(counts) > 0.0);
        let (mut shares, mut coded) = (vec![0.0; self.codes], 0.0);
        for counts in items {
            coded += 1.0;
            let m = total(&counts);
            for (share, count) in shares.iter_mut().zip(&counts) {
                *share += count / m;
            }
        }
        let used: Vec<f64> = shares.iter().map(|share| share / coded).filter(|share| *share > 0.0).collect();
        let categories = count(used.len());
        if categories < 2.0 {
            return None;
        }
        let chance = used.iter().map(|share| share * (1.0 - share)).sum::<f64>() / (categories - 1.0);
        Some((agreement - chance) / (1.0 - chance))
    }

    /// Fleiss' kappa (1971) of the items that all raters coded; `None` where there are none, fewer
    /// than two raters, or all codes the same.
    #[must_use]
    pub fn fleiss_kappa(&self) -> Option<f64> {
        let complete: Vec<Vec<f64>> = self.counts().filter(|counts| total(counts) >= count(self.raters)).collect();
        if self.raters < 2 {
            return None;
        }
        let agreement = mean(complete.iter().map(|counts| agreeing_pairs(counts)))?;
        let ratings = count(self.raters * complete.len());
        let share = |code: usize| complete.iter().map(|counts| counts[code]).sum::<f64>() / ratings;
        let chance: f64 = (0..self.codes).map(|code| share(code).powi(2)).sum();
        (chance < 1.0).then(|| (agreement - chance) / (1.0 - chance))
    }

    /// Cohen's kappa of two raters on the items that both coded; `None` where there are none, or
    /// both gave all the same code.
    #[must_use]
    pub fn cohen(&self, left: usize, right: usize) -> Option<Cohen> {
        let both = |codes: &Vec<Option<usize>>| Some(((*codes.get(left)?)?, (*codes.get(right)?)?));
        let pairs: Vec<(usize, usize)> = self.items.iter().filter_map(both).collect();
        if pairs.is_empty() {
            return None;
        }
        let n = count(pairs.len());
        let mut cells = vec![vec![0.0; self.codes]; self.codes];
        for (l, r) in pairs.iter().copied() {
            cells[l][r] += 1.0 / n;
        }
        let of_left: Vec<f64> = cells.iter().map(|row| row.iter().sum()).collect();
        let of_right: Vec<f64> = (0..self.codes).map(|code| cells.iter().map(|row| row[code]).sum()).collect();
        let agreement: f64 = (0..self.codes).map(|code| cells[code][code]).sum();
        let chance: f64 = of_left.iter().zip(&of_right).map(|(l, r)| l * r).sum();
        if 1.0 - chance < 1e-12 {
            return None;
        }
        let kappa = (agreement - chance) / (1.0 - chance);
        let off = 1.0 - kappa;
        let mut variance = -(kappa - chance * off).powi(2);
        for (l, row) in cells.iter().enumerate() {
            for (r, share) in row.iter().enumerate() {
                variance += share
                    * if l == r {
                        (1.0 - (of_left[l] + of_right[l]) * off).powi(2)
                    } else {
                        (off * (of_right[l] + of_left[r])).powi(2)
                    };
            }
        }
        // Where nothing varies, arithmetic leaves 1e-17 of it.
        let variance = if variance < 1e-14 { 0.0 } else { variance };
        let standard_error = (variance / n).sqrt() / (1.0 - chance);
        Some(Cohen { items: u32::try_from(pairs.len()).unwrap_or(u32::MAX), kappa, standard_error })
    }

    /// By item, how often each code was given.
    fn counts(&self) -> impl Iterator<Item = Vec<f64>> {
        self.items.iter().map(|codes| {
            let mut counts = vec![0.0; self.codes];
            for code in codes.iter().flatten() {
                counts[*code] += 1.0;
            }
            counts
        })
    }
}

/// The share of pairs of raters that agree about one item, of those that coded it.
fn agreeing_pairs(counts: &[f64]) -> f64 {
    let m = total(counts);
    counts.iter().map(|c| c * (c - 1.0)).sum::<f64>() / (m * (m - 1.0))
}

fn total(counts: &[f64]) -> f64 {
    counts.iter().sum()
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
    (n > 0.0).then(|| sum / n)
}

#[allow(clippy::cast_precision_loss, reason = "counts below 2^53")]
const fn count(n: usize) -> f64 {
    n as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raters_that_agree_on_everything() {
        let ratings = Ratings::of((0..6).flat_map(|item| [(item, 0, item % 2), (item, 1, item % 2)]));
        assert_eq!(ratings.percent_agreement(), Some(1.0));
        assert_eq!(ratings.krippendorff_alpha(), Some(1.0));
        assert_eq!(ratings.cohen(0, 1).map(|c| c.kappa), Some(1.0));
        assert_eq!((ratings.fleiss_kappa(), ratings.gwet_ac1()), (Some(1.0), Some(1.0)));
    }

    #[test]
    fn on_a_scale_near_codes_disagree_less_than_far_ones() {
        let rated =
            |of_second: [usize; 5]| Ratings::of((0..5).flat_map(|item| [(item, 0, item), (item, 1, of_second[item])]));
        let (near, far) = (rated([1, 1, 2, 3, 4]), rated([4, 1, 2, 3, 4]));
        let ordinal = |ratings: &Ratings| ratings.krippendorff_alpha_ordinal().unwrap();
        assert!(ordinal(&near) > 0.9 && ordinal(&far) < 0.5, "{} {}", ordinal(&near), ordinal(&far));
        assert!(near.krippendorff_alpha().unwrap() < ordinal(&near));
    }

    #[test]
    fn two_codes_have_one_distance_whatever_the_metric() {
        let ratings = Ratings::of([(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 1), (2, 0, 0), (2, 1, 0)]);
        let (nominal, ordinal) = (ratings.krippendorff_alpha().unwrap(), ratings.krippendorff_alpha_ordinal().unwrap());
        assert!((nominal - ordinal).abs() < 1e-12);
    }

    #[test]
    fn one_code_for_all_shows_nothing() {
        let ratings = Ratings::of((0..6).flat_map(|item| [(item, 0, 0), (item, 1, 0)]));
        assert_eq!(ratings.percent_agreement(), Some(1.0));
        assert_eq!((ratings.krippendorff_alpha(), ratings.krippendorff_alpha_ordinal()), (None, None));
        assert_eq!(ratings.gwet_ac1(), None);
        assert_eq!((ratings.fleiss_kappa(), ratings.cohen(0, 1)), (None, None));
    }

    #[test]
    fn one_rater_and_none_are_no_error() {
        let alone = Ratings::of([(0, 0, 0), (1, 0, 1)]);
        assert_eq!((alone.percent_agreement(), alone.krippendorff_alpha(), alone.gwet_ac1()), (None, None, None));
        assert_eq!((alone.fleiss_kappa(), alone.cohen(0, 1)), (None, None));
        assert_eq!(Ratings::of([]).complete_items(), 0);
        assert_eq!(Ratings::of([]).fleiss_kappa(), None);
    }
}
