//! Whose frames may hold a site's contact form? Its own, and those of services that lend forms. What we write into
//! a stranger's frame, an advertisement's, would not reach the company.

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

/// Whether a frame of that host has something to do with a site.
pub(super) fn is_known_to(host: &str, site: &str) -> bool {
    is_of_site(host, site) || lends(host)
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
