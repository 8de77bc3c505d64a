//! Tests against real parts: servers, pages and the program itself.

mod oracles;
mod support;
