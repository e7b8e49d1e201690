//! The event queue. Two events at one instant must come out in the order in which they went in, on every
//! platform; and it is asked twice for every event, so it is what a simulator's speed hangs on. A heap
//! costs a walk through cold memory for each of them.
//!
//! This is a ladder of buckets (R. Brown's calendar queue, CACM 1988; Tang, Goh and Thng's ladder
//! queue, ACM TOMACS 2005). An event goes to the end of the bucket of its time; only the bucket whose time
//! has come is looked at: a small one is sorted, a large one is dealt out over a rung of smaller
//! buckets, whose width is fitted to what it holds. So an event is moved a few times, whatever the number
//! that wait, and whatever their times: a bucket that holds one instant only is in order already.
//!
//! No sequence number is kept: events are only ever appended, dealt out in order and sorted stably, so
//! those of one instant never pass each other.
//!
//! What is pushed for very soon goes to the sorted events, but for the earliest of it, which is kept in hand: that is
//! the next arrival as a rule, and would be sorted in for each event that leaves.
//!
//! Into which bucket a random time falls, a processor guesses wrong now and then, and finds out only when the time has
//! been drawn; until then all that it did ahead is lost. So new events wait in a row, and go to their buckets
//! together when the next bucket is asked for.

mod blocks;
mod few;
mod rung;

use crate::base::Moment;
use blocks::{Blocks, Bucket, Spread};
use few::{FEW, sort};
use rung::Rung;

/// Sorted events beyond this are put back: of few calls in flight all would be here soon, and a new event is sorted in
/// among them one by one. More than [`FEW`], or a bucket that was just sorted would go back at the next push.
const MANY: usize = FEW + FEW / 2;
/// A bucket is as wide as so many times the mean distance from the first event, divided by the number of events:
/// evenly spread ones are then 12 to a bucket, and at the front of exponential ones there are 24. Rounding to a
/// power of two takes up to half of them off.
const WIDTH: u64 = 24;
/// The most buckets of a rung.
const WIDEST: u64 = 1024;

/// The most events that wait for their buckets.
const FRESH: usize = 64;

/// A queue of more is long.
const LONG: usize = 512;

/// An event and when it happens.
#[derive(Clone, Copy)]
struct Entry<E> {
    at: u64,
    event: E,
}

/// Events in strict (time, order of entry) order.
pub struct Queue<E> {
    /// What comes before everything else, sorted, the earliest at the end.
    near: Vec<Entry<E>>,
    /// One more of them, pushed later than those of `near` that happen at the same moment.
    hand: Option<Entry<E>>,
    /// What is pushed for before this moment goes to `hand` or `near`, and all that lies elsewhere comes later.
    near_end: u64,
    /// What was pushed lately for that moment or later, in order of entry: not in its bucket yet.
    fresh: Vec<Entry<E>>,
    /// Everything else: the rung of the earliest buckets.
    inner: Rung,
    /// Those that the inner one is a part of, each the part of one bucket of the one before; the first is endless.
    outer: Vec<Rung>,
    blocks: Blocks<E>,
    /// Buckets of rungs that are done.
    spare: Vec<Vec<Bucket>>,
    /// How many events lie in buckets.
    placed: usize,
}

impl<E: Copy> Queue<E> {
    /// Without events.
    pub fn new() -> Queue<E> {
        Queue {
            near: Vec::new(),
            hand: None,
            near_end: 0,
            fresh: Vec::new(),
            inner: Rung::endless(),
            outer: Vec::new(),
            blocks: Blocks::new(),
            spare: Vec::new(),
            placed: 0,
        }
    }

    /// How many events wait.
    pub fn len(&self) -> usize {
        self.near.len() + usize::from(self.hand.is_some()) + self.fresh.len() + self.placed
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds an event; [`Moment::NEVER`] is never popped and so not kept.
    #[inline(always)] // asked once for every event
    pub fn push(&mut self, at: Moment, event: E) {
        if at == Moment::NEVER {
            return;
        }
        let at = at.as_nanos();
        if at < self.near_end {
            return self.push_near(at, event);
        }
        if self.fresh.len() == FRESH {
            self.place_fresh();
        }
        self.fresh.push(Entry { at, event });
    }

    /// When the earliest event happens.
    pub fn peek(&mut self) -> Option<Moment> {
        if self.near.is_empty() && self.hand.is_none() {
            self.refill(|_| {});
        }
        let first = if self.hand_is_first() { self.hand.as_ref() } else { self.near.last() };
        first.map(|entry| Moment::from_nanos(entry.at))
    }

    fn hand_is_first(&self) -> bool {
        let near = self.near.last();
        self.hand.as_ref().is_some_and(|hand| near.is_none_or(|near| hand.at < near.at))
    }

    /// The earliest event, of those at one instant the one that was pushed first.
    #[inline]
    pub fn pop(&mut self) -> Option<(Moment, E)> {
        self.pop_until(Moment::NEVER, |_| {})
    }

    /// The same, if it happens at a moment or before; and of a long queue the events that will be popped soon are
    /// announced together, a few to some dozens at a time: whoever handles them can fetch what they need side by
    /// side, where one by one each would wait for its own cold memory.
    #[inline]
    pub fn pop_until(&mut self, last: Moment, notice: impl FnMut(&E)) -> Option<(Moment, E)> {
        let due = |entry: &mut Entry<E>| entry.at <= last.as_nanos();
        let first = if self.hand_is_first() {
            self.hand.take_if(due)
        } else {
            if self.near.is_empty() {
                self.refill(notice);
            }
            self.near.pop_if(due)
        };
        let Entry { at, event } = first?;
        Some((Moment::from_nanos(at), event))
    }

    /// Each to the end of its bucket.
    #[inline(never)] // off the way of a push
    fn place_fresh(&mut self) {
        self.placed += self.fresh.len();
        for entry in &self.fresh {
            let rung = if entry.at < self.inner.end {
                &mut self.inner
            } else if let Some(outer) = self.outer.iter_mut().rfind(|rung| entry.at < rung.end) {
                outer
            } else {
                continue; // the first rung is endless
            };
            self.blocks.append(rung.bucket_of(entry.at), *entry);
        }
        self.fresh.clear();
    }

    /// Into the hand, or what is in it goes to the sorted events, or this does.
    #[inline]
    fn push_near(&mut self, at: u64, event: E) {
        match self.hand {
            Some(hand) if hand.at < at => self.sort_in(at, event),
            Some(hand) => {
                self.hand = Some(Entry { at, event });
                self.sort_in(hand.at, hand.event);
            }
            None => self.hand = Some(Entry { at, event }),
        }
    }

    /// Into the sorted events, so that it leaves after those of the same instant.
    #[inline(never)] // seldom
    fn sort_in(&mut self, at: u64, event: E) {
        self.insert(at, event);
        if self.near.len() > MANY {
            self.put_back();
        }
    }

    fn insert(&mut self, at: u64, event: E) {
        let place = self.near.partition_point(|entry| entry.at > at);
        self.near.insert(place, Entry { at, event });
    }

    /// The later half of the sorted events goes back to the bucket that they came from, which is empty but for
    /// what comes after them; so do fresh ones. Those of the moment in the middle stay, and what is pushed for
    /// it from now on comes after them.
    fn put_back(&mut self) {
        if let Some(hand) = self.hand.take() {
            self.insert(hand.at, hand.event);
        }
        let split = self.near[self.near.len() / 2].at;
        let later = self.near.partition_point(|e| e.at > split);
        self.placed += later;
        for entry in self.near.drain(..later).rev() {
            self.blocks.append(self.inner.current_bucket(), entry);
        }
        self.near_end = split;
    }

    /// Sorts the next bucket, if there is one. Out of line: what asks for an event stays small.
    #[inline(never)]
    fn refill(&mut self, mut notice: impl FnMut(&E)) {
        self.place_fresh();
        while self.placed > 0 {
            let end = self.inner.current_end();
            if self.inner.current_bucket().is_empty() {
                self.advance();
                continue;
            }
            self.announce(&mut notice);
            let bucket = self.inner.current_bucket();
            if bucket.len() <= FEW {
                let within = (self.near_end, end);
                self.blocks.take_few(bucket, |few| sort(few, within, &mut self.near));
                self.placed -= self.near.len();
                self.near_end = end;
                return;
            }
            let spread = self.blocks.spread(bucket);
            if spread.first == spread.last {
                self.blocks.take(bucket, &mut self.near);
                self.placed -= self.near.len();
                self.near.reverse();
                self.near_end = spread.first;
                return;
            }
            self.deal(&spread, end);
        }
    }

    /// Of a long queue, the events of the current bucket and of the next one. Not many more at once: a processor
    /// waits for its memory in a dozen places or so, and then for one of them to be free.
    #[inline]
    fn announce(&mut self, notice: &mut impl FnMut(&E)) {
        if self.placed <= LONG {
            return;
        }
        let Rung { current, noticed, buckets, .. } = &mut self.inner;
        let (from, to) = ((*noticed).max(*current), buckets.len().min(*current + 2));
        for bucket in buckets[from..to].iter().filter(|bucket| (1..=FEW).contains(&bucket.len())) {
            self.blocks.few(bucket).iter().for_each(|entry| notice(&entry.event));
        }
        *noticed = to;
    }

    /// The current bucket of the inner rung is done.
    fn advance(&mut self) {
        self.near_end = self.near_end.max(self.inner.current_end());
        self.inner.current += 1;
        if self.inner.current == self.inner.buckets.len() {
            let next = self.outer.pop().unwrap_or_else(Rung::endless);
            let done = std::mem::replace(&mut self.inner, next);
            self.spare.push(done.buckets);
        }
    }

    /// Deals the current bucket of the inner rung, which ends at `end`, out over a new rung that fits the
    /// times in it.
    fn deal(&mut self, spread: &Spread, end: u64) {
        let bucket = std::mem::take(self.inner.current_bucket());
        let (first, span) = (spread.first, spread.last - spread.first);
        let fitting = u128::from(spread.mean - first) * u128::from(WIDTH) / bucket.len() as u128;
        let most = span.ilog2(); // two buckets
        let least = (most + 1).saturating_sub(WIDEST.ilog2());
        let shift = (fitting | 1).ilog2().clamp(least, most);
        let count = (span >> shift) + 1;
        let width = count.saturating_mul(1 << shift);
        let mut buckets = self.spare.pop().unwrap_or_default();
        buckets.clear();
        buckets.resize(count as usize, Bucket::default());
        let end = first.saturating_add(width).min(end);
        let mut rung = Rung { start: first, end, shift, current: 0, noticed: 0, buckets };
        self.blocks.deal(bucket, |at| (at - first) >> shift, &mut rung.buckets);
        self.near_end = first;
        self.outer.push(std::mem::replace(&mut self.inner, rung));
    }
}

impl<E: Copy> Default for Queue<E> {
    fn default() -> Queue<E> {
        Queue::new()
    }
}

#[cfg(test)]
mod tests;
