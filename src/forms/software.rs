//! By what are the common makers of forms known, and by what do their answers say what became of a
//! message? The marks are data: `software.txt`.

use super::page::{Form, Page};
use std::sync::LazyLock;

static KNOWN: LazyLock<Vec<Software>> = LazyLock::new(|| {
    let blocks = include_str!("software.txt").split("\n\n");
    blocks.map(Software::parse).filter(|software| !software.name.is_empty()).collect()
});

/// The marks of one maker; a mark that it lacks is empty and fits nothing.
#[derive(Debug, Default)]
struct Software {
    name: &'static str,
    form: &'static str,
    script: &'static str,
    taken: &'static str,
    held: &'static str,
    refused: &'static str,
    error: &'static str,
    address: &'static str,
}

/// What the marks on an answer's page say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// The message was taken.
    Taken,
    /// It was taken and waits.
    Held,
    /// It was not taken.
    Refused,
}

/// Marks that stand on a page, with the name of their software.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(Vec<(&'static str, &'static str, Mark)>);

impl Software {
    fn parse(block: &'static str) -> Self {
        let mut software = Self::default();
        for (key, value) in block.lines().filter(|l| !l.starts_with('#')).filter_map(|l| l.split_once(": ")) {
            let slot = match key {
                "name" => &mut software.name,
                "form" => &mut software.form,
                "script" => &mut software.script,
                "taken" => &mut software.taken,
                "held" => &mut software.held,
                "refused" => &mut software.refused,
                "error" => &mut software.error,
                "address" => &mut software.address,
                _ => continue,
            };
            *slot = value;
        }
        software
    }
}

/// The software by whose scripts alone a form is sent.
pub fn needs_script(page: &Page, form: &Form) -> Option<&'static str> {
    let scripted = KNOWN.iter().filter(|s| !s.script.is_empty());
    scripted.filter(|s| page.form_stands_in(form, s.script)).map(|s| s.name).next()
}

/// The software by whose scripts a page without a form makes one.
pub fn makes_form_by_script(page: &Page) -> Option<&'static str> {
    KNOWN.iter().find(|s| !s.script.is_empty() && page.has(s.script)).map(|s| s.name)
}

/// The words that a page sets beside what was wrong, by the marks of all software.
pub fn errors(page: &Page) -> Vec<String> {
    KNOWN.iter().filter(|s| !s.error.is_empty()).flat_map(|s| page.texts(s.error)).collect()
}

impl Marks {
    /// The marks of a page.
    pub fn of(page: &Page, address: &str) -> Self {
        let mut marks = Vec::new();
        for software in KNOWN.iter() {
            let by_address = !software.address.is_empty() && address.contains(software.address);
            marks.extend(by_address.then_some((software.name, software.address, Mark::Taken)));
            for (css, mark) in
                [(software.taken, Mark::Taken), (software.held, Mark::Held), (software.refused, Mark::Refused)]
            {
                marks.extend((!css.is_empty() && page.has(css)).then_some((software.name, css, mark)));
            }
        }
        Self(marks)
    }

    /// What these marks say that those before did not; refusals first.
    pub fn since(&self, before: &Self) -> Option<(&'static str, Mark)> {
        let fresh = || self.0.iter().filter(|mark| !before.0.contains(mark));
        let of = |wanted: Mark| fresh().find(move |(_, _, mark)| *mark == wanted);
        let found = of(Mark::Refused).or_else(|| of(Mark::Held)).or_else(|| of(Mark::Taken));
        found.map(|(name, _, mark)| (*name, *mark))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Selector;

    #[test]
    fn every_mark_is_a_selector_and_every_software_is_known_by_something() {
        assert!(KNOWN.len() > 20);
        for software in KNOWN.iter() {
            assert!(!software.form.is_empty(), "{}", software.name);
            let marks = [software.script, software.taken, software.held, software.refused, software.error];
            for css in std::iter::once(software.form).chain(marks).filter(|css| !css.is_empty()) {
                assert!(Selector::parse(css).is_ok(), "{}: {css}", software.name);
            }
        }
        let lines = include_str!("software.txt").lines().filter(|l| !l.starts_with('#') && !l.is_empty());
        let keys = ["name", "form", "script", "taken", "held", "refused", "error", "address"];
        for line in lines {
            assert!(line.split_once(": ").is_some_and(|(key, _)| keys.contains(&key)), "{line}");
        }
    }
}
