//! Counts over time in constant memory: buckets of equal width; when there are too many of them, two
//! become one and the width doubles. The result depends on what was counted, not on the order.

use crate::base::{Moment, Span};

/// No more buckets than this.
const MOST: usize = 4096;

/// Counts over time.
#[derive(Clone, Debug)]
pub struct Series {
    width: Span,
    counts: Vec<u64>,
    /// The bucket that was counted in last, and where it begins: most counts fall in the same again, and a
    /// division costs as much as all the rest.
    last: (usize, u64),
}

impl PartialEq for Series {
    fn eq(&self, other: &Series) -> bool {
        (self.width, &self.counts) == (other.width, &other.counts)
    }
}

impl Series {
    /// Nothing counted, buckets of a width.
    pub fn new(width: Span) -> Series {
        Series { width: width.max(Span::from_nanos(1)), counts: Vec::new(), last: (0, u64::MAX) }
    }
    /// The width of a bucket.
    pub fn width(&self) -> Span {
        self.width
    }
    /// The counts, bucket by bucket from the start.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }
    /// One more at a moment.
    pub fn add(&mut self, at: Moment) {
        let (last, begins) = self.last;
        if at.as_nanos() >= begins && at.as_nanos() - begins < self.width.as_nanos() {
            self.counts[last] += 1;
            return;
        }
        let mut bucket = at.as_nanos() / self.width.as_nanos();
        while bucket >= MOST as u64 {
            self.halve();
            bucket /= 2;
        }
        let bucket = bucket as usize;
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.last = (bucket, bucket as u64 * self.width.as_nanos());
    }
    /// Adds another series of the same first width.
    pub fn merge(&mut self, other: &Series) {
        let mut other = other.clone();
        while self.width < other.width {
            self.halve();
        }
        while other.width < self.width {
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
        while coarse.width < width {
            coarse.halve();
        }
        coarse
    }
    fn halve(&mut self) {
        self.width = self.width.times(2);
        self.last = (0, u64::MAX);
        self.counts = self.counts.chunks(2).map(|pair| pair.iter().sum()).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(times: &[u64]) -> Series {
        let mut series = Series::new(Span::from_nanos(10));
        times.iter().for_each(|t| series.add(Moment::from_nanos(*t)));
        series
    }

    proptest! {
        #[test]
        fn parts_merge_to_the_whole_in_any_order(
            a in prop::collection::vec(0u64..1 << 40, 0..50),
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
