//! To which page does a page lead on by itself (`<meta http-equiv=refresh>`, or the header)?

use super::exchange::Answer;
use super::source;
use crate::forms::page::Page;
use crate::net::leads_inside;
use url::Url;

/// Longest wait of a page that is taken to lead on; longer ones only keep themselves fresh.
const SECONDS_MAX: f64 = 30.0;

/// The page that a page without any form leads on to.
pub(super) fn next_page(answer: &Answer) -> Option<Url> {
    let source = source(answer);
    let page = Page::parse(&source.html, &source.url);
    target(answer, &page).filter(|_| page.forms.is_empty())
}

/// The page that a page leads on to: another one, on the web.
pub(super) fn target(answer: &Answer, page: &Page) -> Option<Url> {
    let written = page.attributes("meta[http-equiv=refresh i]", "content");
    let orders = written.iter().map(String::as_str).chain(answer.refresh.as_deref());
    let mut target = orders.filter_map(address).find_map(|written| page.address(written))?;
    target.set_fragment(None);
    (target != answer.url && !leads_inside(&answer.url, &target)).then_some(target)
}

/// The address in `0; url='/thanks'` (HTML standard, "shared declarative refresh steps").
fn address(order: &str) -> Option<&str> {
    let (wait, rest) = order.split_once([';', ','])?;
    if !wait.trim().parse::<f64>().is_ok_and(|seconds| (0.0..=SECONDS_MAX).contains(&seconds)) {
        return None;
    }
    let rest = rest.trim();
    let named = rest.get(..3).filter(|start| start.eq_ignore_ascii_case("url"));
    let address = named.and_then(|_| rest[3..].trim_start().strip_prefix('=')).unwrap_or(rest).trim();
    let quote = address.chars().next().filter(|c| matches!(c, '"' | '\''));
    let address = quote.map_or(address, |q| address[1..].split(q).next().unwrap_or_default());
    (!address.is_empty()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn orders_to_go_on_are_read_as_browsers_read_them() {
        for (order, expected) in [
            ("0;url=/thanks", Some("/thanks")),
            ("3; URL='danke.html' ", Some("danke.html")),
            ("0, url = \"/a?b=1;2\" x", Some("/a?b=1;2")),
            ("5; /grazie", Some("/grazie")),
            ("300; url=/", None),
            ("5", None),
            ("0;url=", None),
            ("-1;url=/", None),
            ("", None),
        ] {
            assert_eq!(address(order), expected, "{order}");
        }
    }
}
