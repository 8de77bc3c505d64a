//! What did the person newly write, and what stands around it?
//!
//! First the quotations go, then what programs and lawyers put below, then the signature, which is
//! kept beside the text.

use super::closing::{self, Ending};
use super::lines::{self, Line, spaced};
use super::quote;
use super::signature;
use crate::lexicon::mail_words::{MailWords, Topic, fold};

/// Most lines that are looked at; longer texts are kept whole.
const LINES_MAX: usize = 20_000;
/// Longest greeting, in characters.
const GREETING_CHARS_MAX: usize = 70;

/// Which of the closing words count as newly written. Quotations never do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Closing {
    /// All that stands below the text stays: signature, "Sent from my iPhone", legal footer.
    Kept,
    /// Only legal footers and other systems' warnings go.
    WithoutFooter,
    /// What stands below a delimiter goes too, and programs' lines such as "Sent from my iPhone".
    WithoutSignature,
    /// The text ends with the closing words and the name below them.
    UpToName,
    /// The text ends before the closing words.
    Cut,
    /// Closing words and signature go where what follows them is clearly a signature, else they
    /// stay: how a reply is read.
    #[default]
    Apart,
}

/// A text, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// What was newly written, or the whole text where that would be nothing or cannot be told.
    pub(super) text: String,
    /// The first line, where it is a greeting; it stays in the text as well.
    pub(super) greeting: Option<String>,
    /// What stands below the text about the writer.
    pub(super) signature: Option<Signature>,
    /// Whether anything was quoted.
    pub(super) quotes: bool,
}

/// What stands below a text about its writer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Signature {
    /// The name below the closing words.
    pub name: Option<String>,
    /// What the line below the name says: mostly the role, or the department.
    pub role: Option<String>,
    /// The closing words and all below them.
    pub text: String,
}

/// Takes a text apart. `ours` says of a quotation that nobody introduces whether we wrote it.
pub(super) fn split(text: &str, closing: Closing, ours: &dyn Fn(&str) -> bool) -> Written {
    let lines = Line::all(text);
    if lines.len() > LINES_MAX {
        return Written { text: lines::without_marks(text.trim().to_owned()), ..Written::default() };
    }
    let own = quote::own_lines(&lines, ours);
    let quotes =
        lines.iter().filter(|l| !l.is_empty()).count() > own.iter().filter(|at| !lines[**at].is_empty()).count();
    let ending = closing::take_apart(&lines, &own, closing);
    let new = spaced(ending.text.iter().map(|at| &lines[*at]).filter(|l| !l.is_mark()).map(|l| l.raw));
    if new.trim().is_empty() {
        return Written { text: lines::without_marks(text.trim().to_owned()), ..Written::default() };
    }
    Written { greeting: greeting_of(&new), signature: signature_of(&lines, &ending), text: new, quotes }
}

fn greeting_of(text: &str) -> Option<String> {
    let first = text.lines().next()?.trim();
    let short = first.chars().count() <= GREETING_CHARS_MAX;
    let greets = || MailWords::get().of(Topic::Greeting).after_start(&fold(first)).is_some();
    (short && greets()).then(|| first.to_owned())
}

fn signature_of(lines: &[Line<'_>], ending: &Ending) -> Option<Signature> {
    let shown = |at: &usize| lines[*at].shown;
    let text = spaced(ending.signature.iter().map(|at| lines[*at].raw));
    let name = ending.name.as_ref().map(shown);
    (!text.is_empty() || name.is_some()).then(|| Signature {
        name: name.map(signature::bare_name),
        role: ending.role.as_ref().map(|at| signature::bare_name(shown(at))),
        text,
    })
}

#[cfg(test)]
mod tests;
