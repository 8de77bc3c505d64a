//! A mapping that is being read, with its description beside it: a key that the description lacks
//! cannot be asked for.

use super::finding::Place;
use super::shape::{Map, Shape};
use super::tree::Node;
use std::rc::Rc;
use std::str::FromStr;

/// A mapping and its description.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section<'a> {
    /// The mapping.
    pub node: &'a Node,
    map: &'static Map,
}

impl<'a> Section<'a> {
    /// The mapping `node`, described by `map`.
    pub(super) const fn new(node: &'a Node, map: &'static Map) -> Self {
        Self { node, map }
    }

    /// The value of a key, where it says something.
    pub(super) fn get(&self, key: &'static str) -> Option<&'a Rc<Node>> {
        debug_assert!(self.map.field(key).is_some(), "{} has no `{key}`", self.map.name);
        #[cfg(test)]
        asked::note(self.map.name, key);
        self.node.get(key)
    }

    /// The text of a key.
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        self.get(key)?.text().filter(|t| !t.trim().is_empty()).map(str::to_owned)
    }

    /// The value of a key, where it can be parsed: what cannot has been reported by its shape.
    pub(super) fn parse<T: FromStr>(&self, key: &'static str) -> Option<T> {
        self.get(key)?.text()?.parse().ok()
    }

    /// The same, with its place.
    pub(super) fn placed<T: FromStr>(&self, key: &'static str) -> Option<(T, Place)> {
        Some((self.parse(key)?, self.get(key)?.place))
    }

    /// The items of a key: a list, or one that stands for a list of one.
    pub(super) fn items(&self, key: &'static str) -> Vec<Rc<Node>> {
        self.get(key).map(Node::items).unwrap_or_default()
    }

    /// The texts of a key's items.
    pub(super) fn texts(&self, key: &'static str) -> Vec<(String, Place)> {
        self.items(key).iter().filter_map(|n| Some((n.text()?.to_owned(), n.place))).collect()
    }

    /// The mapping under a key.
    pub(super) fn section(&self, key: &'static str) -> Option<Section<'a>> {
        let node = self.get(key)?;
        Some(Section::new(node, self.inner(key)?)).filter(|_| !node.entries().is_empty())
    }

    /// The description of what stands under a key, or in its items.
    pub(super) fn inner(&self, key: &str) -> Option<&'static Map> {
        map_in(&self.map.field(key)?.shape)
    }

    /// Where a key's value is, or the mapping where the key is missing.
    pub(super) fn place(&self, key: &'static str) -> Place {
        self.get(key).map_or(self.node.place, |n| n.place)
    }
}

const fn map_in(shape: &'static Shape) -> Option<&'static Map> {
    match shape {
        Shape::Leaf(_) => None,
        Shape::Map(map) => Some(map),
        Shape::Named { each, .. } | Shape::List(each) | Shape::OneOrMore(each) => map_in(each),
        Shape::Either(shapes) => {
            let mut at = 0;
            while at < shapes.len() {
                if let Some(map) = map_in(&shapes[at]) {
                    return Some(map);
                }
                at += 1;
            }
            None
        }
    }
}

/// Which keys were asked for: a test holds the readers to the whole description.
#[cfg(test)]
pub(super) mod asked {
    use std::cell::RefCell;
    use std::collections::BTreeSet;

    thread_local! {
        static KEYS: RefCell<BTreeSet<(&'static str, &'static str)>> = const { RefCell::new(BTreeSet::new()) };
    }

    pub(crate) fn note(map: &'static str, key: &'static str) {
        KEYS.with_borrow_mut(|keys| keys.insert((map, key)));
    }

    pub(crate) fn keys() -> BTreeSet<(&'static str, &'static str)> {
        KEYS.with_borrow(Clone::clone)
    }
}
