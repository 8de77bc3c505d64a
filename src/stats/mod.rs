//! Numbers in, numbers out: how sure can one be of a count, and of a time?
//!
//! Estimators know nothing of companies or channels. Their conventions (ties, limits, quantiles)
//! are those of R's `survival` and of lifelines, to which tests hold them.

pub mod interval;
pub mod paired;
pub mod proportion;
pub mod survival;

pub use interval::{Confidence, Estimate, Interval, fixed};
pub use paired::{PairedTable, sign_flip};
pub use proportion::Proportion;
pub use survival::{Followed, KaplanMeier, MedianLimits, Reached};
