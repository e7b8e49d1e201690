//! What loads but cannot do what it seems to: each rule by an example, with its place, reason and fix; and the forms
//! in which `check` gives it to programs.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use serde_json::Value;

use retrylab::scenario::finding::{Finding, RULES};
use retrylab::scenario::lint::CLIENT_TIMEOUT;
use retrylab::scenario::{self, contextforge};

fn of_config(fields: &str) -> Vec<Finding> {
    let text = format!("plugins:\n- name: RetryWithBackoffPlugin\n  config: {{ {fields} }}\n");
    let (_, found) = contextforge::policy(&text, &BTreeMap::new()).unwrap();
    for finding in &found {
        assert!(finding.span.as_ref().is_some_and(|span| text.get(span.clone()).is_some()));
    }
    found
}

fn of_scenario(more: &str) -> Vec<Finding> {
    let text = format!(
        "question = \"?\"\nduration = \"1m\"\n\
         tools = [{{ name = \"search\", latency = \"20ms\", faults = [{{ flaky = {{ probability = 0.1 }} }}] }}]\n{more}\n"
    );
    let load = "load = [{ tool = \"search\", arrivals = { constant = { rate = \"1/s\" } } }]\n";
    let text = if more.contains("load = ") { text } else { load.to_owned() + &text };
    let no_files = |name: &str| Err(format!("there is no {name}"));
    let plan = scenario::load("lint", &text, &no_files, &BTreeMap::new());
    scenario::lint(&plan.unwrap_or_else(|faults| panic!("{faults:?}")), CLIENT_TIMEOUT)
}

fn rules(found: &[Finding]) -> Vec<&str> {
    found
        .iter()
        .map(|finding| finding.rule)
        .filter(|rule| *rule != "beyond-client-timeout")
        .collect()
}

/// A policy of a configuration that nothing is said of, but for what it is given.
fn clean(fields: &str) -> Vec<Finding> {
    of_config(&format!("max_retries: 0{fields}"))
}

#[test]
fn a_configuration_breaks_each_rule_by_itself() {
    for (fields, broken) in [
        ("jitter: true", &[][..]),
        ("max_retries: 4", &["limit-clamps"]),
        ("max_retries: 3, max_backoff_ms: 200", &["base-equals-cap"]),
        ("max_retries: 1, max_backoff_ms: 200", &[]),
        ("jitter: false", &["jitter-off"]),
        ("jitter: false, max_retries: 0", &[]),
        ("jitter: full", &["published-refuses"]),
        ("tool_overrides: { a: { jitter: decorrelated } }", &["published-refuses"]),
        ("backoff_base_ms: 0", &["published-refuses"]),
        ("max_retries: 11", &["limit-clamps", "published-refuses"]),
        ("check_text_content: true", &["text-status-as-data"]),
        (
            "tool_overrides: { a: {}, b: { max_retries: 2 }, c: { max_retries: 1 } }",
            &["override-same"; 2],
        ),
        ("max_retries: 5, tool_overrides: { a: { max_backoff_ms: 300 } }", &["limit-clamps"]),
        ("max_retries: 1, tool_overrides: { a: { max_retries: 6 } }", &["limit-clamps"]),
    ] {
        assert_eq!(rules(&of_config(fields)), broken, "{fields}");
    }
    assert!(clean("").is_empty());
}

#[test]
fn a_scenario_breaks_each_rule_by_itself() {
    let burst = |n: u32| {
        format!(
            "load = [{{ tool = \"search\", arrivals = {{ burst = {{ calls = {n} }} }} }}]\npolicy.jitter = false"
        )
    };
    let closed = "load = [{ tool = \"search\", arrivals = { closed = { clients = 50, think = \"1s\" } } }]\n\
                  policy.jitter = false";
    let (few, many) = (burst(5), burst(500));
    let compared = "load = [{ tool = \"search\", arrivals = { closed = { clients = 50, think = \"1s\" } } }]\n\
                    vary.\"policy.jitter\" = [true, false]";
    for (more, broken) in [
        ("", &[][..]),
        (few.as_str(), &[]),
        (&many, &["jitter-off"]),
        (closed, &["jitter-off"]),
        (compared, &["jitter-off"]),
        ("policy.max_retries = 4", &["limit-clamps"]),
        ("policy.max_retries = 4\ngateway.loop = \"as-shipped\"", &["limit-clamps"]),
        ("policy.tool_overrides.search = { max_retries = 2 }", &["override-same"]),
        ("policy.tool_overrides.serch = { max_retries = 1 }", &["override-no-tool"]),
        ("policy.max_backoff_ms = 200", &["base-equals-cap"]),
        (
            "gateway.deadline = \"500ms\"\ngateway.attempt_timeout = \"100ms\"",
            &["waits-beyond-deadline"],
        ),
        ("gateway.deadline = \"1s\"", &["timeout-beyond-deadline"]),
        ("policy.jitter = \"equal\"", &["published-refuses"]),
    ] {
        assert_eq!(rules(&of_scenario(more)), broken, "{more}");
    }
    let level =
        |more: &str| of_scenario(more).iter().find(|f| f.rule == "jitter-off").unwrap().level;
    assert_eq!(level(closed), scenario::Level::Warning);
    assert_eq!(level(compared), scenario::Level::Note);
}

#[test]
fn the_worst_case_is_told_with_what_would_fit() {
    let found = of_config("jitter: true");
    insta::assert_snapshot!(found[0].to_string(), @"plugins[0].config.max_retries: found 2: worst case 180.6 s: 3 attempts of 60 s and waits of 0.6 s; a client gives up after 60 s: 120.6 s of work for nobody (any of: attempts of at most 19.8 s (attempt_timeout), a deadline of 60 s where the gateway has one, max_retries = 0)");
    // What it advises is what it then has nothing to say of.
    for fits in ["attempt_timeout = \"19.8s\"", "deadline = \"60s\""] {
        let found = of_scenario(&format!("gateway.{fits}"));
        assert!(found.iter().all(|f| f.rule != "beyond-client-timeout"), "{fits}: {found:?}");
    }
    assert!(of_scenario("policy.max_retries = 0").is_empty());
}

const CONFIG: &str = "\
plugins:
- name: RetryWithBackoffPlugin
  mode: disabled
  config:
    max_retries: 5
    jitter: equal
    tool_overrides:
      search: { max_retries: 5 }
";

/// Exit code, stdout and stderr of `check` in a folder with a configuration and a broken scenario.
fn check(arguments: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config.yaml"), CONFIG).unwrap();
    fs::write(folder.path().join("bad.toml"), "question = '?'\nduraton = 1\n").unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_retrylab"));
    let output = command.arg("check").args(arguments).current_dir(folder.path()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn people_see_place_value_reason_and_fix() {
    let (code, _, told) = check(&["config.yaml", "--client-timeout", "2m"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(told, @r#"
    warning[mode-disabled]: plugins[0].mode: found "disabled": the gateway does not load this policy, so nothing is tried again
     --> config.yaml:3:9
      |
    3 |   mode: disabled
      |         ^^^^^^^^
      |
      = help: mode: "sequential", if calls are to be tried again

    warning[limit-clamps]: plugins[0].config.max_retries: found 5: cannot be reached: the gateway's max_tool_retries clamps it to 3, and leaves the call's entry behind in the plugin
     --> config.yaml:5:18
      |
    5 |     max_retries: 5
      |                  ^
      |
      = help: max_retries = 3, or max_tool_retries = 5

    warning[beyond-client-timeout]: plugins[0].config.max_retries: found 5: worst case 241.4 s: 4 attempts of 60 s and waits of 1.4 s; a client gives up after 120 s: 121.4 s of work for nobody
     --> config.yaml:5:18
      |
    5 |     max_retries: 5
      |                  ^
      |
      = help: any of: attempts of at most 29.6 s (attempt_timeout), a deadline of 120 s where the gateway has one, max_retries = 0

    warning[published-refuses]: plugins[0].config.jitter: found "equal": published versions know true (full) and false (none) only, and refuse names
     --> config.yaml:6:13
      |
    6 |     jitter: equal
      |             ^^^^^
      |
      = help: jitter: true

    warning[override-same]: plugins[0].config.tool_overrides.search: found "search": is the base policy again when merged, so it changes nothing
     --> config.yaml:8:15
      |
    8 |       search: { max_retries: 5 }
      |               ^
      |
      = help: remove it, or give it the value that was meant
    "#);
}

#[test]
fn programs_get_a_list() {
    let (code, out, told) = check(&["bad.toml", "config.yaml", "none.toml", "--format", "json"]);
    assert_eq!((code, told.as_str()), (2, ""));
    let entries: Vec<Value> = serde_json::from_str(&out).unwrap();
    let told = entries.iter().map(|entry| {
        let of = |key: &str| entry[key].to_string();
        format!(
            "{}:{}:{} {} {} {}\n",
            of("file"),
            of("line"),
            of("column"),
            of("level"),
            of("rule"),
            of("path")
        )
    });
    insta::assert_snapshot!(told.collect::<String>(), @r#"
    "bad.toml":1:1 "error" "invalid-value" "tools"
    "bad.toml":1:1 "error" "invalid-value" "load"
    "bad.toml":2:1 "error" "unknown-key" "duraton"
    "config.yaml":3:9 "warning" "mode-disabled" "plugins[0].mode"
    "config.yaml":5:18 "warning" "limit-clamps" "plugins[0].config.max_retries"
    "config.yaml":5:18 "warning" "beyond-client-timeout" "plugins[0].config.max_retries"
    "config.yaml":6:13 "warning" "published-refuses" "plugins[0].config.jitter"
    "config.yaml":8:15 "warning" "override-same" "plugins[0].config.tool_overrides.search"
    "none.toml":null:null "error" "unreadable" null
    "#);
    for entry in &entries {
        assert!(entry["message"].as_str().is_some_and(|text| !text.is_empty()), "{entry}");
        assert!(entry["level"] == "error" || entry["fix"].is_string(), "{entry}");
    }
    assert_eq!(check(&["config.yaml", "--format", "json"]).0, 0);
}

#[test]
fn code_scanning_gets_what_it_asks_for() {
    let (code, out, told) = check(&["bad.toml", "config.yaml", "none.toml", "--format", "sarif"]);
    assert_eq!((code, told.as_str()), (2, ""));
    let log: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().ends_with("sarif-2.1.0.json"));
    let driver = &log["runs"][0]["tool"]["driver"];
    assert_eq!(driver["name"], "retrylab");
    let rules = driver["rules"].as_array().unwrap();
    assert_eq!(rules.len(), RULES.len());
    for rule in rules {
        for text in ["shortDescription", "fullDescription", "help"] {
            assert!(rule[text]["text"].as_str().is_some_and(|t| t.len() > 10), "{rule}");
        }
    }
    let results = log["runs"][0]["results"].as_array().unwrap();
    let levels: Vec<&str> = results.iter().map(|r| r["level"].as_str().unwrap()).collect();
    assert!(levels.contains(&"error") && levels.contains(&"warning"), "{levels:?}");
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap();
        assert_eq!(rules[usize::try_from(index).unwrap()]["id"], result["ruleId"]);
        assert!(result["message"]["text"].is_string(), "{result}");
        let place = &result["locations"][0]["physicalLocation"];
        let file = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(["bad.toml", "config.yaml", "none.toml"].contains(&file), "{file}");
        let region = &place["region"];
        assert!(region["startLine"].as_u64().unwrap() >= 1, "{region}");
        if let (Some(from), Some(to)) =
            (region["startColumn"].as_u64(), region["endColumn"].as_u64())
        {
            assert!((1..=to).contains(&from), "{region}");
        }
    }
}

#[test]
fn a_client_that_waits_no_time_is_refused() {
    for wrong in ["0s", "soon", "60"] {
        let (code, _, told) = check(&["config.yaml", "--client-timeout", wrong]);
        assert!(code == 2 && told.contains("must be a duration"), "{wrong}: {told}");
    }
}
