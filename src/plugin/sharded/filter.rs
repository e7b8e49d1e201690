//! Most successes are of calls that never failed, and should not pay for a lock to learn that nothing is
//! remembered of them. So each shard has a filter that is read without its lock. It may say "perhaps" of a
//! call that is not there, once in about fifty times, and never says "no" of one that is.
//!
//! It is a counting filter of fingerprints, as a cuckoo filter's buckets are (Fan, Andersen, Kaminsky,
//! Mitzenmacher 2014), without the moves, which a reader could miss. A bucket is one word: seven tags of a
//! byte, and a byte that counts the calls for which there was no room. A word changes under the shard's
//! lock, in one store, and every word that comes after a call was entered and before it left tells of it:
//! what a reader sees of its own call, which failed before, is never too old.
//!
//! The filter doubles by a new block, filled before it is shown. Blocks stay, for a reader may hold one:
//! 4 to 8 bytes for each call of the most that there ever were.

use super::sync::{AtomicU64, AtomicUsize, OnceLock, Ordering};

/// Buckets of the first block.
const SMALLEST: usize = if cfg!(loom) { 1 } else { 8 };
/// Blocks at most, each twice as large as the one before.
const BLOCKS: usize = if cfg!(loom) { 3 } else { 24 };
/// Calls for a bucket, on average and at most.
const LOAD: usize = if cfg!(loom) { 1 } else { 4 };
/// Tags in a bucket.
const TAGS: u32 = 7;
/// One in each tag's lowest bit.
const LOWEST: u64 = 0x0001_0101_0101_0101;
/// The lowest bit of the count.
const ONE_MORE: u64 = 1 << (8 * TAGS);
/// The count when it no longer counts: such a bucket says "perhaps" for ever.
const FULL: u64 = 0xff;

type Block = Box<[AtomicU64]>;

/// What a shard may remember.
pub(super) struct Filter {
    /// Which block is in use.
    current: AtomicUsize,
    blocks: [OnceLock<Block>; BLOCKS],
}

impl Default for Filter {
    fn default() -> Filter {
        Filter { current: AtomicUsize::new(0), blocks: std::array::from_fn(|_| OnceLock::new()) }
    }
}

impl Filter {
    /// False if no call with the hash is remembered. Needs no lock.
    #[inline]
    pub(super) fn may_hold(&self, hash: u64) -> bool {
        self.block().is_some_and(|block| {
            let word = bucket(block, hash).load(Ordering::Relaxed);
            word >= ONE_MORE || has_zero(word ^ (LOWEST * tag(hash)))
        })
    }

    /// A call is remembered, one of so many; the shard is locked. Asks for all hashes if it has to grow.
    pub(super) fn enter<I>(&self, hash: u64, calls: usize, all: impl FnOnce() -> I)
    where
        I: Iterator<Item = u64>,
    {
        let current = self.current.load(Ordering::Relaxed);
        if calls > LOAD * (SMALLEST << current) && current + 1 < BLOCKS {
            let block = self.blocks[current + 1].get_or_init(|| empty(current + 1));
            all().for_each(|hash| change(bucket(block, hash), |word| with(word, tag(hash))));
            self.current.store(current + 1, Ordering::Release);
            return;
        }
        let block = self.blocks[current].get_or_init(|| empty(current));
        change(bucket(block, hash), |word| with(word, tag(hash)));
    }

    /// A call is forgotten; the shard is locked.
    pub(super) fn leave(&self, hash: u64) {
        if let Some(block) = self.block() {
            change(bucket(block, hash), |word| without(word, tag(hash)));
        }
    }

    fn block(&self) -> Option<&Block> {
        self.blocks.get(self.current.load(Ordering::Acquire))?.get()
    }

    /// The bytes allocated.
    #[cfg(all(test, not(loom)))]
    pub(super) fn bytes(&self) -> usize {
        self.blocks.iter().filter_map(OnceLock::get).map(|block| 8 * block.len()).sum()
    }
}

fn empty(nth: usize) -> Block {
    (0..SMALLEST << nth).map(|_| AtomicU64::new(0)).collect()
}

fn bucket(block: &Block, hash: u64) -> &AtomicU64 {
    &block[hash as usize & (block.len() - 1)]
}

/// Writers take turns, so that a load and a store are enough.
fn change(bucket: &AtomicU64, how: impl FnOnce(u64) -> u64) {
    bucket.store(how(bucket.load(Ordering::Relaxed)), Ordering::Relaxed);
}

/// A byte, never 0: that is an empty place.
fn tag(hash: u64) -> u64 {
    (hash >> 32 & 0xff).max(1)
}

/// Whether one of the tags is 0; of zeros, the lowest is found for sure.
fn has_zero(tags: u64) -> bool {
    lowest_zero(tags) != 0
}

/// The highest bit of each tag that is 0, the lowest of them for sure.
fn lowest_zero(tags: u64) -> u64 {
    tags.wrapping_sub(LOWEST) & !tags & (LOWEST << 7)
}

/// A word with one tag more.
fn with(word: u64, tag: u64) -> u64 {
    match lowest_zero(word) {
        0 if word >> (8 * TAGS) == FULL => word,
        0 => word + ONE_MORE,
        free => word | tag << (free.trailing_zeros() - 7),
    }
}

/// A word with one tag less; where it is not, its call is one of those that are only counted.
fn without(word: u64, tag: u64) -> u64 {
    match lowest_zero(word ^ (LOWEST * tag)) {
        0 if word >> (8 * TAGS) == FULL => word,
        0 => word.saturating_sub(ONE_MORE),
        found => word & !(0xff << (found.trailing_zeros() - 7)),
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::*;
    use crate::base::random::scrambled;
    use proptest::prelude::*;

    /// Hashes of which many share buckets and tags.
    fn hash(n: u64) -> u64 {
        (scrambled(n) & 0x3_0000_0007) | n << 40
    }

    proptest! {
        #[test]
        fn what_is_there_is_never_denied(steps in proptest::collection::vec(0u64..400, 1..900)) {
            let filter = Filter::default();
            let mut there = Vec::new();
            for n in steps {
                let hash = hash(n);
                match there.iter().position(|h| *h == hash) {
                    Some(place) => {
                        there.swap_remove(place);
                        filter.leave(hash);
                    }
                    None => {
                        there.push(hash);
                        filter.enter(hash, there.len(), || there.iter().copied());
                    }
                }
                prop_assert!(there.iter().all(|h| filter.may_hold(*h)));
            }
            there.iter().for_each(|h| filter.leave(*h));
            let counts = |n| filter.may_hold(hash(n));
            let left = (0..400).filter(|n| counts(*n)).count();
            prop_assert!(left == 0 || there.len() > 255, "{left} are left behind");
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn a_stranger_is_taken_for_a_call_about_once_in_fifty_times() {
        let filter = Filter::default();
        let calls: Vec<u64> = (0..20_000).map(scrambled).collect();
        for (n, call) in calls.iter().enumerate() {
            filter.enter(*call, n + 1, || calls[..=n].iter().copied());
        }
        let strangers = 100_000..200_000;
        let taken = strangers.filter(|n| filter.may_hold(scrambled(*n))).count();
        assert!(taken < 4_000, "{taken} of 100,000");
        assert!(calls.iter().all(|call| filter.may_hold(*call)));
        assert!(filter.bytes() <= 8 * calls.len(), "{} bytes", filter.bytes());
    }
}
