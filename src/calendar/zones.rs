//! Which country a time zone is in, so that `PH off` means something where no country is given.

use chrono_tz::Tz;

/// The ISO 3166-1 code of the country that keeps this zone's time, for common zones; `None` where
/// it is not listed. After the IANA time zone database's `zone.tab`: a zone belongs to one country,
/// its main one (Europe/Rome is Italy's, although San Marino keeps it too).
#[must_use]
pub fn country_of(zone: Tz) -> Option<&'static str> {
    let code = match zone.name() {
        "Europe/Amsterdam" => "NL",
        "Europe/Athens" => "GR",
        "Europe/Belgrade" => "RS",
        "Europe/Berlin" | "Europe/Busingen" => "DE",
        "Europe/Bratislava" => "SK",
        "Europe/Brussels" => "BE",
        "Europe/Bucharest" => "RO",
        "Europe/Budapest" => "HU",
        "Europe/Chisinau" => "MD",
        "Europe/Copenhagen" => "DK",
        "Europe/Dublin" => "IE",
        "Europe/Helsinki" => "FI",
        "Europe/Istanbul" => "TR",
        "Europe/Kyiv" | "Europe/Kiev" => "UA",
        "Europe/Lisbon" | "Atlantic/Madeira" | "Atlantic/Azores" => "PT",
        "Europe/Ljubljana" => "SI",
        "Europe/London" => "GB",
        "Europe/Luxembourg" => "LU",
        "Europe/Madrid" | "Atlantic/Canary" | "Africa/Ceuta" => "ES",
        "Europe/Malta" => "MT",
        "Europe/Monaco" => "MC",
        "Europe/Oslo" => "NO",
        "Europe/Paris" => "FR",
        "Europe/Podgorica" => "ME",
        "Europe/Prague" => "CZ",
        "Europe/Riga" => "LV",
        "Europe/Rome" => "IT",
        "Europe/San_Marino" => "SM",
        "Europe/Sarajevo" => "BA",
        "Europe/Skopje" => "MK",
        "Europe/Sofia" => "BG",
        "Europe/Stockholm" => "SE",
        "Europe/Tallinn" => "EE",
        "Europe/Tirane" => "AL",
        "Europe/Vaduz" => "LI",
        "Europe/Vatican" => "VA",
        "Europe/Vienna" => "AT",
        "Europe/Vilnius" => "LT",
        "Europe/Warsaw" => "PL",
        "Europe/Zagreb" => "HR",
        "Europe/Zurich" => "CH",
        "Atlantic/Reykjavik" => "IS",
        "America/New_York"
        | "America/Chicago"
        | "America/Denver"
        | "America/Phoenix"
        | "America/Los_Angeles"
        | "America/Anchorage"
        | "Pacific/Honolulu"
        | "America/Detroit"
        | "America/Boise" => "US",
        "America/Toronto" | "America/Vancouver" | "America/Edmonton" | "America/Winnipeg" | "America/Halifax"
        | "America/St_Johns" | "America/Regina" => "CA",
        "America/Sao_Paulo" => "BR",
        "America/Argentina/Buenos_Aires" => "AR",
        "America/Santiago" => "CL",
        "America/Bogota" => "CO",
        "America/Mexico_City" => "MX",
        "Asia/Tokyo" => "JP",
        "Asia/Seoul" => "KR",
        "Asia/Singapore" => "SG",
        "Asia/Hong_Kong" => "HK",
        "Australia/Sydney"
        | "Australia/Melbourne"
        | "Australia/Brisbane"
        | "Australia/Adelaide"
        | "Australia/Perth"
        | "Australia/Hobart"
        | "Australia/Darwin" => "AU",
        "Pacific/Auckland" => "NZ",
        "Africa/Johannesburg" => "ZA",
        _ => return None,
    };
    Some(code)
}

#[cfg(test)]
mod tests {
    use super::super::SendWindow;
    use super::*;

    #[test]
    fn every_listed_zone_names_a_country_with_known_holidays() {
        let listed: Vec<_> = chrono_tz::TZ_VARIANTS.into_iter().filter(|tz| country_of(*tz).is_some()).collect();
        assert!(listed.len() > 60);
        for zone in listed {
            assert!(SendWindow::new("24/7", zone, None).unwrap().knows_holidays(), "{zone}");
        }
    }

    #[test]
    fn christmas_is_off_without_a_country_being_given() {
        let window = SendWindow::new("Mo-Fr 09:00-17:00; PH off", chrono_tz::Europe::Rome, None).unwrap();
        assert!(!window.is_open("2026-12-25T10:00:00Z".parse().unwrap()));
        assert!(window.is_open("2026-12-23T10:00:00Z".parse().unwrap()));
    }
}
