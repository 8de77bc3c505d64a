//! Numbers in, numbers out: how sure can one be of a count, and of a time?
//!
//! Estimators know nothing of companies or channels. Their conventions (ties, limits, quantiles)
//! are those of R's `survival` and of lifelines, to which tests hold them.

pub mod agreement;
pub mod badge;
pub mod beta;
pub mod binomial;
pub mod bootstrap;
pub mod cluster;
pub mod interval;
pub mod linear;
pub mod multiple;
pub mod paired;
pub mod power;
pub mod proportion;
pub mod ranks;
pub mod score_test;
pub mod shrinkage;
pub mod sign_flip;
pub mod strata;
pub mod survival;
pub mod trend;

pub use agreement::{Cohen, Ratings};
pub use beta::Beta;
pub use bootstrap::{Resampled, cluster_bootstrap};
pub use cluster::{ClusteredDifference, ClusteredShare, Clusters, clustered_difference};
pub use interval::{Confidence, Estimate, Interval, fixed};
pub use multiple::{CochranQ, cochran_q, holm};
pub use paired::PairedTable;
pub use power::Discordance;
pub use proportion::Proportion;
pub use ranks::expected_ranks;
pub use score_test::{ScoreTest, Waited};
pub use shrinkage::Shrinkage;
pub use sign_flip::{SignFlip, SignFlipMethod, sign_flip};
pub use strata::{stratified_difference, weighted_difference};
pub use survival::{
    AalenJohansen, Competing, Followed, KaplanMeier, LogRank, LogRankRow, LogRankSample, MedianLimits, Reached,
    RestrictedMean,
};
pub use trend::{InWave, Trend, logistic_trend};
