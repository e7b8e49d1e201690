//! The derived scenario, simulated once without retries and measured as the log was: the plainest answer to how
//! well it fits.

use std::num::NonZeroU64;

use super::Derived;
use super::facts::{Facts, facts};
use crate::base::Moment;
use crate::base::random::Draws;
use crate::scenario::Plan;
use crate::scenario::log::{Call, Outcome};
use crate::sim::record::{Fate, Observation, Recorder};
use crate::sim::{self, Course};
use crate::variants::find;

/// More calls take longer than one waits for a comment.
pub const MOST_CALLS: usize = 3_000_000;

/// Keeps each call as a log would.
#[derive(Default)]
struct Logged(Vec<Call>);

impl Recorder for Logged {
    fn observe(&mut self, now: Moment, what: Observation) {
        let Observation::Ended(call) = what else { return };
        let took = NonZeroU64::new(now.since(call.arrived).as_nanos().max(1));
        let outcome = match call.fate {
            Fate::Succeeded => Outcome::Success,
            Fate::TimedOut => Outcome::Timeout,
            _ => Outcome::Error,
        };
        self.0.push(Call { at: call.arrived, took, tool: 0, outcome });
    }
}

/// What a replica of the plan's first column gives, tool by tool as derived; `None` if that takes long.
pub fn simulated(derived: &Derived, plan: &Plan) -> Option<Vec<Facts>> {
    let calls: usize = derived.tools.iter().map(|tool| tool.facts.calls).sum();
    let column = plan.columns.first().filter(|_| calls <= MOST_CALLS)?;
    let draws = Draws::new(plan.seed, 0);
    let plugin = (find(&column.variant)?.make)(column.policies.clone(), draws);
    let of = |tool: &super::Tool| {
        let there = column.world.tools.iter().find(|there| *there.name == *tool.name)?;
        let mut logged = Logged::default();
        let course = sim::run(&column.world, there, &*plugin, &draws, &mut logged);
        logged.0.sort_by_key(|call| call.at);
        let facts = facts(&logged.0, derived.duration, tool.facts.window);
        (course == Course::Whole).then_some(facts)
    };
    derived.tools.iter().map(of).collect()
}
