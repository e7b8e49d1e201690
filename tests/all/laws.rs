//! Laws that every simulation keeps, whatever is simulated.

use proptest::prelude::*;
use retrylab::base::dist::Distribution;
use retrylab::base::random::Draws;
use retrylab::base::{Moment, Span};
use retrylab::gateway::{Gateway, LoopModel};
use retrylab::plugin::{Decision, Jitter, Policy, PolicySet, Reply, Status};
use retrylab::sim::world::{Arrivals, Brought, Capacity, Fault, Load, Signal, Tool, Window, World};
use retrylab::sim::{self, Course, Fate, Observation};
use retrylab::variants::find;
use std::collections::BTreeMap;
use std::sync::Arc;

fn at(ms: u64) -> Moment {
    Moment::START + Span::from_millis(ms)
}

fn failing(brought: Brought) -> Signal {
    Signal { brought, executed: false, success: false }
}

fn flagged() -> Signal {
    failing(Brought::Reply(Arc::new(Reply { is_error: true, ..Reply::default() })))
}

fn tool(name: &str, faults: Vec<Fault>, capacity: Option<Capacity>, loads: Vec<Load>) -> Tool {
    Tool {
        name: name.into(),
        group: name.into(),
        latency: Distribution::Exponential(Span::from_millis(20)),
        capacity,
        optimistic_lock: None,
        faults,
        notices_abandoned: name.len().is_multiple_of(2),
        resource: false,
        idempotent: false,
        loads,
    }
}

fn signals() -> impl Strategy<Value = Signal> {
    prop_oneof![
        Just(flagged()),
        Just(failing(Brought::Exception(Status::Integer(404)))),
        Just(failing(Brought::Exception(Status::Absent))),
        Just(failing(Brought::Hang)),
        Just(failing(Brought::Refusal)),
    ]
}

fn faults() -> impl Strategy<Value = Fault> {
    let window = (0..1500_u64, 1..1500_u64)
        .prop_map(|(from, length)| Window { from: at(from), to: at(from + length) });
    prop_oneof![
        (window.clone(), signals(), any::<bool>()).prop_map(|(window, signal, hold)| {
            Fault::Outage { window, signal, hold, after: Span::from_millis(3) }
        }),
        (0.0..1.0_f64, signals()).prop_map(|(probability, signal)| Fault::Flaky {
            window: None,
            probability,
            signal
        }),
        (window, 1.0..5.0_f64, 0.0..0.5_f64, signals()).prop_map(
            |(window, slowdown, probability, signal)| Fault::Brownout {
                window,
                slowdown,
                probability,
                signal
            }
        ),
        (1.0..200.0_f64, signals()).prop_map(|(rate, signal)| Fault::Throttle {
            rate,
            burst: 5.0,
            signal
        }),
        (0..3_u32, signals()).prop_map(|(count, signal)| Fault::FailFirst { count, signal }),
        signals().prop_map(|signal| Fault::Bursts {
            good: Span::from_millis(300),
            bad: Span::from_millis(100),
            good_probability: 0.01,
            bad_probability: 0.8,
            signal,
        }),
    ]
}

fn loads() -> impl Strategy<Value = Load> {
    let arrivals = prop_oneof![
        (1.0..200.0_f64).prop_map(|rate| Arrivals::Poisson { rate }),
        (1.0..200.0_f64).prop_map(|rate| Arrivals::Constant { rate }),
        (0..1000_u64, 1..50_u64).prop_map(|(ms, calls)| Arrivals::Burst { at: at(ms), calls }),
        (1..5_u64, 0..30_u64).prop_map(|(clients, think)| Arrivals::Closed {
            clients,
            think: Distribution::Fixed(Span::from_millis(think)),
            calls_each: Some(10),
        }),
    ];
    let patience = proptest::option::of(
        (1..3000_u64).prop_map(|ms| Distribution::Exponential(Span::from_millis(ms))),
    );
    (arrivals, patience).prop_map(|(arrivals, patience)| Load {
        arrivals,
        patience,
        window: Window::ALWAYS,
    })
}

prop_compose! {
    fn worlds()(
        faults in proptest::collection::vec(faults(), 0..3),
        loads in proptest::collection::vec(loads(), 1..3),
        capacity in proptest::option::of((1..4_u32, proptest::option::of(0..10_u32))),
        limit in 0..5_u32, timeout in 20..400_u64, deadline in proptest::option::of(1..2000_u64),
        shipped in any::<bool>(),
    ) -> World {
        let capacity = capacity.map(|(servers, queue)| Capacity { servers, queue, when_full: flagged() });
        let gateway = Gateway {
            max_tool_retries: limit,
            attempt_timeout: Span::from_millis(timeout),
            deadline: deadline.map(Span::from_millis),
            loop_model: if shipped { LoopModel::AsShipped } else { LoopModel::Fixed },
        };
        World { tools: vec![tool("search", faults, capacity, loads)], gateway, duration: Span::from_secs(2) }
    }
}

fn policies() -> impl Strategy<Value = Policy> {
    let jitter = prop_oneof![
        Just(Jitter::None),
        Just(Jitter::Full),
        Just(Jitter::Equal),
        Just(Jitter::Decorrelated)
    ];
    (0..5_u32, 0..200_u64, 0..800_u64, jitter).prop_map(|(max_retries, base, more, jitter)| {
        Policy {
            max_retries,
            backoff_base: Span::from_millis(base),
            max_backoff: Span::from_millis(base + more),
            jitter,
            ..Policy::default()
        }
    })
}

type Seen = Vec<(Moment, Observation)>;

/// Runs the tools of a world one after the other against one plugin; gives what was seen of each, and
/// how many calls the plugin still remembers.
fn run(world: &World, policy: &Policy, seed: u64) -> (BTreeMap<String, Seen>, usize) {
    let policies = PolicySet { base: policy.clone(), ..PolicySet::default() };
    let draws = Draws::new(seed, 0);
    let plugin = (find("sharded").unwrap().make)(policies, draws);
    let mut seen = BTreeMap::new();
    for tool in &world.tools {
        let mut observations = Seen::new();
        let course = sim::run(world, tool, &*plugin, &draws, &mut observations);
        assert_eq!(course, Course::Whole);
        seen.insert(tool.name.to_string(), observations);
    }
    (seen, plugin.live_entries())
}

fn count(seen: &Seen, what: impl Fn(&Observation) -> bool) -> usize {
    seen.iter().filter(|(_, o)| what(o)).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_call_ends_once_within_its_limits_and_time_goes_forward(
        world in worlds(), policy in policies(), seed in any::<u64>()
    ) {
        let (seen, left) = run(&world, &policy, seed);
        let seen = &seen["search"];
        prop_assert!(seen.windows(2).all(|pair| pair[0].0 <= pair[1].0), "time goes back");
        let calls = count(seen, |o| matches!(o, Observation::Arrived));
        let ended = count(seen, |o| matches!(o, Observation::Ended(_)));
        prop_assert_eq!(calls, ended, "calls are lost");
        let limit = world.gateway.max_tool_retries;
        let fixed = world.gateway.loop_model == LoopModel::Fixed;
        let mut attempts = 0;
        for (now, what) in seen {
            match what {
                Observation::Attempt { number } => {
                    attempts += 1;
                    if fixed {
                        prop_assert!(*number <= limit.min(policy.max_retries), "attempt {number}");
                    }
                }
                Observation::Decided(Decision::Retry { wait, .. }) => {
                    prop_assert!(*wait <= policy.max_backoff, "a wait of {wait}");
                }
                Observation::Ended(call) => {
                    prop_assert!(call.attempts >= 1 && call.arrived <= *now);
                    if let (Some(deadline), true) = (world.gateway.deadline, fixed) {
                        prop_assert!(now.since(call.arrived) <= deadline, "beyond the deadline");
                    }
                }
                _ => {}
            }
        }
        let of_calls: u32 = seen.iter().filter_map(|(_, o)| match o {
            Observation::Ended(call) => Some(call.attempts),
            _ => None,
        }).sum();
        prop_assert_eq!(attempts, of_calls, "attempts of nobody");
        if fixed {
            prop_assert_eq!(left, 0, "the fixed loop leaves nothing behind");
        } else {
            let cut = count(seen, |o| matches!(o, Observation::Ended(c) if c.fate != Fate::Succeeded));
            prop_assert!(left <= cut, "{left} entries of {cut} calls that did not succeed");
        }
    }

    /// One random stream for each (purpose, entity, index): what another tool does is no one's business.
    #[test]
    fn an_unrelated_tool_changes_nothing(
        world in worlds(), other in worlds(), policy in policies(), seed in any::<u64>()
    ) {
        let alone = run(&world, &policy, seed).0;
        let mut more = world.clone();
        let mut stranger = other.tools[0].clone();
        stranger.name = "another".into();
        more.tools.insert(0, stranger);
        prop_assert!(run(&more, &policy, seed).0["search"] == alone["search"]);
    }

    #[test]
    fn the_oracle_and_the_default_body_make_the_same_history(
        world in worlds(), policy in policies(), seed in any::<u64>()
    ) {
        let history = |variant: &str| {
            let draws = Draws::new(seed, 0);
            let policies = PolicySet { base: policy.clone(), ..PolicySet::default() };
            let plugin = (find(variant).unwrap().make)(policies, draws);
            let mut seen = Seen::new();
            let course = sim::run(&world, &world.tools[0], &*plugin, &draws, &mut seen);
assert_eq!(course, Course::Whole);
            seen
        };
        prop_assert!(history("sharded") == history("reference"));
    }
}
