//! Floor 6: many runs. Every (replica, column) is a run of its own with its own plugin; the tools of a
//! run are islands that share that plugin. rayon spreads both; results are gathered by index, so the
//! number of threads changes nothing.

pub mod derive;
pub mod gate;
pub mod record;
mod spare;
pub mod tune;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::base::digest::Digest;
use crate::base::random::Draws;
use crate::base::{Span, fault};
use crate::metrics::summary::{Replica, Setting};
use crate::metrics::{Frame, Numbers, Summary, Tally, waits};
use crate::plugin::{Clocks, Plugin, PolicySet};
use crate::scenario::{Column, Expectation, Plan};
use crate::sim::world::{Tool, Window, World};
use crate::sim::{self, Course};
use crate::variants::{self, Variant, find};

use spare::Spare;
use watch::Watched;
pub use watch::{WHOLE_RUN, Watch};

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

/// The numbers of one replica of a column, as [`run`] has them. `None` if it was stopped, or has no such
/// variant.
pub fn numbers(column: &Column, seed: u64, replica: u64, watch: &Watch<'_>) -> Option<Numbers> {
    let draws = Draws::new(seed, replica);
    let run = one(column, &setting(column), draws, (watch, &Spare::default(), find))?;
    Some(run.numbers().clone())
}

/// Tools that can take turns at most: what is counted of each is in memory at once.
pub const MOST_IN_TURNS: usize = 1_000;

/// Whether every variant of a plan is there and can be run; gives a word about those that run on one thread.
///
/// # Errors
/// A fault that names the first variant that is not there or has too many tools.
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
        let of_it = plan.columns.iter().filter(|column| column.variant == *name);
        let tools = of_it.map(|column| column.world.tools.len()).max().unwrap_or_default();
        if plugin.clocks() == Clocks::Shared && tools > MOST_IN_TURNS {
            let rule = format!(
                "must be at most {MOST_IN_TURNS} for the variant {name}, which keeps one clock for all tools"
            );
            let fault = fault::Fault::new("tools", format!("{tools} instances"), rule);
            return Err(fault.hint("fewer tools, or the variant sharded"));
        }
        if plugin.clocks() == Clocks::Shared && tools > 1 {
            notes.push(format!(
                "variant {name} keeps one clock for all tools: the tools of a run take turns on one thread"
            ));
        }
    }
    Ok(notes)
}

/// Gives the variant of a name: [`variants::find`], or what a test puts in its place.
pub type Registry = fn(&str) -> Option<&'static Variant>;

/// Runs a plan, with whoever watches it. A study that is stopped has the replicas that were finished by
/// then.
pub fn run(plan: &Plan, watch: &Watch<'_>) -> Study {
    run_with(plan, watch, find)
}

/// The same with variants from another registry.
pub fn run_with(plan: &Plan, watch: &Watch<'_>, find: Registry) -> Study {
    let settings: Vec<Setting> = plan.columns.iter().map(setting).collect();
    let columns = plan.columns.len().max(1);
    let jobs = plan.replicas as usize * plan.columns.len();
    let spare = Spare::of_columns(columns);
    let runs: Vec<Option<Replica>> = (0..jobs)
        .into_par_iter()
        .with_max_len(1) // a replica takes long: several that cannot be shared leave threads idle at the end
        .map(|job| {
            let (replica, column) = (job / columns, job % columns);
            let draws = Draws::new(plan.seed, replica as u64);
            one(&plan.columns[column], &settings[column], draws, (watch, &spare, find))
        })
        .collect();
    let finished = runs.chunks(columns).filter(|replica| replica.iter().all(Option::is_some));
    let replicas: Vec<Vec<&Replica>> = finished.map(|r| r.iter().flatten().collect()).collect();
    let mut digest = Digest::default();
    replicas.iter().flatten().zip(0..).for_each(|(run, i)| digest.gather(i, run.digest()));
    let of = |c: usize| replicas.iter().map(|r| r[c]).collect::<Vec<_>>();
    let columns = settings.par_iter().enumerate().map(|(c, s)| Summary::of(&of(c), s)).collect();
    let replicas = replicas.len() as u32;
    runs.into_par_iter().for_each(drop); // each has maps of its own
    Study { columns, replicas, digest: digest.value() }
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

/// From the first trouble of a tool to the end of its last one.
fn trouble(tool: &Tool) -> Option<Window> {
    tool.troubles().map(|(_, window)| Some(window)).fold(None, Window::both)
}

fn setting(column: &Column) -> Setting {
    let policy = column.policies.base.clone();
    let longest_wait = waits::longest(&policy, policy.max_retries).max(Span::from_nanos(1));
    let duration = column.world.duration;
    let trouble = column.world.tools.iter().map(trouble).fold(None, Window::both);
    Setting { duration, trouble, policy, longest_wait }
}

/// One run: every tool against one plugin. `None` if it was stopped.
fn one(
    column: &Column,
    setting: &Setting,
    draws: Draws,
    (watch, spare, find): (&Watch<'_>, &Spare, Registry),
) -> Option<Replica> {
    let plugin = (find(&column.variant)?.make)(column.policies.clone(), draws);
    let frame = Frame { trouble: None, longest_wait: setting.longest_wait };
    let tools = &column.world.tools;
    let chunk = tools.len().div_ceil(64).max(1);
    let run = Run { world: &column.world, plugin: &*plugin, draws: &draws, frame, watch, spare };
    let parts: Option<Vec<BTreeMap<String, Tally>>> = match plugin.clocks() {
        Clocks::PerTool => {
            let parts = tools.par_chunks(chunk).enumerate();
            parts.map(|(i, part)| run.islands(i * chunk, part)).collect()
        }
        Clocks::Shared => run.in_turns(tools).map(|all| vec![all]),
    };
    let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
    for (name, tally) in parts?.into_iter().flatten() {
        spare.gather(&mut groups, name, tally);
    }
    let replica = Replica::of(&groups, frame, setting);
    groups.into_values().for_each(|tally| spare.tallies.give(tally));
    Some(replica)
}

/// What the islands of a run share.
struct Run<'a> {
    world: &'a World,
    plugin: &'a dyn Plugin,
    draws: &'a Draws,
    frame: Frame,
    watch: &'a Watch<'a>,
    spare: &'a Spare,
}

impl Run<'_> {
    fn frame(&self, tool: &Tool) -> Frame {
        Frame { trouble: trouble(tool), ..self.frame }
    }
    fn watched<'t>(&'t self, tally: &'t mut Tally) -> Watched<'t> {
        let part = WHOLE_RUN / self.world.tools.len().max(1) as u64;
        Watched::new(tally, self.watch, self.world.duration, part)
    }

    /// Simulates tools one after the other; the first has this index. `None` if it was stopped.
    fn islands(&self, first: usize, tools: &[Tool]) -> Option<BTreeMap<String, Tally>> {
        let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
        let mut hops = self.spare.hops();
        for (i, tool) in tools.iter().enumerate() {
            let mut tally = self.spare.tally(self.frame(tool));
            let mut watched = self.watched(&mut tally);
            let (world, plugin, draws) = (self.world, self.plugin, self.draws);
            let course = sim::run_with(&mut hops, world, tool, plugin, draws, &mut watched);
            watched.close();
            if course == Course::Cut {
                return None;
            }
            tally.close((first + i) as u64);
            self.spare.gather(&mut groups, tool.group.to_string(), tally);
        }
        self.spare.keep(hops);
        Some(groups)
    }

    /// Simulates all tools on one clock. `None` if it was stopped.
    fn in_turns(&self, tools: &[Tool]) -> Option<BTreeMap<String, Tally>> {
        let mut tallies: Vec<Tally> =
            tools.iter().map(|tool| self.spare.tally(self.frame(tool))).collect();
        let mut watched: Vec<_> = tallies.iter_mut().map(|tally| self.watched(tally)).collect();
        let each = tools.iter().zip(&mut watched);
        let course = sim::run_in_turns(self.world, each, self.plugin, self.draws);
        watched.into_iter().for_each(Watched::close);
        if course == Course::Cut {
            return None;
        }
        let mut groups: BTreeMap<String, Tally> = BTreeMap::new();
        for ((tool, mut tally), i) in tools.iter().zip(tallies).zip(0..) {
            tally.close(i);
            self.spare.gather(&mut groups, tool.group.to_string(), tally);
        }
        Some(groups)
    }
}
