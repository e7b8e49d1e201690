//! Random cases look at few calls at a time, in an order that no client would choose. Simulated traffic has
//! a thousand calls in flight, tools beside each other, clients that leave and a loop that forgets. So
//! shipped scenarios are run with a recorder round the plugin, and what the gateway asked becomes a trial
//! that every variant must pass.

use std::collections::BTreeMap;

use super::Registry;
use crate::base::Moment;
use crate::base::fault::Fault;
use crate::base::random::Draws;
use crate::bench::trial::Trial;
use crate::plugin::trace::Recording;
use crate::scenario::{self, Plan, Shipped};
use crate::sim::{self, Observation, Recorder};

/// The shipped scenarios that are recorded, column by column. Together they have every detector, both
/// loops, each kind of jitter, overrides, time-outs, exceptions, clients that leave, and bursts.
pub const SCENARIOS: [&str; 12] = [
    "basics/fail_twice",
    "basics/waits",
    "basics/zero_wait",
    "detect/not_retryable",
    "detect/status_as_data",
    "detect/unseen_text",
    "gateway/mixed",
    "gateway/nested",
    "gateway/patience",
    "gateway/slow",
    "herd/spread",
    "scale/one_flaky",
];

/// Hook calls of one recording; what a scenario has beyond them is not simulated.
pub const MOST: usize = 2_500;

/// Recordings of every column of [`SCENARIOS`].
///
/// # Errors
/// The faults of a scenario, which as shipped has none.
pub fn traces(find: Registry) -> Result<Vec<Trial>, Vec<Fault>> {
    let shipped = SCENARIOS.iter().filter_map(|name| scenario::shipped::find(name));
    let mut traces = Vec::new();
    for shipped in shipped {
        let plan = plan(shipped)?;
        traces.extend((0..plan.columns.len()).filter_map(|c| record(&plan, c, MOST, find)));
    }
    Ok(traces)
}

fn plan(shipped: &Shipped) -> Result<Plan, Vec<Fault>> {
    scenario::load(&shipped.path(), shipped.text, &|file| shipped.read(file), &BTreeMap::new())
}

/// What the gateway asks of the plugin in the first replica of a column, from its start to about `most`
/// hook calls; with the column's policies and the replica's luck. `None` without the column or its
/// variant.
pub fn record(plan: &Plan, column: usize, most: usize, find: Registry) -> Option<Trial> {
    let column = plan.columns.get(column)?;
    let draws = Draws::new(plan.seed, 0);
    let plugin = (find(&column.variant)?.make)(column.policies.clone(), draws);
    let recording = Recording::of(&*plugin);
    let tools = &column.world.tools;
    let mut until: Vec<Until<'_>> =
        tools.iter().map(|_| Until { recording: &recording, most }).collect();
    // Cut or whole: what was asked by then was asked.
    let _ = sim::run_in_turns(&column.world, tools.iter().zip(&mut until), &recording, &draws);
    let name = format!("{}, column {:?}, as simulated", plan.name, column.name);
    let policies = column.policies.clone();
    Some(Trial { name, policies, draws, steps: recording.steps() })
}

/// Lets a simulation go on until so much was asked.
struct Until<'a> {
    recording: &'a Recording<'a>,
    most: usize,
}

impl Recorder for Until<'_> {
    fn observe(&mut self, _now: Moment, _what: Observation) {}
    fn has_enough(&mut self, _now: Moment) -> bool {
        self.recording.asked() >= self.most
    }
}
