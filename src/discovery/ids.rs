//! What is each company called in a study? By its site, and no two alike.

use super::Target;
use crate::model::ids::slug;
use std::collections::HashSet;

/// The ids that are given already.
#[derive(Debug, Clone, Default)]
pub struct Ids(HashSet<String>);

impl Ids {
    /// Those of entries that were written before.
    #[must_use]
    pub fn of_entries(text: &str) -> Self {
        let ids = text.lines().filter_map(|line| line.strip_prefix("- id:"));
        Self(ids.map(|id| id.trim().trim_matches('"').to_owned()).collect())
    }

    /// Gives a site the id that its list names, or one made of its address; numbered, where an earlier one has it.
    /// Says whether it had to be numbered.
    pub fn give(&mut self, target: &mut Target) -> bool {
        let own = target.known.get("id").cloned().unwrap_or_else(|| of_address(target));
        let numbered = (2..).map(|number| format!("{own}-{number}"));
        let id = std::iter::once(own.clone()).chain(numbered).find(|id| !self.0.contains(id)).unwrap_or_default();
        let changed = id != own;
        self.0.insert(id.clone());
        target.known.insert("id".to_owned(), id);
        changed
    }
}

/// An id made of the host as it was named: two names may lead to one site.
pub(super) fn of_address(target: &Target) -> String {
    let host = target.url.host_str().unwrap_or_default();
    let port = target.url.port().map(|port| format!("-{port}")).unwrap_or_default();
    // Pages of people share a host.
    let path = if target.url.path() == "/" { "" } else { target.url.path() };
    let id = slug(&format!("{}{port}{path}", host.strip_prefix("www.").unwrap_or(host)));
    if id.is_empty() { "company".to_owned() } else { id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_sites_get_one_id() {
        let mut ids =
            Ids::of_entries("- id: \"old-example\"\n  name: \"Old\"\n# visited https://old.example/\n\n- id: own\n");
        let mut give = |site: &str, own: Option<&str>| {
            let mut target = Target::parse(site).unwrap();
            target.known.extend(own.map(|id| ("id".to_owned(), id.to_owned())));
            let numbered = ids.give(&mut target);
            (target.known["id"].clone(), numbered)
        };
        for (site, own, id, numbered) in [
            ("rossi.example", None, "rossi-example", false),
            ("https://www.rossi.example/", None, "rossi-example-2", true),
            ("http://rossi.example/", None, "rossi-example-3", true),
            ("rossi.example/anna", None, "rossi-example-anna", false),
            ("www.old.example", None, "old-example-2", true),
            ("alfa.example", Some("own"), "own-2", true),
            ("beta.example", Some("rossi"), "rossi", false),
            ("gamma.example", Some("rossi"), "rossi-2", true),
        ] {
            assert_eq!(give(site, own), (id.to_owned(), numbered), "{site}");
        }
    }
}
