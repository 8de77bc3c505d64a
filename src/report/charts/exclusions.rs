//! Where did inquiries go? From the plan to those that were coded, with every exclusion.

use super::canvas::{Anchor, Canvas, Chart, Drawing, fit};
use super::{NARROW, WIDE};
use crate::report::publish::Publication;
use crate::report::voice::Voice;

/// A stage, and what left before the next.
struct Stage {
    label: String,
    number: u32,
    lost: Vec<(String, u32)>,
}

/// Planned → sent → delivered → observed → coded.
pub(super) fn flow(publication: &Publication, voice: &Voice) -> Chart {
    let stages = stages(publication, voice);
    Chart {
        id: "flow",
        title: voice.t("chart-flow"),
        alt: said(publication, voice).join("; "),
        wide: drawing(WIDE, &stages, voice),
        narrow: Some(drawing(NARROW, &stages, voice)),
        simulated: publication.is_simulated(),
    }
}

/// The stages and what left between them, in words.
#[must_use]
pub fn said(publication: &Publication, voice: &Voice) -> Vec<String> {
    let mut said = Vec::new();
    for stage in stages(publication, voice) {
        said.push(format!("{}: {}", stage.label, voice.count(stage.number)));
        said.extend(stage.lost.iter().map(|(why, n)| format!("− {why}: {}", voice.count(*n))));
    }
    said
}

fn stages(publication: &Publication, voice: &Voice) -> Vec<Stage> {
    let total = &publication.scorecard.total;
    let (not, undelivered) = (&total.not_asked, &total.undelivered);
    let observed = total.before_any_reminder.response.denominator;
    let some = |list: &[(&str, u32)]| -> Vec<(String, u32)> {
        list.iter().filter(|(_, n)| *n > 0).map(|(key, n)| (voice.t(key), *n)).collect()
    };
    let replied = total.all_answers().replied;
    let coded = replied.saturating_sub(total.inquiries_uncoded);
    vec![
        Stage {
            label: voice.t("flow-planned"),
            number: total.inquiries,
            lost: some(&[
                ("lost-pending", not.pending),
                ("lost-blocked", not.blocked),
                ("lost-entries-rejected", not.entries_rejected),
                ("lost-late", not.late),
                ("lost-stopped", not.stopped),
                ("lost-impossible", not.impossible),
            ]),
        },
        Stage {
            label: voice.t("flow-sent"),
            number: total.asked,
            lost: some(&[
                ("lost-bounced", undelivered.bounced),
                ("lost-refused", undelivered.refused),
                ("lost-never-taken", undelivered.never_taken),
                ("lost-in-doubt", total.unknown.in_doubt),
                ("lost-held", total.unknown.held),
            ]),
        },
        Stage {
            label: voice.t("flow-delivered"),
            number: total.delivered,
            lost: some(&[("lost-not-followed", total.delivered.saturating_sub(observed))]),
        },
        Stage { label: voice.t("flow-observed"), number: observed, lost: some(&[("lost-silent", total.silent)]) },
        Stage {
            label: voice.t("flow-replied"),
            number: replied,
            lost: some(&[("lost-uncoded", total.inquiries_uncoded)]),
        },
        Stage { label: voice.t("flow-coded"), number: coded, lost: Vec::new() },
    ]
}

fn drawing(width: f64, stages: &[Stage], voice: &Voice) -> Drawing {
    let mut canvas = Canvas::new(width);
    let wide = width > 500.0;
    let (box_width, side) = if wide { (210.0, 260.0) } else { (140.0, 164.0) };
    let mut y = 6.0;
    for (i, stage) in stages.iter().enumerate() {
        canvas.rect((4.0, y), (box_width, 34.0), "frame");
        canvas.text((14.0, y + 21.0), Anchor::Start, "", &fit(&stage.label, box_width - 64.0));
        canvas.text((box_width - 6.0, y + 21.0), Anchor::End, "strong", &voice.count(stage.number));
        if i + 1 == stages.len() {
            y += 40.0;
            break;
        }
        let lost = f64::from(u32::try_from(stage.lost.len()).unwrap_or(0));
        let gap = (lost * 18.0 + 16.0).max(26.0);
        let middle = 4.0 + box_width / 2.0;
        canvas.line((middle, y + 34.0), (middle, y + 34.0 + gap), "rule");
        canvas.path(&format!("M{} {}l-4 -6h8z", middle, y + 34.0 + gap), "fill soft");
        let mut lost_y = y + 34.0 + gap / 2.0 - (lost - 1.0) * 9.0;
        for (why, number) in &stage.lost {
            canvas.line((middle, lost_y), (side - 8.0, lost_y), "grid");
            canvas.text(
                (side, lost_y + 4.0),
                Anchor::Start,
                "tick",
                &fit(&format!("−{} {why}", voice.count(*number)), width - side - 4.0),
            );
            lost_y += 18.0;
        }
        y += 34.0 + gap;
    }
    canvas.done(y + 4.0)
}
