//! A user's own files in a report folder go into the new one by hard links: they are in both folders
//! until the old one goes, so there is no moment at which a kill loses them, and no bytes are copied.

use std::fs;
use std::io;
use std::path::Path;

/// Links into `new` whatever `old` holds besides the files with these names.
pub(super) fn others(old: &Path, new: &Path, names: &[&str]) -> io::Result<()> {
    for entry in fs::read_dir(old)? {
        let entry = entry?;
        if !entry.file_name().to_str().is_some_and(|name| names.contains(&name)) {
            keep(&entry.path(), &new.join(entry.file_name()))?;
        }
    }
    Ok(())
}

fn keep(from: &Path, to: &Path) -> io::Result<()> {
    let kind = fs::symlink_metadata(from)?.file_type();
    if kind.is_dir() {
        fs::create_dir(to)?;
        fs::set_permissions(to, fs::metadata(from)?.permissions())?;
        for entry in fs::read_dir(from)? {
            let name = entry?.file_name();
            keep(&from.join(&name), &to.join(&name))?;
        }
        return Ok(());
    }
    // A link to a link is one of its own where the system has it so; a copy, where there are no links.
    match fs::hard_link(from, to) {
        Err(_) if kind.is_file() => fs::copy(from, to).map(drop),
        linked => linked,
    }
}
