//! Which folder holds what a filter on our side called spam? A reply in it counts like any other.

/// The names that such folders go by, compared without case.
const NAMES: [&str; 5] = ["junk", "spam", "junk e-mail", "junk email", "bulk mail"];

/// Whether a folder of that name, without the folders above it, holds spam.
pub(super) fn is_spam_folder(name: &str) -> bool {
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}
