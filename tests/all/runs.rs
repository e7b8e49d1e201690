//! The binary as a user runs it.

use std::path::Path;

use assert_cmd::Command;

fn run(scenario: &str, out: &Path, threads: &str) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("retrylab").expect("the binary is built");
    command.args(["run", scenario, "--quiet", "--threads", threads, "--out"]).arg(out).assert()
}

#[test]
fn every_shipped_scenario_meets_its_expectations() {
    let folder = tempfile::tempdir().unwrap();
    for (name, _) in retrylab::scenario::shipped() {
        run(name, &folder.path().join(name), "2").code(0);
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    for (scenario, _) in retrylab::scenario::shipped() {
        let read = |threads: &str| {
            let out = folder.path().join(format!("{scenario}-{threads}"));
            run(scenario, &out, threads).code(0);
            let files = ["result.json", "result.csv", "herd.svg", "waits.svg", "report.html"];
            files.map(|file| std::fs::read(out.join(file)).unwrap())
        };
        let one = read("1");
        assert!(one == read("2") && one == read("8"), "{scenario} differs");
    }
}

#[test]
fn another_seed_gives_other_figures_and_the_same_seed_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let digest = |seed: &str, out: &str| {
        let out = folder.path().join(out);
        let mut command = Command::cargo_bin("retrylab").unwrap();
        command
            .args(["run", "rate_limit", "-q", "--seed", seed, "--out"])
            .arg(&out)
            .assert()
            .code(0);
        let text = std::fs::read_to_string(out.join("result.json")).unwrap();
        let result: serde_json::Value = serde_json::from_str(&text).unwrap();
        result["digest"].as_str().unwrap().to_owned()
    };
    assert_eq!(digest("7", "a"), digest("7", "b"));
    assert_ne!(digest("7", "c"), digest("8", "d"));
}

#[test]
fn a_mistyped_scenario_is_told_the_near_name() {
    let mut command = Command::cargo_bin("retrylab").expect("the binary is built");
    let assert = command.args(["run", "outge"]).assert().code(2);
    let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(told.contains("did you mean `outage`?"), "{told}");
}
