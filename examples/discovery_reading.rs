//! What does discovery read on real pages, and how fast? Reads every `.html` of a folder and counts.
//!
//! `cargo run --release --example discovery_reading -- DIR [--list]`
#![allow(clippy::print_stdout, reason = "it measures and prints")]

use risposta::discovery::read;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use url::Url;

fn main() -> Result<(), &'static str> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("name a folder of pages")?;
    let list = arguments.any(|argument| argument == "--list");
    let mut pages: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    pages.retain(|path| path.extension().is_some_and(|e| e == "html"));
    pages.sort();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut times: Vec<(Duration, String)> = Vec::new();
    let mut count = |what: String| *counts.entry(what).or_default() += 1;
    for path in &pages {
        let Ok(bytes) = std::fs::read(path) else { continue };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Ok(url) = Url::parse(&format!("https://{}.example/", name.replace(['_', '.'], "-"))) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        let begun = Instant::now();
        let page = read(&text, &url);
        times.push((begun.elapsed(), name.clone()));
        count("pages".to_owned());
        let mut say = |what: &str, value: String| {
            if list {
                println!("{name}\t{what}\t{value}");
            }
            count(what.to_owned());
        };
        for address in &page.addresses {
            say(&format!("address, {}", address.how), address.what.mail.clone());
        }
        for profile in &page.profiles {
            say(&format!("profile, {:?}", profile.what.place), format!("{} ({})", profile.what.handle, profile.how));
        }
        for chat in &page.chats {
            say(&format!("chat, {}", chat.what), chat.how.clone());
        }
        for phone in &page.phones {
            say(&format!("phone, {}", phone.how), phone.what.clone());
        }
        for forum in &page.forums {
            say("forum", forum.what.to_string());
        }
        if let Ok(form) = &page.form {
            say("contact form", format!("{:?}", form.cost));
        }
        for (what, value) in [("hours", &page.hours), ("postal address", &page.address), ("country", &page.country)] {
            if let Some(value) = value {
                say(what, value.clone());
            }
        }
        for (what, marks) in [("business mark", &page.marks.business), ("personal mark", &page.marks.personal)] {
            if let Some(mark) = marks.first() {
                say(what, mark.clone());
            }
        }
        if page.links.iter().any(|link| link.interest(&url).is_some()) {
            say("leads to a page for asking", String::new());
        }
    }
    times.sort();
    for (what, count) in counts {
        println!("{count:6}  {what}");
    }
    let total: Duration = times.iter().map(|(time, _)| *time).sum();
    if let (Some(median), Some((longest, name))) = (times.get(times.len() / 2), times.last()) {
        let mean = total.as_secs_f64() * 1e3 / f64::from(u32::try_from(times.len()).unwrap_or(u32::MAX));
        println!(
            "a page takes {mean:.1} ms on average, {:.1} ms in the median, {:.1} ms at most ({name})",
            median.0.as_secs_f64() * 1e3,
            longest.as_secs_f64() * 1e3
        );
    }
    Ok(())
}
