//! Single keys from a terminal, or the same characters through a pipe.

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use std::io::{self, IsTerminal, Read};

/// A key that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A letter, digit or sign.
    Char(char),
    /// Enter.
    Enter,
    /// Ctrl-C, Ctrl-D, or the end of the pipe.
    End,
}

/// Where keys come from. A terminal is given back as it was.
pub(super) struct Keys {
    input: io::Stdin,
    before: Option<Termios>,
}

impl Keys {
    /// Standard input, without waiting for the end of a line where it is a terminal.
    pub(super) fn open() -> io::Result<Self> {
        let input = io::stdin();
        let before = if input.is_terminal() { Some(tcgetattr(&input)?) } else { None };
        if let Some(before) = &before {
            let mut raw = before.clone();
            // Ctrl-C comes as a key, so that the terminal is given back.
            raw.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG);
            raw.special_codes[SpecialCodeIndex::VMIN] = 1;
            raw.special_codes[SpecialCodeIndex::VTIME] = 0;
            tcsetattr(&input, OptionalActions::Now, &raw)?;
        }
        Ok(Self { input, before })
    }

    /// The next key; what is none (arrows, letters of other scripts) is passed over.
    pub(super) fn next(&mut self) -> io::Result<Key> {
        loop {
            match self.byte()? {
                None | Some(3 | 4) => return Ok(Key::End),
                Some(b'\n' | b'\r') => return Ok(Key::Enter),
                Some(0x1b) => self.pass_sequence()?,
                Some(byte) if byte.is_ascii_graphic() => return Ok(Key::Char(byte.to_ascii_lowercase().into())),
                Some(_) => {}
            }
        }
    }

    /// What follows Esc: `[` and parameters up to a letter.
    fn pass_sequence(&mut self) -> io::Result<()> {
        if !matches!(self.byte()?, Some(b'[' | b'O')) {
            return Ok(());
        }
        while self.byte()?.is_some_and(|byte| !byte.is_ascii_alphabetic() && byte != b'~') {}
        Ok(())
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let mut byte = [0];
        Ok((self.input.lock().read(&mut byte)? > 0).then_some(byte[0]))
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            // Where even this fails, nothing more can be done.
            let _ = tcsetattr(&self.input, OptionalActions::Now, before);
        }
    }
}
