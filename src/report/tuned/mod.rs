//! What a search for a policy found, as documents: a table and words for people, a block to paste into the
//! gateway's configuration, `tuned.json` for programs, and a page with the front and the maps.

mod block;
mod documents;
mod maps;
mod pictures;
mod result;
mod words;

pub use block::block;
pub use result::json;
pub use words::{front_table, preset_table, table, verdict};

use super::{File, FolderError, with_pictures};
use crate::plugin::PolicySet;
use crate::scenario::Column;
use crate::study::tune::{Question, Task, Tuned};

/// A search and what it found.
pub struct Told<'a> {
    /// What was asked.
    pub question: &'a Question,
    /// On what.
    pub tasks: &'a [Task],
    /// What was found.
    pub tuned: &'a Tuned,
    /// The first scenario's column as it is recommended.
    pub recommended: &'a Column,
    /// Whose parameters were searched; `None` for the base policy's.
    pub tool: Option<&'a str>,
    /// The seed that was given, if any.
    pub seed: Option<u64>,
    /// The command.
    pub command: &'a str,
    /// The version of retrylab.
    pub version: &'a str,
}

impl Told<'_> {
    fn policies(&self) -> &PolicySet {
        &self.recommended.policies
    }
}

/// Every file of the report folder.
///
/// # Errors
/// When a picture cannot be made.
pub fn folder(told: &Told<'_>) -> Result<Vec<File>, FolderError> {
    with_pictures(pictures::pictures(told), |pictures| {
        Ok(vec![
            ("tuned.json".to_owned(), json(told)?.into_bytes()),
            ("policy.yaml".to_owned(), block(told).into_bytes()),
            ("report.md".to_owned(), documents::markdown(told, pictures).into_bytes()),
            ("report.html".to_owned(), documents::html(told, pictures)?.into_bytes()),
        ])
    })
}
