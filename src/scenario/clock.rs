//! The clock of a simulation ends after 584 years. A call that could last longer would never end.

use crate::base::{Fault, Span};
use crate::plugin::{Policy, PolicySet, backoff};
use crate::sim::world::World;

/// What the clock holds, in years.
const YEARS: f64 = u64::MAX as f64 / YEAR;
/// A year in nanoseconds.
const YEAR: f64 = 365.25 * 86_400e9;

/// What is wrong if a call that arrives at the end of a run could outlast the clock.
pub(super) fn outlasted(world: &World, policies: &PolicySet) -> Option<Fault> {
    let all = std::iter::once(&policies.base).chain(policies.overrides.values());
    let longest = all.map(|policy| longest(world, policy)).fold(0.0, f64::max);
    let ends = world.duration.as_nanos() as f64 / YEAR + longest;
    (ends >= YEARS).then(|| {
        let rule = "must be below 584 years: duration, and the time-outs and waits of a call that arrives at its end";
        Fault::new("duration", format!("calls that can last until {ends:.0} years"), rule)
            .hint("a shorter `attempt_timeout`, `max_backoff_ms` or `duration`, or a `deadline`")
    })
}

/// How long a call can last, in years.
fn longest(world: &World, policy: &Policy) -> f64 {
    let years = |span: Span| span.as_nanos() as f64 / YEAR;
    let gateway = &world.gateway;
    let retries = policy.max_retries.min(gateway.max_tool_retries);
    let attempts = f64::from(retries + 1) * years(gateway.attempt_timeout);
    let most = f64::from(retries) * years(backoff::longest(policy, retries));
    let waits = match most < 1.0 {
        true => most, // far from all bounds
        false => (0..retries).map(|retry| years(backoff::longest(policy, retry))).sum(),
    };
    gateway.deadline.map_or(attempts + waits, |deadline| years(deadline).min(attempts + waits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_must_end_before_the_clock_does() {
        let world = |timeout: u64, deadline: Option<Span>| {
            let mut world = World {
                tools: Vec::new(),
                gateway: Default::default(),
                duration: Span::from_secs(1),
            };
            world.gateway.attempt_timeout = Span::from_secs(timeout);
            world.gateway.deadline = deadline;
            world
        };
        let (minute, century) = (60, 100 * 31_557_600);
        let wait = |secs| Policy {
            backoff_base: Span::from_secs(secs),
            max_backoff: Span::from_secs(secs),
            max_retries: 2,
            ..Policy::default()
        };
        let fails = |world: &World, base| {
            outlasted(world, &PolicySet { base, ..PolicySet::default() }).is_some()
        };
        assert!(!fails(&world(minute, None), wait(1)));
        assert!(!fails(&world(century, None), wait(1)));
        assert!(!fails(&world(minute, None), wait(2 * century)));
        assert!(fails(&world(2 * century, None), wait(1)));
        assert!(fails(&world(century, None), wait(2 * century)));
        assert!(!fails(&world(century, Some(Span::from_secs(minute))), wait(2 * century)));
    }
}
