//! Rows for tests: a study in miniature, with one of everything.

use super::csv::read_table;
use super::{Availability, CompanyLabel, Frame, LabelGroup, Table};
use crate::model::event::Adequacy;
use crate::model::ids::InquiryId;
use crate::model::observation::{NotAskedReason, Observation, Observed, UndeliveredReason, UnknownReason};
use crate::model::study::{Measure, Primary};
use crate::model::time::Span;
use crate::threads::Threads;

pub(crate) const HOUR: u32 = 3_600;
pub(crate) const DAY: u32 = 24 * HOUR;
pub(crate) const WINDOW: u32 = 28 * DAY;

/// The table that a CSV holds.
pub(crate) fn read(csv: &str) -> Table {
    read_table(csv.as_bytes(), "rows.csv", Threads::ONE).unwrap()
}

/// A row that came to `observation`.
pub(crate) fn row(company: &str, channel: &str, observation: Observation) -> Observed {
    Observed {
        inquiry: InquiryId::from(format!("{company}.{channel}.q.1").as_str()),
        company: company.to_owned(),
        cluster: company.to_owned(),
        industry: None,
        channel: channel.to_owned(),
        question: "q".to_owned(),
        repetition: 1,
        position: 0,
        asked_at: observation.is_delivered().then(|| "2026-03-02T09:00:00Z".parse().unwrap()),
        asked_by_proof: false,
        observation,
        acknowledged_after: None,
        adequate_after: None,
        adequacy: None,
        uncoded_replies: 0,
        reminded_after: None,
    }
}

/// Replied after `latency`, watched for the whole window, not coded.
pub(crate) fn answered(company: &str, channel: &str, latency: u32) -> Observed {
    let observation = Observation::Answered { latency, after_reminder: false, observed_for: WINDOW };
    Observed { uncoded_replies: 1, ..row(company, channel, observation) }
}

/// The same, coded.
pub(crate) fn coded(company: &str, channel: &str, latency: u32, adequacy: Adequacy) -> Observed {
    let adequate_after = adequacy.is_adequate().then_some(latency);
    Observed { uncoded_replies: 0, adequate_after, adequacy: Some(adequacy), ..answered(company, channel, latency) }
}

pub(crate) fn silent(company: &str, channel: &str) -> Observed {
    row(company, channel, Observation::Silent { window: WINDOW })
}

/// Silent until a reminder, then replied `latency` after it was asked.
pub(crate) fn answered_after_reminder(company: &str, channel: &str, reminded: u32, latency: u32) -> Observed {
    let observation = Observation::Answered { latency, after_reminder: true, observed_for: WINDOW };
    Observed { observation, reminded_after: Some(reminded), ..coded(company, channel, latency, Adequacy::Answered) }
}

pub(crate) fn open(company: &str, channel: &str, observed_for: u32) -> Observed {
    row(company, channel, Observation::Censored { observed_for })
}

pub(crate) fn bounced(company: &str, channel: &str) -> Observed {
    row(company, channel, Observation::Undelivered { reason: UndeliveredReason::Bounced, after: 60 })
}

pub(crate) fn in_doubt(company: &str, channel: &str) -> Observed {
    row(company, channel, Observation::UnknownDelivery { reason: UnknownReason::InDoubt })
}

pub(crate) fn blocked(company: &str, channel: &str) -> Observed {
    row(company, channel, Observation::NotAsked { reason: NotAskedReason::Blocked })
}

/// Own channels against outside ones, by replies within a week.
pub(crate) fn frame(rows: &[Observed]) -> Frame {
    let group = |name: &str, channels: &[&str]| LabelGroup {
        name: name.to_owned(),
        channels: channels.iter().map(|c| (*c).to_owned()).collect(),
    };
    let mut frame = Frame::of_csv("Chi risponde?", rows);
    frame.about.window = Span::from_secs(WINDOW);
    frame.about.thresholds = ["2h", "24h", "7d", "28d"].map(|t| t.parse().unwrap()).to_vec();
    frame.about.groups = vec![group("own", &["web_form", "email"]), group("outside", &["facebook", "chat"])];
    frame.about.primary = Some(Primary {
        measure: Measure::Replied,
        within: Span::from_days(7),
        left: "own".to_owned(),
        right: "outside".to_owned(),
    });
    frame
}

/// One of everything: a wave that is nearly over.
pub(crate) fn study() -> (Vec<Observed>, Frame) {
    let mut rows = vec![
        silent("alfa", "web_form"),
        Observed { acknowledged_after: Some(30), ..silent("alfa", "email") },
        coded("alfa", "facebook", 40 * 60, Adequacy::Answered),
        coded("beta", "web_form", 10 * DAY + 2 * HOUR, Adequacy::Answered),
        bounced("beta", "email"),
        answered("beta", "facebook", 5 * HOUR),
        answered_after_reminder("gamma", "web_form", 7 * DAY, 8 * DAY),
        coded("gamma", "email", 2 * DAY, Adequacy::Redirected),
        coded("gamma", "chat", 90, Adequacy::Partial),
        silent("delta", "web_form"),
        silent("delta", "facebook"),
        in_doubt("delta", "email"),
        Observed { acknowledged_after: Some(2), ..open("tokyo", "web_form", 5 * DAY) },
        coded("tokyo", "facebook", 3 * HOUR, Adequacy::Answered),
        blocked("tokyo", "chat"),
        open("evil", "web_form", 20 * DAY),
    ];
    let mut asked_before = std::collections::HashMap::<String, u32>::new();
    for row in &mut rows {
        let position = asked_before.entry(row.company.clone()).or_default();
        *position += 1;
        row.position = *position;
    }
    let mut frame = frame(&rows);
    frame.about.study = Some("ladogana".to_owned());
    frame.about.wave = Some("rehearsal-1".to_owned());
    frame.about.simulated = true;
    frame.about.order_confounded = true;
    let label = |id: &str, name: &str| CompanyLabel { id: id.to_owned(), name: name.to_owned(), industry: None };
    frame.companies = vec![
        label("alfa", "Biscotti Alfa"),
        label("beta", "=Edil Beta, S.r.l."),
        label("gamma", "Gamma Società per Azioni Internazionale di Lampadine a Basso Consumo"),
        label("delta", "Delta"),
        label("tokyo", "東京ガス株式会社東京ガス株式会社東京ガス株式会社"),
        label("evil", "Evil\u{1b}[31m \u{202e}Corp\u{7}"),
    ];
    frame.availability =
        vec![Availability { channel: "chat".to_owned(), offered: 2, not_offered: 3, not_looked_for: 1 }];
    (rows, frame)
}
