//! What the companies' sites answer: pages, and forms that are sent to them.

use super::chance::seed_of;
use super::directory::Seen;
use super::form_page::{Page, Role, Site, Sites, TOKEN, TRAP};
use super::square::{Medium, Question, Square};
use super::web::{Asked, page, pairs, see_other};
use crate::model::channel::Channel;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use mail_parser::{MessageParser, MimeHeaders};
use std::sync::Arc;

/// Name of the visitor's cookie.
const COOKIE: &str = "sid";

/// Answers a request to a company's site.
pub(super) fn answer(square: &Arc<Square>, sites: &Sites, asked: &Asked) -> Response {
    let texts = &square.texts.form;
    let query = asked.raw_query.as_ref().map(|q| format!("?{q}")).unwrap_or_default();
    let key = format!("{}{}{query}", asked.host, asked.path);
    match (sites.page(&key), &asked.method) {
        (Some((site, Page::Form | Page::Submit)), &Method::POST) => submit(square, site, asked),
        (Some((site, Page::Form)), &Method::GET) => show(square, site, None),
        (Some((site, Page::Thanks)), &Method::GET) => page(StatusCode::OK, site.thanks_html(texts)),
        (Some(_), _) => StatusCode::METHOD_NOT_ALLOWED.into_response(),
        (None, _) => match sites.of_host(&asked.host) {
            Some(site) if matches!(asked.path.as_str(), "/" | "/search" | "/newsletter") => {
                page(StatusCode::OK, site.home_html(texts))
            }
            Some(site) => page(StatusCode::NOT_FOUND, site.home_html(texts)),
            None => page(StatusCode::NOT_FOUND, "<p>No such site in this town.</p>".to_owned()),
        },
    }
}

/// The page with the form, for a new visitor.
fn show(square: &Square, site: &Site, error: Option<&str>) -> Response {
    let number = {
        let mut ledger = square.ledger();
        ledger.visitors += 1;
        ledger.visitors
    };
    let visitor = hex::encode(&secret(square, &[b"visitor", &number.to_le_bytes()])[..16]);
    let html = site.form_html(&square.texts.form, &token(square, site, &visitor), error);
    let mut response = page(StatusCode::OK, html);
    if let Ok(cookie) = HeaderValue::from_str(&format!("{COOKIE}={visitor}; Path=/; HttpOnly; SameSite=Lax")) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn submit(square: &Arc<Square>, site: &Site, asked: &Asked) -> Response {
    let texts = &square.texts.form;
    let sent = read_form(asked);
    let value = |name: &str| sent.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.trim());
    let known = visitor(asked).is_some_and(|visitor| value(TOKEN) == token(square, site, &visitor));
    if !known {
        square.ledger().stats.forms_refused += 1;
        return page(StatusCode::FORBIDDEN, site.form_html(texts, "", Some(&texts.expired)));
    }
    if !value(TRAP).is_empty() {
        // A robot is let believe that it was heard.
        square.ledger().stats.trapped += 1;
        return see_other(&site.thanks);
    }
    if site.fields.iter().any(|f| f.required && value(&f.name).is_empty()) {
        square.ledger().stats.forms_refused += 1;
        return show(square, site, Some(&texts.required));
    }
    let of_role = |role: Role| site.fields.iter().find(|f| f.role == role).map_or("", |f| value(&f.name));
    let (reply_to, text) = (of_role(Role::Email), of_role(Role::Message));
    let seen = Seen { channel: Channel::WebForm, target: &site.key, message_id: None, reply_to: Some(reply_to), text };
    let question = Question {
        medium: Medium::Form { reply_to: reply_to.to_owned(), host: site.host.clone() },
        subject: of_role(Role::Subject).to_owned(),
        text: text.to_owned(),
    };
    square.receive(seen, question);
    see_other(&site.thanks)
}

/// The visitor whose cookie came along.
fn visitor(asked: &Asked) -> Option<String> {
    let cookies = asked.header(header::COOKIE)?;
    let ours = cookies.split(';').find_map(|c| c.trim().strip_prefix(COOKIE)?.strip_prefix('='))?;
    Some(ours.to_owned())
}

fn token(square: &Square, site: &Site, visitor: &str) -> String {
    hex::encode(&secret(square, &[b"token", site.key.as_bytes(), visitor.as_bytes()])[..16])
}

fn secret(square: &Square, parts: &[&[u8]]) -> [u8; 32] {
    let (study, wave) = (square.plan.study.seed.to_le_bytes(), square.plan.wave.as_str().as_bytes());
    let mut all: Vec<&[u8]> = vec![&study, wave];
    all.extend(parts);
    seed_of(&all)
}

/// The fields that were sent, as `multipart/form-data` (RFC 7578) or URL-encoded.
fn read_form(asked: &Asked) -> Vec<(String, String)> {
    let kind = asked.header(header::CONTENT_TYPE).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        return pairs(&asked.body);
    }
    // A form's parts are MIME's: the mail parser reads them, once the type stands on top.
    let mut mime = format!("Content-Type: {kind}\r\n\r\n").into_bytes();
    mime.extend(&asked.body);
    let Some(parsed) = MessageParser::new().parse(&mime) else { return Vec::new() };
    let named = |part: &mail_parser::MessagePart<'_>| {
        let name = part.content_disposition()?.attribute("name")?.to_owned();
        Some((name, String::from_utf8_lossy(part.contents()).into_owned()))
    };
    parsed.parts.iter().filter_map(named).collect()
}
