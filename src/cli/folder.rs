//! A report folder: written aside and renamed, so that a killed run leaves either nothing or a whole
//! report.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::report::{self, Saved};

/// Writes every file of a report to `folder`. A folder that is there already is replaced if it holds a
/// report, and left alone if it holds anything else.
pub(super) fn write(saved: &Saved, folder: &Path) -> anyhow::Result<()> {
    let failed = || format!("cannot write the report to {}", folder.display());
    let files = report::folder(saved)?;
    replaceable(folder)?;
    let aside = aside(folder).with_context(failed)?;
    let new = aside.path().join("new");
    fs::create_dir(&new).with_context(failed)?;
    for (name, bytes) in files {
        fs::write(new.join(name), bytes).with_context(failed)?;
    }
    if folder.exists() {
        fs::rename(folder, aside.path().join("old")).with_context(failed)?;
    }
    fs::rename(&new, folder).with_context(failed)
}

/// Before a long run: whether its report can be written.
pub(super) fn probe(folder: &Path) -> anyhow::Result<()> {
    replaceable(folder)?;
    let failed = || format!("cannot write the report to {}", folder.display());
    aside(folder).map(drop).with_context(failed)
}

/// A new folder beside the one given, which goes when it is dropped.
fn aside(folder: &Path) -> std::io::Result<tempfile::TempDir> {
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    tempfile::Builder::new().prefix(".retrylab-").tempdir_in(parent)
}

fn replaceable(folder: &Path) -> anyhow::Result<()> {
    let there = match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => bail!("cannot write the report to {}: {error}", folder.display()),
    };
    if there && !folder.join("result.json").is_file() {
        bail!(
            "{} is there and holds no report (no result.json): it is left alone; choose another --out",
            folder.display()
        );
    }
    Ok(())
}

/// The first free numbered folder for a scenario under `reports/runs`.
pub(super) fn fresh(scenario: &str) -> PathBuf {
    let runs = Path::new("reports/runs");
    let folder = |n: u32| runs.join(format!("{scenario}-{n:03}"));
    (1..).map(folder).find(|folder| !folder.exists()).unwrap_or_else(|| runs.join(scenario))
}

/// The result in a report folder.
pub(super) fn read(folder: &Path) -> anyhow::Result<Saved> {
    let file = folder.join("result.json");
    let text = fs::read_to_string(&file).with_context(|| {
        format!("cannot read {}: a report folder has a result.json", file.display())
    })?;
    let head: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))?;
    let schema = head.get("schema").and_then(serde_json::Value::as_str);
    if schema != Some(report::saved::SCHEMA) {
        bail!(
            "{}: schema is {}, this retrylab reads \"{}\": run the scenario again",
            file.display(),
            schema.map_or("missing".into(), |s| format!("{s:?}")),
            report::saved::SCHEMA
        );
    }
    serde_json::from_str(&text).with_context(|| format!("{} is incomplete", file.display()))
}
