//! What does one page publish? HTML in, plain values out: nothing is fetched here, nothing is run,
//! and a page is read no further than its bounds.

mod addresses;
mod document;
mod form;
mod hours;
mod kind;
mod links;
mod obfuscated;
mod phones;
mod profiles;
mod structured;
mod widgets;

pub use addresses::Address;
pub use form::{ContactForm, FormMissing};
pub use kind::Marks;
pub(super) use kind::personal_address;
pub use links::Link;
pub(super) use links::{interest_of_path, is_same_site};
pub use profiles::{Place, Profile};

use document::Document;
use structured::Structured;
use url::Url;

/// Something that a page publishes, and how it stands there.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting<T> {
    /// What.
    pub what: T,
    /// How it stands there, in words.
    pub how: String,
    /// How sure the reading is, 0 to 1.
    pub confidence: f64,
}

impl<T> Sighting<T> {
    fn new(what: T, how: impl Into<String>, confidence: f64) -> Self {
        Self { what, how: how.into(), confidence }
    }
}

/// All that one page publishes.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// Its address.
    pub url: Url,
    /// Its language, by two letters.
    pub language: Option<String>,
    /// What it calls the company or the site.
    pub name: Option<String>,
    /// Where it leads on the web, in document order.
    pub links: Vec<Link>,
    /// Pages of the same site that it shows in frames, where it has no form of its own.
    pub frames: Vec<Url>,
    /// E-mail addresses.
    pub addresses: Vec<Sighting<Address>>,
    /// Profiles on social platforms.
    pub profiles: Vec<Sighting<Profile>>,
    /// Vendors of live chats that it embeds.
    pub chats: Vec<Sighting<&'static str>>,
    /// A forum or community.
    pub forums: Vec<Sighting<Url>>,
    /// Telephone numbers.
    pub phones: Vec<Sighting<String>>,
    /// The form that takes a question, or why there is none.
    pub form: Result<ContactForm, FormMissing>,
    /// Opening hours in OpenStreetMap syntax.
    pub hours: Option<String>,
    /// Postal address, on one line.
    pub address: Option<String>,
    /// ISO 3166-1 code of the country, one whose holidays are known.
    pub country: Option<String>,
    /// What tells a business from a person.
    pub marks: Marks,
}

/// Reads a page that came from `url`.
#[must_use]
pub fn read(html: &str, url: &Url) -> Reading {
    let page = Document::parse(html, url);
    let facts = Structured::read(&page);
    let lines = page.lines();
    let raw = links::raw(&page);
    let web = links::on_the_web(&raw, &page);
    let form = form::contact_form(html, url);
    Reading {
        language: page.language(),
        name: facts.name().or_else(|| page.site_name()),
        addresses: addresses::addresses(&page, &raw, &lines, &facts),
        profiles: profiles::profiles(&web, &facts),
        chats: widgets::chats(&page),
        forums: links::forums(&web, url),
        phones: phones::phones(&raw, &lines, &facts),
        frames: if form.is_err() { links::frames(&page, url) } else { Vec::new() },
        form,
        hours: facts.hours(),
        address: facts.address(),
        country: facts.country(),
        marks: kind::marks(&page, &lines, &web, &facts),
        links: web,
        url: url.clone(),
    }
}
