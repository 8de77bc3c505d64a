//! What did each company do on each channel? A tile a cell, with a sign beside the colour.

use super::WIDE;
use super::canvas::{Anchor, Canvas, Chart, fit};
use crate::report::publish::{CompanyPage, Publication, Status};
use crate::report::voice::Voice;

/// The sign of a status: a picture without colours tells the same.
#[must_use]
pub const fn sign(status: Status) -> &'static str {
    match status {
        Status::Answered => "●",
        Status::Replied => "◉",
        Status::Inadequate => "◐",
        Status::Silent => "○",
        Status::NotFollowed => "◌",
        Status::Unknown => "?",
        Status::Undelivered => "✕",
        Status::NotAsked | Status::NotPlanned => "·",
        Status::NotOffered => "–",
        Status::NotLookedFor => "",
    }
}

/// Most companies of the picture: the table has all of them.
const COMPANIES_MAX: usize = 60;

pub(super) fn tiles(publication: &Publication, voice: &Voice) -> Option<Chart> {
    if publication.companies.is_empty() || publication.channels.is_empty() {
        return None;
    }
    let statuses = present(publication);
    let counts = statuses.iter().map(|status| {
        let of = |page: &CompanyPage| page.tiles.iter().filter(|t| t.status == *status).count();
        let number: usize = publication.companies.iter().map(of).sum();
        format!("{} {}", voice.t(&format!("status-{}", status.name())), number)
    });
    Some(Chart {
        id: "tiles",
        title: voice.t("chart-tiles"),
        alt: format!("{} {}", voice.t("chart-tiles-alt"), counts.collect::<Vec<_>>().join("; ")),
        wide: drawing(publication, &statuses, voice),
        narrow: None,
        simulated: publication.is_simulated(),
    })
}

/// The statuses that occur, the best first.
pub(super) fn present(publication: &Publication) -> Vec<Status> {
    let occurs = |status: &Status| publication.companies.iter().any(|p| p.tiles.iter().any(|t| t.status == *status));
    Status::ALL.into_iter().filter(occurs).collect()
}

fn drawing(publication: &Publication, statuses: &[Status], voice: &Voice) -> super::Drawing {
    const ROW: f64 = 22.0;
    let mut canvas = Canvas::new(WIDE);
    let left = 190.0;
    let channels = u32::try_from(publication.channels.len()).unwrap_or(1).max(1);
    let each = ((WIDE - left - 8.0) / f64::from(channels)).min(110.0);
    for (i, channel) in (0_u32..).zip(&publication.channels) {
        let x = left + each * (f64::from(i) + 0.5);
        canvas.text((x, 18.0), Anchor::Middle, "strong", &fit(&voice.channel(channel), each - 4.0));
    }
    let mut y = 28.0;
    for page in publication.companies.iter().take(COMPANIES_MAX) {
        canvas.text((left - 10.0, y + 15.0), Anchor::End, "", &fit(&page.name, left - 14.0));
        for (i, tile) in (0_u32..).zip(&page.tiles) {
            let x = left + each * f64::from(i);
            canvas.rect((x + 1.0, y + 1.0), (each - 2.0, ROW - 2.0), &format!("tile t-{}", tile.status.name()));
            let repeated = if tile.asked > 1 { format!(" {}/{}", tile.replied, tile.asked) } else { String::new() };
            let said = format!("{}{repeated}", sign(tile.status));
            canvas.text((x + each / 2.0, y + 15.5), Anchor::Middle, &format!("s-{}", tile.status.name()), &said);
        }
        y += ROW;
    }
    let rest = publication.companies.len().saturating_sub(COMPANIES_MAX);
    if rest > 0 {
        y += 16.0;
        canvas.text((left, y), Anchor::Start, "note", &voice.n("and-more", u32::try_from(rest).unwrap_or(u32::MAX)));
        y += 4.0;
    }
    y += 12.0;
    let mut x = 8.0;
    for status in statuses {
        let label = format!("{} {}", sign(*status), voice.t(&format!("status-{}", status.name())));
        let width = super::canvas::width_of(&label) + 26.0;
        if x + width > WIDE {
            x = 8.0;
            y += 22.0;
        }
        canvas.rect((x, y), (14.0, 14.0), &format!("tile t-{}", status.name()));
        canvas.text((x + 19.0, y + 11.0), Anchor::Start, "tick", &label);
        x += width;
    }
    canvas.done(y + 24.0)
}
