//! The scenarios that the binary carries, and the documents made from their grammar.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use retrylab::scenario;

use super::{load, no_files};

#[test]
fn every_shipped_scenario_loads_without_a_warning_and_asks_expects_and_cites() {
    for (name, text) in scenario::shipped() {
        let plan = scenario::load(name, text, &no_files, &BTreeMap::new())
            .unwrap_or_else(|faults| panic!("{name}: {}", super::lines(text, &faults)));
        // Contention goes where no gateway goes: without a wait, and a thousand times.
        assert!(plan.warnings.is_empty() || *name == "contention", "{name}: {:?}", plan.warnings);
        assert_eq!(scenario::lint(&plan), [""; 0], "{name}");
        assert!(plan.question.ends_with('?') && !plan.source.is_empty(), "{name}");
        assert!(plan.expectations.len() >= plan.columns.len(), "{name}");
        assert_eq!(plan.definition, *text, "{name}");
    }
}

#[test]
fn every_scenario_in_the_folder_is_shipped() {
    let mut files: Vec<String> = fs::read_dir("scenarios")
        .unwrap()
        .filter_map(|entry| {
            entry
                .unwrap()
                .file_name()
                .into_string()
                .unwrap()
                .strip_suffix(".toml")
                .map(str::to_owned)
        })
        .collect();
    files.sort();
    let shipped: Vec<&str> = scenario::shipped().iter().map(|(name, _)| *name).collect();
    assert_eq!(shipped, files);
    let readme = fs::read_to_string("scenarios/README.md").unwrap();
    for (name, text) in scenario::shipped() {
        let question = load(text).unwrap().question;
        assert!(readme.contains(&format!("| `{name}` | {question} |")), "{name}");
    }
}

#[test]
fn the_readme_has_the_reference_as_the_grammar_has_it() {
    const MARK: &str = "<!-- reference -->\n";
    let path = Path::new("scenarios/README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (above, below) = readme.split_once(MARK).expect("the README has the mark");
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(path, format!("{above}{MARK}{}", scenario::reference())).unwrap();
    } else {
        assert!(below == scenario::reference(), "run UPDATE_README=1 cargo test --locked readme");
    }
}

/// What an example of the README lacks to be a whole scenario. Its keys come first, for a key after a
/// table would be the table's.
fn completed(example: &str) -> String {
    let written = scenario::toml::parse(example).unwrap();
    let has = |key: &str| written.get(key).is_some();
    if has("question") {
        return example.to_owned();
    }
    let mut text = "question = \"?\"\n".to_owned();
    for (key, least) in [
        ("duration", "duration = \"1m\"\n"),
        ("tools", "tools = [{ name = \"search\" }]\n"),
        ("load", "load = [{ tool = \"search\", arrivals = { poisson = { rate = \"1/s\" } } }]\n"),
    ] {
        if !has(key) {
            text.push_str(least);
        }
    }
    if !has("vary") && !has("columns") {
        text.push_str("vary.\"policy.jitter\" = [\"none\", \"full\"]\n");
    }
    text + example
}

#[test]
fn every_example_of_the_readme_loads_once_it_is_whole() {
    let readme = fs::read_to_string("scenarios/README.md").unwrap();
    let examples: Vec<&str> =
        readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let files = |name: &str| {
        assert_eq!(name, "plugins/config.yaml");
        fs::read_to_string("tests/data/plugins-config.yaml").map_err(|error| error.to_string())
    };
    for example in &examples {
        let text = completed(example);
        let loaded = scenario::load("example", &text, &files, &BTreeMap::new());
        assert!(loaded.is_ok(), "{text}\n{}", super::lines(&text, &loaded.unwrap_err()));
    }
    assert!(examples.len() >= 4, "{}", examples.len());
    assert!(examples.iter().any(|example| completed(example) == **example), "none is whole");
}
