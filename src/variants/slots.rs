//! Slots without locks. A call is asked about by one caller at a time, so its entry needs no lock, only an
//! owner: whoever swaps its key into an empty slot. An experiment: what does the state cost when no thread
//! ever waits, and nothing is allocated for a call?
//!
//! Eight keys share a cache line, a bucket; a call's bucket is fixed by its hash, and a full bucket sends
//! it to a block four times the size. Nothing moves and nothing is given back, which is the price: where
//! nothing moves, blocks cannot shrink, and an absent call is looked for in every block. Orphans are
//! forgotten when they are asked for, or when their slot is needed.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::hashed::{Key, Past, Policies, ended, failed};
use crate::base::random::Draws;
use crate::base::{Moment, Span};
use crate::plugin::detect::{Verdict, judge};
use crate::plugin::{CallKey, Clocks, Decision, HookError, Plugin, Policy, PolicySet, Seen};

const KEYS: usize = 8;
const FIRST_BUCKETS: usize = 64;
const EMPTY: u64 = 0;

/// The first halves of the keys of eight slots.
#[derive(Default)]
#[repr(align(64))]
struct Bucket([AtomicU64; KEYS]);

/// What is remembered, by the owner of the slot.
struct Slot {
    /// The other half of the key.
    rest: AtomicU64,
    /// `Moment::NEVER` while the slot is empty or just taken, so that nobody takes it for an orphan.
    last: AtomicU64,
    previous: AtomicU64,
    total: AtomicU64,
    failures: AtomicU32,
}

impl Slot {
    fn new() -> Slot {
        let zero = || AtomicU64::new(0);
        let last = AtomicU64::new(Moment::NEVER.as_nanos());
        let failures = AtomicU32::new(0);
        Slot { rest: zero(), last, previous: zero(), total: zero(), failures }
    }
    fn last(&self) -> Moment {
        Moment::from_nanos(self.last.load(Ordering::Relaxed))
    }
    fn read(&self) -> Past {
        let span = |cell: &AtomicU64| Span::from_nanos(cell.load(Ordering::Relaxed));
        Past {
            failures: self.failures.load(Ordering::Relaxed),
            last: self.last(),
            previous: span(&self.previous),
            total: span(&self.total),
        }
    }
    fn write(&self, past: Past) {
        self.failures.store(past.failures, Ordering::Relaxed);
        self.previous.store(past.previous.as_nanos(), Ordering::Relaxed);
        self.total.store(past.total.as_nanos(), Ordering::Relaxed);
        self.last.store(past.last.as_nanos(), Ordering::Relaxed);
    }
}

struct Block {
    /// A power of two of them.
    buckets: Box<[Bucket]>,
    slots: Box<[Slot]>,
    next: OnceLock<Box<Block>>,
}

impl Block {
    fn new(buckets: usize) -> Block {
        Block {
            buckets: (0..buckets).map(|_| Bucket::default()).collect(),
            slots: (0..buckets * KEYS).map(|_| Slot::new()).collect(),
            next: OnceLock::new(),
        }
    }
    /// The slots of a hash, each with its key.
    fn near(&self, hash: u64) -> impl Iterator<Item = (&AtomicU64, &Slot)> {
        let at = (hash >> 32) as usize & (self.buckets.len() - 1);
        self.buckets[at].0.iter().zip(&self.slots[at * KEYS..(at + 1) * KEYS])
    }
}

/// An instance.
pub struct Slots {
    policies: Policies,
    draws: Draws,
    first: Block,
}

impl Slots {
    /// An instance with merged policies; its jitter comes from the draws.
    pub fn new(policies: PolicySet, draws: Draws) -> Slots {
        let first = Block::new(FIRST_BUCKETS);
        Slots { policies: Policies::new(policies), draws, first }
    }

    fn find(&self, (hash, rest): (u64, u64)) -> Option<(&AtomicU64, &Slot)> {
        let mut block = &self.first;
        loop {
            let same = |(key, slot): &(&AtomicU64, &Slot)| {
                key.load(Ordering::Acquire) == hash && slot.rest.load(Ordering::Relaxed) == rest
            };
            let found = block.near(hash).find(same);
            if found.is_some() {
                return found;
            }
            block = block.next.get()?;
        }
    }

    /// Takes an empty slot, or an orphan's, for a call that has none.
    fn take_slot(&self, (hash, rest): (u64, u64), now: Moment) -> &Slot {
        let mut block = &self.first;
        loop {
            for (key, slot) in block.near(hash) {
                let there = key.load(Ordering::Relaxed);
                let free = there == EMPTY || slot.read().is_orphan(now);
                let (done, failed) = (Ordering::AcqRel, Ordering::Relaxed);
                if free && key.compare_exchange(there, hash, done, failed).is_ok() {
                    slot.rest.store(rest, Ordering::Relaxed);
                    return slot;
                }
            }
            let larger = 4 * block.buckets.len();
            block = block.next.get_or_init(|| Box::new(Block::new(larger)));
        }
    }

    /// Forgets a call; what was remembered of it, unless it was an orphan.
    fn take(&self, key: Key, now: Moment) -> Option<Past> {
        let (key, slot) = self.find(halves(key))?;
        let past = slot.read();
        free(key, slot);
        Some(past).filter(|past| !past.is_orphan(now))
    }
}

fn free(key: &AtomicU64, slot: &Slot) {
    slot.last.store(Moment::NEVER.as_nanos(), Ordering::Relaxed);
    key.store(EMPTY, Ordering::Release);
}

/// The pair as 128 bits, the first half of them never that of an empty slot.
fn halves(key: Key) -> (u64, u64) {
    let hash = key.tool.wrapping_add((key.request >> 64) as u64);
    (hash.max(EMPTY + 1), key.request as u64)
}

impl Plugin for Slots {
    fn name(&self) -> &'static str {
        "slots"
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
            let found = self.find(halves(key));
            let past = found.map(|(_, slot)| slot.read()).filter(|past| !past.is_orphan(now));
            let (decision, next) = failed(policy, &self.draws, key, past, reason, now);
            match (next, found) {
                (Some(next), Some((_, slot))) => slot.write(next),
                (Some(next), None) => self.take_slot(halves(key), now).write(next),
                (None, Some((key, slot))) => free(key, slot),
                (None, None) => {}
            }
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
    /// Looks at every slot: nobody counts.
    fn live_entries(&self) -> usize {
        let (mut live, mut block) = (0, Some(&self.first));
        while let Some(this) = block {
            let keys = this.buckets.iter().flat_map(|bucket| &bucket.0);
            live += keys.filter(|key| key.load(Ordering::Relaxed) != EMPTY).count();
            block = this.next.get().map(|next| &**next);
        }
        live
    }
    /// An orphan's slot goes to whoever needs it, by the time of that one.
    fn clocks(&self) -> Clocks {
        Clocks::Shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_calls_find_slots_and_leave_them() {
        let plugin = Slots::new(PolicySet::default(), Draws::new(1, 0));
        let at = |second| Moment::START + Span::from_secs(second);
        let fail = |i: u64, second| {
            let request = i.to_string();
            let call = CallKey { tool: "search", request: &request };
            plugin.tool_post_invoke(&call, Seen::TimedOut, at(second)).unwrap()
        };
        for i in 0..10_000 {
            assert!(matches!(fail(i, 0), Decision::Retry { retry: 1, .. }));
        }
        assert_eq!(plugin.live_entries(), 10_000);
        for i in 0..10_000 {
            assert!(matches!(fail(i, 1), Decision::Retry { retry: 2, .. }));
        }
        // Orphans give their slots to others: no more blocks, and at most as many entries as slots.
        let blocks = |mut block: &Block| {
            let mut n = 1;
            while let Some(next) = block.next.get() {
                (block, n) = (next, n + 1);
            }
            n
        };
        let before = blocks(&plugin.first);
        for i in 10_000..20_000 {
            assert!(matches!(fail(i, 1_000), Decision::Retry { retry: 1, .. }));
        }
        assert_eq!(blocks(&plugin.first), before);
        for i in 10_000..20_000_u64 {
            plugin.forget(&CallKey { tool: "search", request: &i.to_string() }, at(1_001));
        }
        assert!(plugin.live_entries() < 10_000);
    }
}
