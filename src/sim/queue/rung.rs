//! A rung of the ladder.

use super::blocks::Bucket;

/// Buckets of one width, the first of which begins at `start`. Those before `current` are done.
pub(super) struct Rung {
    pub(super) start: u64,
    /// Where the last bucket ends.
    pub(super) end: u64,
    /// The width is two to this power.
    pub(super) shift: u32,
    pub(super) current: usize,
    /// The events of the buckets before this one were announced, if there were few.
    pub(super) noticed: usize,
    pub(super) buckets: Vec<Bucket>,
}

impl Rung {
    /// All of time.
    pub(super) fn endless() -> Rung {
        let buckets = vec![Bucket::default(); 2];
        Rung { start: 0, end: u64::MAX, shift: u64::BITS - 1, current: 0, noticed: 0, buckets }
    }

    /// The bucket of a moment before the end that no inner rung covers; the current one also takes what comes
    /// before it, for that has not been sorted yet.
    pub(super) fn bucket_of(&mut self, at: u64) -> &mut Bucket {
        let place = (at.saturating_sub(self.start) >> self.shift) as usize;
        &mut self.buckets[place.max(self.current)]
    }

    /// The earliest bucket that is not done.
    pub(super) fn current_bucket(&mut self) -> &mut Bucket {
        &mut self.buckets[self.current]
    }

    /// Where the current bucket ends.
    pub(super) fn current_end(&self) -> u64 {
        let next = self.current + 1;
        if next == self.buckets.len() {
            self.end
        } else {
            self.start + ((next as u64) << self.shift)
        }
    }
}
