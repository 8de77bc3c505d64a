//! Where are askers sent? From the channel that was asked to the place that the reply names.

use super::canvas::{Anchor, Canvas, Chart, Drawing, P, fit};
use super::{NARROW, WIDE, channel_class};
use crate::report::publish::{Publication, What};
use crate::report::voice::Voice;
use std::collections::BTreeMap;

/// Redirections, as ribbons as thick as they are many.
pub(super) fn redirections(publication: &Publication, voice: &Voice) -> Option<Chart> {
    let mut links: BTreeMap<(String, String), u32> = BTreeMap::new();
    for line in publication.companies.iter().flat_map(|page| &page.inquiries) {
        let mut from = line.channel.clone();
        for mark in &line.marks {
            let What::Redirected { to, .. } = &mark.what else { continue };
            let to = to.clone().unwrap_or_else(|| "elsewhere".to_owned());
            *links.entry((from.clone(), to.clone())).or_default() += 1;
            from = to;
        }
    }
    if links.is_empty() {
        return None;
    }
    let said = links.iter().map(|((from, to), n)| format!("{} → {}: {n}", voice.channel(from), voice.place(to)));
    Some(Chart {
        id: "redirections",
        title: voice.t("chart-flows"),
        alt: format!("{} {}", voice.t("chart-flows-alt"), said.collect::<Vec<_>>().join("; ")),
        wide: drawing(WIDE, &links, voice),
        narrow: Some(drawing(NARROW, &links, voice)),
        simulated: publication.is_simulated(),
    })
}

/// Where each end of the links stands: its name, its upper edge and its height.
fn ends<'l>(
    links: &'l BTreeMap<(String, String), u32>,
    of: fn(&'l (String, String)) -> &'l String,
) -> Vec<(&'l str, f64, f64)> {
    let mut sums: BTreeMap<&str, u32> = BTreeMap::new();
    for (link, n) in links {
        *sums.entry(of(link)).or_default() += n;
    }
    let mut y = 26.0;
    let unit = unit(links);
    let mut list: Vec<(&str, u32)> = sums.into_iter().collect();
    list.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    list.into_iter()
        .map(|(name, n)| {
            let height = (f64::from(n) * unit).max(4.0);
            let place = (name, y, height);
            y += height.max(14.0) + 10.0;
            place
        })
        .collect()
}

fn unit(links: &BTreeMap<(String, String), u32>) -> f64 {
    let total: u32 = links.values().sum();
    (180.0 / f64::from(total.max(1))).min(16.0)
}

fn drawing(width: f64, links: &BTreeMap<(String, String), u32>, voice: &Voice) -> Drawing {
    let mut canvas = Canvas::new(width);
    let label = if width > 500.0 { 150.0 } else { 96.0 };
    let (left, right) = (label, width - label);
    canvas.text((left, 14.0), Anchor::End, "note", &voice.t("flow-asked"));
    canvas.text((right, 14.0), Anchor::Start, "note", &voice.t("flow-sent-to"));
    let sources = ends(links, |(from, _)| from);
    let targets = ends(links, |(_, to)| to);
    let mut used: BTreeMap<(bool, &str), f64> = BTreeMap::new();
    let unit = unit(links);
    for ((from, to), n) in links {
        let thick = f64::from(*n) * unit;
        let at = |side: &[(&str, f64, f64)], name: &str| side.iter().find(|e| e.0 == name).map_or(0.0, |e| e.1);
        let y1 = at(&sources, from) + *used.get(&(true, from.as_str())).unwrap_or(&0.0);
        let y2 = at(&targets, to) + *used.get(&(false, to.as_str())).unwrap_or(&0.0);
        *used.entry((true, from)).or_default() += thick;
        *used.entry((false, to)).or_default() += thick;
        let (x1, x2) = (left + 12.0, right - 12.0);
        let middle = f64::midpoint(x1, x2);
        let path = format!(
            "M{} {}C{} {} {} {} {} {}V{}C{} {} {} {} {} {}z",
            P(x1),
            P(y1),
            P(middle),
            P(y1),
            P(middle),
            P(y2),
            P(x2),
            P(y2),
            P(y2 + thick),
            P(middle),
            P(y2 + thick),
            P(middle),
            P(y1 + thick),
            P(x1),
            P(y1 + thick)
        );
        let said = format!("{} → {}: {}", voice.channel(from), voice.place(to), voice.count(*n));
        canvas.titled(&said, |canvas| canvas.path(&path, &format!("link {}", channel_class(from))));
    }
    let count = |name: &str, from: bool| -> u32 {
        links.iter().filter(|((f, t), _)| if from { f == name } else { t == name }).map(|(_, n)| n).sum()
    };
    for (name, y, height) in &sources {
        canvas.rect((left, *y), (8.0, *height), &format!("fill {}", channel_class(name)));
        let said = format!("{} {}", voice.channel(name), count(name, true));
        canvas.text((left - 6.0, y + height / 2.0 + 4.0), Anchor::End, "", &fit(&said, label - 8.0));
    }
    for (name, y, height) in &targets {
        canvas.rect((right - 8.0, *y), (8.0, *height), &format!("fill {}", channel_class(name)));
        let said = format!("{} {}", count(name, false), voice.place(name));
        canvas.text((right + 6.0, y + height / 2.0 + 4.0), Anchor::Start, "", &fit(&said, label - 8.0));
    }
    let end = sources.iter().chain(&targets).map(|(_, y, h)| y + h.max(14.0)).fold(0.0, f64::max);
    canvas.done(end + 14.0)
}
