//! How is a question sent through a company's contact form? Plain HTTP: get the page, let
//! [`forms`](crate::forms) find and fill the form, submit it as a browser would, and judge what came back.
//!
//! What is absent, and why: no script is run, no style sheet or frame is fetched. A form that
//! needs them is blocked, with the reason, and becomes a person's task.

mod exchange;
mod sender;
mod submit;

pub use exchange::Limits;
pub use sender::WebFormSender;
