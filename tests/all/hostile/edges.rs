//! Numbers at their edges: nothing arrives, one call, no time, centuries, never, always, and a billion.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::{SMALL, folder, retrylab, run, told};

/// The metrics of the small scenario with parts replaced.
fn metrics(parts: &[(&str, &str)]) -> Value {
    let mut text = SMALL.to_owned();
    for (from, to) in parts {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let folder = folder(&[("my.toml", text.as_bytes())]);
    let output = run(folder.path(), &["run", "my.toml", "-q", "--format", "json", "--out", "out"]);
    assert_eq!(output.status.code(), Some(0), "{text}: {}", told(&output));
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(folder.path().join("out/report.html").is_file());
    result["columns"][0]["metrics"].clone()
}

fn mean(metrics: &Value, name: &str) -> Option<f64> {
    metrics[name]["mean"].as_f64()
}

const CONSTANT: &str = "constant = { rate = '5/s' }";

#[test]
fn a_tool_without_load_and_loads_that_bring_nothing() {
    let idle = metrics(&[("[{ name = 'a' }]", "[{ name = 'a' }, { name = 'idle' }]")]);
    assert_eq!(mean(&idle, "calls"), Some(5.0));
    for nothing in [
        "burst = { at = '2s', calls = 9 }",
        "poisson = { rate = '0.000001/d' }",
        "square = { low = '0/s', high = '9/s', period = '9d', duty = '0%' }",
        "square = { low = '0/s', high = '10000000/s', period = '100000d', duty = '1%' }",
    ] {
        let none = metrics(&[(CONSTANT, nothing)]);
        assert_eq!(
            (mean(&none, "calls"), mean(&none, "success_rate")),
            (Some(0.0), None),
            "{nothing}"
        );
    }
}

#[test]
fn one_call_and_a_nanosecond() {
    let one = metrics(&[(CONSTANT, "burst = { calls = 1 }"), ("'1s'", "'1ns'")]);
    assert_eq!((mean(&one, "calls"), mean(&one, "success_rate")), (Some(1.0), Some(1.0)));
    assert_eq!(mean(&one, "herd_peak"), Some(1.0));
}

#[test]
fn centuries() {
    let rare = metrics(&[("5/s", "1/d"), ("'1s'", "'36500d'")]);
    assert_eq!(mean(&rare, "calls"), Some(36_500.0));
    let slow = metrics(&[
        ("'1s'", "'106000d'"),
        ("name = 'a'", "name = 'a', latency = '100000d'"),
        (CONSTANT, "burst = { at = '105000d', calls = 3 }"),
    ]);
    assert_eq!((mean(&slow, "calls"), mean(&slow, "success_rate")), (Some(3.0), Some(0.0)));
}

#[test]
fn never_and_always() {
    for (probability, rate, attempts) in [("0", 1.0, 1.0), ("'100%'", 0.0, 3.0), ("1", 0.0, 3.0)] {
        let fault =
            format!("name = 'a', faults = [{{ flaky = {{ probability = {probability} }} }}]");
        let found = metrics(&[("name = 'a'", &fault)]);
        assert_eq!(mean(&found, "success_rate"), Some(rate), "{probability}");
        assert_eq!(mean(&found, "amplification"), Some(attempts), "{probability}");
    }
}

#[test]
fn the_longest_waits_and_the_most_retries() {
    let fails = ("name = 'a'", "name = 'a', faults = [{ flaky = { probability = 1 } }]");
    let policy = |policy: &str| {
        format!(
            "{CONSTANT} }} }}]\ngateway = {{ max_tool_retries = 1000 }}\npolicy = {{ max_retries = 1000, {policy} }}\n#"
        )
    };
    let at_once = metrics(&[fails, (CONSTANT, &policy("backoff_base_ms = 0, max_backoff_ms = 0"))]);
    assert_eq!(mean(&at_once, "attempts"), Some(5.0 * 1001.0));
    let century: u64 = 100 * 365 * 86_400_000;
    let most = policy(&format!(
        "backoff_base_ms = {century}, max_backoff_ms = {century}, jitter = 'none'"
    ));
    let most = most.replace("= 1000", "= 5"); // 500 of the clock's 584 years
    let found = metrics(&[fails, (CONSTANT, &most)]);
    assert_eq!(mean(&found, "exhausted"), Some(5.0));
    assert_eq!(mean(&found, "wait_ms_total"), Some(25.0 * century as f64));
}

#[test]
fn clients_that_neither_think_nor_wait_do_not_call_for_ever_at_one_instant() {
    let idle = metrics(&[(CONSTANT, "closed = { clients = 3 }")]);
    assert_eq!(mean(&idle, "calls"), Some(3.0 * 1000.0));
}

#[test]
fn a_hundred_thousand_tools() {
    let many = metrics(&[
        ("name = 'a'", "name = 'a', count = 100_000"),
        (CONSTANT, "burst = { calls = 1 }"),
    ]);
    assert_eq!(mean(&many, "calls"), Some(1e5));
}

#[test]
fn a_billion_calls_say_how_long_they_take_before_they_start() {
    let billion = SMALL.replace("'1s'", "'1000s'").replace("5/s", "1000000/s");
    let folder = folder(&[("billion.toml", billion.as_bytes())]);
    let mut child = retrylab(folder.path())
        .args(["run", "billion.toml", "--out", "out"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(line.starts_with("billion: about 1.0 billion calls, which will take about "), "{line}");
    assert!(line.contains("duration"), "{line}");
    assert!(!folder.path().join("out").exists());
    let plan = |text: &str| {
        let none = |name: &str| Err(name.to_owned());
        retrylab::scenario::load("x", text, &none, &Default::default()).unwrap()
    };
    assert_eq!(plan(&billion).expected_calls(), 1e9);
    assert_eq!(plan(&format!("replicas = 7\n{SMALL}")).expected_calls(), 35.0);
    let quick = run(folder.path(), &["run", "ok.toml", "--out", "quick"]);
    assert!(!told(&quick).contains("will take"), "{}", told(&quick));
    assert!(fs::read_dir(folder.path().join("quick")).is_ok());
}

#[test]
fn a_name_of_characters_that_no_picture_can_hold_gets_its_report() {
    let text = format!("{SMALL}[[columns]]\nname = \"x\\u0001\\u001by\"\n");
    let folder = folder(&[("my.toml", text.as_bytes())]);
    let output = run(folder.path(), &["run", "my.toml", "--quiet", "--out", "report"]);
    assert!(output.status.success(), "{}", told(&output));
    let herd = std::fs::read_to_string(folder.path().join("report/herd.svg")).unwrap();
    assert!(herd.contains("x\u{fffd}\u{fffd}y"), "the name is in the picture");
}
