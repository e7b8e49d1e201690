//! `retrylab check` as a user runs them, and the real files where they are at hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A gateway's configuration in the shape of the real one, for machines without it.
const CONFIG: &str = r#"plugins:
  - name: "PIIFilterPlugin"
    kind: "cpex_pii_filter.PIIFilterPlugin"
    mode: "{{ env.get('PII_MODE', 'disabled') }}"
  - name: "RetryWithBackoffPlugin"
    kind: "cpex_retry_with_backoff.RetryWithBackoffPlugin"
    hooks: ["tool_post_invoke"]
    mode: "sequential"
    config:
      max_retries: {{ env.get('RETRIES', 2) }}
      backoff_base_ms: 200
      max_backoff_ms: 5000
      retry_on_status: [429, 503]
      jitter: true
      tool_overrides:
        search: { max_retries: 1 }
plugin_dirs: []
"#;

struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Folder {
        let folder = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, text)| fs::write(folder.path().join(name), text).unwrap());
        Folder(folder)
    }
    /// Exit code, stdout and stderr.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_retrylab"));
        let output = command.args(arguments).current_dir(self.0.path()).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }
}

/// A file of `../shared/data`, which is not part of the repository.
fn real(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name);
    if !path.is_file() {
        eprintln!("skipped: there is no {}", path.display());
    }
    path.is_file().then_some(path)
}

#[test]
fn every_fault_has_place_value_rule_and_way_out() {
    let scenario = r#"question = "?"
duration = "1x"
replica = 3
tools = [{ name = "search", latency = { p50 = "40ms", p90 = "9ms" } }]
load = [{ tool = "serch", arrivals = { poisson = { rate = "150" } } }]
[policy]
jitter = "ful"
"#;
    let folder = Folder::with(&[("my.toml", scenario)]);
    let (code, out, err) = folder.run(&["check", "my.toml"]);
    assert_eq!((code, out.as_str()), (2, ""));
    insta::assert_snapshot!(err, @r#"
    error: duration: found "1x": must be a duration: a number and ns, us, ms, s, m, h or d, like "200ms" or "1m 30s", more than 0
     --> my.toml:2:12
      |
    2 | duration = "1x"
      |            ^^^^

    error: replica: found key "replica": is not a key of this table
     --> my.toml:3:1
      |
    3 | replica = 3
      | ^^^^^^^
      |
      = help: did you mean `replicas`?

    error: tools[0].latency: found a table of p50, p90: percentiles must not fall
     --> my.toml:4:39
      |
    4 | tools = [{ name = "search", latency = { p50 = "40ms", p90 = "9ms" } }]
      |                                       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    error: load[0].tool: found "serch": must be a tool's name
     --> my.toml:5:18
      |
    5 | load = [{ tool = "serch", arrivals = { poisson = { rate = "150" } } }]
      |                  ^^^^^^^
      |
      = help: did you mean "search"?

    error: load[0].arrivals.poisson.rate: found "150": must be a rate: a number and /s, /m or /h, like "150/s", more than 0, at most 10000000/s
     --> my.toml:5:59
      |
    5 | load = [{ tool = "serch", arrivals = { poisson = { rate = "150" } } }]
      |                                                           ^^^^^

    error: policy.jitter: found "ful": must be true (full), false (none), "none", "full", "equal" or "decorrelated"
     --> my.toml:7:10
      |
    7 | jitter = "ful"
      |          ^^^^^
      |
      = help: did you mean "full"?

    my.toml: 6 faults
    "#);
}

#[test]
fn all_files_are_checked_and_one_fault_is_enough_for_2() {
    let folder = Folder::with(&[("config.yaml", CONFIG), ("bad.toml", "question = 1\n")]);
    let (code, out, err) = folder.run(&["check", "bad.toml", "outage", "config.yaml"]);
    assert_eq!(code, 2);
    assert!(err.contains("bad.toml:1:12"), "{err}");
    assert!(err.contains("warning[beyond-client-timeout]: plugins[1].config.max_retries"), "{err}");
    insta::assert_snapshot!(out, @"
    outage: ok: 4 columns, 20 replicas, 18 expectations
    config.yaml: ok: max_retries 2, backoff_base_ms 200, max_backoff_ms 5000, jitter full, retry_on_status [429, 503], check_text_content false
      search: max_retries 1, backoff_base_ms 200, max_backoff_ms 5000, jitter full, retry_on_status [429, 503], check_text_content false
    3 files: 2 ok, 1 at fault; 2 warnings, 5 notes
    ");
    assert_eq!(folder.run(&["check", "outage", "config.yaml"]).0, 0);
}

#[test]
fn broken_configurations_say_where() {
    let broken = [
        (
            "max_retries: {{ env.get('RETRIES', 2) }}",
            "max_retries: {{ env.get('RETRIES', 'many') }}",
        ),
        ("[429, 503]", "[42, 503]"),
        ("search: { max_retries: 1 }", "search: { max_retrys: 1 }"),
        ("{{ env.get('RETRIES', 2) }}", "{{ env.get('RETRIES', 2) "),
        ("kind: \"cpex_retry_with_backoff.RetryWithBackoffPlugin\"", "kind: [unclosed"),
        ("plugins:", "plugin:"),
    ];
    let mut told = String::new();
    for (from, to) in broken {
        assert!(CONFIG.contains(from));
        let folder = Folder::with(&[("config.yaml", &CONFIG.replacen(from, to, 1))]);
        let (code, _, err) = folder.run(&["check", "config.yaml"]);
        assert_eq!(code, 2, "{to}: {err}");
        told += &format!("{err}---\n");
    }
    insta::assert_snapshot!(told, @r#"
    error: plugins[1].config.max_retries: found "many": must be an integer from 0 to 1000
      --> config.yaml:10:1
       |
    10 |       max_retries: {{ env.get('RETRIES', 'many') }}
       | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    config.yaml: one fault
    ---
    error: plugins[1].config.retry_on_status[0]: found 42: must be an integer from 100 to 599
      --> config.yaml:13:25
       |
    13 |       retry_on_status: [42, 503]
       |                         ^^

    config.yaml: one fault
    ---
    error: plugins[1].config.tool_overrides.search.max_retrys: found key "max_retrys": is not a field of the policy
      --> config.yaml:16:19
       |
    16 |         search: { max_retrys: 1 }
       |                   ^^^^^^^^^^
       |
       = help: did you mean `max_retries`?

    config.yaml: one fault
    ---
    error: template: found `backoff_base_ms: 200`: is not a Jinja2 template: unexpected identifier, expected end of variable block
      --> config.yaml:11:7
       |
    11 |       backoff_base_ms: 200
       |       ^^^^^^^^^^^^^^^^^^^^

    config.yaml: one fault
    ---
    error: syntax: found `hooks: ["tool_post_invoke"]`: is not YAML: illegal placement of ':' indicator
     --> config.yaml:7:10
      |
    7 |     hooks: ["tool_post_invoke"]
      |          ^

    config.yaml: one fault
    ---
    error: plugins: found nothing: must be a list: the gateway's plugins
     --> config.yaml:1:1
      |
    1 | plugin:
      | ^
      |
      = help: is `plugin` meant to be it?

    config.yaml: one fault
    ---
    "#);
}

#[test]
fn what_is_no_scenario_at_all_is_told_briefly() {
    let folder = Folder::with(&[("config.yaml", CONFIG)]);
    fs::write(folder.0.path().join("noise.toml"), [b'a', b'\n', 0xff, 0xfe]).unwrap();
    fs::write(folder.0.path().join("yaml.toml"), CONFIG.repeat(20)).unwrap();
    let (code, _, err) = folder.run(&["check", "noise.toml"]);
    assert!(code == 2 && err.contains("noise.toml:2: found bytes that are no UTF-8"), "{err}");
    let (code, _, err) = folder.run(&["check", "yaml.toml"]);
    assert!(code == 2 && err.contains("more") && err.lines().count() < 150, "{err}");
    let (code, _, err) = folder.run(&["run", "config.yaml"]);
    assert!(code == 2 && err.contains("policy_from"), "{err}");
    let (code, _, err) = folder.run(&["check", "."]);
    assert!(code == 2 && err.contains("cannot read"), "{err}");
}

const TRACED: &str = r#"question = "Does a recorded hour run?"
duration = "2h"
seed = 1
policy_from = "config.yaml"
tools = [{ name = "llm", latency = { p50 = "400ms", p90 = "900ms" } }]
load = [{ tool = "llm", arrivals = { trace = { file = "trace.csv" } } }]
[expect]
success_rate = "= 100%"
"#;

#[test]
fn a_trace_and_a_configuration_run_together() {
    let trace = "TIMESTAMP,Tokens\n2023-11-16 18:17:03.97,1\n2023-11-16 18:17:04.03,2\n2023-11-16 19:00:00,3\n";
    let folder =
        Folder::with(&[("config.yaml", CONFIG), ("trace.csv", trace), ("my.toml", TRACED)]);
    let (code, out, err) = folder.run(&["run", "my.toml", "--format", "csv", "--out", "out"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("my,as given,,calls,3,"), "{out}");
    for (line, word) in
        [("2023-11-16 19:00:00,3,4\n", "line 5: found 3 fields"), ("noon,1\n", "line 5: \"noon\"")]
    {
        fs::write(folder.0.path().join("trace.csv"), format!("{trace}{line}")).unwrap();
        let (code, _, err) = folder.run(&["check", "my.toml"]);
        assert!(code == 2 && err.contains(word) && err.contains("my.toml:6"), "{err}");
    }
}

#[test]
fn the_real_configuration_and_the_real_trace_run() {
    let names = ["contextforge-plugins-config.yaml", "azure-llm-code-2023.csv"];
    let [Some(config), Some(trace)] = names.map(real) else { return };
    let config = fs::read_to_string(config).unwrap();
    let trace = fs::read_to_string(trace).unwrap();
    let folder =
        Folder::with(&[("config.yaml", &config), ("trace.csv", &trace), ("my.toml", TRACED)]);
    let (code, out, err) = folder.run(&["check", "config.yaml"]);
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains("ok: max_retries 2, backoff_base_ms 200, max_backoff_ms 5000, jitter full"),
        "{out}"
    );
    assert!(err.contains("\"disabled\""), "{err}");
    let (code, out, err) = folder.run(&["run", "my.toml", "--format", "csv", "--out", "out"]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("my,as given,,calls,8819,"), "{out}");
    let broken = config.replace("backoff_base_ms: 200", "backoff_base_ms: -200");
    assert_ne!(broken, config);
    fs::write(folder.0.path().join("config.yaml"), broken).unwrap();
    let (code, _, err) = folder.run(&["check", "config.yaml"]);
    assert!(code == 2 && err.contains("found -200") && err.contains("config.yaml:465"), "{err}");
    let (code, _, err) = folder.run(&["run", "my.toml"]);
    assert!(code == 2 && err.contains("config.yaml:465"), "{err}");
}
