//! `retrylab gate` as a user runs it, on a scenario of their own.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const RULES: &str = r#"
[conformance]
variants  = ["sharded"]
histories = 5
seed      = 1
why       = "it must"

[loop]
variant = "reference"
why     = "it must"

[metrics.attempts]
tolerance = "exact"
why       = "what it costs"

[metrics.digest]
tolerance = "exact"
why       = "everything"

[[scenarios]]
name    = "my.toml"
metrics = ["attempts", "digest"]
why     = "ours"
"#;

const SCENARIO: &str = "question = 'How many?'\nduration = '1s'\nseed = 1\ntools = [{ name = 'a' }]\n\
    load = [{ tool = 'a', arrivals = { constant = { rate = '10/s' } } }]\n";

fn gate(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_retrylab"));
    let command = command.arg("gate").args(arguments).current_dir(folder);
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// A folder with thresholds and a scenario, and no baseline yet.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["benches", "reports"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    fs::write(folder.path().join("benches/gate.toml"), RULES).unwrap();
    fs::write(folder.path().join("my.toml"), SCENARIO).unwrap();
    folder
}

fn blessed() -> tempfile::TempDir {
    let folder = folder();
    let (code, _, err) = gate(folder.path(), &["--bless"]);
    assert!(code == Some(0) && err.contains("blessed: reports/baseline.json holds"), "{err}");
    folder
}

fn edit(file: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    fs::write(file, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn every_answer_has_its_exit_code_and_its_words() {
    let empty = tempfile::tempdir().unwrap();
    let (code, _, err) = gate(empty.path(), &[]);
    assert!(code == Some(2) && err.contains("at the top of a checkout"), "{err}");
    let folder = folder();
    let (code, out, _) = gate(folder.path(), &[]);
    assert!(
        code == Some(4) && out.contains("gate: no baseline: reports/baseline.json is not there"),
        "{out}"
    );
    let folder = blessed();
    let (here, baseline) = (folder.path(), folder.path().join("reports/baseline.json"));
    let (code, out, _) = gate(here, &["--quiet"]);
    assert_eq!((code, out.lines().count()), (Some(0), 1), "{out}");
    assert!(out.starts_with("gate: pass: as in reports/baseline.json (retrylab "), "{out}");
    // Blessing what is the same changes no byte.
    let before = fs::read(&baseline).unwrap();
    let (code, _, err) = gate(here, &["--bless"]);
    assert!(
        code == Some(0) && err.contains("left as it was") && fs::read(&baseline).unwrap() == before
    );
    edit(&baseline, "as given/attempts\": 10.0", "as given/attempts\": 8.0");
    let (code, out, _) = gate(here, &[]);
    assert!(
        code == Some(1) && out.contains("+25.00 %") && out.contains("why: ours; what it costs"),
        "{out}"
    );
    // To bless shows what changes.
    let (code, out, _) = gate(here, &["--bless"]);
    assert!(code == Some(0) && out.contains("+25.00 %"), "{out}");
    assert_eq!(fs::read(&baseline).unwrap(), before);
}

#[test]
fn what_is_new_or_redefined_is_no_pass() {
    let folder = blessed();
    let (rules, mine) = (folder.path().join("benches/gate.toml"), folder.path().join("my.toml"));
    edit(&mine, "'How many?'", "'How many, then?'");
    let (code, out, _) = gate(folder.path(), &[]);
    assert!(code == Some(4) && out.contains("definition/scenario my.toml"), "{out}");
    assert!(out.contains("redefined") && out.contains("2 not compared"), "{out}");
    let folder2 = blessed();
    let rules2 = folder2.path().join("benches/gate.toml");
    edit(&rules2, "\"exact\"\nwhy       = \"what", "\"5%\"\nwhy       = \"what");
    let (code, out, _) = gate(folder2.path(), &[]);
    assert!(code == Some(4) && out.contains("definition/thresholds"), "{out}");
    fs::remove_file(rules).unwrap();
    assert_eq!(gate(folder.path(), &[]).0, Some(2));
}

#[test]
fn every_form_says_the_same() {
    let folder = blessed();
    let here = folder.path();
    edit(
        &here.join("reports/baseline.json"),
        "as given/attempts\": 10.0",
        "as given/attempts\": 8.0",
    );
    let (code, out, _) = gate(here, &["--format", "json"]);
    let all: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, all["verdict"].as_str()), (Some(1), Some("regression")));
    let findings = all["findings"].as_array().unwrap();
    let bad: Vec<_> = findings.iter().filter(|f| f["answer"] == "regression").collect();
    assert_eq!(bad.len(), 1);
    assert_eq!((bad[0]["baseline"].as_f64(), bad[0]["now"].as_f64()), (Some(8.0), Some(10.0)));
    let (_, out, _) = gate(here, &["--format", "markdown"]);
    assert!(out.starts_with("### retrylab gate: regression") && out.len() < 2000, "{out}");
    assert!(
        out.contains("| simulated/my.toml/as given/attempts | 8 | 10 | +25.00 % | exact |"),
        "{out}"
    );
    let (code, out, _) = gate(here, &["--format", "junit", "--out", "gate.xml", "-q"]);
    assert_eq!((code, out.as_str()), (Some(1), ""));
    let text = fs::read_to_string(here.join("gate.xml")).unwrap();
    let tree = resvg::usvg::roxmltree::Document::parse(&text).unwrap();
    let count = |tag: &str| tree.descendants().filter(|n| n.has_tag_name(tag)).count();
    assert_eq!((count("testcase"), count("failure"), count("error")), (findings.len(), 1, 0));
    assert_eq!(tree.root_element().attribute("failures"), Some("1"));
}

#[cfg(unix)]
#[test]
fn an_output_that_is_a_link_or_no_file_is_written_not_replaced() {
    let folder = blessed();
    let here = folder.path();
    fs::write(here.join("real.md"), "").unwrap();
    std::os::unix::fs::symlink("real.md", here.join("link.md")).unwrap();
    let (code, _, err) = gate(here, &["--format", "markdown", "--out", "link.md", "-q"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(here.join("link.md").is_symlink());
    assert!(!fs::read_to_string(here.join("real.md")).unwrap().is_empty());
    assert!(Command::new("mkfifo").arg(here.join("pipe")).status().unwrap().success());
    let reader = {
        let pipe = here.join("pipe");
        std::thread::spawn(move || fs::read(pipe).unwrap())
    };
    let (code, _, err) = gate(here, &["--format", "markdown", "--out", "pipe", "-q"]);
    assert_eq!(code, Some(0), "{err}");
    assert_eq!(reader.join().unwrap(), fs::read(here.join("real.md")).unwrap());
}

#[test]
fn thresholds_with_faults_are_told_all_at_once() {
    let folder = folder();
    let rules = folder.path().join("benches/gate.toml");
    let broken = RULES
        .replace("\"sharded\"", "\"shraded\"")
        .replace("histories = 5", "histories = 0\nhistory = 5")
        .replace("\"exact\"\nwhy       = \"every", "\"1%\"\nwhy       = \"every")
        .replace("[\"attempts\", ", "[\"atempts\", ")
        .replace("why     = \"ours\"", "");
    fs::write(&rules, broken).unwrap();
    let (code, _, err) = gate(folder.path(), &[]);
    assert_eq!(code, Some(2));
    for word in [
        "did you mean `sharded`?",
        "conformance.histories: found 0: must be a whole number from 1 to 100000",
        "conformance.history: found history: unknown key",
        "a digest is the same or not",
        "did you mean `attempts`?",
        "scenarios[0].why: found nothing: must be given",
        "6 faults",
    ] {
        assert!(err.contains(word), "{word}: {err}");
    }
    fs::write(&rules, RULES.replace("my.toml", "nowhere")).unwrap();
    let (code, _, err) = gate(folder.path(), &[]);
    assert!(code == Some(2) && err.contains("nowhere: no such file"), "{err}");
}

#[test]
fn a_baseline_that_is_none_is_named() {
    let folder = folder();
    let file = folder.path().join("reports/baseline.json");
    for (text, word) in [("{", "is no baseline"), ("{\"schema\": \"x\"}", "schema: found \"x\"")] {
        fs::write(&file, text).unwrap();
        let (code, _, err) = gate(folder.path(), &[]);
        assert!(code == Some(2) && err.contains(word) && err.contains("baseline.json"), "{err}");
    }
}
