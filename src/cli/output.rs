//! Where text goes: data to stdout, talk to stderr, colour only where it is wanted.

use super::{ColorWhen, Done, Failure, Global, exit};
use serde::Serialize;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::writer::{BoxMakeWriter, MakeWriterExt};

/// Widest text that is made for a terminal.
const WIDTH_MAX: usize = 100;

/// Width where there is no terminal.
const WIDTH_PLAIN: usize = 80;

/// The two streams.
pub(super) struct Out {
    stdout: io::Stdout,
    stderr: io::Stderr,
    color_data: bool,
    color_talk: bool,
    /// What became of the data.
    data: Data,
}

/// What became of the data that was printed.
#[derive(Debug)]
enum Data {
    /// All of it was taken.
    Taken,
    /// Who read it has stopped reading (`| head`): that is their business.
    Unread,
    /// Some of it is lost: the disk is full, for one.
    Lost(io::Error),
}

impl Out {
    pub(super) fn new(when: ColorWhen) -> Self {
        let wanted = |is_terminal: bool| match when {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => is_terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
        };
        let (stdout, stderr) = (io::stdout(), io::stderr());
        Self {
            color_data: wanted(stdout.is_terminal()),
            color_talk: wanted(stderr.is_terminal()),
            stdout,
            stderr,
            data: Data::Taken,
        }
    }

    /// Whether data may be coloured.
    pub(super) const fn color(&self) -> bool {
        self.color_data
    }

    /// Whether talk may be coloured.
    pub(super) const fn color_err(&self) -> bool {
        self.color_talk
    }

    /// Columns of the terminal, at most 100; 80 where there is none.
    pub(super) fn width(&self) -> usize {
        if !self.stdout.is_terminal() {
            return WIDTH_PLAIN;
        }
        std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok()).unwrap_or(WIDTH_PLAIN).clamp(40, WIDTH_MAX)
    }

    /// Prints data.
    pub(super) fn data(&mut self, text: &str) {
        if !matches!(self.data, Data::Taken) {
            return;
        }
        if let Err(error) = self.stdout.write_all(text.as_bytes()).and_then(|()| self.stdout.flush()) {
            let unread = error.kind() == io::ErrorKind::BrokenPipe;
            self.data = if unread { Data::Unread } else { Data::Lost(error) };
        }
    }

    /// How the command ends: it has failed where its data is lost.
    pub(super) fn ended(&mut self, done: Done) -> ExitCode {
        match (done, std::mem::replace(&mut self.data, Data::Unread)) {
            (Err(failure), _) => self.failed(&failure),
            (Ok(_), Data::Lost(error)) => {
                self.failed(&Failure::new(exit::FAILED, format!("the output could not be written: {error}")))
            }
            (Ok(code), _) => ExitCode::from(code),
        }
    }

    /// Prints a value as JSON.
    pub(super) fn json(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value)?;
        self.data(&(text + "\n"));
        Ok(())
    }

    /// Says something to the person. Where nobody listens, the work goes on: a wave that is sending
    /// must not end in the middle of a message because somebody closed a pager.
    pub(super) fn say(&mut self, text: &str) {
        let _ = self.stderr.write_all(format!("{text}\n").as_bytes());
    }

    /// Says why the command failed.
    pub(super) fn failed(&mut self, failure: &Failure) -> ExitCode {
        self.say(&format!("{} {}", self.label("error:"), failure.what));
        if let Some(help) = &failure.help {
            self.say(&format!("  {} {help}", self.label("help:")));
        }
        ExitCode::from(failure.code)
    }

    fn label(&self, text: &str) -> String {
        if !self.color_talk {
            return text.to_owned();
        }
        let color = if text == "error:" { anstyle::AnsiColor::Red } else { anstyle::AnsiColor::Cyan };
        let style = color.on_default().bold();
        format!("{style}{text}{style:#}")
    }
}

/// Prints what clap has to say, and its exit code.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    // Nothing can be done where even this cannot be printed.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::USAGE))
}

/// Starts the log: warnings to stderr, more with `-v`, and a copy to the log file.
pub(super) fn start_log(global: &Global) -> Result<(), Failure> {
    let level = match global.verbose {
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let writer = match &global.log_file {
        None => BoxMakeWriter::new(io::stderr),
        Some(path) => {
            let file = std::fs::OpenOptions::new()
                .create(true)
                .append(true)
                .open(path)
                .map_err(|e| Failure::new(exit::FAILED, format!("cannot write the log {}: {e}", path.display())))?;
            BoxMakeWriter::new(io::stderr.and(std::sync::Mutex::new(file)))
        }
    };
    // A second subscriber in the same process is a test's business, not an error.
    let _ = tracing_subscriber::fmt().with_max_level(level).with_ansi(false).with_writer(writer).try_init();
    Ok(())
}
