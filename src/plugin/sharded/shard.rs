//! The calls of one shard, found by key and known by age. Most shards of a gateway remember nothing or one
//! call, and threads hand shards to each other by cache lines: so the first call lies beside the lock
//! and the filter's head, in one line with them, and only further ones in a [`Crowd`].

use std::num::NonZeroU32;

use super::crowd::Crowd;
use super::filter::Filter;
use crate::base::{Moment, Span};
use crate::plugin::ORPHAN_AFTER;

/// 128 bits that stand for the pair (tool, request).
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Key {
    /// Differs between tools for the same request.
    pub(super) hash: u64,
    /// The rest.
    pub(super) rest: u64,
}

/// What is remembered of a call that failed, in 48 bytes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Call {
    /// Which call.
    pub(super) key: Key,
    /// When the last failure came.
    pub(super) last: Moment,
    /// The waits granted, together.
    pub(super) total_wait: Span,
    /// The wait granted last.
    pub(super) previous: Span,
    /// Failures so far, each of which was granted a retry.
    pub(super) failures: NonZeroU32,
    /// The number of its tool.
    pub(super) tool: u32,
}

impl Call {
    /// One that has failed once.
    pub(super) fn first(key: Key, tool: u32, at: Moment, wait: Span) -> Call {
        let failures = NonZeroU32::MIN;
        Call { key, last: at, total_wait: wait, previous: wait, failures, tool }
    }
    /// It has failed again, and waits.
    pub(super) fn fail_again(&mut self, at: Moment, wait: Span) {
        self.last = at;
        self.total_wait += wait;
        self.previous = wait;
        self.failures = self.failures.saturating_add(1);
    }
    /// What came of it so far.
    pub(super) fn past(&self) -> Past {
        let Call { failures, total_wait, previous, .. } = *self;
        Past { failures: failures.get(), total_wait, previous }
    }
    /// Asks for the rest of the key only if the hash is this call's.
    pub(super) fn is(&self, hash: u64, rest: impl Fn() -> u64) -> bool {
        self.key.hash == hash && self.key.rest == rest()
    }
    /// True if it counts as gone.
    pub(super) fn is_orphan(&self, now: Moment) -> bool {
        now.since(self.last) > ORPHAN_AFTER
    }
}

/// What has to be known of a call when it ends or fails again; fields as in [`Call`].
#[derive(Clone, Copy)]
pub(super) struct Past {
    pub(super) failures: u32,
    pub(super) total_wait: Span,
    pub(super) previous: Span,
}

/// Where a call is, until the next change.
#[derive(Clone, Copy)]
pub(super) enum Place {
    First,
    Crowd(u32),
}

/// The calls whose keys fall into one shard. Plain data: locks and policies are the caller's.
#[derive(Default)]
#[repr(C)] // the first call next to what stands in front of the shard
pub(super) struct Shard {
    first: Option<Call>,
    crowd: Crowd,
}

impl Shard {
    fn hashes(&self) -> impl Iterator<Item = u64> + Clone {
        self.first.iter().chain(self.crowd.calls()).map(|call| call.key.hash)
    }

    /// The bytes allocated.
    #[cfg(all(test, not(loom)))]
    pub(super) fn bytes(&self) -> usize {
        self.crowd.bytes()
    }
}

/// A shard under its lock, with the filter that is told who comes and goes.
pub(super) struct Held<'a> {
    pub(super) shard: &'a mut Shard,
    pub(super) filter: Filter<'a>,
}

impl Held<'_> {
    /// The place of a call, and its past. An orphan is forgotten instead. The rest of its key is asked for
    /// only if its hash is here.
    pub(super) fn find(
        &mut self,
        hash: u64,
        rest: impl Fn() -> u64,
        now: Moment,
    ) -> Option<(Place, Past)> {
        let (place, call) = match &self.shard.first {
            Some(call) if call.is(hash, &rest) => (Place::First, call),
            _ => {
                let (place, call) = self.shard.crowd.find(hash, rest)?;
                (Place::Crowd(place), call)
            }
        };
        if call.is_orphan(now) {
            self.remove(place, hash);
            return None;
        }
        Some((place, call.past()))
    }

    /// Remembers a call that is not there.
    pub(super) fn insert(&mut self, call: Call) {
        match self.shard.first {
            None => self.shard.first = Some(call),
            Some(_) => self.shard.crowd.insert(call),
        }
        self.filter.add(call.key.hash, self.shard.hashes());
    }

    /// Changes what is remembered of a call that has just failed.
    pub(super) fn update(&mut self, place: Place, change: impl FnOnce(&mut Call)) {
        match (place, &mut self.shard.first) {
            (Place::Crowd(place), _) => self.shard.crowd.update(place, change),
            (Place::First, Some(call)) => change(call),
            (Place::First, None) => {}
        }
    }

    /// Forgets a call, known by its place and its hash.
    #[inline]
    pub(super) fn remove(&mut self, place: Place, hash: u64) {
        match place {
            Place::First => self.shard.first = None,
            Place::Crowd(place) => self.shard.crowd.remove(place),
        }
        self.filter.remove(hash);
    }

    /// Forgets the orphans of a tool. Returns when the oldest call that is left failed.
    pub(super) fn evict(&mut self, tool: u32, now: Moment) -> Option<Moment> {
        let of_tool = |call: &Call| call.tool == tool;
        let mut first = self.shard.first.filter(of_tool);
        if let Some(call) = first.take_if(|call| call.is_orphan(now)) {
            self.remove(Place::First, call.key.hash);
        }
        let left = loop {
            match self.shard.crowd.oldest(tool) {
                Some((place, call)) if call.is_orphan(now) => {
                    self.remove(Place::Crowd(place), call.key.hash);
                }
                oldest => break oldest.map(|(_, call)| call.last),
            }
        };
        first.map(|call| call.last).into_iter().chain(left).min()
    }
}
