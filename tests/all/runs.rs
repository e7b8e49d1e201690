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
            let mut command = Command::cargo_bin("retrylab").unwrap();
            let few = ["run", scenario, "-q", "--replicas", "3", "--threads", threads, "--out"];
            // Fewer replicas may break an expectation; the bytes are what counts.
            let assert = command.args(few).arg(&out).assert();
            assert!(matches!(assert.get_output().status.code(), Some(0 | 1)));
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

#[test]
fn an_unrelated_tool_with_an_outage_of_its_own_changes_no_figure_of_another() {
    const TOOL: &str = r#"question = "?"
duration = "1m"
replicas = 3
[policy]
max_retries = 2
[[tools]]
name = "search"
latency = { exponential = { mean = "20ms" } }
capacity = { servers = 3, queue = 20 }
faults = [{ outage = { from = "20s", to = "25s", signal = "exception" } }]
[[load]]
tool = "search"
arrivals = { poisson = { rate = "100/s" } }
"#;
    const STRANGER: &str = r#"
[[tools]]
name = "another"
count = 3
faults = [{ outage = { from = "5s", to = "50s" } }]
[[load]]
tool = "another"
arrivals = { constant = { rate = "500/s" } }
"#;
    let folder = tempfile::tempdir().unwrap();
    let figures = |name: &str, text: String| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let out = folder.path().join(format!("{name}-out"));
        run(&file.to_string_lossy(), &out, "2").code(0);
        let text = std::fs::read_to_string(out.join("result.json")).unwrap();
        let result: serde_json::Value = serde_json::from_str(&text).unwrap();
        result["columns"][0]["tools"]["search"].clone()
    };
    let alone = figures("alone.toml", TOOL.into());
    assert!(alone["herd_peak_ratio"]["mean"].as_f64() > Some(1.0), "{alone}");
    assert!(alone["time_to_recover_ms"]["mean"].is_f64(), "{alone}");
    assert_eq!(figures("both.toml", format!("{TOOL}{STRANGER}")), alone);
}
