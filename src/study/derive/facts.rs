//! What is measured of calls of one tool, of the log and of the simulation alike, so that the two can be held
//! against each other.

use crate::base::Span;
use crate::scenario::log::{Call, Outcome};

use super::arrivals::dispersion;
use super::latency::{quantile, sorted};

/// Figures of some calls.
#[derive(Clone, PartialEq, Debug)]
pub struct Facts {
    /// How many.
    pub calls: usize,
    /// How many failed.
    pub failed: usize,
    /// How long they took, failures included, at 50, 90 and 99 %; `None` if that is not known.
    pub took: Option<[Span; 3]>,
    /// Variance over mean of the counts in windows of a length.
    pub dispersion: Option<f64>,
    /// The window.
    pub window: Span,
    /// The mean number of failures in a row; `None` if nothing failed.
    pub run: Option<f64>,
}

impl Facts {
    /// Share of failures.
    pub fn share(&self) -> f64 {
        self.failed as f64 / self.calls.max(1) as f64
    }
}

/// Measures calls that are in the order of time.
pub(super) fn facts(calls: &[Call], duration: Span, window: Span) -> Facts {
    let all = sorted(calls, |outcome| outcome != Outcome::Cancelled);
    let at = |p| quantile(&all, p);
    let failed = calls.iter().filter(|call| call.outcome.failed()).count();
    let alike = calls.chunk_by(|a, b| a.outcome.failed() == b.outcome.failed());
    let runs = alike.filter(|run| run[0].outcome.failed()).count();
    Facts {
        calls: calls.len(),
        failed,
        took: at(0.5).zip(at(0.9)).zip(at(0.99)).map(|((a, b), c)| [a, b, c]),
        dispersion: dispersion(calls, duration, window).map(|d| d.index),
        window,
        run: (runs > 0).then(|| failed as f64 / runs as f64),
    }
}
