//! A log becomes the parameters of a scenario: for each tool how calls arrive, how long they take and how
//! they fail, each with the evidence for it, so that whoever runs the scenario knows how far it is the log.

pub mod arrivals;
pub mod bursts;
pub mod facts;
pub mod failures;
pub mod latency;
pub mod outages;
mod simplex;
pub mod simulated;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::base::Span;
use crate::scenario::log::{Call, Log, Outcome};
use arrivals::Arriving;
use facts::Facts;
use failures::Failures;
use latency::Latency;

/// Fewer calls than this say nothing about a tool.
pub const FEW: usize = 30;
/// Tools at most in one scenario.
pub const MOST_TOOLS: usize = 50;

/// What a log gives.
#[derive(Clone, PartialEq, Debug)]
pub struct Derived {
    /// The most called first.
    pub tools: Vec<Tool>,
    /// Tools that are left out, the most called first, with their calls.
    pub left_out: Vec<(String, usize)>,
    /// Calls of the log.
    pub calls: usize,
    /// The log's span, rounded up.
    pub duration: Span,
    /// The median of how long calls took that ended with a time-out.
    pub attempt_timeout: Option<Span>,
    /// How many replicas are quick to simulate.
    pub replicas: u32,
}

/// What the log tells of one tool.
#[derive(Clone, PartialEq, Debug)]
pub struct Tool {
    /// Its name in the scenario.
    pub name: String,
    /// Its name in the log.
    pub original: String,
    /// How its calls arrive.
    pub arriving: Arriving,
    /// How long successes take; `None` if the log does not tell.
    pub latency: Option<Latency>,
    /// How it fails.
    pub failures: Failures,
    /// What a simulation is compared with.
    pub facts: Facts,
    /// Calls that their clients cancelled.
    pub cancelled: usize,
}

/// Derives a scenario from a log.
pub fn derive(log: &Log) -> Derived {
    let mut calls = log.calls.clone();
    calls.sort_by_key(|call| call.tool); // stable: in the order of time within each tool
    let mut groups: Vec<&[Call]> = calls.chunk_by(|a, b| a.tool == b.tool).collect();
    groups.sort_by_key(|calls| (std::cmp::Reverse(calls.len()), calls[0].tool));
    let name = |calls: &[Call]| log.tools.get(calls[0].tool as usize).cloned().unwrap_or_default();
    let enough = groups.iter().take_while(|calls| calls.len() >= FEW).count();
    // A log of rare calls only is better than none.
    let kept = if enough == 0 { groups.len() } else { enough }.min(MOST_TOOLS);
    let duration = duration(log.span);
    let mut names = BTreeSet::new();
    let named = groups[..kept].iter().map(|calls| {
        let original = name(calls);
        (unique(&original, &mut names), original, *calls)
    });
    let named: Vec<(String, String, &[Call])> = named.collect();
    let each = named.into_par_iter();
    let tools: Vec<Tool> =
        each.map(|(name, original, calls)| tool(name, original, calls, duration)).collect();
    let in_file: usize = groups[..kept].iter().map(|calls| calls.len()).sum();
    Derived {
        tools,
        left_out: groups[kept..].iter().map(|calls| (name(calls), calls.len())).collect(),
        calls: log.calls.len(),
        duration,
        attempt_timeout: attempt_timeout(&log.calls),
        replicas: (1_000_000 / in_file.max(1)).clamp(3, 20) as u32,
    }
}

fn tool(name: String, original: String, calls: &[Call], duration: Span) -> Tool {
    let arriving = arrivals::arriving(calls, duration);
    Tool {
        name,
        original,
        latency: latency::latency(calls),
        failures: failures::failures(calls, duration),
        facts: facts::facts(calls, duration, arriving.window()),
        cancelled: calls.iter().filter(|call| call.outcome == Outcome::Cancelled).count(),
        arriving,
    }
}

/// A span rounded up, so that the last call still arrives: to seconds, or to milliseconds if it is short.
fn duration(span: Span) -> Span {
    let unit = if span < Span::from_secs(10) { 1_000_000 } else { 1_000_000_000 };
    Span::from_nanos((span.as_nanos() / unit + 1) * unit).max(Span::from_secs(1))
}

fn attempt_timeout(calls: &[Call]) -> Option<Span> {
    let late = calls.iter().filter(|call| call.outcome == Outcome::Timeout);
    let mut took: Vec<u64> = late.filter_map(|call| Some(call.took?.get())).collect();
    took.sort_unstable();
    let median = *took.get(took.len() / 2)?;
    Some(Span::from_nanos(median.next_multiple_of(1_000_000)))
}

/// A name that a scenario takes and no other tool has.
fn unique(original: &str, taken: &mut BTreeSet<String>) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_-.:/".contains(c) { c } else { '-' };
    let mut name: String = original.chars().take(120).map(plain).collect();
    if name.is_empty() {
        name.push_str("tool");
    }
    let free = (1..).map(|i| if i == 1 { name.clone() } else { format!("{name}-{i}") });
    let free = free.into_iter().find(|name| taken.insert(name.clone()));
    free.unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_scenarios_and_unique() {
        let mut taken = BTreeSet::new();
        let mut of = |name| unique(name, &mut taken);
        assert_eq!(of("team:search"), "team:search");
        assert_eq!(of("web search"), "web-search");
        assert_eq!(of("web_search"), "web_search");
        assert_eq!(of("web-search"), "web-search-2");
        assert_eq!(of(""), "tool");
        assert_eq!(of(&"é".repeat(300)).len(), 120);
    }

    #[test]
    fn the_last_call_is_within_the_duration() {
        assert_eq!(duration(Span::ZERO), Span::from_secs(1));
        assert_eq!(duration(Span::from_millis(2500)), Span::from_millis(2501));
        assert_eq!(duration(Span::from_secs(60)), Span::from_secs(61));
    }
}
