//! What is a page made of, beside its words: some lines of a letter, or pictures, links and tables?

use super::super::lines::start_of;
use crate::lexicon::mail_words::{MailWords, Topic};

/// Most of a page that is looked at, in bytes.
const BYTES_MAX: usize = 200 * 1024;
/// Most of one tag that is looked at, in bytes.
const TAG_BYTES_MAX: usize = 2_000;

/// What a page is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::intake) struct Layout {
    /// Whether the mail has nothing but the page: people's programs send its text beside it.
    pub(in crate::intake) alone: bool,
    /// Tags that open something.
    pub(in crate::intake) tags: usize,
    /// Links to pages.
    pub(in crate::intake) links: usize,
    /// Links whose address speaks of leaving a list.
    pub(in crate::intake) ways_out: usize,
    /// Pictures that are seen.
    pub(in crate::intake) pictures: usize,
    /// Pictures that are links.
    pub(in crate::intake) linked_pictures: usize,
    /// Pictures of one pixel, which report that a mail was opened.
    pub(in crate::intake) pixels: usize,
    /// Tables.
    pub(in crate::intake) tables: usize,
    /// Elements with words that no reader sees.
    pub(in crate::intake) hidden: usize,
    /// The text that is shown, in bytes.
    pub(in crate::intake) text_bytes: usize,
}

impl Layout {
    /// Takes a page in, in one pass.
    pub(super) fn of(html: &str, alone: bool) -> Self {
        let mut layout = Self { alone, ..Self::default() };
        let mut in_link = false;
        // The element whose content is no text: style, script, title.
        let mut silent: Option<&str> = None;
        for piece in start_of(html, BYTES_MAX).split('<') {
            let (tag, text) = piece.split_once('>').unwrap_or((piece, ""));
            let name = tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
            let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
            if let Some(open) = silent {
                let closes = tag.strip_prefix('/').is_some_and(|end| starts(end, open));
                silent = silent.filter(|_| !closes);
                continue;
            }
            silent = ["style", "script", "title"].into_iter().find(|n| is(n));
            layout.text_bytes += if silent.is_none() { text.trim().len() } else { 0 };
            let closing = name.is_empty();
            layout.tags += usize::from(!closing);
            if closing {
                in_link &= !starts(tag, "/a");
            } else if is("a") {
                in_link = layout.link(tag);
            } else if is("img") {
                layout.picture(tag, in_link);
            } else if is("table") {
                layout.tables += 1;
            } else if is("div") || is("span") || is("td") || is("p") || is("font") {
                layout.hidden += usize::from(is_hidden(tag) && !text.trim().is_empty());
            }
        }
        layout
    }

    /// Takes in the tag of a link; returns whether it leads to a page.
    fn link(&mut self, tag: &str) -> bool {
        let Some(target) = attribute(tag, "href").filter(|target| starts(target, "http")) else { return false };
        self.links += 1;
        let target = start_of(target, TAG_BYTES_MAX).to_ascii_lowercase();
        self.ways_out += usize::from(MailWords::get().of(Topic::WayOut).occur_in(&target));
        true
    }

    fn picture(&mut self, tag: &str, in_link: bool) {
        let tiny =
            |name| attribute(tag, name).is_some_and(|size| matches!(size.trim_end_matches("px"), "0" | "1" | "2"));
        if tiny("width") || tiny("height") {
            self.pixels += 1;
        } else {
            self.pictures += 1;
            self.linked_pictures += usize::from(in_link);
        }
    }
}

fn starts(text: &str, with: &str) -> bool {
    text.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
}

/// The value of an attribute of a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let tag = start_of(tag, TAG_BYTES_MAX);
    let mut from = 0;
    while let Some(at) = tag[from..].find('=').map(|at| from + at) {
        let (before, value) = (tag[..at].trim_end(), tag[at + 1..].trim_start());
        let named = before.len() > name.len()
            && before.get(before.len() - name.len()..).is_some_and(|end| end.eq_ignore_ascii_case(name))
            && before.as_bytes()[before.len() - name.len() - 1].is_ascii_whitespace();
        if named {
            return match value.chars().next() {
                Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().map(str::trim),
                _ => value.split_whitespace().next(),
            };
        }
        from = at + 1;
    }
    None
}

/// Whether its style hides an element from readers.
fn is_hidden(tag: &str) -> bool {
    const WAYS: [&str; 8] = [
        "display:none",
        "visibility:hidden",
        "max-height:0",
        "font-size:0",
        "font-size:1px",
        "mso-hide:all",
        "opacity:0;",
        "line-height:0",
    ];
    let Some(style) = attribute(tag, "style") else { return false };
    let style: String = style.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
    WAYS.iter().any(|way| style.contains(way))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advertisement_is_pictures_and_links() {
        let page = "<html><head><title>Offers</title><style>a > b {}</style></head><body>\
            <div style=\"Display: none\">Only today</div><table><tr><td><a href='https://a.example/1'><img src=x></a>\
            <TABLE><A HREF=https://a.example/unsubscribe?u=1>out</A><img width=\"1\" height=1 src=y></table></table>";
        let layout = Layout::of(page, false);
        assert_eq!((layout.links, layout.ways_out, layout.tables, layout.hidden), (2, 1, 2, 1));
        assert_eq!((layout.pictures, layout.linked_pictures, layout.pixels), (1, 1, 1));
        assert_eq!(layout.text_bytes, "Only today".len() + "out".len());
    }

    #[test]
    fn broken_pages_are_looked_at_too() {
        for page in ["", "<", "<a href", "<img width=", "<a =x", "<style>never closed", "é<é>é</é", "<a href=\"http"]
        {
            let layout = Layout::of(page, false);
            assert!(layout.links <= 1 && layout.pictures <= 1, "{page}");
        }
    }
}
