//! The pictures: SVG from small templates of our own, with direct labels and one colour a channel.
//!
//! Each picture is drawn twice, for a page and for a telephone, and written once as a file. Colours
//! are classes: the page's style, or the file's own, gives them in light and dark.

mod canvas;
mod change;
mod curves;
mod exclusions;
mod flows;
mod forest;
mod palette;
mod rhythm;
mod scale;
mod slopes;
mod tiles;
mod timeline;

pub use canvas::{Chart, Drawing};
pub use exclusions::said as flow_said;
pub use palette::{STYLE, channel_class};
pub use rhythm::{said as pattern_said, small as pattern};
pub use tiles::sign;
pub use timeline::timeline;

use super::publish::Publication;
use super::voice::Voice;

/// How wide pictures are drawn, in pixels: on a page, and on a telephone.
pub const WIDE: f64 = 824.0;
const NARROW: f64 = 328.0;

/// The pictures of a report, in its order. One without anything to show is not among them.
#[must_use]
pub fn charts(publication: &Publication, voice: &Voice) -> Vec<Chart> {
    let drawn = [
        forest::rates(publication, voice),
        curves::groups(publication, voice),
        curves::channels(publication, voice),
        slopes::slopes(publication, voice),
        tiles::tiles(publication, voice),
        rhythm::replies(publication, voice),
        flows::redirections(publication, voice),
        change::waves(publication, voice),
        Some(exclusions::flow(publication, voice)),
        rhythm::sent(publication, voice),
    ];
    drawn.into_iter().flatten().collect()
}
