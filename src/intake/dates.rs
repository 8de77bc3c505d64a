//! Which day does a text name?

use crate::lexicon::mail_words::{MailWords, fold};
use chrono::{Datelike, Days, NaiveDate};

/// How far ahead an absence may end, in days.
const AHEAD_MAX: u64 = 400;

/// The last day, of those a text names, that is not before `today` and not too far ahead. Where a
/// day can be read in two ways (`3/4`), and both could be meant, it is none.
pub(super) fn last_in(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let folded = fold(text);
    let pieces: Vec<Piece> = pieces(&folded);
    let found = (0..pieces.len()).filter_map(|at| day_at(&pieces[at..], today));
    found.filter(|day| *day >= today && *day <= today + Days::new(AHEAD_MAX)).max()
}

/// A word or number of a text, with the character that follows it.
#[derive(Debug, Clone, Copy)]
enum Piece {
    Number { value: u32, digits: usize, then: char },
    Month(u32),
    Other,
}

fn pieces(folded: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut rest = folded;
    while let Some(c) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let letters: usize = rest.chars().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
        let taken = digits.max(letters).max(c.len_utf8());
        let then = rest[taken..].chars().next().unwrap_or(' ');
        if digits > 0 {
            let value = rest[..digits].parse().unwrap_or(u32::MAX);
            found.push(Piece::Number { value, digits, then });
        } else if letters > 0 {
            found.push(MailWords::get().month(&rest[..letters]).map_or(Piece::Other, Piece::Month));
        }
        rest = &rest[taken..];
    }
    // `1st`, `3rd`, `3 de marzo`: small words between do not count.
    found
}

/// The day that begins at the first piece.
fn day_at(pieces: &[Piece], today: NaiveDate) -> Option<NaiveDate> {
    let number = |at: usize| match pieces.get(at) {
        Some(Piece::Number { value, digits, then }) => Some((*value, *digits, *then)),
        _ => None,
    };
    if let Piece::Month(month) = pieces.first()? {
        // March 3, 2026
        let (day, digits, _) = number(1)?;
        let year = number(2).or_else(|| number(3)).filter(|(_, digits, _)| *digits == 4).map(|(year, ..)| year);
        return (digits <= 2).then(|| dated(year, *month, day, today)).flatten();
    }
    let (first, digits, then) = number(0)?;
    if digits == 4 && matches!(then, '-' | '/' | '.') {
        return NaiveDate::from_ymd_opt(i32::try_from(first).ok()?, number(1)?.0, number(2)?.0);
    }
    // 3. March 2026, 3 de marzo de 2026, 3rd of March
    let named = pieces[1..].iter().take(3).position(|p| matches!(p, Piece::Month(_)));
    if let Some(at) = named.filter(|at| pieces[1..=*at].iter().all(|p| matches!(p, Piece::Other)))
        && let Some(Piece::Month(month)) = pieces.get(at + 1)
    {
        let year = [number(at + 2), number(at + 3)].into_iter().flatten().find(|(_, digits, _)| *digits == 4);
        return dated(year.map(|(year, ..)| year), *month, first, today);
    }
    if !matches!(then, '.' | '/' | '-') || digits > 2 {
        return None;
    }
    let (second, digits, then_second) = number(1)?;
    let third = number(2).filter(|(_, digits, _)| then_second == then && (*digits == 4 || *digits == 2));
    let year = third.map(|(year, digits, _)| if digits == 2 { 2_000 + year } else { year });
    // `16.3.` is a day; `3.12` is a version or a price.
    if digits > 2 || (year.is_none() && !(then == '.' && then_second == '.')) {
        return None;
    }
    let by_day = dated(year, second, first, today);
    let by_month = if then == '.' { None } else { dated(year, first, second, today) };
    match (by_day, by_month) {
        (Some(a), Some(b)) if a != b => None,
        (a, b) => a.or(b),
    }
}

/// A day of a year; without one, of this or the next, whichever comes first from `today` on.
fn dated(year: Option<u32>, month: u32, day: u32, today: NaiveDate) -> Option<NaiveDate> {
    if let Some(year) = year {
        return NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    }
    let this = NaiveDate::from_ymd_opt(today.year(), month, day)?;
    if this >= today { Some(this) } else { NaiveDate::from_ymd_opt(today.year() + 1, month, day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_day_that_is_named_is_found() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        for (text, expected) in [
            ("I am out of the office until March 16, 2026.", "2026-03-16"),
            ("I will return on 16th of March", "2026-03-16"),
            ("Ich bin vom 1. bis 16. März nicht im Büro.", "2026-03-16"),
            ("Ich bin ab 16.3. wieder da", "2026-03-16"),
            ("Sono assente dal 27/02/2026 al 16/03/2026", "2026-03-16"),
            ("sarò assente fino al 16 marzo 2026", "2026-03-16"),
            ("absent jusqu'au 16 mars", "2026-03-16"),
            ("hasta el 16 de marzo de 2026", "2026-03-16"),
            ("back on 2026-03-16", "2026-03-16"),
            ("back on January 5", "2027-01-05"),
        ] {
            assert_eq!(last_in(text, today).map(|d| d.to_string()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_could_be_two_days_or_is_none_is_not_guessed() {
        let today = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        for text in ["back on 04/05/2026", "call 02.123456", "version 3.12", "between 9 and 18", "back soon"] {
            assert_eq!(last_in(text, today), None, "{text}");
        }
    }
}
