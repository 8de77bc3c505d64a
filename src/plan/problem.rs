//! What keeps a plan from being made, in words that help.

use std::fmt;

/// Most problems that the error's text lists; the rest is counted.
const SHOWN_MAX: usize = 20;

/// One thing that keeps a plan from being made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Problem {
    /// What is wrong, and where: names the company, question, persona or channel.
    pub what: String,
    /// What to do about it.
    pub help: String,
}

/// Everything that keeps a plan from being made, each problem once, in the order of finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanError {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  help: {}", self.what, self.help)
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no plan can be made of this study: {} problem(s)", self.problems.len())?;
        for problem in self.problems.iter().take(SHOWN_MAX) {
            write!(f, "\n- {problem}")?;
        }
        match self.problems.len().saturating_sub(SHOWN_MAX) {
            0 => Ok(()),
            more => write!(f, "\n… and {more} more"),
        }
    }
}

impl std::error::Error for PlanError {}

impl From<Problem> for PlanError {
    fn from(problem: Problem) -> Self {
        Self { problems: vec![problem] }
    }
}

/// Collects problems, so that all of them are told at once.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<Problem>,
    seen: std::collections::HashSet<Problem>,
}

impl Problems {
    pub(crate) fn add(&mut self, what: impl Into<String>, help: impl Into<String>) {
        self.take(Problem { what: what.into(), help: help.into() });
    }

    pub(crate) fn take(&mut self, problem: Problem) {
        if self.seen.insert(problem.clone()) {
            self.found.push(problem);
        }
    }

    pub(crate) fn take_all(&mut self, error: PlanError) {
        error.problems.into_iter().for_each(|problem| self.take(problem));
    }

    /// The value of `result`, or `None` with its problem noted.
    pub(crate) fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.take(problem)).ok()
    }

    /// An error where anything was found.
    pub(crate) fn none(&self) -> Result<(), PlanError> {
        self.none_and(Some(()))
    }

    /// `value` where nothing was found; whoever has no value has noted why.
    pub(crate) fn none_and<T>(&self, value: Option<T>) -> Result<T, PlanError> {
        value.filter(|_| self.found.is_empty()).ok_or_else(|| PlanError { problems: self.found.clone() })
    }
}
