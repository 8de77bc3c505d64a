//! Which e-mail addresses are written so that robots miss them? `name [at] domain dot it`, entities
//! (which the parser has read already), Cloudflare's `data-cfemail`, text that a style turns around.

use crate::lexicon::site_words::{SiteConcept, Words};

/// Longest mark in brackets, in bytes: `(chiocciola)`.
const MARK_BYTES_MAX: usize = 16;

/// Most labels of a domain.
const LABELS_MAX: usize = 6;

/// A word of a line, or what stands for `@` or `.`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// In brackets, or the sign itself: nobody writes it so but for an address.
    At,
    Dot,
}

/// What Cloudflare writes in place of an address: the first byte is the key of the others.
pub(super) fn cloudflare(hex: &str) -> Option<String> {
    let bytes = hex::decode(hex.trim()).ok()?;
    let (key, rest) = bytes.split_first()?;
    String::from_utf8(rest.iter().map(|byte| byte ^ key).collect()).ok()
}

/// Addresses that a line spells out.
pub(super) fn spelled_out(line: &str) -> Vec<String> {
    let may = line.contains(['[', '(', '{', '<', '@']) || SiteConcept::Dot.is_in(&Words::of(line));
    if !may || line.len() > 10_000 {
        return Vec::new();
    }
    let tokens = tokens(line);
    let found = (1..tokens.len()).filter_map(|at| address(&tokens, at));
    found.collect()
}

fn address(tokens: &[Token], at: usize) -> Option<String> {
    let sure = tokens[at] == Token::At;
    let says = |token: &Token, concept: SiteConcept| matches!(token, Token::Word(word) if concept.is_in(&Words::of(word)) && word.chars().all(char::is_alphabetic));
    if !sure && !says(&tokens[at], SiteConcept::At) {
        return None;
    }
    let mut local = word(tokens.get(at - 1)?)?.to_owned();
    let mut start = at - 1;
    // "mario [dot] rossi [at] …"; plain "dot" only where "at" is sure.
    while start >= 2 && (tokens[start - 1] == Token::Dot || (sure && says(&tokens[start - 1], SiteConcept::Dot))) {
        let Some(before) = word(&tokens[start - 2]) else { break };
        local = format!("{before}.{local}");
        start -= 2;
    }
    let mut domain = word(tokens.get(at + 1)?)?.trim_end_matches('.').to_owned();
    let mut end = at + 1;
    let mut spelled = false;
    while tokens.len() > end + 2 && domain.matches('.').count() < LABELS_MAX {
        if tokens[end + 1] != Token::Dot && !says(&tokens[end + 1], SiteConcept::Dot) {
            break;
        }
        let Some(label) = word(&tokens[end + 2]) else { break };
        domain = format!("{domain}.{label}");
        spelled = true;
        end += 2;
    }
    // "Meet us at example.com" is no address; "us at example dot com" is.
    (sure || spelled).then(|| format!("{local}@{domain}"))
}

fn word(token: &Token) -> Option<&str> {
    match token {
        Token::Word(word) => {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !"_-.+".contains(c)).trim_end_matches('.');
            let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "._-+".contains(c));
            (!word.is_empty() && plain).then_some(word)
        }
        Token::At | Token::Dot => None,
    }
}

fn tokens(line: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut word = String::new();
    let mut rest = line;
    let push = |word: &mut String, tokens: &mut Vec<Token>| {
        if !word.is_empty() {
            tokens.push(Token::Word(std::mem::take(word)));
        }
    };
    while let Some(c) = rest.chars().next() {
        if let Some((mark, behind)) = marked(rest) {
            push(&mut word, &mut tokens);
            tokens.push(mark);
            rest = behind;
            continue;
        }
        rest = &rest[c.len_utf8()..];
        let alone = word.is_empty() && rest.starts_with(char::is_whitespace);
        if c.is_whitespace() {
            push(&mut word, &mut tokens);
        } else if alone && (c == '@' || c == '.') {
            tokens.push(if c == '@' { Token::At } else { Token::Dot });
        } else {
            word.push(c);
        }
    }
    push(&mut word, &mut tokens);
    tokens
}

/// `[at]`, `( dot )`, `{@}` at the start of a text, and what follows.
fn marked(text: &str) -> Option<(Token, &str)> {
    let (open, close) =
        [('[', ']'), ('(', ')'), ('{', '}'), ('<', '>')].into_iter().find(|(o, _)| text.starts_with(*o))?;
    let inside = &text[open.len_utf8()..];
    let end = inside.find(close).filter(|end| *end <= MARK_BYTES_MAX)?;
    let said = inside[..end].trim().trim_matches(['-', '_', '*']);
    let behind = &inside[end + close.len_utf8()..];
    let words = Words::of(said);
    let one = said.chars().all(char::is_alphabetic) && !said.is_empty();
    match said {
        "@" => Some((Token::At, behind)),
        "." => Some((Token::Dot, behind)),
        _ if one && SiteConcept::At.is_in(&words) => Some((Token::At, behind)),
        _ if one && SiteConcept::Dot.is_in(&words) => Some((Token::Dot, behind)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_read_as_an_address_is_one() {
        for (line, address) in [
            ("Scrivi a info [at] rossi [dot] it", "info@rossi.it"),
            ("mario(punto)rossi(chiocciola)ditta.it, grazie", "mario.rossi@ditta.it"),
            ("kontakt (ät) mueller . de", "kontakt@mueller.de"),
            ("service {at} mueller.de", "service@mueller.de"),
            ("orders at alder dot co dot uk", "orders@alder.co.uk"),
            ("name [at] domain dot it", "name@domain.it"),
            ("info @ ditta.it", "info@ditta.it"),
            ("contact [arobase] dupont [point] fr", "contact@dupont.fr"),
            ("hola(@)perez.es", "hola@perez.es"),
        ] {
            assert_eq!(spelled_out(line), [address], "{line}");
        }
        for line in ["Meet us at example.com", "We met at the dot", "(at least 3)", "[at]", "at dot", "a [at]", ""] {
            assert_eq!(spelled_out(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn cloudflares_cipher_is_read_and_nonsense_is_not() {
        assert_eq!(cloudflare("422b2c242d02302d31312b6c2b36").as_deref(), Some("info@rossi.it"));
        for wrong in ["", "4", "zz", "42ff"] {
            assert_ne!(cloudflare(wrong).as_deref().map(|a| a.contains('@')), Some(true), "{wrong}");
        }
    }
}
