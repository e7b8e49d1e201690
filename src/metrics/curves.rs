//! The curves of one replica, as plain numbers on axes that are the same for every replica, so that
//! they can be averaged point by point.

use super::tally::{MOST_ATTEMPTS, Tally};
use crate::base::Span;

/// The quantiles of the latency curve.
pub const QUANTILES: [f64; 16] = [
    0.0, 0.1, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999,
];

/// The curves of one replica.
#[derive(Clone, PartialEq, Debug)]
pub struct Curves {
    /// Attempts by bucket.
    pub herd: Vec<f64>,
    /// Share of failed calls recovered with at most so many attempts; empty without failed calls.
    pub by_attempt: Vec<f64>,
    /// Share of failed calls recovered within each time of `times`; empty without failed calls.
    pub by_time: Vec<f64>,
    /// Milliseconds at each of [`QUANTILES`]; empty without calls.
    pub latency: Vec<f64>,
    /// Share of waits in each bar; empty without waits.
    pub waits: Vec<f64>,
}

/// The width of the herd's buckets for a run that lasts so long: at most about 600 of them.
pub fn herd_width(run: Span) -> Span {
    let hundred = super::tally::HERD_BUCKET;
    let mut width = hundred;
    while width.times(600) < run && width < Span::MAX {
        width = width.times(2);
    }
    width
}

/// Times since the first failure at which recovery is read: 20 for each factor of ten, 1 ms to 10 min.
pub fn times() -> Vec<Span> {
    (0..=115).map(|i| Span::from_nanos_f64(1e6 * libm::pow(10.0, f64::from(i) / 20.0))).collect()
}

/// Reads the curves of a tally.
pub fn curves(tally: &Tally, width: Span) -> Curves {
    let failed = tally.first_failed;
    let share = |n: u64| n as f64 / failed as f64;
    let herd = tally.herd.coarse(width).counts().iter().map(|n| *n as f64).collect();
    let mut within = 0;
    let by_attempt = (1..=MOST_ATTEMPTS).map(|attempts| {
        within += tally.recovered_by_attempts.get(attempts).copied().unwrap_or(0);
        share(within)
    });
    let by_time = times().into_iter().map(|time| share(recovered_within(tally, time)));
    let quantile = |q: &f64| {
        (tally.latency.value_at_quantile(*q) as f64 / 1e3).min(tally.latency_max.as_millis_f64())
    };
    let waits: u64 = tally.wait_bars.iter().sum();
    Curves {
        herd,
        by_attempt: if failed > 0 { by_attempt.collect() } else { Vec::new() },
        by_time: if failed > 0 { by_time.collect() } else { Vec::new() },
        latency: if tally.calls > 0 { QUANTILES.iter().map(quantile).collect() } else { vec![] },
        waits: tally
            .wait_bars
            .iter()
            .filter(|_| waits > 0)
            .map(|n| *n as f64 / waits as f64)
            .collect(),
    }
}

fn recovered_within(tally: &Tally, time: Span) -> u64 {
    let micros = (time.as_nanos() / 1000).max(1);
    tally.recovered_after.count_between(1, micros)
}
