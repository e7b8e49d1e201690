//! The runs of a search on disk, a line each as soon as it is done, so that an interrupted search goes on
//! where it was. The first line says what they are runs of: of anything else they are worth nothing.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use super::question::Asked;
use crate::cli::read;
use crate::study::tune::Entry;

/// What the runs are of.
#[derive(Serialize, Deserialize, PartialEq)]
struct Head {
    schema: String,
    version: String,
    definition_sha256: String,
}

#[derive(Serialize, Deserialize)]
struct Line {
    task: usize,
    point: String,
    replica: u64,
    values: Vec<Option<f64>>,
    calls: u64,
}

/// Where runs are kept, if anywhere.
pub(super) struct Journal {
    path: Option<PathBuf>,
    file: Mutex<Option<BufWriter<File>>>,
    /// The first thing that went wrong.
    wrong: Mutex<Option<std::io::Error>>,
}

impl Journal {
    /// A journal, and the runs that are in it already.
    pub(super) fn open(
        path: Option<&Path>,
        asked: &Asked,
    ) -> anyhow::Result<(Journal, Vec<Entry>)> {
        let wrong = Mutex::new(None);
        let Some(path) = path else {
            return Ok((Journal { path: None, file: Mutex::new(None), wrong }, Vec::new()));
        };
        let head = Head {
            schema: "retrylab/tune-runs/1".into(),
            version: env!("CARGO_PKG_VERSION").into(),
            definition_sha256: asked.definition(),
        };
        let shown = path.display();
        let earlier = if path.exists() { earlier(path, &head)? } else { Vec::new() };
        let cannot = || format!("cannot write the journal {shown}");
        let file = OpenOptions::new().create(true).append(true).open(path).with_context(cannot)?;
        let mut file = BufWriter::new(file);
        if earlier.is_empty() {
            file.get_ref().set_len(0).with_context(cannot)?;
            writeln!(file, "{}", serde_json::to_string(&head)?).with_context(cannot)?;
        }
        let file = Mutex::new(Some(file));
        Ok((Journal { path: Some(path.to_owned()), file, wrong }, earlier))
    }

    pub(super) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Keeps a run.
    pub(super) fn keep(&self, entry: &Entry) {
        let Entry { task, point, replica, values, calls } = entry.clone();
        let line = Line { task, point, replica, values, calls };
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(to) = file.as_mut() {
            let text = serde_json::to_string(&line).unwrap_or_default() + "\n";
            if let Err(error) = to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
                *self.wrong.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                *file = None;
            }
        }
    }

    /// Everything is on disk, or why it is not.
    pub(super) fn close(&self) -> anyhow::Result<()> {
        match (self.wrong.lock().unwrap_or_else(PoisonError::into_inner).take(), &self.path) {
            (Some(error), Some(path)) => {
                Err(error).with_context(|| format!("cannot write the journal {}", path.display()))
            }
            _ => Ok(()),
        }
    }
}

/// The runs of a journal. A last line that was cut off is left out.
fn earlier(path: &Path, head: &Head) -> anyhow::Result<Vec<Entry>> {
    let text = read::text(path, read::MAX_RESULT).map_err(anyhow::Error::msg)?;
    let mut lines = text.lines();
    let Some(first) = lines.next() else { return Ok(Vec::new()) };
    let found: Option<Head> = serde_json::from_str(first).ok();
    let shown = path.display();
    match found {
        None => bail!(
            "{shown}: line 1 is no journal's of retrylab: it is left alone; name another --journal"
        ),
        Some(found) if found != *head => bail!(
            "{shown}: is of another search (scenario, options or version differ): name another --journal, or \
             remove it"
        ),
        Some(_) => {}
    }
    let entry = |line: Line| {
        let Line { task, point, replica, values, calls } = line;
        Entry { task, point, replica, values, calls }
    };
    Ok(lines.map_while(|line| serde_json::from_str(line).ok()).map(entry).collect())
}
