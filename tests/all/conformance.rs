//! The golden vectors: what an independent oracle answered, step by step.

use retrylab::base::random::Draws;
use retrylab::base::tree::Node;
use retrylab::base::{Moment, Span};
use retrylab::plugin::{CallKey, Seen, read, wire};
use retrylab::scenario::yaml;
use retrylab::variants::{Variant, all};
use serde_json::Value;

/// What a fresh instance answers to the steps of a case, in whole milliseconds.
fn answers(variant: &Variant, case: &Value) -> Vec<Value> {
    // JSON is YAML.
    let policy: Node = yaml::parse(&case["policy"].to_string()).expect("the policy is JSON");
    let policies = read::read(&policy, "policy", &mut Vec::new()).expect("the policy is valid");
    let plugin = (variant.make)(policies, Draws::new(1, 0));
    let steps = case["steps"].as_array().expect("a case has steps");
    let answer = |(i, step): (usize, &Value)| {
        let name = |key: &str| step[key].as_str().expect("a step has names");
        let reply = wire::reply(&step["result"].to_string()).expect("the result is JSON");
        let call = CallKey { tool: name("tool"), request: name("request") };
        let now = Moment::START + Span::from_millis(i as u64);
        let decision = plugin.tool_post_invoke(call, Seen::Result(&reply), now);
        Value::from(decision.expect("neither variant fails").retry_delay_ms())
    };
    steps.iter().enumerate().map(answer).collect()
}

#[test]
fn every_variant_answers_every_golden_vector() {
    let vectors = include_str!("../data/vectors.jsonl");
    let mut cases = 0;
    for line in vectors.lines() {
        let case: Value = serde_json::from_str(line).expect("each line is a case");
        let expected = case["expect"]["reference"].as_array().expect("a case has answers");
        for variant in all() {
            assert_eq!(&answers(variant, &case), expected, "{}: case {}", variant.name, case["id"]);
        }
        cases += 1;
    }
    assert_eq!(cases, 400);
}
