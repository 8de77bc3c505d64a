//! What does a person see of what a planned study can find?

use super::Look;
use super::table::Table;
use super::terminal::Page;
use crate::model::study::Measure;
use crate::score::power::{Power, Units};
use crate::score::words;
use anstyle::{Effects, Style};

/// The text; every line fits `look.width`.
#[must_use]
pub fn render(power: &Power, look: &Look) -> String {
    let mut page = Page::new(*look);
    let verb = match power.of.measure {
        Measure::Replied => "replied",
        Measure::Adequate => "replied adequately",
    };
    let note =
        format!("{verb} within {}, “{}” against “{}”", words::span(power.of.within), power.of.left, power.of.right);
    page.title("What this plan can find", &note);
    let (units, test) = match power.units {
        Units::Both(n) => (format!("{} on both sides", companies(n)), "exact McNemar test"),
        Units::Each(n, m) => (
            format!("{} on the left, {} on the right", companies(n), companies(m)),
            "two samples, normal approximation",
        ),
    };
    page.paragraph(&format!("{units}; 80% power, 5% level, {test}."), "", Style::new());
    let mut table = Table::new(["worse side", "finds a difference of", "20 points take"]);
    for finds in &power.finds {
        let difference =
            finds.difference.map_or_else(|| "none".to_owned(), |d| format!("{} points", words::whole_percent(d)));
        let needed = finds.companies_for_20_points.map_or_else(|| "–".to_owned(), companies);
        table.push([words::percent(finds.worse), difference, needed]);
    }
    page.table(table);
    if let Some(assumed) = power.assumed {
        let needed = match assumed.companies {
            Some(n) => format!("80% power takes {}.", companies(n)),
            None => "No number of companies finds it.".to_owned(),
        };
        let said = format!(
            "If companies behave as the section `rehearsal` says ({} {}, {} {}) the power is {}. {needed}",
            power.of.left,
            words::percent(assumed.left),
            power.of.right,
            words::percent(assumed.right),
            words::percent(assumed.power),
        );
        page.paragraph(&said, "", Style::new());
    }
    let note = "The table takes the two sides as independent, and counts a company or group once, however often it is \
                asked: both on the safe side. `risposta rehearse STUDY --times 200 --no-network` gives the power of \
                the very analysis.";
    page.paragraph(note, "", Style::new().effects(Effects::DIMMED));
    page.text()
}

fn companies(n: u32) -> String {
    words::plural(n, "company")
}
