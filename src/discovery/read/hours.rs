//! When is the company open? schema.org's opening hours in OpenStreetMap's syntax.

use super::structured::texts_of;
use opening_hours::OpeningHours;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Most rules that are read.
const RULES_MAX: usize = 50;

/// The days as OpenStreetMap writes them, and as schema.org does.
const DAYS: [(&str, &str); 8] = [
    ("Mo", "monday"),
    ("Tu", "tuesday"),
    ("We", "wednesday"),
    ("Th", "thursday"),
    ("Fr", "friday"),
    ("Sa", "saturday"),
    ("Su", "sunday"),
    ("PH", "publicholidays"),
];

/// The hours of an object that has any which can be read.
pub(super) fn of(object: &Map<String, Json>) -> Option<String> {
    let specified = object.get("openingHoursSpecification").and_then(specified);
    specified.or_else(|| plain(&texts_of(object, "openingHours"))).filter(|hours| is_valid(hours))
}

/// Whether a study will take them.
fn is_valid(hours: &str) -> bool {
    hours.len() <= 500 && hours.parse::<OpeningHours>().is_ok()
}

/// `openingHours`: nearly OpenStreetMap's own syntax already.
fn plain(texts: &[String]) -> Option<String> {
    let rules = texts.iter().flat_map(|text| text.split(';')).map(str::trim).filter(|rule| !rule.is_empty());
    let rules: Vec<String> = rules.take(RULES_MAX).map(rule).collect();
    (!rules.is_empty()).then(|| rules.join("; "))
}

/// "Mo-Fr 9:00-17:00" and "Monday-Friday 09.00 - 17.00" → "Mo-Fr 09:00-17:00".
fn rule(text: &str) -> String {
    let tight =
        text.replace(['–', '—'], "-").replace(" - ", "-").replace("- ", "-").replace(" -", "-").replace(", ", ",");
    let (days, times): (Vec<&str>, Vec<&str>) =
        tight.split_whitespace().partition(|part| !part.starts_with(|c: char| c.is_ascii_digit()));
    let word = |word: &str| day(word).map_or_else(|| word.to_owned(), str::to_owned);
    let span = |part: &str| part.split('-').map(word).collect::<Vec<_>>().join("-");
    let days: Vec<String> = days.iter().map(|part| part.split(',').map(span).collect::<Vec<_>>().join(",")).collect();
    let end = |time: &str| clock(time).unwrap_or_else(|| time.to_owned());
    let between = |part: &str| part.split('-').map(end).collect::<Vec<_>>().join("-");
    let times: Vec<String> =
        times.iter().map(|part| part.split(',').map(between).collect::<Vec<_>>().join(",")).collect();
    [days.join(","), times.join(",")].join(" ").trim().to_owned()
}

/// `openingHoursSpecification`: one object, or a list of them. What holds for some dates only is left out.
fn specified(value: &Json) -> Option<String> {
    let list = match value {
        Json::Array(items) => items.iter().collect::<Vec<_>>(),
        one => vec![one],
    };
    let objects = list.into_iter().take(RULES_MAX).filter_map(Json::as_object);
    let mut by_day: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for object in objects.filter(|object| !object.contains_key("validFrom") && !object.contains_key("validThrough")) {
        let time = |key: &str| texts_of(object, key).first().and_then(|text| clock(text));
        let hours = match (time("opens"), time("closes")) {
            // Both at midnight is how "closed" is written there.
            (Some(opens), Some(closes)) if opens == closes => None,
            (Some(opens), Some(closes)) if closes == "00:00" || closes == "23:59" => Some(format!("{opens}-24:00")),
            (Some(opens), Some(closes)) => Some(format!("{opens}-{closes}")),
            _ => None,
        };
        for number in texts_of(object, "dayOfWeek").iter().filter_map(|text| day_number(text)) {
            by_day.entry(number).or_default().extend(hours.clone());
        }
    }
    let open: Vec<(usize, String)> = by_day
        .into_iter()
        .map(|(number, mut hours)| {
            hours.sort();
            hours.dedup();
            (number, if hours.is_empty() { "off".to_owned() } else { hours.join(",") })
        })
        .collect();
    let rules: Vec<String> = runs(&open).into_iter().map(|(days, hours)| format!("{days} {hours}")).collect();
    let any = open.iter().any(|(_, hours)| hours != "off");
    any.then(|| rules.join("; "))
}

/// Days in a row with the same hours, as one: "Mo-Fr".
fn runs(open: &[(usize, String)]) -> Vec<(String, &str)> {
    let mut runs: Vec<(usize, usize, &str)> = Vec::new();
    for (number, hours) in open {
        match runs.last_mut() {
            Some((_, last, same)) if *last + 1 == *number && *same == hours && *number < 7 => *last = *number,
            _ => runs.push((*number, *number, hours)),
        }
    }
    let name = |number: usize| DAYS.get(number).map_or("", |day| day.0);
    let days = |from: usize, to: usize| {
        if from == to { name(from).to_owned() } else { format!("{}-{}", name(from), name(to)) }
    };
    runs.into_iter().map(|(from, to, hours)| (days(from, to), hours)).collect()
}

fn day(word: &str) -> Option<&'static str> {
    day_number(word).and_then(|number| DAYS.get(number)).map(|day| day.0)
}

/// "Monday", "schema.org/Monday", "Mo", "Mon".
fn day_number(text: &str) -> Option<usize> {
    let name = text.rsplit(['/', ':', '#']).next()?.trim().trim_end_matches('.').to_ascii_lowercase();
    if name.len() < 2 || !name.is_ascii() {
        return None;
    }
    DAYS.iter()
        .position(|(short, long)| short.eq_ignore_ascii_case(&name) || (name.len() > 2 && long.starts_with(&name)))
}

/// "9", "9:00", "09:00:00", "09.00", "9:00 AM", "2026-01-01T09:00:00" → "09:00".
fn clock(text: &str) -> Option<String> {
    let text = text.trim().to_ascii_lowercase();
    let time = text.rsplit_once('t').map_or(text.as_str(), |(_, time)| time);
    let (digits, rest) =
        time.split_at(time.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.').unwrap_or(time.len()));
    let mut parts = digits.split([':', '.']);
    let mut hour: u32 = parts.next()?.parse().ok()?;
    let minute: u32 = parts.next().map_or(Some(0), |part| part.parse().ok())?;
    match rest.trim() {
        rest if rest.starts_with("pm") && hour < 12 => hour += 12,
        rest if rest.starts_with("am") && hour == 12 => hour = 0,
        _ => {}
    }
    (hour <= 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(object: &Json) -> Option<String> {
        of(object.as_object().unwrap())
    }

    #[test]
    fn both_ways_of_writing_hours_give_openstreetmaps() {
        for (object, hours) in [
            (json!({"openingHours": "Mo-Fr 09:00-17:00"}), "Mo-Fr 09:00-17:00"),
            (json!({"openingHours": ["Mo,Tu 9:00-12:30", "Sa 10.00 - 13.00"]}), "Mo,Tu 09:00-12:30; Sa 10:00-13:00"),
            (json!({"openingHours": "Monday-Friday 09:00-17:00"}), "Mo-Fr 09:00-17:00"),
            (
                json!({"openingHoursSpecification": [
                    {"dayOfWeek": ["Monday", "Tuesday", "https://schema.org/Wednesday"], "opens": "09:00:00", "closes": "13:00"},
                    {"dayOfWeek": ["Monday", "Tuesday", "Wednesday"], "opens": "15:00", "closes": "19:00"},
                    {"dayOfWeek": "Saturday", "opens": "10:00", "closes": "00:00"},
                    {"dayOfWeek": "Sunday", "opens": "00:00", "closes": "00:00"},
                    {"dayOfWeek": "Friday", "opens": "01:00", "closes": "02:00", "validFrom": "2026-12-24"},
                ]}),
                "Mo-We 09:00-13:00,15:00-19:00; Sa 10:00-24:00; Su off",
            ),
            (
                json!({"openingHoursSpecification": {"dayOfWeek": "Mo", "opens": "8", "closes": "5 pm"}}),
                "Mo 08:00-17:00",
            ),
        ] {
            assert_eq!(read(&object).as_deref(), Some(hours), "{object}");
        }
    }

    #[test]
    fn what_no_study_would_take_is_no_hours() {
        for object in [
            json!({"openingHours": "ask us"}),
            json!({"openingHours": ["\u{1b}[2J", ""]}),
            json!({"openingHoursSpecification": [{"dayOfWeek": "Someday", "opens": "09:00", "closes": "10:00"}, 7, null]}),
            json!({"openingHoursSpecification": {"dayOfWeek": "Monday"}}),
            json!({"openingHours": 5}),
            json!({}),
        ] {
            assert_eq!(read(&object), None, "{object}");
        }
    }
}
