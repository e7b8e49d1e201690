//! Where the buckets keep their events: chains of small blocks out of one vector, so that buckets that
//! fill and empty in turn share their room, and what waits costs little more than its own size.

use super::Entry;
use super::few::FEW;

/// Events in a block.
const BLOCK: usize = 32;
/// No block.
const NONE: u32 = u32::MAX;

/// A chain of blocks.
#[derive(Clone, Copy)]
pub(super) struct Bucket {
    first: u32,
    /// Where the next event goes, unless a block begins there.
    next: u32,
    length: u32,
}

impl Default for Bucket {
    fn default() -> Bucket {
        Bucket { first: NONE, next: 0, length: 0 }
    }
}

impl Bucket {
    pub(super) fn len(&self) -> usize {
        self.length as usize
    }
    pub(super) fn is_empty(&self) -> bool {
        self.length == 0
    }
}

/// How moments lie, in nanoseconds.
pub(super) struct Spread {
    pub(super) first: u64,
    pub(super) last: u64,
    pub(super) mean: u64,
}

/// All blocks.
pub(super) struct Blocks<E> {
    entries: Vec<Entry<E>>,
    /// The block that follows in its chain, or among the free ones.
    following: Vec<u32>,
    free: u32,
}

impl<E: Copy> Blocks<E> {
    pub(super) fn new() -> Blocks<E> {
        Blocks { entries: Vec::new(), following: Vec::new(), free: NONE }
    }

    /// An event goes to the end of a bucket.
    #[inline]
    pub(super) fn append(&mut self, bucket: &mut Bucket, entry: Entry<E>) {
        if bucket.next.is_multiple_of(BLOCK as u32) {
            self.lengthen(bucket, entry);
        }
        self.entries[bucket.next as usize] = entry;
        bucket.next += 1;
        bucket.length += 1;
    }

    /// A further block for a bucket. Out of line, so that the common case saves no registers for it.
    #[inline(never)]
    fn lengthen(&mut self, bucket: &mut Bucket, filler: Entry<E>) {
        let block = self.block(filler);
        if bucket.is_empty() {
            bucket.first = block;
        } else {
            let last = (bucket.next - 1) / BLOCK as u32;
            self.following[last as usize] = block;
        }
        bucket.next = block * BLOCK as u32;
    }

    /// A block that no bucket has, a new one full of some event.
    fn block(&mut self, filler: Entry<E>) -> u32 {
        if self.free != NONE {
            let block = self.free;
            self.free = std::mem::replace(&mut self.following[block as usize], NONE);
            return block;
        }
        if self.following.len() == self.following.capacity() {
            // Room that grows by a quarter: by twice, half of it would lie idle.
            let more = self.following.len() / 4 + 64;
            self.following.reserve_exact(more);
            self.entries.reserve_exact(more * BLOCK);
        }
        self.following.push(NONE);
        self.entries.resize(self.entries.len() + BLOCK, filler);
        (self.following.len() - 1) as u32
    }

    /// Empties a bucket, block by block, in order.
    fn drain(&mut self, bucket: Bucket, mut each: impl FnMut(&mut Self, usize, usize)) {
        let (mut block, mut left) = (bucket.first, bucket.len());
        while block != NONE {
            let from = block as usize * BLOCK;
            let here = left.min(BLOCK);
            let following = self.following[block as usize];
            each(self, from, from + here);
            self.following[block as usize] = self.free;
            self.free = block;
            (block, left) = (following, left - here);
        }
    }

    /// Moves a bucket's events to the end of a vector.
    pub(super) fn take(&mut self, bucket: &mut Bucket, out: &mut Vec<Entry<E>>) {
        let bucket = std::mem::take(bucket);
        self.drain(bucket, |blocks, from, to| out.extend_from_slice(&blocks.entries[from..to]));
    }

    /// Empties a bucket of 1 to [`FEW`] events, all of which are seen at once.
    pub(super) fn take_few(&mut self, bucket: &mut Bucket, see: impl FnOnce(&[Entry<E>])) {
        let bucket = std::mem::take(bucket);
        see(self.few(&bucket));
        self.following[bucket.first as usize] = self.free;
        self.free = bucket.first;
    }

    /// The events of a bucket of 1 to [`FEW`]: they lie in one block.
    pub(super) fn few(&self, bucket: &Bucket) -> &[Entry<E>] {
        const { assert!(FEW <= BLOCK) };
        let from = bucket.first as usize * BLOCK;
        &self.entries[from..from + bucket.len()]
    }

    /// Deals a bucket's events out over others, each to the place of its time.
    pub(super) fn deal(&mut self, bucket: Bucket, place: impl Fn(u64) -> u64, to: &mut [Bucket]) {
        self.drain(bucket, |blocks, from, end| {
            for i in from..end {
                let entry = blocks.entries[i];
                blocks.append(&mut to[place(entry.at) as usize], entry);
            }
        });
    }

    /// How the moments lie in a bucket that is not empty.
    pub(super) fn spread(&self, bucket: &Bucket) -> Spread {
        let (mut first, mut last, mut sum) = (u64::MAX, 0, 0);
        self.each(bucket, |entry| {
            (first, last) = (first.min(entry.at), last.max(entry.at));
            sum += u128::from(entry.at);
        });
        Spread { first, last, mean: (sum / bucket.len() as u128) as u64 }
    }

    /// Looks at a bucket's events, in order.
    pub(super) fn each(&self, bucket: &Bucket, mut look: impl FnMut(&Entry<E>)) {
        let (mut block, mut left) = (bucket.first, bucket.len());
        while block != NONE {
            let from = block as usize * BLOCK;
            let here = left.min(BLOCK);
            self.entries[from..from + here].iter().for_each(&mut look);
            (block, left) = (self.following[block as usize], left - here);
        }
    }
}
