//! By what are banners that ask for consent to cookies known, and which button of them allows least? And which
//! button of a form leads to its next step? All of it is data: `banners.txt`.

use super::form_words::words;
use std::sync::LazyLock;

static DATA: LazyLock<Banners> = LazyLock::new(|| {
    let lines = include_str!("banners.txt").lines().filter_map(|line| line.split_once(": "));
    let mut data = Banners::default();
    for (key, value) in lines {
        let list = match key {
            "selector" => {
                data.selectors.push(value);
                continue;
            }
            "refuse" => &mut data.refuse,
            "about" => &mut data.about,
            "close" => &mut data.close,
            "agree" => &mut data.agree,
            "next" => &mut data.next,
            _ => continue,
        };
        list.extend(value.split(',').map(str::trim));
    }
    data
});

/// What is known about banners.
#[derive(Debug, Default)]
pub struct Banners {
    /// Buttons of known makers that allow least, as CSS selectors.
    pub selectors: Vec<&'static str>,
    /// Words of such a button, folded: lower case, no accents, single spaces.
    pub refuse: Vec<&'static str>,
    /// Words by which a banner is known.
    pub about: Vec<&'static str>,
    /// Words of a button that closes a banner and says neither yes nor no.
    pub close: Vec<&'static str>,
    /// Words of the only button of a banner that leaves no choice.
    pub agree: Vec<&'static str>,
    next: Vec<&'static str>,
}

/// The data.
#[must_use]
pub fn banners() -> &'static Banners {
    &DATA
}

/// Whether a button with that label leads to a form's next step.
#[must_use]
pub fn leads_on(label: &str) -> bool {
    let label = words(label);
    // "Continue reading our terms of service" is another matter.
    label.len() <= 4
        && DATA.next.iter().any(|phrase| {
            let phrase: Vec<&str> = phrase.split(' ').collect();
            label.windows(phrase.len()).any(|w| w.iter().zip(&phrase).all(|(a, b)| a == b))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_is_read_whole_and_folded() {
        let data = banners();
        assert!(data.selectors.len() > 25 && data.refuse.len() > 50 && data.next.len() > 10);
        for phrase in data.refuse.iter().chain(&data.about).chain(&data.close).chain(&data.agree).chain(&data.next) {
            assert_eq!(*phrase, words(phrase).join(" "), "not as texts are folded");
        }
        for css in &data.selectors {
            assert!(scraper::Selector::parse(css).is_ok(), "{css}");
        }
    }

    #[test]
    fn buttons_of_a_next_step_are_told_from_others() {
        for label in ["Weiter →", "Next", "AVANTI", "Étape suivante", "Nächster Schritt"] {
            assert!(leads_on(label), "{label}");
        }
        for label in ["Send", "Nachricht absenden", "", "Continue reading about what is next for us"] {
            assert!(!leads_on(label), "{label}");
        }
    }
}
