//! `retrylab gate` as it times: builds that are slower must be caught, the same build must not, and what
//! cannot be compared is said.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const THIS: &str = env!("CARGO_BIN_EXE_retrylab");

const RULES: &str = r#"
metrics   = {}
scenarios = []
loop        = { variant = "reference", why = "it must" }
conformance = { variants = ["sharded"], histories = 1, seed = 1, why = "it must" }

[timed]
variants    = ["sharded"]
paths       = ["success", "retryable_status"]
counts      = "1%"
sees        = "5%"
level       = "1%"
blocks      = 10
most_blocks = 60
why         = "it is on everybody's way"

[[timed.ratios]]
variant  = "sharded"
to       = "seed"
paths    = ["text_64k"]
at_least = 0.01
why      = "no slower than it was by a hundred times"
"#;

fn folder(rules: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("benches")).unwrap();
    fs::write(folder.path().join("benches/gate.toml"), rules).unwrap();
    folder
}

fn gate(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(THIS);
    let command = command.arg("gate").args(arguments).current_dir(folder);
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// Times this build beside itself, slower or not. A machine that is too noisy for an answer is asked again,
/// with another seed; what is answered counts.
fn answered(folder: &Path, slower: &str, more: &[&str]) -> (Option<i32>, String) {
    let mut told = String::new();
    for seed in ["1", "2", "3"] {
        let mut arguments =
            vec!["--only", "timed", "--base", THIS, "--slower", slower, "--seed", seed];
        arguments.extend(more);
        let (code, out, err) = gate(folder, &arguments);
        if code != Some(3) {
            return (code, out);
        }
        told = out + &err;
    }
    (Some(3), told)
}

#[test]
fn a_build_that_is_a_tenth_slower_is_called_slower() {
    let folder = folder(RULES);
    let (code, out) = answered(folder.path(), "10%", &[]);
    assert_eq!(code, Some(1), "{out}");
    for word in ["timed/sharded/success", "slower", "confirmed: +", "it is on everybody's way"] {
        assert!(out.contains(word), "{word}: {out}");
    }
}

#[test]
fn a_build_beside_itself_is_not_called_slower() {
    let folder = folder(RULES);
    let (code, out) = answered(folder.path(), "0%", &[]);
    // Too noisy for an answer three times is no alarm either, and says so.
    assert!(code == Some(0) || code == Some(3) && out.contains("too noisy"), "{code:?} {out}");
    assert!(out.contains("not slower than") || code == Some(3), "{out}");
}

#[test]
fn every_form_tells_the_times() {
    let folder = folder(RULES);
    let (code, out) = answered(folder.path(), "50%", &["--timed", "--format", "json"]);
    let all: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, all["verdict"].as_str()), (Some(1), Some("regression")), "{out}");
    assert!(all["baseline"].is_null() && all["findings"].as_array().unwrap().len() == 3);
    let timed = &all["timed"];
    let path = &timed["paths"][0];
    assert!(path["confirmation"]["low"].as_f64().unwrap() > 1.05, "{out}");
    assert!(path["now_ns"].as_f64().unwrap() > path["base_ns"].as_f64().unwrap(), "{out}");
    assert_eq!(timed["base"]["build"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(timed["ratios"][0]["answer"], "fast enough");
    let (code, out) = answered(folder.path(), "50%", &["--format", "markdown"]);
    assert!(code == Some(1) && out.starts_with("### retrylab gate: regression"), "{out}");
    assert!(out.contains("<summary>Times beside") && out.len() < 3000, "{out}");
    let (code, out) = answered(folder.path(), "50%", &["--format", "junit"]);
    let tree = resvg::usvg::roxmltree::Document::parse(&out).unwrap();
    let failures = tree.descendants().filter(|n| n.has_tag_name("failure")).count();
    assert_eq!((code, failures), (Some(1), 2), "{out}");
}

#[test]
fn a_variant_that_is_not_as_much_faster_as_it_should_be_is_slower() {
    let folder = folder(&RULES.replace("at_least = 0.01", "at_least = 1000"));
    let (code, out, err) = gate(folder.path(), &["--only", "timed", "--timed"]);
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(
        out.contains("ratio/sharded to seed/text_64k") && out.contains("must be 1000"),
        "{out}"
    );
    assert!(out.contains("slower than what the thresholds ask on 1 of 1 path"), "{out}");
}

#[test]
fn what_is_no_build_of_retrylab_is_named_with_a_way_out() {
    let folder = folder(RULES);
    let file = folder.path().join("old");
    for (script, word) in [
        ("exit 2", "is no retrylab that can be timed"),
        ("echo hello; sleep 5", "is no retrylab that can be timed"),
        (
            "echo '{\"hello\":{\"protocol\":0,\"build\":{\"version\":\"0\",\"commit\":null,\"toolchain\":\"\",\"profile\":\"\",\"target\":\"\"}}}'; cat",
            "speaks timing protocol 0, this build 1",
        ),
        (
            "echo '{\"hello\":{\"protocol\":1,\"build\":{\"version\":\"0\",\"commit\":null,\"toolchain\":\"\",\"profile\":\"odd\",\"target\":\"\"}}}'; cat",
            "found profile \"odd\"",
        ),
    ] {
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        executable(&file);
        let (code, _, err) = gate(folder.path(), &["--only", "timed", "--base", "./old"]);
        assert!(code == Some(2) && err.contains(word), "{script}: {code:?} {err}");
    }
    let (code, _, err) = gate(folder.path(), &["--only", "timed", "--base", "nowhere"]);
    assert!(code == Some(2) && err.contains("nowhere: cannot be started"), "{err}");
    let (code, _, err) = gate(folder.path(), &["--only", "timed"]);
    assert!(code == Some(2) && err.contains("say --base BIN"), "{err}");
}

#[cfg(unix)]
fn executable(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn executable(_: &Path) {}

#[test]
fn rules_of_times_with_faults_are_told_all_at_once() {
    let (rules, _) = RULES.split_once("\n[timed]").unwrap();
    let none = folder(rules);
    let (code, _, err) = gate(none.path(), &["--only", "timed", "--base", THIS]);
    assert!(code == Some(2) && err.contains("timed: found nothing: must be given"), "{err}");
    let broken = RULES
        .replace("[\"success\", ", "[\"sucess\", ")
        .replace("counts      = \"1%\"", "counts      = 0")
        .replace("sees        = \"5%\"", "sees        = \"500%\"")
        .replace("most_blocks = 60", "most_blocks = 9")
        .replace("at_least = 0.01", "at_least = -1")
        .replace("to       = \"seed\"", "to       = \"sed\"");
    let broken = folder(&broken);
    let (code, _, err) = gate(broken.path(), &["--calibrate"]);
    assert_eq!(code, Some(2));
    for word in [
        "did you mean `success`?",
        "timed.counts: found 0: must be a share",
        "timed.sees: found \"500%\"",
        "timed.most_blocks: found 9: must not be less than `blocks`",
        "timed.ratios[0].at_least: found -1",
        "did you mean `seed`?",
        "6 faults",
    ] {
        assert!(err.contains(word), "{word}: {err}");
    }
}

#[test]
fn a_calibration_tells_what_this_machine_sees() {
    let quick = RULES.replace("[\"success\", \"retryable_status\"]", "[\"success\"]");
    let quick = folder(&quick.replace("most_blocks = 60", "most_blocks = 12"));
    let (code, out, err) = gate(quick.path(), &["--calibrate"]);
    assert_eq!(code, Some(0), "{err}");
    for word in
        ["smallest change seen", "noise floor:", "beside itself", "made +5.0 % slower", "took"]
    {
        assert!(out.contains(word), "{word}: {out}");
    }
    let (code, _, err) = gate(quick.path(), &["--calibrate", "--format", "junit"]);
    assert!(code == Some(2) && err.contains("a calibration is no test"), "{err}");
}

/// The children of a process, by /proc.
#[cfg(target_os = "linux")]
fn children(of: u32) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{of}/task/{of}/children")).unwrap_or_default();
    text.split_whitespace().filter_map(|id| id.parse().ok()).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn an_interrupt_ends_the_gate_and_its_children() {
    let endless = RULES.replace("blocks      = 10", "blocks      = 1000");
    let folder = folder(&endless.replace("most_blocks = 60", "most_blocks = 1000"));
    for signal in ["INT", "KILL"] {
        let mut gate = Command::new(THIS)
            .args(["gate", "--only", "timed", "--base", THIS])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let begin = Instant::now();
        let mut born = Vec::new();
        while born.len() < 2 && begin.elapsed() < Duration::from_secs(60) {
            std::thread::sleep(Duration::from_millis(1));
            born = children(gate.id());
        }
        assert_eq!(born.len(), 2);
        let id = gate.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
        let code = gate.wait().unwrap().code();
        assert_eq!(code, (signal == "INT").then_some(130));
        let alive = |id: &u32| {
            let state = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            let name = state.contains("(retrylab)");
            name && !state.contains(") Z ")
        };
        let begin = Instant::now();
        while born.iter().any(alive) && begin.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(20));
        }
        assert!(!born.iter().any(alive), "{signal}: a child is left");
    }
}
