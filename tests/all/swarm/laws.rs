//! The laws that every run keeps, whatever is simulated.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use retrylab::base::random::Draws;
use retrylab::base::{Moment, Span};
use retrylab::gateway::LoopModel;
use retrylab::plugin::{Decision, Plugin, PolicySet};
use retrylab::scenario::{Column, Plan};
use retrylab::sim::world::{Arrivals, Fault, Tool, World};
use retrylab::sim::{self, Course, Ended, Fate, Observation, Recorder};
use retrylab::study::{self, Study, Watch};
use retrylab::variants::find;

use super::watch::Watched;

/// Makes the plugin that is put to the test.
pub(super) type Make<'a> = &'a dyn Fn(PolicySet, Draws) -> Arc<dyn Plugin>;

/// What was counted.
pub(super) type Totals = BTreeMap<&'static str, u64>;

/// Observations of one tool at most; the largest scenario that is drawn has a tenth of them.
const ENOUGH: usize = 300_000;

#[derive(Default, PartialEq)]
struct Seen(Vec<(Moment, Observation)>);

impl Recorder for Seen {
    fn observe(&mut self, now: Moment, what: Observation) {
        self.0.push((now, what));
    }
    fn has_enough(&mut self, _now: Moment) -> bool {
        self.0.len() >= ENOUGH
    }
}

macro_rules! law {
    ($holds:expr, $($said:tt)*) => {
        if !$holds {
            return Err(format!($($said)*));
        }
    };
}

/// Whether every replica of every column keeps the laws under a plugin; the first that is broken.
pub(super) fn keeps(plan: &Plan, make: Make<'_>) -> Result<Totals, String> {
    let mut totals = vec![Totals::new(); plan.columns.len()];
    for replica in 0..u64::from(plan.replicas) {
        let draws = Draws::new(plan.seed, replica);
        for (column, totals) in plan.columns.iter().zip(&mut totals) {
            one(column, draws, make, totals).map_err(|e| format!("{}: {e}", column.name))?;
        }
    }
    let studied = |threads| {
        let watch = Watch { stop: &AtomicBool::new(false), advanced: &|_| {} };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| study::run(plan, &watch))
    };
    let (one, two) = (studied(1), studied(2));
    law!(one == two, "two threads find something else than one");
    let mut all = Totals::new();
    for (column, totals) in totals.iter().enumerate() {
        metrics(&one, column, totals)?;
        totals.iter().for_each(|(name, n)| *all.entry(name).or_default() += n);
    }
    Ok(all)
}

/// One replica of one column.
fn one(column: &Column, draws: Draws, make: Make<'_>, totals: &mut Totals) -> Result<(), String> {
    let world = &column.world;
    let shipped = world.gateway.loop_model == LoopModel::AsShipped;
    let fixed = world.tools.iter().filter(|tool| tool.resource || !shipped);
    let fixed: BTreeSet<String> = fixed.map(|tool| tool.name.to_string()).collect();
    let plugin = make(column.policies.clone(), draws);
    let plugin = Watched::new(plugin, column.policies.clone(), fixed);
    let reference = || (find("reference").unwrap().make)(column.policies.clone(), draws);
    let oracle = reference();
    for tool in &world.tools {
        let seen = simulated(world, tool, &plugin, draws)?;
        let most = match !shipped || tool.resource {
            true => {
                column.policies.of(&tool.name).max_retries.min(world.gateway.max_tool_retries) + 1
            }
            false => (2 << world.gateway.max_tool_retries) - 1,
        };
        of_tool(world, tool, most, &seen.0).map_err(|e| format!("{}: {e}", tool.name))?;
        count(&seen.0, totals);
        // The oracle meets the tool alone: no other tool may have changed anything.
        plugin.answers()?;
        law!(simulated(world, tool, &*reference(), draws)? == seen, "the oracle decides otherwise");
        simulated(world, tool, &*oracle, draws)?;
    }
    plugin.forgotten()?;
    law!(oracle.live_entries() == plugin.live_entries(), "the oracle remembers other calls");
    Ok(())
}

fn simulated(
    world: &World,
    tool: &Tool,
    plugin: &dyn Plugin,
    draws: Draws,
) -> Result<Seen, String> {
    let mut seen = Seen::default();
    let course = sim::run(world, tool, plugin, &draws, &mut seen);
    law!(course == Course::Whole, "{}: the run does not end", tool.name);
    Ok(seen)
}

fn number(seen: &[(Moment, Observation)], what: impl Fn(&Observation) -> bool) -> usize {
    seen.iter().filter(|(_, observation)| what(observation)).count()
}

fn ended(seen: &[(Moment, Observation)]) -> impl Iterator<Item = (Moment, &Ended)> {
    seen.iter().filter_map(|(now, what)| match what {
        Observation::Ended(call) => Some((*now, call)),
        _ => None,
    })
}

/// One tool's history; no call of it makes more than `most` attempts.
fn of_tool(
    world: &World,
    tool: &Tool,
    most: u32,
    seen: &[(Moment, Observation)],
) -> Result<(), String> {
    law!(seen.windows(2).all(|pair| pair[0].0 <= pair[1].0), "time goes back");
    let calls = number(seen, |o| matches!(o, Observation::Arrived));
    law!(calls == ended(seen).count(), "{calls} calls, {} ended", ended(seen).count());
    let loads = tool.loads.iter().map(|load| arrivals(&load.arrivals, world.duration));
    let expected: Option<Vec<_>> = loads.collect();
    if let Some((low, high)) =
        expected.map(|all| all.iter().fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)))
    {
        law!((low..=high).contains(&calls), "{calls} calls arrived, not {low} to {high}");
    }
    let attempts = number(seen, |o| matches!(o, Observation::Attempt { .. }));
    let returned = number(seen, |o| matches!(o, Observation::Returned { .. }));
    law!(attempts == returned, "{attempts} attempts, {returned} returned");
    let of_calls: usize = ended(seen).map(|(_, call)| call.attempts as usize).sum();
    law!(attempts == of_calls, "{attempts} attempts, {of_calls} of calls");
    let slept = number(seen, |o| matches!(o, Observation::Slept { whole: true, .. }));
    law!(attempts == calls + slept, "{attempts} attempts, {calls} calls and {slept} waits");
    let rows = number(seen, |o| matches!(o, Observation::Row(_)));
    law!(attempts == rows, "{attempts} attempts, {rows} rows");
    let executed = number(seen, |o| matches!(o, Observation::Executed { .. }));
    let first = number(seen, |o| matches!(o, Observation::Executed { again: false }));
    law!(
        executed <= attempts && (first <= calls || tool.idempotent),
        "{executed} executed of {attempts}, {first} first"
    );
    let succeeded = ended(seen).filter(|(_, call)| call.fate == Fate::Succeeded).count();
    // What turns attempts away may do so with a status of 200.
    let turns = |fault: &Fault| matches!(fault, Fault::Outage { .. } | Fault::Throttle { .. });
    let served = tool.capacity.is_none() && !tool.faults.iter().any(turns);
    law!(!served || succeeded <= first, "{succeeded} succeeded, {first} executed");
    seen.iter().try_for_each(|(now, what)| observation(world, most, *now, what))?;
    ended(seen).try_for_each(|(now, call)| of_call(world, tool, most, now, call))
}

/// How many calls a load brings at least and at most; `None` where luck says.
fn arrivals(arrivals: &Arrivals, duration: Span) -> Option<(usize, usize)> {
    let open = |at: &Moment| *at < Moment::START + duration;
    Some(match arrivals {
        Arrivals::Constant { rate } => {
            let n = (rate * duration.as_secs_f64()).floor() as usize;
            (n, n + 1)
        }
        Arrivals::Burst { at, calls } => {
            let n = if open(at) { *calls as usize } else { 0 };
            (n, n)
        }
        Arrivals::Closed { clients, calls_each: Some(calls), .. } => {
            let n = (clients * calls) as usize;
            (n, n)
        }
        Arrivals::Closed { clients, .. } => (*clients as usize, usize::MAX / 8),
        Arrivals::Trace(moments) => {
            let n = moments.iter().filter(|at| open(at)).count();
            (n, n)
        }
        Arrivals::Poisson { .. } | Arrivals::Square { .. } | Arrivals::Diurnal { .. } => {
            return None;
        }
    })
}

fn observation(world: &World, most: u32, now: Moment, what: &Observation) -> Result<(), String> {
    match what {
        Observation::Attempt { number } => law!(*number < most, "attempt {number} of {most}"),
        Observation::Returned { took } => {
            let limit = world.gateway.attempt_timeout;
            law!(*took <= limit, "an attempt took {took} of {limit}");
        }
        Observation::Decided(decision) => {
            let lost = matches!(decision, Decision::LostRetry { .. });
            law!(!lost, "a retry was lost to a wait of 0 ms");
        }
        Observation::Slept { retry, .. } => {
            law!((1..most).contains(retry), "wait {retry} of {most}");
        }
        Observation::Row(row) => {
            law!(row.started <= row.ended && row.ended == now, "a row ends at another time");
        }
        _ => {}
    }
    Ok(())
}

fn of_call(world: &World, tool: &Tool, most: u32, now: Moment, call: &Ended) -> Result<(), String> {
    let Ended { arrived, attempts, fate, first_failure, .. } = *call;
    law!((1..=most).contains(&attempts), "{attempts} attempts of {most}");
    law!(arrived <= now, "it ended before it arrived");
    law!(first_failure.is_none_or(|at| arrived <= at && at <= now), "a failure at another time");
    law!(first_failure.is_some() || attempts == 1, "{attempts} attempts without a failure");
    let deadline = world.gateway.deadline;
    law!(deadline.is_none_or(|d| now.since(arrived) <= d), "{} are late", now.since(arrived));
    law!(fate != Fate::DeadlineExceeded || deadline.is_some(), "there is no deadline");
    let patience = tool.loads.iter().any(|load| load.patience.is_some());
    law!(fate != Fate::Cancelled || patience, "nobody leaves");
    Ok(())
}

fn count(seen: &[(Moment, Observation)], totals: &mut Totals) {
    let mut add = |name, n: usize| *totals.entry(name).or_default() += n as u64;
    add("calls", number(seen, |o| matches!(o, Observation::Arrived)));
    add("attempts", number(seen, |o| matches!(o, Observation::Attempt { .. })));
    add("duplicates", number(seen, |o| matches!(o, Observation::Executed { again: true })));
    add("retries", number(seen, |o| matches!(o, Observation::Slept { .. })));
    add("lost_retries", 0);
    for fate in Fate::ALL {
        add(fate.name(), ended(seen).filter(|(_, call)| call.fate == fate).count());
    }
}

/// The metrics count what was seen, and every call has one fate.
fn metrics(study: &Study, column: usize, totals: &Totals) -> Result<(), String> {
    let metric = |name: &str| {
        let mean = study.columns[column].metrics[name].map_or(0.0, |estimate| estimate.mean);
        (mean * f64::from(study.replicas)).round() as u64
    };
    for (name, total) in totals {
        law!(metric(name) == *total, "{name} is {} where {total} were seen", metric(name));
    }
    let fates: u64 = Fate::ALL.iter().map(|fate| metric(fate.name())).sum();
    law!(fates == metric("calls"), "{} calls have {fates} fates", metric("calls"));
    Ok(())
}
