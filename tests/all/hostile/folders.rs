//! What is in a report folder already: a report, a user's own files, something else, leftovers of a kill.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::{folder, run, told};

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|e| e.file_name().into_string().unwrap()).collect()
}

#[test]
fn a_report_is_replaced_and_what_a_user_keeps_beside_it_stays() {
    let folder = folder(&[]);
    let out = folder.path().join("out");
    assert_eq!(
        run(folder.path(), &["run", "ok.toml", "-q", "--out", "out"]).status.code(),
        Some(0)
    );
    let first = fs::read_to_string(out.join("result.json")).unwrap();
    fs::write(out.join("notes.txt"), "mine").unwrap();
    fs::create_dir_all(out.join("drafts/old")).unwrap();
    fs::write(out.join("drafts/old/one.md"), "also mine").unwrap();
    let again = ["run", "ok.toml", "-q", "--seed", "2", "--out", "out"];
    assert_eq!(run(folder.path(), &again).status.code(), Some(0));
    assert_ne!(fs::read_to_string(out.join("result.json")).unwrap(), first);
    assert_eq!(run(folder.path(), &["report", "out"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(out.join("notes.txt")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(out.join("drafts/old/one.md")).unwrap(), "also mine");
    assert_eq!(names(folder.path()), ["ok.toml", "out"].map(String::from).into());
}

#[test]
fn a_folder_is_a_report_only_if_its_result_is_ours() {
    for text in ["", "[1, 2", "{\"schema\": \"somebody/1\"}", "{\"accuracy\": 0.93}"] {
        let folder = folder(&[]);
        let out = folder.path().join("out");
        fs::create_dir(&out).unwrap();
        fs::write(out.join("result.json"), text).unwrap();
        let output = run(folder.path(), &["run", "ok.toml", "-q", "--out", "out"]);
        let told = told(&output);
        assert!(output.status.code() == Some(2) && told.contains("left alone"), "{text}: {told}");
        assert_eq!(fs::read_to_string(out.join("result.json")).unwrap(), text);
        assert_eq!(names(&out).len(), 1);
    }
}

#[test]
fn whoever_stands_in_a_report_folder_keeps_standing_there() {
    let folder = folder(&[]);
    run(folder.path(), &["run", "ok.toml", "-q", "--out", "out"]);
    let out = folder.path().join("out");
    fs::remove_file(out.join("report.md")).unwrap();
    fs::write(out.join("notes.txt"), "mine").unwrap();
    // A handle on the folder itself, as a shell has one.
    let before = fs::canonicalize(&out).unwrap();
    assert_eq!(run(&before, &["report", "."]).status.code(), Some(0));
    assert!(names(&out).contains("report.md") && names(&out).contains("notes.txt"));
    assert!(!names(&out).iter().any(|name| name.starts_with('.')), "{:?}", names(&out));
}

#[test]
fn leftovers_of_killed_runs_go_and_a_run_under_way_is_left_alone() {
    let folder = folder(&[]);
    let leftover = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.join("new")).unwrap();
        fs::write(path.join("lock"), "").unwrap();
        path
    };
    let dead = leftover(".retrylab-dead");
    let alive = leftover(".retrylab-alive");
    let lock = fs::File::open(alive.join("lock")).unwrap();
    lock.lock().unwrap();
    let strange = folder.path().join(".retrylab-notes");
    fs::create_dir(&strange).unwrap();
    fs::write(strange.join("thesis.txt"), "years").unwrap();
    assert_eq!(
        run(folder.path(), &["run", "ok.toml", "-q", "--out", "out"]).status.code(),
        Some(0)
    );
    assert!(!dead.exists() && alive.exists() && strange.join("thesis.txt").exists());
}

#[test]
fn runs_without_a_folder_take_numbers_and_never_each_others() {
    let folder = folder(&[]);
    let words = ["run", "ok.toml", "ok.toml", "-q"];
    assert_eq!(run(folder.path(), &words).status.code(), Some(0));
    assert_eq!(run(folder.path(), &words[..2]).status.code(), Some(0));
    let runs = names(&folder.path().join("reports/runs"));
    assert_eq!(runs, ["ok-001", "ok-002", "ok-003"].map(String::from).into());
}
