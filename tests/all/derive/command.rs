//! `derive` as a user runs it.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use assert_cmd::assert::Assert;

use super::{csv, lines, plan};

/// What the log that is shipped for the examples was drawn from.
const TRUTH: &str = "question = '?'\nduration = '10m'\nseed = 7\n\
    [[tools]]\nname = 'search'\nlatency = { p50 = '40ms', p90 = '90ms', p99 = '400ms' }\n\
    faults = [\n\
    { bursts = { good = '40s', bad = '4s', bad_probability = '80%', signal = { error_flag_status = 503 } } },\n\
    { flaky = { probability = '2%', signal = { error_flag_status = 429 } } },\n]\n\
    [[tools]]\nname = 'tickets'\nlatency = { p50 = '200ms', p90 = '300ms' }\n\
    faults = [{ outage = { from = '272s', to = '294s', signal = 'timeout', after = '5s' } }]\n\
    [[load]]\ntool = 'search'\narrivals = { poisson = { rate = '2/s' } }\n\
    [[load]]\ntool = 'tickets'\narrivals = { square = { low = '0.1/s', high = '2/s', period = '100s', duty = 0.3 } }\n\
    [policy]\nmax_retries = 0\n";

fn sample() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/calls.csv");
    let made = csv(&lines(&plan(TRUTH), 0));
    if std::env::var_os("UPDATE_LOG").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap();
    assert!(found == made, "tests/data/calls.csv: UPDATE_LOG=1 cargo test derive makes it again");
    found
}

fn retrylab(folder: &Path, words: &[&str]) -> Assert {
    Command::cargo_bin("retrylab").unwrap().current_dir(folder).args(words).assert()
}

fn words(assert: &Assert) -> String {
    let output = assert.get_output();
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The files of a folder, by name.
fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name());
    let mut names: Vec<String> = names.map(|n| n.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_log_becomes_a_scenario_that_checks_and_runs() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("calls.csv"), sample()).unwrap();
    let told = words(&retrylab(here, &["derive", "calls.csv"]).success());
    let trace = "calls-arrivals-2-tickets.csv";
    assert_eq!(files(here), [trace, "calls.csv", "calls.toml"]);
    let text = fs::read_to_string(here.join("calls.toml")).unwrap();
    insta::assert_snapshot!("calls", format!("{told}\n--- calls.toml\n{text}"));
    let checked = words(&retrylab(here, &["check", "calls.toml"]).success());
    assert!(checked.contains("calls.toml: ok: 2 columns"), "{checked}");
    assert!(!checked.contains("warning"), "{checked}");
    let run = retrylab(here, &["run", "calls.toml", "--quiet", "--replicas", "2", "--out", "r"]);
    let run = words(&run.success());
    assert!(run.contains("off ") && run.contains("default "), "{run}");
    // The scenario names its trace; both can be moved together, and the same log gives the same bytes.
    retrylab(here, &["derive", "calls.csv", "--quiet", "--force"]).success();
    assert_eq!(fs::read_to_string(here.join("calls.toml")).unwrap(), text);
}

#[test]
fn nothing_is_replaced_without_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("calls.csv"), sample()).unwrap();
    fs::write(here.join("calls.toml"), "mine").unwrap();
    let told = words(&retrylab(here, &["derive", "calls.csv"]).code(2));
    assert!(told.contains("calls.toml: is there already; --force replaces it"), "{told}");
    // Nor a trace, and then nothing is written.
    fs::write(here.join("b-arrivals-2-tickets.csv"), "mine").unwrap();
    let told = words(&retrylab(here, &["derive", "calls.csv", "--out", "b.toml"]).code(2));
    assert!(told.contains("b-arrivals-2-tickets.csv: is there already"), "{told}");
    assert_eq!(files(here), ["b-arrivals-2-tickets.csv", "calls.csv", "calls.toml"]);
    let told =
        words(&retrylab(here, &["derive", "calls.csv", "--out", "calls.csv", "--force"]).code(2));
    assert!(told.contains("is the log itself"), "{told}");
    assert_eq!(fs::read_to_string(here.join("calls.toml")).unwrap(), "mine");
}

#[test]
fn from_stdin_to_stdout_there_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::cargo_bin("retrylab").unwrap();
    let command = command.current_dir(folder.path()).args(["derive", "-", "--out", "-", "--quiet"]);
    let output = command.write_stdin(sample()).assert().success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert!(output.get_output().stderr.is_empty());
    assert!(files(folder.path()).is_empty());
    fs::write(folder.path().join("s.toml"), &text).unwrap();
    retrylab(folder.path(), &["check", "s.toml"]).success();
    assert!(text.contains("On stdout there is no place for a trace"), "{text}");
}
