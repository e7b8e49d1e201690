//! The curves of one replica, as plain numbers on axes that are the same for every replica, so that
//! they can be averaged point by point.

use std::sync::LazyLock;

use super::series::{BUCKET, Series};
use super::tally::{MOST_ATTEMPTS, Tally};
use crate::base::{Moment, Span};
use crate::sim::world::Window;

/// The quantiles of the latency curve: twenty steps to 90 %, and nine in each nine beyond.
pub fn quantiles() -> &'static [f64] {
    // Every replica asks for them.
    static QUANTILES: LazyLock<Vec<f64>> = LazyLock::new(|| {
        let front = (0..18).map(|i| f64::from(i) / 20.0);
        let beyond = [0.1, 0.01, 0.001]
            .into_iter()
            .flat_map(|rest: f64| (0..9).map(move |i| 1.0 - rest + rest * f64::from(i) / 10.0));
        front.chain(beyond).chain([0.9999]).collect()
    });
    &QUANTILES
}

/// The curves of one replica.
#[derive(Clone, PartialEq, Debug)]
pub struct Curves {
    /// Share of failed calls recovered with at most so many attempts; empty without failed calls.
    pub by_attempt: Vec<f64>,
    /// Share of failed calls recovered within each time of `times`; empty without failed calls.
    pub by_time: Vec<f64>,
    /// Milliseconds at each of [`quantiles`]; empty without calls.
    pub latency: Vec<f64>,
    /// Share of waits in each bar; empty without waits.
    pub waits: Vec<f64>,
}

/// The stretch of a run in which its herd is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct View {
    /// When.
    pub window: Window,
    /// The width of a bucket.
    pub width: Span,
}

impl View {
    /// Around the trouble: half its length before and twice its length after (at least a sixth of the
    /// run); the whole run where there is none. At most about 600 buckets of 100 ms or a power of two
    /// times that.
    pub fn of(run: Span, trouble: Option<Window>) -> View {
        let end = Moment::START + run;
        let window = trouble.map_or(Window { from: Moment::START, to: end }, |t| {
            let length = t.to.since(t.from);
            let before = t.from.since(Moment::START) - length.scaled(0.5);
            let to = t.to + length.times(2).max(run.scaled(1.0 / 6.0));
            Window { from: Moment::START + before, to: to.min(end) }
        });
        let length = window.to.since(window.from);
        let mut width = BUCKET;
        while width.times(600) < length && width < Span::MAX {
            width = width.times(2);
        }
        let from = window.from.as_nanos() / width.as_nanos() * width.as_nanos();
        View { window: Window { from: Moment::from_nanos(from), ..window }, width }
    }

    /// The counts of a series in this view.
    fn cut(&self, series: &Series) -> Vec<f64> {
        let coarse = series.coarse(self.width);
        let bucket = |at: Moment| (at.as_nanos() / coarse.width().as_nanos()) as usize;
        let (from, to) = (bucket(self.window.from), bucket(self.window.to));
        (from..to).map(|i| coarse.counts().get(i).map_or(0.0, |n| *n as f64)).collect()
    }
}

/// Attempts by bucket of a view.
pub fn herd(tally: &Tally, view: View) -> Vec<f64> {
    view.cut(&tally.herd)
}

/// Times since the first failure at which recovery is read: 20 for each factor of ten, 1 ms to 10 min.
pub fn times() -> &'static [Span] {
    static TIMES: LazyLock<Vec<Span>> = LazyLock::new(|| {
        let time = |i| Span::from_nanos_f64(1e6 * libm::pow(10.0, f64::from(i) / 20.0));
        (0..=115).map(time).collect()
    });
    &TIMES
}

/// Reads the curves of a tally.
pub fn curves(tally: &Tally) -> Curves {
    let failed = tally.first_failed;
    let share = |n: u64| n as f64 / failed as f64;
    let mut within = 0;
    let by_attempt = (1..=MOST_ATTEMPTS).map(|attempts| {
        within += tally.recovered_by_attempts.get(attempts).copied().unwrap_or(0);
        share(within)
    });
    let by_time = tally.recovered_after.within(times()).into_iter().map(share);
    let waits: u64 = tally.wait_bars.iter().sum();
    Curves {
        by_attempt: if failed > 0 { by_attempt.collect() } else { Vec::new() },
        by_time: if failed > 0 { by_time.collect() } else { Vec::new() },
        latency: if tally.calls > 0 { tally.latencies_ms(quantiles()) } else { Vec::new() },
        waits: tally
            .wait_bars
            .iter()
            .filter(|_| waits > 0)
            .map(|n| *n as f64 / waits as f64)
            .collect(),
    }
}
