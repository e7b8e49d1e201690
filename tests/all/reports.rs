//! What a run leaves behind: a whole report, or nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const FILES: [&str; 14] = [
    "amplification.png",
    "amplification.svg",
    "herd.png",
    "herd.svg",
    "latency.png",
    "latency.svg",
    "recovery.png",
    "recovery.svg",
    "report.html",
    "report.md",
    "result.csv",
    "result.json",
    "waits.png",
    "waits.svg",
];

fn retrylab() -> Command {
    Command::new(env!("CARGO_BIN_EXE_retrylab"))
}

fn read(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect()
}

fn run(arguments: &[&str], out: &Path) -> std::process::Output {
    retrylab().arg("run").args(arguments).arg("--out").arg(out).output().unwrap()
}

#[test]
fn a_report_is_whole_and_can_be_made_again_from_its_result() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report");
    assert_eq!(run(&["rate_limit", "-q"], &out).status.code(), Some(0));
    let first = read(&out);
    assert_eq!(first.keys().collect::<Vec<_>>(), FILES);
    for name in FILES.iter().filter(|name| **name != "result.json") {
        fs::remove_file(out.join(name)).unwrap();
    }
    let again = retrylab().arg("report").arg(&out).status().unwrap();
    assert_eq!(again.code(), Some(0));
    assert!(read(&out) == first, "the second report differs");
}

#[test]
fn the_command_in_a_report_makes_its_result_again() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/overload/rate_limit.toml");
    fs::copy(shipped, folder.path().join("mine.toml")).unwrap();
    for scenario in ["mine.toml", "rate_limit"] {
        let run = |words: &[&str], out: &str| {
            let words = words.iter().copied().chain(["-q", "--out", out]);
            let run = retrylab().args(words).current_dir(&folder).output().unwrap();
            assert_eq!(run.status.code(), Some(0), "{run:?}");
            fs::read(folder.path().join(out).join("result.json")).unwrap()
        };
        let first = run(&["run", scenario, "--seed", "7", "--replicas", "3"], "first");
        let report = fs::read_to_string(folder.path().join("first/report.md")).unwrap();
        let command = report.lines().find_map(|line| line.strip_prefix("$ retrylab ")).unwrap();
        let words: Vec<&str> = command.split(' ').collect();
        assert!(run(&words, "again") == first, "{command}");
    }
}

/// Neighbours in a table are much alike: here the first nineteen never wait.
#[test]
fn pictures_of_many_columns_show_some_from_the_first_to_the_last() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report");
    run(&["contention", "--replicas", "1", "-q"], &out);
    let files = read(&out);
    for picture in ["waits.svg", "herd.svg", "amplification.svg"] {
        let svg = String::from_utf8_lossy(&files[picture]);
        for word in ["12 of 95 columns", "at once calls=10", "decorrelated calls=190"] {
            assert!(svg.contains(word), "{picture}: {word}");
        }
    }
}

#[test]
fn the_page_needs_nothing_from_the_network_and_holds_every_picture() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report");
    run(&["fail_twice", "-q"], &out);
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    for word in ["src=", "url(h", "@import", "<link", "fetch(", "XMLHttp", "import("] {
        assert!(!page.contains(word), "the page has {word}");
    }
    assert_eq!(page.matches("<svg role=\"img\" aria-label=").count(), 5);
    assert!(page.contains("prefers-color-scheme"));
    let markdown = fs::read_to_string(out.join("report.md")).unwrap();
    for picture in ["herd", "recovery", "latency", "amplification", "waits"] {
        assert!(markdown.contains(&format!("({picture}.svg)")), "no {picture} in report.md");
    }
}

#[test]
fn the_result_has_every_field_that_users_rely_on() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["outage", "-q", "--format", "json"], &folder.path().join("report"));
    let result: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(result["schema"], "retrylab/run/1");
    for field in [
        "retrylab",
        "scenario",
        "definition_sha256",
        "seed",
        "replicas",
        "digest",
        "warnings",
        "expectations",
        "columns",
    ] {
        assert!(!result[field].is_null(), "no {field}");
    }
    for column in result["columns"].as_array().unwrap() {
        assert!(column["policy"]["max_retries"].is_u64() && column["name"].is_string());
        let metrics = column["metrics"].as_object().unwrap();
        for (name, _) in retrylab::metrics::NAMES {
            assert!(metrics.contains_key(name), "no {name}");
        }
        assert!(metrics["reasons"].is_object() && metrics["layers"].is_object());
        let rate = &metrics["recovery_rate"];
        let [mean, low, high] = ["mean", "low", "high"].map(|end| rate[end].as_f64().unwrap());
        assert!(low <= mean && mean <= high);
    }
}

#[test]
fn csv_has_a_row_for_each_metric_of_each_column_and_tool() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["rate_limit", "mixed", "-q", "--format", "csv"], &folder.path().join("out"));
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    let rows: Vec<csv::StringRecord> = reader.records().map(|r| r.unwrap()).collect();
    // Three columns and two, one group of tools each: all together and apart.
    assert_eq!(rows.len(), (3 + 2) * 2 * retrylab::metrics::NAMES.len());
    assert!(folder.path().join("out/mixed/report.html").is_file());
}

#[test]
fn a_folder_that_holds_something_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
    let output = run(&["fail_twice", "-q"], folder.path());
    assert_eq!(output.status.code(), Some(2));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("left alone") && told.contains("--out"), "{told}");
    assert_eq!(read(folder.path()).len(), 1);
}

#[test]
fn a_folder_without_a_result_says_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let report = || retrylab().arg("report").arg(folder.path()).output().unwrap();
    assert_eq!(report().status.code(), Some(2));
    for (text, word) in [
        ("{", "no JSON"),
        ("{\"schema\": 7}", "run the scenario again"),
        ("{\"schema\": \"retrylab/run/1\"}", "incomplete"),
    ] {
        fs::write(folder.path().join("result.json"), text).unwrap();
        let output = report();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && told.contains(word), "{text}: {told}");
    }
}

/// A scenario that would run for minutes.
const LONG: &str = "question = 'How long?'\nduration = '20m'\nreplicas = 100000\n\
    tools = [{ name = 'a' }]\nload = [{ tool = 'a', arrivals = { poisson = { rate = '100/s' } } }]\n";

#[cfg(unix)]
fn interrupted(signal: &str) -> (Option<i32>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("long.toml"), LONG).unwrap();
    let mut child = retrylab()
        .args(["run", "long.toml", "-q", "--out", "out"])
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(1500));
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    let end = Instant::now() + Duration::from_secs(60);
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < end, "it does not stop");
        std::thread::sleep(Duration::from_millis(20));
    }
    (child.wait().unwrap().code(), folder)
}

#[cfg(unix)]
#[test]
fn an_interrupt_saves_the_replicas_that_are_done() {
    let (code, folder) = interrupted("-INT");
    assert_eq!(code, Some(130));
    let text = fs::read_to_string(folder.path().join("out/result.json")).unwrap();
    let result: serde_json::Value = serde_json::from_str(&text).unwrap();
    let done = result["replicas"].as_u64().unwrap();
    assert!(done > 0 && done < 100_000, "{done} replicas");
    let page = fs::read_to_string(folder.path().join("out/report.html")).unwrap();
    assert!(page.contains("Interrupted"));
}

#[cfg(unix)]
#[test]
fn a_killed_run_leaves_no_report() {
    let (code, folder) = interrupted("-KILL");
    assert_eq!(code, None);
    assert!(!folder.path().join("out").exists());
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child = retrylab()
        .args(["run", "outage", "-q", "--format", "json", "--out"])
        .arg(tempfile::tempdir().unwrap().path().join("out"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
