//! Who wrote this, and where? Taken out of a text, as far as it lets itself be, so that a rater judges
//! the answer and not the company.

use crate::intake::answer::is_phone_number;
use crate::lexicon::answer_words::{AnswerWords, Topic};
use crate::lexicon::pattern::Words;
use crate::model::study::{Company, Target};
use std::collections::BTreeSet;
use std::ops::Range;

/// Legal forms, which stand in a name and not in what people call the company.
const LEGAL_FORMS: [&str; 17] =
    ["srl", "spa", "sas", "snc", "gmbh", "ag", "kg", "ohg", "ltd", "plc", "inc", "llc", "sa", "sl", "sarl", "bv", "co"];

/// Shortest word by which a company is told, in letters.
const NAME_CHARS_MIN: usize = 4;

/// A text without who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// The text, with `[company]`, `[name]`, `[address]`, `[link]`, `[phone]` in the place of each.
    pub text: String,
    /// What still may tell: ways to write or call that the text speaks of.
    pub still_tells: BTreeSet<&'static str>,
}

/// What is taken out of the texts of one company.
#[derive(Debug)]
pub struct Mask {
    /// Its names, each as folded words in their order; the longest first.
    names: Vec<(Vec<String>, &'static str)>,
    /// Its hosts and handles, in lower case.
    addresses: Vec<String>,
}

impl Mask {
    /// For the texts of a company, and of the persons that signed them.
    pub fn of<'a>(company: &Company, signed: impl IntoIterator<Item = &'a str>) -> Self {
        let addresses: Vec<String> = company.contact_points.iter().filter_map(|p| address(&p.target)).collect();
        let mut names = vec![words_of(&company.name)];
        names.push(without_form(&names[0]));
        names.push(words_of(company.id.as_str()));
        for address in &addresses {
            let label = address.rsplit_once('.').map_or(address.as_str(), |(rest, _)| rest);
            let label = label.rsplit(['.', '@', '/']).next().unwrap_or(label);
            names.push(words_of(label));
        }
        let mut all: Vec<(Vec<String>, &'static str)> = names.into_iter().map(|name| (name, "[company]")).collect();
        all.extend(signed.into_iter().map(|name| (words_of(name), "[name]")));
        all.retain(|(name, _)| name.iter().map(|w| w.chars().count()).sum::<usize>() >= NAME_CHARS_MIN);
        all.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        Self { names: all, addresses }
    }

    /// The text without them.
    #[must_use]
    pub fn hide(&self, text: &str) -> Masked {
        let bare = without_addresses(text, &self.addresses);
        let words = Words::of(&bare);
        let mut hidden = String::with_capacity(bare.len());
        let (mut at, mut done) = (0, 0);
        while at < words.len() {
            match self.name_at(&words, at) {
                Some((span, to, placeholder)) => {
                    hidden.push_str(&bare[done..span.start]);
                    hidden.push_str(placeholder);
                    done = span.end;
                    at = to;
                }
                None => at += 1,
            }
        }
        hidden.push_str(&bare[done..]);
        let still_tells = ways(&hidden);
        Masked { text: hidden, still_tells }
    }

    /// A name that begins at a word: where it stands, the word after it, and what stands in for it.
    fn name_at(&self, words: &Words<'_>, at: usize) -> Option<(Range<usize>, usize, &'static str)> {
        let all = words.all();
        let fits = |name: &Vec<String>| {
            let here = all.get(at..at + name.len());
            here.is_some_and(|here| here.iter().zip(name).all(|(word, wanted)| word.folded == *wanted))
        };
        let (name, placeholder) = self.names.iter().find(|(name, _)| fits(name))?;
        let to = at + name.len();
        Some((all[at].at.start..all[to - 1].at.end, to, placeholder))
    }
}

fn words_of(name: &str) -> Vec<String> {
    Words::of(name).all().iter().map(|w| w.folded.clone()).collect()
}

/// "S.r.l." is three words of one letter.
fn without_form(name: &[String]) -> Vec<String> {
    let mut end = name.len();
    while end > 1 && (LEGAL_FORMS.contains(&name[end - 1].as_str()) || name[end - 1].chars().count() == 1) {
        end -= 1;
    }
    name[..end].to_vec()
}

fn address(target: &Target) -> Option<String> {
    let text = match target {
        Target::Email { address } => address.rsplit_once('@').map(|(_, host)| host.to_owned())?,
        Target::WebForm(form) => form.url.host_str()?.to_owned(),
        Target::Mastodon { handle, .. } => handle.split('@').next()?.to_owned(),
        Target::Assisted { handle, .. } => handle.clone(),
    };
    Some(text.to_lowercase().trim_start_matches("www.").to_owned())
}

/// The text without addresses, links and telephone numbers.
fn without_addresses(text: &str, known: &[String]) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let core = word.trim_matches(|c: char| {
            matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | ',' | ';' | ':' | '.' | '!' | '?')
        });
        let lower = core.to_lowercase();
        let of_company = known.iter().any(|address| address.contains('.') && lower.contains(address.as_str()));
        let placeholder = if core.len() > 2 && core.contains('@') {
            Some("[address]")
        } else if lower.contains("://") || lower.starts_with("www.") || of_company {
            Some("[link]")
        } else {
            None
        };
        match placeholder {
            Some(placeholder) => out.push_str(&piece.replacen(core, placeholder, 1)),
            None => out.push_str(piece),
        }
    }
    without_phones(&out)
}

/// A number that is dialled: it begins with `+` or `0`, and is no date.
fn without_phones(text: &str) -> String {
    let dialled = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '.' | '/' | '(' | ')' | '\u{a0}');
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(from) = rest.find(|c: char| c.is_ascii_digit() || c == '+') {
        let (before, run) = rest.split_at(from);
        out.push_str(before);
        let end = run.char_indices().skip(1).find(|(_, c)| !dialled(*c)).map_or(run.len(), |(at, _)| at);
        let number = run[..end].trim_end_matches(|c: char| !c.is_ascii_digit());
        let number = if number.is_empty() { &run[..1] } else { number };
        let begun = number.starts_with('+') || number.starts_with('0');
        let is_date = number.split(['/', '.', '-']).count() == 3 && number.len() <= 10 && !number.contains(' ');
        let joined = before.ends_with(char::is_alphanumeric);
        if begun && !joined && !is_date && is_phone_number(number) {
            out.push_str("[phone]");
        } else {
            out.push_str(number);
        }
        rest = &run[number.len()..];
    }
    out.push_str(rest);
    out
}

/// Ways to write or call that a text speaks of.
fn ways(text: &str) -> BTreeSet<&'static str> {
    let found = AnswerWords::get().find(&Words::of(text));
    let way = |topic: &Topic| match topic {
        Topic::To(name) if !matches!(*name, "other_company" | "web_page") => Some(*name),
        _ => None,
    };
    found.iter().filter_map(|(topic, _)| way(topic)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::channel::Channel;
    use crate::model::fixtures;

    fn company() -> Company {
        let mut company = fixtures::plan(&[Channel::Email], |_| ()).study.companies.remove(0);
        company.name = "Biscotti Alfa S.r.l.".to_owned();
        company.id = "biscotti-alfa".parse().unwrap();
        company.contact_points[0].target = Target::Email { address: "info@alfa.example".to_owned() };
        company
    }

    #[test]
    fn who_wrote_is_taken_out_and_what_was_said_stays() {
        let mask = Mask::of(&company(), ["Laura Bianchi"]);
        for (text, hidden) in [
            ("I frollini di Biscotti Alfa S.r.l. contengono latte.", "I frollini di [company]. contengono latte."),
            ("Alla ALFA pensiamo di sì", "Alla [company] pensiamo di sì"),
            ("Scriva a info@alfa.example, grazie", "Scriva a [address], grazie"),
            ("Vedi https://www.alfa.example/faq.", "Vedi [link]."),
            ("su alfa.example trova", "su [link] trova"),
            ("Chiami lo 02 1234567 oppure +39 02-123.4567.", "Chiami lo [phone] oppure [phone]."),
            ("Costa 480 euro, 1.200.000 pezzi dal 01/03/2026", "Costa 480 euro, 1.200.000 pezzi dal 01/03/2026"),
            ("Parola di Laura Bianchi", "Parola di [name]"),
            ("I biscotti sono buoni", "I biscotti sono buoni"),
        ] {
            assert_eq!(mask.hide(text).text, hidden);
        }
    }

    #[test]
    fn what_still_may_tell_is_said() {
        let masked = Mask::of(&company(), []).hide("Per e-mail non rispondiamo: usi il modulo.");
        assert_eq!(masked.still_tells.into_iter().collect::<Vec<_>>(), ["email", "web_form"]);
    }

    proptest::proptest! {
        /// Any text is masked, and the company's address never stays.
        #[test]
        fn any_text_is_masked(text in "(\\PC|\\n|[0-9+]{1,4}| info@alfa\\.example|Alfa){0,40}") {
            let masked = Mask::of(&company(), ["Ada"]).hide(&text).text;
            proptest::prop_assert!(!masked.to_lowercase().contains("@alfa.example"), "{}", masked);
        }
    }
}
