//! How long to wait for something that may take for ever. A variant that looks at everything on every call
//! needs a hundred times as long for ten times the entries; from two sizes that were seen, the third is
//! foretold (a power law through the last two), so that hours are not begun.

use std::time::Duration;

use super::clock::Stopwatch;

/// What was seen of smaller sizes, and how much more is bearable.
#[derive(Clone, Debug)]
pub struct Patience {
    limit: Duration,
    seen: Vec<(usize, f64)>,
}

/// Shorter times tell nothing of growth.
const TELLING: f64 = 1e-3;

impl Patience {
    /// For at most so long each.
    pub fn of(limit: Duration) -> Patience {
        Patience { limit, seen: Vec::new() }
    }

    /// A size took so long.
    pub fn saw(&mut self, size: usize, took: Duration) {
        self.seen.push((size, took.as_secs_f64()));
    }

    /// In how many seconds a size is expected to be done; `None` while nothing tells.
    pub fn expected(&self, size: usize) -> Option<f64> {
        let [.., (small, quick), (large, slow)] = self.seen[..] else { return None };
        if slow < TELLING || small == 0 || large <= small {
            return None;
        }
        let exponent = libm::log(slow / quick.max(1e-6)) / libm::log(large as f64 / small as f64);
        Some(slow * libm::pow(size as f64 / large as f64, exponent.clamp(1.0, 2.0)))
    }

    /// Why a size is not begun, if it would take too long.
    pub fn refuses(&self, size: usize) -> Option<String> {
        let seconds = self.expected(size).filter(|s| *s > self.limit.as_secs_f64())?;
        Some(format!("the next size would take about {seconds:.0} s to fill"))
    }

    /// Whether something begun then has taken too long by now.
    pub fn is_over(&self, begin: Stopwatch) -> bool {
        begin.elapsed() > self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_square_law_is_foretold_and_refused() {
        let mut patience = Patience::of(Duration::from_secs(2));
        assert_eq!(patience.expected(10), None);
        patience.saw(100, Duration::from_millis(1));
        patience.saw(1_000, Duration::from_millis(100));
        assert!((patience.expected(10_000).unwrap() - 10.0).abs() < 1e-9);
        assert_eq!(patience.refuses(2_000), None);
        assert!(patience.refuses(10_000).unwrap().contains("about 10 s"));
    }

    #[test]
    fn what_grows_in_proportion_is_let_on() {
        let mut patience = Patience::of(Duration::from_secs(2));
        patience.saw(10_000, Duration::from_millis(2));
        patience.saw(100_000, Duration::from_millis(19));
        assert_eq!(patience.refuses(1_000_000), None);
    }
}
