//! `risposta check STUDY`: every mistake at once; the exact texts; the JSON Schema.

use super::output::Out;
use super::{Done, Failure, exit};
use crate::model::ids::WaveId;
use crate::model::plan::Plan;
use crate::model::study::Study;
use crate::report::escape;
use crate::scenario;
use clap::Args;
use serde_json::json;
use std::fmt::Write as _;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Check {
    /// The study's file
    #[arg(value_name = "STUDY", required_unless_present = "schema")]
    study: Option<PathBuf>,
    /// Print the exact text for each inquiry, with its fingerprint
    #[arg(long)]
    render: bool,
    /// Print the JSON Schema of study files, for editors
    #[arg(long, exclusive = true)]
    schema: bool,
    /// How findings are printed; `plain` is one line each, for editors and scripts
    #[arg(long, value_name = "FORM", default_value = "picture")]
    format: Format,
    /// The same as `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Picture,
    Plain,
    Json,
}

impl Check {
    pub(super) fn run(&self, out: &mut Out) -> Done {
        let Some(path) = &self.study else {
            out.json(&scenario::schema())?;
            return Ok(0);
        };
        let loaded = scenario::load(path);
        let plan = match &loaded.study {
            Some(study) if self.render => Some(sample_plan(study)?),
            _ => None,
        };
        let (errors, warnings) = (loaded.findings.errors(), loaded.findings.warnings());
        if self.json || self.format == Format::Json {
            let texts = plan.as_ref().map(|p| &p.inquiries);
            out.json(&json!({
                "study": path, "valid": errors == 0, "errors": errors, "warnings": warnings,
                "findings": loaded.findings.resolved(), "inquiries": texts,
            }))?;
        } else {
            if self.format == Format::Plain {
                out.data(&loaded.findings.plain());
            } else {
                let width = out.width();
                if !loaded.findings.is_empty() {
                    out.say(&loaded.findings.graphical(out.color_err(), width));
                }
            }
            if let Some(plan) = &plan {
                out.data(&texts(plan));
            }
            out.say(&format!("{}: {}", escape::line(&path.display().to_string()), summary(errors, warnings)));
        }
        Ok(if errors == 0 { 0 } else { exit::INVALID })
    }
}

fn summary(errors: usize, warnings: usize) -> String {
    let count = |n: usize, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    match (errors, warnings) {
        (0, 0) => "no mistakes found".to_owned(),
        (0, w) => format!("valid, {}", count(w, "warning")),
        (e, w) => format!("{}, {}", count(e, "mistake"), count(w, "warning")),
    }
}

/// A plan whose wave and start stand for any: texts do not depend on them.
pub(super) fn sample_plan(study: &Study) -> Result<Plan, Failure> {
    let wave: WaveId = WaveId::REHEARSAL_PREFIX.parse()?;
    let start = super::rehearse::default_start()?;
    crate::plan::make(study, &wave, start).map_err(|e| Failure::new(exit::INVALID, e.to_string()))
}

fn texts(plan: &Plan) -> String {
    let mut text = String::new();
    for inquiry in &plan.inquiries {
        for (number, message) in inquiry.messages.iter().enumerate() {
            let what = if number == 0 { "message".to_owned() } else { format!("reminder {number}") };
            // Writing to a String cannot fail.
            let _ =
                writeln!(text, "── {} · {what} · wording {} · {}", inquiry.id, inquiry.wording, message.fingerprint);
            if inquiry.channel.has_subject() {
                let _ = writeln!(text, "Subject: {}", escape::line(&message.subject));
            }
            let _ = writeln!(text, "{}\n", escape::lines(&message.text));
        }
    }
    text
}
