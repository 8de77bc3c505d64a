//! `risposta discover URL…`: where companies can be asked, as entries of a study.

use super::locate::load;
use super::output::Out;
use super::run::stop_signal;
use super::{Done, Failure, exit};
use crate::discovery::{self, Asked, Ids, Manners, Outcome, Taken, Target, Visited};
use crate::model::study::Study;
use crate::model::time::Span;
use crate::net::{Dialer, Town};
use crate::report::escape;
use clap::Args;
use serde_json::json;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufReader, Read, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// Shortest pause on the public internet, in seconds.
const PAUSE_SECONDS_MIN: u64 = 1;

#[derive(Debug, Args)]
pub(super) struct Discover {
    /// Web sites
    #[arg(value_name = "URL", required_unless_present = "companies")]
    urls: Vec<String>,
    /// A CSV of companies with columns `name` and `website`; other columns of a study are taken over
    #[arg(long, value_name = "FILE")]
    companies: Option<PathBuf>,
    /// The study they are for: who visits (`conduct: user_agent:`), its language and its questions
    #[arg(long, value_name = "STUDY")]
    study: Option<PathBuf>,
    /// Who visits, as web sites are told; the first word is the name that robots.txt speaks to
    #[arg(long, value_name = "TEXT")]
    user_agent: Option<String>,
    /// Language that pages are asked for in, by two letters; default: the study's, else `en`
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// What will be asked, in a few words: an address for that topic comes before a general one
    #[arg(long, value_name = "WORDS")]
    topic: Option<String>,
    /// Keep personal and hobby sites
    #[arg(long)]
    keep_personal: bool,
    /// Add the entries to this file, which a study names as `companies: FILE`; sites that are in it are not visited again
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
    /// Print one JSON object a site, one a line
    #[arg(long, conflicts_with = "into")]
    json: bool,
    /// Most requests to a site, robots.txt and redirects included
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=100))]
    pages: u32,
    /// Pause after each request to a host; a longer one that robots.txt asks for is kept
    #[arg(long, value_name = "SPAN", default_value = "2s")]
    pause: Span,
    /// Sites visited at the same time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=64))]
    parallel: u32,
    /// Reach nothing but this address on loopback, whatever a site is called: to try it out
    #[arg(long, value_name = "ADDRESS")]
    town: Option<SocketAddr>,
}

impl Discover {
    pub(super) fn run(&self, out: &mut Out) -> Done {
        let study = self.study.as_ref().map(|path| load(path, false)).transpose()?;
        let manners = self.manners(study.as_ref())?;
        let asked = self.asked(study.as_ref());
        let mut sink = Sink::open(self)?;
        let mut ids = std::mem::take(&mut sink.ids);
        let mut rejected = Vec::new();
        let listed = self.companies.as_deref().map(|path| listed(path, &mut rejected)).transpose()?;
        let typed = self.typed()?;
        for line in &rejected {
            out.say(line);
        }
        let noted = Cell::new(Noted::default());
        let all = typed.into_iter().chain(listed.into_iter().flatten());
        let targets = all.filter_map(|mut target| {
            let taken = ids.take(&mut target);
            noted.set(noted.get().and(taken));
            (!matches!(taken, Taken::Again | Taken::Written)).then_some(target)
        });
        let mut counts = Counts::default();
        let runtime = super::runtime()?;
        let finished = runtime.block_on(async {
            let tell = |target: &Target, visited: &Visited| {
                let outcome = discovery::enter(target, visited, &asked);
                counts.note(target, &outcome, visited, out);
                sink.take(target, &outcome, visited, out)
            };
            discovery::visit_all(targets, &manners, self.parallel as usize, stop_signal(), tell).await
        });
        // A name that is still being looked up keeps nobody waiting.
        runtime.shutdown_background();
        sink.failed.map_or(Ok(()), Err)?;
        noted.get().tell(out);
        out.say(&counts.summary(self.into.as_deref()));
        Ok(match finished {
            false => exit::INTERRUPTED,
            true if counts.companies == 0 && counts.unread > 0 => exit::INCOMPLETE,
            true => 0,
        })
    }

    fn manners(&self, study: Option<&Study>) -> Result<Manners, Failure> {
        let user_agent = self.user_agent.clone().or_else(|| study.and_then(|study| study.conduct.user_agent.clone()));
        let user_agent = user_agent.unwrap_or_else(|| discovery::USER_AGENT.to_owned());
        if let Err(help) = crate::scenario::is_user_agent(&user_agent) {
            return Err(
                Failure::new(exit::USAGE, format!("`{}` is no user agent", escape::line(&user_agent))).with_help(help)
            );
        }
        let language = self.language.clone().or_else(|| study.map(|study| study.language.clone()));
        let language = language.unwrap_or_else(|| "en".to_owned());
        if language.len() != 2 || !language.bytes().all(|b| b.is_ascii_lowercase()) {
            return Err(Failure::new(exit::USAGE, format!("`{}` is no language", escape::line(&language)))
                .with_help("use its two letters: en, it, de, fr, es"));
        }
        let pause = Duration::from_secs(self.pause.delta().num_seconds().unsigned_abs());
        if self.town.is_none() && pause.as_secs() < PAUSE_SECONDS_MIN {
            return Err(Failure::new(exit::USAGE, format!("no pause is shorter than {PAUSE_SECONDS_MIN}s")));
        }
        let dialer = match self.town {
            Some(http) if http.ip().is_loopback() => Dialer::Town(Town { smtp: http, imap: http, http }),
            Some(_) => return Err(Failure::new(exit::USAGE, "`--town` takes an address on loopback: 127.0.0.1:8080")),
            None => Dialer::World,
        };
        Ok(Manners {
            dialer,
            user_agent,
            language,
            requests_max: self.pages,
            pause,
            site_limit: Duration::from_mins(5),
            limits: discovery::Limits::default(),
        })
    }

    fn asked(&self, study: Option<&Study>) -> Asked {
        let questions = study.map(|study| study.questions.as_slice()).unwrap_or_default();
        let subjects: Vec<&str> = questions.iter().map(|question| question.subject.as_str()).collect();
        let ids = questions.iter().map(|question| question.id.to_string());
        Asked {
            topic: self.topic.clone().unwrap_or_else(|| subjects.join(" ")),
            intent: questions.iter().find_map(|question| question.intent),
            questions: if questions.len() > 1 { ids.collect() } else { Vec::new() },
            keep_personal: self.keep_personal,
        }
    }

    fn typed(&self) -> Result<Vec<Target>, Failure> {
        let parse = |text: &String| {
            let wrong = || Failure::new(exit::USAGE, format!("`{}` is no web site", escape::line(text)));
            Target::parse(text).ok_or_else(|| wrong().with_help("write it as `rossi.it` or `https://rossi.it/`"))
        };
        self.urls.iter().map(parse).collect()
    }
}

/// The companies of a CSV, read row by row.
fn listed(path: &Path, rejected: &mut Vec<String>) -> Result<impl Iterator<Item = Target> + use<>, Failure> {
    let cannot = |why: &dyn std::fmt::Display| {
        Failure::new(exit::FAILED, format!("cannot read {}: {why}", escape::line(&path.display().to_string())))
    };
    let mut head = [0; 4096];
    let read = File::open(path).and_then(|mut file| file.read(&mut head)).map_err(|e| cannot(&e))?;
    let first = String::from_utf8_lossy(&head[..read]);
    let first = first.lines().next().unwrap_or_default();
    // A spreadsheet writes `;` where the comma is a decimal sign.
    let delimiter = if first.matches(';').count() > first.matches(',').count() { b';' } else { b',' };
    let open = || File::open(path).map(BufReader::new).map_err(|e| cannot(&e));
    let reader =
        |file| csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).trim(csv::Trim::All).from_reader(file);
    let header = reader(open()?).headers().map_err(|e| cannot(&e))?.clone();
    let columns: Vec<String> = header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
    let Some(website) = columns.iter().position(|name| name == "website") else {
        return Err(Failure::new(
            exit::INVALID,
            format!("{} has no column `website`", escape::line(&path.display().to_string())),
        )
        .with_help("name the columns in the first line: name,website"));
    };
    // What cannot be visited is said before anything is.
    for (number, record) in reader(open()?).into_records().enumerate() {
        let record = record.map_err(|e| cannot(&e))?;
        let text = record.get(website).unwrap_or_default();
        if Target::parse(text).is_none() {
            rejected.push(format!("row {}: `{}` is no web site, left out", number + 2, escape::line(text)));
        }
    }
    let records = reader(open()?).into_records().map_while(Result::ok);
    Ok(records.filter_map(move |record| {
        let target = Target::parse(record.get(website)?)?;
        let known =
            columns.iter().zip(record.iter()).filter(|(column, value)| *column != "website" && !value.is_empty());
        let known: BTreeMap<String, String> = known.map(|(column, value)| (column.clone(), value.to_owned())).collect();
        Some(Target { known, ..target })
    }))
}

/// Where entries go: standard output or a file that grows.
struct Sink {
    file: Option<(PathBuf, File)>,
    json: bool,
    /// Ids and sites that the file has already.
    ids: Ids,
    failed: Option<Failure>,
}

impl Sink {
    fn open(discover: &Discover) -> Result<Self, Failure> {
        let (mut file, mut ids) = (None, Ids::default());
        if let Some(path) = &discover.into {
            let cannot = |why: &std::io::Error| {
                Failure::new(exit::FAILED, format!("cannot write {}: {why}", escape::line(&path.display().to_string())))
            };
            let mut opened = File::options().read(true).append(true).create(true).open(path).map_err(|e| cannot(&e))?;
            let mut before = String::new();
            opened.read_to_string(&mut before).map_err(|e| cannot(&e))?;
            if !before.is_empty() && !before.ends_with('\n') {
                let what = format!("{} ends within a line", escape::line(&path.display().to_string()));
                return Err(
                    Failure::new(exit::INVALID, what).with_help("complete or remove its last entry, then go on")
                );
            }
            if !is_list(&before) {
                let what = format!("{} is no list of companies", escape::line(&path.display().to_string()));
                let help = "nothing was written: name a new file, or one that `discover --into` began";
                return Err(Failure::new(exit::INVALID, what).with_help(help));
            }
            ids = Ids::of_entries(&before);
            file = Some((path.clone(), opened));
        }
        Ok(Self { file, json: discover.json, ids, failed: None })
    }

    /// Takes what a visit gave; `false` where nothing can be written any more.
    fn take(&mut self, target: &Target, outcome: &Outcome, visited: &Visited, out: &mut Out) -> bool {
        let block = discovery::write(target, outcome);
        if self.json {
            let line = json!({"site": target.url, "requests": visited.requests, "troubles": visited.troubles, "result": outcome});
            out.data(&format!("{line}\n"));
            return true;
        }
        let Some((path, file)) = &mut self.file else {
            out.data(&block);
            return true;
        };
        // One write a block: an interruption leaves whole ones.
        if let Err(why) = file.write_all(block.as_bytes()) {
            self.failed = Some(Failure::new(exit::FAILED, format!("cannot write {}: {why}", path.display())));
            return false;
        }
        true
    }
}

/// Whether entries can be written below a text: nothing but comments stands in it, or a list in YAML.
fn is_list(text: &str) -> bool {
    let is_said = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    !text.lines().any(is_said) || serde_yaml::from_str::<Vec<serde::de::IgnoredAny>>(text).is_ok()
}

/// Sites of a list that are not simply one company each.
#[derive(Debug, Clone, Copy, Default)]
struct Noted {
    again: usize,
    beside: usize,
    numbered: usize,
}

impl Noted {
    const fn and(mut self, taken: Taken) -> Self {
        match taken {
            Taken::Again => self.again += 1,
            Taken::Beside => self.beside += 1,
            Taken::Numbered => self.numbered += 1,
            Taken::New | Taken::Written => {}
        }
        self
    }

    fn tell(self, out: &mut Out) {
        for (count, what) in [
            (self.again, "named a site that was named before: it is visited once, as one company"),
            (
                self.beside,
                "named a site that was named before, by another name: an entry of its own; `check` refuses two \
                 companies with one address",
            ),
            (self.numbered, "got a number behind the id, for another site is called the same"),
        ] {
            if count > 0 {
                out.say(&format!("{count} {what}"));
            }
        }
    }
}

#[derive(Debug, Default)]
struct Counts {
    companies: usize,
    points: usize,
    skipped: usize,
    unread: usize,
}

impl Counts {
    fn note(&mut self, target: &Target, outcome: &Outcome, visited: &Visited, out: &mut Out) {
        let what = match outcome {
            Outcome::Company(entry) => {
                self.companies += 1;
                self.points += entry.points.len();
                let channels: Vec<&str> = entry.points.iter().map(|point| point.channel.name()).collect();
                channels.join(", ")
            }
            Outcome::Skipped { why } => {
                self.skipped += 1;
                format!("skipped: {why}")
            }
            Outcome::Unread { why } => {
                self.unread += 1;
                format!("not read: {why}")
            }
        };
        out.say(&format!("{} ({} request(s)): {}", shown(&target.url), visited.requests, escape::line(&what)));
    }

    fn summary(&self, into: Option<&Path>) -> String {
        let mut text = format!("{} company entries with {} contact points", self.companies, self.points);
        // Writing to a String cannot fail.
        for (count, what) in [(self.skipped, "skipped"), (self.unread, "not read")] {
            if count > 0 {
                let _ = write!(text, ", {count} {what}");
            }
        }
        if self.points > 0 {
            text.push_str("; none is confirmed: look at each, and write `confirmed: true`");
        }
        if let Some(path) = into.filter(|_| self.companies > 0) {
            let _ = write!(text, "\nIn a study: `companies: {}`", escape::line(&path.display().to_string()));
        }
        text
    }
}

fn shown(url: &Url) -> String {
    escape::line(url.as_str()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::is_list;

    #[test]
    fn entries_are_written_below_a_list_and_into_nothing_else() {
        for list in ["", "# companies\n\n", "- id: alfa\n  name: Alfa\n# visited http://alfa.example/\n\n"] {
            assert!(is_list(list), "{list}");
        }
        for other in ["study: gelato\nlanguage: it\n", "name,website\nAlfa,alfa.example\n", "garbage: [\n", "\u{7}\n"] {
            assert!(!is_list(other), "{other}");
        }
    }
}
