//! What of the evidence is secret? Session cookies and tokens are masked wherever they stand; what was
//! written by us and said by the site stays as it was.

use crate::channels::Evidence;
use crate::forms::page::{Form, Kind};
use crate::lexicon::form_words::words;
use aho_corasick::AhoCorasick;
use std::collections::BTreeSet;

/// What stands in place of a secret.
const MASK: &[u8] = b"[masked]";

/// Fewest bytes of a secret: what is shorter stands in every page by chance.
const BYTES_MIN: usize = 6;

/// Pieces of names whose values are secret.
const PIECES: [&str; 12] = [
    "csrf",
    "xsrf",
    "token",
    "nonce",
    "authenticity",
    "session",
    "sessid",
    "passw",
    "secret",
    "signature",
    "formkey",
    "formbuildid",
];

/// Whole words of such names.
const NAMES: [&str; 5] = ["sid", "auth", "jwt", "key", "pwd"];

/// The secrets that were met on one visit.
#[derive(Debug, Clone, Default)]
pub(super) struct Secrets(BTreeSet<Vec<u8>>);

impl Secrets {
    /// Takes in the secrets of a form's hidden fields.
    pub(super) fn learn_form(&mut self, form: &Form) {
        let hidden = form.fields.iter().filter(|f| matches!(f.kind, Kind::Hidden | Kind::Password));
        for field in hidden.filter(|f| is_secret(&f.name)) {
            self.learn(&field.value);
        }
    }

    /// Takes in a cookie, `name=value; …`.
    pub(super) fn learn_cookie(&mut self, cookie: &str) {
        let pair = cookie.split(';').next().unwrap_or_default();
        if let Some((name, value)) = pair.split_once('=')
            && (is_secret(name) || value.len() >= 16 || cookie.to_ascii_lowercase().contains("httponly"))
        {
            self.learn(value.trim().trim_matches('"'));
        }
    }

    fn learn(&mut self, value: &str) {
        if value.len() < BYTES_MIN {
            return;
        }
        let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let escaped = value.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;");
        for form in [value.to_owned(), encoded, escaped] {
            self.0.insert(form.into_bytes());
        }
    }

    /// The same evidence without them.
    pub(super) fn masked(&self, evidence: Vec<Evidence>) -> Vec<Evidence> {
        // Without patterns there is nothing to build; too many of them would be no visit's.
        let longest_first = |secrets: &BTreeSet<Vec<u8>>| {
            let mut all: Vec<Vec<u8>> = secrets.iter().cloned().collect();
            all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
            AhoCorasick::builder().match_kind(aho_corasick::MatchKind::LeftmostFirst).build(all).ok()
        };
        let Some(finder) = longest_first(&self.0).filter(|_| !self.0.is_empty()) else { return evidence };
        let masks = vec![MASK; finder.patterns_len()];
        let mask = |e: Evidence| Evidence { label: e.label, bytes: finder.replace_all_bytes(&e.bytes, &masks) };
        evidence.into_iter().map(mask).collect()
    }
}

fn is_secret(name: &str) -> bool {
    let plain: String = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    PIECES.iter().any(|piece| plain.contains(piece)) || words(name).iter().any(|w| NAMES.contains(&w.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::page::Page;

    #[test]
    fn tokens_and_session_cookies_are_masked_wherever_they_stand() {
        let html = "<form><input type=hidden name=csrf_token value='a+b/c=12345'><input type=hidden name=lang value=italian>\
            <input type=hidden name=_wpnonce value=0f9e8d7c6b><textarea name=m></textarea></form>";
        let form = Page::parse(html, &"https://a.example/".parse().unwrap()).forms.remove(0);
        let mut secrets = Secrets::default();
        secrets.learn_form(&form);
        secrets.learn_cookie("sid=geheim-4711; Path=/; HttpOnly");
        secrets.learn_cookie("theme=darkest; Path=/");
        let evidence = |text: &str| vec![Evidence { label: "page", bytes: text.as_bytes().to_vec() }];
        let masked = |text: &str| String::from_utf8(secrets.masked(evidence(text)).remove(0).bytes).unwrap();
        assert_eq!(masked("csrf_token=a%2Bb%2Fc%3D12345&m=0"), "csrf_token=[masked]&m=0");
        assert_eq!(masked("value='a+b/c=12345' 0f9e8d7c6b"), "value='[masked]' [masked]");
        assert_eq!(masked("set-cookie: sid=geheim-4711; Path=/"), "set-cookie: sid=[masked]; Path=/");
        assert_eq!(masked("italian darkest"), "italian darkest");
        assert_eq!(Secrets::default().masked(evidence("x")), evidence("x"));
    }
}
