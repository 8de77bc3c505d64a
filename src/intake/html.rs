//! What an HTML body says as plain text.
//!
//! One pass, no tree: a hostile page costs no more than its bytes. Nothing is fetched, scripts and
//! styles are dropped, quotations become lines that start with `> `, and what mail programs mark as
//! the message below stands between [`QUOTE_OPENS`] and [`QUOTE_CLOSES`].

use super::lines::{self, QUOTE_CLOSES, QUOTE_OPENS};

/// Longest text that is made of one page, in bytes.
const TEXT_BYTES_MAX: usize = 1024 * 1024;
/// Deepest quotation that is marked.
const QUOTE_DEPTH_MAX: usize = 8;

/// Most open elements of one kind that are remembered.
const OPEN_MAX: usize = 500;
/// Classes and ids by which mail programs mark an element that holds what they quote.
const QUOTE_MARKS: [&str; 20] = [
    "gmail_quote",
    "yahoo_quoted",
    "protonmail_quote",
    "zmail_extra",
    "moz-cite-prefix",
    "moz-forward-container",
    "tutanota_quote",
    "olk_src_body_section",
    "mail-editor-reference-message-container",
    "isreplycontent",
    "isforwardcontent",
    "ntes-mailmaster-quote",
    "qmquote",
    "forwarded-message",
    "__quoted_text__",
    "__headers__",
    "reply-quote",
    "replied-message",
    "mail_quote",
    "front-blockquote",
];
/// What names an element without telling what it holds: programs put it before their marks.
const NAME_PREFIXES: [&str; 2] = ["x_", "ydp"];
/// Ids of what stands above a quotation that goes on to the end of the page.
const REST_MARKS: [&str; 6] =
    ["divrplyfwdmsg", "appendonsend", "stopspelling", "replysplit", "outlookmessageheader", "zwchr"];

/// The text of a page.
#[must_use]
pub(super) fn to_text(html: &str) -> String {
    let mut page = Page::default();
    let mut rest = html;
    while !rest.is_empty() && page.out.len() < TEXT_BYTES_MAX {
        match rest.find('<') {
            None => {
                page.text(rest);
                break;
            }
            Some(at) => {
                page.text(&rest[..at]);
                rest = page.markup(&rest[at..]);
            }
        }
    }
    lines::spaced(page.out.lines())
}

#[derive(Default)]
struct Page {
    out: String,
    quotes: usize,
    /// What the open blockquotes are.
    blockquotes: Vec<Blockquote>,
    /// Of the open divisions, which hold what a mail program quotes.
    divisions: Vec<bool>,
    /// Whether white space is shown as written.
    pre: usize,
    /// A space is due before the next word.
    space: bool,
    /// Elements that are known not to end: looking for the end once is enough, or a page full of
    /// them would take for ever.
    endless: Vec<String>,
}

impl Page {
    /// Takes in markup at the start of `rest`; returns what follows it.
    fn markup<'a>(&mut self, rest: &'a str) -> &'a str {
        if let Some(comment) = rest.strip_prefix("<!--") {
            return self.skip(comment, "--", |c| c.split_once("-->").map(|(_, after)| after));
        }
        let inner = &rest[1..];
        if !inner.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
            self.text("<");
            return inner;
        }
        let (tag, after) = inner.split_once('>').unwrap_or((inner, ""));
        let closing = tag.starts_with('/');
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .take(12)
            .map(|c| c.to_ascii_lowercase())
            .collect();
        match name.as_str() {
            "script" | "style" | "head" | "title" | "noscript" | "template" | "svg" if !closing => {
                return self.skip(after, &name, |a| past_end_tag(a, &name));
            }
            "blockquote" => self.blockquote(tag, closing),
            "pre" => {
                self.newline();
                self.pre = if closing { self.pre.saturating_sub(1) } else { self.pre + 1 };
            }
            "br" => self.line_break(),
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "table" => {
                self.newline();
                if !closing {
                    self.paragraph();
                }
            }
            "div" => self.division(tag, closing),
            "tr" | "section" | "article" | "header" | "footer" | "dt" | "dd" | "address" | "form" | "fieldset" => {
                self.newline();
            }
            "li" => {
                self.newline();
                if !closing {
                    self.word("- ");
                }
            }
            "td" | "th" => self.space = true,
            "hr" => {
                self.newline();
                if is_marked(tag, &REST_MARKS) {
                    self.mark(QUOTE_OPENS);
                }
                self.word("________________________________");
                self.newline();
            }
            _ => {}
        }
        after
    }

    fn blockquote(&mut self, tag: &str, closing: bool) {
        self.newline();
        if closing {
            match self.blockquotes.pop() {
                Some(Blockquote::Indents) => {}
                Some(Blockquote::Quotes) | None => self.quotes = self.quotes.saturating_sub(1),
                Some(Blockquote::Replied) => {
                    self.quotes = self.quotes.saturating_sub(1);
                    self.mark(QUOTE_CLOSES);
                }
            }
        } else if self.blockquotes.len() < OPEN_MAX {
            let kind = Blockquote::of(tag);
            if kind == Blockquote::Replied {
                self.mark(QUOTE_OPENS);
            }
            self.quotes += usize::from(kind != Blockquote::Indents);
            self.blockquotes.push(kind);
        }
    }

    fn division(&mut self, tag: &str, closing: bool) {
        self.newline();
        if closing {
            if self.divisions.pop() == Some(true) {
                self.mark(QUOTE_CLOSES);
            }
            return;
        }
        let holds = is_marked(tag, &QUOTE_MARKS);
        let within = self.divisions.contains(&true);
        if holds || (!within && (is_marked(tag, &REST_MARKS) || is_outlook_border(tag))) {
            self.mark(QUOTE_OPENS);
        }
        if self.divisions.len() < OPEN_MAX {
            self.divisions.push(holds);
        }
    }

    /// A line of its own that no reader sees.
    fn mark(&mut self, mark: &str) {
        self.out.push_str(mark);
        self.out.push('\n');
    }

    /// What follows an element that shows nothing. One that never ends hides nothing: better markup
    /// in the text than words lost.
    fn skip<'a>(&mut self, rest: &'a str, name: &str, past: impl Fn(&'a str) -> Option<&'a str>) -> &'a str {
        if self.endless.iter().any(|n| n == name) {
            return rest;
        }
        past(rest).unwrap_or_else(|| {
            self.endless.push(name.to_owned());
            rest
        })
    }

    fn text(&mut self, raw: &str) {
        let mut rest = raw;
        while let Some(c) = rest.chars().next() {
            let (shown, len) = if c == '&' { entity(rest) } else { (c, c.len_utf8()) };
            rest = &rest[len..];
            if self.pre > 0 && shown == '\n' {
                self.line_break();
            } else if self.pre > 0 && shown == ' ' {
                self.word(" ");
            } else if shown.is_whitespace() {
                self.space = true;
            } else if !matches!(shown, '\u{200b}' | '\u{ad}' | '\u{feff}' | '\u{fdd0}' | '\u{fdd1}') {
                let mut buffer = [0; 4];
                self.word(shown.encode_utf8(&mut buffer));
            }
        }
    }

    fn word(&mut self, word: &str) {
        if self.at_line_start() {
            if self.out.is_empty() || self.out.ends_with('\n') {
                for _ in 0..self.quotes.min(QUOTE_DEPTH_MAX) {
                    self.out.push_str("> ");
                }
            }
        } else if self.space {
            self.out.push(' ');
        }
        self.space = false;
        self.out.push_str(word);
    }

    fn at_line_start(&self) -> bool {
        self.out.is_empty() || self.out.ends_with('\n')
    }

    fn newline(&mut self) {
        self.space = false;
        if !self.at_line_start() {
            self.out.push('\n');
        }
    }

    fn line_break(&mut self) {
        self.space = false;
        if self.at_line_start() && self.quotes > 0 {
            self.out.push('>');
        }
        self.out.push('\n');
    }

    fn paragraph(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") && self.quotes == 0 {
            self.out.push('\n');
        }
    }
}

/// What a blockquote is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blockquote {
    /// It indents a paragraph.
    Indents,
    /// It quotes something.
    Quotes,
    /// A mail program put the message into it that is answered.
    Replied,
}

impl Blockquote {
    fn of(tag: &str) -> Self {
        if only_indents(tag) {
            Self::Indents
        } else if is_marked(tag, &QUOTE_MARKS) || is_cited(tag) {
            Self::Replied
        } else {
            Self::Quotes
        }
    }
}

/// Whether a tag's class, id or the like is one of the marks.
fn is_marked(tag: &str, marks: &[&str]) -> bool {
    if !tag.contains('=') {
        return false;
    }
    let tag = lines::start_of(tag, 2_000).to_ascii_lowercase();
    ["class=", "id=", "data-marker="].iter().any(|name| {
        let value = tag.split_once(name).map_or("", |(_, after)| after);
        let value = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
            _ => value.split_whitespace().next().unwrap_or_default(),
        };
        let mut words = value.split_whitespace();
        words.any(|word| {
            let rewritten = NAME_PREFIXES.iter().any(|prefix| word.starts_with(prefix));
            marks.iter().any(|m| word.starts_with(m) || (rewritten && word.contains(m)))
        })
    })
}

/// The division by which Outlook draws a line above the header of what it quotes.
fn is_outlook_border(tag: &str) -> bool {
    let tag: String = lines::start_of(tag, 500).chars().filter(|c| !c.is_whitespace()).collect();
    let tag = tag.to_ascii_lowercase();
    tag.contains("border:none;border-top:solid")
}

/// `type="cite"`, as Apple's and Mozilla's programs mark what is answered.
fn is_cited(tag: &str) -> bool {
    let tag = lines::start_of(tag, 500).to_ascii_lowercase();
    ["type=\"cite\"", "type='cite'", "type=cite"].iter().any(|mark| tag.contains(mark))
}

/// A blockquote without a border, as Gmail and others indent a paragraph.
fn only_indents(tag: &str) -> bool {
    let tag: String = lines::start_of(tag, 500).chars().filter(|c| !c.is_whitespace()).collect();
    let tag = tag.to_ascii_lowercase();
    tag.contains("border:none") && !tag.contains("cite") && !tag.contains("quote\"") && !tag.contains("gmail_quote")
}

/// What follows the end tag of `name`.
fn past_end_tag<'a>(rest: &'a str, name: &str) -> Option<&'a str> {
    let mut from = rest;
    while let Some(at) = from.find("</") {
        let tag = &from[at + 2..];
        if tag.get(..name.len()).is_some_and(|t| t.eq_ignore_ascii_case(name)) {
            return Some(tag.split_once('>').map_or("", |(_, after)| after));
        }
        from = tag;
    }
    None
}

/// The character an entity stands for, and the bytes it takes.
fn entity(text: &str) -> (char, usize) {
    let literal = ('&', 1);
    let Some(end) = text.bytes().take(12).position(|b| b == b';') else { return literal };
    let name = &text[1..end];
    let code = name.strip_prefix('#').and_then(|n| match n.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => n.parse().ok(),
    });
    let found = code.and_then(char::from_u32).or_else(|| NAMED.iter().find(|(n, _)| *n == name).map(|(_, c)| *c));
    match found {
        Some('\u{a0}') => (' ', end + 1),
        Some(c) => (c, end + 1),
        None => literal,
    }
}

/// The entities that mail programs write.
const NAMED: [(&str, char); 59] = [
    ("nbsp", ' '),
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("agrave", 'à'),
    ("aacute", 'á'),
    ("acirc", 'â'),
    ("atilde", 'ã'),
    ("auml", 'ä'),
    ("aring", 'å'),
    ("aelig", 'æ'),
    ("ccedil", 'ç'),
    ("egrave", 'è'),
    ("eacute", 'é'),
    ("ecirc", 'ê'),
    ("euml", 'ë'),
    ("igrave", 'ì'),
    ("iacute", 'í'),
    ("icirc", 'î'),
    ("iuml", 'ï'),
    ("ntilde", 'ñ'),
    ("ograve", 'ò'),
    ("oacute", 'ó'),
    ("ocirc", 'ô'),
    ("otilde", 'õ'),
    ("ouml", 'ö'),
    ("oslash", 'ø'),
    ("oelig", 'œ'),
    ("ugrave", 'ù'),
    ("uacute", 'ú'),
    ("ucirc", 'û'),
    ("uuml", 'ü'),
    ("szlig", 'ß'),
    ("Agrave", 'À'),
    ("Auml", 'Ä'),
    ("Egrave", 'È'),
    ("Eacute", 'É'),
    ("Ccedil", 'Ç'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("euro", '€'),
    ("pound", '£'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("deg", '°'),
    ("middot", '·'),
    ("bull", '•'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("laquo", '«'),
    ("raquo", '»'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_read_as_people_see_them() {
        let html = "<html><head><title>x</title><style>p{}</style></head><body><p>Gentile&nbsp;cliente,</p>\n<p>s&igrave; &egrave; <b>senza</b>\n glutine.<br>Saluti</p><ul><li>uno<li>due</ul></body></html>";
        assert_eq!(to_text(html), "Gentile cliente,\n\nsì è senza glutine.\nSaluti\n\n- uno\n- due");
    }

    #[test]
    fn quotations_are_marked() {
        assert_eq!(
            to_text("sì<blockquote>Lo contiene?<br><br>Grazie</blockquote>ciao"),
            "sì\n> Lo contiene?\n>\n> Grazie\nciao"
        );
    }

    #[test]
    fn nothing_active_survives_and_nothing_unclosed_hides_words() {
        assert_eq!(to_text("a<script>alert(1)</script><img src=http://x/t.gif onerror=alert(1)>b"), "ab");
        assert_eq!(to_text("prima <style>dopo <!-- fine"), "prima dopo fine");
        assert!(to_text(&"<script>x".repeat(100_000)).starts_with("xxx"));
        assert_eq!(to_text("1 < 2 &amp; 3 &unknown; <"), "1 < 2 & 3 &unknown; <");
    }
}
