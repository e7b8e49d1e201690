//! Every declared deviation, pinned: the corner cases row by row for each column, and what the published
//! versions do with waits, keys, orphans and what instances share.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use retrylab::base::random::Draws;
use retrylab::base::{Moment, Span};
use retrylab::bench::conform::conform;
use retrylab::bench::vectors;
use retrylab::plugin::trace::Answer;
use retrylab::plugin::{CallKey, Decision, Jitter, Plugin, Policy, PolicySet, Reply, Seen, wire};
use retrylab::scenario::{self, Plan};
use retrylab::study::{self, Watch, record};
use retrylab::variants::{Deviations, all, find, seed, upstream};

/// What is made of one reply: a retry, no retry, or an error of the hook itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Made {
    Retry,
    Nothing,
    Error,
}
use Made::{Error, Nothing, Retry};

fn policies(text: bool) -> PolicySet {
    let base = Policy { check_text_content: text, jitter: Jitter::None, ..Policy::default() };
    PolicySet { base, ..PolicySet::default() }
}

const CALL: CallKey<'static> = CallKey { tool: "a", request: "r" };

fn made(plugin: &dyn Plugin, reply: &Reply) -> Made {
    match plugin.tool_post_invoke(CALL, Seen::Result(reply), Moment::START) {
        Ok(decision) if decision.retry_delay_ms() > 0 => Retry,
        Ok(_) => Nothing,
        Err(_) => Error,
    }
}

/// Expects of `reference` and `sharded`, of `seed` and of `upstream`, and of their models too.
#[track_caller]
fn row(text: bool, json: &str, [right, seed, upstream]: [Made; 3]) {
    let reply = wire::reply(json).unwrap();
    for (name, expected) in
        [("reference", right), ("sharded", right), ("seed", seed), ("upstream", upstream)]
    {
        let (variant, draws) = (find(name).unwrap(), Draws::new(1, 0));
        let body = (variant.make)(policies(text), draws);
        assert_eq!(made(&*body, &reply), expected, "{name}, text {text}: {json}");
        let model = variant.oracle(policies(text), draws);
        assert_eq!(made(&*model, &reply), expected, "model of {name}, text {text}: {json}");
    }
}

#[track_caller]
fn both(json: &str, expected: [Made; 3]) {
    row(false, json, expected);
    row(true, json, expected);
}

#[track_caller]
fn text_row(text: &str, expected: [Made; 3]) {
    let text = serde_json::to_string(text).unwrap();
    row(true, &format!(r#"{{"content": [{{"type": "text", "text": {text}}}]}}"#), expected);
}

fn flagged(status: &str) -> String {
    format!(r#"{{"isError": true, "structuredContent": {{"status_code": {status}}}}}"#)
}

const RETRY: [Made; 3] = [Retry; 3];
const NOTHING: [Made; 3] = [Nothing; 3];

#[test]
fn the_error_flag_row_by_row() {
    both(r#"{"isError": true}"#, RETRY);
    both(r#"{"isError": true, "status_code": 404}"#, RETRY);
    for odd in ["1", "\"true\"", "null"] {
        both(&format!(r#"{{"isError": {odd}}}"#), NOTHING);
    }
    for odd in [r#"{"is_error": true}"#, "{}", "[]", "\"isError\"", "null"] {
        both(odd, NOTHING);
    }
    both(&flagged("503"), RETRY);
    for none in ["\"404\"", "404.0", "null", "[404]"] {
        both(&flagged(none), RETRY);
    }
    for not_listed in ["404", "-1"] {
        both(&flagged(not_listed), NOTHING);
    }
    for boolean in ["true", "false"] {
        both(&flagged(boolean), [Retry, Nothing, Nothing]);
    }
    for beyond in ["2147483648", "1099511627776", "99999999999999999999999"] {
        row(false, &flagged(beyond), [Nothing, Error, Retry]);
        row(true, &flagged(beyond), [Nothing, Nothing, Retry]);
    }
}

#[test]
fn structured_content_row_by_row() {
    let with = |fields: &str| format!(r#"{{"structuredContent": {{{fields}}}}}"#);
    both(&with(r#""status_code": 503"#), RETRY);
    for no in ["\"503\"", "503.0", "true", "404"] {
        both(&with(&format!("\"status_code\": {no}")), NOTHING);
    }
    both(&with(r#""isError": true"#), RETRY);
    both(&with(r#""isError": 1"#), NOTHING);
    // The first version's Python path, which text checks bring back, retries it; its extension does not.
    let both_said = with(r#""isError": true, "status_code": 404"#);
    row(false, &both_said, [Retry, Nothing, Retry]);
    row(true, &both_said, RETRY);
    row(false, &with(r#""status_code": 1099511627776"#), [Nothing, Error, Nothing]);
}

#[test]
fn text_row_by_row() {
    text_row(r#"{"isError": true}"#, RETRY);
    text_row(r#"{"isError": true, "status_code": 404}"#, RETRY);
    text_row(r#"{"status_code": 503}"#, RETRY);
    text_row(r#"{"status_code": 4294967799}"#, [Nothing, Nothing, Retry]);
    text_row(r#"{"status_code": 503, "x": NaN}"#, [Nothing, Retry, Nothing]);
    text_row(r#"{"status_code": 503, "x": -Infinity}"#, [Nothing, Retry, Nothing]);
    text_row(r#"{"status_code": 503, "x": "\ud800"}"#, [Retry, Retry, Nothing]);
    text_row(r#"{"status_code": 503, "x": 1e400}"#, [Retry, Retry, Nothing]);
    let nested = format!(r#"{{"x": {}{}, "status_code": 503}}"#, "[".repeat(200), "]".repeat(200));
    text_row(&nested, [Retry, Retry, Nothing]);
    text_row(r#"{"status_code": 404, "status_code": 503}"#, RETRY);
    text_row(r#"{"status_code": 503, "status_code": 404}"#, NOTHING);
    for no in ["503.0", "\"503\"", "true"] {
        text_row(&format!(r#"{{"status_code": {no}}}"#), NOTHING);
    }
    text_row(r#"[{"isError": true}]"#, NOTHING);
    let failing = r#""text": "{\"status_code\": 503}""#;
    row(true, &format!(r#"{{"content": [{{"type": "image", {failing}}}]}}"#), NOTHING);
    row(true, &format!(r#"{{"content": [{{{failing}}}]}}"#), NOTHING);
    let object =
        format!(r#"{{"structuredContent": {{}}, "content": [{{"type": "text", {failing}}}]}}"#);
    row(true, &object, NOTHING);
    row(true, r#"{"content": null}"#, [Nothing, Error, Nothing]);
    row(false, r#"{"content": null}"#, NOTHING);
}

#[test]
fn published_variants_lose_the_retries_that_draw_no_wait() {
    let base = Policy { backoff_base: Span::from_millis(1), ..Policy::default() };
    let set = PolicySet { base, ..PolicySet::default() };
    let failing = wire::reply(r#"{"isError": true}"#).unwrap();
    for (name, share) in [("reference", 0.0), ("sharded", 0.0), ("seed", 0.5), ("upstream", 0.5)] {
        let plugin = (find(name).unwrap().make)(set.clone(), Draws::new(1, 0));
        let lost = (0..4000).filter(|i: &i32| {
            let request = i.to_string();
            let call = CallKey { tool: "a", request: &request };
            let seen = Seen::Result(&failing);
            let decision = plugin.tool_post_invoke(call, seen, Moment::START).unwrap();
            matches!(decision, Decision::LostRetry { .. })
        });
        // Four standard errors of a share of a half.
        assert!((lost.count() as f64 / 4000.0 - share).abs() <= 4.0 * 0.5 / 4000_f64.sqrt());
    }
}

/// The retry that a second failure is granted, after a first one of another call and some time.
fn second(plugin: &dyn Plugin, first: CallKey<'_>, then: CallKey<'_>, pause: Span) -> u32 {
    let ask = |call, now| plugin.tool_post_invoke(call, Seen::TimedOut, now).unwrap();
    let start = Moment::START + Span::from_secs(60);
    ask(first, start);
    match ask(then, start + pause) {
        Decision::Retry { retry, .. } => retry,
        other => panic!("{other:?}"),
    }
}

#[test]
fn published_variants_mix_up_keys_that_are_joined() {
    let (a, b) = (CallKey { tool: "a:b", request: "c" }, CallKey { tool: "a", request: "b:c" });
    for (name, retry) in [("reference", 1), ("sharded", 1), ("seed", 2), ("upstream", 2)] {
        let plugin = (find(name).unwrap().make)(policies(false), Draws::new(1, 0));
        assert_eq!(second(&*plugin, a, b, Span::ZERO), retry, "{name}");
    }
}

#[test]
fn orphans_stay_in_seed_and_go_by_a_scan_in_upstream() {
    for (name, retry) in [("reference", 1), ("sharded", 1), ("seed", 2), ("upstream", 1)] {
        let plugin = (find(name).unwrap().make)(policies(false), Draws::new(1, 0));
        assert_eq!(second(&*plugin, CALL, CALL, Span::from_secs(301)), retry, "{name}");
    }
    // Upstream scanned 20 s before: the orphan still counts.
    let plugin = (find("upstream").unwrap().make)(policies(false), Draws::new(1, 0));
    let (other, at) = (CallKey { tool: "b", request: "r" }, |s| Moment::START + Span::from_secs(s));
    for (call, now, retry) in [(CALL, 60, 1), (other, 345, 1), (CALL, 365, 2)] {
        match plugin.tool_post_invoke(call, Seen::TimedOut, at(now)).unwrap() {
            Decision::Retry { retry: found, .. } => assert_eq!(found, retry),
            decision => panic!("{decision:?}"),
        }
    }
}

#[test]
fn instances_of_a_process_share_what_is_declared_and_processes_share_nothing() {
    let draws = Draws::new(1, 0);
    let ask = |plugin: &dyn Plugin, seconds| {
        let now = Moment::START + Span::from_secs(seconds);
        match plugin.tool_post_invoke(CALL, Seen::TimedOut, now).unwrap() {
            Decision::Retry { retry, .. } => retry,
            decision => panic!("{decision:?}"),
        }
    };
    let process = seed::Process::default();
    let [one, two] = [(); 2].map(|()| seed::Seed::within(&process, policies(false), draws));
    assert_eq!((ask(&one, 0), ask(&two, 0)), (1, 2), "one map for both");
    let elsewhere = seed::Seed::within(&seed::Process::default(), policies(false), draws);
    assert_eq!(ask(&elsewhere, 0), 1);
    // The scan of one instance of upstream puts off that of the other, which then takes an orphan for alive.
    let process = upstream::Process::default();
    let [one, two] = [(); 2].map(|()| upstream::Upstream::within(&process, policies(false), draws));
    assert_eq!((ask(&one, 0), ask(&two, 340), ask(&one, 360)), (1, 1, 2));
    let alone = upstream::Upstream::within(&upstream::Process::default(), policies(false), draws);
    assert_eq!((ask(&alone, 0), ask(&alone, 360)), (1, 1));
}

/// A tool that always fails, behind a gateway that allows three retries; the policy asks for five.
fn beyond_the_limit(variant: &str, policy: &str) -> Result<Plan, String> {
    let text = format!(
        r#"question = "?"
duration = "1s"
variant = {variant:?}
tools = [
  {{ name = "a", count = 2, faults = [{{ flaky = {{ probability = "100%" }} }}] }},
  {{ name = "b", faults = [{{ flaky = {{ probability = "100%" }} }}] }},
]
[[load]]
tool = "a"
arrivals = {{ burst = {{ calls = 1 }} }}
[[load]]
tool = "b"
arrivals = {{ burst = {{ calls = 1 }} }}
[gateway]
max_tool_retries = 3
[policy]
max_retries = 5
jitter = "none"
{policy}"#
    );
    let none = |file: &str| Err(format!("{file}: none"));
    scenario::load("limit", &text, &none, &BTreeMap::new())
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// What the plugin answers to a tool's failures in turn, and the model with it.
fn answers(plan: &Plan, tool: &str) -> Vec<Answer> {
    let variant = find(&plan.columns[0].variant).unwrap();
    let trace = record::record(plan, 0, 1000, find).unwrap();
    let body = (variant.make)(trace.policies.clone(), trace.draws);
    let model = variant.oracle(trace.policies.clone(), trace.draws);
    let mut answers = Vec::new();
    for step in &trace.steps {
        let answer = step.ask(&*body);
        assert_eq!(answer, step.ask(&*model), "model of {}, {step}", variant.name);
        if &*step.tool == tool {
            answers.push(answer);
        }
    }
    answers
}

#[test]
fn upstream_leaves_the_limit_to_the_gateway_and_the_others_apply_it() {
    for (name, applied) in
        [("reference", true), ("sharded", true), ("seed", true), ("upstream", false)]
    {
        let plan = beyond_the_limit(name, "tool_overrides = { b = { max_retries = 4 } }").unwrap();
        let policies = &plan.columns[0].policies;
        let (base, own) = (policies.base.max_retries, policies.of("b").max_retries);
        assert_eq!((base, own), if applied { (3, 3) } else { (5, 4) }, "{name}");
        assert_eq!(plan.warnings.iter().any(|w| w.contains("clamped")), applied, "{name}");
        // Either way the tool is asked four times. The fourth failure is granted a retry that the gateway
        // does not make: it tells the plugin to forget the call.
        for tool in ["a-00", "b"] {
            let answers = answers(&plan, tool);
            let retries =
                answers.iter().filter(|a| matches!(a, Answer::Decided(Decision::Retry { .. })));
            assert_eq!(retries.count(), if applied { 3 } else { 4 }, "{name}: {answers:?}");
            assert_eq!(answers.contains(&Answer::Forgot), !applied, "{name}: {answers:?}");
        }
    }
}

#[test]
fn upstream_finds_a_bad_override_when_its_tool_is_called_and_the_others_when_it_is_loaded() {
    let bad = "tool_overrides = { a = { max_retries = -1 }, b = { max_retries = 1 } }";
    let fault = "policy.tool_overrides.a.max_retries: found -1: must be an integer from 0 to 1000";
    for name in ["reference", "sharded", "seed"] {
        let faults = beyond_the_limit(name, bad).unwrap_err();
        assert!(faults.contains(fault), "{name}: {faults}");
    }
    let plan = beyond_the_limit("upstream", bad).unwrap();
    assert!(plan.warnings.iter().any(|w| w.contains(fault) && w.contains("will fail")));
    // The override is one for each instance of the tool. A call ends with the first error.
    for tool in ["a-00", "a-01"] {
        assert_eq!(answers(&plan, tool), [Answer::Raised, Answer::Forgot]);
    }
    assert!(matches!(answers(&plan, "b")[..], [Answer::Decided(_), Answer::Decided(_)]));
    let watch = Watch { stop: &AtomicBool::new(false), advanced: &|_| {} };
    let study = study::run(&plan, &watch);
    let mean = |metric: &str| study.columns[0].metrics[metric].as_ref().unwrap().mean;
    assert_eq!((mean("calls"), mean("attempts"), mean("exhausted")), (3.0, 4.0, 3.0));
    // A fault of the base is one for all.
    let base = beyond_the_limit("upstream", "max_backoff_ms = -1").unwrap_err();
    assert!(base.contains("max_backoff_ms"), "{base}");
}

#[test]
fn a_vector_with_a_bad_override_is_read_by_each_variant_in_its_own_way() {
    let line = r#"{"id": 1, "policy": {"jitter": false, "tool_overrides": {"a": {"retries": 1}}}, "steps": [{"tool": "a", "request": "r", "result": {"isError": true}}, {"tool": "b", "request": "r", "result": {"isError": true}}], "expect": {"upstream": ["error", 200], "reference": ["error", "error"]}}"#;
    let cases = vectors::cases(line).unwrap();
    for variant in all() {
        let found = conform(variant, &cases);
        assert_eq!((found.compared, found.different), (1, 0), "{}", variant.name);
    }
}

#[test]
fn what_is_not_published_declares_nothing() {
    let deviating = all().iter().filter(|v| v.deviations != Deviations::NONE).map(|v| v.name);
    assert_eq!(deviating.collect::<Vec<_>>(), ["seed", "upstream"]);
    assert_eq!(find("seed").unwrap().deviations.declared().len(), 5);
    assert_eq!(find("upstream").unwrap().deviations.declared().len(), 7);
    assert!(Deviations::NONE.declared().is_empty());
}
