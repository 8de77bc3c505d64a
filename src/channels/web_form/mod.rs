//! How is a question sent through a company's contact form? What is written where, and what the
//! answer means, [`forms`](crate::forms) decides; an engine gets the page and sends the form.
//!
//! | file | answers |
//! | --- | --- |
//! | `sender.rs` | which engine fills the form |
//! | `asker.rs` | what can be written into it: the persona's answers, the study's mapping |
//! | `means.rs` | what every engine works with; whose fault it is that a site is not reached |
//! | `by_hand.rs` | what a person enters where, for what no engine sent |
//! | `ending.rs` | what a verdict on an answer means for the attempt |
//! | `lenders.rs` | whose frames may hold a site's form |
//! | `uploads.rs` | which files recipes give to forms |
//! | `mask.rs` | what of the evidence is secret |
//! | `in_browser/` | the engine of a real browser: a form filled, led through its steps and sent as a person does |
//! | `http/` | the engine of plain HTTP: a page, its frames, a form sent as browsers send it |
//!
//! What is absent, and why: plain HTTP runs no script and fetches no style sheet. A form that needs
//! them is hindered by [`NeedsBrowser`](crate::model::outcome::Obstacle::NeedsBrowser) before
//! anything was sent. A browser does, for
//! forms whose study says so or that HTTP did not send. No engine solves a CAPTCHA: it becomes a person's task.

mod asker;
mod by_hand;
mod ending;
mod http;
mod in_browser;
mod lenders;
mod mask;
mod means;
mod sender;
mod uploads;

pub use by_hand::by_hand;
pub use http::{Limits, Looked, look};
pub use sender::WebFormSender;
