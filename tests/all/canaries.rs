//! Wrong bodies of the plugin, each with one fault: whatever is there to catch them must.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use retrylab::base::random::Draws;
use retrylab::base::{Moment, Span};
use retrylab::bench::conform::conform;
use retrylab::bench::{random, spread, threads, trial, vectors};
use retrylab::plugin::{
    CallKey, Clocks, Decision, HookError, Jitter, Plugin, Policy, PolicySet, Seen, wire,
};
use retrylab::variants::{Deviations, Variant, all, find};

const GOLDEN: &str = include_str!("../data/vectors.jsonl");

fn canary(name: &'static str, make: fn(PolicySet, Draws) -> Arc<dyn Plugin>) -> Variant {
    Variant { name, summary: "", deviations: Deviations::NONE, make }
}

/// Grants every call one retry more than its policy.
fn one_too_many() -> Variant {
    canary("one-too-many", |mut policies, draws| {
        policies.base.max_retries += 1;
        policies.overrides.values_mut().for_each(|own| own.max_retries += 1);
        (find("sharded").unwrap().make)(policies, draws)
    })
}

/// A body whose decisions are changed afterwards.
struct Changed {
    inner: Arc<dyn Plugin>,
    policies: PolicySet,
    change: fn(&Policy, Decision) -> Decision,
}

impl Plugin for Changed {
    fn name(&self) -> &'static str {
        "changed"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        let decision = self.inner.tool_post_invoke(call, seen, now)?;
        Ok((self.change)(self.policies.of(call.tool), decision))
    }
    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        self.inner.forget(call, now);
    }
    fn policy(&self, tool: &str) -> &Policy {
        self.policies.of(tool)
    }
    fn live_entries(&self) -> usize {
        self.inner.live_entries()
    }
    fn clocks(&self) -> Clocks {
        Clocks::PerTool
    }
}

/// Squares what it draws: waits lie in their range, but the short ones are too many.
fn squared(policies: PolicySet, draws: Draws) -> Arc<dyn Plugin> {
    let change = |policy: &Policy, decision| match decision {
        Decision::Retry { wait, retry, reason, total_wait } => {
            let top = retrylab::plugin::backoff::ceiling(policy, retry - 1);
            let low = match policy.jitter {
                Jitter::Equal => top.scaled(0.5),
                Jitter::Decorrelated => policy.backoff_base,
                Jitter::None | Jitter::Full => Span::ZERO,
            };
            let high = if policy.jitter == Jitter::Decorrelated { low.times(3) } else { top };
            let share = (wait - low).as_secs_f64() / (high - low).as_secs_f64();
            let wait = low + (high - low).scaled(share * share);
            Decision::Retry { wait, retry, reason, total_wait }
        }
        other => other,
    };
    let inner = (find("sharded").unwrap().make)(policies.clone(), draws);
    Arc::new(Changed { inner, policies, change })
}

#[test]
fn one_retry_too_many_is_caught_by_vectors_and_by_random_cases() {
    let cases = vectors::cases(GOLDEN).unwrap();
    assert!(conform(&one_too_many(), &cases).different > 0);
    let found = trial::try_all(&one_too_many(), (0..200).map(|i| random::case(5, i)));
    assert!(found.different > 30, "{}", found.different);
    let first = found.first.unwrap();
    // As many failures as retries, and the one that is one too many.
    let retries = first.trial.policies.of(&first.trial.steps[0].tool).max_retries;
    assert_eq!(first.trial.steps.len(), retries as usize + 1, "{first}");
    assert!(first.trial.policies.overrides.is_empty(), "{first}");
    let text = first.to_string();
    for word in [
        "policy    {\"max_retries\": ",
        "step 1 ",
        "isError",
        "expected  given up",
        "found     retry",
    ] {
        assert!(text.contains(word), "{text}");
    }
}

#[test]
fn every_variant_passes_and_cases_are_what_the_seed_says() {
    for variant in all() {
        let found = trial::try_all(variant, (0..300).map(|i| random::case(5, i)));
        if let Some(first) = found.first {
            panic!("{}: {first}", variant.name);
        }
        for law in spread::spreads(variant, 5) {
            assert!(law.holds(), "{}: {law}", variant.name);
        }
        if let Some(first) = threads::together(variant, 5, threads::PATIENCE) {
            panic!("{}: {first}", variant.name);
        }
    }
    let steps = |seed, i| random::case(seed, i).steps;
    assert_eq!(steps(5, 3), steps(5, 3));
    assert!(steps(5, 3) != steps(6, 3) && steps(5, 3) != steps(5, 4));
}

#[test]
fn jitter_that_is_not_uniform_is_caught() {
    let laws = spread::spreads(&canary("squared", squared), 1);
    assert!(laws.len() == 5 && laws.iter().all(|law| !law.holds()), "{laws:?}");
    assert!(laws[0].distance > 0.2 && laws[0].to_string().contains("uniform over"), "{}", laws[0]);
    let never = canary("never", |policies, draws| {
        let policies = PolicySet { base: Policy { max_retries: 0, ..policies.base }, ..policies };
        (find("sharded").unwrap().make)(policies, draws)
    });
    assert!(spread::spreads(&never, 1).iter().all(|law| !law.holds()), "no wait at all");
    let found = trial::try_all(&canary("squared", squared), (0..100).map(|i| random::case(1, i)));
    assert!(found.different > 0);
}

/// Waits in whole milliseconds, though none are declared: the retries that are lost are of the law too.
#[test]
fn whole_milliseconds_that_are_not_declared_are_caught() {
    let coarse = Variant { deviations: Deviations::NONE, ..*find("upstream").unwrap() };
    let found = trial::try_all(&coarse, (0..100).map(|i| random::case(1, i)));
    assert!(found.different > 0);
}

/// Does not tell the threads' requests apart: calls of several threads count in one place.
struct Mixed(Arc<dyn Plugin>);

impl Plugin for Mixed {
    fn name(&self) -> &'static str {
        "mixed"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        // Requests of all threads end alike.
        let end = call.request.rsplit('/').next().unwrap_or_default();
        self.0.tool_post_invoke(&CallKey { request: end, ..*call }, seen, now)
    }
    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        let end = call.request.rsplit('/').next().unwrap_or_default();
        self.0.forget(&CallKey { request: end, ..*call }, now);
    }
    fn policy(&self, tool: &str) -> &Policy {
        self.0.policy(tool)
    }
    fn live_entries(&self) -> usize {
        self.0.live_entries()
    }
    fn clocks(&self) -> Clocks {
        Clocks::PerTool
    }
}

#[test]
fn threads_that_disturb_each_other_are_caught() {
    let mixed = canary("mixed", |policies, draws| {
        Arc::new(Mixed((find("sharded").unwrap().make)(policies, draws)))
    });
    let found = threads::together(&mixed, 1, threads::PATIENCE).unwrap().to_string();
    assert!(found.contains("expected") && found.contains("thread"), "{found}");
}

/// Stops for ever in the call of a hook, with its lock held, as soon as requests of two threads were seen.
struct Hanging(Arc<dyn Plugin>, Mutex<BTreeSet<String>>);

impl Plugin for Hanging {
    fn name(&self) -> &'static str {
        "hanging"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        let mut threads = self.1.lock().unwrap();
        threads.insert(call.request.split('/').next().unwrap_or_default().to_owned());
        while threads.len() > 1 {
            std::thread::park();
        }
        self.0.tool_post_invoke(call, seen, now)
    }
    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        let _threads = self.1.lock().unwrap();
        self.0.forget(call, now);
    }
    crate::forward::the_rest_is_of!(0);
}

#[test]
fn threads_that_wait_for_each_other_for_ever_are_caught() {
    let hanging = canary("hanging", |policies, draws| {
        let inner = (find("sharded").unwrap().make)(policies, draws);
        Arc::new(Hanging(inner, Mutex::default()))
    });
    let found = threads::together(&hanging, 1, std::time::Duration::from_secs(1)).unwrap();
    let text = found.to_string();
    assert!(text.contains("no answer to any thread for 1 s") && text.contains("at "), "{text}");
}

#[test]
fn a_written_reply_reads_back_as_the_same() {
    let mut forms = 0;
    for step in (0..300).flat_map(|i| random::case(9, i).steps) {
        if let retrylab::plugin::trace::Told::Result(reply) = &step.told {
            let text = wire::written(reply);
            assert_eq!(wire::reply(&text).unwrap(), **reply, "{text}");
            forms += 1;
        }
    }
    assert!(forms > 1000);
}
