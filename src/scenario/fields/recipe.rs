//! What fills a web form, what proves that it was taken, and the steps of a recipe for one that is not understood.

use super::TEXT;
use crate::scenario::leaf::Leaf;
use crate::scenario::shape::{Field, Map, Shape, optional};
use crate::scenario::words::Word;

static ENGINES: [Word; 3] = [
    ("auto", "plain HTTP; a browser where the form is made or guarded by scripts"),
    ("http", "plain HTTP alone"),
    ("browser", "a real browser"),
];

pub(super) const ENGINE: Field = optional(
    "engine",
    Shape::Leaf(Leaf::Choice(&ENGINES)),
    "What fills the form. Default: `auto`, plain HTTP, then a browser where it needs one.",
);
pub(super) const STEPS: Field =
    optional("steps", Shape::List(&ONE), "What to do step by step in a browser, where the form is not understood.");

pub(super) static SUCCESS: Map = Map {
    name: "success section",
    fields: &[
        optional("text", TEXT, "Text that the answer's page shows."),
        optional("selector", TEXT, "CSS selector that it matches."),
        optional("url", TEXT, "Text that the final address contains."),
    ],
};

const PAIRS: Shape = Shape::Named { key: Leaf::Text, each: &TEXT };

static ONE: Shape = Shape::Map(&STEP);

/// One step: one of the actions, and how long it may take.
static STEP: Map = Map {
    name: "step",
    fields: &[
        optional("goto", Shape::Leaf(Leaf::Url), "Load this page."),
        optional("click", TEXT, "Click the element of this CSS selector."),
        optional("send", TEXT, "Click the element that sends the form. Default: the last `click:`."),
        optional("fill", PAIRS, "Write into elements: selector → template or role, as under `fields:`."),
        optional("select", PAIRS, "Choose from lists: selector → what is shown or sent."),
        optional("check", TEXT, "Tick the box of this selector."),
        optional("upload", PAIRS, "Give files: selector → path, from the study's folder."),
        optional("wait_for", TEXT, "Wait until the element of this selector is there."),
        optional("in_frame", TEXT, "Enter the frame of this selector; `top` leaves all frames."),
        optional("in_shadow", TEXT, "Look for what follows in this element's shadow tree; `top` leaves it."),
        optional("expect", TEXT, "The page must show this text; after `send:` it proves that the form was taken."),
        optional("screenshot", TEXT, "Take a picture, with this name."),
        optional("within", Shape::Leaf(Leaf::Span), "How long the step may take. Default: 15s."),
    ],
};
