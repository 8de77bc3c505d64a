//! Studies of every shape, made up without any wave: a report has to stand with none, one and five hundred
//! companies, one channel and eight, long names, and names that run from right to left.

use risposta::lexicon::report_words::Language;
use risposta::model::event::Adequacy;
use risposta::model::ids::InboundId;
use risposta::model::observation::{NotAskedReason, Observation, Observed, UndeliveredReason, UnknownReason};
use risposta::model::plan::Plan;
use risposta::model::state::WaveState;
use risposta::report::publish::{Audience, Inquiry, Mark, Material, Publication, Record, What, edition};
use risposta::report::voice::Voice;
use risposta::report::{charts, html};
use std::path::{Path, PathBuf};

/// Channels, in the order in which shapes take them, with a contact point of a company each.
const CHANNELS: [(&str, &str); 8] = [
    ("email", "info@{c}.example"),
    ("facebook", "https://www.facebook.example/{c}"),
    ("web_form", "https://{c}.example/contact"),
    ("chat", "https://{c}.example/chat"),
    ("forum", "https://forum.example/{c}"),
    ("instagram", "https://www.instagram.example/{c}"),
    ("whatsapp", "+39 333 {n}"),
    ("phone", "+39 02 {n}"),
];

/// Names as companies have them.
#[derive(Clone, Copy)]
pub(crate) enum Names {
    Short,
    Long,
    RightToLeft,
}

impl Names {
    fn of(self, n: usize) -> String {
        match self {
            Self::Short => format!("Company {n}"),
            Self::Long => format!(
                "Vereinigte Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft & \
                 Figli di Giovanni Battista Pergolesi S.p.A. in liquidazione volontaria, sede secondaria n. {n}"
            ),
            Self::RightToLeft => format!("شركة الاتصالات المتحدة {n} חברת התקשורת"),
        }
    }
}

/// The frozen plan of so many companies on so many channels. Not every company offers each of them.
fn plan(companies: usize, channels: usize, names: Names) -> Plan {
    let points = |n: usize| -> String {
        let offered = CHANNELS.iter().take(channels).enumerate().filter(|(i, _)| *i == 0 || n % (i + 3) != 1);
        let at = |at: &str| at.replace("{c}", &format!("c{n}")).replace("{n}", &format!("{n:06}"));
        let points: Vec<String> =
            offered.map(|(_, (channel, place))| format!(", {channel}: \"{}\"", at(place))).collect();
        points.concat()
    };
    let listed: Vec<String> = (0..companies)
        .map(|n| {
            let name = serde_json::to_string(&names.of(n)).unwrap();
            format!("  - {{id: c{n}, name: {name}, industry: i{}, ask: q{}}}\n", n % 4, points(n))
        })
        .collect();
    let (own, outside) = (["email", "web_form"], ["facebook", "chat", "forum", "instagram", "whatsapp", "phone"]);
    let among = |list: &[&str]| {
        let taken: Vec<&str> = CHANNELS.iter().take(channels).map(|c| c.0).filter(|c| list.contains(c)).collect();
        taken.join(", ")
    };
    let compare = if channels > 1 {
        format!("compare: {{own: [{}], outside: [{}]}}, ", among(&own), among(&outside))
    } else {
        String::new()
    };
    let primary = if channels > 1 { "primary: adequate within 7d, own vs outside\n" } else { "" };
    let study = format!(
        "study: shapes\ntitle: Who replies?\nlanguage: en\ntimezone: Europe/Rome\n\
         conduct: {{purpose: research, max_messages_per_company: 20}}\n\
         mailbox: {{address: anna@post.example, alias: catch-all, imap: imap.post.example, smtp: smtp.post.example}}\n\
         persona: {{name: Anna Rossi, phone: \"+39 02 111111\"}}\n\
         questions:\n  q: {{subject: Price, text: \"What does it cost?\"}}\n\
         companies:\n{}\
         design: {{{compare}per_company: all, order: random, send: \"Mo-Fr 09:00-17:00\", window: 28d, washout: 28d}}\n\
         {primary}publish: {{names: pseudonyms, statement: \"We behaved.\", minimum_cell: 5}}\n",
        listed.concat()
    );
    let loaded = risposta::scenario::check_str("shapes.yaml", &study, Path::new("."));
    let study = loaded.study.unwrap_or_else(|| panic!("{}", loaded.findings.plain()));
    risposta::plan::make(&study, &"rehearsal".parse().unwrap(), "2026-03-02T08:00:00Z".parse().unwrap()).unwrap()
}

/// All that is known of a wave in which companies did what `seed` says; with `asked` none at all.
pub(crate) fn material(companies: usize, channels: usize, names: Names, seed: u64) -> Material {
    let plan = plan(companies, channels, names);
    let as_of = "2026-05-20T08:00:00Z".parse().unwrap();
    let mut material = Material::of_wave(&plan, &WaveState::new(&plan), as_of, Record::default(), Vec::new());
    let mut dice = Dice(seed);
    for (n, inquiry) in material.inquiries.iter_mut().enumerate() {
        let asked_at = plan.start + chrono::TimeDelta::minutes(i64::try_from(n * 37 % 20_000).unwrap());
        act(inquiry, &mut dice, asked_at, u32::try_from(n).unwrap());
    }
    material
}

/// The same where nothing has been asked yet.
pub(crate) fn nothing_asked() -> Material {
    let plan = plan(3, 4, Names::Short);
    Material::of_wave(&plan, &WaveState::new(&plan), plan.start, Record::default(), Vec::new())
}

/// A sequence of numbers that looks like chance (Knuth's multiplier).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `sides`.
    pub(crate) fn roll(&mut self, sides: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(sides)).unwrap()
    }
}

/// What an inquiry comes to: one of everything, most of them answered or silent.
fn act(inquiry: &mut Inquiry, dice: &mut Dice, asked_at: chrono::DateTime<chrono::Utc>, n: u32) {
    const WINDOW: u32 = 28 * 86_400;
    let row = &mut inquiry.observed;
    let outside = !["email", "web_form"].contains(&row.channel.as_str());
    row.asked_at = Some(asked_at);
    let latency = 60 << dice.roll(14);
    let mark = |after: u32, what: What| Mark {
        at: asked_at + chrono::TimeDelta::seconds(i64::from(after)),
        after,
        what,
        via: None,
    };
    inquiry.marks = vec![mark(0, What::Sent)];
    row.observation = match dice.roll(100) {
        0..=1 => Observation::NotAsked { reason: NotAskedReason::Blocked },
        2..=4 => Observation::Undelivered { reason: UndeliveredReason::Bounced, after: 90 },
        5..=6 => Observation::UnknownDelivery { reason: UnknownReason::InDoubt },
        7..=9 => Observation::Censored { observed_for: 86_400 },
        roll if roll < if outside { 75 } else { 45 } => {
            Observation::Answered { latency, after_reminder: false, observed_for: WINDOW }
        }
        _ => Observation::Silent { window: WINDOW },
    };
    if matches!(row.observation, Observation::NotAsked { .. }) {
        row.asked_at = None;
        inquiry.marks.clear();
    }
    if let Observation::Undelivered { after, .. } = row.observation {
        inquiry.marks.push(mark(after, What::Bounced));
    }
    if let Observation::Answered { latency, .. } = row.observation {
        let adequacy = [Adequacy::Answered, Adequacy::Answered, Adequacy::Partial, Adequacy::Redirected]
            [usize::try_from(dice.roll(4)).unwrap()];
        row.adequacy = Some(adequacy);
        row.adequate_after = adequacy.is_adequate().then_some(latency);
        let inbound: InboundId = serde_json::from_value(serde_json::json!(n)).unwrap();
        inquiry.marks.push(mark(latency, What::Replied { inbound, adequacy: Some(adequacy) }));
        if adequacy == Adequacy::Redirected {
            let to = ["email", "phone", "visit", "facebook"][usize::try_from(dice.roll(4)).unwrap()];
            inquiry.marks.push(mark(latency, What::Redirected { to: Some(to.to_owned()), back: false }));
        }
    }
}

/// The page of a publication, written into a folder with its pictures.
pub(crate) fn write(folder: &Path, material: Material, audience: &Audience, language: Language) -> PathBuf {
    let publication = Publication::of(&edition(material, audience, b"secret").unwrap(), audience);
    let voice = Voice::of(language);
    std::fs::create_dir_all(folder.join("charts")).unwrap();
    for chart in charts::charts(&publication, &voice) {
        std::fs::write(folder.join(format!("charts/{}.svg", chart.id)), chart.file().unwrap()).unwrap();
    }
    let page = folder.join("report.html");
    std::fs::write(&page, html::render(&publication, &voice).unwrap()).unwrap();
    page
}

/// Every shape by its name.
pub(crate) fn shapes() -> [(&'static str, Material); 7] {
    let of = |seed| material(12, 5, Names::Short, seed);
    let waves = with_earlier(of(6), "rehearsal-spring", &of(7));
    [
        ("empty", nothing_asked()),
        ("one-company", material(1, 3, Names::Short, 1)),
        ("one-channel", material(12, 1, Names::Short, 2)),
        ("long-names", material(12, 8, Names::Long, 3)),
        ("right-to-left", material(12, 5, Names::RightToLeft, 4)),
        ("waves", with_earlier(waves, "rehearsal-summer", &of(8))),
        ("many", material(500, 8, Names::Short, 5)),
    ]
}

/// Rows of two waves, the earlier with another seed.
pub(crate) fn with_earlier(mut material: Material, wave: &str, other: &Material) -> Material {
    let rows: Vec<Observed> = other.rows();
    material.earlier.push(risposta::report::publish::Earlier { wave: wave.to_owned(), simulated: true, rows });
    material
}
