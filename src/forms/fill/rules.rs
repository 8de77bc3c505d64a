//! Does a text satisfy what its field demands (HTML standard, "constraint validation")? Where it does not, it is
//! written in another way that says the same, or a person is asked before anything is sent.

use crate::forms::page::{Demands, Field, Form};
use crate::forms::roles::Role;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use regex_lite::RegexBuilder;
use url::Url;

/// Longest pattern of a page that is tried, and most memory that it may take.
const PATTERN_CHARS_MAX: usize = 1_000;
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// The text, or the first other way of writing it, that the field takes.
///
/// # Errors
/// What the field demands, in words that follow its name.
pub(super) fn fitting(form: &Form, field: &Field, role: Role, text: &str) -> Result<String, String> {
    let Err(why) = holds(form, field, text) else { return Ok(text.to_owned()) };
    ways(role, text).into_iter().find(|way| holds(form, field, way).is_ok()).ok_or(why)
}

/// Whether a field takes a text; else what it demands.
fn holds(form: &Form, field: &Field, text: &str) -> Result<(), String> {
    let length = text.encode_utf16().count();
    // Nobody can write more, whether the form is checked or not.
    if let Some(most) = field.maxlength.filter(|most| length > *most) {
        return Err(format!("takes {most} characters, and there are {length} to write"));
    }
    if form.unchecked || text.is_empty() {
        return Ok(());
    }
    let demands = &field.demands;
    if let Some(least) = demands.minlength.filter(|least| length < *least) {
        return Err(format!("wants {least} characters at least, and there are {length} to write"));
    }
    if let Some(pattern) = demands.pattern.as_deref().filter(|pattern| !fits(pattern, text)) {
        return Err(format!("wants a text of the form `{pattern}`, which \"{text}\" is not"));
    }
    of_type(&field.typed, demands, text)
}

/// Patterns are JavaScript's; one that cannot be read here is left to the site.
fn fits(pattern: &str, text: &str) -> bool {
    if pattern.chars().count() > PATTERN_CHARS_MAX {
        return true;
    }
    let whole = RegexBuilder::new(&format!("^(?:{pattern})$")).size_limit(PATTERN_BYTES_MAX).build();
    whole.map_or(true, |whole| whole.is_match(text))
}

/// What the type of an input demands by itself.
fn of_type(typed: &str, demands: &Demands, text: &str) -> Result<(), String> {
    let must =
        |holds: bool, wants: &str| if holds { Ok(()) } else { Err(format!("wants {wants}, which \"{text}\" is not")) };
    let is_within = |bound: &Option<String>, fails: std::cmp::Ordering| {
        // Days and times are written so that their order is that of their letters.
        bound.as_deref().is_none_or(|bound| text.cmp(bound) != fails)
    };
    match typed {
        "number" | "range" => number(demands, text),
        "url" => must(Url::parse(text).is_ok(), "a whole address, with https://"),
        "date" | "time" | "datetime-local" | "month" | "week" => {
            let (is_one, wants) = match typed {
                "date" => (NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok(), "a day as 2026-03-09"),
                "time" => (NaiveTime::parse_from_str(text, "%H:%M").is_ok(), "a time as 09:30"),
                "month" => (NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").is_ok(), "a month as 2026-03"),
                "week" => (NaiveDate::parse_from_str(&format!("{text}-1"), "%G-W%V-%u").is_ok(), "a week as 2026-W11"),
                _ => (NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").is_ok(), "a moment as 2026-03-09T09:30"),
            };
            must(is_one, wants)?;
            must(
                is_within(&demands.min, std::cmp::Ordering::Less),
                &format!("nothing before {}", said(demands.min.as_ref())),
            )?;
            must(
                is_within(&demands.max, std::cmp::Ordering::Greater),
                &format!("nothing after {}", said(demands.max.as_ref())),
            )
        }
        _ => Ok(()),
    }
}

fn number(demands: &Demands, text: &str) -> Result<(), String> {
    let read = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    // The standard's numbers begin with a digit or a minus.
    let found = Some(text).filter(|t| t.starts_with(|c: char| c.is_ascii_digit() || c == '-')).and_then(read);
    let Some(found) = found else { return Err(format!("wants a number, which \"{text}\" is not")) };
    let [min, max] = [&demands.min, &demands.max].map(|bound| bound.as_deref().and_then(read));
    if min.is_some_and(|min| found < min) || max.is_some_and(|max| found > max) {
        return Err(format!("wants a number from {} to {}", said(demands.min.as_ref()), said(demands.max.as_ref())));
    }
    let step = match demands.step.as_deref().map(str::trim) {
        Some(any) if any.eq_ignore_ascii_case("any") => return Ok(()),
        step => step.and_then(read).filter(|step| *step > 0.0).unwrap_or(1.0),
    };
    let steps = (found - min.unwrap_or(0.0)) / step;
    let is_whole = (steps - steps.round()).abs() < 1e-6;
    if is_whole { Ok(()) } else { Err(format!("wants a number in steps of {step}")) }
}

fn said(bound: Option<&String>) -> &str {
    bound.map_or("any", String::as_str)
}

/// Other ways of writing the same.
fn ways(role: Role, text: &str) -> Vec<String> {
    let kept = |keeps: fn(&char) -> bool| text.chars().filter(keeps).collect::<String>();
    match role {
        Role::Phone => phone(text),
        Role::Postcode => postcode(text),
        Role::Reference => vec![kept(|c| !c.is_whitespace()), kept(char::is_ascii_alphanumeric)],
        Role::Website => vec![format!("https://{text}"), text.trim_start_matches("https://").to_owned()],
        _ => Vec::new(),
    }
}

/// "1010 AB", "IT-00184", "110 00": without gaps, and the digits alone where no letters stand between them. Of "SW1A 1AA"
/// they would be another place's.
fn postcode(text: &str) -> Vec<String> {
    const DIGITS_MIN: usize = 3;
    let joined: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut runs =
        joined.split(|c: char| c.is_ascii_alphabetic()).filter(|run| run.contains(|c: char| c.is_ascii_digit()));
    let digits = runs.next().map(|run| run.chars().filter(char::is_ascii_digit).collect::<String>());
    let is_one = runs.next().is_none();
    let digits = digits.filter(|digits| is_one && digits.len() >= DIGITS_MIN);
    std::iter::once(joined).chain(digits).collect()
}

/// Calling codes of countries where a 0 is dialled before the number at home (ITU-T E.164, national trunk prefixes).
const TRUNK_0: [&str; 31] = [
    "20", "27", "31", "32", "33", "40", "41", "43", "44", "46", "49", "60", "61", "62", "64", "66", "81", "82", "84",
    "90", "91", "92", "353", "358", "359", "380", "381", "385", "386", "421", "972",
];

/// "+39 06 1234567": with and without gaps, the exit code written out, the digits alone, and as it is dialled at home.
fn phone(text: &str) -> Vec<String> {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let all = digits(text);
    let abroad = text.trim().strip_prefix('+');
    let home = abroad.and_then(|number| number.split_once([' ', '-', '/', '.']));
    let mut ways = Vec::new();
    ways.extend(abroad.map(|_| format!("+{all}")));
    ways.extend(abroad.map(|_| format!("00{all}")));
    if let Some((country, number)) = home {
        let number = digits(number);
        // Elsewhere a 0 is part of the number, as in Italy, or makes another one.
        ways.extend(TRUNK_0.contains(&country).then(|| format!("0{}", number.trim_start_matches('0'))));
        ways.push(number);
    }
    ways.push(all);
    ways
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::page::Page;

    fn taken(field: &str, role: Role, text: &str) -> Result<String, String> {
        let page = Page::parse(&format!("<form>{field}</form>"), &"https://a.example/".parse().unwrap());
        fitting(&page.forms[0], &page.forms[0].fields[0], role, text)
    }

    #[test]
    fn a_telephone_number_is_written_as_the_field_wants_it() {
        let number = "+39 06 1234567";
        for (field, expected) in [
            ("<input type=tel>", number),
            ("<input type=tel pattern='[+][0-9]+'>", "+39061234567"),
            ("<input type=tel pattern='[0-9]{13}'>", "0039061234567"),
            ("<input type=tel pattern='0[0-9]{8,9}'>", "061234567"),
            ("<input type=number>", "0039061234567"),
            ("<input maxlength=11>", "061234567"),
        ] {
            assert_eq!(taken(field, Role::Phone, number).as_deref(), Ok(expected), "{field}");
        }
        for (number, expected) in [
            ("+44 20 7946 0000", Ok("02079460000")),
            ("+49 (0)30 123456", Ok("030123456")),
            ("+39 333 1234567", Err(())),
            ("+34 612 345 678", Err(())),
            ("+1 415 555 0100", Err(())),
        ] {
            let home = taken("<input pattern='0[1-9][0-9]+'>", Role::Phone, number);
            assert_eq!(home.as_deref().map_err(|_| ()), expected, "{number}");
        }
        assert_eq!(taken("<input maxlength=10>", Role::Phone, "+39 333 1234567").as_deref(), Ok("3331234567"));
        assert!(taken("<input pattern='[0-9]{5}'>", Role::Phone, number).unwrap_err().contains("[0-9]{5}"));
    }

    #[test]
    fn the_digits_of_a_postcode_stand_for_it_only_where_no_letters_are_between_them() {
        for (code, expected) in [
            ("1010 AB", Some("1010")),
            ("IT-00184", Some("00184")),
            ("110 00", Some("11000")),
            ("SW1A 1AA", None),
            ("D02 AF24", None),
            ("N1", None),
        ] {
            assert_eq!(taken("<input pattern='[0-9]+'>", Role::Postcode, code).ok().as_deref(), expected, "{code}");
        }
        assert_eq!(taken("<input maxlength=7>", Role::Postcode, "SW1A 1AA").as_deref(), Ok("SW1A1AA"));
    }

    #[test]
    fn what_no_other_way_of_writing_helps_is_said_with_what_is_wanted() {
        for (field, text, words) in [
            ("<textarea minlength=40></textarea>", "Too short?", "wants 40 characters at least, and there are 10"),
            ("<textarea maxlength=5></textarea>", "Too long?", "takes 5 characters, and there are 9"),
            ("<input type=date>", "9.3.2026", "a day as 2026-03-09"),
            ("<input type=date min=2026-03-10>", "2026-03-09", "nothing before 2026-03-10"),
            ("<input type=number max=9>", "12", "from any to 9"),
            ("<input type=number>", "1.5", "in steps of 1"),
            ("<input type=number>", "A-1007", "wants a number"),
            ("<input type=url>", "not one", "a whole address"),
            ("<input pattern='[a-z]+'>", "Enrico", "of the form `[a-z]+`"),
        ] {
            let why = taken(field, Role::Unknown, text).unwrap_err();
            assert!(why.contains(words), "{field}: {why}");
        }
    }

    #[test]
    fn what_is_satisfied_unchecked_or_not_to_be_read_is_written_as_it_is() {
        for (field, text) in [
            ("<input pattern='(?=.*a).+'>", "bcd"),
            ("<input pattern='(((((a{9}){9}){9}){9}){9}){9}'>", "bcd"),
            ("<input pattern='['>", "bcd"),
            ("<input type=number step=any>", "1.5"),
            ("<input type=number min=0.5>", "1.5"),
            ("<input type=date min=2026-03-09 max=2026-03-09>", "2026-03-09"),
            ("<input type=time>", "09:30"),
            ("<input type=month>", "2026-03"),
            ("<input type=week>", "2026-W11"),
            ("<input type=datetime-local>", "2026-03-09T09:30"),
            ("<input type=url>", "https://riva.example/"),
            ("<input minlength=3>", ""),
        ] {
            assert_eq!(taken(field, Role::Unknown, text).as_deref(), Ok(text), "{field}");
        }
        assert_eq!(taken("<input type=url>", Role::Website, "riva.example").as_deref(), Ok("https://riva.example"));
        let page = Page::parse("<form novalidate><input pattern=x></form>", &"https://a.example/".parse().unwrap());
        assert!(fitting(&page.forms[0], &page.forms[0].fields[0], Role::Name, "Enrico").is_ok());
    }
}
