//! What published versions do otherwise when policies are loaded: the gateway's limit, and bad overrides.

use super::*;

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
