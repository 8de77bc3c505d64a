//! What does a page say of the company in schema.org's words? JSON-LD (with `@graph`) and microdata
//! become the same objects, which are then asked.

use super::document::{Document, words};
use super::hours;
use opening_hours::localization::Country;
use scraper::ElementRef;
use serde_json::{Map, Value as Json};
use url::Url;

/// Most objects that are kept, and how deep they may lie.
const OBJECTS_MAX: usize = 500;
const DEPTH_MAX: usize = 12;

/// Most bytes of one block of JSON-LD.
const BLOCK_BYTES_MAX: usize = 500_000;

/// All objects with a type, outer ones first.
pub(super) struct Structured {
    objects: Vec<Map<String, Json>>,
}

impl Structured {
    /// Reads them.
    pub(super) fn read(page: &Document) -> Self {
        let mut objects = Vec::new();
        let is_ld = |e: &ElementRef<'_>| {
            e.attr("type").is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json"))
        };
        for script in page.elements("script").filter(is_ld) {
            let text: String = script.text().collect();
            if text.len() <= BLOCK_BYTES_MAX {
                flatten(&json(&text), 0, &mut objects);
            }
        }
        let outer = |e: &ElementRef<'_>| e.attr("itemscope").is_some() && e.attr("itemprop").is_none();
        for element in page.all().filter(outer) {
            flatten(&item(element, 0), 0, &mut objects);
        }
        Self { objects }
    }

    /// The names of all types.
    pub(super) fn types(&self) -> impl Iterator<Item = &str> {
        self.objects.iter().flat_map(types)
    }

    /// E-mail addresses.
    pub(super) fn emails(&self) -> Vec<String> {
        let bare = |text: String| text.trim().trim_start_matches("mailto:").to_owned();
        self.texts("email").map(bare).collect()
    }

    /// Telephone numbers.
    pub(super) fn phones(&self) -> Vec<String> {
        self.texts("telephone").map(|text| text.trim().trim_start_matches("tel:").to_owned()).collect()
    }

    /// Profiles of the company elsewhere.
    pub(super) fn same_as(&self) -> Vec<Url> {
        self.texts("sameAs").filter_map(|text| Url::parse(text.trim()).ok()).collect()
    }

    /// What the company is called.
    pub(super) fn name(&self) -> Option<String> {
        let known = self.companies().flat_map(|object| texts_of(object, "name").into_iter().take(1));
        known.map(|name| name.trim().to_owned()).find(|name| !name.is_empty())
    }

    /// Opening hours, in OpenStreetMap syntax.
    pub(super) fn hours(&self) -> Option<String> {
        self.companies().find_map(hours::of)
    }

    /// Postal address on one line.
    pub(super) fn address(&self) -> Option<String> {
        self.companies().find_map(|object| match object.get("address")? {
            Json::String(text) => Some(text.split_whitespace().collect::<Vec<_>>().join(" ")).filter(|t| !t.is_empty()),
            value => postal(first(value)?.as_object()?),
        })
    }

    /// The country of the postal address, where its holidays are known.
    pub(super) fn country(&self) -> Option<String> {
        self.companies().find_map(|object| {
            let address = first(object.get("address")?)?.as_object()?;
            let country = match first(address.get("addressCountry")?)? {
                Json::Object(inner) => inner.get("name")?.as_str()?.to_owned(),
                other => other.as_str()?.to_owned(),
            };
            let code = country.trim().to_ascii_uppercase();
            (code.len() == 2 && code.parse::<Country>().is_ok()).then_some(code)
        })
    }

    /// Objects that may be the company: they are reached somewhere, or are called an organization.
    fn companies(&self) -> impl Iterator<Item = &Map<String, Json>> {
        let keys = ["address", "telephone", "openingHours", "openingHoursSpecification", "vatID", "legalName"];
        self.objects.iter().filter(move |object| {
            let organization = types(object).any(|kind| kind.ends_with("Organization") || kind.ends_with("Business"));
            let person = types(object).any(|kind| kind == "Person");
            organization || (!person && keys.iter().any(|key| object.contains_key(*key)))
        })
    }

    fn texts(&self, key: &'static str) -> impl Iterator<Item = String> {
        let objects = self.objects.iter().filter(|object| !types(object).any(|kind| kind == "Person"));
        objects.flat_map(move |object| texts_of(object, key)).take(100)
    }
}

/// "Via Roma 1, 50100 Firenze, FI, IT".
fn postal(address: &Map<String, Json>) -> Option<String> {
    let text = |key: &str| texts_of(address, key).into_iter().next().unwrap_or_default();
    let place = format!("{} {}", text("postalCode"), text("addressLocality"));
    let parts = [text("streetAddress"), place, text("addressRegion"), text("addressCountry")];
    let folded = parts.iter().map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let line = folded.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
    (!line.is_empty()).then_some(line)
}

fn types(object: &Map<String, Json>) -> impl Iterator<Item = &str> {
    let named = object.get("@type").map(|kind| match kind {
        Json::Array(kinds) => kinds.iter().filter_map(Json::as_str).collect(),
        other => other.as_str().into_iter().collect::<Vec<_>>(),
    });
    // "http://schema.org/Store", "schema:Store" and "Store" are one.
    named.unwrap_or_default().into_iter().filter_map(|kind| kind.rsplit(['/', ':', '#']).next())
}

/// The texts under a key: one, or a list of them.
pub(super) fn texts_of(object: &Map<String, Json>, key: &str) -> Vec<String> {
    let text = |value: &Json| match value {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match object.get(key) {
        Some(Json::Array(items)) => items.iter().take(50).filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

fn first(value: &Json) -> Option<&Json> {
    match value {
        Json::Array(items) => items.first(),
        other => Some(other),
    }
}

/// A block of JSON-LD, as forgiving as those who read them for a living: comments around it and
/// line breaks within texts are common.
fn json(text: &str) -> Json {
    let text =
        text.trim().trim_start_matches("<!--").trim_start_matches("/*<![CDATA[*/").trim_start_matches("//<![CDATA[");
    let text = text.trim_end_matches("-->").trim_end_matches("/*]]>*/").trim_end_matches("//]]>").trim();
    let text = text.trim_end_matches(';');
    serde_json::from_str(text).unwrap_or_else(|_| {
        let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        serde_json::from_str(&plain).unwrap_or(Json::Null)
    })
}

/// All objects within a value that have a type.
fn flatten(value: &Json, depth: usize, objects: &mut Vec<Map<String, Json>>) {
    if depth > DEPTH_MAX || objects.len() >= OBJECTS_MAX {
        return;
    }
    match value {
        Json::Array(items) => items.iter().for_each(|item| flatten(item, depth + 1, objects)),
        Json::Object(object) => {
            if object.contains_key("@type") {
                objects.push(object.clone());
            }
            object.values().for_each(|inner| flatten(inner, depth + 1, objects));
        }
        _ => {}
    }
}

/// An element with `itemscope` as an object.
fn item(element: ElementRef<'_>, depth: usize) -> Json {
    let mut object = Map::new();
    object.insert("@type".to_owned(), element.attr("itemtype").unwrap_or_default().into());
    // Properties of items within are theirs.
    let mut open: Vec<ElementRef<'_>> = element.child_elements().collect();
    open.reverse();
    while let Some(inner) = open.pop() {
        let is_item = inner.attr("itemscope").is_some();
        if let Some(names) = inner.attr("itemprop") {
            let value = if is_item && depth < DEPTH_MAX { item(inner, depth + 1) } else { value(inner) };
            for name in names.split_whitespace().take(8) {
                let list = object.entry(name).or_insert_with(|| Json::Array(Vec::new()));
                list.as_array_mut().into_iter().for_each(|list| list.push(value.clone()));
            }
        }
        if !is_item {
            let mut children: Vec<_> = inner.child_elements().collect();
            children.reverse();
            open.extend(children);
        }
    }
    Json::Object(object)
}

/// The value of a property (HTML standard, "microdata").
fn value(element: ElementRef<'_>) -> Json {
    let written = ["content", "datetime"].into_iter().find_map(|key| element.attr(key));
    let linked = || element.attr("href").or_else(|| element.attr("src"));
    let text = written.or_else(linked).map_or_else(|| words(element, 500), |text| text.trim().to_owned());
    text.into()
}
