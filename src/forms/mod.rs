//! What does a page ask of a person? HTML in, plain values out: which forms it holds, which of them
//! takes a question to the company, what each field is for, what is written into it, and what the
//! answer to it means. Nothing is fetched here and nothing is run.

pub mod captcha;
pub mod choose;
pub mod controls;
pub mod fill;
pub mod judge;
pub mod nature;
pub mod page;
pub mod reading;
pub mod roles;
pub mod settle;
pub mod style;
pub mod surroundings;
pub mod traps;
pub mod visible;
