//! How does each company do?

use super::Page;
use crate::model::study::Measure;
use crate::report::table::{Table, rates};
use crate::score::tally::Answers;
use crate::score::{Rate, Scorecard, Tally, words};
use anstyle::{Effects, Style};

impl Page {
    pub(super) fn companies(&mut self, card: &Scorecard) {
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

    /// The companies in order, or why there is none.
    pub(super) fn league(&mut self, card: &Scorecard) {
        let league = &card.league;
        let measure = match league.measure {
            Measure::Replied => "replied",
            Measure::Adequate => "replied adequately",
        };
        self.title("Order of the companies", &format!("{measure} within {}, all channels", words::span(league.within)));
        if let Some(refused) = league.refused {
            self.paragraph(&format!("There is none. {}", refused.why()), "", Style::new());
            return;
        }
        let own = rates(&league.places.iter().map(|p| p.rate).collect::<Vec<_>>());
        let mut table = Table::new(["company", "place", "own rate", "drawn together", "mean rank"]).left(1);
        for (place, own) in league.places.iter().zip(own) {
            let places = match (place.place_first, place.place_last) {
                (first, last) if first == last => first.to_string(),
                (first, last) => format!("{first}–{last}"),
            };
            let shrunk = place.shrunk;
            let shrunk =
                format!("{} [{}]", words::percent(shrunk.value), words::range(shrunk.interval).replace(" to ", "–"));
            table.push([place.name.clone(), places, own, shrunk, format!("{:.1}", place.expected_rank)]);
        }
        self.table(table);
        let note = "Companies whose intervals overlap are tied: their places are given as a range. Rates are drawn \
                    towards what is usual, the more the fewer inquiries a company got (empirical Bayes).";
        self.paragraph(note, "", Style::new().effects(Effects::DIMMED));
    }
}
