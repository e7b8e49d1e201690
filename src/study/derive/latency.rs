//! How long a tool works: percentiles of its successes, and how far what the scenario makes of them (log-normal
//! between each two and beyond the ends) is from the log where it was not fitted.

use crate::base::Span;
use crate::base::dist::Distribution;
use crate::scenario::log::{Call, Outcome};

/// Percentiles that a scenario can give, and how many calls it takes to know one.
const KNOTS: [(&str, f64, usize); 6] = [
    ("p50", 0.5, 1),
    ("p75", 0.75, 20),
    ("p90", 0.9, 50),
    ("p95", 0.95, 100),
    ("p99", 0.99, 500),
    ("p999", 0.999, 5000),
];

/// How long successes take.
#[derive(Clone, PartialEq, Debug)]
pub struct Latency {
    /// How many calls tell it.
    pub of: usize,
    /// What the scenario says.
    pub knots: Vec<(&'static str, Span)>,
    /// How well that fits.
    pub fits: Vec<Fit>,
}

/// A percentile of the log and of the model.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Fit {
    /// Which.
    pub name: &'static str,
    /// In the log.
    pub log: Span,
    /// In the scenario; of the longest, its median.
    pub model: Span,
}

/// The latency of a tool's calls; `None` if no success tells how long it took.
pub(super) fn latency(calls: &[Call]) -> Option<Latency> {
    let took = sorted(calls, |outcome| outcome == Outcome::Success);
    let n = took.len();
    let chosen = KNOTS.iter().filter(|(_, _, least)| n >= *least);
    let knots: Vec<(&'static str, f64, Span)> =
        chosen.filter_map(|(name, p, _)| Some((*name, *p, quantile(&took, *p)?))).collect();
    let model = Distribution::through(&knots.iter().map(|(_, p, s)| (*p, *s)).collect::<Vec<_>>());
    let longest = libm::pow(0.5, 1.0 / n.max(1) as f64);
    let at = |name, p: f64, shown: f64| {
        let model = model.sample((shown * 2f64.powi(64)) as u64);
        Some(Fit { name, log: quantile(&took, p)?, model })
    };
    let mut fits = vec![at("p10", 0.1, 0.1), at("p50", 0.5, 0.5), at("p90", 0.9, 0.9)];
    if n >= 100 {
        fits.push(at("p99", 0.99, 0.99));
    }
    if n >= 1000 {
        fits.push(at("p99.9", 0.999, 0.999));
    }
    fits.push(at("longest", 1.0, longest));
    Some(Latency {
        of: n,
        fits: fits.into_iter().collect::<Option<_>>()?,
        knots: knots.into_iter().map(|(name, _, span)| (name, span)).collect(),
    })
}

/// How long calls took that ended so, rising.
pub(super) fn sorted(calls: &[Call], ended: impl Fn(Outcome) -> bool) -> Vec<u64> {
    let took = calls.iter().filter(|call| ended(call.outcome)).filter_map(|call| call.took);
    let mut took: Vec<u64> = took.map(|nanos| nanos.get()).collect();
    took.sort_unstable();
    took
}

/// The smallest value that so large a share does not exceed.
pub(super) fn quantile(rising: &[u64], p: f64) -> Option<Span> {
    let rank = ((rising.len() as f64 * p).ceil() as usize).max(1);
    rising.get(rank - 1).copied().map(Span::from_nanos)
}
