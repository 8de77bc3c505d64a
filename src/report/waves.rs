//! What does a person see of what changed between waves?

use super::Look;
use super::table::{Table, rates};
use super::terminal::{Page, points};
use crate::model::study::Measure;
use crate::score::waves::{Change, Step, Waves};
use crate::score::words;
use anstyle::{AnsiColor, Effects, Style};

/// The text; every line fits `look.width`.
#[must_use]
pub fn render(waves: &Waves, look: &Look) -> String {
    let mut page = Page::new(*look);
    let bold = Style::new().effects(Effects::BOLD);
    page.paragraph(&waves.title, "", bold);
    let measure = match waves.measure {
        Measure::Replied => "replied",
        Measure::Adequate => "replied adequately",
    };
    let facts = format!("{measure} within {}, before any reminder", words::span(waves.within));
    page.paragraph(&facts, "", Style::new().effects(Effects::DIMMED));
    if let Some(notice) = &waves.notice {
        page.paragraph(notice, "", bold.fg_color(Some(AnsiColor::Yellow.into())));
    }
    for step in &waves.steps {
        shown(&mut page, step, look);
    }
    let note = "Change: later minus earlier, in percentage points, on the questions that the same companies got in both \
                waves, with Newcombe's interval, widened where companies were asked repeatedly. p: exact sign-flip test \
                by company. Exploratory: many changes are looked at, and some differ by chance.";
    page.title("", "");
    page.paragraph(note, "", Style::new().effects(Effects::DIMMED));
    page.text()
}

fn shown(page: &mut Page, step: &Step, look: &Look) {
    page.title(&format!("From {} to {}", step.from, step.to), "");
    let mut changes: Vec<&Change> = step.channels.iter().chain(&step.groups).collect();
    changes.extend(&step.all);
    if changes.is_empty() {
        page.paragraph("No inquiry of one wave has its like in the other.", "", Style::new());
        return;
    }
    table(page, "channel", &changes);
    if step.unmatched > 0 {
        let alone =
            format!("{} of either wave cannot be paired, and are left out.", words::plural(step.unmatched, "inquiry"));
        page.paragraph(&alone, "", Style::new());
    }
    if look.companies || look.all {
        table(page, "company", &step.companies.iter().collect::<Vec<_>>());
    }
}

fn table(page: &mut Page, head: &str, changes: &[&Change]) {
    let before = rates(&changes.iter().map(|c| c.before).collect::<Vec<_>>());
    let after = rates(&changes.iter().map(|c| c.after).collect::<Vec<_>>());
    let mut table = Table::new([head, "before", "after", "change", "p"]).left(3);
    for ((change, before), after) in changes.iter().zip(before).zip(after) {
        table.push([
            change.name.clone(),
            before,
            after,
            change.result.difference.map(points).unwrap_or_default(),
            words::p_number(change.result.p_sign_flip),
        ]);
    }
    page.table(table);
}
