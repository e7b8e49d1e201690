//! The order in a crowd: an index by key, and a queue for each tool by age.

use hashbrown::HashTable;

use super::shard::Call;

/// The place of a call in the crowd's vector.
type Place = u32;
/// No neighbour in the queue.
const NONE: Place = Place::MAX;
/// Room that is never given back while there is an order.
const SPARE: usize = 16;

/// A call and its neighbours in its tool's queue, which only an [`Order`] sets and reads.
pub(super) struct Linked {
    pub(super) call: Call,
    older: Place,
    newer: Place,
}

impl From<Call> for Linked {
    fn from(call: Call) -> Linked {
        Linked { call, older: NONE, newer: NONE }
    }
}

struct Queue {
    tool: u32,
    oldest: Place,
    newest: Place,
}

/// Kept, with all calls in it, or not, and then empty. The index is a load nearer than the queues: a success
/// asks it alone.
#[derive(Default)]
pub(super) struct Order {
    index: HashTable<Place>,
    queues: Option<Box<HashTable<Queue>>>,
}

impl Order {
    /// Of calls that had none.
    pub(super) fn of(calls: &mut [Linked]) -> Order {
        let mut order = Order::default();
        let mut places: Vec<Place> = (0..calls.len() as Place).collect();
        places.sort_by_key(|&place| calls[place as usize].call.last);
        places.into_iter().for_each(|place| order.enter(calls, place));
        order
    }

    /// True if it is kept.
    pub(super) fn is_kept(&self) -> bool {
        !self.index.is_empty()
    }

    /// The place of a call; the rest of its key is asked for only if its hash is here.
    pub(super) fn find(
        &self,
        calls: &[Linked],
        hash: u64,
        rest: impl Fn() -> u64,
    ) -> Option<Place> {
        self.index.find(hash, |&place| calls[place as usize].call.is(hash, &rest)).copied()
    }

    /// The place of the call of a tool that failed first.
    pub(super) fn oldest(&self, tool: u32) -> Option<Place> {
        let queues = self.queues.as_ref()?;
        Some(queues.find(spread(tool), |queue| queue.tool == tool)?.oldest)
    }

    /// A call has come.
    pub(super) fn enter(&mut self, calls: &mut [Linked], place: Place) {
        let hash_at = |place: Place| calls[place as usize].call.key.hash;
        self.index.insert_unique(hash_at(place), place, |&place| hash_at(place));
        self.enqueue(calls, place);
    }

    /// A call has failed again: it goes to the end of its queue.
    pub(super) fn requeue(&mut self, calls: &mut [Linked], place: Place) {
        if calls[place as usize].newer != NONE {
            self.leave_queue(calls, place);
            self.enqueue(calls, place);
        }
    }

    /// Takes a call out; the last one moves into its place.
    pub(super) fn swap_remove(&mut self, calls: &mut Vec<Linked>, place: Place) {
        self.leave_queue(calls, place);
        let hash = calls[place as usize].call.key.hash;
        if let Ok(indexed) = self.index.find_entry(hash, |&p| p == place) {
            indexed.remove();
        }
        calls.swap_remove(place as usize);
        let moved_from = calls.len() as Place;
        if place != moved_from {
            let Linked { call: Call { key, tool, .. }, older, newer } = calls[place as usize];
            if let Some(indexed) = self.index.find_mut(key.hash, |&p| p == moved_from) {
                *indexed = place;
            }
            self.set_newer(calls, tool, older, place);
            self.set_older(calls, tool, newer, place);
        }
    }

    fn enqueue(&mut self, calls: &mut [Linked], place: Place) {
        let tool = calls[place as usize].call.tool;
        let queues = self.queues.get_or_insert_default();
        let found = queues.entry(spread(tool), |q| q.tool == tool, |q| spread(q.tool));
        let mut queue = found.or_insert(Queue { tool, oldest: place, newest: NONE });
        let queue = queue.get_mut();
        let older = std::mem::replace(&mut queue.newest, place);
        let linked = &mut calls[place as usize];
        (linked.older, linked.newer) = (older, NONE);
        if let Some(older) = calls.get_mut(older as usize) {
            older.newer = place;
        }
    }

    fn leave_queue(&mut self, calls: &mut [Linked], place: Place) {
        let Linked { call: Call { tool, .. }, older, newer } = calls[place as usize];
        if (older, newer) == (NONE, NONE) {
            let queues = self.queues.get_or_insert_default();
            if let Ok(queue) = queues.find_entry(spread(tool), |q| q.tool == tool) {
                queue.remove();
            }
            return;
        }
        self.set_newer(calls, tool, older, newer);
        self.set_older(calls, tool, newer, older);
    }

    fn queue(&mut self, tool: u32) -> Option<&mut Queue> {
        self.queues.as_mut()?.find_mut(spread(tool), |queue| queue.tool == tool)
    }

    /// `newer` now comes after `place`, or first if `place` is none.
    fn set_newer(&mut self, calls: &mut [Linked], tool: u32, place: Place, newer: Place) {
        if let Some(linked) = calls.get_mut(place as usize) {
            linked.newer = newer;
        } else if let Some(queue) = self.queue(tool) {
            queue.oldest = newer;
        }
    }

    /// `older` now comes before `place`, or last if `place` is none.
    fn set_older(&mut self, calls: &mut [Linked], tool: u32, place: Place, older: Place) {
        if let Some(linked) = calls.get_mut(place as usize) {
            linked.older = older;
        } else if let Some(queue) = self.queue(tool) {
            queue.newest = older;
        }
    }

    /// Gives memory back in steps that are a share of what is left, so that each removal pays O(1).
    pub(super) fn give_back(&mut self, calls: &[Linked]) {
        let n = calls.len();
        if self.index.capacity() > 4 * n + SPARE {
            self.index.shrink_to(2 * n, |&place| calls[place as usize].call.key.hash);
        }
        let Some(queues) = &mut self.queues else { return };
        if queues.capacity() > 4 * queues.len() + SPARE {
            queues.shrink_to(2 * queues.len(), |queue| spread(queue.tool));
        }
    }

    /// The bytes allocated.
    #[cfg(all(test, not(loom)))]
    pub(super) fn bytes(&self) -> usize {
        let queues = |q: &HashTable<Queue>| size_of::<HashTable<Queue>>() + q.allocation_size();
        self.index.allocation_size() + self.queues.as_deref().map_or(0, queues)
    }
}

/// A tool's number as a hash: Fibonacci hashing (Knuth, TAOCP 6.4).
fn spread(tool: u32) -> u64 {
    u64::from(tool).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
