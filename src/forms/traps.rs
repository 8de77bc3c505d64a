//! Which hidden controls are traps for robots, and which does a script show to people?

use super::page::{Field, Kind};
use super::visible::{ElementId, Hiding, HidingKind};
use crate::lexicon::form_words::Concept;
use std::collections::HashMap;

/// So many controls for text in one hidden container are a part of the form that scripts show:
/// traps come alone.
const REVEALED_MIN: usize = 3;

/// Marks the controls of a form that a person does not see, and those of them that are traps.
pub fn mark(fields: &mut [Field], hidings: &[Option<Hiding>]) {
    let is_text = |f: &Field| matches!(f.kind, Kind::Text | Kind::Email | Kind::Phone | Kind::Special | Kind::Area);
    let shown_area = fields.iter().zip(hidings).any(|(f, h)| f.kind == Kind::Area && h.is_none());
    let mut behind: HashMap<ElementId, usize> = HashMap::new();
    for hiding in fields.iter().zip(hidings).filter(|(f, _)| is_text(f)).filter_map(|(_, h)| *h) {
        *behind.entry(hiding.by).or_default() += 1;
    }
    let texts = fields.iter().filter(|f| is_text(f)).count();
    let is_unreached = |h: &&Option<Hiding>| h.is_some_and(|h| h.kind == HidingKind::Unreached);
    // A dialog that is not open yet lets the keyboard reach none of its fields.
    let closed = hidings.iter().filter(is_unreached).count() * 2 > texts;
    for (field, hiding) in fields.iter_mut().zip(hidings) {
        let said = says_trap(field);
        let Some(hiding) = hiding.filter(|h| h.kind != HidingKind::Unreached || !(closed || field.readonly)) else {
            field.is_trap = said;
            continue;
        };
        let many = !hiding.is_own && behind.get(&hiding.by).is_some_and(|count| *count >= REVEALED_MIN);
        // Editors hide the real box and draw their own.
        let edited = field.kind == Kind::Area && !shown_area && Concept::Message.is_in(&field.name);
        if (many || edited) && !said {
            continue;
        }
        field.hidden = Some(hiding.why);
        let is_trap = match hiding.kind {
            HidingKind::Trap => true,
            HidingKind::Curtain | HidingKind::Unreached => is_bait(field) || (hiding.unreached && is_nameless(field)),
            HidingKind::Silent => false,
        };
        field.is_trap = said || (is_text(field) && is_trap);
    }
}

/// Words that tell people to keep out.
pub fn says_trap(field: &Field) -> bool {
    [&field.label, &field.name, &field.id, &field.hint, &field.class].iter().any(|text| Concept::Honeypot.is_in(text))
}

/// Whether a robot would fill it: what a script shows later is mostly called something else
/// ("please specify", a second line of an address).
fn is_bait(field: &Field) -> bool {
    const BAIT: [Concept; 9] = [
        Concept::Username,
        Concept::Email,
        Concept::Name,
        Concept::FirstName,
        Concept::LastName,
        Concept::Website,
        Concept::Phone,
        Concept::Message,
        Concept::Captcha,
    ];
    let texts = [&field.label, &field.name, &field.id];
    let is_stand_in = texts.iter().any(|text| Concept::Password.is_in(text));
    field.typed != "url" && !is_stand_in && texts.iter().any(|text| BAIT.iter().any(|c| c.is_in(text)))
}

/// Whether nothing tells a person what it is for.
const fn is_nameless(field: &Field) -> bool {
    field.label.is_empty() && field.hint.is_empty()
}
