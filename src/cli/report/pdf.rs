//! The page on paper: printed by the browser of this machine.

use crate::cli::{Failure, exit};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Where browsers are called; `RISPOSTA_CHROMIUM` names another one.
const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// The longest that printing may take: hundreds of companies are hundreds of pages.
const PATIENCE: Duration = Duration::from_mins(3);

/// Prints `report.html` of a folder into `report.pdf`, and returns its path. The page's own rules give the
/// page numbers and keep tables whole; nothing is loaded from anywhere.
pub(super) fn print(folder: &Path) -> Result<PathBuf, Failure> {
    let page = std::fs::canonicalize(folder.join("report.html"))?;
    let printed = page.with_extension("pdf");
    let profile = tempfile_folder(folder)?;
    let done = run(&page, &printed, &profile);
    let _ = std::fs::remove_dir_all(&profile);
    done.map(|()| printed)
}

/// A profile of its own, within the report's folder: no other browser of the user is touched.
fn tempfile_folder(folder: &Path) -> Result<PathBuf, Failure> {
    let profile = std::fs::canonicalize(folder)?.join(format!(".printing-{}", std::process::id()));
    std::fs::create_dir_all(&profile)?;
    Ok(profile)
}

fn run(page: &Path, printed: &Path, profile: &Path) -> Result<(), Failure> {
    let address = url::Url::from_file_path(page).map_err(|()| Failure::new(exit::FAILED, "the page has no address"))?;
    let arguments = |command: &mut Command| {
        command
            .args([
                "--headless",
                "--disable-gpu",
                "--no-first-run",
                "--no-pdf-header-footer",
                "--disable-dev-shm-usage",
            ])
            // The page comes from this program, has no script and loads nothing; as root there is no sandbox.
            .arg("--no-sandbox")
            .arg("--host-resolver-rules=MAP * ~NOTFOUND")
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(format!("--print-to-pdf={}", printed.display()))
            .arg(address.as_str())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
    };
    let chosen = std::env::var("RISPOSTA_CHROMIUM").ok();
    let names: Vec<&str> = chosen.as_deref().map_or_else(|| NAMES.to_vec(), |name| vec![name]);
    for name in &names {
        let mut command = Command::new(name);
        arguments(&mut command);
        match command.spawn() {
            Ok(mut child) => return wait(&mut child, printed),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Failure::new(exit::FAILED, format!("{name}: {error}"))),
        }
    }
    Err(Failure::new(exit::FAILED, "no browser of this machine can print the page").with_help(
        "install Chromium or Chrome, or name one in RISPOSTA_CHROMIUM; or open report.html and print it yourself",
    ))
}

fn wait(child: &mut std::process::Child, printed: &Path) -> Result<(), Failure> {
    let step = Duration::from_millis(100);
    let mut waited = Duration::ZERO;
    loop {
        if let Some(status) = child.try_wait()? {
            let written = std::fs::metadata(printed).is_ok_and(|file| file.len() > 0);
            return if written {
                Ok(())
            } else {
                Err(Failure::new(exit::FAILED, format!("the browser printed nothing ({status})")))
            };
        }
        if waited >= PATIENCE {
            child.kill()?;
            child.wait()?;
            return Err(Failure::new(exit::FAILED, "the browser did not finish printing"));
        }
        std::thread::sleep(step);
        waited += step;
    }
}
