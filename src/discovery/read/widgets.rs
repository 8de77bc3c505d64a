//! Which live chats does a page embed?

use super::Sighting;
use super::document::Document;
use crate::lexicon::site_words::CHAT_WIDGETS;

/// Most bytes of a script that are looked through.
const SCRIPT_BYTES_MAX: usize = 200_000;

/// The vendors, each once: by the address of a script or frame, else by what an inline script says.
pub(super) fn chats(page: &Document) -> Vec<Sighting<&'static str>> {
    let mut sources = Vec::new();
    let mut inline = String::new();
    for element in page.all() {
        match element.value().name() {
            "script" | "iframe" | "link" => {
                let keys = ["src", "data-src", "data-lazy-src", "href"];
                sources.extend(keys.into_iter().filter_map(|key| element.attr(key)).map(str::to_ascii_lowercase));
                if element.value().name() == "script" && inline.len() < SCRIPT_BYTES_MAX {
                    inline.extend(element.text());
                }
            }
            _ => {}
        }
    }
    let found = CHAT_WIDGETS.iter().filter_map(|chat| {
        let by_source = chat.hosts.iter().find(|host| sources.iter().any(|source| source.contains(*host)));
        let by_text = || chat.hosts.iter().find(|host| inline.contains(*host));
        let by_name = || chat.names.iter().find(|name| inline.contains(*name));
        match by_source {
            Some(host) => Some((chat.vendor, format!("{} widget ({host})", chat.vendor), 0.9)),
            None => by_text()
                .map(|host| (chat.vendor, format!("{} widget ({host}, in a script)", chat.vendor), 0.9))
                .or_else(|| by_name().map(|_| (chat.vendor, format!("{} widget (in a script)", chat.vendor), 0.7))),
        }
    });
    found.map(|(vendor, how, confidence)| Sighting::new(vendor, how, confidence)).collect()
}
