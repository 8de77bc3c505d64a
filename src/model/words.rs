//! Does who reads a wave need its words, or only what counts?

/// Whether texts, addresses and digests are read along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// All that was written.
    Kept,
    /// Only what observations rest on: in a plan's inquiries and in the events that large waves
    /// consist of, all else is empty.
    LeftOut,
}
