//! Bodies and loops with one changed line, through the gate with the committed thresholds.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use retrylab::base::random::Draws;
use retrylab::base::{Moment, Span};
use retrylab::bench::vectors::{Case, cases};
use retrylab::plugin::{
    CallKey, Decision, HookError, Plugin, Policy, PolicySet, Reply, Seen, Structured,
};
use retrylab::scenario::{self, Plan, shipped};
use retrylab::study::Registry;
use retrylab::study::gate::loops::{self, Row};
use retrylab::study::gate::{
    Baseline, Evidence, Judgement, Material, Rules, Standing, Verdict, decide, gather, rules,
};
use retrylab::variants::{Deviations, Variant, find};

const THRESHOLDS: &str = include_str!("../../../benches/gate.toml");
const GOLDEN: &str = include_str!("../../data/vectors.jsonl");

struct World {
    rules: Rules,
    plans: Vec<Plan>,
    cases: Vec<Case>,
    baseline: Baseline,
}

fn plan(name: &str) -> Plan {
    let shipped = shipped::find(name).unwrap();
    let files = |file: &str| shipped.read(file);
    scenario::load(shipped.name, shipped.text, &files, &BTreeMap::new()).unwrap()
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let rules = rules::read(THRESHOLDS).unwrap();
    let plans: Vec<Plan> = rules.scenarios.iter().map(|rule| plan(&rule.name)).collect();
    let cases = cases(GOLDEN).unwrap();
    let baseline = evidence(&rules, (&plans, &cases), &loops::rows(), find).baseline();
    World { rules, plans, cases, baseline }
});

fn evidence(
    rules: &Rules,
    (plans, cases): (&[Plan], &[Case]),
    loops: &[Row],
    find: Registry,
) -> Evidence {
    let vectors = (GOLDEN, cases);
    gather(rules, &Material { thresholds: THRESHOLDS, plans, vectors, loops, find }).unwrap()
}

fn judged(plans: &[Plan], loops: &[Row], find: Registry) -> Judgement {
    let World { rules, cases, baseline, .. } = &*WORLD;
    decide(Some(baseline), &evidence(rules, (plans, cases), loops, find))
}

/// Where a judgement finds a regression, by the kind and what is within it.
fn places(judgement: &Judgement) -> Vec<&str> {
    let bad = judgement.findings.iter().filter(|f| f.standing <= Standing::Regression);
    bad.map(|f| f.path.as_str()).collect()
}

fn caught(find: Registry) -> Judgement {
    let judgement = judged(&WORLD.plans, &loops::rows(), find);
    assert_eq!(judgement.verdict, Verdict::Regression);
    judgement
}

#[test]
fn the_same_code_passes_to_the_last_bit() {
    let judgement = judged(&WORLD.plans, &loops::rows(), find);
    assert_eq!(judgement.verdict, Verdict::Pass);
    assert!(judgement.is_the_same());
    assert!(judgement.findings.len() > 150);
}

/// A body that is told something else than was seen, at another time.
struct Told {
    inner: Arc<dyn Plugin>,
    reply: fn(&Reply) -> Reply,
    clock: fn(Moment) -> Moment,
    wait: fn(Span) -> Span,
}

impl Plugin for Told {
    fn name(&self) -> &'static str {
        self.inner.name()
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        let now = (self.clock)(now);
        let decision = match seen {
            Seen::Result(reply) => {
                self.inner.tool_post_invoke(call, Seen::Result(&(self.reply)(reply)), now)
            }
            other => self.inner.tool_post_invoke(call, other, now),
        }?;
        Ok(match decision {
            Decision::Retry { wait, retry, reason, total_wait } => {
                Decision::Retry { wait: (self.wait)(wait), retry, reason, total_wait }
            }
            other => other,
        })
    }
    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        self.inner.forget(call, (self.clock)(now));
    }
    crate::forward::the_rest_is_of!(inner);
}

fn told(
    (policies, draws): (PolicySet, Draws),
    reply: fn(&Reply) -> Reply,
    clock: fn(Moment) -> Moment,
    wait: fn(Span) -> Span,
) -> Arc<dyn Plugin> {
    let inner = (find("sharded").unwrap().make)(policies, draws);
    Arc::new(Told { inner, reply, clock, wait })
}

const fn mutant(make: fn(PolicySet, Draws) -> Arc<dyn Plugin>) -> Variant {
    Variant { name: "sharded", summary: "a canary", deviations: Deviations::NONE, make }
}

/// The registry with a canary in the place of `sharded`.
fn instead(name: &str, canary: &'static Variant) -> Option<&'static Variant> {
    if name == canary.name { Some(canary) } else { find(name) }
}

/// `min(cap, base * 2^(attempt + 1))`.
static STEEPER: Variant = mutant(|policies, draws| {
    let mut policies = policies;
    let twice = |p: &mut Policy| p.backoff_base = p.backoff_base.times(2);
    twice(&mut policies.base);
    policies.overrides.values_mut().for_each(twice);
    (find("sharded").unwrap().make)(policies, draws)
});

#[test]
fn a_backoff_that_starts_one_doubling_later_is_a_regression() {
    let judgement = caught(|name| instead(name, &STEEPER));
    let places = places(&judgement);
    assert!(places.contains(&"conformance/sharded/vectors that differ"), "{places:?}");
    assert!(places.contains(&"simulated/basics/waits/jitter=none/wait_ms_total"), "{places:?}");
}

static DEAF: Variant = mutant(|policies, draws| {
    let deaf = |reply: &Reply| match reply.structured {
        Structured::Object { is_error: true, status } => {
            let structured = Structured::Object { is_error: false, status };
            Reply { structured, ..reply.clone() }
        }
        _ => reply.clone(),
    };
    told((policies, draws), deaf, |now| now, |wait| wait)
});

#[test]
fn a_detector_that_passes_over_a_structured_flag_is_a_regression() {
    let judgement = caught(|name| instead(name, &DEAF));
    let places = places(&judgement);
    assert!(places.contains(&"conformance/sharded/vectors that differ"), "{places:?}");
    assert!(places.contains(&"conformance/sharded/decisions that differ"), "{places:?}");
}

/// Its clock is too slow for any call to become an orphan.
static KEEPER: Variant = mutant(|policies, draws| {
    let slow = |now: Moment| {
        Moment::START + Span::from_nanos(now.since(Moment::START).as_nanos() / 10_000)
    };
    told((policies, draws), Reply::clone, slow, |wait| wait)
});

#[test]
fn orphans_that_are_never_evicted_are_a_regression() {
    let judgement = caught(|name| instead(name, &KEEPER));
    let places = places(&judgement);
    for what in ["decisions that differ", "entries left", "digest"] {
        let path = format!("conformance/sharded/{what}");
        assert!(places.contains(&path.as_str()), "{path}: {places:?}");
    }
    assert!(places.iter().all(|p| p.starts_with("conformance/sharded/")), "{places:?}");
}

/// Waits that are a little shorter than drawn: no attempt more or less, and no golden vector without
/// jitter knows.
static SHORT: Variant = mutant(|policies, draws| {
    let short = |wait: Span| Span::from_nanos(wait.as_nanos() - wait.as_nanos() / 1000);
    told((policies, draws), Reply::clone, |now| now, short)
});

#[test]
fn waits_a_thousandth_too_short_are_a_regression() {
    let judgement = caught(|name| instead(name, &SHORT));
    let places = places(&judgement);
    assert!(places.contains(&"simulated/basics/waits/jitter=full/wait_ms_total"), "{places:?}");
}

#[test]
fn a_loop_that_makes_one_attempt_more_is_a_regression() {
    let mut rows = loops::rows();
    rows.iter_mut().for_each(|row| row.gateway.max_tool_retries += 1);
    let judgement = judged(&WORLD.plans, &rows, find);
    assert_eq!(judgement.verdict, Verdict::Regression);
    let found = places(&judgement);
    assert!(found.contains(&"loop/fixed, M=5 C=3, 503"), "{found:?}");
    assert!(found.contains(&"loop/as-shipped, M=5 C=3, 503"), "{found:?}");
    assert!(found.contains(&"loop/fixed, M=2 C=0, 503"), "{found:?}");
}

#[test]
fn one_attempt_more_granted_by_plugin_and_gateway_shows_in_simulations() {
    let mut plans = WORLD.plans.clone();
    for column in plans.iter_mut().flat_map(|plan| &mut plan.columns) {
        column.world.gateway.max_tool_retries += 1;
        column.policies.base.max_retries += 1;
    }
    let judgement = judged(&plans, &loops::rows(), find);
    assert_eq!(judgement.verdict, Verdict::Regression);
    let found = places(&judgement);
    assert!(found.contains(&"simulated/basics/waits/jitter=full/attempts"), "{found:?}");
}
