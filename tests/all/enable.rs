//! "Should I enable it?" and "what changed?", as an operator asks them.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const POLICY: &str = "tests/data/plugins-config.yaml";

fn run(arguments: &[&str], out: &Path) -> (i32, String, String) {
    let mut command = Command::cargo_bin("retrylab").unwrap();
    let output =
        command.arg("run").args(arguments).arg("--quiet").arg("--out").arg(out).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn result(folder: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join("result.json")).unwrap()).unwrap()
}

/// A scenario with a single tool that an override of the policy is for.
fn scenario(folder: &Path, fault: &str) -> String {
    let text = format!(
        r#"
question = "Should retries be on?"
source   = "a test"
duration = "30s"
replicas = 8
seed     = 3
[[tools]]
name     = "search"
latency  = "20ms"
faults   = [{fault}]
[[load]]
tool     = "search"
arrivals = {{ poisson = {{ rate = "20/s" }} }}
"#
    );
    let path = folder.join("mine.toml");
    std::fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_policy_is_set_between_none_and_the_recommended_one() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let flaky = "{ flaky = { probability = \"20%\", signal = { status = 503 } } }";
    let mine = scenario(folder.path(), flaky);
    let (code, stdout, _) = run(&[&mine, "--policy", POLICY], &out);
    assert_eq!(code, 0);
    assert!(stdout.contains("Enable it with the recommended values"), "{stdout}");
    let result = result(&out);
    let columns = result["columns"].as_array().unwrap();
    let names: Vec<&str> = columns.iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["off", "as configured", "recommended"]);
    let success = |n: usize| columns[n]["metrics"]["success_rate"]["mean"].as_f64().unwrap();
    // The override grants one retry: 1 - 0.2^2. The recommended policy has more of them.
    assert!((success(0) - 0.8).abs() < 0.02 && (success(1) - 0.96).abs() < 0.01, "{stdout}");
    assert!(success(2) > 0.985, "{stdout}");
    let warnings = result["warnings"].to_string();
    assert!(warnings.contains("overrides that it sets aside: search, team:fetch"), "{warnings}");
    let page = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("Should it be enabled?"));
    let again = "retrylab run mine.toml --policy FILE --seed 3 --replicas 8";
    for file in ["report.html", "report.md"] {
        let text = std::fs::read_to_string(out.join(file)).unwrap();
        assert!(text.contains(again), "{file} says how to make it again");
    }
}

#[test]
fn retries_that_save_nothing_are_better_left_off() {
    let folder = tempfile::tempdir().unwrap();
    let down = "{ flaky = { probability = \"100%\", signal = { status = 503 } } }";
    let mine = scenario(folder.path(), down);
    let (code, stdout, _) = run(&[&mine, "--policy", POLICY], &folder.path().join("out"));
    assert_eq!(code, 0);
    assert!(stdout.contains("Leave it off"), "{stdout}");
}

#[test]
fn a_change_of_policy_is_real_and_a_change_of_seed_is_noise() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let flaky = "{ flaky = { probability = \"20%\", signal = { status = 503 } } }";
    let mine = scenario(folder.path(), flaky);
    let then = path("then");
    run(&[&mine], &then);
    let then = then.to_str().unwrap();
    let against = |name: &str| -> Value {
        serde_json::from_slice(&std::fs::read(path(name).join("against.json")).unwrap()).unwrap()
    };
    let change = |told: &Value, metric: &str| {
        let all = told["differences"].as_array().unwrap();
        let one = all.iter().find(|d| d["metric"] == metric).unwrap();
        one["change"].as_str().unwrap().to_owned()
    };

    let (code, ..) = run(&[&mine, "--seed", "4", "--against", then], &path("seed"));
    assert_eq!(code, 0);
    assert_eq!(change(&against("seed"), "success_rate"), "noise");
    assert_eq!(change(&against("seed"), "amplification"), "noise");

    let text = std::fs::read_to_string(&mine).unwrap() + "[policy]\nmax_retries = 1\n";
    std::fs::write(&mine, text).unwrap();
    let (code, stdout, _) = run(&[&mine, "--against", then], &path("policy"));
    assert_eq!(code, 0);
    let told = against("policy");
    assert_eq!(change(&told, "success_rate"), "real");
    assert!(told["changed"].to_string().contains("policy.max_retries: 2, now 1"), "{told}");
    assert!(stdout.contains("differences are real"), "{stdout}");
}

#[test]
fn what_cannot_be_compared_is_told_before_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, stderr) =
        run(&["fail_twice", "--against", "no-such-folder"], &folder.path().join("out"));
    assert_eq!(code, 2);
    assert!(stderr.contains("no-such-folder"), "{stderr}");
    assert!(!folder.path().join("out").exists());
    let (code, _, stderr) =
        run(&["fail_twice", "--policy", "no-such.yaml"], &folder.path().join("out"));
    assert_eq!(code, 2);
    assert!(stderr.contains("no-such.yaml"), "{stderr}");
}
