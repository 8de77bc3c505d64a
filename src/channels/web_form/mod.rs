//! How is a question sent through a company's contact form? Plain HTTP: get the page, find the
//! form, fill it, submit it as a browser would, and judge what came back.
//!
//! What is absent, and why: no script is run, no style sheet or frame is fetched. A form that
//! needs them is blocked, with the reason, and becomes a person's task.

mod captcha;
mod choose;
mod controls;
mod exchange;
mod fill;
mod judge;
mod page;
mod roles;
mod sender;
mod submit;
mod visible;

pub use exchange::Limits;
pub use sender::WebFormSender;
