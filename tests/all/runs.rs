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
        run(name, &folder.path().join(name), "0").code(0);
    }
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    for scenario in ["fleet", "mixed"] {
        let read = |threads: &str| {
            let out = folder.path().join(format!("{scenario}-{threads}"));
            run(scenario, &out, threads).code(0);
            std::fs::read(out.join("result.json")).unwrap()
        };
        let one = read("1");
        assert!(one == read("2") && one == read("8"), "{scenario} differs");
    }
}

#[test]
fn a_mistyped_scenario_is_told_the_near_name() {
    let mut command = Command::cargo_bin("retrylab").expect("the binary is built");
    let assert = command.args(["run", "outge"]).assert().code(2);
    let told = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(told.contains("did you mean `outage`?"), "{told}");
}
