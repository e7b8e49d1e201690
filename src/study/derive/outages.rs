//! A stretch in which everything fails is an outage, with a time of its own, if it is not what the tool's
//! failures do anyway: it lasts, independent failures would not make it in a hundred such logs, and it is far longer than
//! the other stretches of failures.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::base::{Moment, Span};
use crate::scenario::log::{Call, Outcome};

use super::latency::{quantile, sorted};

/// Shorter stretches are failures like others.
const SHORTEST: Span = Span::from_secs(5);
/// Failures at least.
const LEAST: usize = 10;
/// Outages at most: where there are more, they are the tool's habit, and bursts describe it.
const MOST: usize = 5;
/// How much longer than the next stretch.
const LONGER: u64 = 4;

/// A stretch in which everything fails.
#[derive(Clone, PartialEq, Debug)]
pub struct Outage {
    /// The first failure.
    pub from: Moment,
    /// The first success after it.
    pub to: Moment,
    /// Which calls.
    pub calls: Range<usize>,
    /// How most of them failed.
    pub kind: Outcome,
    /// The median of how long they took to fail; `None` if the log does not tell.
    pub after: Option<Span>,
}

/// The outages among calls in the order of time, in the order of time.
pub(super) fn outages(calls: &[Call], duration: Span) -> Vec<Outage> {
    let mut stretches = stretches(calls, duration);
    stretches.sort_by_key(|s| (std::cmp::Reverse(s.to.since(s.from)), s.from));
    let failed = calls.iter().filter(|call| call.outcome.failed()).count();
    let length = |i: usize| stretches.get(i).map_or(Span::ZERO, |s: &Outage| s.to.since(s.from));
    let judge = |count: usize| {
        let within: usize = stretches[..count].iter().map(|s| s.calls.len()).sum();
        let (out, failed) = ((calls.len() - within) as f64, (failed - within) as f64);
        // With one failure more than was seen, for none were seen in few.
        let p = (failed + 1.0) / (out + 2.0);
        let rare = |s: &Outage| calls.len() as f64 * libm::pow(p, s.calls.len() as f64) < 0.01;
        stretches[..count]
            .iter()
            .all(|s| s.calls.len() >= LEAST && s.to.since(s.from) >= SHORTEST && rare(s))
            && length(count - 1) >= length(count).times(LONGER)
    };
    let count = (1..=MOST.min(stretches.len())).rev().find(|count| judge(*count)).unwrap_or(0);
    stretches.truncate(count);
    stretches.sort_by_key(|s| s.from);
    for outage in &mut stretches {
        let of = &calls[outage.calls.clone()];
        outage.kind = commonest(of);
        outage.after = quantile(&sorted(of, |outcome| outcome == outage.kind), 0.5);
    }
    stretches
}

/// Every stretch of failures.
fn stretches(calls: &[Call], duration: Span) -> Vec<Outage> {
    let mut found = Vec::new();
    let mut start = 0;
    for alike in calls.chunk_by(|a, b| a.outcome.failed() == b.outcome.failed()) {
        let end = start + alike.len();
        if alike[0].outcome.failed() {
            let to = calls.get(end).map_or(Moment::START + duration, |call| call.at);
            let (from, kind) = (alike[0].at, alike[0].outcome);
            found.push(Outage { from, to, calls: start..end, kind, after: None });
        }
        start = end;
    }
    found
}

fn commonest(calls: &[Call]) -> Outcome {
    let mut counts = BTreeMap::new();
    calls.iter().for_each(|call| *counts.entry(call.outcome).or_insert(0) += 1);
    counts.into_iter().max_by_key(|(_, n)| *n).map_or(Outcome::Error, |(kind, _)| kind)
}
