//! How does each company do?

use super::Page;
use crate::report::table::{Table, rates};
use crate::score::tally::Answers;
use crate::score::{Rate, Scorecard, Tally, words};

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
}
