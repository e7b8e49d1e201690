//! Lengths of time of which quantiles are read, in microseconds with three digits: the steps of an HDR histogram.
//!
//! Few of them are kept as they are, more go into a histogram: it has some thousand counters, and a short run
//! would spend more on reading them than on its simulation. They go there many at a time: each waits for a counter
//! in cold memory, and together they wait once. Which of the two it is cannot be seen from outside.

use std::borrow::Cow;
use std::sync::LazyLock;

use hdrhistogram::Histogram;

use crate::base::Span;

/// So many are kept one by one.
const FEW: usize = 1024;

/// The longest time that is told apart, in microseconds (116 days); longer ones count as it.
const LONGEST: u64 = 10_000_000_000_000;

/// Where steps begin and end.
static STEPS: LazyLock<Histogram<u64>> = LazyLock::new(histogram);

/// Its room grows with the longest time seen: one that holds all times from the start would cost a short run
/// more than its simulation.
fn histogram() -> Histogram<u64> {
    Histogram::new(3).expect("three digits are allowed")
}

/// Times, counted by steps.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    /// Those that are not in the histogram.
    few: Vec<u64>,
    /// The others; empty until there are too many.
    many: Option<Histogram<u64>>,
}

impl Times {
    /// None, in the same room.
    pub(super) fn emptied(mut self) -> Times {
        self.few.clear();
        self.many.iter_mut().filter(|many| !many.is_empty()).for_each(Histogram::reset);
        self
    }

    /// One more, rounded up to a microsecond.
    #[inline(always)]
    pub(super) fn record(&mut self, span: Span) {
        self.count(span.as_nanos().div_ceil(1000).clamp(1, LONGEST));
    }

    #[inline(always)]
    fn count(&mut self, micros: u64) {
        if self.few.len() == FEW {
            self.spill();
        }
        self.few.push(micros);
    }

    /// All of them go into the histogram.
    #[inline(never)] // seldom
    fn spill(&mut self) -> &mut Histogram<u64> {
        let many = self.many.get_or_insert_with(histogram);
        self.few.drain(..).for_each(|micros| enter(many, micros));
        many
    }

    /// No more are to come for now: they are quick to read.
    pub(super) fn settle(&mut self) {
        if self.filled().is_some() {
            self.spill();
        }
    }

    /// The histogram, if anything is in it.
    fn filled(&self) -> Option<&Histogram<u64>> {
        self.many.as_ref().filter(|many| !many.is_empty())
    }

    /// The histogram of all, if they are too many to be read one by one.
    fn many(&self) -> Option<Cow<'_, Histogram<u64>>> {
        let mut many = Cow::Borrowed(self.filled()?);
        self.few.iter().for_each(|micros| enter(many.to_mut(), *micros));
        Some(many)
    }

    /// Those of another too.
    pub(super) fn merge(&mut self, other: &Times) {
        match other.many() {
            Some(more) => *self.spill() += &*more,
            None => other.few.iter().for_each(|micros| self.count(*micros)),
        }
    }

    /// The upper ends of the steps that hold some rising quantiles (of 0, the lower end), in microseconds; 0 where
    /// there are no times.
    pub(super) fn quantiles(&self, quantiles: &[f64]) -> Vec<u64> {
        match self.many() {
            Some(many) => many.value_at_quantiles(quantiles.iter().copied()).collect(),
            None => {
                let sorted = self.sorted();
                quantiles.iter().map(|q| quantile(&sorted, *q)).collect()
            }
        }
    }

    /// How many lie within each of some rising spans, or in the step of its end.
    pub(super) fn within(&self, spans: &[Span]) -> Vec<u64> {
        match self.many() {
            Some(many) => counted_within(&many, spans),
            None => counted_one_by_one(&self.sorted(), spans),
        }
    }

    fn sorted(&self) -> Vec<u64> {
        let mut sorted = self.few.clone();
        sorted.sort_unstable();
        sorted
    }
}

/// As [`Histogram::value_at_quantile`] has it.
fn quantile(sorted: &[u64], quantile: f64) -> u64 {
    let rank = (quantile.clamp(0.0, 1.0) * sorted.len() as f64).ceil() as usize;
    let Some(value) = sorted.get(rank.max(1) - 1) else { return 0 };
    if quantile == 0.0 { STEPS.lowest_equivalent(*value) } else { STEPS.highest_equivalent(*value) }
}

/// In one pass; a step ends before twice its beginning, and where it ends is looked up only if it matters.
fn counted_one_by_one(sorted: &[u64], spans: &[Span]) -> Vec<u64> {
    let mut within = 0;
    let mut by = |span: &Span| {
        let micros = whole_micros(*span);
        within += sorted[within..].partition_point(|next| *next <= micros);
        if sorted.get(within).is_some_and(|next| *next < micros.saturating_mul(2)) {
            let end = STEPS.highest_equivalent(micros);
            within += sorted[within..].partition_point(|next| *next <= end);
        }
        within as u64
    };
    spans.iter().map(&mut by).collect()
}

/// In one pass.
fn counted_within(histogram: &Histogram<u64>, spans: &[Span]) -> Vec<u64> {
    let (mut within, mut next) = (0, 1);
    let by = |span: &Span| {
        let micros = whole_micros(*span);
        if micros >= next && next <= histogram.max() {
            within += histogram.count_between(next, micros);
            next = histogram.next_non_equivalent(micros);
        }
        within
    };
    spans.iter().map(by).collect()
}

fn enter(histogram: &mut Histogram<u64>, micros: u64) {
    let counted = histogram.record(micros);
    debug_assert!(counted.is_ok(), "the histogram grows as far as it must");
}

fn whole_micros(span: Span) -> u64 {
    (span.as_nanos() / 1000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(micros: &[u64]) -> Times {
        let mut times = Times::default();
        micros
            .iter()
            .for_each(|micros| times.record(Span::from_nanos(micros.saturating_mul(1000))));
        times
    }
    fn counted(micros: &[u64]) -> Times {
        let mut times = Times::default();
        let many = times.spill();
        micros.iter().for_each(|micros| enter(many, (*micros).clamp(1, LONGEST)));
        times
    }
    /// All that can be read.
    fn read(times: &Times) -> (Vec<u64>, Vec<u64>) {
        let quantiles = [0.0, 0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0];
        let spans: Vec<Span> = (0..50).map(|i| Span::from_nanos(3u64 << i)).collect();
        (times.quantiles(&quantiles), times.within(&spans))
    }

    proptest! {
        #[test]
        fn few_are_read_as_a_histogram_is(
            micros in prop::collection::vec(prop_oneof![0u64..5_000, 0u64..1 << 50], 0..200),
        ) {
            prop_assert_eq!(read(&of(&micros)), read(&counted(&micros)));
        }

        #[test]
        fn parts_merge_to_the_whole_whether_few_or_many(
            a in prop::collection::vec(0u64..1 << 44, 0..2 * FEW),
            b in prop::collection::vec(0u64..1 << 20, 0..2 * FEW),
        ) {
            let whole = of(&[a.clone(), b.clone()].concat());
            let (mut ab, mut ba) = (of(&a), of(&b));
            ab.merge(&of(&b));
            ba.merge(&of(&a));
            prop_assert_eq!(read(&ab), read(&whole));
            prop_assert_eq!(read(&ba), read(&whole));
            prop_assert_eq!(read(&whole), read(&counted(&[a.clone(), b].concat())));
            let mut again = whole.emptied();
            a.iter().for_each(|micros| again.count((*micros).clamp(1, LONGEST)));
            prop_assert_eq!(read(&again), read(&of(&a)));
        }
    }
}
