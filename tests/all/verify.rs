//! `retrylab verify` as a user runs it.

use std::process::{Command, Output};

fn verify(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_retrylab"));
    let Output { status, stdout, stderr } = command.arg("verify").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn all_variants_conform_to_what_retrylab_carries() {
    let (code, out, err) = verify(&[]);
    assert_eq!(code, Some(0), "{out}{err}");
    for variant in retrylab::variants::all() {
        let line = format!("{:<12} 400 of 400 vectors answered as expected", variant.name);
        assert!(out.contains(&line), "{out}");
    }
    assert!(out.contains("\n40 traces of the simulator, "), "{out}");
    let passed = "40 of 40 traces of the simulator answered as expected";
    assert_eq!(out.matches(passed).count(), retrylab::variants::all().len(), "{out}");
}

#[test]
fn a_divergence_is_printed_with_its_steps() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("more.jsonl");
    let line = r#"{"id": "wrong", "policy": {"jitter": false, "max_retries": 1}, "steps": [{"tool": "a", "request": "r", "result": {"isError": true}}, {"tool": "a", "request": "r", "result": {"isError": true}}], "expect": {"reference": [200, 400], "sharded": [200, 0], "carried": [200, 0]}}"#;
    std::fs::write(&file, line).unwrap();
    let (code, out, err) = verify(&["--vectors", &file.to_string_lossy()]);
    assert_eq!(code, Some(1));
    assert!(out.contains("case wrong, step 2 of 2"), "{out}");
    assert!(out.contains("expected  400 ms") && out.contains("found     0 ms"), "{out}");
    assert!(err.contains("carried"), "{err}");
    let (code, ..) = verify(&["sharded", "--vectors", &file.to_string_lossy()]);
    assert_eq!(code, Some(0));
}

#[test]
fn what_cannot_be_verified_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.jsonl");
    std::fs::write(&file, "\n{\"id\": 1}\n").unwrap();
    let (code, _, err) = verify(&["--vectors", &file.to_string_lossy()]);
    assert!(code == Some(2) && err.contains("broken.jsonl:2: "), "{err}");
    std::fs::write(&file, "\n").unwrap();
    let (code, _, err) = verify(&["--vectors", &file.to_string_lossy()]);
    assert!(code == Some(2) && err.contains("found no vector: must hold at least one"), "{err}");
    let (code, _, err) = verify(&["shraded"]);
    assert!(code == Some(2) && err.contains("did you mean `sharded`?"), "{err}");
    let (code, _, err) = verify(&["--vectors", "nowhere.jsonl"]);
    assert!(code == Some(2) && err.contains("nowhere.jsonl"), "{err}");
}

#[test]
fn variants_are_listed_with_their_deviations() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_retrylab"));
    let out = command.args(["list", "variants"]).output().unwrap().stdout;
    let out = String::from_utf8(out).unwrap();
    let line = |name: &str| out.lines().find(|line| line.starts_with(name)).unwrap();
    for word in [
        "detectors of 0.3.11",
        "zero wait",
        "joined key",
        "late scan",
        "shared clock",
        "limit not applied",
        "late overrides",
    ] {
        assert!(line("upstream").contains(word), "{out}");
    }
    assert!(!line("sharded").contains("deviates"), "{out}");
}

#[test]
fn the_seed_is_printed_and_decides() {
    let (code, out, _) = verify(&["sharded", "--seed", "7", "--cases", "20"]);
    assert!(code == Some(0) && out.starts_with("seed 7, 20 random cases\n"), "{out}");
    assert!(out.contains("20 of 20 random cases answered as expected"), "{out}");
    assert_eq!(verify(&["sharded", "--seed", "7", "--cases", "20"]).1, out);
    assert_eq!(verify(&["--seed", "x"]).0, Some(2));
}

#[test]
fn a_quiet_one_says_only_what_differs_and_json_says_all() {
    let (code, out, err) = verify(&["sharded", "--cases", "50", "--quiet"]);
    assert_eq!((code, out.as_str(), err.as_str()), (Some(0), "", ""));
    let (code, out, _) = verify(&["sharded", "slots", "--cases", "50", "--format", "json"]);
    assert_eq!(code, Some(0));
    let told: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&told[0]["variant"], &told[1]["conforms"]), (&"sharded".into(), &true.into()));
    assert_eq!(told[0]["checks"].as_array().unwrap().len(), 5);
}
