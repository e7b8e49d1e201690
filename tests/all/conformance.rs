//! Every body of the plugin answers as the oracle does: on the golden vectors, on random sequences, and
//! from several threads. Bodies with one fault each, defined here, must be caught.

use std::sync::Arc;

use proptest::prelude::*;
use retrylab::base::random::Draws;
use retrylab::base::{Moment, Span};
use retrylab::bench::conform::{answers, conform};
use retrylab::bench::vectors::{Answer, cases};
use retrylab::plugin::{
    CallKey, Content, Decision, Jitter, Plugin, Policy, PolicySet, Reply, Seen, Status, StatusSet,
    Structured,
};
use retrylab::variants::{Deviations, Variant, all, find};

const GOLDEN: &str = include_str!("../data/vectors.jsonl");

#[test]
fn every_variant_answers_every_golden_vector() {
    let cases = cases(GOLDEN).unwrap();
    assert_eq!(cases.len(), 400);
    for variant in all() {
        let found = conform(variant, &cases);
        assert_eq!(found.compared, 400);
        if let Some(first) = found.first {
            panic!("{}: {first}", variant.name);
        }
    }
}

/// `sharded` with policies that are not those that were given.
fn mutant(change: fn(&mut Policy), policies: PolicySet, draws: Draws) -> Arc<dyn Plugin> {
    let mut policies = policies;
    change(&mut policies.base);
    policies.overrides.values_mut().for_each(change);
    (find("sharded").unwrap().make)(policies, draws)
}

#[test]
fn bodies_with_one_fault_are_caught_by_the_golden_vectors() {
    let cases = cases(GOLDEN).unwrap();
    let mutants: [Variant; 4] = [
        Variant {
            name: "one-retry-too-many",
            summary: "",
            deviations: Deviations::NONE,
            make: |p, d| mutant(|policy| policy.max_retries += 1, p, d),
        },
        Variant {
            name: "twice-the-base",
            summary: "",
            deviations: Deviations::NONE,
            make: |p, d| mutant(|policy| policy.backoff_base = policy.backoff_base.times(2), p, d),
        },
        Variant {
            name: "no-429",
            summary: "",
            deviations: Deviations::NONE,
            make: |p, d| {
                mutant(
                    |policy| {
                        let kept = policy.retry_on_status.iter().filter(|s| *s != 429);
                        policy.retry_on_status = StatusSet::of(kept.collect::<Vec<_>>());
                    },
                    p,
                    d,
                )
            },
        },
        Variant {
            name: "reads-all-text",
            summary: "",
            deviations: Deviations::NONE,
            make: |p, d| mutant(|policy| policy.check_text_content = true, p, d),
        },
    ];
    for mutant in &mutants {
        let found = conform(mutant, &cases);
        let first = found.first.unwrap_or_else(|| panic!("{} is not caught", mutant.name));
        assert_ne!(first.expected, first.found);
        assert!(first.to_string().contains("expected"), "{first}");
    }
}

#[test]
fn a_vector_that_names_a_variant_counts_for_it_alone() {
    let line = r#"{"id": 1, "policy": {"jitter": false}, "steps": [{"tool": "a", "request": "r", "result": {"isError": true}}], "expect": {"reference": [200], "sharded": [7]}}"#;
    let cases = cases(line).unwrap();
    assert_eq!(answers(find("sharded").unwrap(), &cases[0]), [Answer::Delay(200)]);
    assert_eq!(conform(find("reference").unwrap(), &cases).different, 0);
    let sharded = conform(find("sharded").unwrap(), &cases);
    assert_eq!((sharded.compared, sharded.different), (1, 1));
}

#[test]
fn a_vector_that_does_not_name_a_deviating_variant_is_answered_by_its_model() {
    // True is no status by the rules; by the published versions it is one, and not one to retry.
    let line = r#"{"id": 1, "policy": {"jitter": false}, "steps": [{"tool": "a", "request": "r", "result": {"isError": true, "structuredContent": {"status_code": true}}}], "expect": {"reference": [200]}}"#;
    let cases = cases(line).unwrap();
    for (name, delay) in [("reference", 200), ("sharded", 200), ("seed", 0), ("upstream", 0)] {
        let variant = find(name).unwrap();
        assert_eq!(answers(variant, &cases[0]), [Answer::Delay(delay)], "{name}");
        let found = conform(variant, &cases);
        assert_eq!((found.compared, found.different), (1, 0), "{name}");
    }
    // The right detectors are wrong for a body that declares others.
    let named = Variant { make: find("sharded").unwrap().make, ..*find("seed").unwrap() };
    let found = conform(&named, &cases).first.unwrap();
    assert_eq!((found.expected, found.found), (Answer::Delay(0), Answer::Delay(200)));
}

#[test]
fn lines_that_are_no_vectors_are_named() {
    for (line, word) in [
        ("{", "column 1: EOF"),
        ("{}", "missing field"),
        (
            r#"{"policy": {}, "steps": [], "expect": {"seed": [1]}}"#,
            "expect.seed: found 1 answers: must be 0",
        ),
        (
            r#"{"policy": {}, "steps": [{"tool": "a", "request": "r", "result": 1}], "expect": {"seed": [-1]}}"#,
            "whole milliseconds",
        ),
    ] {
        let broken = cases(&format!("\n{line}\n")).unwrap_err();
        assert!(broken.line == 2 && broken.what.contains(word), "{broken}");
    }
}

fn policy() -> impl Strategy<Value = Policy> {
    let jitter = prop_oneof![
        Just(Jitter::None),
        Just(Jitter::Full),
        Just(Jitter::Equal),
        Just(Jitter::Decorrelated)
    ];
    let waits = (0..5_u64, 0..3_u64, 0..2000_u64, 0..9000_u64);
    (waits, jitter, proptest::collection::vec(400..600_u16, 0..4), any::<bool>()).prop_map(
        |((retries, scale, base, more), jitter, statuses, text)| Policy {
            max_retries: retries as u32,
            backoff_base: Span::from_millis(base >> (scale * 4)),
            max_backoff: Span::from_millis((base >> (scale * 4)) + more),
            retry_on_status: StatusSet::of(statuses),
            jitter,
            check_text_content: text,
        },
    )
}

fn status() -> impl Strategy<Value = Status> {
    prop_oneof![Just(Status::Absent), (395..605_i64).prop_map(Status::Integer)]
}

fn reply() -> impl Strategy<Value = Reply> {
    let structured = prop_oneof![
        Just(Structured::Absent),
        Just(Structured::Opaque),
        (any::<bool>(), status())
            .prop_map(|(is_error, status)| Structured::Object { is_error, status }),
    ];
    let text = (395..605_u16).prop_map(|s| format!("{{\"status_code\": {s}}}").into_bytes());
    let content = prop_oneof![
        Just(Content::Absent),
        text.prop_map(|text| Content::Items(vec![retrylab::plugin::Item::Text(text.into())])),
    ];
    (any::<bool>(), structured, content).prop_map(|(is_error, structured, content)| Reply {
        is_error,
        structured,
        content,
    })
}

/// What happens next: to which tool and request, after how long, and what.
#[derive(Clone, Debug)]
enum Happening {
    Reply(Reply),
    TimedOut,
    Raised(Status),
    Forget,
}

fn happenings() -> impl Strategy<Value = Vec<(usize, usize, Span, Happening)>> {
    let what = prop_oneof![
        6 => reply().prop_map(Happening::Reply),
        2 => Just(Happening::TimedOut),
        2 => status().prop_map(Happening::Raised),
        1 => Just(Happening::Forget),
    ];
    // Mostly within a second, now and then long enough that entries become orphans.
    let pause = prop_oneof![9 => 0..1_000_000_000_u64, 1 => 0..600_000_000_000_u64];
    let one = (0..3_usize, 0..4_usize, pause.prop_map(Span::from_nanos), what);
    proptest::collection::vec(one, 1..60)
}

const TOOLS: [&str; 3] = ["alpha", "beta", "al"];
const REQUESTS: [&str; 4] = ["r1", "r2", "pha:r1", ""];

fn ask(plugin: &dyn Plugin, call: CallKey<'_>, what: &Happening, now: Moment) -> Option<Decision> {
    let seen = match what {
        Happening::Reply(reply) => Seen::Result(reply),
        Happening::TimedOut => Seen::TimedOut,
        Happening::Raised(status) => Seen::Exception(*status),
        Happening::Forget => {
            plugin.forget(&call, now);
            return None;
        }
    };
    Some(plugin.tool_post_invoke(&call, seen, now).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Decisions to the nanosecond, under any policies, overrides, replies and pauses.
    #[test]
    fn every_body_decides_as_the_oracle(
        base in policy(), own in policy(), seed in any::<u64>(), steps in happenings()
    ) {
        let overrides = [("beta".to_owned(), own)].into_iter().collect();
        let policies = PolicySet { base, overrides, ..PolicySet::default() };
        let draws = Draws::new(seed, 0);
        for variant in all() {
            let oracle = variant.oracle(policies.clone(), draws);
            let plugin = (variant.make)(policies.clone(), draws);
            let mut now = Moment::START;
            for (tool, request, pause, what) in &steps {
                now = now + *pause;
                let call = CallKey { tool: TOOLS[*tool], request: REQUESTS[*request] };
                let (found, expected) =
                    (ask(&*plugin, call, what, now), ask(&*oracle, call, what, now));
                prop_assert_eq!(found, expected, "{} at {:?}", variant.name, call);
            }
        }
    }
}

#[test]
fn eight_threads_get_the_decisions_that_each_would_get_alone() {
    let policies =
        PolicySet { base: Policy { max_retries: 5, ..Policy::default() }, ..PolicySet::default() };
    let draws = Draws::new(3, 0);
    let failing = Reply { is_error: true, ..Reply::default() };
    for variant in all() {
        let shared = (variant.make)(policies.clone(), draws);
        let alone = |worker: u64, plugin: &dyn Plugin| -> Vec<Decision> {
            let tool = format!("tool-{worker}");
            let mut decisions = Vec::new();
            for i in 0..2000_u64 {
                // Five calls at once, each failing until it is given up.
                let request = format!("{}", i % 5 + i / 30 * 5);
                let call = CallKey { tool: &tool, request: &request };
                let now = Moment::START + Span::from_millis(i);
                decisions
                    .push(plugin.tool_post_invoke(&call, Seen::Result(&failing), now).unwrap());
            }
            (0..2000).for_each(|i| {
                plugin.forget(&CallKey { tool: &tool, request: &i.to_string() }, Moment::START);
            });
            decisions
        };
        let together: Vec<Vec<Decision>> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..8)
                .map(|w| (w, Arc::clone(&shared)))
                .map(|(w, p)| scope.spawn(move || alone(w, &*p)))
                .collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).collect()
        });
        for (worker, decisions) in (0..).zip(together) {
            let expected = alone(worker, &*(variant.make)(policies.clone(), draws));
            assert!(decisions == expected, "{}: worker {worker}", variant.name);
        }
        assert_eq!(shared.live_entries(), 0, "{}", variant.name);
    }
}
