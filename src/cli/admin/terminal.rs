//! A terminal that is drawn on: its size, its keys one by one, and its former state when we are done.

use crate::cli::failure::Failure;
use crate::cli::output::print;
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcgetwinsize, tcsetattr,
};
use std::io::{self, IsTerminal};

/// The other screen, without a cursor; and back to where it was.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Quit,
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
}

/// Columns and rows of standard output, if it is a terminal.
pub fn size() -> Option<(usize, usize)> {
    let out = io::stdout();
    let size = out.is_terminal().then(|| tcgetwinsize(&out).ok()).flatten()?;
    Some((usize::from(size.ws_col), usize::from(size.ws_row))).filter(|(w, h)| *w > 0 && *h > 0)
}

pub struct Screen {
    before: Termios,
}

impl Screen {
    /// Takes the terminal over; `None` where there is none.
    pub fn enter() -> Result<Option<Self>, Failure> {
        let stdin = io::stdin();
        if !stdin.is_terminal() || size().is_none() {
            return Ok(None);
        }
        let before = tcgetattr(&stdin).map_err(Failure::work)?;
        let mut keys = before.clone();
        keys.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        // A read answers at once, with nothing where no key was pressed.
        keys.special_codes[SpecialCodeIndex::VMIN] = 0;
        keys.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(&stdin, OptionalActions::Now, &keys).map_err(Failure::work)?;
        let screen = Self { before };
        print(ENTER)?;
        Ok(Some(screen))
    }

    /// The keys that were pressed since the last call.
    pub fn keys(&self) -> Vec<Key> {
        let mut bytes = [0; 64];
        let read = rustix::io::read(io::stdin(), &mut bytes).unwrap_or(0);
        keys_of(&bytes[..read])
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // There is nothing left to do for a terminal that has gone.
        let _ = print(LEAVE);
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

fn keys_of(bytes: &[u8]) -> Vec<Key> {
    let (mut keys, mut rest) = (Vec::new(), bytes);
    let known: [(&[u8], Key); 14] = [
        (b"\x1b[A", Key::Up),
        (b"\x1bOA", Key::Up),
        (b"k", Key::Up),
        (b"\x1b[B", Key::Down),
        (b"\x1bOB", Key::Down),
        (b"j", Key::Down),
        (b"\x1b[5~", Key::PageUp),
        (b"b", Key::PageUp),
        (b"\x1b[6~", Key::PageDown),
        (b" ", Key::PageDown),
        (b"\x1b[H", Key::Top),
        (b"g", Key::Top),
        (b"q", Key::Quit),
        (b"Q", Key::Quit),
    ];
    while !rest.is_empty() {
        let found = known.iter().find(|(typed, _)| rest.starts_with(typed));
        keys.extend(found.map(|(_, key)| *key));
        rest = &rest[found.map_or(1, |(typed, _)| typed.len())..];
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_alone_and_in_a_row_and_others_are_passed_over() {
        assert_eq!(
            keys_of(b"\x1b[A\x1b[Bxj q"),
            [Key::Up, Key::Down, Key::Down, Key::PageDown, Key::Quit]
        );
        assert_eq!(keys_of(b"\x1b[5~\x1b[6~\x1b[Z"), [Key::PageUp, Key::PageDown]);
        assert!(keys_of(b"").is_empty());
    }
}
