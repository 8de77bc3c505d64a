//! What may stand beside the address of a contact point, on every channel: whether a person has
//! confirmed it, whether companies share it, where it was found, what asking there costs.

use super::TEXT;
use crate::scenario::leaf::Leaf;
use crate::scenario::shape::{Field, Map, Shape, optional, required};

const FLAG: Shape = Shape::Leaf(Leaf::Flag);

pub(super) const CONFIRMED: Field = optional(
    "confirmed",
    FLAG,
    "Whether a person has looked at it: what is not confirmed is not written to. Default: `true`.",
);
pub(super) const SHARED: Field = optional(
    "shared",
    FLAG,
    "Whether it is another company's address too, and is asked for each of them. Default: `false`.",
);
pub(super) const FOUND: Field = optional("found", Shape::Map(&FOUND_MAP), "Where it was found.");
pub(super) const COST: Field = optional("cost", Shape::Map(&COST_MAP), "What asking there costs a customer.");

static FOUND_MAP: Map = Map {
    name: "found section",
    fields: &[
        required("page", Shape::Leaf(Leaf::Url), "The page that publishes it."),
        optional("how", TEXT, "How it stands there: `mailto link`, `JSON-LD`."),
        optional("confidence", Shape::Leaf(Leaf::Probability), "How sure the reading is."),
    ],
};

static COST_MAP: Map = Map {
    name: "cost section",
    fields: &[
        optional("required_fields", Shape::Leaf(Leaf::Count(0, 1_000)), "Fields that must be filled."),
        optional("registration", FLAG, "Whether an account is demanded."),
        optional("phone", FLAG, "Whether a telephone number is demanded."),
        optional("real_name", FLAG, "Whether a name is demanded."),
        optional("captcha", TEXT, "The kind of CAPTCHA; `none` where there is none."),
        optional("clicks", Shape::Leaf(Leaf::Count(0, 100)), "Clicks from the home page; 0 is the home page itself."),
    ],
};
