//! A preset in a scenario: what it sets, what is written over it, and where it can stand.

use std::collections::BTreeMap;

use retrylab::base::Span;
use retrylab::plugin::{Jitter, Policy, StatusSet};
use retrylab::scenario::{self, contextforge, presets};

use super::{LEAST, lines, load, plan};

fn of(name: &str) -> Policy {
    presets::find(name).unwrap().policy
}

#[test]
fn a_preset_is_the_policy_of_its_name_and_keys_beside_it_come_before_it() {
    for name in presets::names().into_iter().filter(|name| *name != "tenacity") {
        let plan = plan(&format!("policy = {{ preset = \"{name}\" }}"));
        assert_eq!(plan.columns[0].policies.base, of(name), "{name}");
    }
    let plan = plan("policy = { max_backoff_ms = 9000, preset = \"finagle\", max_retries = 1 }");
    let own = Policy { max_retries: 1, max_backoff: Span::from_millis(9000), ..of("finagle") };
    assert_eq!(plan.columns[0].policies.base, own);
}

#[test]
fn a_preset_without_end_is_clamped_to_the_gateways_limit() {
    let plan = plan("policy = { preset = \"tenacity\" }");
    assert_eq!(plan.columns[0].policies.base, Policy { max_retries: 3, ..of("tenacity") });
    assert!(plan.warnings.iter().any(|w| w.contains("max_retries = 1000 is clamped to 3")));
}

#[test]
fn an_override_has_a_preset_of_its_own() {
    let plan = plan(
        "[policy]\npreset = \"aws-sdk\"\ncheck_text_content = true\n\
         [policy.tool_overrides.search]\npreset = \"urllib3\"\nmax_retries = 2",
    );
    let policies = &plan.columns[0].policies;
    assert_eq!(policies.base, Policy { check_text_content: true, ..of("aws-sdk") });
    let own = Policy { check_text_content: true, max_retries: 2, ..of("urllib3") };
    assert_eq!(policies.overrides["search"], own);
    assert_eq!(own.retry_on_status, StatusSet::EMPTY);
}

#[test]
fn varied_presets_name_their_columns_and_leave_what_is_written() {
    let plan = plan(
        "policy = { max_retries = 3 }\nvary.\"policy.preset\" = [\"plugin\", \"aws-sdk\", \"off\"]",
    );
    let named = |name: &str| Policy { max_retries: 3, ..of(name) };
    let columns = plan.columns.iter().map(|c| (c.name.as_str(), c.policies.base.clone()));
    let expected = [
        ("preset=plugin", named("plugin")),
        ("preset=aws-sdk", named("aws-sdk")),
        ("preset=off", named("off")),
    ];
    assert_eq!(columns.collect::<Vec<_>>(), expected);
}

#[test]
fn a_column_names_another_preset() {
    let plan = plan(
        "[policy]\npreset = \"envoy\"\njitter = \"none\"\n\
         [[columns]]\nname = \"here\"\n[[columns]]\nname = \"there\"\npolicy = { preset = \"grpc\" }",
    );
    let bases: Vec<&Policy> = plan.columns.iter().map(|c| &c.policies.base).collect();
    let plain = |name| Policy { jitter: Jitter::None, ..of(name) };
    assert_eq!(bases, [&plain("envoy"), &plain("grpc")]);
}

#[test]
fn a_preset_comes_before_a_gateways_file_and_does_not_stand_in_one() {
    let config = "plugins:\n- name: RetryWithBackoffPlugin\n  config: { max_retries: 1, check_text_content: true, \
                  tool_overrides: { search: { max_retries: 0 } } }\n";
    let files = |_: &str| Ok(config.to_owned());
    let text = format!(
        "{LEAST}tools = [{{ name = \"search\" }}]\npolicy_from = \"config.yaml\"\npolicy = {{ preset = \"grpc\" }}"
    );
    let plan = scenario::load("test", &text, &files, &BTreeMap::new()).unwrap();
    let policies = &plan.columns[0].policies;
    assert_eq!(policies.base, Policy { check_text_content: true, ..of("grpc") });
    assert_eq!(policies.overrides["search"].max_retries, 0);
    let config = config.replace("max_retries: 1", "preset: envoy");
    let faults = contextforge::policy(&config, &BTreeMap::new()).unwrap_err();
    assert!(lines(&config, &faults).contains("key \"preset\": is not a field of the policy"));
}

#[test]
fn every_preset_that_there_is_not_is_a_fault_of_its_own() {
    let text = format!(
        "{LEAST}tools = [{{ name = \"search\" }}]\nvary.\"policy.preset\" = [\"envoy\", \"evnoy\", \"polly\"]\n"
    );
    insta::assert_snapshot!(lines(&text, &load(&text).unwrap_err()), @r#"
    line 6: policy.preset: found "evnoy": must be the name of a preset (did you mean "envoy"?)
    line 6: policy.preset: found "polly": must be the name of a preset (there are plugin, none, off, aws-sdk, aws-sdk-2026, grpc, envoy, finagle, tenacity, urllib3, backon)
    "#);
}
