//! A gateway's configuration and a recorded trace, as they come from outside: small ones of our own, and
//! the real ones where they are at hand.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use retrylab::base::Span;
use retrylab::plugin::{Jitter, Policy, PolicySet, StatusSet};
use retrylab::scenario::{self, contextforge};
use retrylab::sim::world::Arrivals;

use super::lines;

fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

/// A real input beside the project; says so where it is absent.
fn real(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if path.exists() {
        return Some(path);
    }
    // Not by `eprintln!`, which the test harness keeps to itself.
    let _ = writeln!(std::io::stderr(), "skipped: there is no ../shared/data/{name}");
    None
}

/// The policy and the rules that it breaks without being at fault.
fn config(path: &Path) -> Result<(PolicySet, Vec<&'static str>), String> {
    let text = fs::read_to_string(path).unwrap();
    let read = contextforge::policy(&text, &BTreeMap::new());
    read.map(|(set, found)| (set, found.iter().map(|finding| finding.rule).collect()))
        .map_err(|faults| lines(&text, &faults))
}

#[test]
fn our_own_configuration_gives_the_policy_that_it_states() {
    let (set, found) = config(&own("plugins-config.yaml")).unwrap();
    // Of the override of `search`, that it has no jitter, and that it takes two attempts of a minute.
    let late = "beyond-client-timeout";
    assert_eq!(found, ["jitter-off", late, late, late]);
    let base = Policy {
        max_retries: 3,
        backoff_base: Span::from_millis(100),
        max_backoff: Span::from_millis(2000),
        retry_on_status: StatusSet::of([429, 503]),
        ..Policy::default()
    };
    assert_eq!(set.base, base);
    let search = Policy { jitter: Jitter::None, max_retries: 1, ..base.clone() };
    assert_eq!(set.of("search"), &search);
    assert_eq!(set.of("team:fetch"), &Policy { backoff_base: Span::from_millis(50), ..base });
}

#[test]
fn the_configuration_that_the_gateway_ships_gives_the_policy_that_it_states() {
    let Some(path) = real("contextforge-plugins-config.yaml") else { return };
    let (set, found) = config(&path).unwrap();
    assert_eq!(set, PolicySet::default());
    assert_eq!(found, ["mode-disabled", "beyond-client-timeout"]);
}

/// The text with the line of the retry plugin's entry that begins with `key` replaced, and that line's
/// number.
fn edited(text: &str, key: &str, line: &str) -> (String, usize) {
    let lines: Vec<&str> = text.lines().collect();
    let ours = |l: &&str| l.contains("\"cpex_retry_with_backoff.RetryWithBackoffPlugin\"");
    let entry = lines.iter().position(ours).unwrap();
    let at = entry + lines[entry..].iter().position(|l| l.trim_start().starts_with(key)).unwrap();
    let indent = &lines[at][..lines[at].len() - lines[at].trim_start().len()];
    let new = format!("{indent}{line}");
    let whole: Vec<&str> =
        lines.iter().enumerate().map(|(i, l)| if i == at { new.as_str() } else { l }).collect();
    (whole.join("\n"), at + 1)
}

/// Slips in a configuration: the key whose line is replaced, by what, and what is said of that line.
const SLIPS: [(&str, &str, &str); 9] = [
    ("backoff_base_ms:", "backof_base_ms: 200", "(did you mean `backoff_base_ms`?)"),
    ("max_retries:", "max_retries: -2", "config.max_retries: found -2: must be an integer from 0"),
    ("max_retries:", "max_retries: two", "found \"two\": must be an integer from 0 to 1000"),
    ("max_backoff_ms:", "max_backoff_ms: 50", "found 50: must be at least backoff_base_ms, here"),
    ("retry_on_status:", "retry_on_status: [429, 5030]", "retry_on_status[1]: found 5030: must be"),
    ("jitter:", "jitter: maybe", "found \"maybe\": must be true (full), false (none),"),
    ("tool_overrides:", "tool_overrides: { a: { jiter: no } }", "(did you mean `jitter`?)"),
    ("max_retries:", "max_retries: {{ env.get( }}", "is not a Jinja2 template: unexpected `}`"),
    ("hooks:", "hooks: [\"tool_post_invoke\"]]", "is not YAML: "),
];

fn slips_are_told(path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    for (key, line, told) in SLIPS {
        let (broken, number) = edited(&text, key, line);
        let faults = contextforge::policy(&broken, &BTreeMap::new()).expect_err(line);
        let said = lines(&broken, &faults);
        let found =
            said.lines().any(|l| l.starts_with(&format!("line {number}: ")) && l.contains(told));
        assert!(found && faults.len() == 1, "{line} in line {number}:\n{said}");
    }
    let (broken, _) = edited(&text, "kind:", "kind: cpex_retry_with_backof.RetryWithBackoffPlugin");
    let broken = broken.replace("\"RetryWithBackoffPlugin\"", "Renamed");
    let said = lines(&broken, &contextforge::policy(&broken, &BTreeMap::new()).unwrap_err());
    assert!(said.contains("plugins: found none of this kind among"), "{said}");
    let cut = &text[..text.find("cpex_retry_with_backoff.").unwrap()];
    assert!(contextforge::policy(cut, &BTreeMap::new()).is_err(), "a file that was cut off");
}

#[test]
fn slips_in_our_own_configuration_are_told_with_their_line() {
    slips_are_told(&own("plugins-config.yaml"));
}

#[test]
fn slips_in_the_configuration_that_the_gateway_ships_are_told_with_their_line() {
    if let Some(path) = real("contextforge-plugins-config.yaml") {
        slips_are_told(&path);
    }
}

#[test]
fn a_trace_is_read_by_its_first_column_or_by_name_and_begins_at_the_start() {
    let check = |path: &Path, count: usize, second_us: u64| {
        let trace = fs::read_to_string(path).unwrap();
        for column in ["", ", column = \"TIMESTAMP\""] {
            let text = format!(
                "question = \"?\"\nduration = \"2h\"\ntools = [{{ name = \"llm\" }}]\n\
                 load = [{{ tool = \"llm\", arrivals = {{ trace = {{ file = \"t.csv\"{column} }} }} }}]"
            );
            let read = |_: &str| Ok(trace.clone());
            let plan = scenario::load("t", &text, &read, &BTreeMap::new()).unwrap();
            let Arrivals::Trace(moments) = &plan.columns[0].world.tools[0].loads[0].arrivals else {
                panic!("no trace")
            };
            assert_eq!((moments.len(), moments[0].as_nanos()), (count, 0));
            assert_eq!(moments[1].as_nanos() / 1000, second_us);
            assert!(moments.is_sorted());
        }
    };
    check(&own("arrivals.csv"), 300, 676_985);
    if let Some(path) = real("azure-llm-code-2023.csv") {
        check(&path, 8819, 52_000);
    }
}

/// Runs a trace through the binary with the policy of a configuration; gives the calls that it counts.
fn calls_of_a_run(trace: &Path, config: &Path) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("replay.toml");
    let text = format!(
        "question = \"How many calls are there?\"\nduration = \"61m\"\npolicy_from = '{}'\n\
         tools = [{{ name = \"llm\", latency = \"1s\", faults = [{{ flaky = {{ probability = \"1%\" }} }}] }}]\n\
         load = [{{ tool = \"llm\", arrivals = {{ trace = {{ file = '{}' }} }} }}]\n",
        config.display(),
        trace.display()
    );
    fs::write(&scenario, text).unwrap();
    let out = folder.path().join("out");
    let mut command = Command::cargo_bin("retrylab").unwrap();
    command.args(["run", "--quiet"]).arg(&scenario).arg("--out").arg(&out).assert().code(0);
    let result = fs::read_to_string(out.join("result.json")).unwrap();
    let result: serde_json::Value = serde_json::from_str(&result).unwrap();
    result["columns"][0]["metrics"]["calls"]["mean"].as_f64().unwrap()
}

#[test]
fn a_run_over_a_trace_makes_each_of_its_calls() {
    let count = calls_of_a_run(&own("arrivals.csv"), &own("plugins-config.yaml"));
    assert!(count == 300.0, "{count}");
    let (trace, config) = ("azure-llm-code-2023.csv", "contextforge-plugins-config.yaml");
    if let (Some(trace), Some(config)) = (real(trace), real(config)) {
        let count = calls_of_a_run(&trace, &config);
        assert!(count == 8819.0, "{count}");
    }
}

#[test]
fn an_unknown_variant_has_its_line_and_several_files_are_summed_up() {
    let folder = tempfile::tempdir().unwrap();
    let scenario =
        format!("variant = \"shraded\"{}tools = [{{ name = \"search\" }}]\n", super::LEAST);
    let config = "plugins:\n- name: RetryWithBackoffPlugin\n  config: { max_retries: 5, max_backoff_ms: 200 }\n";
    fs::write(folder.path().join("variant.toml"), scenario).unwrap();
    fs::write(folder.path().join("config.yaml"), config).unwrap();
    let mut command = Command::cargo_bin("retrylab").unwrap();
    command.args(["check", "variant.toml", "config.yaml", "none.toml"]);
    let output = command.current_dir(folder.path()).assert().code(2).get_output().clone();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.ends_with("\n3 files: 1 ok, 2 at fault; 3 warnings\n"), "{out}");
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @r#"
    error: variant: found shraded: must be a variant of the plugin (`retrylab list variants`)
     --> variant.toml:1:11
      |
    1 | variant = "shraded"
      |           ^^^^^^^^^
      |
      = help: did you mean `sharded`?

    variant.toml: one fault
    warning[limit-clamps]: plugins[0].config.max_retries: found 5: cannot be reached: the gateway's max_tool_retries clamps it to 3, and leaves the call's entry behind in the plugin
     --> config.yaml:3:26
      |
    3 |   config: { max_retries: 5, max_backoff_ms: 200 }
      |                          ^
      |
      = help: max_retries = 3, or max_tool_retries = 5

    warning[beyond-client-timeout]: plugins[0].config.max_retries: found 5: worst case 240.6 s: 4 attempts of 60 s and waits of 0.6 s; a client gives up after 60 s: 180.6 s of work for nobody
     --> config.yaml:3:26
      |
    3 |   config: { max_retries: 5, max_backoff_ms: 200 }
      |                          ^
      |
      = help: any of: attempts of at most 14.8 s (attempt_timeout), a deadline of 60 s where the gateway has one, max_retries = 0

    warning[base-equals-cap]: plugins[0].config.max_backoff_ms: found 200: equals backoff_base_ms, so waits do not grow
     --> config.yaml:3:45
      |
    3 |   config: { max_retries: 5, max_backoff_ms: 200 }
      |                                             ^^^
      |
      = help: max_backoff_ms = 800, or a smaller backoff_base_ms

    error: none.toml: no such file, and no shipped scenario of that name; `retrylab list` names the shipped scenarios
    "#);
}
