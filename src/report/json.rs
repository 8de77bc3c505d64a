//! What does a program get that reads a scorecard?

use crate::score::Scorecard;

/// The scorecard as JSON, indented. A rehearsal's begins with a `notice` that says SIMULATED.
///
/// # Errors
/// None that a scorecard made by [`crate::score::score`] can give: its numbers are finite.
pub fn render(card: &Scorecard) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(card)?;
    text.push('\n');
    Ok(text)
}
