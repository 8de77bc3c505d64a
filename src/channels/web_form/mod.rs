//! How is a question sent through a company's contact form? What is written where, and what the
//! answer means, [`forms`](crate::forms) decides; an engine gets the page and sends the form.
//!
//! | file | answers |
//! | --- | --- |
//! | `sender.rs` | which engine fills the form |
//! | `asker.rs` | what can be written into it: the persona's answers, the study's mapping |
//! | `means.rs` | what every engine works with; whose fault it is that a site is not reached |
//! | `ending.rs` | what a verdict on an answer means for the attempt |
//! | `mask.rs` | what of the evidence is secret |
//! | `http/` | the engine of plain HTTP: a page, its frames, a form sent as browsers send it |
//!
//! What is absent, and why: plain HTTP runs no script and fetches no style sheet. A form that needs
//! them is hindered by [`NeedsBrowser`](crate::model::outcome::Obstacle::NeedsBrowser) before
//! anything was sent. No engine solves a CAPTCHA: it becomes a person's task.

mod asker;
mod ending;
mod http;
mod mask;
mod means;
mod sender;

pub use http::{Limits, Looked, look};
pub use sender::WebFormSender;
