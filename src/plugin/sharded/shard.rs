//! The calls of one shard, found by key and known by age. Orphans must go without a scan, and no tool's
//! clock may judge another tool's calls. So the calls of each tool stand in a queue, the one that failed
//! last at its end: whatever is an orphan stands in front, and a look at the front of one queue is
//! enough.
//!
//! Calls lie side by side in a vector; the last one moves into a gap. 56 bytes each, 12 to 23 for the
//! index, and at most a quarter of spare room keep a live call under 96 bytes.

use hashbrown::HashTable;

use crate::base::{Moment, Span};
use crate::plugin::ORPHAN_AFTER;

/// 128 bits that stand for the pair (tool, request).
#[derive(Clone, Copy)]
pub(super) struct Key {
    /// Differs between tools for the same request.
    pub(super) hash: u64,
    /// The rest.
    pub(super) rest: u64,
}

/// What is remembered of a call.
#[derive(Clone, Copy)]
pub(super) struct History {
    /// Failures so far, each of which was granted a retry.
    pub(super) failures: u32,
    /// When the last one came.
    pub(super) last: Moment,
    /// The waits granted, together.
    pub(super) total_wait: Span,
    /// The wait granted last.
    pub(super) previous: Span,
}

impl History {
    fn is_orphan(&self, now: Moment) -> bool {
        now.since(self.last) > ORPHAN_AFTER
    }
}

/// The place of a call in the vector.
type Place = u32;
/// No neighbour in the queue.
const NONE: Place = Place::MAX;
/// Room that is never given back, so that a few calls that come and go cost no allocation.
const SPARE: usize = 16;

/// `History` is laid out flat: a struct of its own in here would cost 8 bytes of padding.
struct Call {
    key: Key,
    last: Moment,
    total_wait: Span,
    previous: Span,
    failures: u32,
    tool: u32,
    older: Place,
    newer: Place,
}

struct Queue {
    tool: u32,
    oldest: Place,
    newest: Place,
}

/// The calls whose keys fall into one shard. Plain data: locks and policies are the caller's.
#[derive(Default)]
pub(super) struct Shard {
    calls: Vec<Call>,
    index: HashTable<Place>,
    queues: HashTable<Queue>,
}

impl Shard {
    /// How many calls are remembered.
    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    /// The place of a call, until the next change. An orphan is forgotten instead. The rest of its key is
    /// asked for only if its hash is here.
    pub(super) fn find(
        &mut self,
        hash: u64,
        rest: impl Fn() -> u64,
        now: Moment,
    ) -> Option<(Place, History)> {
        let calls = &self.calls;
        let place = *self.index.find(hash, |&place| {
            let key = calls[place as usize].key;
            key.hash == hash && key.rest == rest()
        })?;
        let Call { failures, last, total_wait, previous, .. } = calls[place as usize];
        let history = History { failures, last, total_wait, previous };
        if history.is_orphan(now) {
            self.remove(place);
            return None;
        }
        Some((place, history))
    }

    /// Remembers a call that is not there.
    pub(super) fn insert(&mut self, key: Key, tool: u32, history: History) {
        if self.calls.len() == self.calls.capacity() {
            self.calls.reserve_exact((self.calls.len() / 8).max(4));
        }
        let place = self.calls.len() as Place;
        let History { failures, last, total_wait, previous } = history;
        let (older, newer) = (NONE, NONE);
        self.calls.push(Call { key, last, total_wait, previous, failures, tool, older, newer });
        let calls = &self.calls;
        self.index.insert_unique(key.hash, place, |&place| calls[place as usize].key.hash);
        self.enqueue(place);
    }

    /// Replaces what is remembered of a call; it goes to the end of its queue.
    pub(super) fn update(&mut self, place: Place, history: History) {
        let History { failures, last, total_wait, previous } = history;
        let call = &mut self.calls[place as usize];
        (call.failures, call.last) = (failures, last);
        (call.total_wait, call.previous) = (total_wait, previous);
        if call.newer != NONE {
            self.leave_queue(place);
            self.enqueue(place);
        }
    }

    /// Forgets a call.
    pub(super) fn remove(&mut self, place: Place) {
        self.leave_queue(place);
        let hash = self.calls[place as usize].key.hash;
        if let Ok(indexed) = self.index.find_entry(hash, |&p| p == place) {
            indexed.remove();
        }
        self.calls.swap_remove(place as usize);
        let moved_from = self.calls.len() as Place;
        if place != moved_from {
            let Call { key, tool, older, newer, .. } = self.calls[place as usize];
            if let Some(indexed) = self.index.find_mut(key.hash, |&p| p == moved_from) {
                *indexed = place;
            }
            self.set_newer(tool, older, place);
            self.set_older(tool, newer, place);
        }
        self.give_back();
    }

    /// Forgets the orphans of a tool. Returns when the oldest call that is left failed.
    pub(super) fn evict(&mut self, tool: u32, now: Moment) -> Option<Moment> {
        loop {
            let oldest = self.queues.find(spread(tool), |queue| queue.tool == tool)?.oldest;
            let last = self.calls[oldest as usize].last;
            if now.since(last) <= ORPHAN_AFTER {
                return Some(last);
            }
            self.remove(oldest);
        }
    }

    fn enqueue(&mut self, place: Place) {
        let tool = self.calls[place as usize].tool;
        let found = self.queues.entry(spread(tool), |q| q.tool == tool, |q| spread(q.tool));
        let mut queue = found.or_insert(Queue { tool, oldest: place, newest: NONE });
        let queue = queue.get_mut();
        let older = std::mem::replace(&mut queue.newest, place);
        let call = &mut self.calls[place as usize];
        (call.older, call.newer) = (older, NONE);
        if let Some(older) = self.calls.get_mut(older as usize) {
            older.newer = place;
        }
    }

    fn leave_queue(&mut self, place: Place) {
        let Call { tool, older, newer, .. } = self.calls[place as usize];
        if (older, newer) == (NONE, NONE) {
            if let Ok(queue) = self.queues.find_entry(spread(tool), |q| q.tool == tool) {
                queue.remove();
            }
            return;
        }
        self.set_newer(tool, older, newer);
        self.set_older(tool, newer, older);
    }

    /// `newer` now comes after `place`, or first if `place` is none.
    fn set_newer(&mut self, tool: u32, place: Place, newer: Place) {
        if let Some(call) = self.calls.get_mut(place as usize) {
            call.newer = newer;
        } else if let Some(queue) = self.queues.find_mut(spread(tool), |q| q.tool == tool) {
            queue.oldest = newer;
        }
    }

    /// `older` now comes before `place`, or last if `place` is none.
    fn set_older(&mut self, tool: u32, place: Place, older: Place) {
        if let Some(call) = self.calls.get_mut(place as usize) {
            call.older = older;
        } else if let Some(queue) = self.queues.find_mut(spread(tool), |q| q.tool == tool) {
            queue.newest = older;
        }
    }

    /// Gives memory back in steps that are a share of what is left, so that each removal pays O(1).
    fn give_back(&mut self) {
        let n = self.calls.len();
        if self.calls.capacity() > n + n / 4 + SPARE {
            self.calls.shrink_to(n + n / 8);
        }
        if self.index.capacity() > 4 * n + SPARE {
            let calls = &self.calls;
            self.index.shrink_to(2 * n, |&place| calls[place as usize].key.hash);
        }
        let n = self.queues.len();
        if self.queues.capacity() > 4 * n + SPARE {
            self.queues.shrink_to(2 * n, |queue| spread(queue.tool));
        }
    }

    /// The bytes allocated.
    #[cfg(all(test, not(loom)))]
    pub(super) fn bytes(&self) -> usize {
        self.calls.capacity() * size_of::<Call>()
            + self.index.allocation_size()
            + self.queues.allocation_size()
    }
}

/// A tool's number as a hash: Fibonacci hashing (Knuth, TAOCP 6.4).
fn spread(tool: u32) -> u64 {
    u64::from(tool).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
