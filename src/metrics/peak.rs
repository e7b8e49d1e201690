//! How dense a herd is: the largest number of attempts that reach one tool within 100 ms, beside the
//! tool's calm before its first fault.

use super::series::BUCKET;
use crate::base::{Moment, Span};
use crate::sim::world::Window;

/// The largest number of attempts in one bucket of one tool.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub(super) struct Peak {
    /// The largest.
    most: u64,
    /// Attempts of the same tool before its first fault, and how long that was.
    calm: u64,
    calm_for: Span,
    /// Where the present bucket ends, and how many it has.
    ends: Moment,
    count: u64,
}

impl Peak {
    /// A moment lies behind the present bucket: [`turn`](Peak::turn) first.
    #[inline(always)]
    pub(super) fn is_over(&self, now: Moment) -> bool {
        now >= self.ends
    }

    /// The bucket of a moment is the present one from now on. Gives a moment of the one before, and how many it had.
    pub(super) fn turn(&mut self, now: Moment) -> (Moment, u64) {
        let bucket = now.as_nanos() / BUCKET.as_nanos();
        let begins = Moment::from_nanos(self.ends.as_nanos().saturating_sub(BUCKET.as_nanos()));
        let count = std::mem::take(&mut self.count);
        self.most = self.most.max(count);
        self.ends = Moment::START + BUCKET.times(bucket + 1);
        (begins, count)
    }

    /// One more attempt in the present bucket, not earlier than the last, of a tool with this trouble.
    #[inline(always)]
    pub(super) fn attempt(&mut self, now: Moment, trouble: Option<Window>) {
        self.count += 1;
        self.calm += u64::from(trouble.is_some_and(|trouble| now < trouble.from));
    }

    /// No attempt comes any more, and the last bucket was turned over.
    pub(super) fn close(&mut self, trouble: Option<Window>) {
        self.calm_for = trouble.map_or(Span::ZERO, |trouble| trouble.from.since(Moment::START));
    }

    /// The largest number.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// The same in means of a bucket before the first fault; nothing where there was no calm.
    pub(super) fn ratio(&self) -> Option<f64> {
        let buckets = self.calm_for.as_nanos() as f64 / BUCKET.as_nanos() as f64;
        (self.calm > 0).then(|| self.most as f64 * buckets / self.calm as f64)
    }
}
