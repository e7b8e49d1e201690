//! Floor 6: many runs. Every (replica, column) is a run of its own with its own plugin; the tools of a
//! run are islands that share that plugin. rayon spreads both; results are gathered by index, so the
//! number of threads changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::base::digest::Digest;
use crate::base::random::Draws;
use crate::base::{Moment, Span, fault};
use crate::metrics::summary::{Replica, Setting};
use crate::metrics::{Frame, Summary, Tally, waits};
use crate::plugin::{Clocks, Plugin, PolicySet};
use crate::scenario::{Column, Expectation, Plan};
use crate::sim::world::{Fault, Window, World};
use crate::variants::{self, find};

/// What a study found.
#[derive(Clone, PartialEq, Debug)]
pub struct Study {
    /// One for each column of the plan.
    pub columns: Vec<Summary>,
    /// How many replicas were finished.
    pub replicas: u32,
    /// Hash over every observation.
    pub digest: u64,
}

/// A wish to stop early, from another thread.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Asks a study to stop.
    pub fn ask(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
    fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Whether every variant of a plan is there; gives a word about those that run on one thread.
///
/// # Errors
/// A fault that names the first variant that is not there.
pub fn check(plan: &Plan) -> Result<Vec<String>, fault::Fault> {
    let names: BTreeSet<&str> = plan.columns.iter().map(|c| c.variant.as_str()).collect();
    let mut notes = Vec::new();
    for name in names {
        let Some(variant) = find(name) else {
            let rule = "must be a variant of the plugin (`retrylab list variants`)";
            let known = variants::all();
            let near = fault::near(name, known.iter().map(|v| v.name));
            let fault = fault::Fault::new("variant", name, rule);
            return Err(near.map_or(fault.clone(), |n| fault.hint(format!("did you mean `{n}`?"))));
        };
        let plugin = (variant.make)(PolicySet::default(), Draws::new(0, 0));
        if plugin.clocks() == Clocks::Shared {
            notes.push(format!(
                "variant {name} keeps one clock for all tools: the tools of a run take turns on one thread"
            ));
        }
    }
    Ok(notes)
}

/// Runs a plan. `done` is called after each run; `stop` ends the study after the replicas that are
/// finished by then.
pub fn run(plan: &Plan, stop: &Stop, done: &(dyn Fn() + Sync)) -> Study {
    let settings: Vec<Setting> = plan.columns.iter().map(setting).collect();
    let columns = plan.columns.len();
    let jobs = plan.replicas as usize * columns;
    let runs: Vec<Option<Replica>> = (0..jobs)
        .into_par_iter()
        .map(|job| {
            let (replica, column) = (job / columns, job % columns);
            if stop.asked() {
                return None;
            }
            let draws = Draws::new(plan.seed, replica as u64);
            let found = one(&plan.columns[column], &settings[column], draws);
            done();
            found
        })
        .collect();
    let finished = runs.chunks(columns.max(1)).take_while(|r| r.iter().all(Option::is_some));
    let replicas = finished.count();
    let mut digest = Digest::default();
    let runs: Vec<Replica> = runs.into_iter().take(replicas * columns).flatten().collect();
    runs.iter().zip(0..).for_each(|(run, i)| digest.gather(i, run.digest()));
    let of = |c: usize| runs.iter().skip(c).step_by(columns.max(1)).cloned().collect::<Vec<_>>();
    let columns = settings.iter().enumerate().map(|(c, s)| Summary::of(&of(c), s)).collect();
    Study { columns, replicas: replicas as u32, digest: digest.value() }
}

/// The mean of the metric that an expectation is about, if it exists.
pub fn value(study: &Study, expectation: &Expectation) -> Option<f64> {
    let summary = study.columns.get(expectation.column)?;
    let of_tool = expectation.metric.strip_prefix("tools.").and_then(|m| m.rsplit_once('.'));
    let (figures, name) = match of_tool {
        Some((tool, name)) => (summary.tools.get(tool)?, name),
        None => (&summary.metrics, expectation.metric.as_str()),
    };
    Some(figures.get(name)?.as_ref()?.mean)
}

/// From the first fault with a window to the end of the last one.
pub fn trouble(world: &World) -> Option<Window> {
    let windows =
        world.tools.iter().flat_map(|tool| &tool.faults).filter_map(|fault| match fault {
            Fault::Outage { window, .. } | Fault::Brownout { window, .. } => Some(*window),
            Fault::Flaky { window, .. } => *window,
            _ => None,
        });
    windows.reduce(|a, b| Window { from: a.from.min(b.from), to: a.to.max(b.to) })
}

fn setting(column: &Column) -> Setting {
    let policy = column.policies.base.clone();
    let longest_wait = waits::longest(&policy, policy.max_retries).max(Span::from_nanos(1));
    let (duration, trouble) = (column.world.duration, trouble(&column.world));
    Setting { duration, trouble, policy, longest_wait }
}

/// One run: every tool against one plugin.
fn one(column: &Column, setting: &Setting, draws: Draws) -> Option<Replica> {
    let plugin = (find(&column.variant)?.make)(column.policies.clone(), draws);
    let before = setting.trouble.map(|t: Window| -> Moment { t.from });
    let frame = Frame { before, longest_wait: setting.longest_wait };
    let tools = &column.world.tools;
    let chunk = match plugin.clocks() {
        Clocks::PerTool => tools.len().div_ceil(64).max(1),
        Clocks::Shared => tools.len().max(1),
    };
    let parts: Vec<BTreeMap<String, Tally>> = tools
        .par_chunks(chunk)
        .enumerate()
        .map(|(i, part)| islands(&column.world, (i * chunk, part), &*plugin, &draws, frame))
        .collect();
    let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
    for (name, tally) in parts.into_iter().flatten() {
        groups.entry(name).or_insert_with(|| Tally::new(frame)).merge(&tally);
    }
    Some(Replica::of(&groups, Tally::new(frame), setting))
}

fn islands(
    world: &World,
    (first, tools): (usize, &[crate::sim::world::Tool]),
    plugin: &dyn Plugin,
    draws: &Draws,
    frame: Frame,
) -> BTreeMap<String, Tally> {
    let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
    for (i, tool) in tools.iter().enumerate() {
        let mut tally = Tally::new(frame);
        crate::sim::run(world, tool, plugin, draws, &mut tally);
        tally.close((first + i) as u64);
        groups.entry(tool.group.to_string()).or_insert_with(|| Tally::new(frame)).merge(&tally);
    }
    groups
}
