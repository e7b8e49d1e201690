//! Lines of a source without an end: each is bounded, and a quoted cell may hold line ends.

use std::io::BufRead;

use super::header::SKIP;
use super::{MAX_LINE, Wrong};
use crate::base::Fault;

/// Gives lines one by one, in one buffer.
pub(super) struct Lines<'a> {
    source: &'a mut dyn BufRead,
    buffer: Vec<u8>,
    /// The number of the last line given, from 1, and of lines that it ran over.
    number: u64,
    over: u64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(source: &'a mut dyn BufRead) -> Lines<'a> {
        Lines { source, buffer: Vec::new(), number: 0, over: 1 }
    }

    /// The next line that is not blank, with its number; lines whose quotes are not closed go on where
    /// `quoted`.
    pub(super) fn next(&mut self, quoted: bool) -> Result<Option<(u64, &str)>, Box<Wrong>> {
        loop {
            self.buffer.clear();
            self.number += self.over;
            self.over = 1;
            if !self.more()? {
                return Ok(None);
            }
            while quoted && self.buffer.iter().filter(|b| **b == b'"').count() % 2 == 1 {
                let before = self.buffer.len();
                if !self.more()? {
                    self.buffer.truncate(before);
                    break;
                }
                self.over += 1;
            }
            if self.number == 1 && self.buffer.starts_with("\u{feff}".as_bytes()) {
                self.buffer.drain(..3);
            }
            if !self.buffer.trim_ascii().is_empty() {
                break;
            }
        }
        let number = self.number;
        match std::str::from_utf8(&self.buffer) {
            Ok(text) => Ok(Some((number, text.trim_end_matches(['\n', '\r'])))),
            Err(error) => {
                let start = error.valid_up_to();
                let byte = self.buffer.get(start).copied().unwrap_or_default();
                let rule = "must be text: save the log as UTF-8";
                let fault =
                    Fault::new("line", format!("bytes that are no UTF-8 (0x{byte:02x})"), rule);
                let text = String::from_utf8_lossy(&self.buffer).trim_end().to_owned();
                let fault = fault.at(Some(start..start + 3)).hint(SKIP);
                Err(Box::new(Wrong { line: Some(number), text, fault }))
            }
        }
    }

    /// Adds a line to the buffer; false at the end.
    fn more(&mut self) -> Result<bool, Box<Wrong>> {
        let room = (MAX_LINE + 1).saturating_sub(self.buffer.len()) as u64;
        let mut source = std::io::Read::take(&mut *self.source, room);
        let read = source.read_until(b'\n', &mut self.buffer);
        let wrong =
            |fault: Fault| Box::new(Wrong { line: Some(self.number), text: String::new(), fault });
        match read {
            Err(error) => Err(wrong(Fault::new("line", error.to_string(), "must be readable"))),
            Ok(_) if self.buffer.len() > MAX_LINE => {
                let rule = format!("must be at most {} KiB long", MAX_LINE >> 10);
                let fault = Fault::new("line", format!("more than {MAX_LINE} bytes"), rule);
                Err(wrong(fault.hint("is it a log with a call a line? a quote may be left open")))
            }
            Ok(bytes) => Ok(bytes > 0),
        }
    }

    /// Leaves out the rest of a line that is too long.
    pub(super) fn skip_rest(&mut self) {
        while self.buffer.last().is_some_and(|b| *b != b'\n') {
            self.buffer.clear();
            let mut source = std::io::Read::take(&mut *self.source, MAX_LINE as u64);
            if !matches!(source.read_until(b'\n', &mut self.buffer), Ok(1..)) {
                return;
            }
        }
    }
}
