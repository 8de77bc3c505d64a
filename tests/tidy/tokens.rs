//! Which paths, macros and method calls does a source file contain, and where?
//!
//! Works on tokens, so comments and texts never count, and the insides of macros always do.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::path::{Component, Path};

/// A name that a source file uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// `a::b::c`, from the crate's root where it starts there; `name!` for a macro, `.name` for a method or field.
    pub(crate) text: String,
    /// Whether it starts at this crate's root, written so or by `self` and `super`.
    pub(crate) own: bool,
    /// Its line, from 1.
    pub(crate) line: usize,
    /// Whether it stands under `#[cfg(test)]`.
    pub(crate) in_test: bool,
}

impl Name {
    /// The module that this `#[cfg(test)] mod name;` declares: a file of tests.
    pub(crate) fn test_module(&self) -> Option<&str> {
        self.text.strip_prefix(TEST_MODULE)
    }
}

const TEST_MODULE: &str = "#[cfg(test)] mod ";

/// Reads the file at `path`, relative to `src/`.
///
/// # Panics
/// When the text is no Rust.
pub(crate) fn names(path: &Path, text: &str) -> Vec<Name> {
    let tokens: TokenStream = text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut reader = Reader { module: module_of(path), in_test: false, names: Vec::new() };
    reader.read(tokens);
    reader.names
}

/// The module that a file is: `a/b.rs` and `a/b/mod.rs` are `a::b`; `lib.rs` and `main.rs` are the root.
pub(crate) fn module_of(path: &Path) -> Vec<String> {
    let parts = path.with_extension("");
    let parts = parts.components().filter_map(|c| match c {
        Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
        _ => None,
    });
    parts.filter(|name| !["mod", "lib", "main"].contains(&name.as_str())).collect()
}

struct Reader {
    module: Vec<String>,
    in_test: bool,
    names: Vec<Name>,
}

impl Reader {
    fn read(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        // Set by `#[cfg(test)]` until the item it stands before has ended.
        let mut test_item = false;
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            match token {
                TokenTree::Ident(word) if *word == "mod" && is_ident(tokens.get(at + 1)) => {
                    if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
                        self.module.push(tokens[at + 1].to_string());
                        self.read_item(body.stream(), test_item);
                        self.module.pop();
                    } else if test_item || self.in_test {
                        let module = [self.module.as_slice(), &[tokens[at + 1].to_string()]].concat();
                        let text = format!("{TEST_MODULE}{}", module.join("::"));
                        let line = token.span().start().line;
                        self.names.push(Name { text, own: false, line, in_test: true });
                    }
                    test_item = false;
                    at += 3;
                }
                TokenTree::Ident(_) => {
                    let after_dot = at > 0 && is_punct(tokens.get(at - 1), '.') && !is_range(&tokens, at);
                    at = self.path(&tokens, at, &[], after_dot);
                }
                TokenTree::Group(group) => {
                    test_item |= is_cfg_test(group);
                    self.read_item(group.stream(), test_item);
                    test_item &= group.delimiter() != Delimiter::Brace;
                    at += 1;
                }
                TokenTree::Punct(mark) => {
                    test_item &= mark.as_char() != ';';
                    at += 1;
                }
                TokenTree::Literal(_) => at += 1,
            }
        }
    }

    fn read_item(&mut self, body: TokenStream, test_item: bool) {
        let before = self.in_test;
        self.in_test |= test_item;
        self.read(body);
        self.in_test = before;
    }

    /// Reads the path that starts at `at`, and returns where it ends. `use a::{b, c}` is two names.
    fn path(&mut self, tokens: &[TokenTree], mut at: usize, prefix: &[String], after_dot: bool) -> usize {
        let mut segments = prefix.to_vec();
        let line = tokens[at].span().start().line;
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(word)) => segments.push(word.to_string()),
                Some(TokenTree::Punct(star)) if star.as_char() == '*' => segments.push("*".to_owned()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let group: Vec<TokenTree> = group.stream().into_iter().collect();
                    for part in group.split(|token| is_punct(Some(token), ',')).filter(|part| !part.is_empty()) {
                        self.path(part, 0, &segments, false);
                    }
                    return at + 1;
                }
                _ => break,
            }
            at += 1;
            if !(is_punct(tokens.get(at), ':') && is_punct(tokens.get(at + 1), ':')) {
                break;
            }
            at += 2;
        }
        let called = is_punct(tokens.get(at), '!') && matches!(tokens.get(at + 1), Some(TokenTree::Group(_)));
        self.push(&segments, line, after_dot, called);
        at
    }

    fn push(&mut self, segments: &[String], line: usize, after_dot: bool, called: bool) {
        let absolute = self.absolute(segments);
        let own = absolute.is_some();
        let mut text = absolute.unwrap_or_else(|| segments.to_vec()).join("::");
        if after_dot {
            text.insert(0, '.');
        }
        if called {
            text.push('!');
        }
        self.names.push(Name { text, own, line, in_test: self.in_test });
    }

    /// The path from the crate's root, where it leads there.
    fn absolute(&self, segments: &[String]) -> Option<Vec<String>> {
        let mut base = match segments.first()?.as_str() {
            "crate" | "risposta" if segments.len() > 1 => return Some(segments[1..].to_vec()),
            "self" | "super" if segments.len() > 1 => self.module.clone(),
            _ => return None,
        };
        let mut rest = segments;
        while let Some((first, after)) = rest.split_first() {
            match first.as_str() {
                "self" => {}
                "super" => drop(base.pop()),
                _ => break,
            }
            rest = after;
        }
        base.extend_from_slice(rest);
        Some(base)
    }
}

fn is_ident(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Ident(_)))
}

fn is_punct(token: Option<&TokenTree>, mark: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == mark)
}

/// `a..b`: two dots before the word.
fn is_range(tokens: &[TokenTree], at: usize) -> bool {
    at > 1 && is_punct(tokens.get(at - 2), '.')
}

fn is_cfg_test(group: &proc_macro2::Group) -> bool {
    group.delimiter() == Delimiter::Bracket && group.stream().to_string().replace(' ', "") == "cfg(test)"
}

#[test]
fn the_reader_sees_through_groups_modules_and_macros_and_not_into_comments() {
    let text = r#"
        //! crate::commented
        use crate::{model::{ids::StudyId, time}, net::*};
        pub(crate) fn f() { log!("crate::quoted", super::super::cli::out()); x.unwrap(); }
        #[cfg(test)]
        mod tests {
            use super::*;
            const C: u8 = self::y + super::super::super::stats::Z;
        }
        fn g() { println!("later") }
        #[cfg(test)]
        mod slow;
    "#;
    let names = names(Path::new("wave/pace.rs"), text);
    let seen = |own: bool| -> Vec<(&str, usize, bool)> {
        let wanted = |n: &&Name| n.own == own && (own || n.text.contains(['.', '!', '#']));
        names.iter().filter(wanted).map(|n| (n.text.as_str(), n.line, n.in_test)).collect()
    };
    assert_eq!(
        seen(true),
        [
            ("model::ids::StudyId", 3, false),
            ("model::time", 3, false),
            ("net::*", 3, false),
            ("cli::out", 4, false),
            ("wave::pace::*", 7, true),
            ("wave::pace::tests::y", 8, true),
            ("stats::Z", 8, true),
        ]
    );
    assert_eq!(
        seen(false),
        [
            ("log!", 4, false),
            (".unwrap", 4, false),
            ("println!", 10, false),
            ("#[cfg(test)] mod wave::pace::slow", 12, true)
        ]
    );
    assert_eq!(names.iter().filter_map(Name::test_module).collect::<Vec<_>>(), ["wave::pace::slow"]);
}
