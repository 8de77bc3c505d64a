//! Which companies count as one? Those whose answers may come from the same people.

use super::{Company, Study};
use crate::model::ids::CompanyId;
use std::collections::HashMap;
use std::hash::Hash;

impl Study {
    /// The cluster of each company: the companies of one group (holding, franchise, call centre)
    /// and those that share an address answer together, and count as one in statistics. A cluster
    /// is called by its group, else by the first of its companies in the study.
    #[must_use]
    pub fn clusters(&self) -> HashMap<&CompanyId, &str> {
        self.clusters_that_answered(std::iter::empty::<(&CompanyId, &str)>())
    }

    /// The same where some have answered: companies that answered from one address count as one too.
    /// `answered` holds companies, each with what stands for an address.
    #[must_use]
    pub fn clusters_that_answered<'a, A: Eq + Hash>(
        &self,
        answered: impl IntoIterator<Item = (&'a CompanyId, A)>,
    ) -> HashMap<&CompanyId, &str> {
        let mut together = Together { parent: (0..self.companies.len()).collect() };
        let mut answered = answered.into_iter().peekable();
        if answered.peek().is_some() {
            let places: HashMap<&CompanyId, usize> = self.companies.iter().map(|c| &c.id).zip(0..).collect();
            let mut first_from: HashMap<A, usize> = HashMap::new();
            for (company, address) in answered {
                if let Some(i) = places.get(company) {
                    together.join(*first_from.entry(address).or_insert(*i), *i);
                }
            }
        }
        let mut first_with: HashMap<String, usize> = HashMap::new();
        for (i, company) in self.companies.iter().enumerate() {
            for tie in ties(company) {
                together.join(*first_with.entry(tie).or_insert(i), i);
            }
        }
        let mut names: HashMap<usize, &str> = HashMap::new();
        for (i, company) in self.companies.iter().enumerate() {
            let root = together.root(i);
            if let Some(group) = &company.group {
                names.entry(root).or_insert(group.as_str());
            }
        }
        let mut clusters = HashMap::new();
        for (i, company) in self.companies.iter().enumerate() {
            let name = *names.entry(together.root(i)).or_insert(company.id.as_str());
            clusters.insert(&company.id, name);
        }
        clusters
    }
}

/// What a company shares with whoever answers for it: its group, and its addresses.
fn ties(company: &Company) -> impl Iterator<Item = String> {
    let group = company.group.iter().map(|group| format!("group {group}"));
    let addresses = company.contact_points.iter().map(|point| format!("{} {}", point.channel, point.target.place()));
    group.chain(addresses)
}

/// Disjoint sets; the root of a set is its first company.
struct Together {
    parent: Vec<usize>,
}

impl Together {
    fn root(&mut self, mut i: usize) -> usize {
        while self.parent[i] != i {
            self.parent[i] = self.parent[self.parent[i]];
            i = self.parent[i];
        }
        i
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.parent[a.max(b)] = a.min(b);
    }
}
