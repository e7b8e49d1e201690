//! Published policies beside a search: shown by name, racing where they can be pasted.

use assert_cmd::Command;
use retrylab::scenario;

use super::OUTAGE;

#[test]
fn presets_race_and_are_shown_by_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.toml"), OUTAGE).unwrap();
    let words = ["tune", "t.toml", "--presets", "--replicas", "4", "--quiet", "--out", "told"];
    let output = Command::cargo_bin("retrylab").unwrap().args(words).current_dir(&folder).output();
    let output = String::from_utf8(output.unwrap().stdout).unwrap();
    let (_, table) = output.split_once("The presets:\n").unwrap();
    let report = std::fs::read_to_string(folder.path().join("told/report.md")).unwrap();
    assert!(report.contains("\n## The presets\n"), "{report}");
    for preset in scenario::presets::all().iter().filter(|preset| preset.name != "none") {
        let name = preset.name;
        assert!(table.contains(&format!(" {name} ")), "{output}");
        assert!(report.contains(&format!("| {name} |")), "{report}");
    }
    // What published versions refuse is shown and neither races nor stands on the front.
    let (front, _) = output.split_once("The presets:\n").unwrap();
    assert!(
        !front.contains("× 0..") && !front.contains("equal") && !front.contains("decorr"),
        "{front}"
    );
    // Under the parameters that are its own, though another cap would be the same policy.
    assert!(table.contains("1 × 25..250 ms full"), "{output}");
    assert!(table.contains("4 × 0..5000 ms none"), "{output}");
}

/// A tool whose failures are over at once: retries without a wait cost nothing and are the best there is.
const AT_ONCE: &str = r#"
question = "At once?"
source   = "a test"
duration = "20s"
seed     = 5
[[tools]]
name     = "t"
latency  = "20ms"
faults   = [{ flaky = { probability = "30%", signal = { status = 503 } } }]
[[load]]
tool     = "t"
arrivals = { poisson = { rate = "20/s" } }
"#;

#[test]
fn what_published_versions_refuse_is_recommended_only_if_it_is_searched() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.toml"), AT_ONCE).unwrap();
    let block = |more: &[&str], out: &str| {
        let words = ["tune", "t.toml", "--goal", "latency_ms_p99", "--keep", "success_rate >= 90%"];
        let mut command = Command::cargo_bin("retrylab").unwrap();
        command.args(words).args(["--presets", "--quiet", "--out", out]).args(more);
        command.current_dir(&folder).assert().code(0);
        std::fs::read_to_string(folder.path().join(out).join("policy.yaml")).unwrap()
    };
    let told = "# Published versions of the plugin refuse it";
    let usual = block(&[], "usual");
    assert!(!usual.contains("backoff_base_ms: 0") && !usual.contains(told), "{usual}");
    let asked = block(&["--vary", "backoff_base_ms=0,100"], "asked");
    assert!(asked.contains("backoff_base_ms: 0") && asked.contains(told), "{asked}");
}
