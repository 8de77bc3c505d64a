//! How is a question sent through a company's contact form? Plain HTTP: get the page, find the
//! form, fill it, submit it as a browser would, and judge what came back.

mod captcha;
mod choose;
mod controls;
mod fill;
mod judge;
pub mod page;
pub mod roles;
mod submit;
mod visible;

pub use page::{Form, understand};
