//! How is a name kept once for all rows that bear it?

use std::collections::HashMap;
use std::num::NonZeroU32;

/// Names, each with a number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    names: Vec<Box<str>>,
    ids: HashMap<Box<str>, NameId>,
}

/// The number of a name, by the order in which names came. `Option<NameId>` takes 4 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(NonZeroU32);

impl NameId {
    /// From 0: an index into what is kept by name.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl Names {
    /// The number of `name`, which it gets if it is new.
    pub fn intern(&mut self, name: &str) -> NameId {
        if let Some(id) = self.ids.get(name) {
            return *id;
        }
        // More names than numbers would be 4 billion distinct ones: no memory holds them.
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX - 1);
        let id = NameId(NonZeroU32::MIN.saturating_add(number));
        self.names.push(name.into());
        self.ids.insert(name.into(), id);
        id
    }

    /// Interns all names of another dictionary; the result says by their number there which they have here.
    pub fn import(&mut self, others: &Self) -> Vec<NameId> {
        others.names.iter().map(|name| self.intern(name)).collect()
    }

    /// The number of a name that some row bears.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<NameId> {
        self.ids.get(name).copied()
    }

    /// The name of that number; empty for a number of other names.
    #[must_use]
    pub fn name(&self, id: NameId) -> &str {
        self.names.get(id.index()).map_or("", |name| name)
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// All, in alphabetical order: results must not depend on the order of rows.
    #[must_use]
    pub fn sorted(&self) -> Vec<(NameId, &str)> {
        let mut all: Vec<(NameId, &str)> = self.ids.iter().map(|(name, id)| (*id, &**name)).collect();
        all.sort_unstable_by_key(|(_, name)| *name);
        all
    }

    /// By number, where each name stands in alphabetical order.
    #[must_use]
    pub fn ranks(&self) -> Vec<u32> {
        let mut ranks = vec![0; self.len()];
        for (rank, (id, _)) in self.sorted().into_iter().enumerate() {
            ranks[id.index()] = u32::try_from(rank).unwrap_or(u32::MAX);
        }
        ranks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number_and_the_alphabet_its_own_order() {
        let mut names = Names::default();
        let ids: Vec<NameId> = ["web", "email", "web", "chat"].into_iter().map(|name| names.intern(name)).collect();
        assert_eq!(ids[0], ids[2]);
        assert_eq!((names.len(), names.name(ids[1]), names.get("phone")), (3, "email", None));
        let sorted: Vec<&str> = names.sorted().into_iter().map(|(_, name)| name).collect();
        assert_eq!(sorted, ["chat", "email", "web"]);
        assert_eq!(names.ranks(), [2, 1, 0]);
    }
}
