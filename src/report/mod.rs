//! How is a scorecard shown? `Scorecard` → terminal text, CSV, JSON. Values, not prints.

pub mod charts;
pub mod csv;
pub mod escape;
pub mod html;
pub mod json;
pub mod package;
pub mod power;
pub mod publish;
pub mod repeated;
pub mod sentences;
pub mod table;
pub mod terminal;
pub mod text;
pub mod voice;
pub mod waves;
mod wrap;

#[cfg(test)]
mod tests;

/// How text is laid out on a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns; below 60 a table may be wider.
    pub width: usize,
    /// Whether escape sequences for colour are written.
    pub color: bool,
    /// Whether the table by company is shown.
    pub companies: bool,
    /// Whether what is on request is shown.
    pub all: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { width: 80, color: false, companies: false, all: false }
    }
}
