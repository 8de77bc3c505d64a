//! Which of a page's frames may hold its contact form? Those of the same site, those written into the
//! page itself, and those of services that lend forms.

use crate::channels::web_form::lenders::is_known_to;
use crate::forms::page::Page;
use crate::net::leads_inside;
use url::Url;

/// Most frames of a page that are looked into.
const FRAMES_MAX: usize = 5;

/// A frame that may hold the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Frame {
    /// Its page is to be fetched.
    At(Url),
    /// Its page is written into the frame itself (`srcdoc`).
    Written(String),
    /// It is of that host, which has nothing to do with the site.
    Strange(String),
}

/// The frames of a page that came from `url`, in document order.
pub(super) fn frames(page: &Page, url: &Url) -> Vec<Frame> {
    let written = page.attributes("iframe[srcdoc]", "srcdoc").into_iter().map(Frame::Written);
    let plain = ["iframe:not([srcdoc])", "frame"].into_iter().flat_map(|css| page.attributes(css, "src"));
    let lazy = page.attributes("iframe:not([src])", "data-src");
    let addresses = plain.chain(lazy).filter_map(|written| page.address(&written));
    let addresses = addresses.filter(|address| address.has_host() && address != url && !leads_inside(url, address));
    let fetched = addresses.map(|address| match strange_host(&address, url).map(str::to_owned) {
        None => Frame::At(address),
        Some(host) => Frame::Strange(host),
    });
    written.chain(fetched).take(FRAMES_MAX).collect()
}

/// The host of a frame's page, after all redirects, where that has nothing to do with the site.
pub(super) fn strange_host<'a>(framed: &'a Url, site: &Url) -> Option<&'a str> {
    framed.host_str().filter(|host| !is_known_to(host, site.host_str().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_the_site_and_of_lenders_are_looked_into_and_no_others() {
        let url: Url = "https://www.alfa.example/contact".parse().unwrap();
        let html = "<iframe src='/form.html'></iframe><iframe src=//forms.alfa.example/1></iframe>\
            <iframe data-src='https://form.jotform.com/7'></iframe><iframe src='https://maps.example/'></iframe>\
            <iframe src='http://127.0.0.1/'></iframe><iframe src='about:blank'></iframe><iframe srcdoc='<form></form>'></iframe>";
        let at = |url: &str| Frame::At(url.parse().unwrap());
        assert_eq!(
            frames(&Page::parse(html, &url), &url),
            [
                Frame::Written("<form></form>".to_owned()),
                at("https://www.alfa.example/form.html"),
                at("https://forms.alfa.example/1"),
                Frame::Strange("maps.example".to_owned()),
                at("https://form.jotform.com/7"),
            ]
        );
    }
}
