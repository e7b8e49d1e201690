//! Two views of one thing. The mean of a batch resolves fractions of a nanosecond, but a slow operation
//! among a thousand is lost in it; operations timed one by one show the slow ones, each with the clock's
//! own steps and jitter in it. So both are kept, as histograms (HdrHistogram, three digits).

use hdrhistogram::Histogram;

/// In ns an operation.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Quantiles {
    /// The least.
    pub min: f64,
    /// The median.
    pub p50: f64,
    /// Nine in ten are quicker.
    pub p90: f64,
    /// 99 in 100 are quicker.
    pub p99: f64,
    /// 999 in 1000 are quicker.
    pub p999: f64,
    /// The largest.
    pub max: f64,
}

/// Kept in steps of a hundredth of a ns.
const STEPS: f64 = 100.0;

/// Times that were seen.
#[derive(Clone, PartialEq, Debug)]
pub struct Times(Option<Histogram<u64>>);

impl Default for Times {
    fn default() -> Times {
        Times(Histogram::new(3).ok())
    }
}

impl Times {
    /// One more; a time below 0 counts as 0.
    pub fn saw(&mut self, ns: f64) {
        if let Some(histogram) = &mut self.0 {
            // It grows as needed; only a time beyond all bounds is left out.
            let _ = histogram.record((ns * STEPS).clamp(0.0, 1e18) as u64);
        }
    }

    /// Their quantiles; `None` without any.
    pub fn quantiles(&self) -> Option<Quantiles> {
        let histogram = self.0.as_ref().filter(|histogram| !histogram.is_empty())?;
        let at = |q: f64| histogram.value_at_quantile(q) as f64 / STEPS;
        Some(Quantiles {
            min: histogram.min() as f64 / STEPS,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: histogram.max() as f64 / STEPS,
        })
    }
}

impl FromIterator<f64> for Times {
    fn from_iter<I: IntoIterator<Item = f64>>(all: I) -> Times {
        let mut times = Times::default();
        all.into_iter().for_each(|ns| times.saw(ns));
        times
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_what_was_seen() {
        assert_eq!(Times::default().quantiles(), None);
        let times: Times = (1..=1_000).map(f64::from).collect();
        let found = times.quantiles().unwrap();
        for (found, right) in [(found.p50, 500.0), (found.p90, 900.0), (found.p999, 999.0)] {
            assert!((found / right - 1.0).abs() < 0.002, "{found} is not {right}");
        }
        assert_eq!((found.min, (found.max / 1_000.0 - 1.0).abs() < 0.002), (1.0, true));
        assert_eq!([-3.0].into_iter().collect::<Times>().quantiles().unwrap().max, 0.0);
    }
}
