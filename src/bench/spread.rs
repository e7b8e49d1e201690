//! Whether waits are spread as the policy promises. Waits that are equal to an oracle's can still be
//! wrong together with it, so here they are held against the theory alone: Kolmogorov's statistic of
//! keyed draws against the uniform law of each kind of jitter, over nanoseconds, or over whole
//! milliseconds where a variant declares them (for which the level is an upper bound).

use std::fmt;

use crate::base::random::Draws;
use crate::base::{Moment, Span};
use crate::plugin::{CallKey, Decision, Jitter, Policy, PolicySet, Seen};
use crate::variants::Variant;
use crate::variants::deviation::Waits;

/// How many waits each law is held against.
pub const DRAWS: u64 = 10_000;

/// The chance of calling a right variant wrong, for each law.
pub const LEVEL: f64 = 1e-6;

/// A law, and how far from it a variant's waits are.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spread {
    /// Which kind of jitter.
    pub jitter: Jitter,
    /// Which retry, from 1.
    pub retry: u32,
    /// The law: uniform from here.
    pub low: Span,
    /// To here, both included.
    pub high: Span,
    /// The largest distance between the distributions.
    pub distance: f64,
}

/// The distance beyond which waits do not follow their law, at [`LEVEL`] (Smirnov's asymptotic law).
pub fn limit() -> f64 {
    libm::sqrt(-libm::log(LEVEL / 2.0) / (2.0 * DRAWS as f64))
}

impl Spread {
    /// Whether the waits follow the law.
    pub fn holds(&self) -> bool {
        self.distance <= limit()
    }
}

/// The waits of a variant against their laws: first and third retry with full and equal jitter, the
/// first with decorrelated jitter.
pub fn spreads(variant: &Variant, seed: u64) -> Vec<Spread> {
    let laws = [
        (Jitter::Full, 1, 0, 200),
        (Jitter::Full, 3, 0, 800),
        (Jitter::Equal, 1, 100, 200),
        (Jitter::Equal, 3, 400, 800),
        (Jitter::Decorrelated, 1, 200, 600),
    ];
    let unit = match variant.deviations.waits {
        Waits::Nanoseconds => 1,
        Waits::Milliseconds => 1_000_000,
    };
    let spread = |(jitter, retry, low, high)| {
        let (low, high) = (Span::from_millis(low), Span::from_millis(high));
        let ends = (low.as_nanos() / unit, high.as_nanos() / unit);
        let waits = waits(variant, jitter, retry, seed).into_iter().map(|w| w / unit).collect();
        Spread { jitter, retry, low, high, distance: distance(waits, ends) }
    };
    laws.into_iter().map(spread).collect()
}

/// Waits of as many calls, in nanoseconds; a lost retry had a wait of 0.
fn waits(variant: &Variant, jitter: Jitter, retry: u32, seed: u64) -> Vec<u64> {
    let base = Policy { jitter, max_retries: retry, ..Policy::default() };
    let policies = PolicySet { base, ..PolicySet::default() };
    let plugin = (variant.make)(policies, Draws::new(seed, 0));
    let wait = |i: u64| {
        let request = i.to_string();
        let call = CallKey { tool: "search", request: &request };
        let mut wait = None;
        for _ in 0..retry {
            wait = match plugin.tool_post_invoke(&call, Seen::TimedOut, Moment::START) {
                Ok(Decision::Retry { wait, .. }) => Some(wait.as_nanos()),
                Ok(Decision::LostRetry { .. }) => Some(0),
                _ => None,
            };
        }
        plugin.forget(&call, Moment::START);
        // No retry where one is due: beyond every law.
        wait.unwrap_or(u64::MAX)
    };
    (0..DRAWS).map(wait).collect()
}

/// The largest distance between the distribution of values and the uniform one over whole numbers.
fn distance(mut values: Vec<u64>, (low, high): (u64, u64)) -> f64 {
    values.sort_unstable();
    let (n, width) = (values.len() as f64, (high - low) as f64 + 1.0);
    // The share of the law below a value, and up to it.
    let below = |v: u64| (v.clamp(low, high + 1) - low) as f64 / width;
    let mut worst: f64 = 0.0;
    for same in values.chunk_by(|a, b| a == b) {
        let (Some(&value), first) = (same.first(), worst) else { continue };
        let before = values.partition_point(|v| *v < value);
        let upto = (before + same.len()) as f64 / n;
        let outside = if (low..=high).contains(&value) { 0.0 } else { 1.0 };
        let law = (below(value), below(value.saturating_add(1)));
        worst = first.max((before as f64 / n - law.0).abs()).max((upto - law.1).abs()).max(outside);
    }
    worst
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spread { jitter, retry, low, high, distance } = self;
        write!(
            f,
            "jitter {}, retry {retry}: waits are {distance:.4} away from uniform over {low} to {high}, \
             beyond {:.4} (Kolmogorov, {DRAWS} draws, level {LEVEL:e})",
            jitter.name(),
            limit()
        )
    }
}
