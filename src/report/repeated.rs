//! What does a person see of a rehearsal that was repeated many times?

use super::Look;
use super::table::{Table, rates};
use super::terminal::Page;
use crate::model::study::Measure;
use crate::score::frame::Compared;
use crate::score::repeated::{ComparisonRepeated, Repeated};
use crate::score::{Rate, words};
use anstyle::{AnsiColor, Effects, Style};

/// The text; every line fits `look.width`.
#[must_use]
pub fn render(repeated: &Repeated, look: &Look) -> String {
    let mut page = Page::new(*look);
    let bold = Style::new().effects(Effects::BOLD);
    page.paragraph(&repeated.title, "", bold);
    let facts = format!(
        "the same wave {} times · {} · {}",
        repeated.times,
        words::plural(repeated.companies, "company"),
        words::plural(repeated.inquiries, "inquiry"),
    );
    page.paragraph(&facts, "", Style::new().effects(Effects::DIMMED));
    page.paragraph(&repeated.notice, "", bold.fg_color(Some(AnsiColor::Yellow.into())));
    match &repeated.comparison {
        Some(comparison) => power(&mut page, comparison),
        None => page.paragraph("The study compares nothing: name it under `primary`.", "", Style::new()),
    }
    coverage(&mut page, repeated);
    let note = "Under the assumptions of the section `rehearsal`, which are the study's, not the world's. Power and \
                coverage are themselves counts of repetitions, with 95% Wilson intervals. An interval of 95% should \
                hold the truth 95% of the times or a little more; SIMULATED.";
    page.title("", "");
    page.paragraph(note, "", Style::new().effects(Effects::DIMMED));
    page.text()
}

fn power(page: &mut Page, c: &ComparisonRepeated) {
    page.title("What the analysis would find", role(c));
    let verb = match c.of.measure {
        Measure::Replied => "replied",
        Measure::Adequate => "replied adequately",
    };
    let design = match c.of.design {
        Compared::SameCompanies => "the same companies on both sides",
        Compared::ParallelGroups => "each company on one side",
        Compared::ParallelGroupsByIndustry => "each company on one side, compared within industries",
    };
    let truth = format!(
        "{verb} within {}, “{}” against “{}”, {design}. Under the assumptions the true difference is {} percentage points.",
        words::span(c.of.within),
        c.of.left,
        c.of.right,
        words::whole_percent(c.truth),
    );
    page.paragraph(&truth, "", Style::new());
    let found = if c.truth.abs() > 0.0 {
        "a difference is found (power)"
    } else {
        "a difference is found, though there is none"
    };
    let rows = [
        (found, c.found),
        ("one in the wrong direction is found", c.wrong_way),
        ("its interval holds the truth", c.covered),
    ];
    let cells = rates(&rows.map(|(_, rate)| rate));
    let mut table = Table::new(["in how many of the times", "times"]);
    for ((what, _), cell) in rows.iter().zip(cells) {
        table.push([(*what).to_owned(), cell]);
    }
    page.table(table);
    if let (Some(mean), Some(width)) = (c.mean_estimate, c.mean_width) {
        let text = format!(
            "On average the estimate is {} points, and its interval {} points wide.",
            words::whole_percent(mean),
            words::whole_percent(width),
        );
        page.paragraph(&text, "", Style::new());
    }
}

fn role(c: &ComparisonRepeated) -> &'static str {
    match c.of.role {
        crate::score::comparison::Role::Primary => "the primary comparison",
        crate::score::comparison::Role::Exploratory => "exploratory: the study names no primary comparison",
    }
}

fn coverage(page: &mut Page, repeated: &Repeated) {
    let Some(first) = repeated.channels.first() else { return };
    page.title("Whether the intervals of the rates hold the truth", &format!("within {}", words::span(first.within)));
    let cells = rates(&repeated.channels.iter().map(|c| c.covered).collect::<Vec<Rate>>());
    let mut table = Table::new(["channel", "true rate", "times"]);
    for (channel, cell) in repeated.channels.iter().zip(cells) {
        table.push([channel.channel.clone(), words::percent(channel.truth), cell]);
    }
    page.table(table);
}
