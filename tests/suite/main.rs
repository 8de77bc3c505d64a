//! Tests against real parts: servers, pages and the program itself.

mod mastodon;
mod support;
mod web_form;
