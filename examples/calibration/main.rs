//! Do intervals cover, and do tests err, as often as they say? `cargo run --release --example calibration`.
//!
//! Studies are simulated whose truth is known, and scored by the very code behind `risposta score --format flat`,
//! and by what the human page says instead where companies were asked repeatedly ("by clusters").
//! Each interval is held against the truth; where all channels are alike, each test's errors are counted.
//!
//! What it shows: with one inquiry a company and channel all intervals of shares, curves and differences hold 92 to
//! 97 %, and no test errs more than it says; the restricted mean holds only 90 % where hardly anybody replies. With six
//! repeats, only what takes companies as clusters holds: shares by design effect, the cluster bootstrap, the paired
//! difference by companies and the sign-flip test; the lines "by clusters" are made to hold there too. Plain Wilson, Kaplan-Meier, Newcombe, `McNemar`, Cochran and log-rank,
//! by company too, then promise too much. So do intervals of companies' own shares where channels differ within them.
//!
//! Options: `--studies 2000`, `--seed 1`, `--resamples 500` (of the bootstrap).

mod clustered;
mod study;

use risposta::model::time::Span;
use risposta::score::flat::{self, Flat, Only, Value, Wanted};
use risposta::threads::Threads;
use study::{HOUR, SCENARIOS, Scenario, Simulated};

type Failed = Box<dyn std::error::Error>;

/// What all intervals promise, in percent, and how often all tests may err.
const COVERED: f64 = 95.0;
const ERRED: f64 = 5.0;

fn main() -> Result<(), Failed> {
    let (studies, seed, resamples) = (option("--studies", 2_000)?, option("--seed", 1)?, option("--resamples", 500)?);
    for scenario in SCENARIOS {
        let judge = |number: &u32| judge(scenario, u64::from(seed), *number, resamples);
        report(scenario, &Threads::available().map(&(0..studies).collect::<Vec<_>>(), judge));
    }
    Ok(())
}

fn option(name: &str, default: u32) -> Result<u32, Failed> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name).skip(1);
    arguments.next().map_or(Ok(default), |value| value.parse().map_err(|e| format!("{name} {value}: {e}").into()))
}

/// An interval, and what it should cover; `None` where the scorer gives none.
struct Kind {
    name: &'static str,
    interval: fn(&Flat) -> Option<[f64; 2]>,
    truth: fn(&Simulated) -> f64,
}

const fn kind(name: &'static str, interval: fn(&Flat) -> Option<[f64; 2]>, truth: fn(&Simulated) -> f64) -> Kind {
    Kind { name, interval, truth }
}

const WEEK: f64 = 168.0 * HOUR;

const INTERVALS: [Kind; 14] = [
    kind("share within 7 d: Wilson", |f| ends(f, "rate.a.7d.wilson"), |s| s.share_within(WEEK)),
    kind("  by design effect", |f| ends(f, "rate.a.7d.wilson_deff"), |s| s.share_within(WEEK)),
    kind("  Clopper-Pearson", |f| ends(f, "rate.a.7d.clopper"), |s| s.share_within(WEEK)),
    kind("  cluster bootstrap", bootstrap, |s| s.share_within(WEEK)),
    kind("bounce rate: Wilson", |f| ends(f, "bounce_rate.a.wilson"), |s| s.scenario.bounced),
    kind("Kaplan-Meier at 24 h: log-log", |f| ends(f, "km.a.loglog.24h"), |s| 1.0 - s.share_within(24.0 * HOUR)),
    kind("Kaplan-Meier at 7 d: log-log", |f| ends(f, "km.a.loglog.7d"), |s| 1.0 - s.share_within(WEEK)),
    kind("median", |f| Some([number(f, "km.a.median_ci_lo")?, number(f, "km.a.median_ci_hi")?]), Simulated::median),
    kind("restricted mean, 168 h", restricted_mean, Simulated::restricted_mean),
    kind("Aalen-Johansen at 7 d", aalen_johansen, |s| (1.0 - s.scenario.bounced) * s.share_within(WEEK)),
    kind("restricted means, a - b", |f| estimate(f, "rmst_diff168h.a~b"), Simulated::restricted_mean_difference),
    kind("paired a - b: Newcombe", |f| estimate(f, "paired.a~b.7d.newcombe10"), Simulated::difference),
    kind("  by companies", |f| pair_of(f, "paired.a~b.7d.diff_cluster").map(around), Simulated::difference),
    kind("paired a - c: Newcombe", |f| estimate(f, "paired.a~c.7d.newcombe10"), |_| 0.0),
];

/// A p-value whose hypothesis holds where all channels are alike.
type Test = (&'static str, fn(&Flat) -> Option<f64>);

const TESTS: [Test; 7] = [
    ("McNemar, exact", |f| number(f, "paired.a~b.7d.mcnemar_exact_p")),
    ("McNemar, mid-p", |f| number(f, "paired.a~b.7d.mcnemar_midp")),
    ("sign-flip of companies, exact", |f| number(f, "paired.a~b.7d.signflip_company_p")),
    ("  any of three pairs, by Holm", any_pair),
    ("Cochran's Q", |f| number(f, "cochran_q.p")),
    ("log-rank", |f| number(f, "logrank.p")),
    ("log-rank, by company", |f| number(f, "logrank_strat_company.p")),
];

/// What goes by clusters: the interval, and what it should cover.
type ByClusters = (&'static str, fn(&Simulated) -> Option<[f64; 2]>, fn(&Simulated) -> f64);

const BY_CLUSTERS: [ByClusters; 4] = [
    ("by clusters: curve at 24 h", |s| clustered::curve(&s.table, 86_400), |s| 1.0 - s.share_within(24.0 * HOUR)),
    ("by clusters: curve at 7 d", |s| clustered::curve(&s.table, 604_800), |s| 1.0 - s.share_within(WEEK)),
    ("by clusters: median", |s| clustered::median(&s.table), Simulated::median),
    ("by clusters: restricted, a - b", |s| clustered::mean_difference(&s.table), Simulated::restricted_mean_difference),
];

/// A test that goes by clusters.
type TestByClusters = (&'static str, fn(&Simulated) -> Option<f64>);

const TESTS_BY_CLUSTERS: [TestByClusters; 2] = [
    ("by clusters: Cochran's Q", |s| clustered::cochran(&s.table).map(|test| test.p)),
    ("by clusters: log-rank", |s| clustered::log_rank(&s.table).map(|test| test.p)),
];

/// The smallest of the adjusted p-values.
fn any_pair(flat: &Flat) -> Option<f64> {
    let adjusted = flat.iter().filter(|(id, _)| id.ends_with("signflip_company_p_holm"));
    adjusted.filter_map(|(id, _)| number(flat, id)).min_by(f64::total_cmp)
}

/// What one study showed: by interval, and then by test, whether it covered or erred; for the companies' own shares,
/// how many of them were covered. `None` where the scorer says nothing.
fn judge(scenario: Scenario, seed: u64, number: u32, resamples: u32) -> Vec<Option<f64>> {
    let simulated = scenario.simulate(seed, number);
    let wanted = Wanted { all: true, seed: u64::from(number), resamples, threads: Threads::ONE };
    let flat = flat::study(&simulated.table, wanted, &Only::default());
    let holds = |[low, high]: [f64; 2], truth: f64| f64::from(u8::from((low..=high).contains(&truth)));
    let covers = |kind: &Kind| Some(holds((kind.interval)(&flat)?, (kind.truth)(&simulated)));
    let errs = |p: f64| f64::from(u8::from(p <= ERRED / 100.0));
    let mut found: Vec<_> = INTERVALS.iter().map(covers).collect();
    found.extend(BY_CLUSTERS.iter().map(|(_, interval, truth)| Some(holds(interval(&simulated)?, truth(&simulated)))));
    found.push(companies(&simulated, &flat));
    found.extend(TESTS.iter().map(|(_, p)| p(&flat).map(errs)));
    found.extend(TESTS_BY_CLUSTERS.iter().map(|(_, p)| p(&simulated).map(errs)));
    found
}

/// The share of companies whose own share lies in the interval that empirical Bayes gives it.
fn companies(simulated: &Simulated, flat: &Flat) -> Option<f64> {
    let week = Span::from_days(7);
    let mut counts = vec![(0_u32, 0_u32); simulated.shares.len()];
    for row in simulated.table.rows().iter().filter(|row| row.is_watched_for(week)) {
        let (successes, trials) = &mut counts[row.company.index()];
        *successes += u32::from(row.replied_within(week));
        *trials += 1;
    }
    let (mut covered, mut judged) = (0.0, 0.0);
    for ((y, n), share) in counts.into_iter().zip(&simulated.shares).filter(|((_, n), _)| *n > 0) {
        let [low, high] = ends(flat, &format!("eb.class.y{y}_n{n}.cri95"))?;
        covered += f64::from(u8::from((low..=high).contains(share)));
        judged += 1.0;
    }
    Some(covered / judged)
}

#[allow(clippy::print_stdout, reason = "an example for the terminal")]
fn report(scenario: Scenario, studies: &[Vec<Option<f64>>]) {
    println!("\n{}; {} studies", scenario.name, studies.len());
    println!("  {:<32}{:>9}{:>10}{:>7}{:>9}", "interval covers", "nominal", "observed", "±", "none");
    let names = INTERVALS.iter().map(|kind| kind.name).chain(BY_CLUSTERS.iter().map(|(name, ..)| *name));
    let names: Vec<&str> = names.chain(["companies' shares: Bayes"]).collect();
    let intervals = names.len();
    for (i, name) in names.into_iter().enumerate() {
        println!("{}", line(name, COVERED, studies.iter().map(|study| study[i])));
    }
    if scenario.factor < 1.0 {
        return;
    }
    println!("  {:<32}{:>9}{:>10}{:>7}{:>9}", "test errs", "at most", "observed", "±", "none");
    let tests = TESTS.iter().map(|(name, _)| *name).chain(TESTS_BY_CLUSTERS.iter().map(|(name, _)| *name));
    for (i, name) in tests.enumerate() {
        println!("{}", line(name, ERRED, studies.iter().map(|study| study[intervals + i])));
    }
}

/// Percent, twice the Monte-Carlo error of them, and in how many studies nothing was told.
#[allow(clippy::cast_precision_loss, reason = "small numbers")]
fn line(name: &str, nominal: f64, found: impl Iterator<Item = Option<f64>>) -> String {
    let all: Vec<Option<f64>> = found.collect();
    let told: Vec<f64> = all.iter().filter_map(|one| *one).collect();
    let n = told.len() as f64;
    let mean = told.iter().sum::<f64>() / n;
    let variance = told.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let error = 2.0 * (variance / n).sqrt();
    let none = all.len() - told.len();
    format!("  {name:<32}{nominal:>9.1}{:>10.1}{:>7.1}{none:>9}", 100.0 * mean, 100.0 * error)
}

fn number(flat: &Flat, id: &str) -> Option<f64> {
    match flat.get(id)? {
        Value::Number(number) => Some(*number),
        Value::Count(_) | Value::Numbers(_) | Value::Flag(_) => None,
    }
}

fn numbers<'f>(flat: &'f Flat, id: &str) -> Option<&'f [f64]> {
    match flat.get(id)? {
        Value::Numbers(numbers) => Some(numbers),
        Value::Count(_) | Value::Number(_) | Value::Flag(_) => None,
    }
}

/// Of an id that gives an interval.
fn ends(flat: &Flat, id: &str) -> Option<[f64; 2]> {
    numbers(flat, id)?.try_into().ok()
}

/// Of an id that gives a value and its interval.
fn estimate(flat: &Flat, id: &str) -> Option<[f64; 2]> {
    let [_, low, high]: [f64; 3] = numbers(flat, id)?.try_into().ok()?;
    Some([low, high])
}

/// Of an id that gives a value and its standard error.
fn pair_of(flat: &Flat, id: &str) -> Option<(f64, f64)> {
    let [value, error]: [f64; 2] = numbers(flat, id)?.try_into().ok()?;
    Some((value, error))
}

/// The normal interval of a value with that standard error.
fn around((value, error): (f64, f64)) -> [f64; 2] {
    const Z: f64 = 1.959_963_984_540_054;
    [value - Z * error, value + Z * error]
}

fn restricted_mean(flat: &Flat) -> Option<[f64; 2]> {
    Some(around((number(flat, "km.a.rmst168h")?, number(flat, "km.a.rmst168h_se")?)))
}

fn aalen_johansen(flat: &Flat) -> Option<[f64; 2]> {
    Some(around((number(flat, "aj.a.cif_reply.7d")?, number(flat, "aj.a.cif_se_aalen.7d")?)))
}

fn bootstrap(flat: &Flat) -> Option<[f64; 2]> {
    let (id, _) = flat.iter().find(|(id, _)| id.starts_with("rate.a.7d.cluster_boot_B"))?;
    ends(flat, id)
}
