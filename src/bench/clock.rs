//! The only real clock below the command line. To read it takes time too, and a batch that is short
//! against that measures the clock; so what it costs is measured before anything else.

use std::time::{Duration, Instant};

/// How long an action takes, in nanoseconds.
pub fn timed(action: impl FnOnce()) -> f64 {
    let begin = Instant::now();
    action();
    begin.elapsed().as_nanos() as f64
}

/// Since when something takes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// From now on.
    pub fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }
    /// Until now.
    pub fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// What the clock itself costs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Timer {
    /// Of a pair of readings with nothing between, in ns: the median.
    pub cost_ns: f64,
    /// The smallest step that it was seen to make, in ns.
    pub step_ns: f64,
}

/// Measures the clock.
pub fn timer() -> Timer {
    let mut seen: Vec<f64> = (0..4_001).map(|_| timed(|| {})).collect();
    seen.sort_by(f64::total_cmp);
    let step = seen.windows(2).map(|w| w[1] - w[0]).filter(|d| *d > 0.0).fold(f64::MAX, f64::min);
    let step_ns = if step == f64::MAX { 1.0 } else { step };
    Timer { cost_ns: seen[seen.len() / 2], step_ns }
}

/// How long an action takes that is made longer by a share, in nanoseconds.
pub fn stretched(action: impl FnOnce(), share: f64) -> f64 {
    let begin = Instant::now();
    let elapsed = || begin.elapsed().as_nanos() as f64;
    action();
    let until = elapsed() * (1.0 + share);
    loop {
        let now = elapsed();
        if now >= until {
            return now;
        }
        std::hint::spin_loop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_is_stretched_takes_longer_by_its_share() {
        let mut own = 0.0;
        let took = stretched(|| own = timed(|| std::thread::sleep(Duration::from_millis(2))), 0.5);
        assert!(took >= 1.5 * own && own >= 2e6, "{took} {own}");
    }
}
