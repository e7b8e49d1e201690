//! The deadline audit: what it works out from a configuration is what the simulator finds with a tool that
//! never answers.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use proptest::prelude::*;

use retrylab::base::Span;
use retrylab::gateway::Worst;
use retrylab::plugin::Jitter;
use retrylab::scenario::{self, Plan};
use retrylab::study::{self, Watch};

/// Calls to a tool that never answers.
fn plan(calls: u64, more: &str) -> Plan {
    let text = format!(
        "question = \"?\"\nduration = \"1s\"\nseed = 7\n\
         tools = [{{ name = \"dead\", faults = [{{ flaky = {{ probability = 1, signal = \"timeout\" }} }}] }}]\n\
         load = [{{ tool = \"dead\", arrivals = {{ burst = {{ calls = {calls} }} }} }}]\n\
         expect.latency_ms_max = \"> 0\"\n{more}\n"
    );
    let no_files = |name: &str| Err(format!("there is no {name}"));
    scenario::load("audit", &text, &no_files, &BTreeMap::new()).unwrap()
}

/// What the audit says, and what the longest call of a run takes.
fn said_and_seen(plan: &Plan) -> (Span, Span) {
    let stop = AtomicBool::new(false);
    let study = study::run(plan, &Watch { stop: &stop, advanced: &|_| () });
    let seen = study::value(&study, &plan.expectations[0]).unwrap();
    let column = &plan.columns[0];
    let said = Worst::of(&column.written.base, &column.world.gateway).total;
    (said, Span::from_nanos_f64(seen * 1e6))
}

/// Within what a mean of floating-point milliseconds loses.
fn equal(a: Span, b: Span) -> bool {
    (a.as_secs_f64() - b.as_secs_f64()).abs() <= 1e-9 * a.as_secs_f64().max(1.0)
}

#[test]
fn a_tool_that_never_answers_takes_180_6_s_under_the_default_policy() {
    for gateway in ["fixed", "as-shipped"] {
        let plan = plan(1, &format!("policy.jitter = false\ngateway.loop = \"{gateway}\""));
        let (said, seen) = said_and_seen(&plan);
        assert_eq!(said, Span::from_millis(180_600), "{gateway}");
        assert!(equal(said, seen), "{gateway}: {said} and {seen}");
    }
}

#[test]
fn a_deadline_within_an_attempt_is_the_end() {
    let (said, seen) = said_and_seen(&plan(1, "policy.jitter = false\ngateway.deadline = \"90s\""));
    assert_eq!(said, Span::from_secs(90));
    assert!(equal(said, seen), "{seen}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_call_takes_longer_than_the_audit_says_and_without_jitter_it_takes_just_that(
        retries in 0u32..8,
        limit in 0u32..6,
        base in 1u64..3000,
        more in prop_oneof![Just(0u64), 1u64..20_000],
        timeout_ms in 1u64..90_000,
        deadline_ms in proptest::option::of(1u64..200_000),
        shipped: bool,
    ) {
        for jitter in ["none", "full", "equal", "decorrelated"] {
            let cap = base + more;
            let gateway = if shipped { "as-shipped" } else { "fixed" };
            let deadline = deadline_ms.map_or("none".into(), |ms| format!("{ms}ms"));
            let plan = plan(30, &format!(
                "policy = {{ max_retries = {retries}, backoff_base_ms = {base}, max_backoff_ms = {cap}, \
                 jitter = \"{jitter}\" }}\n\
                 gateway = {{ max_tool_retries = {limit}, attempt_timeout = \"{timeout_ms}ms\", \
                 deadline = \"{deadline}\", loop = \"{gateway}\" }}"
            ));
            let (said, seen) = said_and_seen(&plan);
            prop_assert!(seen <= said || equal(said, seen), "{jitter}: {seen} is over {said}");
            if plan.columns[0].written.base.jitter == Jitter::None && deadline_ms.is_none() {
                prop_assert!(equal(said, seen), "{seen} is not {said}");
            }
        }
    }
}
