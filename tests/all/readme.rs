//! The README and the pages that it leads to are run word by word: each command in them is tried, what they
//! show of the output is what comes out, and every whole scenario and configuration in them loads.

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

/// The arguments of retrylab, if the command is one of its own. What stands in quotes is one word.
fn arguments(command: &str) -> Option<Vec<&str>> {
    let command = command.split(" #").next().unwrap_or_default();
    let ours = ["cargo run --release -- ", "retrylab "];
    let rest = ours.into_iter().find_map(|start| command.strip_prefix(start))?;
    let parts = rest.split('\'').enumerate().flat_map(|(i, part)| match i % 2 {
        0 => part.split_whitespace().collect::<Vec<_>>(),
        _ => vec![part],
    });
    Some(parts.collect())
}

/// Writes the scenarios and configurations of a page into a folder: under the name that the first line of a
/// block tells, else the first scenario is `my.toml`. Gives the names.
fn files(text: &str, folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for (i, block) in text.split("\n```").enumerate().filter(|(i, _)| i % 2 == 1) {
        let Some((kind, block)) = block.split_once('\n') else { continue };
        let named = block.lines().next().and_then(|line| line.strip_prefix("# "));
        let name = match named.filter(|name| name.ends_with(&format!(".{kind}"))) {
            Some(name) => name.to_owned(),
            None if kind == "toml" && block.contains("question") => match names.is_empty() {
                true => "my.toml".to_owned(),
                false => format!("{i}.toml"),
            },
            None => continue,
        };
        let path = folder.join(&name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, block.to_owned() + "\n").unwrap();
        names.push(name);
    }
    names
}

/// Runs the examples of a page in a folder of their own, beside its scenarios and configurations; the gate's
/// files, and a log, lie there as in a checkout.
fn run(page: &str) -> usize {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join(page)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in files(&text, folder.path()) {
        let mut check = Command::new(env!("CARGO_BIN_EXE_retrylab"));
        let check = check.args(["check", &name]).current_dir(folder.path()).output().unwrap();
        assert!(check.status.success(), "{page}: {}", String::from_utf8_lossy(&check.stderr));
    }
    for file in ["benches/gate.toml", "reports/baseline.json", "tests/data/calls.csv"] {
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
fn every_example_of_the_other_pages_does_what_it_says() {
    assert_eq!(run("scenarios/README.md"), 0);
    assert!(run("src/sim/README.md") >= 2);
    assert!(run("src/plugin/README.md") >= 5);
    assert!(run("src/study/README.md") >= 4);
    assert!(run("src/study/derive/README.md") >= 4);
}

#[test]
fn links_between_pages_lead_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for page in [
        "README.md",
        "scenarios/README.md",
        "src/sim/README.md",
        "src/plugin/README.md",
        "src/study/README.md",
        "src/study/derive/README.md",
    ] {
        let text = fs::read_to_string(root.join(page)).unwrap();
        let folder = root.join(page).parent().unwrap().to_owned();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|l| !l.starts_with("http") && !l.starts_with('#')) {
            let file = link.split('#').next().unwrap();
            assert!(folder.join(file).exists(), "{page}: {link}");
        }
    }
}
