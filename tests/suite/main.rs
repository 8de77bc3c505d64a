//! Tests against real parts: servers, pages and the program itself.

mod support;
mod web_form;
