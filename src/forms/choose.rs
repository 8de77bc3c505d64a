//! Which of a page's forms takes a question to the company?

use super::Unfit;
use super::page::{Form, Kind, Page};
use super::roles::{Role, roles};
use crate::lexicon::form_words::Concept;
use crate::model::outcome::Obstacle;

/// The form that the study names, or the one contact form of the page.
///
/// # Errors
/// Why there is none, or why it is not clear which.
pub fn choose<'a>(page: &'a Page, named: Option<&str>) -> Result<&'a Form, Unfit> {
    if let Some(css) = named {
        return page.form_at(css).map_err(|why| Unfit::new(Obstacle::NoForm, why));
    }
    let mut ranked: Vec<(i32, &Form)> =
        page.forms.iter().filter_map(|form| fitness(form).map(|points| (points, form))).collect();
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

/// How much a form looks like a contact form; `None` where it takes no message or is another kind.
fn fitness(form: &Form) -> Option<i32> {
    let roles = roles(form);
    let has = |role: Role| roles.contains(&role);
    let only_if = |condition: bool, points: i32| if condition { points } else { 0 };
    // A trap in a hidden text area is no message.
    if !has(Role::Message) || has(Role::Password) {
        return None;
    }
    let is_contact = Concept::Contact.is_in(&form.about);
    let is_comment = form.fields.iter().any(|f| matches!(f.name.as_str(), "comment_post_ID" | "comment_parent"))
        || (!is_contact && Concept::Comment.is_in(&form.about));
    if is_comment {
        return None;
    }
    let area = form.fields.iter().zip(&roles).any(|(f, r)| *r == Role::Message && f.kind == Kind::Area);
    let lone_line = !area && !has(Role::Email) && !has(Role::Name) && !has(Role::FirstName);
    if lone_line || (!area && Concept::Search.is_in(&form.about)) {
        return None;
    }
    Some(
        only_if(area, 4)
            + only_if(has(Role::Email), 4)
            + only_if(has(Role::Name) || has(Role::FirstName), 2)
            + only_if(has(Role::Phone), 1)
            + only_if(has(Role::Subject), 1)
            + only_if(is_contact, 2)
            - only_if(Concept::Newsletter.is_in(&form.about), 2),
    )
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
    let frames = if page.has("iframe[src]") { "; it may stand in one of the page's frames" } else { "" };
    Unfit::new(Obstacle::NoForm, format!("no form of the page has a place for a message{frames}"))
}
