//! Which browser and which driver are there, and do they fit each other?

use super::BrowserError;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

/// What a program may take to say its version: the first start reads much from disk.
const VERSION_TIMEOUT: Duration = Duration::from_secs(30);

/// Names of the browser, the first found wins.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

const INSTALL: &str = "Install both (Debian, Ubuntu: `apt-get install chromium chromium-driver`), or name them in \
                       RISPOSTA_CHROMIUM and RISPOSTA_CHROMEDRIVER";

/// A browser and its driver, of the same version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programs {
    /// The browser.
    pub browser: PathBuf,
    /// Its driver.
    pub driver: PathBuf,
    /// The version's first number.
    pub major: u32,
}

/// Where to look for them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whereabouts {
    /// The browser, where somebody named it.
    pub browser: Option<PathBuf>,
    /// The driver, where somebody named it.
    pub driver: Option<PathBuf>,
    /// Folders to look into, as `PATH` has them.
    pub folders: Vec<PathBuf>,
}

impl Whereabouts {
    /// As the environment says.
    #[must_use]
    pub fn from_env() -> Self {
        let named = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let folders = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect());
        Self {
            browser: named("RISPOSTA_CHROMIUM"),
            driver: named("RISPOSTA_CHROMEDRIVER"),
            folders: folders.unwrap_or_default(),
        }
    }

    /// Both programs.
    ///
    /// # Errors
    /// `Missing` where one is not there, does not run, or is of another version than the other.
    pub async fn find(&self) -> Result<Programs, BrowserError> {
        let browser = self.place(self.browser.as_ref(), &BROWSERS, "Chromium")?;
        let driver = self.place(self.driver.as_ref(), &["chromedriver"], "chromedriver")?;
        let (of_browser, of_driver) = (major(&browser).await?, major(&driver).await?);
        if of_browser != of_driver {
            return Err(missing(format!(
                "{} is version {of_browser} and {} version {of_driver}: they must be the same",
                browser.display(),
                driver.display()
            )));
        }
        Ok(Programs { browser, driver, major: of_browser })
    }

    fn place(&self, given: Option<&PathBuf>, names: &[&str], what: &str) -> Result<PathBuf, BrowserError> {
        if let Some(path) = given {
            let found = path.is_file().then(|| path.clone());
            return found.ok_or_else(|| missing(format!("{what} is not at {}", path.display())));
        }
        let candidates = names.iter().flat_map(|name| self.folders.iter().map(move |folder| folder.join(name)));
        let found = candidates.into_iter().find(|path| path.is_file());
        found.ok_or_else(|| missing(format!("a form needs a browser, and {what} is not installed")))
    }
}

fn missing(what: String) -> BrowserError {
    BrowserError::Missing { what, help: INSTALL.to_owned() }
}

/// "Chromium 156.0.8078.108 built on Debian", "ChromeDriver 156.0.8078.108 (…)".
async fn major(program: &Path) -> Result<u32, BrowserError> {
    let run = tokio::process::Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .output();
    let failed = |why: String| missing(format!("{} does not say its version: {why}", program.display()));
    let output = tokio::time::timeout(VERSION_TIMEOUT, run).await.map_err(|_| failed("no answer".to_owned()))?;
    let said = String::from_utf8_lossy(&output.map_err(|e| failed(e.to_string()))?.stdout).into_owned();
    let number = said.split_whitespace().find_map(|word| word.split_once('.')?.0.parse().ok());
    number.ok_or_else(|| failed(format!("\"{}\"", said.trim().chars().take(100).collect::<String>())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn program(folder: &Path, name: &str, says: &str) {
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[tokio::test]
    async fn who_lacks_a_browser_or_its_driver_is_told_what_to_install() {
        let folder = tempfile::tempdir().unwrap();
        let look = Whereabouts { folders: vec![folder.path().to_owned()], ..Whereabouts::default() };
        let words = |found: Result<Programs, BrowserError>| found.unwrap_err().to_string();
        let nothing = words(look.find().await);
        assert!(nothing.contains("Chromium is not installed") && nothing.contains("apt-get install"), "{nothing}");
        program(folder.path(), "google-chrome", "Google Chrome 120.0.1.2");
        assert!(words(look.find().await).contains("chromedriver is not installed"));
        program(folder.path(), "chromedriver", "ChromeDriver 119.9.9.9 (abc)");
        let differ = words(look.find().await);
        assert!(differ.contains("version 120") && differ.contains("version 119"), "{differ}");
        program(folder.path(), "chromedriver", "ChromeDriver 120.9.9.9 (abc)");
        assert_eq!(look.find().await.unwrap().major, 120);
        let named = Whereabouts { driver: Some(folder.path().join("nowhere")), ..look };
        assert!(words(named.find().await).contains("is not at"));
    }
}
