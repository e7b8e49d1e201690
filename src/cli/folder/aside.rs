//! The folder beside a report in which the report is made. It goes when it is dropped; a killed run
//! leaves it behind, and the next run beside it removes it. A lock tells a run that was killed from one
//! that is under way, for the system takes the lock away with the process.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

const PREFIX: &str = ".retrylab-";
const LOCK: &str = "lock";
const OLD: &str = "old";

/// A folder of this run alone.
pub(super) struct Aside {
    folder: tempfile::TempDir,
    /// Held as long as the folder is in use.
    _lock: File,
}

impl Aside {
    /// A new folder beside another, on the same file system. Folders of killed runs go.
    pub(super) fn beside(folder: &Path) -> io::Result<Aside> {
        let there = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let parent = there.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        fs::create_dir_all(parent)?;
        sweep(parent);
        let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
        // The lock has its name only once it is held.
        let early = folder.path().join("early");
        let lock = File::create(&early)?;
        // Where there are no locks, nothing is swept.
        if lock.try_lock().is_ok() {
            fs::rename(early, folder.path().join(LOCK))?;
        }
        Ok(Aside { folder, _lock: lock })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where a folder that is to be replaced can wait. A run that is killed while it does is not swept.
    pub(super) fn old(&self) -> PathBuf {
        self.path().join(OLD)
    }
}

/// Removes what killed runs have left in a folder. What cannot be removed does no harm.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let ours = entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX));
        if !ours || path.join(OLD).exists() {
            continue;
        }
        let Ok(lock) = File::open(path.join(LOCK)) else { continue };
        if lock.try_lock().is_ok() {
            let _ = fs::remove_dir_all(&path);
        }
    }
}
