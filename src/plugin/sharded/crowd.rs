//! Many calls under one lock. Orphans must go without a scan, and no tool's clock may judge another tool's
//! calls. So the calls of each tool stand in a queue, the one that failed last at its end: whatever is an
//! orphan stands in front, and a look at the front of one queue is enough. A few calls need neither an
//! index nor queues, only a look at each.
//!
//! Calls lie side by side in a vector; the last one moves into a gap. 56 bytes each, 12 to 23 for the
//! index, at most a quarter of spare room and what the filter takes keep a live call under 96 bytes.

use super::order::{Linked, Order};
use super::shard::Call;

/// How many calls are looked at one by one.
pub(super) const FEW: usize = 8;

/// Calls found by key and known by age.
#[derive(Default)]
pub(super) struct Crowd {
    calls: Vec<Linked>,
    /// Kept from more than [`FEW`] calls on until half as many are left.
    order: Order,
}

impl Crowd {
    /// All calls.
    pub(super) fn calls(&self) -> impl Iterator<Item = &Call> + Clone {
        self.calls.iter().map(|linked| &linked.call)
    }

    /// A call and its place, until the next change.
    pub(super) fn find(&self, hash: u64, rest: impl Fn() -> u64) -> Option<(u32, &Call)> {
        let place = if self.order.is_kept() {
            self.order.find(&self.calls, hash, rest)?
        } else {
            self.calls.iter().position(|linked| linked.call.is(hash, &rest))? as u32
        };
        Some((place, &self.calls[place as usize].call))
    }

    /// Remembers a call that is not there.
    pub(super) fn insert(&mut self, call: Call) {
        if self.calls.len() == self.calls.capacity() {
            self.calls.reserve_exact((self.calls.len() / 8).max(2));
        }
        let place = self.calls.len() as u32;
        self.calls.push(Linked::from(call));
        if self.order.is_kept() {
            self.order.enter(&mut self.calls, place);
        } else if self.calls.len() > FEW {
            self.order = Order::of(&mut self.calls);
        }
    }

    /// Changes what is remembered of a call; it goes to the end of its queue.
    pub(super) fn update(&mut self, place: u32, change: impl FnOnce(&mut Call)) {
        change(&mut self.calls[place as usize].call);
        if self.order.is_kept() {
            self.order.requeue(&mut self.calls, place);
        }
    }

    /// Forgets a call.
    pub(super) fn remove(&mut self, place: u32) {
        if self.order.is_kept() {
            self.order.swap_remove(&mut self.calls, place);
        } else {
            self.calls.swap_remove(place as usize);
        }
        self.give_back();
    }

    /// The call of a tool that failed first of those that are here.
    pub(super) fn oldest(&self, tool: u32) -> Option<(u32, Call)> {
        if self.order.is_kept() {
            let place = self.order.oldest(tool)?;
            return Some((place, self.calls[place as usize].call));
        }
        let calls = self.calls.iter().map(|linked| linked.call);
        (0..).zip(calls).filter(|(_, call)| call.tool == tool).min_by_key(|(_, call)| call.last)
    }

    /// Gives memory back in steps that are a share of what is left, so that each removal pays O(1).
    fn give_back(&mut self) {
        let n = self.calls.len();
        if n == 0 || self.calls.capacity() > n + n / 4 + FEW {
            self.calls.shrink_to(n + n / 8);
        }
        if n > FEW / 2 {
            self.order.give_back(&self.calls);
        } else if self.order.is_kept() {
            self.order = Order::default();
        }
    }

    /// The bytes allocated.
    #[cfg(all(test, not(loom)))]
    pub(super) fn bytes(&self) -> usize {
        self.calls.capacity() * size_of::<Linked>() + self.order.bytes()
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::super::shard::Key;
    use super::*;
    use crate::base::{Moment, Span};
    use crate::plugin::ORPHAN_AFTER;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::num::NonZeroU32;

    fn call(id: u64, seconds: u64) -> Call {
        let last = Moment::START + Span::from_secs(seconds);
        let (total_wait, previous) = (Span::from_millis(id), Span::ZERO);
        // Hashes that meet, apart in the rest.
        let key = Key { hash: id / 2, rest: id };
        Call { key, last, total_wait, previous, failures: NonZeroU32::MIN, tool: id as u32 % 3 }
    }

    /// Forgets the orphans of a tool, and says when the oldest call that is left failed.
    fn evict(crowd: &mut Crowd, tool: u32, now: Moment) -> Option<Moment> {
        while let Some((place, call)) = crowd.oldest(tool) {
            if !call.is_orphan(now) {
                return Some(call.last);
            }
            crowd.remove(place);
        }
        None
    }

    const LONGEST: usize = if cfg!(miri) { 40 } else { 300 };

    proptest! {
        /// Against a plain map, while the crowd grows beyond a few calls and shrinks again.
        #[test]
        fn a_crowd_is_a_map_with_queues(steps in prop::collection::vec((0..40u64, 0..10u8, 0..40u64), 1..LONGEST)) {
            let mut crowd = Crowd::default();
            let mut map = BTreeMap::new();
            let mut seconds = 0;
            for (id, what, pause) in steps {
                seconds += pause;
                let now = call(id, seconds);
                let found = crowd.find(now.key.hash, || now.key.rest).map(|(place, call)| (place, *call));
                prop_assert_eq!(found.map(|f| f.1), map.get(&id).copied());
                match (what, found) {
                    (0, _) => {
                        let of_tool = |c: &Call| c.tool == now.tool;
                        map.retain(|_, c| !(of_tool(c) && c.is_orphan(now.last)));
                        let oldest = map.values().filter(|c| of_tool(c)).map(|c| c.last).min();
                        prop_assert_eq!(evict(&mut crowd, now.tool, now.last), oldest);
                    }
                    (1..5, Some((place, _))) => {
                        crowd.remove(place);
                        map.remove(&id);
                    }
                    (_, Some((place, _))) => {
                        crowd.update(place, |call| *call = now);
                        map.insert(id, now);
                    }
                    (_, None) => {
                        crowd.insert(now);
                        map.insert(id, now);
                    }
                }
                prop_assert_eq!(crowd.calls().count(), map.len());
            }
            let end = Moment::START + Span::from_secs(seconds + 1) + ORPHAN_AFTER;
            (0..3).for_each(|tool| assert_eq!(evict(&mut crowd, tool, end), None));
            prop_assert_eq!((crowd.calls().count(), crowd.bytes()), (0, 0));
        }
    }
}
