//! The scenarios that the binary carries, and the documents made from their grammar.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use retrylab::scenario::{self, METRICS};
use serde_json::Value;

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

/// Every property that the schema names, at any depth.
fn keys(schema: &Value, found: &mut Vec<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        found.extend(properties.keys().cloned());
    }
    match schema {
        Value::Object(map) => map.values().for_each(|v| keys(v, found)),
        Value::Array(items) => items.iter().for_each(|v| keys(v, found)),
        _ => {}
    }
}

#[test]
fn the_schema_is_json_and_names_all_keys_that_the_readme_documents() {
    let schema: Value = serde_json::from_str(&scenario::schema()).unwrap();
    assert_eq!(schema["properties"]["gateway"]["properties"]["deadline"]["type"], "string");
    assert_eq!(schema["required"].as_array().unwrap().len(), 4);
    let mut found = Vec::new();
    keys(&schema, &mut found);
    for key in ["p999", "hold", "think", "tool_overrides", "notices_abandoned", "weight", "cv2"] {
        assert!(found.iter().any(|k| k == key), "{key}");
    }
    for (metric, _) in METRICS {
        assert!(found.iter().any(|k| k == metric), "{metric}");
    }
    let readme = fs::read_to_string("scenarios/README.md").unwrap();
    for key in &found {
        assert!(readme.contains(&format!("`{key}`")), "the README lacks `{key}`");
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

#[test]
fn every_example_of_the_readme_loads() {
    const CONFIG: &str =
        "plugins:\n  - { name: RetryWithBackoffPlugin, mode: sequential, config: {} }\n";
    let files = |name: &str| match name {
        "plugins/config.yaml" => Ok(CONFIG.to_owned()),
        _ => no_files(name),
    };
    let readme = fs::read_to_string("scenarios/README.md").unwrap();
    let blocks = readme.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut number = 0;
    for block in blocks {
        let vary = match block.starts_with("[expect]") {
            true => "[vary]\n\"policy.jitter\" = [\"none\", \"full\"]\n",
            false => "",
        };
        let text = format!("{}tools = [{{ name = \"search\" }}]\n{vary}{block}", super::LEAST);
        let loaded = scenario::load("readme", &text, &files, &BTreeMap::new());
        assert!(loaded.is_ok(), "{block}\n{:?}", loaded.err());
        number += 1;
    }
    assert!(number >= 3);
}
