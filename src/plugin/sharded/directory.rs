//! What is known of each tool, read by every call on every thread. A lock that all of them share would
//! cost more than the decision, so there is none: a slot is written once and never cleared, and readers
//! only load. When the slots near a tool's place are taken, it goes to a block of twice the size behind.
//!
//! A tool is known by 64 bits of XXH3. Two of a million tools collide with a chance of 3 in 10^8.

use super::sync::{AtomicU64, OnceLock, Ordering};
use crate::base::Moment;
use crate::base::random::{Draws, Stream};
use crate::plugin::backoff;

/// How many slots a tool may be away from its place.
const REACH: u64 = if cfg!(loom) { 1 } else { 8 };
const SMALLEST_BLOCK: usize = if cfg!(loom) { 1 } else { 64 };

/// A tool that has failed, or that has a policy of its own.
pub(super) struct Tool {
    /// The entity of its name.
    pub(super) hash: u64,
    /// Its number in this directory.
    pub(super) id: u32,
    /// The place of its policy.
    pub(super) policy: u32,
    /// What its jitter is drawn from.
    pub(super) luck: Stream,
    oldest: AtomicU64,
}

impl Tool {
    /// No remembered failure of the tool is older; `Moment::NEVER` if none was ever remembered.
    pub(super) fn oldest(&self) -> Moment {
        Moment::from_nanos(self.oldest.load(Ordering::Relaxed))
    }
    /// A failure at a moment is remembered. Said after it was put into its shard: an eviction that did
    /// not meet it there has stored its own moment before.
    pub(super) fn remember(&self, at: Moment) {
        if at < self.oldest() {
            self.oldest.fetch_min(at.as_nanos(), Ordering::Relaxed);
        }
    }
    /// What is older than this is about to be forgotten; said before the shards are asked.
    pub(super) fn forget_before(&self, oldest: Moment) {
        self.oldest.store(oldest.as_nanos(), Ordering::Relaxed);
    }
}

/// All tools that are known.
pub(super) struct Directory {
    draws: Draws,
    first: Block,
}

impl Directory {
    /// A directory with room for a number of tools in its first block, of which they take a quarter at most:
    /// nearly all stand in their places.
    pub(super) fn with_room_for(tools: usize, draws: Draws) -> Directory {
        let slots = (4 * tools).next_power_of_two().max(SMALLEST_BLOCK);
        Directory { draws, first: Block::new(slots, 0) }
    }

    /// The tool, if it is known.
    #[inline(always)] // in the way of every call
    pub(super) fn find(&self, hash: u64) -> Option<&Tool> {
        let slots = &self.first.slots;
        let tool = slots[hash as usize & (slots.len() - 1)].get()?;
        if tool.hash == hash { Some(tool) } else { self.find_beyond(hash) }
    }

    /// The tool, if it is known, and not in its place.
    #[cold]
    fn find_beyond(&self, hash: u64) -> Option<&Tool> {
        let mut block = &self.first;
        loop {
            let mask = block.slots.len() - 1;
            for step in 0..REACH {
                // Slots fill in order and are never cleared: an empty one ends the search.
                let tool = block.slots[hash.wrapping_add(step) as usize & mask].get()?;
                if tool.hash == hash {
                    return Some(tool);
                }
            }
            block = block.next.get()?;
        }
    }

    /// The tool; one that is not known yet enters with a policy.
    pub(super) fn find_or_enter(&self, hash: u64, policy: u32) -> &Tool {
        let mut block = &self.first;
        loop {
            let mask = block.slots.len() - 1;
            for step in 0..REACH {
                let place = hash.wrapping_add(step) as usize & mask;
                let tool = block.slots[place].get_or_init(|| {
                    let id = block.first_id + place as u32;
                    let luck = backoff::of_tool(&self.draws, hash);
                    let oldest = AtomicU64::new(Moment::NEVER.as_nanos());
                    Tool { hash, id, policy, luck, oldest }
                });
                if tool.hash == hash {
                    return tool;
                }
            }
            let slots = block.slots.len();
            let first_id = block.first_id + slots as u32;
            block = block.next.get_or_init(|| Box::new(Block::new(2 * slots, first_id)));
        }
    }
}

struct Block {
    /// A power of two of them.
    slots: Box<[OnceLock<Tool>]>,
    first_id: u32,
    next: OnceLock<Box<Block>>,
}

impl Block {
    fn new(slots: usize, first_id: u32) -> Block {
        let slots = (0..slots).map(|_| OnceLock::new()).collect();
        Block { slots, first_id, next: OnceLock::new() }
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;
    use crate::base::random::entity;
    use std::collections::BTreeSet;

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn ten_thousand_tools_keep_their_numbers_and_policies() {
        let directory = Directory::with_room_for(0, Draws::new(1, 0));
        let hash = |i: u32| entity(&format!("tool-{i}"));
        let ids: Vec<u32> = (0..10_000).map(|i| directory.find_or_enter(hash(i), i).id).collect();
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 10_000);
        for i in 0..10_000 {
            let tool = directory.find(hash(i)).unwrap();
            assert_eq!((tool.id, tool.policy), (ids[i as usize], i));
            assert_eq!(directory.find_or_enter(hash(i), 7).policy, i);
        }
        assert!(directory.find(entity("stranger")).is_none());
    }

    #[test]
    fn threads_that_enter_the_same_tools_agree_on_them() {
        let directory = Directory::with_room_for(0, Draws::new(1, 0));
        let tools = if cfg!(miri) { 30 } else { 2_000 };
        let enter =
            || (0..tools).map(|i| directory.find_or_enter(i * 64, 0).id).collect::<Vec<_>>();
        let seen: Vec<Vec<u32>> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(enter)).collect();
            threads.into_iter().map(|t| t.join().unwrap()).collect()
        });
        assert!(seen.iter().all(|ids| *ids == seen[0]));
        assert_eq!(seen[0].iter().collect::<BTreeSet<_>>().len() as u64, tools);
    }
}
