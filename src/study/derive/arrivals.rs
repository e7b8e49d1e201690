//! How calls arrive. A Poisson process has counts whose variance is their mean, in windows of any length: the
//! index of dispersion (variance / mean) tells sessions, daily waves and clocks from it (Cox and Lewis, *The
//! Statistical Analysis of Series of Events*, 1966, section 4.4). Under Poisson the index of n windows has mean 1
//! and variance about 2 / (n - 1).

use crate::base::{Moment, Span};
use crate::scenario::log::Call;

/// Windows at least, for an index that means something.
const WINDOWS: u64 = 20;
/// So many standard errors are no accident, also where many tools and windows are looked at.
const SURE: f64 = 4.0;
/// A smaller excess, however certain, changes little.
const CLEAR: f64 = 0.2;
/// Gaps that vary less, relative to their mean, are those of a clock.
const CLOCK: f64 = 0.1;
/// Fewer calls tell no pattern.
const FEW: usize = 20;

/// How calls arrive, and what says so.
#[derive(Clone, PartialEq, Debug)]
pub struct Arriving {
    /// Calls a second over the whole log.
    pub rate: f64,
    /// What describes them.
    pub model: Model,
    /// The index of dispersion for several windows, rising.
    pub dispersion: Vec<Dispersion>,
}

/// What describes the arrivals.
#[derive(Clone, PartialEq, Debug)]
pub enum Model {
    /// A clock.
    Constant,
    /// No memory.
    Poisson,
    /// Neither: the arrivals themselves, from the first of them, which comes so late.
    Trace {
        /// When the first comes.
        first: Span,
        /// From the first.
        moments: Vec<Moment>,
    },
}

/// Variance of counts in windows over their mean.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Dispersion {
    /// How long a window is.
    pub window: Span,
    /// 1 for a Poisson process.
    pub index: f64,
    /// How many standard errors it is away from 1.
    pub z: f64,
}

impl Arriving {
    /// The window in which the log is least like a Poisson process; a second where there is none.
    pub fn window(&self) -> Span {
        let least = self.dispersion.iter().max_by(|a, b| a.z.abs().total_cmp(&b.z.abs()));
        least.map_or(Span::from_secs(1), |d| d.window)
    }
}

/// How calls arrive, that are in the order of time.
pub(super) fn arriving(calls: &[Call], duration: Span) -> Arriving {
    let rate = calls.len() as f64 / duration.as_secs_f64();
    // A second and ten, windows with five calls, and such as show a drift.
    let drift = Span::from_nanos(duration.as_nanos() / WINDOWS);
    let five = Span::from_secs_f64((5.0 / rate).ceil());
    let mut windows = vec![Span::from_secs(1), Span::from_secs(10), five, drift];
    windows.sort();
    windows.dedup();
    let at = |window: &Span| dispersion(calls, duration, *window);
    let dispersion: Vec<Dispersion> = windows.iter().filter_map(at).collect();
    let far = |d: &&Dispersion| d.z.abs() > SURE && (d.index - 1.0).abs() > CLEAR;
    let model = match dispersion.iter().find(far) {
        _ if calls.len() < FEW => Model::Poisson,
        None => Model::Poisson,
        Some(_) if is_clock(calls) => Model::Constant,
        Some(_) => {
            let first = calls.first().map_or(Moment::START, |call| call.at);
            let moments = calls.iter().map(|call| Moment::START + call.at.since(first)).collect();
            Model::Trace { first: first.since(Moment::START), moments }
        }
    };
    Arriving { rate, model, dispersion }
}

/// The index for windows of a length; `None` where there are too few.
pub fn dispersion(calls: &[Call], duration: Span, window: Span) -> Option<Dispersion> {
    let windows = duration.as_nanos() / window.as_nanos().max(1);
    if windows < WINDOWS {
        return None;
    }
    let (mut sum, mut squares) = (0.0, 0.0);
    let of = |call: &Call| call.at.as_nanos() / window.as_nanos();
    // The last window is not whole, and does not count.
    let whole = &calls[..calls.partition_point(|call| of(call) < windows)];
    for together in whole.chunk_by(|a, b| of(a) == of(b)) {
        let count = together.len() as f64;
        sum += count;
        squares += count * count;
    }
    let n = windows as f64;
    let mean = sum / n;
    let variance = (squares - n * mean * mean) / (n - 1.0);
    let index = variance / mean;
    index.is_finite().then(|| Dispersion {
        window,
        index,
        z: (index - 1.0) * libm::sqrt((n - 1.0) / 2.0),
    })
}

fn is_clock(calls: &[Call]) -> bool {
    let gaps = calls.windows(2).map(|pair| pair[1].at.since(pair[0].at).as_secs_f64());
    let (n, sum, squares) = gaps
        .fold((0.0, 0.0, 0.0), |(n, sum, squares), gap| (n + 1.0, sum + gap, squares + gap * gap));
    let mean: f64 = sum / n;
    n > 0.0 && (squares / n - mean * mean).max(0.0) < (CLOCK * mean) * (CLOCK * mean)
}
