//! Policies: their rules, and the way from a real gateway's configuration.

use std::collections::BTreeMap;

use retrylab::base::Span;
use retrylab::base::tree::Value;
use retrylab::plugin::{Jitter, Policy, PolicySet, StatusSet, read};
use retrylab::scenario::{contextforge, toml, yaml};

use super::lines;

fn policy(text: &str) -> Result<(PolicySet, Vec<String>), String> {
    let mut warnings = Vec::new();
    read::read(&toml::parse(text).unwrap(), "policy", &mut warnings)
        .map(|set| (set, warnings))
        .map_err(|faults| lines(text, &faults))
}

fn no_env() -> BTreeMap<String, String> {
    BTreeMap::new()
}

fn config_faults(text: &str) -> String {
    lines(text, &contextforge::policy(text, &no_env()).unwrap_err())
}

#[test]
fn nothing_written_is_the_default() {
    assert_eq!(policy("").unwrap(), (PolicySet::default(), vec![]));
}

#[test]
fn overrides_are_merged_with_the_base_once() {
    let text = "max_retries = 3\njitter = false\n[tool_overrides]\n\
                search = { backoff_base_ms = 50, jitter = \"decorrelated\" }\nidle = {}";
    let (set, warnings) = policy(text).unwrap();
    let base = Policy { max_retries: 3, jitter: Jitter::None, ..Policy::default() };
    let search = Policy {
        backoff_base: Span::from_millis(50),
        jitter: Jitter::Decorrelated,
        ..base.clone()
    };
    assert_eq!((set.of("search"), set.of("idle"), set.of("other")), (&search, &base, &base));
    assert!(warnings.is_empty());
}

#[test]
fn merged_overrides_obey_the_rules_of_the_base() {
    insta::assert_snapshot!(policy(
        "max_backoff_ms = 1000\n[tool_overrides]\na = { backoff_base_ms = 1001 }\n\
         b = { max_backoff_ms = 199 }\nc = { backoff_base_ms = 2000, max_backoff_ms = 2000 }"
    ).unwrap_err(), @"
    line 3: policy.tool_overrides.a.backoff_base_ms: found 1001: must be at most max_backoff_ms, here 1000
    line 4: policy.tool_overrides.b.max_backoff_ms: found 199: must be at least backoff_base_ms, here 200
    ");
}

#[test]
fn a_fault_of_the_base_is_not_said_again_of_its_overrides() {
    insta::assert_snapshot!(policy(
        "max_backoff_ms = 100\n[tool_overrides]\na = { backoff_base_ms = 300 }"
    ).unwrap_err(), @"line 1: policy.max_backoff_ms: found 100: must be at least backoff_base_ms, here 200");
}

#[test]
fn what_published_versions_refuse_is_a_warning() {
    let (_, warnings) = policy("max_retries = 11\nbackoff_base_ms = 0").unwrap();
    insta::assert_snapshot!(warnings.join("\n"), @"
    policy.max_retries = 11: published versions from 0.3.2 on refuse more than 10
    policy.backoff_base_ms = 0 retries at once: published versions refuse it
    ");
}

#[test]
fn a_clamp_is_one_warning_for_each_policy() {
    let text =
        "max_retries = 5\n[tool_overrides]\na = { max_retries = 1 }\n\"b.c\" = { jitter = true }";
    let (mut set, mut warnings) = policy(text).unwrap();
    set.clamp(3, &mut warnings);
    assert_eq!(
        [set.base.max_retries, set.of("a").max_retries, set.of("b.c").max_retries],
        [3, 1, 3]
    );
    insta::assert_snapshot!(warnings.join("\n"), @r#"
    max_retries = 5 is clamped to 3, the gateway's max_tool_retries
    tool_overrides."b.c".max_retries = 5 is clamped to 3, the gateway's max_tool_retries
    "#);
}

/// A configuration of one's own, with what Jinja2 and YAML 1.1 allow.
const CONFIG: &str = r#"
defaults: &defaults
  jitter: off
  max_retries: 0_3
plugins:
  - name: Other
    kind: other.Plugin
    config: { url: '{{ env.URL | default("http://a/b?c&d") }}', note: "{{ env.get('NOTE', 'none') }}" }
  - name: Ours
    kind: plugins.retry_with_backoff.retry_with_backoff.RetryWithBackoffPlugin
    mode: sequential
    config:
      <<: *defaults
      backoff_base_ms: {{ env.BASE | default(100) | int }}
      max_backoff_ms: 0x400
      check_text_content: {{ env.TEXT == "1" }}
      retry_on_status: [429, 503]
{% if env.OVERRIDES %}
      tool_overrides:
        search: { jitter: Yes }
{% endif %}
"#;

#[test]
fn a_template_is_rendered_over_the_environment_and_read_as_pyyaml_reads_it() {
    let env = [("TEXT", "1"), ("OVERRIDES", "1"), ("BASE", "junk")];
    let env = env.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
    let (set, found) = contextforge::policy(CONFIG, &env).unwrap();
    let base = Policy {
        max_retries: 3,
        backoff_base: Span::ZERO,
        max_backoff: Span::from_millis(1024),
        retry_on_status: StatusSet::of([429, 503]),
        jitter: Jitter::None,
        check_text_content: true,
    };
    assert_eq!(set.base, base);
    assert_eq!(set.overrides["search"], Policy { jitter: Jitter::Full, ..base });
    let found: Vec<&str> = found.iter().map(|finding| finding.rule).collect();
    assert_eq!(found, ["published-refuses", "jitter-off", "text-status-as-data"]);
    let (set, _) = contextforge::policy(CONFIG, &no_env()).unwrap();
    assert_eq!(set.base.backoff_base, Span::from_millis(100));
    assert!(!set.base.check_text_content && set.overrides.is_empty());
}

#[test]
fn configurations_without_exactly_one_policy_say_so() {
    let ours = "  - name: RetryWithBackoffPlugin\n    config: {}\n";
    insta::assert_snapshot!([
        config_faults(""),
        config_faults("plugins: {}"),
        config_faults("plugins:\n  - name: Other\n"),
        config_faults(&format!("plugins:\n{ours}{ours}")),
        config_faults("plugins:\n  - name: RetryWithBackoffPlugin\n    config: [1]\n"),
    ].concat(), @r#"
    line 1: plugins: found nothing: must be a list: the gateway's plugins (is this the gateway's plugins/config.yaml?)
    line 1: plugins: found a table of nothing: must be a list: the gateway's plugins
    line 2: plugins: found none of this kind among 1: one must be of kind "cpex_retry_with_backoff.RetryWithBackoffPlugin" or have the name "RetryWithBackoffPlugin"
    line 4: plugins: found plugins[0], plugins[1]: only one entry may retry, for each counts failures by itself
    line 3: plugins[0].config: found [1]: must be a table of policy fields
    "#);
}

#[test]
fn broken_templates_and_broken_yaml_name_their_line() {
    insta::assert_snapshot!([
        config_faults("a: 1\nb: {{ env.X | default( }}\n"),
        config_faults("a: 1\nb: {% if env.X %}\n"),
        config_faults("a: 1\nb: {{ 1 | nofilter }}\n"),
        config_faults("a: 1\nb: [1, 2\nc: 3\n"),
        config_faults("a: *nothing\n"),
    ].concat(), @"
    line 2: template: found `b: {{ env.X | default( }}`: is not a Jinja2 template: unexpected `}`
    line 2: template: found `b: {% if env.X %}`: is not a Jinja2 template: unexpected end of input, expected end of block
    line 2: template: found `b: {{ 1 | nofilter }}`: is not a Jinja2 template: filter nofilter is unknown
    line 3: syntax: found `c: 3`: is not YAML: illegal placement of ':' indicator
    line 1: syntax: found `a: *nothing`: is not YAML: while parsing node, found unknown anchor
    ");
}

#[test]
fn plain_yaml_scalars_are_those_of_yaml_1_1() {
    let value = |text: &str| yaml::parse(text).unwrap().value;
    let text = |text: &str| Value::Text(text.to_owned());
    for (written, read) in [
        ("Yes", Value::Bool(true)),
        ("off", Value::Bool(false)),
        ("y", text("y")),
        ("~", Value::Null),
        ("'no'", text("no")),
        ("0777", Value::Int(511)),
        ("0o17", text("0o17")),
        ("0b11", Value::Int(3)),
        ("-0x1F", Value::Int(-31)),
        ("1_000", Value::Int(1000)),
        ("1e3", text("1e3")),
        ("1.5", Value::Float(1.5)),
        ("10.0.0.1", text("10.0.0.1")),
        ("!!str 5", text("5")),
    ] {
        assert_eq!(value(written), read, "{written}");
    }
}

#[test]
fn nested_or_growing_yaml_is_refused() {
    assert!(yaml::parse(&"[".repeat(100_000)).is_err());
    let mut bomb = "a0: &a0 [x]\n".to_owned();
    for i in 1..30 {
        bomb.push_str(&format!("a{i}: &a{i} [*a{0}, *a{0}, *a{0}]\n", i - 1));
    }
    assert!(yaml::parse(&bomb).is_err());
}
