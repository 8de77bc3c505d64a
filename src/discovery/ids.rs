//! What is each company called in a study, and is it one that was named already? A site is one company, however its
//! address is written, unless its list gives it several names.

use super::Target;
use super::yaml::VISITED;
use crate::model::ids::slug;
use crate::model::study::site;
use std::collections::{HashMap, HashSet};
use url::Url;

/// The ids that are given already, and the sites that were named.
#[derive(Debug, Clone, Default)]
pub struct Ids {
    given: HashSet<String>,
    /// How many entries of a site were written before.
    written: HashMap<String, usize>,
    /// What a site's companies are called in the list.
    named: HashMap<String, Vec<Own>>,
}

/// What a list calls a company.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Own {
    id: Option<String>,
    name: Option<String>,
}

/// What becomes of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is visited, under the id of its own.
    New,
    /// It is visited; its id got a number, for another site is called the same.
    Numbered,
    /// It is visited although its site was named before: the list calls it another company.
    Beside,
    /// It was named before, and is visited once.
    Again,
    /// It was visited before.
    Written,
}

impl Ids {
    /// Those of entries that were written before.
    #[must_use]
    pub fn of_entries(text: &str) -> Self {
        let ids = text.lines().filter_map(|line| line.strip_prefix("- id:"));
        let given = ids.map(|id| id.trim().trim_matches('"').to_owned()).collect();
        let mut written = HashMap::new();
        for url in text.lines().filter_map(|line| line.strip_prefix(VISITED)?.parse::<Url>().ok()) {
            *written.entry(site(&url)).or_default() += 1;
        }
        Self { given, written, named: HashMap::new() }
    }

    /// Takes a site of a list: gives it the id that the list names, or one made of its address; numbered, where an
    /// earlier company has it.
    pub fn take(&mut self, target: &mut Target) -> Taken {
        let site = site(&target.url);
        let own = Own::of(target);
        let named = self.named.entry(site.clone()).or_default();
        if named.iter().any(|earlier| !earlier.differs_from(&own)) {
            return Taken::Again;
        }
        named.push(own);
        let number = named.len();
        if self.written.get(&site).is_some_and(|written| number <= *written) {
            return Taken::Written;
        }
        let numbered = self.give(target);
        match numbered {
            _ if number > 1 => Taken::Beside,
            true => Taken::Numbered,
            false => Taken::New,
        }
    }

    /// Says whether the id had to be numbered.
    fn give(&mut self, target: &mut Target) -> bool {
        let own = target.known.get("id").cloned().unwrap_or_else(|| of_address(&target.url));
        let numbered = (2..).map(|number| format!("{own}-{number}"));
        let id = std::iter::once(own.clone()).chain(numbered).find(|id| !self.given.contains(id)).unwrap_or_default();
        let changed = id != own;
        self.given.insert(id.clone());
        target.known.insert("id".to_owned(), id);
        changed
    }
}

impl Own {
    fn of(target: &Target) -> Self {
        let word = |key: &str| target.known.get(key).map(|word| word.trim().to_lowercase()).filter(|w| !w.is_empty());
        Self { id: word("id"), name: word("name") }
    }

    /// Whether the list tells them apart: what it leaves out tells nothing.
    fn differs_from(&self, other: &Self) -> bool {
        match (&self.id, &other.id) {
            (Some(own), Some(other)) => own != other,
            _ => matches!((&self.name, &other.name), (Some(own), Some(other)) if own != other),
        }
    }
}

/// An id made of the host as it was named: two names may lead to one site.
pub(super) fn of_address(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port().map(|port| format!("-{port}")).unwrap_or_default();
    // Pages of people share a host.
    let path = if url.path() == "/" { "" } else { url.path() };
    let id = slug(&format!("{}{port}{path}", host.strip_prefix("www.").unwrap_or(host)));
    if id.is_empty() { "company".to_owned() } else { id }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Taken::{Again, Beside, New, Numbered, Written};

    #[test]
    fn a_site_is_one_company_however_it_is_written_and_no_two_get_one_id() {
        let mut ids =
            Ids::of_entries("- id: \"old-example\"\n  name: \"Old\"\n# visited https://old.example/\n\n- id: own\n");
        for (site, own, expected, id) in [
            ("rossi.example", [None; 2], New, "rossi-example"),
            ("https://www.rossi.example/", [None; 2], Again, ""),
            ("http://ROSSI.example", [None, Some("Rossi")], Again, ""),
            ("rossi.example/anna/", [None; 2], New, "rossi-example-anna"),
            ("rossi.example/Anna", [None; 2], Again, ""),
            ("rossi-example.anna", [None; 2], Numbered, "rossi-example-anna-2"),
            ("http://www.old.example", [None; 2], Written, ""),
            ("old.example", [None, Some("Older")], Again, ""),
            ("alfa.example", [Some("own"), None], Numbered, "own-2"),
            ("beta.example", [None, Some("Beta")], New, "beta-example"),
            ("www.beta.example", [None, Some("beta ")], Again, ""),
            ("beta.example", [None, Some("Beta Due")], Beside, "beta-example-2"),
            ("gamma.example", [Some("one"), None], New, "one"),
            ("gamma.example/", [Some("two"), None], Beside, "two"),
            ("gamma.example", [Some("two"), Some("Gamma")], Again, ""),
        ] {
            let mut target = Target::parse(site).unwrap();
            let own =
                ["id", "name"].into_iter().zip(own).filter_map(|(key, word)| Some((key.to_owned(), word?.to_owned())));
            target.known.extend(own);
            assert_eq!(ids.take(&mut target), expected, "{site}");
            if !id.is_empty() {
                assert_eq!(target.known["id"], id, "{site}");
            }
        }
    }

    #[test]
    fn of_two_companies_of_a_site_the_one_that_was_not_written_is_still_visited() {
        let mut ids =
            Ids::of_entries("- id: \"rossi-example\"\n  name: \"As edited\"\n# visited https://rossi.example/\n");
        let mut take = |name: &str| {
            let mut target = Target::parse("www.rossi.example").unwrap();
            target.known.insert("name".to_owned(), name.to_owned());
            ids.take(&mut target)
        };
        assert_eq!([take("Rossi"), take("Rossi Due"), take("rossi")], [Written, Beside, Again]);
    }
}
