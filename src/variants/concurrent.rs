//! Somebody else's map: papaya's, which readers and writers share without locks. An experiment: how far
//! does a plain concurrent map get without a design of its own? Its entries cannot be changed in place, so
//! each failure allocates one and retires another; and it cannot be asked for its oldest entries, so
//! orphans go by generations: what failed since a rotation is in the young map, what failed before is in
//! the old one, and each 300 s the old one, in which everything is an orphan by then, is emptied at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use papaya::HashMap;

use super::hashed::{Folding, Key, Past, Policies, ended, failed};
use crate::base::Moment;
use crate::base::random::Draws;
use crate::plugin::detect::{Verdict, judge};
use crate::plugin::{
    CallKey, Clocks, Decision, HookError, ORPHAN_AFTER, Plugin, Policy, PolicySet, Seen,
};

type Map = HashMap<Key, Past, Folding>;

/// An instance.
pub struct Concurrent {
    policies: Policies,
    draws: Draws,
    maps: [Map; 2],
    /// How many rotations there were; the young map is the one of its parity.
    rotations: AtomicU64,
    /// When the last one was; locked by who rotates.
    rotated: Mutex<Moment>,
    /// The same, readable without the lock.
    since: AtomicU64,
}

impl Concurrent {
    /// An instance with merged policies; its jitter comes from the draws.
    pub fn new(policies: PolicySet, draws: Draws) -> Concurrent {
        Concurrent {
            policies: Policies::new(policies),
            draws,
            maps: [Map::default(), Map::default()],
            rotations: AtomicU64::new(0),
            rotated: Mutex::new(Moment::START),
            since: AtomicU64::new(Moment::START.as_nanos()),
        }
    }

    /// The young map and the old one.
    fn generations(&self) -> (&Map, &Map) {
        let [even, odd] = &self.maps;
        match self.rotations.load(Ordering::Acquire) % 2 {
            0 => (even, odd),
            _ => (odd, even),
        }
    }

    fn rotate(&self, now: Moment) {
        if now.since(Moment::from_nanos(self.since.load(Ordering::Relaxed))) <= ORPHAN_AFTER {
            return;
        }
        let mut rotated = self.rotated.lock().unwrap_or_else(PoisonError::into_inner);
        if now.since(*rotated) > ORPHAN_AFTER {
            *rotated = now;
            self.since.store(now.as_nanos(), Ordering::Relaxed);
            // Emptied before it is the young one, so that nothing new is in it.
            self.generations().1.pin().clear();
            self.rotations.fetch_add(1, Ordering::AcqRel);
        }
    }

    /// Takes what is remembered of a call; of an orphan that is nothing.
    fn take(&self, key: Key, now: Moment) -> Option<Past> {
        let (young, old) = self.generations();
        let take = |map: &Map| match map.is_empty() {
            true => None,
            false => map.pin().remove(&key).copied(),
        };
        take(young).or_else(|| take(old)).filter(|past| !past.is_orphan(now))
    }

    /// What is remembered of a call, which stays where it is if it is young.
    fn past(&self, key: Key, now: Moment) -> Option<Past> {
        let (young, old) = self.generations();
        let there = young.pin().get(&key).copied();
        let there = there.or_else(|| match old.is_empty() {
            true => None,
            false => old.pin().remove(&key).copied(),
        });
        there.filter(|past| !past.is_orphan(now))
    }
}

impl Plugin for Concurrent {
    fn name(&self) -> &'static str {
        "concurrent"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        let key = Key::of(*call);
        let policy = self.policies.of(key.tool);
        let verdict = judge(seen, policy);
        if let Verdict::Failure(reason) = verdict {
            self.rotate(now);
            let past = self.past(key, now);
            let (decision, next) = failed(policy, &self.draws, key, past, reason, now);
            let young = self.generations().0.pin();
            match next {
                Some(next) => young.insert(key, next),
                None => young.remove(&key),
            };
            return Ok(decision);
        }
        Ok(ended(verdict, self.take(key, now)))
    }
    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        self.take(Key::of(*call), now);
    }
    fn policy(&self, tool: &str) -> &Policy {
        self.policies.of(crate::base::random::entity(tool))
    }
    fn live_entries(&self) -> usize {
        self.maps.iter().map(Map::len).sum()
    }
    /// Rotations go by the time of whoever fails.
    fn clocks(&self) -> Clocks {
        Clocks::Shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Span;

    #[test]
    fn orphans_go_with_their_generation_and_others_stay() {
        let plugin = Concurrent::new(PolicySet::default(), Draws::new(1, 0));
        let fail = |request: &str, second: u64| {
            let call = CallKey { tool: "search", request };
            let now = Moment::START + Span::from_secs(second);
            plugin.tool_post_invoke(&call, Seen::TimedOut, now).unwrap()
        };
        fail("left", 1);
        fail("slow", 290);
        assert!(matches!(fail("slow", 580), Decision::Retry { retry: 2, .. }));
        // Rotated at 580: what failed before is old; at 890 it is emptied.
        assert_eq!(plugin.live_entries(), 2);
        fail("next", 890);
        assert_eq!(plugin.live_entries(), 2, "`slow` is old, `next` is young, `left` is gone");
        assert!(matches!(fail("slow", 891), Decision::Retry { retry: 1, .. }));
    }
}
