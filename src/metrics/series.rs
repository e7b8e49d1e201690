//! Counts over time in constant memory: buckets of equal width; when there are too many of them, two
//! become one and the width doubles. The result depends on what was counted, not on the order.

use crate::base::{Moment, Span};

/// No more buckets than this.
const MOST: usize = 4096;

/// The width of a bucket to begin with: known when the code is compiled, for a division by it is then a
/// multiplication.
pub(super) const BUCKET: Span = Span::from_millis(100);

/// Counts over time.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Series {
    /// How often the width has doubled.
    doublings: u32,
    counts: Vec<u64>,
}

impl Series {
    /// The width of a bucket.
    pub fn width(&self) -> Span {
        BUCKET.doubled(self.doublings)
    }
    /// The counts, bucket by bucket from the start.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }
    /// One more at a moment.
    #[inline]
    pub fn add(&mut self, at: Moment) {
        self.add_many(at, 1);
    }
    /// So many more at a moment.
    #[inline]
    pub fn add_many(&mut self, at: Moment, more: u64) {
        let bucket = self.bucket(at);
        match self.counts.get_mut(bucket as usize) {
            Some(count) => *count += more,
            None => self.add_beyond(at, more),
        }
    }
    fn bucket(&self, at: Moment) -> u64 {
        (at.as_nanos() / BUCKET.as_nanos()) >> self.doublings
    }
    /// So many more at a moment that no bucket holds yet.
    #[cold]
    fn add_beyond(&mut self, at: Moment, more: u64) {
        while self.bucket(at) >= MOST as u64 {
            self.halve();
        }
        let bucket = self.bucket(at) as usize;
        self.counts.resize(self.counts.len().max(bucket + 1), 0);
        self.counts[bucket] += more;
    }
    /// Adds another series.
    pub fn merge(&mut self, other: &Series) {
        let mut other = other.clone();
        while self.doublings < other.doublings {
            self.halve();
        }
        while other.doublings < self.doublings {
            other.halve();
        }
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        self.counts.iter_mut().zip(&other.counts).for_each(|(a, b)| *a += b);
    }
    /// The same with buckets at least as wide as given (a power of two times the first width).
    pub fn coarse(&self, width: Span) -> Series {
        let mut coarse = self.clone();
        while coarse.width() < width {
            coarse.halve();
        }
        coarse
    }
    fn halve(&mut self) {
        self.doublings += 1;
        self.counts = self.counts.chunks(2).map(|pair| pair.iter().sum()).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(times: &[u64]) -> Series {
        let mut series = Series::default();
        times.iter().for_each(|ms| series.add(Moment::START + Span::from_millis(*ms)));
        series
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_whole_in_any_order(
            a in prop::collection::vec(0u64..1 << 44, 0..50),
            b in prop::collection::vec(0u64..1 << 20, 0..50),
        ) {
            let whole = of(&[a.clone(), b.clone()].concat());
            let (mut ab, mut ba) = (of(&a), of(&b));
            ab.merge(&of(&b));
            ba.merge(&of(&a));
            prop_assert_eq!(&ab, &whole);
            prop_assert_eq!(&ba, &whole);
            prop_assert!(whole.counts().len() <= MOST);
            prop_assert_eq!(whole.counts().iter().sum::<u64>(), (a.len() + b.len()) as u64);
        }
    }
}
