//! Ids of raters' agreement: `kripp_alpha_nominal`, `kripp_alpha_ordinal`, `cohen.r1~r2`, …

use super::file::{Kind, Sheet};
use super::{Flat, Wanted};
use crate::score::csv::CsvError;
use crate::score::frame::Coding;
use crate::stats::Ratings;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

/// How well raters agree, from a table of `item,rater,code`. An empty code is none. Raters are
/// told in their order by name, numbers within a name by their size.
///
/// # Errors
/// [`CsvError`] with every mistake of the file.
pub fn ratings(reader: impl Read, name: &str, wanted: Wanted) -> Result<Flat, CsvError> {
    of_sheet(Sheet::read(reader, name, Kind::Ratings)?, wanted)
}

/// The codings of a table of `item,rater,code`, for [`crate::score::raters::agreement`]; an empty code is none.
///
/// # Errors
/// [`CsvError`] with every mistake of the file.
pub fn codings(reader: impl Read, name: &str) -> Result<Vec<Coding>, CsvError> {
    let mut rows = rows(Sheet::read(reader, name, Kind::Ratings)?)?;
    rows.retain(|row| !row.code.is_empty());
    Ok(rows)
}

fn rows(sheet: Sheet) -> Result<Vec<Coding>, CsvError> {
    sheet.each(|line| {
        let named = |column| line.value(column, "name", |text| (!text.is_empty()).then(|| text.to_owned()));
        Ok(Coding { item: named("item")?, rater: named("rater")?, code: line.text("code").to_owned() })
    })
}

pub(super) fn of_sheet(sheet: Sheet, wanted: Wanted) -> Result<Flat, CsvError> {
    let rows = rows(sheet)?;
    let rated: Vec<&Coding> = rows.iter().filter(|row| !row.code.is_empty()).collect();
    let mut raters: Vec<&str> =
        rows.iter().map(|row| row.rater.as_str()).collect::<BTreeSet<_>>().into_iter().collect();
    raters.sort_by(|a, b| natural(a, b));
    let number = |names: BTreeSet<&str>| -> BTreeMap<String, usize> {
        names.into_iter().enumerate().map(|(i, name)| (name.to_owned(), i)).collect()
    };
    let items = number(rows.iter().map(|row| row.item.as_str()).collect());
    let named: BTreeSet<&str> = rated.iter().map(|row| row.code.as_str()).collect();
    let scale = steps(&named);
    let codes = match &scale {
        Some(steps) => steps.iter().enumerate().map(|(i, code)| ((*code).to_owned(), i)).collect(),
        None => number(named),
    };
    let place: BTreeMap<&str, usize> = raters.iter().enumerate().map(|(i, name)| (*name, i)).collect();
    let ratings = Ratings::of(rated.iter().map(|row| (items[&row.item], place[row.rater.as_str()], codes[&row.code])));
    let mut flat = Flat::default();
    told(&ratings, &raters, wanted, &mut flat);
    if let Some(alpha) = ratings.krippendorff_alpha_ordinal().filter(|_| wanted.all && scale.is_some()) {
        flat.number("kripp_alpha_ordinal".to_owned(), alpha);
    }
    Ok(flat)
}

/// The codes in order, where all are numbers: then they may be steps of a scale.
fn steps<'c>(codes: &BTreeSet<&'c str>) -> Option<Vec<&'c str>> {
    let mut steps = codes.iter().map(|code| Some((code.parse::<u32>().ok()?, *code))).collect::<Option<Vec<_>>>()?;
    steps.sort_unstable();
    (steps.len() > 1).then(|| steps.into_iter().map(|(_, code)| code).collect())
}

fn told(ratings: &Ratings, raters: &[&str], wanted: Wanted, flat: &mut Flat) {
    let mut put = |id: &str, value: Option<f64>, rounded: bool| {
        if let Some(value) = value {
            flat.number(id.to_owned(), value);
            if rounded {
                flat.number(format!("{id}_rounded5"), (value * 1e5).round() / 1e5);
            }
        }
    };
    put("percent_agreement", ratings.percent_agreement(), true);
    put("kripp_alpha_nominal", ratings.krippendorff_alpha(), true);
    if wanted.all {
        put("gwet_ac1", ratings.gwet_ac1(), true);
        put("fleiss_kappa_complete", ratings.fleiss_kappa(), false);
    }
    let complete = u32::try_from(ratings.complete_items()).unwrap_or(u32::MAX);
    flat.count("complete_items".to_owned(), complete);
    if !wanted.all {
        return;
    }
    for (left, left_name) in raters.iter().enumerate() {
        for (right, right_name) in raters.iter().enumerate().skip(left + 1) {
            if let Some(cohen) = ratings.cohen(left, right) {
                flat.number(format!("cohen.{left_name}~{right_name}"), cohen.kappa);
                flat.number(format!("cohen_se.{left_name}~{right_name}"), cohen.standard_error);
            }
        }
    }
}

/// Names in an order in which `r2` stands before `r10`.
fn natural(a: &str, b: &str) -> Ordering {
    let split = |text: &str| {
        let digits = text.len() - text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let (word, number) = text.split_at(text.len() - digits);
        (word.to_owned(), number.parse::<u64>().unwrap_or(0))
    };
    split(a).cmp(&split(b)).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raters_are_told_in_the_order_people_count() {
        let mut names = vec!["r10", "r2", "anna", "r1"];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names, ["anna", "r1", "r2", "r10"]);
    }

    #[test]
    fn numbers_are_steps_in_their_own_order_and_words_are_none() {
        assert_eq!(steps(&["10", "2", "1"].into()), Some(vec!["1", "2", "10"]));
        assert_eq!(steps(&["1", "good"].into()), None);
    }

    #[test]
    fn a_missing_code_is_none_and_a_missing_rater_a_mistake() {
        let wanted = Wanted { all: true, seed: 1, resamples: 10, threads: crate::threads::Threads::ONE };
        let flat = ratings("item,rater,code\na,r1,x\na,r2,\nb,r1,y\nb,r2,y\n".as_bytes(), "r.csv", wanted).unwrap();
        assert_eq!(flat.get("complete_items"), Some(&super::super::Value::Count(1)));
        assert!(ratings("item,rater,code\na,,x\n".as_bytes(), "r.csv", wanted).is_err());
        assert!(ratings("item,rater,code\na,r1,\n".as_bytes(), "r.csv", wanted).is_ok(), "nobody coded anything");
    }
}
