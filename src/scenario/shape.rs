//! How a study's shape is described. One description drives both the reading (`conform`) and the
//! JSON Schema (`schema`), so that they cannot drift apart; the description itself is in `fields`.

use super::leaf::Leaf;

/// What may stand at a place.
#[derive(Debug)]
pub(super) enum Shape {
    /// A scalar.
    Leaf(Leaf),
    /// A mapping with known keys.
    Map(&'static Map),
    /// A mapping from names of the user's choice.
    Named {
        /// What a name may be.
        key: Leaf,
        /// What stands under each.
        each: &'static Shape,
    },
    /// A list.
    List(&'static Shape),
    /// One, or a list of them.
    OneOrMore(&'static Shape),
    /// One of several, told apart by what stands there: scalar, list or mapping.
    Either(&'static [Shape]),
}

/// A mapping with known keys.
#[derive(Debug)]
pub(super) struct Map {
    /// What errors and the schema call it.
    pub name: &'static str,
    /// Its keys.
    pub fields: &'static [Field],
}

/// A key of a mapping.
#[derive(Debug)]
pub(super) struct Field {
    /// The key.
    pub key: &'static str,
    /// What may stand there.
    pub shape: Shape,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, for editors.
    pub doc: &'static str,
}

impl Map {
    /// The field of a key.
    pub(super) fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|f| f.key == key)
    }
}

/// A key that must be there.
pub(super) const fn required(key: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { key, shape, required: true, doc }
}

/// A key that may be there.
pub(super) const fn optional(key: &'static str, shape: Shape, doc: &'static str) -> Field {
    Field { key, shape, required: false, doc }
}
