//! `retrylab measure` as a user runs it: what it writes and how it ends. What it finds is the machine's.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

fn measure(arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_retrylab"));
    let Output { status, stdout, stderr } =
        command.arg("measure").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

fn lines(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("samples.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_measurement_has_figures_samples_pictures_and_an_identity() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let paths = "success,error_flag";
    let words =
        ["--quick", "--quiet", "--paths", paths, "--variants", "sharded,slots", "--format", "json"];
    let (code, printed, err) = measure(&[&words[..], &["--out", out.to_str().unwrap()]].concat());
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let found: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(printed, fs::read_to_string(out.join("measured.json")).unwrap());
    for key in ["version", "cpu", "kernel", "toolchain", "profile", "date", "command"] {
        assert!(found["identity"][key].as_str().is_some_and(|word| !word.is_empty()), "{key}");
    }
    assert_eq!(found["base"], "sharded");
    let latency = found["latency"].as_array().unwrap();
    assert_eq!(latency.len(), 4);
    assert!(latency.iter().all(|l| l["allocations"] == 0.0));
    for l in latency {
        let ns = |key: &str| l[key].as_f64().unwrap();
        assert!(ns("ns") > 0.0 && ns("ns_p50") >= 0.9 * ns("ns"), "{l}");
        assert!(ns("ns_p99") >= ns("ns_p50") && ns("one_ns_max") >= ns("one_ns_p999"), "{l}");
        assert!(ns("one_ns_p999") >= 0.5 * ns("ns"), "{l}");
    }
    assert_eq!(found["memory"].as_array().unwrap().last().unwrap()["variant"], "slots");
    let orders = found["growth"].as_array().unwrap().iter().map(|g| g["order"].as_str());
    assert!(orders.clone().count() == 8 && orders.clone().all(|order| order.is_some()));

    let samples = lines(&out);
    assert_eq!(samples[0]["identity"], found["identity"]);
    let kind = |kind: &str| samples.iter().filter(|s| s["kind"] == kind).count();
    // 8 blocks of 10 rounds for each path and variant.
    assert_eq!(kind("latency"), 4 * 8 * 10);
    assert!(kind("growth") > 8 && kind("throughput") == 2 * (3 * 3 + 2));
    for picture in ["latency", "growth", "throughput"] {
        assert!(out.join(picture).with_extension("svg").is_file(), "{picture}");
        assert!(out.join(picture).with_extension("png").is_file(), "{picture}");
    }
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("One thread, one live entry") && page.contains("<svg "));
    assert!(!page.contains("http://") || !page.contains("<script src"), "nothing from elsewhere");
}

#[test]
fn words_that_mean_nothing_are_answered() {
    let (code, _, err) = measure(&["--variants", "shraded"]);
    assert!(code == Some(2) && err.contains("did you mean `sharded`?"), "{err}");
    let (code, _, err) = measure(&["--paths", "sucess"]);
    assert!(code == Some(2) && err.contains("did you mean `success`?"), "{err}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let below = file.join("out");
    let (code, _, err) = measure(&["--quick", "--out", below.to_str().unwrap()]);
    assert!(code == Some(2) && err.contains("out"), "{err}");
}

#[cfg(unix)]
#[test]
fn an_interrupt_saves_what_was_sampled() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    for seconds in [1, 2, 4, 8] {
        // `seed` alone takes longer, for it is filled with a hundred thousand entries.
        let mut child = Command::new(env!("CARGO_BIN_EXE_retrylab"))
            .args(["measure", "--quiet", "--paths", "success,error_flag", "--variants"])
            .args(["sharded,seed", "--out", out.to_str().unwrap()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_secs(seconds));
        Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        let code = child.wait().unwrap().code();
        if !out.exists() {
            // Too soon: the handler was not there yet, or nothing was sampled.
            assert!(matches!(code, None | Some(130)), "{code:?}");
            continue;
        }
        assert_eq!(code, Some(130));
        let text = fs::read_to_string(out.join("measured.json")).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["interrupted"], true);
        assert!(lines(&out).len() > 1);
        return;
    }
    panic!("nothing was saved in eight seconds");
}
