//! How a tool fails: outages first, then each kind of failure outside them, in bursts or independently. Good and
//! bad spells are fitted, and kept if they make the log far likelier than independent failures do. Beside them stands what
//! is easier to see. Failures that come independently have the lag-1 autocorrelation 0, with the standard error
//! 1 / sqrt(n); 1 / (1 - p) of them stand in a row on average; and their number in blocks of calls is binomial, with
//! an index of dispersion of 1 (Cox and Lewis 1966).

use std::collections::BTreeMap;

use crate::base::Span;
use crate::scenario::log::{Call, Outcome};

use super::bursts::{Bursts, Seen, bursts};
use super::latency::{quantile, sorted};
use super::outages::{Outage, outages};

/// Kinds of failures at most that are kept apart.
const MOST_KINDS: usize = 6;
/// Fewer failures tell no pattern.
const FEW: usize = 20;
/// Failures in a block, on average, and blocks at least.
const IN_BLOCK: f64 = 4.0;
const BLOCKS: usize = 10;

/// How a tool fails.
#[derive(Clone, PartialEq, Debug)]
pub struct Failures {
    /// Stretches in which everything fails.
    pub outages: Vec<Outage>,
    /// The other failures, in the order in which a scenario asks for them.
    pub kinds: Vec<Kind>,
}

/// One kind of failure outside outages.
#[derive(Clone, PartialEq, Debug)]
pub struct Kind {
    /// What it looks like.
    pub outcome: Outcome,
    /// How many.
    pub count: usize,
    /// Of all calls outside outages.
    pub share: f64,
    /// The standard error of the share as of independent failures.
    pub se: f64,
    /// Its chance where those before it in the list have not answered.
    pub chance: f64,
    /// Whether it comes in bursts.
    pub clusters: Option<Clusters>,
    /// Good and bad spells, where it clearly does.
    pub bursts: Option<Bursts>,
    /// The median of how long they took, where that is clearly not how long successes take.
    pub after: Option<Span>,
}

/// How failures stand together.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Clusters {
    /// Of neighbours.
    pub autocorrelation: f64,
    /// How many standard errors that is.
    pub z: f64,
    /// Variance of the failures in blocks of calls over what independence gives, and how many standard errors
    /// it is away from 1; `None` where there are few blocks.
    pub dispersion: Option<(f64, f64)>,
    /// Failures in a row, on average.
    pub run: f64,
    /// The same if they were independent.
    pub independent_run: f64,
}

/// How calls in the order of time fail.
pub(super) fn failures(calls: &[Call], duration: Span) -> Failures {
    let told: Vec<Call> =
        calls.iter().copied().filter(|call| call.outcome != Outcome::Cancelled).collect();
    let outages = outages(&told, duration);
    let outside = |i: &usize| outages.iter().all(|outage| !outage.calls.contains(i));
    let rest: Vec<Call> = (0..told.len()).filter(outside).map(|i| told[i]).collect();
    let served = quantile(&sorted(&rest, |outcome| outcome == Outcome::Success), 0.5);
    let mut kinds: Vec<Kind> = named(&rest)
        .into_iter()
        .map(|(outcome, is)| {
            let seen = rest.iter().map(|call| Seen { at: call.at, failed: is(call.outcome) });
            let took = quantile(&sorted(&rest, &is), 0.5);
            let after = took.filter(|took| outcome != Outcome::Timeout && differs(*took, served));
            Kind { after, ..kind(outcome, &seen.collect::<Vec<_>>()) }
        })
        .collect();
    kinds.sort_by_key(|kind| (kind.bursts.is_none(), std::cmp::Reverse(kind.count), kind.outcome));
    let mut answered = 0.0;
    for kind in &mut kinds {
        kind.chance = (kind.share / (1.0_f64 - answered).max(1e-9)).min(1.0);
        if let Some(bursts) = &mut kind.bursts {
            bursts.scale(1.0 / (1.0_f64 - answered).max(1e-9));
        }
        answered += kind.share;
    }
    Failures { outages, kinds }
}

/// Whether failures take another time than successes: by more than a quarter.
fn differs(took: Span, served: Option<Span>) -> bool {
    let nanos = |span: Span| span.as_nanos() as f64;
    served.is_none_or(|served| !(0.8..=1.25).contains(&(nanos(took) / nanos(served).max(1.0))))
}

/// Whether an outcome is of a kind.
type Test = Box<dyn Fn(Outcome) -> bool>;

/// The kinds of failures, the commonest; those that are rarer together are one.
fn named(calls: &[Call]) -> Vec<(Outcome, Test)> {
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    for call in calls.iter().filter(|call| call.outcome.failed()) {
        *counts.entry(call.outcome).or_default() += 1;
    }
    let mut kinds: Vec<(Outcome, usize)> = counts.into_iter().collect();
    kinds.sort_by_key(|(kind, n)| (std::cmp::Reverse(*n), *kind));
    let rare = kinds.split_off(kinds.len().min(MOST_KINDS));
    let rare: Vec<Outcome> = rare.into_iter().map(|(kind, _)| kind).collect();
    let one = |kind: Outcome| {
        let is: Test = Box::new(move |outcome| outcome == kind);
        (kind, is)
    };
    let mut named: Vec<_> = kinds.into_iter().map(|(kind, _)| one(kind)).collect();
    if let Some(first) = rare.first().copied() {
        named.push((first, Box::new(move |outcome| rare.contains(&outcome))));
    }
    named
}

fn kind(outcome: Outcome, seen: &[Seen]) -> Kind {
    let count = seen.iter().filter(|call| call.failed).count();
    let n = seen.len().max(1) as f64;
    let share = count as f64 / n;
    let clusters = clusters(seen, count);
    let bursts = clusters.and_then(|_| bursts(seen));
    let se = libm::sqrt(share * (1.0 - share) / n);
    Kind { outcome, count, share, se, chance: share, clusters, bursts, after: None }
}

/// How failures stand together; `None` where too few tell.
fn clusters(seen: &[Seen], count: usize) -> Option<Clusters> {
    let (n, p) = (seen.len() as f64, count as f64 / seen.len().max(1) as f64);
    if count < FEW || count == seen.len() {
        return None;
    }
    let pairs = seen.windows(2).filter(|pair| pair[0].failed && pair[1].failed).count();
    let value = |call: &Seen| f64::from(u8::from(call.failed)) - p;
    let products: f64 = seen.windows(2).map(|pair| value(&pair[0]) * value(&pair[1])).sum();
    let autocorrelation = products / (n * p * (1.0 - p));
    let z = autocorrelation * libm::sqrt(n);
    let run = count as f64 / (count - pairs) as f64;
    let dispersion = dispersion(seen, p);
    Some(Clusters { autocorrelation, z, dispersion, run, independent_run: 1.0 / (1.0 - p) })
}

/// Variance of the number of failures in blocks of calls over that of independent failures, and its distance
/// from 1 in standard errors.
fn dispersion(seen: &[Seen], p: f64) -> Option<(f64, f64)> {
    let size = ((IN_BLOCK / p) as usize).max(10);
    let blocks = seen.chunks_exact(size);
    let n = blocks.len() as f64;
    if blocks.len() < BLOCKS {
        return None;
    }
    let expected = size as f64 * p;
    let failed = |block: &[Seen]| block.iter().filter(|call| call.failed).count() as f64;
    let squares: f64 = blocks.map(|block| (failed(block) - expected).powi(2)).sum();
    let index = squares / (n - 1.0) / (expected * (1.0 - p));
    Some((index, (index - 1.0) * libm::sqrt((n - 1.0) / 2.0)))
}
