//! Pictures that nobody can make again are decoration. Every file below `reports/` is made again here by the
//! command that its gallery names, and compared byte by byte. A report names the commit that its retrylab was
//! built from, which no commit can know of itself: committed reports are kept without it.
//!
//! `UPDATE_REPORTS=1 cargo test --locked gallery` writes the committed files again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn reports() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("reports")
}

/// What is below a folder, by name, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The scenarios that have a committed report.
fn gallery() -> Vec<String> {
    let folders = names(&reports()).into_iter();
    folders.filter(|n| n != "runs" && reports().join(n).is_dir()).collect()
}

/// The bytes of a file without ` (commit …)`.
fn without_commit(bytes: Vec<u8>) -> Vec<u8> {
    let Ok(text) = String::from_utf8(bytes.clone()) else { return bytes };
    match text.split_once(" (commit ").and_then(|(a, b)| Some((a, b.split_once(')')?.1))) {
        Some((before, after)) => format!("{before}{after}").into_bytes(),
        None => bytes,
    }
}

#[test]
fn every_file_of_the_gallery_is_made_again_to_the_byte() {
    let update = std::env::var_os("UPDATE_REPORTS").is_some();
    let folder = tempfile::tempdir().unwrap();
    let mut files = 0;
    for scenario in gallery() {
        let made = folder.path().join(&scenario);
        let mut run = Command::new(env!("CARGO_BIN_EXE_retrylab"));
        let run = run.args(["run", &scenario, "--quiet", "--out"]).arg(&made).output().unwrap();
        assert!(run.status.success(), "{scenario}: {}", String::from_utf8_lossy(&run.stderr));
        for name in names(&reports().join(&scenario)) {
            let (kept, made) = (reports().join(&scenario).join(&name), made.join(&name));
            let made = without_commit(fs::read(made).unwrap());
            if update {
                fs::write(&kept, &made).unwrap();
            }
            assert!(
                fs::read(&kept).unwrap() == made,
                "reports/{scenario}/{name} is not what `retrylab run {scenario}` makes; \
                 `UPDATE_REPORTS=1 cargo test --locked gallery` writes it again"
            );
            files += 1;
        }
    }
    assert!(files >= 30, "{files}");
}

#[test]
fn the_gallery_shows_each_report_and_names_its_command() {
    let page = fs::read_to_string(reports().join("README.md")).unwrap();
    for scenario in gallery() {
        for part in [
            format!("$ retrylab run {scenario} --out reports/{scenario}\n"),
            format!("]({scenario}/report.md)"),
        ] {
            assert!(page.contains(&part), "reports/README.md lacks {part}");
        }
    }
    let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    for link in links.filter(|l| !l.starts_with("http")) {
        assert!(reports().join(link).exists(), "reports/README.md: {link}");
    }
}
