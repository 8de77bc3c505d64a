//! A real web site with a contact form that nobody here wrote: Mezzanine's demo.

use super::installed::{Process, free_address, python_servers};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A private copy of the site.
pub(crate) struct Mezzanine {
    _process: Process,
    folder: TempDir,
    base: String,
}

impl Mezzanine {
    /// Starts it.
    pub(crate) fn start() -> Self {
        let home = python_servers();
        let folder = TempDir::new().unwrap();
        copy(&home.join("shop"), folder.path());
        let address = free_address();
        let mut command = Command::new(home.join("bin/python"));
        command.args(["manage.py", "runserver", "--noreload", &address.to_string()]).current_dir(folder.path());
        let process = Process::start(&mut command, address, &folder.path().join("server.log"));
        Self { _process: process, folder, base: format!("http://{address}") }
    }

    /// The page with the contact form.
    pub(crate) fn contact_page(&self) -> String {
        format!("{}/contact/", self.base)
    }

    /// The mails that the site has sent about forms, as it wrote them, decoded.
    pub(crate) fn mails(&self) -> Vec<String> {
        let Ok(files) = std::fs::read_dir(self.folder.path().join("mail")) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        paths.sort();
        paths.iter().map(|path| decoded(&std::fs::read(path).unwrap())).collect()
    }
}

fn decoded(mail: &[u8]) -> String {
    let message = mail_parser::MessageParser::default().parse(mail).unwrap();
    message.body_text(0).unwrap().replace("\r\n", "\n")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
