//! The binary as a user runs it.

use std::collections::BTreeMap;
use std::path::Path;

use assert_cmd::Command;
use retrylab::scenario::{self, Shipped};

fn run(scenario: &str, out: &Path, threads: &str) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("retrylab").expect("the binary is built");
    command.args(["run", scenario, "--quiet", "--threads", threads, "--out"]).arg(out).assert()
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let folder = tempfile::tempdir().unwrap();
    // Each beside another number, so that all together have tried them.
    for (shipped, more) in scenario::shipped().iter().zip(["2", "3", "8"].into_iter().cycle()) {
        let Shipped { name, text, .. } = shipped;
        let plan =
            scenario::load(name, text, &|file| shipped.read(file), &BTreeMap::new()).unwrap();
        let few = plan.replicas.min(3).to_string();
        let read = |threads: &str| {
            let out = folder.path().join(format!("{name}-{threads}"));
            let mut command = Command::cargo_bin("retrylab").unwrap();
            let few = ["run", name, "-q", "--replicas", &few, "--threads", threads, "--out"];
            // Fewer replicas may break an expectation; the bytes are what counts.
            let assert = command.args(few).arg(&out).assert();
            assert!(matches!(assert.get_output().status.code(), Some(0 | 1)));
            let files = ["result.json", "result.csv", "herd.svg", "waits.svg", "report.html"];
            files.map(|file| std::fs::read(out.join(file)).unwrap())
        };
        assert!(read("1") == read(more), "{name} differs with {more} threads");
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
fn a_shipped_scenario_is_found_with_its_folder_and_beside_a_folder_of_its_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("fail_twice")).unwrap();
    let check = |name: &str| {
        let mut command = Command::cargo_bin("retrylab").unwrap();
        let output = command.args(["check", name]).current_dir(folder.path()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // The trace of `replay` lies in the binary too.
    for name in ["fail_twice", "basics/fail_twice", "replay"] {
        let (code, told) = check(name);
        assert_eq!(code, Some(0), "{name}: {told}");
    }
    let (code, told) = check("herd/fail_twise");
    assert!(code == Some(2) && told.contains("did you mean `fail_twice`?"), "{told}");
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

/// One server that is busy for half a second: an attempt that fails after a time of its own does not hold it,
/// one that is served and then fails does.
#[test]
fn a_failure_after_a_time_of_its_own_takes_no_server() {
    let folder = tempfile::tempdir().unwrap();
    let mean = |after: &str| {
        let text = format!(
            "question = '?'\nduration = '10s'\n[[tools]]\nname = 't'\nlatency = '500ms'\n\
             capacity = {{ servers = 1, queue = 0, when_full = {{ status = 429 }} }}\n\
             faults = [{{ flaky = {{ probability = '100%', signal = {{ status = 503 }}{after} }} }}]\n\
             [[load]]\ntool = 't'\narrivals = {{ constant = {{ rate = '10/s' }} }}\n\
             [policy]\nmax_retries = 0\n"
        );
        let scenario = folder.path().join("t.toml");
        std::fs::write(&scenario, text).unwrap();
        let out = folder.path().join(format!("out{}", after.len()));
        run(scenario.to_str().unwrap(), &out, "1").code(0);
        let result = std::fs::read_to_string(out.join("result.json")).unwrap();
        let result: serde_json::Value = serde_json::from_str(&result).unwrap();
        result["columns"][0]["metrics"]["latency_ms_mean"]["mean"].as_f64().unwrap()
    };
    assert!((mean(", after = '1s'") - 1000.0).abs() < 1e-6);
    // One in five finds the server free and takes half a second; the others are told at once that it is not.
    assert!((mean("") - 100.0).abs() < 1e-6, "{}", mean(""));
}
