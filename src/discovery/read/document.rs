//! A page as a tree, and what a person reads on it, line by line.

use crate::forms::nesting::within_reason;
use scraper::{ElementRef, Html, Node, Selector};
use std::collections::{HashMap, HashSet};
use url::Url;

/// Most bytes of text that are taken from a page.
const TEXT_BYTES_MAX: usize = 400_000;

/// Most rules of a page's own style sheets that are looked at.
const RULES_MAX: usize = 500;

/// How far up an element's ancestors are looked at.
const DEPTH_MAX: usize = 64;

/// A parsed page.
pub(super) struct Document {
    html: Html,
    /// What relative addresses start from.
    pub(super) base: Url,
}

/// What a text inherits from the elements around it.
#[derive(Debug, Clone, Copy, Default)]
struct Around {
    /// Not read by a person.
    silent: bool,
    /// Written from right to left by a style.
    reversed: bool,
    /// Number of the block it stands in.
    block: usize,
}

impl Document {
    /// Reads a page that came from `url`.
    pub(super) fn parse(html: &str, url: &Url) -> Self {
        let html = Html::parse_document(within_reason(html).html);
        let base = of_tag(&html, "base").find_map(|base| url.join(base.attr("href")?.trim()).ok());
        let base = base.filter(|base| matches!(base.scheme(), "http" | "https")).unwrap_or_else(|| url.clone());
        Self { html, base }
    }

    /// The elements of that tag name, in document order.
    pub(super) fn elements(&self, tag: &'static str) -> impl Iterator<Item = ElementRef<'_>> {
        of_tag(&self.html, tag)
    }

    /// All elements, in document order.
    pub(super) fn all(&self) -> impl Iterator<Item = ElementRef<'_>> {
        self.html.root_element().descendent_elements()
    }

    /// The content of a `<meta>` by its `name` or `property`.
    pub(super) fn meta(&self, name: &str) -> Option<&str> {
        let named = |e: &ElementRef| {
            [e.attr("name"), e.attr("property")].into_iter().flatten().any(|known| known.eq_ignore_ascii_case(name))
        };
        self.elements("meta").find(named)?.attr("content").map(str::trim).filter(|content| !content.is_empty())
    }

    /// The page's language, by two letters.
    pub(super) fn language(&self) -> Option<String> {
        let told = self.html.root_element().attr("lang").or_else(|| self.meta("og:locale"))?;
        let code: String = told.trim().chars().take_while(char::is_ascii_alphabetic).collect();
        (code.len() == 2).then(|| code.to_ascii_lowercase())
    }

    /// What the page's head calls the site.
    pub(super) fn site_name(&self) -> Option<String> {
        let named = self.meta("og:site_name").or_else(|| self.meta("application-name")).map(str::to_owned);
        named.or_else(|| {
            let title: String = self.elements("title").next()?.text().collect();
            // "Contatti | Rossi Biscotti": the shortest part is seldom the company, the last one often.
            let mut parts: Vec<&str> = vec![&title];
            for between in [" | ", " – ", " — ", " - ", " · ", " » "] {
                parts = parts.into_iter().flat_map(|part| part.split(between)).collect();
            }
            parts.last().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty())
        })
    }

    /// What a person reads, a line for each block. What a style turns around is turned back.
    pub(super) fn lines(&self) -> Vec<String> {
        let turning = self.turning();
        let reversed: HashSet<_> = turning.iter().flat_map(|s| self.html.select(s)).map(|e| e.id()).collect();
        let mut around = HashMap::new();
        let mut lines = vec![String::new()];
        let (mut blocks, mut current, mut bytes) = (0, 0, 0);
        for node in self.html.tree.root().descendants() {
            let above: Around = node.parent().and_then(|p| around.get(&p.id()).copied()).unwrap_or_default();
            match node.value() {
                Node::Element(element) => {
                    let mut own = above;
                    let name = element.name();
                    own.silent |=
                        is_silent(name) || element.attr("hidden").is_some() || is_hidden(element.attr("style"));
                    own.reversed |= reversed.contains(&node.id()) || is_reversing(element.attr("style"));
                    if is_block(name) {
                        blocks += 1;
                        own.block = blocks;
                    }
                    if name == "br" {
                        lines.push(String::new());
                    }
                    around.insert(node.id(), own);
                }
                Node::Text(text) if !above.silent => {
                    if above.block != current {
                        current = above.block;
                        lines.push(String::new());
                    }
                    bytes += text.len();
                    if bytes > TEXT_BYTES_MAX {
                        break;
                    }
                    let Some(line) = lines.last_mut() else { break };
                    if above.reversed { line.extend(text.chars().rev()) } else { line.push_str(text) }
                }
                _ => {}
            }
        }
        let folded = lines.iter().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        folded.filter(|line| !line.is_empty()).collect()
    }

    /// What a style sheet of the page writes from right to left.
    fn turning(&self) -> Vec<Selector> {
        let sheets: String = self.elements("style").flat_map(|e| e.text()).collect();
        let rules = sheets.split('}').filter_map(|rule| rule.split_once('{')).take(RULES_MAX);
        let turning = rules.filter(|(_, body)| is_reversing(Some(body)));
        turning.filter_map(|(selector, _)| Selector::parse(selector.trim()).ok()).collect()
    }
}

fn of_tag<'a>(html: &'a Html, tag: &'static str) -> impl Iterator<Item = ElementRef<'a>> {
    html.root_element().descendent_elements().filter(move |e| e.value().name() == tag)
}

/// The elements around one, from the nearest.
pub(super) fn above(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    element.ancestors().take(DEPTH_MAX).filter_map(ElementRef::wrap)
}

/// The words of an element, at most so many characters.
pub(super) fn words(element: ElementRef<'_>, chars_max: usize) -> String {
    let mut words = String::new();
    for word in element.text().flat_map(str::split_whitespace) {
        if words.len() > chars_max * 4 {
            break;
        }
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words.chars().take(chars_max).collect()
}

fn is_reversing(style: Option<&str>) -> bool {
    style.is_some_and(|style| {
        let style: String = style.to_ascii_lowercase().split_whitespace().collect();
        style.contains("bidi-override") && style.contains("direction:rtl")
    })
}

fn is_hidden(style: Option<&str>) -> bool {
    style.is_some_and(|style| {
        let style: String = style.to_ascii_lowercase().split_whitespace().collect();
        style.contains("display:none")
    })
}

fn is_silent(tag: &str) -> bool {
    matches!(tag, "script" | "style" | "template" | "noscript" | "head" | "select" | "textarea" | "svg")
}

/// Elements that begin a new line.
fn is_block(tag: &str) -> bool {
    !matches!(
        tag,
        "a" | "abbr"
            | "b"
            | "bdi"
            | "bdo"
            | "code"
            | "em"
            | "font"
            | "i"
            | "img"
            | "label"
            | "mark"
            | "q"
            | "s"
            | "small"
            | "span"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "wbr"
            | "br"
            | "var"
            | "kbd"
            | "data"
    )
}
