//! Ids of companies drawn together: `eb.…`. Companies with the same counts share a class.

use super::{Flat, Study, WEEK_SECONDS, by_member};
use crate::stats::{Clusters, Confidence, Shrinkage, expected_ranks};

/// Companies' shares within a week, all channels together, by empirical Bayes.
pub(super) fn shrunk(study: &Study<'_>, flat: &mut Flat) {
    let companies = study.table.names().companies.len();
    let counts = by_member(companies, study.table.rows().iter(), |row| row.company, [WEEK_SECONDS]);
    let counts = Clusters::count(counts.into_iter().flatten());
    let Some(shrinkage) = Shrinkage::fit(&counts) else { return };
    flat.flag("eb.boundary".to_owned(), !matches!(shrinkage, Shrinkage::Differ { .. }));
    let Shrinkage::Differ { prior, log_likelihood } = shrinkage else { return };
    flat.number("eb.loglik".to_owned(), log_likelihood);
    flat.number("eb.alpha".to_owned(), prior.a);
    flat.number("eb.beta".to_owned(), prior.b);
    let kinds: Vec<_> = counts.alike().map(|((y, n), companies)| (prior.after(y, n), companies)).collect();
    let ranks = expected_ranks(&kinds);
    for (((y, n), companies), ((share, _), rank)) in counts.alike().zip(kinds.iter().zip(ranks)) {
        let id = format!("eb.class.y{y}_n{n}");
        let estimate = share.estimate(Confidence::p95());
        flat.number(format!("{id}.post_mean"), estimate.value);
        flat.interval(format!("{id}.cri95"), estimate.interval);
        flat.number(format!("{id}.expected_rank"), rank);
        flat.count(format!("{id}.companies"), companies);
    }
}
