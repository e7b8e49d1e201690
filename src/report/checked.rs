//! What `check` found, for programs: a list for scripts, and SARIF for what shows findings beside a pull
//! request's lines.

mod sarif;

use serde::Serialize;

pub use sarif::sarif;

/// One fault or finding.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Entry {
    /// The file.
    pub file: String,
    /// The line in it, from 1, if it is known.
    pub line: Option<usize>,
    /// The first character in the line, from 1.
    pub column: Option<usize>,
    /// The first character behind it.
    pub end_column: Option<usize>,
    /// Where in the data: `policy.max_retries`.
    pub path: Option<String>,
    /// The rule's name.
    pub rule: String,
    /// How much it matters.
    pub level: Level,
    /// The value found.
    pub found: Option<String>,
    /// The reason.
    pub message: String,
    /// The way out, where one is evident.
    pub fix: Option<String>,
}

/// How much an entry matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The file is refused.
    Error,
    /// It does not do what it seems to.
    Warning,
    /// It may be meant so.
    Note,
}

impl Entry {
    /// Path, value, reason and way out in one text.
    fn told(&self) -> String {
        let mut told = match (&self.path, &self.found) {
            (Some(path), Some(found)) => format!("{path}: found {found}: {}", self.message),
            _ => self.message.clone(),
        };
        if let Some(fix) = &self.fix {
            told += &format!(" ({fix})");
        }
        told
    }
}

/// All entries as a JSON array.
///
/// # Errors
/// None for entries; serde's.
pub fn json(entries: &[Entry]) -> serde_json::Result<String> {
    serde_json::to_string_pretty(entries)
}
