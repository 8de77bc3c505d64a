//! Which moment does a field name? RFC 3339; the form that nearly every file has is read quickly.

use chrono::DateTime;

/// A moment, in seconds since 1970 and nanoseconds of the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) seconds: i64,
    pub(super) nanos: u32,
}

impl Moment {
    /// A moment in any form of RFC 3339; `None` of what is none.
    pub(super) fn rfc3339(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        Some(Self { seconds: time.timestamp(), nanos: time.timestamp_subsec_nanos() })
    }

    /// A moment in the form `2026-01-02T09:00:00Z`; `None` of any other, and of leap seconds.
    pub(super) fn utc(text: &[u8]) -> Option<Self> {
        let text: &[u8; 20] = text.try_into().ok()?;
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', i1, i2, b':', s1, s2, b'Z'] = text else {
            return None;
        };
        let year = 100 * two(y1, y2)? + two(y3, y4)?;
        let (month, day) = (two(m1, m2)?, two(d1, d2)?);
        let (hour, minute, second) = (two(h1, h2)?, two(i1, i2)?, two(s1, s2)?);
        let is_date = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
        if !is_date || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = 86_400 * days(year, month, day) + i64::from(3_600 * hour + 60 * minute + second);
        Some(Self { seconds, nanos: 0 })
    }

    /// Whole seconds from `earlier` to this moment; a part of a second counts for nothing.
    pub(super) const fn seconds_after(self, earlier: Self) -> i64 {
        let seconds = self.seconds - earlier.seconds;
        if seconds > 0 && self.nanos < earlier.nanos {
            seconds - 1
        } else if seconds < 0 && self.nanos > earlier.nanos {
            seconds + 1
        } else {
            seconds
        }
    }
}

/// The number of two digits.
fn two(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| u32::from(10 * tens + ones))
}

const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_of(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01. Years begin in March, so that a leap day is their last.
fn days(year: u32, month: u32, day: u32) -> i64 {
    const TO_1970: i64 = 719_468;
    let (year, month) = if month > 2 { (i64::from(year), month - 3) } else { (i64::from(year) - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    365 * year + leap_days + i64::from((153 * month + 2) / 5 + day - 1) - TO_1970
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_quick_way_reads_what_the_other_reads(
            (y, m, d) in (0_u32..=9999, 0_u32..=13, 0_u32..=32), (h, i, s) in (0_u32..=24, 0_u32..=60, 0_u32..=60),
        ) {
            let text = format!("{y:04}-{m:02}-{d:02}T{h:02}:{i:02}:{s:02}Z");
            let (quick, other) = (Moment::utc(text.as_bytes()), Moment::rfc3339(&text));
            prop_assert!(quick == other || (quick.is_none() && s == 60), "{text}: {quick:?}, {other:?}");
        }

        #[test]
        fn what_is_no_time_is_none(text in "[0-9TZ:+ -]{18,22}") {
            prop_assert!(Moment::utc(text.as_bytes()).is_none_or(|moment| Some(moment) == Moment::rfc3339(&text)));
        }

        #[test]
        fn a_part_of_a_second_counts_for_nothing(a in 0_i64..3_000_000_000, b in 0_i64..3_000_000_000) {
            let moment = |millis| DateTime::from_timestamp_millis(millis).unwrap();
            let read = |millis| Moment::rfc3339(&moment(millis).to_rfc3339()).unwrap();
            prop_assert_eq!(read(a).seconds_after(read(b)), (moment(a) - moment(b)).num_seconds());
        }
    }
}
