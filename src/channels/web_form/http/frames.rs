//! Which of a page's frames may hold its contact form? Those of the same site, those written into the
//! page itself, and those of services that lend forms.

use crate::forms::page::Page;
use crate::net::leads_inside;
use url::Url;

/// Most frames of a page that are looked into.
const FRAMES_MAX: usize = 5;

/// Services whose frames are forms.
const LENDERS: [&str; 28] = [
    "jotform.com",
    "jotform.pro",
    "jotformeu.com",
    "wufoo.com",
    "formstack.com",
    "formassembly.com",
    "formsite.com",
    "123formbuilder.com",
    "123contactform.com",
    "emailmeform.com",
    "cognitoforms.com",
    "typeform.com",
    "paperform.co",
    "tally.so",
    "hsforms.com",
    "hsforms.net",
    "zohopublic.com",
    "zohopublic.eu",
    "zoho.com",
    "docs.google.com",
    "forms.office.com",
    "zendesk.com",
    "freshdesk.com",
    "pardot.com",
    "salesforce.com",
    "foxyform.com",
    "foxyform.de",
    "formspree.io",
];

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
    let addresses = addresses.filter(|address| address != url && !leads_inside(url, address));
    let fetched = addresses.map(|address| match address.host_str() {
        Some(host) if is_of_site(host, url.host_str().unwrap_or_default()) || lends(host) => Frame::At(address),
        host => Frame::Strange(host.unwrap_or_default().to_owned()),
    });
    written.chain(fetched).take(FRAMES_MAX).collect()
}

fn lends(host: &str) -> bool {
    LENDERS.iter().any(|lender| is_below(host, lender))
}

/// `forms.alfa.example` is of the site of `www.alfa.example`.
fn is_of_site(host: &str, site: &str) -> bool {
    let bare = |host: &'_ str| host.strip_prefix("www.").unwrap_or(host).to_owned();
    let (host, site) = (bare(host), bare(site));
    // A bare suffix such as `co.uk` is no site: pages have at least one name before it.
    is_below(&host, &site) || is_below(&site, &host)
}

fn is_below(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
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
