//! How much of a page is read? All of it, up to where too many elements stand in one another: to a parser each of them
//! costs time at each later one. No page that people see comes near it; browsers flatten what is deeper than 512.

/// Most elements that may be open in one another.
pub const NESTED_MAX: usize = 2_000;

/// Most shapes of drawings that are believed to end by themselves: a page that only looks like a drawing nests them.
const SHAPES_MAX: usize = 20_000;

/// They end by themselves, or need no end.
const ENDLESS: [&str; 23] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p", "li",
    "dt", "dd", "td", "th", "tr", "option", "tbody", "thead",
];

/// What stands in them is no markup.
const WORDLESS: [(&str, &str); 3] = [("script", "</script"), ("style", "</style"), ("textarea", "</textarea")];

/// Of SVG: they end by themselves where they are written so.
const SHAPES: [&str; 19] = [
    "animate",
    "animatetransform",
    "circle",
    "ellipse",
    "feblend",
    "fegaussianblur",
    "femergenode",
    "feoffset",
    "g",
    "image",
    "line",
    "path",
    "polygon",
    "polyline",
    "rect",
    "stop",
    "text",
    "tspan",
    "use",
];

/// What of a page is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Within<'h> {
    /// The text up to there.
    pub html: &'h str,
    /// What is left out.
    pub rest: &'h str,
    /// Whether its last form ends there before it was closed.
    pub cuts_form: bool,
}

/// The page up to where too many elements are open in one another.
pub fn within_reason(html: &str) -> Within<'_> {
    let (mut open, mut drawings, mut shapes) = (0_usize, 0_usize, 0_usize);
    let (mut in_form, mut comment_ends) = (false, 0);
    let mut ends = Ends { html, next: Some(0) };
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', &html.as_bytes()[at..]) {
        let start = at + found;
        at = start + 1;
        let tag = &html[at..];
        if tag.starts_with("!--") && start >= comment_ends {
            comment_ends = tag.find("-->").map_or(html.len(), |end| at + end);
        }
        if let Some(tag) = tag.strip_prefix('/') {
            open = open.saturating_sub(1);
            match name_of(tag) {
                name if name.eq_ignore_ascii_case("svg") => drawings = drawings.saturating_sub(1),
                // In doubt a form is open: one that is read in part is never sent.
                name if name.eq_ignore_ascii_case("form") => in_form &= start < comment_ends,
                _ => {}
            }
            continue;
        }
        let name = name_of(tag);
        if let Some(end) = WORDLESS.iter().find(|(raw, _)| name.eq_ignore_ascii_case(raw)).map(|(_, end)| *end) {
            // What looks like a tag in a script is none.
            at += tag.find(end).unwrap_or(tag.len());
        }
        in_form |= name.eq_ignore_ascii_case("form");
        let is_drawing = name.eq_ignore_ascii_case("svg");
        let is_shape = drawings > 0 && shapes < SHAPES_MAX && is_one_of(&SHAPES, name);
        if (is_shape || is_drawing) && ends.by_itself(start) {
            shapes += 1;
            continue;
        }
        drawings += usize::from(is_drawing);
        open += usize::from(!name.is_empty() && !is_one_of(&ENDLESS, name));
        if open > NESTED_MAX {
            return Within { html: &html[..start], rest: &html[start..], cuts_form: in_form };
        }
    }
    Within { html, rest: "", cuts_form: false }
}

fn name_of(tag: &str) -> &str {
    tag.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Where tags end; each end is looked for once.
struct Ends<'h> {
    html: &'h str,
    /// The next end, if there is one.
    next: Option<usize>,
}

impl Ends<'_> {
    /// Whether the tag that begins there is written as ending by itself: `<circle r="1"/>`.
    fn by_itself(&mut self, start: usize) -> bool {
        if self.next.is_some_and(|end| end < start) {
            self.next = memchr::memchr(b'>', &self.html.as_bytes()[start..]).map(|end| start + end);
        }
        self.next.is_some_and(|end| self.html[..end].ends_with('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nests_without_end_is_read_to_a_depth_and_a_script_nests_nothing() {
        let form = "<form method=post><textarea name=m></textarea></form>";
        let before = format!("{form}{}", "<div>".repeat(200_000));
        let within = within_reason(&before);
        assert!(within.html.len() < 20_000 && !within.cuts_form);
        assert_eq!(format!("{}{}", within.html, within.rest), before);
        let script = "if(a<b)c();".repeat(10_000);
        let ordinary = format!("<ScRipt>{script}</script>{}{form}", "<p><b>x</b><br><img><li><a>y</a>".repeat(5_000));
        assert_eq!(within_reason(&ordinary).html, ordinary);
    }

    #[test]
    fn a_form_that_is_open_where_reading_stops_is_cut() {
        let deep = "<div>".repeat(NESTED_MAX + 1);
        for (page, cuts) in [
            (format!("<form><input name=a>{deep}<input name=b></form>"), true),
            (format!("<form></form><FORM>{deep}"), true),
            (format!("<form><!-- a comment, </form> -->{deep}</form>"), true),
            (format!("<form><input name=a></form><!-- </form> -->{deep}"), false),
            (format!("<p>none</p>{deep}"), false),
        ] {
            assert_eq!(within_reason(&page).cuts_form, cuts, "{}", &page[..60]);
        }
    }

    #[test]
    fn a_map_of_many_shapes_is_a_drawing_and_what_only_looks_like_one_is_not_believed() {
        let shapes = "<circle cx=\"1\" cy=\"2\" r=\"3\"/><use href='#a' /><path d=\"M0 0\"/>";
        let many = format!("<svg viewBox='0 0 9 9'><g>{}</g></svg><form></form>", shapes.repeat(2_000));
        assert_eq!(within_reason(&many).html, many);
        let no_drawing = "<circle/>".repeat(NESTED_MAX + 9);
        assert!(within_reason(&no_drawing).html.len() < no_drawing.len());
        let endless = format!("<svg>{}", "<circle/>".repeat(SHAPES_MAX + NESTED_MAX + 9));
        assert!(within_reason(&endless).html.len() < endless.len());
        let left_open = format!("<svg>{}", "<g>".repeat(NESTED_MAX));
        assert!(within_reason(&left_open).html.len() < left_open.len());
    }
}
