//! How long does a page take to be understood? `cargo run --release --example form_speed -- [FILE…]`: processor time of
//! reading each file's forms beside that of parsing its HTML alone; without a file, of a page of some 400 KB.
#![allow(clippy::print_stdout, reason = "a measuring program prints")]

use risposta::forms::page::Page;
use scraper::Html;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// How often each is repeated: the quickest time is the least disturbed one.
const TIMES: usize = 7;

fn main() -> std::io::Result<()> {
    let url = "https://page.example/contact".parse().map_err(std::io::Error::other)?;
    println!("{:>8}  {:>9}  {:>9}  {:>6}  page", "KB", "parse ms", "forms ms", "ratio");
    let files: Vec<String> = std::env::args().skip(1).collect();
    let mut pages = Vec::new();
    for file in &files {
        pages.push((file.as_str(), String::from_utf8_lossy(&std::fs::read(file)?).into_owned()));
    }
    if pages.is_empty() {
        pages.push(("made here", page()));
    }
    for (name, html) in &pages {
        let alone = quickest(|| drop(Html::parse_document(html)));
        let whole = quickest(|| drop(Page::parse(html, &url)));
        let (alone, whole) = (alone.as_secs_f64() * 1e3, whole.as_secs_f64() * 1e3);
        println!("{:8}  {alone:9.1}  {whole:9.1}  {:6.2}  {name}", html.len() / 1_000, whole / alone);
    }
    Ok(())
}

fn quickest(work: impl Fn()) -> Duration {
    let timed = || {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    (0..TIMES).map(|_| timed()).min().unwrap_or_default()
}

/// A page as shops have them: a style sheet, menus, many cards with forms of their own, and the contact form below.
fn page() -> String {
    let mut page = String::from("<!doctype html><html><head><title>Contact us</title><style>");
    // Writing to a String cannot fail.
    for n in 0..1_200 {
        let _ = writeln!(page, ".c{n} > .d, #e{n}:hover {{ color: #123456; margin: {n}px; display: block }}");
    }
    page.push_str("</style></head><body><nav><ul>");
    for n in 0..600 {
        let _ = write!(page, "<li class='c{n} item'><a href='/category/{n}'>Category number {n}</a></li>");
    }
    page.push_str("</ul></nav><main>");
    for n in 0..900 {
        let _ = write!(
            page,
            "<div class='card c{n}'><div class=inner><h3>Product {n}</h3><p>Some words about it, as long as such words \
             mostly are, and a little longer.</p><span class=price>{n}.90 €</span></div>"
        );
        if n % 30 == 0 {
            let _ = write!(
                page,
                "<form action=/cart><input type=hidden name=id value={n}><button>Add to cart</button></form>"
            );
        }
        page.push_str("</div>");
    }
    page.push_str(
        "</main><h2>Contact us</h2><form method=post action=/send><label>Name <input name=name required></label>\
         <label>E-mail <input name=email type=email required></label><p class=hp style='position:absolute;left:-9999px'>\
         <input name=website></p><label>Message <textarea name=message required></textarea></label>\
         <button>Send</button></form></body></html>",
    );
    page
}
