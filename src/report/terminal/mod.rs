//! What does a person see? The scorecard as text for a terminal: the finding first, then the
//! tables that it rests on.

mod companies;
mod compared;
mod stories;
mod tables;
mod uncertain;

pub(in crate::report) use compared::points;

use super::table::{Table, styled};
use super::wrap::{Long, wrap};
use super::{Look, escape};
use crate::score::raters::Agreement;
use crate::score::{Scorecard, words};
use anstyle::{AnsiColor, Effects, Style};
use unicode_width::UnicodeWidthStr;

/// Most companies that a list of the page names.
const LISTED_MAX: usize = 25;

/// The scorecard as text; every line fits `look.width`.
#[must_use]
pub fn render(card: &Scorecard, look: &Look) -> String {
    let mut page = Page::new(*look);
    page.headline(card);
    page.findings(card);
    page.channels(card);
    page.thresholds(card);
    page.waits(card);
    page.delivery(card);
    page.several(card);
    page.positions(card);
    page.with_reminders(card);
    page.unanswered(card);
    page.outside_only(card);
    page.exclusions(card);
    page.sensitivity(card);
    page.uncertain(card);
    page.availability(card);
    page.stories(card);
    if let Some(agreement) = &card.agreement {
        page.raters(agreement);
    }
    page.raters_by_item(card);
    page.badges(card);
    if look.companies || look.all {
        page.companies(card);
        page.league(card);
    }
    page.also(card);
    page.footer(card);
    page.text()
}

/// How well raters agree, by itself.
#[must_use]
pub fn raters(agreement: &Agreement, look: &Look) -> String {
    let mut page = Page::new(*look);
    page.raters(agreement);
    page.text().trim_start().to_owned()
}

/// The text while it grows.
pub(in crate::report) struct Page {
    out: String,
    look: Look,
}

impl Page {
    /// An empty page.
    pub(in crate::report) const fn new(look: Look) -> Self {
        Self { out: String::new(), look }
    }

    /// What stands on it.
    pub(in crate::report) fn text(self) -> String {
        self.out
    }
}

impl Page {
    fn headline(&mut self, card: &Scorecard) {
        let about = &card.about;
        let bold = Style::new().effects(Effects::BOLD);
        self.paragraph(&about.title, "", bold);
        let mut facts = Vec::new();
        facts.extend(about.study.iter().map(|study| format!("study {study}")));
        facts.extend(about.wave.iter().map(|wave| format!("wave {wave}")));
        facts.extend(about.as_of.map(|at| format!("as of {}", at.format("%Y-%m-%d %H:%M UTC"))));
        facts.push(format!("window {}", about.window));
        self.paragraph(&facts.join(" · "), "", Style::new().effects(Effects::DIMMED));
        if let Some(notice) = &card.notice {
            self.out.push('\n');
            self.paragraph(notice, "", bold.fg_color(Some(AnsiColor::Yellow.into())));
        }
    }

    fn findings(&mut self, card: &Scorecard) {
        self.title("Findings", "");
        let findings = &card.findings;
        self.paragraph(&format!("{} {}", findings.found, findings.sure), "", Style::new());
        for reservation in findings.reservations.iter().filter(|r| Some(*r) != card.notice.as_ref()) {
            self.paragraph(reservation, "• ", Style::new());
        }
    }

    fn unanswered(&mut self, card: &Scorecard) {
        let (open, silent): (Vec<_>, Vec<_>) = card.answered_nowhere.iter().partition(|c| c.open > 0);
        let window = words::span(card.about.window);
        for (companies, title, note) in [
            (silent, "Answered on no channel", format!("within {window}")),
            (open, "No answer on any channel so far", "still being watched".to_owned()),
        ] {
            if !companies.is_empty() {
                self.title(&format!("{title}: {}", of_companies(companies.len(), card)), &note);
                let names = companies.iter().take(LISTED_MAX).map(|c| asked_times(&c.name, c.delivered));
                let list = names.collect::<Vec<_>>().join(", ");
                let rest = if companies.len() > LISTED_MAX { ", …" } else { "" };
                self.paragraph(&format!("{list}{rest}"), "", Style::new());
            }
        }
    }

    fn outside_only(&mut self, card: &Scorecard) {
        if card.answered_outside_only.is_empty() {
            return;
        }
        let number = of_companies(card.answered_outside_only.len(), card);
        self.title(&format!("Answered outside, but not through their own form: {number}"), "");
        let mut table = Table::new(["company", "form, delivered", "answered on"]).left(2);
        for outside in card.answered_outside_only.iter().take(LISTED_MAX) {
            table.push([outside.form.name.clone(), outside.form.delivered.to_string(), outside.answered_on.join(", ")]);
        }
        self.table(table);
        let more = card.answered_outside_only.len().saturating_sub(LISTED_MAX);
        if more > 0 {
            self.paragraph(&format!("… and {more} more, in the JSON"), "", Style::new().effects(Effects::DIMMED));
        }
    }

    fn exclusions(&mut self, card: &Scorecard) {
        let total = &card.total;
        self.title("From plan to denominator", "");
        let mut table = Table::new(["", "inquiries"]);
        let mut row = |indent: &str, what: &str, number: u32, always: bool| {
            if number > 0 || always {
                table.push([format!("{indent}{what}"), number.to_string()]);
            }
        };
        let (not, undelivered) = (&total.not_asked, &total.undelivered);
        row("", "planned", total.inquiries, true);
        row("− ", "not asked: not yet", not.pending, false);
        row("− ", "not asked: blocked, and no person did it", not.blocked, false);
        row("− ", "not asked: entries rejected, and no person did it", not.entries_rejected, false);
        row("− ", "not asked: overdue while nothing ran", not.late, false);
        row("− ", "not asked: the company asked to be left alone", not.stopped, false);
        row("− ", "not asked: a person found it impossible", not.impossible, false);
        row("= ", "asked", total.asked, true);
        row("− ", "undelivered: bounced", undelivered.bounced, false);
        row("− ", "undelivered: refused", undelivered.refused, false);
        row("− ", "undelivered: not taken in any try", undelivered.never_taken, false);
        row("− ", "delivery in doubt", total.unknown.in_doubt, false);
        row("− ", "held for moderation", total.unknown.held, false);
        row("= ", "delivered", total.delivered, true);
        row(
            "− ",
            "not watched for the whole window",
            total.delivered - total.before_any_reminder.response.denominator,
            false,
        );
        row("= ", "watched for the whole window", total.before_any_reminder.response.denominator, true);
        self.table(table);
    }

    fn availability(&mut self, card: &Scorecard) {
        if card.availability.is_empty() {
            return;
        }
        self.title("Channels offered", "companies");
        let mut table = Table::new(["channel", "offered", "not offered", "nobody looked"]);
        for a in &card.availability {
            let counts = [a.offered, a.not_offered, a.not_looked_for].map(|count| count.to_string());
            let [offered, not_offered, not_looked_for] = counts;
            table.push([a.channel.clone(), offered, not_offered, not_looked_for]);
        }
        self.table(table);
    }

    fn footer(&mut self, card: &Scorecard) {
        self.out.push('\n');
        let mut text =
            "Rates: how many of how many, the percentage, and in brackets its 95% Wilson interval".to_owned();
        if card.total.before_any_reminder.response.repeated.is_some() {
            text.push_str(", widened by the design effect where companies were asked repeatedly");
        }
        text.push_str(
            ". Inquiries that are still being watched are left out of a denominator, not counted as silent. No reply \
             means none within the window.",
        );
        if !self.look.all {
            text.push_str(" `--all` shows more, `--companies` a row for each company.");
        }
        if card.about.simulated {
            text.push_str(" SIMULATED.");
        }
        self.paragraph(&text, "", Style::new().effects(Effects::DIMMED));
    }

    pub(in crate::report) fn title(&mut self, title: &str, note: &str) {
        self.out.push('\n');
        if title.is_empty() {
            return;
        }
        let bold = styled(&escape::line(title), Style::new().effects(Effects::BOLD), &self.look);
        let dim = Style::new().effects(Effects::DIMMED);
        let fits = title.width() + 2 + note.width() <= self.look.width;
        self.out.push_str(&bold);
        if !note.is_empty() {
            self.out.push_str(if fits { "  " } else { "\n" });
            self.out.push_str(&styled(note, dim, &self.look));
        }
        self.out.push('\n');
    }

    /// A line as it is: escaped, and of a width that fits.
    pub(in crate::report) fn raw(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    pub(in crate::report) fn table(&mut self, table: Table) {
        let text = table.render(&self.look);
        self.out.push_str(&text);
    }

    /// A text that may be a stranger's, wrapped at the width.
    pub(in crate::report) fn paragraph(&mut self, text: &str, bullet: &str, style: Style) {
        let columns = self.look.width.saturating_sub(bullet.width());
        for (i, line) in wrap(&escape::line(text), columns, Long::Cut).iter().enumerate() {
            let indent = if i == 0 { bullet.to_owned() } else { " ".repeat(bullet.width()) };
            self.out.push_str(&indent);
            self.out.push_str(&styled(line, style, &self.look));
            self.out.push('\n');
        }
    }
}

fn asked_times(name: &str, delivered: u32) -> String {
    if delivered == 1 { name.to_owned() } else { format!("{name} ({delivered})") }
}

fn of_companies(number: usize, card: &Scorecard) -> String {
    format!("{number} of {} companies", card.companies.len())
}
