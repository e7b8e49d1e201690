//! The README is run word by word: each command in it is tried, and what it shows of the output is what
//! comes out.

use std::fs;
use std::path::Path;
use std::process::Command;

/// A command of the README and the lines that it shows of its output.
struct Example {
    command: String,
    output: Vec<String>,
}

/// Every command in a `console` block, after `$ `.
fn examples(text: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    for block in text.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        for line in block.lines() {
            match (line.strip_prefix("$ "), examples.last_mut()) {
                (Some(command), _) => {
                    examples.push(Example { command: command.into(), output: Vec::new() });
                }
                (None, Some(example)) => example.output.push(line.into()),
                (None, None) => panic!("output without a command: {line}"),
            }
        }
    }
    examples
}

/// The arguments of retrylab, if the command is one of its own.
fn arguments(command: &str) -> Option<Vec<&str>> {
    let command = command.split(" #").next().unwrap_or_default();
    let ours = ["cargo run --release -- ", "retrylab "];
    let rest = ours.into_iter().find_map(|start| command.strip_prefix(start))?;
    Some(rest.split_whitespace().collect())
}

/// Runs the examples of a page in a folder of their own, in which its first TOML block is `my.toml`; the
/// gate's files lie there as in a checkout.
fn run(page: &str) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(page)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let scenario = text.split("```toml\n").nth(1).and_then(|t| t.split("```").next());
    fs::write(folder.path().join("my.toml"), scenario.unwrap_or_default()).unwrap();
    for file in ["benches/gate.toml", "reports/baseline.json"] {
        let copy = folder.path().join(file);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(root.join(file), copy).unwrap();
    }
    let mut number = 0;
    for example in examples(&text) {
        let Some(arguments) = arguments(&example.command) else {
            assert_eq!(
                example.command.split(" #").next().map(str::trim),
                Some("cargo test"),
                "{page}"
            );
            continue;
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_retrylab"));
        let output = command.args(arguments).current_dir(folder.path()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{page}: {}\n{told}", example.command);
        let seen = String::from_utf8(output.stdout).unwrap();
        let mut seen = seen.lines().map(str::trim_end);
        for line in
            example.output.iter().map(|l| l.trim_end()).filter(|l| !l.is_empty() && *l != "…")
        {
            assert!(seen.any(|s| s == line), "{page}: {} does not print\n{line}", example.command);
        }
        number += 1;
    }
    number
}

#[test]
fn every_command_of_the_readme_does_what_it_says() {
    assert!(run("README.md") >= 4);
}

#[test]
fn the_pictures_of_the_readme_are_those_of_the_command() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/outage");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("outage");
    let run = ["run", "outage", "--quiet", "--out"];
    let status = Command::new(env!("CARGO_BIN_EXE_retrylab")).args(run).arg(&out).output().unwrap();
    assert!(status.status.success());
    for picture in ["herd", "recovery", "latency", "amplification", "waits"] {
        let name = format!("{picture}.svg");
        let (kept, made) =
            (fs::read(root.join(&name)).unwrap(), fs::read(out.join(&name)).unwrap());
        assert!(kept == made, "{name}: `retrylab run outage --out reports/outage` makes it again");
    }
}
