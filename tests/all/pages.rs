//! Pages in a real browser: their scripts run without a fault and draw every picture. Skipped with a word where
//! there is no browser; the rest of a page is proved in `reports`.

use std::path::Path;
use std::process::Command;

const BROWSERS: [&str; 4] =
    ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The document after its scripts have run, or nothing without a browser.
fn opened(page: &Path, profile: &Path) -> Option<String> {
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-quic",
        "--disable-sync",
        "--disable-background-networking",
        "--disable-component-update",
        "--virtual-time-budget=2000",
        "--dump-dom",
    ];
    let open = |browser: &&str| {
        let mut command = Command::new(browser);
        command.args(arguments).arg(format!("--user-data-dir={}", profile.display()));
        command.arg(format!("file://{}", page.display())).output().ok()
    };
    let output = BROWSERS.iter().find_map(open)?;
    Some(String::from_utf8(output.stdout).unwrap())
}

fn proved(arguments: &[&str], pictures: usize) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report");
    let made = Command::new(env!("CARGO_BIN_EXE_retrylab"))
        .args(arguments)
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    assert!(made.status.code().is_some_and(|code| code < 2), "{made:?}");
    let Some(page) = opened(&out.join("report.html"), &folder.path().join("profile")) else {
        eprintln!("skipped: no browser of {BROWSERS:?}");
        return;
    };
    let top = page.lines().find(|line| line.starts_with("<html")).unwrap();
    assert!(top.contains(&format!("data-live=\"{pictures}\"")), "{arguments:?}: {top}");
    assert_eq!(page.matches("class=\"live\"").count(), pictures);
    assert!(!page.contains("NaN"), "{arguments:?}: a number is none");
}

#[test]
fn every_picture_of_a_run_is_drawn_by_the_page() {
    proved(&["run", "rate_limit", "-q"], 5);
}

#[test]
fn every_picture_of_a_run_without_calls_or_faults_is_drawn_by_the_page() {
    proved(&["run", "zero_wait", "-q"], 5);
}

#[test]
fn the_front_of_a_search_is_drawn_by_the_page() {
    proved(&["tune", "fail_twice", "--goal", "latency_ms_p99", "--replicas", "4", "-q"], 1);
}
