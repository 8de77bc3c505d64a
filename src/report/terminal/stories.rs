//! What became of the questions: redirections, circles, promises, and what was never answered after
//! a machine had said "received".

use super::Page;
use crate::report::table::Table;
use crate::score::Scorecard;
use crate::score::rounds::Rounds;
use crate::score::stories::{StoryTally, Turns};
use crate::score::words;
use anstyle::{Effects, Style};

impl Page {
    /// Counts by channel; nothing where nothing of the kind happened.
    pub(super) fn stories(&mut self, card: &Scorecard) {
        let Some(stories) = card.stories.as_ref().filter(|s| is_worth_telling(&s.total)) else { return };
        self.title("What became of the questions", "as people coded the replies");
        let named = stories.channels.iter().map(|c| (c.channel.clone(), &c.tally));
        let all = (stories.channels.len() != 1).then(|| ("all".to_owned(), &stories.total));
        let mut table =
            Table::new(["channel", "received, then nothing", "elsewhere", "circle", "promised", "kept", "broken"]);
        for (name, tally) in named.chain(all) {
            let Turns { redirected, in_a_circle, promises, .. } = &tally.coded;
            let [nothing, elsewhere, circle, made, kept, broken] = [
                tally.acknowledged_then_nothing,
                *redirected,
                *in_a_circle,
                promises.made,
                promises.kept,
                promises.broken,
            ]
            .map(|count| count.to_string());
            table.push([name, nothing, elsewhere, circle, made, kept, broken]);
        }
        self.table(table);
        self.rounds(&stories.rounds);
        self.suggested(&stories.total.suggested);
    }

    /// From channel to channel, where that was seen.
    fn rounds(&mut self, rounds: &Rounds) {
        for (round, who) in [(&rounds.coded, ""), (&rounds.suggested, ", as far as replies that nobody has coded seem")]
        {
            if round.sent_on == 0 {
                continue;
            }
            let text = format!(
                "Of {} put to a company on two channels or more, {} sent on from one channel to the next, {} back to one \
                 that had been asked already ({}){who}.",
                words::plural(rounds.asked, "question"),
                round.sent_on,
                round.in_a_circle,
                words::plural(round.hops, "redirection"),
            );
            self.paragraph(&text, "", Style::new());
        }
    }

    /// What only seems so stands apart.
    fn suggested(&mut self, seems: &Turns) {
        if seems.redirected == 0 && seems.promises.made == 0 {
            return;
        }
        let text = format!(
            "Of what nobody has coded, {} seem(s) to be sent elsewhere, {} in a circle, and {} promise(s) to be made \
             ({} kept, {} broken): a machine's suggestion, which is in no other number.",
            seems.redirected, seems.in_a_circle, seems.promises.made, seems.promises.kept, seems.promises.broken,
        );
        self.paragraph(&text, "", Style::new().effects(Effects::DIMMED));
    }
}

fn is_worth_telling(total: &StoryTally) -> bool {
    let turns = |t: &Turns| t.redirected > 0 || t.promises.made > 0;
    total.acknowledged_then_nothing > 0 || turns(&total.coded) || turns(&total.suggested)
}
