//! `retrylab list` as a user runs it.

use std::process::Command;

/// Exit code, stdout and stderr.
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_retrylab")).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn what_there_is_is_listed() {
    let lines = |kind: &str| run(&["list", kind]).1.lines().count();
    assert_eq!(lines("scenarios"), retrylab::scenario::shipped().len());
    assert_eq!(lines("variants"), retrylab::variants::all().len());
    assert!(run(&["list"]).1.lines().any(|line| line.starts_with("herd/outage ")));
    assert_eq!(run(&["list"]).1, run(&["list", "scenarios"]).1);
    let (code, _, err) = run(&["list", "senarios"]);
    assert!(code == 2 && err.contains("scenarios"), "{err}");
}

#[test]
fn presets_are_listed_with_their_sources_and_what_is_lost() {
    let (code, human, err) = run(&["list", "presets"]);
    assert!(code == 0 && err.is_empty(), "{err}");
    let (table, rest) = human.split_once("\n\n").unwrap();
    let all = retrylab::scenario::presets::all();
    assert_eq!(table.lines().count(), 1 + all.len());
    for preset in &all {
        let line = table.lines().find(|line| line.starts_with(&format!("{} ", preset.name)));
        assert!(line.is_some_and(|line| line.ends_with(preset.source)), "{human}");
        assert!(preset.cannot.iter().all(|what| rest.contains(what)), "{human}");
    }
    assert!(human.lines().all(|line| line.chars().count() <= 100), "{human}");
    assert!(table.contains("envoy               1  25ms to 250ms    full "), "{table}");
    for kind in ["presets", "variants", "scenarios"] {
        let (code, json, _) = run(&["list", kind, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let all = json.as_array().unwrap();
        assert!(code == 0 && all.len() >= 6 && all.iter().all(|one| one["name"].is_string()));
    }
}
