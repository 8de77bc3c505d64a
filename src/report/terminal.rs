//! What does a person see? The scorecard as text for a terminal.

use super::table::{Table, rates, styled};
use super::{Look, escape};
use crate::score::card::GroupScore;
use crate::score::tally::Answers;
use crate::score::{Latency, Rate, Scorecard, Tally, words};
use anstyle::{AnsiColor, Effects, Style};
use unicode_width::UnicodeWidthStr;

/// Most companies that a list of the page names.
const LISTED_MAX: usize = 25;

/// The scorecard as text; every line fits `look.width`.
#[must_use]
pub fn render(card: &Scorecard, look: &Look) -> String {
    let mut page = Page { out: String::new(), look: *look };
    page.headline(card);
    page.findings(card);
    page.channels(card);
    page.speed(card);
    page.thresholds(card);
    page.groups(card);
    page.positions(card);
    page.with_reminders(card);
    page.unanswered(card);
    page.outside_only(card);
    page.exclusions(card);
    page.availability(card);
    if look.companies {
        page.companies(card);
    }
    page.footer(card);
    page.out
}

/// The text while it grows.
struct Page {
    out: String,
    look: Look,
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

    fn channels(&mut self, card: &Scorecard) {
        self.title("Channels", &format!("replies within {}", words::span(card.about.window)));
        let tallies = with_total(card);
        let response = |of: fn(&Answers) -> Rate| {
            rates(&tallies.iter().map(|(_, t)| of(&t.before_any_reminder)).collect::<Vec<_>>())
        };
        let of_delivered = response(|a| a.response);
        let of_asked = response(|a| a.response_of_asked);
        let mut table = Table::new(["channel", "asked", "deliv.", "ackn.", "replied", "of all asked"]);
        for (i, (name, tally)) in tallies.iter().enumerate() {
            table.push([
                (*name).to_owned(),
                tally.asked.to_string(),
                tally.delivered.to_string(),
                tally.acknowledged.to_string(),
                of_delivered[i].clone(),
                of_asked[i].clone(),
            ]);
        }
        self.table(table);
    }

    fn speed(&mut self, card: &Scorecard) {
        self.title("Adequate replies, and how long any reply took", "Kaplan–Meier median");
        let tallies = with_total(card);
        let adequate = rates(&tallies.iter().map(|(_, t)| t.before_any_reminder.adequate_response).collect::<Vec<_>>());
        let mut table = Table::new(["channel", "adequate", "uncoded", "median wait", "95% interval"]).left(4);
        for (i, (name, tally)) in tallies.iter().enumerate() {
            let latency = tally.before_any_reminder.latency.as_ref();
            table.push([
                (*name).to_owned(),
                adequate[i].clone(),
                tally.inquiries_uncoded.to_string(),
                latency.map_or_else(|| "–".to_owned(), |l| words::reached(l.median.hours)),
                latency.map_or_else(String::new, median_interval),
            ]);
        }
        self.table(table);
    }

    fn thresholds(&mut self, card: &Scorecard) {
        if card.about.thresholds.is_empty() {
            return;
        }
        self.title("Within each threshold", "of those delivered and watched that long");
        let scores = card.channels.iter().flat_map(|c| {
            let within = &c.tally.before_any_reminder.within;
            within.iter().enumerate().map(|(i, w)| (if i == 0 { c.channel.as_str() } else { "" }, w))
        });
        let (names, within): (Vec<_>, Vec<_>) = scores.unzip();
        let column =
            |of: fn(&crate::score::tally::Within) -> Rate| rates(&within.iter().map(|w| of(w)).collect::<Vec<_>>());
        let replied = column(|w| w.replied);
        let adequate = column(|w| w.adequate);
        let mut table = Table::new(["channel", "within", "replied", "adequate", "of all asked"]);
        for (i, w) in within.iter().enumerate() {
            table.push([
                names[i].to_owned(),
                words::threshold(w.threshold),
                replied[i].clone(),
                adequate[i].clone(),
                format!("{}/{}", w.replied_of_asked.numerator, w.replied_of_asked.denominator),
            ]);
        }
        self.table(table);
    }

    fn groups(&mut self, card: &Scorecard) {
        if card.groups.is_empty() {
            return;
        }
        self.title("Channel groups", "");
        let column = |of: fn(&Answers) -> Rate| {
            rates(&card.groups.iter().map(|g| of(&g.tally.before_any_reminder)).collect::<Vec<_>>())
        };
        let (replied, adequate) = (column(|a| a.response), column(|a| a.adequate_response));
        let mut table = Table::new(["group", "asked", "replied", "adequate", "median wait"]);
        for (i, group) in card.groups.iter().enumerate() {
            let latency = group.tally.before_any_reminder.latency.as_ref();
            table.push([
                group.group.clone(),
                group.tally.asked.to_string(),
                replied[i].clone(),
                adequate[i].clone(),
                latency.map_or_else(|| "–".to_owned(), |l| words::reached(l.median.hours)),
            ]);
        }
        self.table(table);
        let members = |g: &GroupScore| format!("{}: {}", g.group, g.channels.join(", "));
        let all = card.groups.iter().map(members).collect::<Vec<_>>().join(" · ");
        self.paragraph(&all, "", Style::new().effects(Effects::DIMMED));
    }

    fn positions(&mut self, card: &Scorecard) {
        if card.positions.is_empty() {
            return;
        }
        self.title("Position in the order", "which cannot be told apart from the channel");
        let response = rates(&card.positions.iter().map(|p| p.response).collect::<Vec<_>>());
        let mut table = Table::new(["channel", "asked as the nth", "replied"]);
        let mut before = "";
        for (position, response) in card.positions.iter().zip(response) {
            let name = if position.channel == before { "" } else { position.channel.as_str() };
            before = &position.channel;
            table.push([name.to_owned(), position.position.to_string(), response]);
        }
        self.table(table);
    }

    fn with_reminders(&mut self, card: &Scorecard) {
        if card.total.reminded == 0 {
            return;
        }
        self.title("With reminders", "the tables above count what came before any reminder");
        let tallies = with_total(card);
        let column =
            |of: fn(&Answers) -> Rate| rates(&tallies.iter().map(|(_, t)| of(t.all_answers())).collect::<Vec<_>>());
        let (replied, adequate) = (column(|a| a.response), column(|a| a.adequate_response));
        let mut table = Table::new(["channel", "reminded", "replied", "adequate", "median wait"]);
        for (i, (name, tally)) in tallies.iter().enumerate() {
            let latency = tally.all_answers().latency.as_ref();
            table.push([
                (*name).to_owned(),
                tally.reminded.to_string(),
                replied[i].clone(),
                adequate[i].clone(),
                latency.map_or_else(|| "–".to_owned(), |l| words::reached(l.median.hours)),
            ]);
        }
        self.table(table);
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
        if let Some(unsettled) = &total.unsettled {
            let text = format!(
                "Were those of unknown delivery all silent, {} would have been replied to; were they all replied to, {}.",
                words::rate(&unsettled.if_silent),
                words::rate(&unsettled.if_replied),
            );
            self.paragraph(&text, "", Style::new());
        }
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

    fn companies(&mut self, card: &Scorecard) {
        self.title("Companies", &format!("replies within {}", words::span(card.about.window)));
        let column = |of: fn(&Answers) -> Rate| {
            rates(&card.companies.iter().map(|c| of(&c.tally.before_any_reminder)).collect::<Vec<_>>())
        };
        let (replied, adequate) = (column(|a| a.response), column(|a| a.adequate_response));
        let mut table = Table::new(["company", "asked", "deliv.", "answered", "replied", "adequate"]);
        for (i, company) in card.companies.iter().enumerate() {
            let tally: &Tally = &company.tally;
            table.push([
                company.name.clone(),
                tally.asked.to_string(),
                tally.delivered.to_string(),
                tally.all_answers().replied.to_string(),
                replied[i].clone(),
                adequate[i].clone(),
            ]);
        }
        self.table(table);
    }

    fn footer(&mut self, card: &Scorecard) {
        self.out.push('\n');
        let mut text =
            "Rates: how many of how many, the percentage, and in brackets its 95% Wilson interval. Inquiries \
                        that are still being watched are left out of a denominator, not counted as silent."
                .to_owned();
        if card.about.simulated {
            text.push_str(" SIMULATED.");
        }
        self.paragraph(&text, "", Style::new().effects(Effects::DIMMED));
    }

    fn title(&mut self, title: &str, note: &str) {
        self.out.push('\n');
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

    fn table(&mut self, table: Table) {
        let text = table.render(&self.look);
        self.out.push_str(&text);
    }

    /// A text that may be a stranger's, wrapped at the width.
    fn paragraph(&mut self, text: &str, bullet: &str, style: Style) {
        for (i, line) in wrap(&escape::line(text), self.look.width.saturating_sub(bullet.width())).iter().enumerate() {
            let indent = if i == 0 { bullet.to_owned() } else { " ".repeat(bullet.width()) };
            self.out.push_str(&indent);
            self.out.push_str(&styled(line, style, &self.look));
            self.out.push('\n');
        }
    }
}

fn with_total(card: &Scorecard) -> Vec<(&str, &Tally)> {
    let mut tallies: Vec<(&str, &Tally)> = card.channels.iter().map(|c| (c.channel.as_str(), &c.tally)).collect();
    if tallies.len() != 1 {
        tallies.push(("all", &card.total));
    }
    tallies
}

fn median_interval(latency: &Latency) -> String {
    match (latency.median.low_hours, latency.median.high_hours) {
        (Some(low), Some(high)) if low == high => words::reached(low),
        (Some(low), Some(high)) => format!("{} – {}", words::reached(low), words::reached(high)),
        _ => "–".to_owned(),
    }
}

fn asked_times(name: &str, delivered: u32) -> String {
    if delivered == 1 { name.to_owned() } else { format!("{name} ({delivered})") }
}

fn of_companies(number: usize, card: &Scorecard) -> String {
    format!("{number} of {} companies", card.companies.len())
}

/// Lines of at most `columns`; a word that is longer is cut.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let word = escape::fit(word, columns.max(1));
        let line = lines.last().map_or(0, |line| line.width());
        if line > 0 && line + 1 + word.width() > columns {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
    }
    lines
}
