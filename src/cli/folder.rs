//! A report folder: written aside and moved into place in one step, so that a run that is killed, or a
//! disk that is full, leaves either the report that was there, or none, or the new one as a whole. What a
//! user keeps in a report folder stays in it.

mod aside;
mod keep;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::Deserialize;

use super::read;
use crate::report::{self, Saved};
use aside::Aside;

/// The file by which a report folder of a run is known.
const RESULT: &str = "result.json";
/// The files by which any report folder is known.
const MARKS: [&str; 3] = [RESULT, "measured.json", "tuned.json"];
/// What the schema of every version begins with.
const OURS: &str = "retrylab/";

/// Where a report goes.
pub(super) enum Place {
    /// To a folder that the user named.
    Chosen(PathBuf),
    /// To the first free numbered folder under `reports/runs`, for a scenario of this name.
    Fresh(String),
}

impl Place {
    /// The folder, as things stand.
    fn folder(&self) -> PathBuf {
        match self {
            Place::Chosen(folder) => folder.clone(),
            Place::Fresh(scenario) => {
                let runs = Path::new("reports/runs");
                let folder = |n: u32| runs.join(format!("{scenario}-{n:03}"));
                (1..)
                    .map(folder)
                    .find(|folder| !taken(folder))
                    .unwrap_or_else(|| runs.join(scenario))
            }
        }
    }
}

/// Something is there, if only a link that leads nowhere.
fn taken(folder: &Path) -> bool {
    folder.symlink_metadata().is_ok()
}

/// Writes every file of a report, and more, and gives the folder. A folder that is there already is replaced if
/// it holds a report, and left alone if it holds anything else; files in it that are none of the report's
/// are kept.
pub(super) fn write(
    saved: &Saved,
    more: Vec<(String, Vec<u8>)>,
    place: &Place,
) -> anyhow::Result<PathBuf> {
    let mut files = report::folder(saved)?;
    files.extend(more);
    write_files(&files, place)
}

/// The same for files that are made already.
pub(super) fn write_files(files: &[(String, Vec<u8>)], place: &Place) -> anyhow::Result<PathBuf> {
    let mut folder = place.folder();
    let failed = |folder: &Path| format!("cannot write the report to {}", folder.display());
    let aside = probed(&folder)?;
    let new = aside.path().join("new");
    let fill = || {
        fs::create_dir(&new)?;
        files.iter().try_for_each(|(name, bytes)| fs::write(new.join(name), bytes))
    };
    fill().with_context(|| failed(&folder))?;
    // Another run may take the number at the same time: the next one is free.
    while let Place::Fresh(_) = place
        && taken(&folder)
    {
        folder = place.folder();
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    replace(&new, &folder, &names, &aside).with_context(|| failed(&folder))?;
    Ok(folder)
}

/// Before a long run: whether its report can be written.
pub(super) fn probe(place: &Place) -> anyhow::Result<()> {
    probed(&place.folder()).map(drop)
}

fn probed(folder: &Path) -> anyhow::Result<Aside> {
    replaceable(folder)?;
    Aside::beside(folder).with_context(|| {
        format!("cannot write the report to {}; choose another --out", folder.display())
    })
}

/// Puts a new folder in the place of another, with the files of the other that have none of the `names`.
fn replace(new: &Path, folder: &Path, names: &[&str], aside: &Aside) -> io::Result<()> {
    if !folder.exists() {
        return fs::rename(new, folder);
    }
    let there = fs::canonicalize(folder)?;
    if std::env::current_dir().is_ok_and(|here| here == there) {
        // Whoever stands in the folder keeps it: file by file.
        return names.iter().try_for_each(|name| fs::rename(new.join(name), there.join(name)));
    }
    keep::others(&there, new, names)?;
    if exchange(new, &there).is_ok() {
        return Ok(());
    }
    // Without an exchange in one step, the old report waits aside for an instant.
    let old = aside.old();
    fs::rename(&there, &old)?;
    fs::rename(new, &there).inspect_err(|_| {
        let _ = fs::rename(&old, &there);
    })
}

/// Two folders change places in one step.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Whether a folder may be replaced: it is not there, is empty, or holds a report of some version.
fn replaceable(folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    let there = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !taken(folder) => false,
        Err(error) => {
            bail!("cannot write the report to {shown}: {error}: --out must be a folder, or new")
        }
    };
    let marked = MARKS.iter().map(|mark| folder.join(mark)).find(|mark| mark.is_file());
    let result = marked.unwrap_or_else(|| folder.join(RESULT));
    if there && !result.is_file() {
        bail!(
            "{shown} is there and holds no report (no {RESULT}): it is left alone; choose another --out"
        );
    }
    if there && !head(&result).is_ok_and(|head| head.is_ours()) {
        bail!(
            "{} is none of retrylab's: {shown} is left alone; choose another --out",
            result.display()
        );
    }
    Ok(())
}

/// The beginning of a saved result, whatever the rest is.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    schema: serde_json::Value,
}

impl Head {
    fn is_ours(&self) -> bool {
        self.schema.as_str().is_some_and(|schema| schema.starts_with(OURS))
    }
}

fn text(file: &Path) -> anyhow::Result<String> {
    read::text(file, read::MAX_RESULT).map_err(anyhow::Error::msg)
}

fn head(file: &Path) -> anyhow::Result<Head> {
    Ok(serde_json::from_str(&text(file)?)?)
}

/// The result in a report folder.
pub(super) fn read(folder: &Path) -> anyhow::Result<Saved> {
    result(&folder.join(RESULT))
}

/// The result in a report folder, or in a file.
pub(super) fn earlier(place: &Path) -> anyhow::Result<Saved> {
    if place.is_file() { result(place) } else { read(place) }
}

fn result(file: &Path) -> anyhow::Result<Saved> {
    let text =
        text(file).map_err(|e| anyhow::anyhow!("{e}: name a folder that `retrylab run` made"))?;
    let again = "run the scenario again";
    let head: Head = serde_json::from_str(&text)
        .with_context(|| format!("{} is no JSON object: {again}", file.display()))?;
    if head.schema != report::saved::SCHEMA {
        let found = if head.schema.is_null() { "nothing".into() } else { head.schema.to_string() };
        bail!(
            "{}: schema: found {found}: must be \"{}\" for this retrylab: {again}",
            file.display(),
            report::saved::SCHEMA
        );
    }
    serde_json::from_str(&text)
        .with_context(|| format!("{} is incomplete: {again}", file.display()))
}
