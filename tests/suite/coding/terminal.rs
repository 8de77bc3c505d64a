//! `code next` at a real terminal: single keys, Ctrl-C, escape codes in a reply, and the terminal given back.
//!
//! The terminal is that of `script`, which every Linux has; the shell in it says by `stty` how the terminal is set.

use super::Town;
use crate::support::program::{PATIENCE, until};
use risposta::wave::coding;
use std::io::{Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// A terminal with the program at it.
struct Terminal {
    child: Child,
    shown: Arc<Mutex<Vec<u8>>>,
}

impl Terminal {
    /// `code next` between two looks at how the terminal is set.
    fn at(town: &Town, rater: &str) -> Self {
        let next = format!("{} code next --rater {rater}", env!("CARGO_BIN_EXE_risposta"));
        let shell = format!("stty -a; echo begins; {next}; echo ends with $?; stty -a");
        let mut command = Command::new("script");
        command.args(["-qec", &shell, "/dev/null"]).current_dir(town.folder.path());
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (mut screen, shown) = (child.stdout.take().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let seen = Arc::clone(&shown);
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = screen.read(&mut bytes) {
                seen.lock().unwrap().extend_from_slice(&bytes[..count]);
            }
        });
        let terminal = Self { child, shown };
        terminal.waits_for("How adequate is it?");
        terminal
    }

    fn screen(&self) -> String {
        String::from_utf8_lossy(&self.shown.lock().unwrap()).into_owned()
    }

    fn waits_for(&self, text: &str) {
        until(PATIENCE, text, || self.screen().contains(text).then_some(()));
    }

    fn types(&mut self, keys: &[u8]) {
        let keyboard = self.child.stdin.as_mut().unwrap();
        keyboard.write_all(keys).unwrap();
        keyboard.flush().unwrap();
    }

    /// What was shown to the program's end, after which the terminal is set as it was before.
    fn ends(mut self) -> String {
        self.waits_for("ends with 0");
        self.child.wait().unwrap();
        let screen = self.screen();
        let (before, rest) = screen.split_once("begins").unwrap();
        let (during, after) = rest.split_once("ends with 0").unwrap();
        let settings = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(settings(after), settings(before), "the terminal is as it was");
        assert!(settings(after).contains(&"echo".to_owned()), "{after}");
        during.to_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn single_keys_at_a_terminal_that_is_given_back() {
    let town = Town::rehearse().await;
    let replies = coding::queue(&town.wave(), "anna").len();
    let mut terminal = Terminal::at(&town, "anna");
    // An arrow, a function key and a letter of no key are passed over, and no key waits for Enter.
    terminal.types(b"\x1b[A\x1bOP\xc3\xa91");
    terminal.waits_for("→ answered");
    terminal.types(&[3]);
    let screen = terminal.ends();
    assert!(screen.contains("0 coded by anna") && !screen.contains("none of them"), "{screen}");
    assert!(!screen.contains("^["), "nothing is echoed: {screen}");
    assert_eq!(coding::queue(&town.wave(), "anna").len(), replies, "half an answer is none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_cannot_speak_to_the_terminal() {
    let town = Town::rehearse().await;
    let inquiry = town.wave().plan().inquiries[0].id.to_string();
    let hostile = "Ciao \u{1b}]0;mine\u{7}\u{1b}[2J\u{1b}[31m\u{9b}5n\u{202e} ｗｉｄｅ";
    town.ok(&["record", &inquiry, "reply", "--note", hostile], "");
    let replies = coding::queue(&town.wave(), "bea").len();
    let mut terminal = Terminal::at(&town, "bea");
    terminal.types("s".repeat(replies).as_bytes());
    let screen = terminal.ends();
    assert!(screen.contains("Ciao") && screen.contains("ｗｉｄｅ"), "{screen}");
    assert!(!screen.contains(['\u{1b}', '\u{9b}', '\u{7}', '\u{202e}']), "{screen:?}");
}
