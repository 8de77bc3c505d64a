//! What would change if messages that nobody could be sure of were the other thing?

use super::Page;
use crate::report::table::{Table, rates};
use crate::score::{Scorecard, words};

impl Page {
    /// Both ends of what is not sure.
    pub(super) fn uncertain(&mut self, card: &Scorecard) {
        let Some(uncertain) = &card.uncertain else { return };
        let messages = words::plural(uncertain.messages, "message");
        let told = format!("{messages}, {} in review, of those delivered", uncertain.in_review);
        self.title("If what is not sure were the other thing", &told);
        let mut table = Table::new(["were they", "replied"]).left(2);
        let cells = rates(&[uncertain.if_none, uncertain.replied, uncertain.if_all]);
        for (what, cell) in ["no replies", "what they count as", "all replies"].into_iter().zip(cells) {
            table.push([what.to_owned(), cell]);
        }
        self.table(table);
    }
}
