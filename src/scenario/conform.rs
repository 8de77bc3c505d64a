//! Whether a tree has the shape of a study: unknown and missing keys, wrong kinds, wrong scalars.
//! It looks at everything, whatever is wrong before.

use super::finding::{Finding, Place};
use super::leaf::{Leaf, Wrong};
use super::shape::{Map, Shape};
use super::tree::{Node, Value};
use super::words::nearest_help;

/// Reports all that differs from `shape`.
pub(super) fn conform(node: &Node, shape: &Shape, found: &mut Vec<Finding>) {
    match (shape, &node.value) {
        (_, Value::Null) => found.push(wrong_kind(node, shape)),
        (Shape::Leaf(leaf), Value::Text(text)) => conform_leaf(text, *leaf, node.place, found),
        (Shape::Map(map), Value::Map(_)) => conform_map(node, map, found),
        (Shape::Named { key, each }, Value::Map(entries)) => {
            for entry in entries {
                conform_leaf(&entry.key, *key, entry.key_place, found);
                conform_value(&entry.value, each, entry.key_place, &entry.key, found);
            }
        }
        (Shape::List(each) | Shape::OneOrMore(each), Value::List(items)) => {
            for item in items {
                conform(item, each, found);
            }
        }
        (Shape::OneOrMore(each), _) => conform(node, each, found),
        (Shape::Either(shapes), _) => match shapes.iter().find(|s| takes(s, &node.value)) {
            Some(shape) => conform(node, shape, found),
            None => found.push(wrong_kind(node, shape)),
        },
        (Shape::Leaf(_) | Shape::Map(_) | Shape::Named { .. } | Shape::List(_), _) => {
            found.push(wrong_kind(node, shape));
        }
    }
}

/// Reports a scalar that says nothing of its kind.
pub(super) fn conform_leaf(text: &str, leaf: Leaf, place: Place, found: &mut Vec<Finding>) {
    let Err(Wrong { title, label, help }) = leaf.check(text) else { return };
    let mut finding = Finding::error(title, place, label);
    finding.secret = matches!(leaf, Leaf::Secret);
    found.push(if help.is_empty() { finding } else { finding.help(help) });
}

fn conform_map(node: &Node, map: &Map, found: &mut Vec<Finding>) {
    for entry in node.entries() {
        match map.field(&entry.key) {
            Some(field) => conform_value(&entry.value, &field.shape, entry.key_place, &entry.key, found),
            None => found.push(unknown_key(&entry.key, entry.key_place, map)),
        }
    }
    for field in map.fields.iter().filter(|f| f.required && !node.entries().iter().any(|e| e.key == f.key)) {
        let title = format!("the {} has no `{}`", map.name, field.key);
        found.push(Finding::error(title, node.place, "").help(format!(
            "add `{}:` {}",
            field.key,
            lower_first(field.doc)
        )));
    }
}

/// A value that says nothing is shown at its key: it has no place of its own to see.
fn conform_value(node: &Node, shape: &Shape, key_place: Place, key: &str, found: &mut Vec<Finding>) {
    if matches!(node.value, Value::Null) {
        let title = format!("`{key}` says nothing");
        let label = format!("expected {}", expected(shape));
        found.push(
            Finding::error(title, key_place, label)
                .help("give it a value, quote it where the word `null` is meant, or remove the key"),
        );
    } else {
        conform(node, shape, found);
    }
}

/// The mistake of a key that is not known.
pub(super) fn unknown_key(key: &str, place: Place, map: &Map) -> Finding {
    let keys = map.fields.iter().map(|f| f.key);
    let help = match nearest_help(key, keys.clone()) {
        near if near.is_empty() => format!("known: {}", keys.collect::<Vec<_>>().join(", ")),
        near => near,
    };
    Finding::error(format!("unknown key `{key}`"), place, format!("no key of this {}", map.name)).help(help)
}

fn wrong_kind(node: &Node, shape: &Shape) -> Finding {
    let stands = match node.value {
        Value::Null => "nothing",
        Value::Text(_) => "a text",
        Value::List(_) => "a list",
        Value::Map(_) => "keys and values",
    };
    let title = format!("expected {}, found {stands}", expected(shape));
    let mut finding = Finding::error(title, node.place, "").help(format!("write {}", example(shape)));
    finding.secret = matches!(shape, Shape::Leaf(Leaf::Secret));
    finding
}

fn takes(shape: &Shape, value: &Value) -> bool {
    match shape {
        Shape::Leaf(_) => matches!(value, Value::Text(_)),
        Shape::Map(_) | Shape::Named { .. } => matches!(value, Value::Map(_)),
        Shape::List(_) => matches!(value, Value::List(_)),
        Shape::OneOrMore(each) => matches!(value, Value::List(_)) || takes(each, value),
        Shape::Either(shapes) => shapes.iter().any(|s| takes(s, value)),
    }
}

fn expected(shape: &Shape) -> String {
    match shape {
        Shape::Leaf(leaf) => leaf.expected().to_owned(),
        Shape::Map(map) => format!("keys and values of a {}", map.name),
        Shape::Named { .. } => "names and their values".to_owned(),
        Shape::List(_) => "a list".to_owned(),
        Shape::OneOrMore(each) => format!("{} or a list", expected(each)),
        Shape::Either(shapes) => shapes.iter().map(expected).collect::<Vec<_>>().join(" or "),
    }
}

fn example(shape: &Shape) -> String {
    match shape {
        Shape::Leaf(leaf) => format!("{} behind the `:`", leaf.expected()),
        Shape::Map(map) => {
            let keys: Vec<_> = map.fields.iter().filter(|f| f.required).map(|f| format!("{}: …", f.key)).collect();
            format!("`{{{}}}`", if keys.is_empty() { "key: …".to_owned() } else { keys.join(", ") })
        }
        Shape::Named { .. } => "`name: value`, one a line and indented".to_owned(),
        Shape::List(_) => "one item a line, each after `- `".to_owned(),
        Shape::OneOrMore(each) => example(each),
        Shape::Either(shapes) => shapes.iter().map(example).collect::<Vec<_>>().join(" or "),
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}
