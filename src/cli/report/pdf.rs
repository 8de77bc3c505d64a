//! The page on paper: printed by the browser of this machine.

use crate::browser::{Browser, BrowserError, Whereabouts};
use crate::cli::{Failure, exit, runtime};
use crate::net::Dialer;
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

/// The longest that printing may take: hundreds of companies are hundreds of sheets.
const PATIENCE: Duration = Duration::from_mins(3);

/// Prints `report.html` of a folder into `report.pdf`, and returns its path. The page's own rules give the
/// page numbers and keep tables whole; it has no script and loads nothing.
pub(super) fn print(folder: &Path, language: &str) -> Result<PathBuf, Failure> {
    let page = folder.join("report.html");
    let page = page.canonicalize().map_err(|e| super::unwritable(&page, &e))?;
    let address = Url::from_file_path(&page).map_err(|()| Failure::new(exit::FAILED, "the page has no address"))?;
    let browser = Browser::new(Dialer::World, Whereabouts::from_env(), language);
    let printed = runtime()?.block_on(async {
        let printed = pdf(&browser, &address).await;
        browser.stop().await;
        printed
    });
    let file = page.with_extension("pdf");
    super::put(&file, printed.map_err(|e| failure(&e))?)?;
    Ok(file)
}

async fn pdf(browser: &Browser, address: &Url) -> Result<Vec<u8>, BrowserError> {
    let mut visit = browser.visit(false).await?;
    let printed = match visit.goto(address).await {
        Ok(()) => visit.print(PATIENCE).await,
        Err(e) => Err(e),
    };
    visit.close().await;
    printed
}

fn failure(error: &BrowserError) -> Failure {
    let (what, help) = match error {
        BrowserError::Missing { what, help } => {
            (what.clone(), format!("{help}; or open report.html and print it yourself"))
        }
        other => (other.to_string(), "open report.html in a browser and print it yourself".to_owned()),
    };
    Failure::new(exit::FAILED, format!("the page could not be printed: {what}")).with_help(help)
}
