//! Where a company can be reached.

use super::files::Files;
use super::finding::Finding;
use super::handle;
use super::recipe;
use super::section::Section;
use super::tree::{Node, Value};
use crate::model::channel::Channel;
use crate::model::study::{ContactPoint, Cost, Engine, FormSuccess, FormTarget, Found, Target, Visibility};
use std::rc::Rc;

/// The contact points in the order they are written, and the channels that are not offered.
pub(super) fn contacts(
    company: Section<'_>,
    files: &Files,
    found: &mut Vec<Finding>,
) -> (Vec<ContactPoint>, Vec<Channel>) {
    let mut points = Vec::new();
    let mut not_offered = Vec::new();
    for entry in company.node.entries() {
        let Ok(channel) = entry.key.parse::<Channel>() else { continue };
        if entry.value.text() == Some("none") {
            company.get(channel.name());
            not_offered.push(channel);
        } else if let Some(target) = target(company, channel, files, found) {
            points.push(point(channel, target, company.section(channel.name())));
        }
    }
    (points, not_offered)
}

/// The target with what is known of it beside.
fn point(channel: Channel, target: Target, section: Option<Section<'_>>) -> ContactPoint {
    let point = ContactPoint::new(channel, target);
    let Some(section) = section else { return point };
    let found = section.section("found").and_then(|found| {
        let (how, confidence) = (found.text("how"), found.parse("confidence"));
        Some(Found { page: found.parse("page")?, how, confidence })
    });
    let cost = section.section("cost").map(|cost| Cost {
        required_fields: cost.parse("required_fields"),
        registration: cost.parse("registration"),
        phone: cost.parse("phone"),
        real_name: cost.parse("real_name"),
        captcha: cost.text("captcha"),
        clicks: cost.parse("clicks"),
    });
    let (confirmed, shared) = (section.parse("confirmed").unwrap_or(true), section.parse("shared").unwrap_or_default());
    ContactPoint { confirmed, shared, found, cost, ..point }
}

fn target(company: Section<'_>, channel: Channel, files: &Files, found: &mut Vec<Finding>) -> Option<Target> {
    let node = company.get(channel.name())?;
    let section = company.section(channel.name());
    match channel {
        Channel::Email => {
            let address = address(node, section, "address")?;
            handle::email(&address).ok()?;
            Some(Target::Email { address })
        }
        Channel::WebForm => form(node, section, files, found).map(Target::WebForm),
        Channel::Mastodon => {
            let text = address(node, section, "handle")?;
            handle::check(channel, &text).ok()?;
            let handle = text.strip_prefix('@').unwrap_or(&text).to_owned();
            Some(Target::Mastodon { handle, visibility: visibility(channel, section) })
        }
        Channel::Facebook => assisted(channel, node, section, "page"),
        Channel::Instagram | Channel::Telegram | Channel::X | Channel::Linkedin => {
            assisted(channel, node, section, "handle")
        }
        Channel::Whatsapp | Channel::Phone => assisted(channel, node, section, "number"),
        Channel::Chat | Channel::Forum => assisted(channel, node, section, "url"),
    }
}

/// The address itself: the text in place, or a key of the mapping.
fn address(node: &Node, section: Option<Section<'_>>, key: &'static str) -> Option<String> {
    node.text().map(str::to_owned).or_else(|| section?.text(key))
}

fn assisted(channel: Channel, node: &Node, section: Option<Section<'_>>, key: &'static str) -> Option<Target> {
    let text = address(node, section, key)?;
    handle::check(channel, &text).ok()?;
    let link = section.and_then(|s| s.parse("link")).or_else(|| handle::link(channel, &text));
    let handle = text.strip_prefix('@').unwrap_or(&text).to_owned();
    Some(Target::Assisted { handle, link, visibility: visibility(channel, section) })
}

fn visibility(channel: Channel, section: Option<Section<'_>>) -> Visibility {
    match section.and_then(|s| s.text("visibility")).as_deref() {
        Some("public") => Visibility::Public,
        Some("private") => Visibility::Private,
        _ => handle::visibility(channel),
    }
}

fn form(node: &Rc<Node>, section: Option<Section<'_>>, files: &Files, found: &mut Vec<Finding>) -> Option<FormTarget> {
    let url = handle::url(&address(node, section, "url")?).ok()?;
    let Some(section) = section else {
        return Some(FormTarget::at(url));
    };
    let text = |n: &Node| n.text().map(str::to_owned);
    let fields = section
        .get("fields")
        .map(|f| f.entries().iter().filter_map(|e| Some((e.key.clone(), text(&e.value)?))).collect());
    let success = section.get("success").map(|node| match &node.value {
        Value::Text(text) => FormSuccess { text: Some(text.clone()), ..FormSuccess::default() },
        _ => section.section("success").map_or(FormSuccess::default(), |s| FormSuccess {
            text: s.text("text"),
            selector: s.text("selector"),
            url: s.text("url"),
        }),
    });
    let engine = section.text("engine").and_then(|name| Engine::ALL.iter().find(|(n, _)| *n == name).map(|(_, e)| *e));
    Some(FormTarget {
        url,
        form: section.text("form"),
        fields: fields.unwrap_or_default(),
        success,
        engine: engine.unwrap_or_default(),
        steps: recipe::steps(section, files, found),
    })
}
