//! Where does a run end up? Means over a whole run hide it: a system that collapses halfway shows half
//! its success, and a load that grows shows half its growth. So the last tenth of the duration is read
//! alone, from the buckets that lie wholly in it.

use super::series::Series;
use crate::base::Span;

/// The last tenth of a duration, in nanoseconds from the start.
#[derive(Clone, Copy)]
pub(super) struct End {
    from: u64,
    to: u64,
}

impl End {
    pub(super) fn of(duration: Span) -> End {
        let to = duration.as_nanos();
        End { from: to - to / 10, to }
    }

    /// What a series counted there, and in how many buckets.
    fn counted(self, series: &Series) -> (u64, u64) {
        let width = series.width().as_nanos();
        let (first, after) = (self.from.div_ceil(width), self.to / width);
        let count = |i: u64| series.counts().get(i as usize).copied().unwrap_or(0);
        let last = after.min(series.counts().len() as u64);
        ((first..last).map(count).sum(), after.saturating_sub(first))
    }

    /// Counts a second; nothing where the last tenth is shorter than a bucket.
    pub(super) fn per_second(self, series: &Series) -> Option<f64> {
        let (count, buckets) = self.counted(series);
        (buckets > 0).then(|| count as f64 / series.width().times(buckets).as_secs_f64())
    }

    /// The share of one count in another.
    pub(super) fn share(self, part: &Series, whole: &Series) -> Option<f64> {
        let width = part.width().max(whole.width());
        let (part, _) = self.counted(&part.coarse(width));
        let (whole, _) = self.counted(&whole.coarse(width));
        (whole > 0).then(|| part as f64 / whole as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Moment;

    /// Counts at these milliseconds, in buckets of 100 ms.
    fn series(times: &[u64]) -> Series {
        let mut series = Series::default();
        times.iter().for_each(|ms| series.add(Moment::START + Span::from_millis(*ms)));
        series
    }

    #[test]
    fn only_the_last_tenth_counts() {
        let end = End::of(Span::from_secs(10));
        let all = series(&[0, 8_999, 9_000, 9_500, 9_999, 10_000, 12_000]);
        assert_eq!(end.per_second(&all), Some(3.0));
        assert_eq!(end.share(&series(&[8_999, 9_500, 10_000]), &all), Some(1.0 / 3.0));
        assert_eq!(end.per_second(&series(&[])), Some(0.0));
        assert_eq!(end.share(&series(&[]), &series(&[8_999])), None);
    }

    #[test]
    fn a_bucket_that_is_partly_in_it_does_not_count() {
        // 0.945 s to 1.05 s holds no whole bucket; 2.25 s to 2.5 s holds two.
        assert_eq!(End::of(Span::from_millis(1_050)).per_second(&series(&[950, 999])), None);
        let end = End::of(Span::from_millis(2_500));
        assert_eq!(end.per_second(&series(&[2_299, 2_300, 2_499])), Some(10.0));
    }
}
