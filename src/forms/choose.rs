//! Which of a page's forms takes a question to the company?

use super::Unfit;
use super::page::{Form, Kind, Page};
use super::roles::Role;
use crate::lexicon::form_words::Concept;
use crate::model::outcome::Obstacle;

/// The form that the study names, or the one contact form of the page.
///
/// # Errors
/// Why there is none, or why it is not clear which.
pub fn choose<'a>(page: &'a Page, named: Option<&str>) -> Result<&'a Form, Unfit> {
    let form = match named {
        Some(css) => page.form_at(css).map_err(|why| Unfit::new(Obstacle::NoForm, why))?,
        None => most_likely(page)?,
    };
    match &page.stopped {
        Some(stopped) if form.cut => {
            Err(Unfit::new(Obstacle::NoForm, format!("the form is not known whole: {stopped}")))
        }
        _ => Ok(form),
    }
}

fn most_likely(page: &Page) -> Result<&Form, Unfit> {
    let mut ranked: Vec<(i32, &Form)> =
        page.forms.iter().filter(|form| takes_question(form)).map(|form| (form.nature.points, form)).collect();
    ranked.sort_by_key(|(points, form)| (-points, form.index));
    match ranked[..] {
        [] => Err(why_none(page)),
        [(first, a), (second, b), ..] if first == second && a.action != b.action => Err(Unfit::new(
            Obstacle::NoForm,
            format!(
                "forms {} and {} of the page could both be meant: name one with `form:` and a CSS selector",
                a.index + 1,
                b.index + 1
            ),
        )),
        [(_, form), ..] => Ok(form),
    }
}

/// Points, in hundredths, that speak for a form because a study says that it stands on a contact page.
const FOR_THE_PAGE: i32 = 100;

/// Most frames that are named.
const FRAMES_MAX: usize = 3;

/// Whether it is a contact form with a place for the question.
fn takes_question(form: &Form) -> bool {
    form.nature.points > -FOR_THE_PAGE && form.readings.iter().any(|r| r.role == Role::Message && !r.left)
}

fn why_none(page: &Page) -> Unfit {
    let text = page.text();
    let short = text.len() < 4_000;
    let has_password = page.forms.iter().any(|f| f.fields.iter().any(|f| f.kind == Kind::Password));
    if Concept::Challenge.is_in(&page.title()) || (short && Concept::Challenge.is_in(&text)) {
        return Unfit::new(Obstacle::BotWall, "the page first wants a proof that a person asks");
    }
    if Concept::LoginWall.is_in(&text) || (has_password && page.forms.len() <= 2) {
        return Unfit::new(Obstacle::Login, "the page wants a login");
    }
    if Concept::ConsentWall.is_in(&text) {
        return Unfit::new(Obstacle::ConsentWall, "the page first wants consent to cookies");
    }
    if Concept::ScriptNeeded.is_in(&text) || short && page.has("script[src]") && page.forms.is_empty() {
        return Unfit::new(Obstacle::NeedsBrowser, "the page makes its form by script");
    }
    let frames = page.attributes("iframe[src]", "src").into_iter().filter_map(|src| page.address(&src));
    let frames: Vec<String> = frames.take(FRAMES_MAX).map(|url| url.to_string()).collect();
    let frames = if frames.is_empty() {
        String::new()
    } else {
        format!("; it may stand in one of the page's frames: {}", frames.join(", "))
    };
    let stopped = page.stopped.as_ref().map(|stopped| format!("; {stopped}")).unwrap_or_default();
    Unfit::new(Obstacle::NoForm, format!("no form of the page has a place for a message{frames}{stopped}"))
}
