//! The event queue. Two events at one instant must come out in the order in which they went in, on
//! every platform, so the key is (time, sequence), packed into one 128-bit number: one comparison.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::base::Moment;

/// Events in strict (time, sequence) order.
pub struct Queue<E> {
    heap: BinaryHeap<Entry<E>>,
    sequence: u64,
}

struct Entry<E> {
    key: u128,
    event: E,
}

impl<E> Queue<E> {
    /// Without events.
    pub fn new() -> Queue<E> {
        Queue { heap: BinaryHeap::new(), sequence: 0 }
    }
    /// Adds an event; [`Moment::NEVER`] is never popped and so not kept.
    pub fn push(&mut self, at: Moment, event: E) {
        if at < Moment::NEVER {
            let key = (u128::from(at.as_nanos()) << 64) | u128::from(self.sequence);
            self.sequence += 1;
            self.heap.push(Entry { key, event });
        }
    }
    /// The earliest event, of those at one instant the one that was pushed first.
    pub fn pop(&mut self) -> Option<(Moment, E)> {
        let Entry { key, event } = self.heap.pop()?;
        Some((Moment::from_nanos((key >> 64) as u64), event))
    }
}

impl<E> Default for Queue<E> {
    fn default() -> Queue<E> {
        Queue::new()
    }
}

impl<E> Ord for Entry<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        other.key.cmp(&self.key)
    }
}
impl<E> PartialOrd for Entry<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<E> PartialEq for Entry<E> {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}
impl<E> Eq for Entry<E> {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn events_leave_by_time_and_then_by_order_of_entry(times in prop::collection::vec(0u64..20, 0..200)) {
            let mut queue = Queue::new();
            for (i, t) in times.iter().enumerate() {
                queue.push(Moment::from_nanos(*t), i);
            }
            let mut expected: Vec<(u64, usize)> = times.iter().copied().zip(0..).collect();
            expected.sort();
            let popped: Vec<(u64, usize)> =
                std::iter::from_fn(|| queue.pop()).map(|(t, i)| (t.as_nanos(), i)).collect();
            prop_assert_eq!(popped, expected);
        }
    }

    #[test]
    fn what_never_happens_is_not_kept() {
        let mut queue = Queue::new();
        queue.push(Moment::NEVER, ());
        assert!(queue.pop().is_none());
    }
}
