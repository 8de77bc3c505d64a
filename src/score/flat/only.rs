//! Which numbers were asked for? All, or those whose ids begin in a certain way.

use super::{Flat, SIMULATED};

/// How the ids begin that are asked for; nothing stands for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Only(pub Vec<String>);

impl Only {
    /// Whether some of the ids that begin like one of `beginnings` are asked for.
    pub(super) fn some_of(&self, beginnings: &[&str]) -> bool {
        let meets = |asked: &String| beginnings.iter().any(|b| b.starts_with(asked.as_str()) || asked.starts_with(*b));
        self.0.is_empty() || self.0.iter().any(meets)
    }

    fn has(&self, id: &str) -> bool {
        self.0.is_empty() || id == SIMULATED || self.0.iter().any(|asked| id.starts_with(asked.as_str()))
    }
}

impl Flat {
    /// Keeps only what was asked for.
    pub fn keep(&mut self, only: &Only) {
        self.values.retain(|(id, _)| only.has(id));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Wanted, study};
    use super::*;
    use crate::score::samples;
    use crate::score::table::Table;
    use crate::threads::Threads;

    fn told(only: &[&str]) -> Flat {
        let wanted = Wanted { all: true, seed: 1, resamples: 20, threads: Threads::ONE };
        let only = Only(only.iter().map(|&asked| asked.to_owned()).collect());
        let mut flat = study(&Table::of(&samples::study().0), wanted, &only);
        flat.keep(&only);
        flat
    }

    #[test]
    fn what_is_left_out_changes_no_other_number() {
        let whole = told(&[]);
        for (only, left) in [
            (&["rate.email.7d"][..], &["rate.email.7d.x", "rate.email.7d.wilson"][..]),
            (&["km", "eb.bound"], &["km.email.median", "eb.boundary"]),
            (&["log"], &["logrank.chi2", "logrank_strat_company.p"]),
            (&["cochran_q", "aj.chat", "b"], &["aj.chat.cif_reply.7d", "bounce_rate.email.wilson"]),
        ] {
            let some = told(only);
            assert!(some.iter().all(|(id, value)| whole.get(id) == Some(value)), "{only:?}");
            assert!(some.iter().all(|(id, _)| only.iter().any(|asked| id.starts_with(asked))), "{only:?}");
            assert!(left.iter().all(|id| some.get(id).is_some()), "{only:?} {:?}", some.iter().collect::<Vec<_>>());
        }
        assert_eq!(told(&["nothing"]), Flat::default());
    }
}
