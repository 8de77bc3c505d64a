//! Do those who coded replies agree?

use super::frame::Coding;
use crate::stats::{Cohen, Ratings, fixed};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How well raters agree, over the replies that two or more of them coded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agreement {
    /// The raters.
    pub raters: Vec<String>,
    /// Replies that two or more coded.
    pub items: u32,
    /// Replies that all of them coded.
    pub items_complete: u32,
    /// Share of agreeing pairs of raters; chance alone gives some of it.
    pub raw: Option<f64>,
    /// Krippendorff's alpha: 1 is agreement, 0 what chance gives.
    pub krippendorff_alpha: Option<f64>,
    /// Whether that alpha knows the order of the values, and near ones disagree less; else each is a name.
    #[serde(default)]
    pub ordered: bool,
    /// Fleiss' kappa, over the replies that all coded.
    pub fleiss_kappa: Option<f64>,
    /// Gwet's AC1.
    pub gwet_ac1: Option<f64>,
    /// Cohen's kappa of every two raters.
    pub cohen: Vec<TwoRaters>,
}

/// How well raters agree about one item of the codebook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemAgreement {
    /// The item.
    pub item: String,
    /// How well.
    #[serde(flatten)]
    pub agreement: Agreement,
}

/// Agreement of two raters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TwoRaters {
    /// One.
    pub left: String,
    /// The other.
    pub right: String,
    /// Replies that both coded.
    pub items: u32,
    /// Cohen's kappa.
    pub kappa: f64,
    /// Its standard error.
    pub standard_error: f64,
}

/// How well they agree about each item that two or more coded. `ordered` has the values of those
/// items whose values are steps of a scale, in order.
#[must_use]
pub fn by_item(items: &[(String, Vec<Coding>)], ordered: &BTreeMap<String, Vec<String>>) -> Vec<ItemAgreement> {
    let of = |(item, codings): &(String, Vec<Coding>)| {
        let order = ordered.get(item).filter(|order| codings.iter().all(|c| order.contains(&c.code)));
        let agreement = agreement_in(codings, order.map(Vec::as_slice))?;
        Some(ItemAgreement { item: item.clone(), agreement })
    };
    items.iter().filter_map(of).collect()
}

/// How well the raters agree about names of classes; `None` where no reply was coded by two.
#[must_use]
pub fn agreement(codings: &[Coding]) -> Option<Agreement> {
    agreement_in(codings, None)
}

/// The same where codes have an order: `order` holds every code.
fn agreement_in(codings: &[Coding], order: Option<&[String]>) -> Option<Agreement> {
    let numbered =
        |of: fn(&Coding) -> &str| codings.iter().map(of).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let (items, raters, codes) = (numbered(|c| &c.item), numbered(|c| &c.rater), numbered(|c| &c.code));
    let place = |names: &[&str], name: &str| names.binary_search(&name).unwrap_or(0);
    let code = |code: &str| match order {
        Some(order) => order.iter().position(|known| known == code).unwrap_or(0),
        None => place(&codes, code),
    };
    let numbers = |c: &Coding| (place(&items, &c.item), place(&raters, &c.rater), code(&c.code));
    let ratings = Ratings::of(codings.iter().map(numbers));
    let mut times = vec![0_u32; items.len()];
    for coding in codings {
        times[place(&items, &coding.item)] += 1;
    }
    let shared = times.iter().filter(|times| **times > 1).count();
    if shared == 0 {
        return None;
    }
    let mut cohen = Vec::new();
    for left in 0..raters.len() {
        for right in left + 1..raters.len() {
            let two = |Cohen { items, kappa, standard_error }| TwoRaters {
                left: raters[left].to_owned(),
                right: raters[right].to_owned(),
                items,
                kappa: fixed(kappa),
                standard_error: fixed(standard_error),
            };
            cohen.extend(
                ratings.cohen(left, right).filter(|c| c.kappa.is_finite() && c.standard_error.is_finite()).map(two),
            );
        }
    }
    let alpha = if order.is_some() { ratings.krippendorff_alpha_ordinal() } else { ratings.krippendorff_alpha() };
    Some(Agreement {
        items: u32::try_from(shared).unwrap_or(u32::MAX),
        items_complete: u32::try_from(ratings.complete_items()).unwrap_or(u32::MAX),
        raw: ratings.percent_agreement().map(fixed),
        krippendorff_alpha: alpha.map(fixed),
        ordered: order.is_some(),
        fleiss_kappa: ratings.fleiss_kappa().filter(|k| k.is_finite()).map(fixed),
        gwet_ac1: ratings.gwet_ac1().filter(|k| k.is_finite()).map(fixed),
        cohen,
        raters: raters.into_iter().map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coded(item: &str, rater: &str, code: &str) -> Coding {
        Coding { item: item.to_owned(), rater: rater.to_owned(), code: code.to_owned() }
    }

    #[test]
    fn raw_agreement_stands_beside_what_is_left_after_chance() {
        let codings: Vec<_> =
            [("1", "answered", "answered"), ("2", "answered", "answered"), ("3", "answered", "partial")]
                .iter()
                .flat_map(|(item, ada, bea)| [coded(item, "ada", ada), coded(item, "bea", bea)])
                .collect();
        let agreement = agreement(&codings).unwrap();
        assert!((agreement.raw.unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert!(agreement.krippendorff_alpha.unwrap() < 0.1);
        assert_eq!((agreement.items, agreement.raters.len(), agreement.cohen.len()), (3, 2, 1));
    }

    #[test]
    fn on_a_scale_one_step_apart_is_less_than_nine() {
        let scale: Vec<String> = (1..=10).map(|n: u8| n.to_string()).collect();
        let rated = |by_bea: [&str; 4]| {
            let both = ["2", "5", "9", "10"].into_iter().zip(by_bea).zip(["a", "b", "c", "d"]);
            both.flat_map(|((ada, bea), item)| [coded(item, "ada", ada), coded(item, "bea", bea)]).collect()
        };
        let items: Vec<(String, Vec<Coding>)> = vec![
            ("near".to_owned(), rated(["2", "5", "9", "9"])),
            ("far".to_owned(), rated(["2", "5", "9", "2"])),
            ("named".to_owned(), rated(["2", "5", "9", "9"])),
        ];
        let ordered = ["near", "far"].map(|item| (item.to_owned(), scale.clone())).into();
        let by_item = by_item(&items, &ordered);
        let alpha = |n: usize| by_item[n].agreement.krippendorff_alpha.unwrap();
        assert!(alpha(0) > 0.9 && alpha(1) < 0.5 && alpha(2) < alpha(0), "{by_item:?}");
        assert_eq!(by_item.iter().map(|i| i.agreement.ordered).collect::<Vec<_>>(), [true, true, false]);
    }

    #[test]
    fn one_rater_agrees_with_nobody() {
        assert_eq!(agreement(&[coded("1", "ada", "answered"), coded("2", "bea", "partial")]), None);
        assert_eq!(agreement(&[]), None);
    }
}
