//! An operator's log becomes calls: when, of which tool, how long, how it ended. Logs are long and written by
//! many hands, so one is read line by line into compact records (24 bytes a line, and each tool's name
//! once), in any order of time, with the usual names of columns known; a line that is none says where it
//! is, what was found there, the rule, and the way out.

mod cells;
mod columns;
mod fields;
mod header;
mod json;
mod lines;
mod outcome;
mod read;
mod stamp;

use std::num::NonZeroU64;

pub use columns::{Role, Unit};
pub use read::read;

use crate::base::{Fault, Moment, Span};

/// Calls of one log at most.
pub const MAX_CALLS: usize = 8_000_000;
/// Bytes of a line at most.
pub const MAX_LINE: usize = 64 << 10;
/// Different tools at most: each name is kept.
pub const MAX_TOOLS: usize = 100_000;

/// How a log is to be read.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Options {
    /// Columns that bear unusual names; of JSON, dotted paths.
    pub columns: Vec<(Role, String)>,
    /// The unit of durations whose column does not end in one; milliseconds if not given.
    pub unit: Option<Unit>,
    /// So many lines may be none: they are left out and counted.
    pub skip: u64,
}

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Outcome {
    /// Well.
    Success,
    /// With a status from 400 on.
    Status(u16),
    /// With an error without a status.
    Error,
    /// It took too long.
    Timeout,
    /// Its client left: it says nothing about the tool.
    Cancelled,
}

impl Outcome {
    /// Whether the tool failed.
    pub fn failed(self) -> bool {
        matches!(self, Outcome::Status(_) | Outcome::Error | Outcome::Timeout)
    }
}

/// One line of a log.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Call {
    /// Since the first line.
    pub at: Moment,
    /// Nanoseconds; `None` where the line does not tell.
    pub took: Option<NonZeroU64>,
    /// The index of its tool.
    pub tool: u32,
    /// How it ended.
    pub outcome: Outcome,
}

/// A log.
#[derive(Clone, PartialEq, Debug)]
pub struct Log {
    /// In the order of time.
    pub calls: Vec<Call>,
    /// Names of tools, by index; a log that names none has one.
    pub tools: Vec<String>,
    /// The columns that were used, by what they are for.
    pub columns: Vec<(Role, String)>,
    /// The first moment, in words.
    pub begins: String,
    /// From the first call to the last.
    pub span: Span,
    /// Lines that were left out, and what was wrong with the first of them.
    pub skipped: (u64, Option<Wrong>),
    /// Lines that were earlier than the one before.
    pub unordered: u64,
}

impl Log {
    /// Whether the log tells something.
    pub fn tells(&self, role: Role) -> bool {
        self.columns.iter().any(|(of, _)| *of == role)
    }
}

/// What is wrong with a log, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// The number of the line, from 1; `None` if it is about the whole.
    pub line: Option<u64>,
    /// The line, as far as it was read.
    pub text: String,
    /// What is wrong; its path is the column, its place is in the line.
    pub fault: Fault,
}
