//! The scenarios that the binary carries, and the documents made from their grammar.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use retrylab::scenario::{self, Plan, Shipped};
use retrylab::study::{self, Watch};

fn plan(shipped: &Shipped) -> Plan {
    let Shipped { name, text, .. } = shipped;
    scenario::load(name, text, &|file| shipped.read(file), &BTreeMap::new())
        .unwrap_or_else(|faults| panic!("{name}: {}", super::lines(text, &faults)))
}

/// What the lint says of scenarios that are about just that.
const ODD: [(&str, &str); 12] = [
    // It goes where no gateway goes: without a wait, and a thousand times.
    ("contention", "published versions"),
    // One thing at a time: spread waits would hide what they count.
    ("fail_twice", "no jitter, and a burst of 1000 calls"),
    ("nested", "no jitter, and a burst of 100 calls"),
    // They are about calls that outlast their clients.
    ("hang", "120.6 s of work for nobody (in attempt_timeout=60s)"),
    ("never_answers", "s of work for nobody (in "),
    // What it shows is what the text is read for.
    ("status_as_data", "is taken for a failure by check_text_content = true"),
    // Waits that do not grow are what they are about.
    ("metastable", "so waits do not grow (in fixed)"),
    ("growth", "so waits do not grow"),
    // It has policies that no gateway would allow, as they are published.
    ("published", "clamps it to 3 (in preset=tenacity)"),
    ("published", "published versions"),
    ("published", "max_retries = 1000 is clamped to 3"),
    // What it shows is what the text is not read for.
    ("unseen_text", "check_text_content = false takes for a success (in check_text_content=false)"),
];

#[test]
fn every_shipped_scenario_loads_without_a_warning_and_asks_expects_and_cites() {
    for shipped in scenario::shipped() {
        let Shipped { name, text, .. } = shipped;
        let plan = plan(shipped);
        let odd: Vec<&str> = ODD.iter().filter(|(n, _)| n == name).map(|(_, odd)| *odd).collect();
        let found = super::warned(&plan);
        let warnings = [plan.warnings.clone(), found.lines().map(String::from).collect()].concat();
        let strange = |w: &&String| !odd.iter().any(|odd| w.contains(odd));
        assert_eq!(warnings.iter().find(strange), None, "{name}");
        assert!(odd.iter().all(|odd| warnings.iter().any(|w| w.contains(odd))), "{name}: {odd:?}");
        assert!(plan.question.ends_with('?') && !plan.source.is_empty(), "{name}");
        assert!(plan.expectations.len() >= plan.columns.len(), "{name}");
        assert!(plan.definition.starts_with(text), "{name}");
    }
}

#[test]
fn every_shipped_scenario_meets_its_expectations() {
    let stop = AtomicBool::new(false);
    let mut broken = Vec::new();
    for shipped in scenario::shipped() {
        let plan = plan(shipped);
        let study = study::run(&plan, &Watch { stop: &stop, advanced: &|_| () });
        for expectation in &plan.expectations {
            let found = study::value(&study, expectation);
            if !expectation.test.holds(found) {
                broken.push(format!("{}: {} found {found:?}", shipped.path(), expectation.text));
            }
        }
    }
    assert_eq!(broken, [""; 0]);
}

#[test]
fn a_name_tells_one_scenario_and_its_folder_may_stand_before_it() {
    let mut names = BTreeSet::new();
    for shipped in scenario::shipped() {
        assert!(names.insert(shipped.name), "{} is there twice", shipped.name);
        for name in [shipped.name, &shipped.path()] {
            assert_eq!(scenario::shipped::find(name).map(Shipped::path), Some(shipped.path()));
        }
    }
    assert!(scenario::shipped::find("herd").is_none());
}

#[test]
fn every_file_in_the_folders_is_shipped_and_in_the_readme() {
    let files = |folder: &Path| -> Vec<PathBuf> {
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        files
    };
    let folders = files(Path::new("scenarios"));
    let all = folders.iter().filter(|path| path.is_dir()).flat_map(|folder| files(folder));
    let (scenarios, others): (Vec<_>, Vec<_>) =
        all.partition(|path| path.extension().is_some_and(|e| e == "toml"));
    let shipped = scenario::shipped().iter().map(|s| format!("scenarios/{}.toml", s.path()));
    assert_eq!(scenarios, shipped.map(PathBuf::from).collect::<Vec<_>>());
    let readme = fs::read_to_string("scenarios/README.md").unwrap();
    for shipped in scenario::shipped() {
        let line = format!("| `{}` | {} |", shipped.path(), plan(shipped).question);
        assert!(readme.contains(&line), "scenarios/README.md lacks the line\n{line}");
    }
    // What lies beside them is there for one of them.
    for other in &others {
        let name = other.file_name().unwrap().to_str().unwrap();
        let beside = |s: &&Shipped| other.parent().is_some_and(|p| p.ends_with(s.folder));
        let user = scenario::shipped().iter().filter(beside).find(|s| s.text.contains(name));
        assert!(user.is_some_and(|s| s.read(name).is_ok()), "{name} is of no use");
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
