//! How many calls of the hook a second, with several threads on one instance. A lock for all makes threads
//! wait for each other, and more of them make it worse; a figure from one thread does not show it. Each
//! path is measured with calls of its own for each thread, and one mix of all that happens to calls: the
//! first published benchmark's 50 tools with 40 requests each, in flight at the same time.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use super::sample::order;
use super::workload::{Lane, Other, Path, Setup, Signal, USUAL, reply};
use crate::base::random::{Draws, Purpose};
use crate::base::{Moment, Span};
use crate::plugin::{Plugin, Policy, PolicySet, Reply, Seen};
use crate::variants::Variant;

/// What is run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Load {
    /// One path.
    Path(&'static Path),
    /// Of 20 calls, 16 succeed at once, 2 after a failure, 1 fails three times, 1 gets a 404.
    Mix,
    /// The same, each thread on an instance of its own: what the cores give where nothing is shared.
    Apart,
}

impl Load {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Load::Path(path) => path.name,
            Load::Mix => "mix",
            Load::Apart => APART,
        }
    }
}

/// The name of the mix on instances apart.
pub const APART: &str = "mix, apart";

/// The calls of the mix: 50 tools with 40 requests each.
const CALLS: usize = 50 * 40;

/// One run: a load on so many threads.
#[derive(Clone, PartialEq, Debug)]
pub struct Flow {
    /// The load.
    pub load: &'static str,
    /// The variant.
    pub variant: &'static str,
    /// How many threads.
    pub threads: usize,
    /// Calls of the hook a second, run by run.
    pub calls_per_s: Vec<f64>,
}

/// How much is run.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Effort {
    /// Runs of each.
    pub runs: u32,
    /// How often a run goes through its calls, at least.
    pub passes: u32,
    /// How long a run on one thread takes, about, in ns: a run that is short against the time slices of
    /// the system measures how it places threads.
    pub run_ns: f64,
}

/// Runs a load with every variant and number of threads, in an order that is drawn for each run. `go_on`
/// may say no: what has run by then is given.
pub fn flow(
    variants: &[&Variant],
    load: Load,
    threads: &[usize],
    effort: &Effort,
    seed: u64,
    go_on: &dyn Fn() -> bool,
) -> Vec<Flow> {
    let stream = Draws::new(seed, 0).stream(Purpose::Layers, 3);
    let mut flows = Vec::new();
    let mut cells = Vec::new();
    for variant in variants {
        for threads in threads {
            let (load, variant_name) = (load.name(), variant.name);
            let calls_per_s = Vec::new();
            flows.push(Flow { load, variant: variant_name, threads: *threads, calls_per_s });
            cells.push((*variant, *threads));
        }
    }
    let turns: Vec<u32> = cells.iter().map(|(v, _)| turns(v, load, effort)).collect();
    for run in 0..effort.runs {
        for i in order(cells.len(), stream, u64::from(run)) {
            if !go_on() {
                return flows;
            }
            let (variant, threads) = cells[i];
            let (calls, seconds) = once(variant, load, threads, turns[i]);
            flows[i].calls_per_s.push(calls as f64 / seconds.max(1e-9));
        }
    }
    flows
}

/// How often one thread alone goes through a load in a run.
fn turns(variant: &Variant, load: Load, effort: &Effort) -> u32 {
    let mut probe = 1;
    loop {
        let (_, seconds) = once(variant, load, 1, probe);
        if seconds * 1e9 > effort.run_ns / 8.0 || probe > 1 << 22 {
            let fitting = f64::from(probe) * effort.run_ns / (seconds * 1e9).max(1.0);
            return fitting.clamp(f64::from(effort.passes), 1e8) as u32;
        }
        probe *= 4;
    }
}

/// The turns of a run. Threads take them in turn, a few at once, as a gateway's threads take requests: were each given
/// its share beforehand, cores would idle at the end until the thread that ran last is done, and a run with more threads
/// than cores would measure how they were scheduled.
struct Turns {
    taken: AtomicUsize,
    all: usize,
    /// How many at once: long against what taking costs, short against the run.
    some: usize,
}

impl Turns {
    fn of(all: usize) -> Turns {
        Turns { taken: AtomicUsize::new(0), all, some: (all / 512).clamp(1, 64) }
    }
    /// Takes the next ones: how many, or none if no more are left.
    fn take(&self) -> Option<usize> {
        let left = self.all.checked_sub(self.taken.fetch_add(self.some, Ordering::Relaxed))?;
        Some(left.min(self.some)).filter(|turns| *turns > 0)
    }
}

/// One run on a fresh instance: how many calls of the hook, and in how many seconds. The turns are as many
/// for any number of threads, which share them.
fn once(variant: &Variant, load: Load, threads: usize, turns: u32) -> (u64, f64) {
    match load {
        Load::Path(path) => {
            let setup = Setup { live: 1, ..USUAL };
            let plugin = path.instance(variant, &setup, Draws::new(1, 0));
            let lanes: Vec<Lane> = (0..threads).map(|n| Lane::new(path, &setup, n)).collect();
            let turns = Turns::of(turns as usize);
            together(threads, |n| {
                let (lane, mut calls) = (&lanes[n], 0);
                while let Some(turns) = turns.take() {
                    (0..turns).for_each(|_| lane.at_rest(&*plugin));
                    calls += turns * lane.calls();
                }
                calls as u64
            })
        }
        Load::Mix | Load::Apart => {
            let policies = || PolicySet { base: Policy::default(), ..PolicySet::default() };
            let instances = if matches!(load, Load::Apart) { threads } else { 1 };
            let make = |_| (variant.make)(policies(), Draws::new(1, 0));
            let plugins: Vec<_> = (0..instances).map(make).collect();
            let (kinds, turns) = (Kinds::new(), Turns::of(turns as usize * threads));
            together(threads, |n| kinds.passes(&*plugins[n % instances], n, threads, &turns))
        }
    }
}

/// Lets threads begin at the same time; gives their calls and the time until the last is done.
fn together(threads: usize, work: impl Fn(usize) -> u64 + Sync) -> (u64, f64) {
    let barrier = Barrier::new(threads + 1);
    thread::scope(|scope| {
        let start = |n: usize| {
            let (barrier, work) = (&barrier, &work);
            scope.spawn(move || {
                barrier.wait();
                let begin = Instant::now();
                let calls = work(n);
                (calls, begin, Instant::now())
            })
        };
        let handles: Vec<_> = (0..threads).map(start).collect();
        barrier.wait();
        let done: Vec<_> = handles.into_iter().filter_map(|h| h.join().ok()).collect();
        let begin = done.iter().map(|d| d.1).min();
        let end = done.iter().map(|d| d.2).max();
        let seconds = begin.zip(end).map_or(0.0, |(b, e)| e.duration_since(b).as_secs_f64());
        (done.iter().map(|d| d.0).sum(), seconds)
    })
}

/// The replies of the mix.
struct Kinds {
    success: Reply,
    failure: Reply,
    refused: Reply,
}

impl Kinds {
    fn new() -> Kinds {
        let of = |signal| reply(signal, None);
        Kinds {
            success: of(Signal::Success),
            failure: of(Signal::Structured(503)),
            refused: of(Signal::FlagStatus(404)),
        }
    }

    /// What the n-th attempt of a call brings; nothing if it is over by then.
    fn attempt(&self, call: usize, attempt: usize) -> Option<&Reply> {
        match (call % 20, attempt) {
            (0, _) => Some(&self.failure),
            (1, 0) => Some(&self.refused),
            (2 | 3, 0) => Some(&self.failure),
            (2 | 3, 1) => Some(&self.success),
            (4.., 0) => Some(&self.success),
            _ => None,
        }
    }

    /// Passes of a thread through its own part of the calls, all first attempts before all second ones.
    fn passes(&self, plugin: &dyn Plugin, n: usize, threads: usize, turns: &Turns) -> u64 {
        let mut other = Other::new(0);
        let mut calls = 0;
        let now = Moment::START + Span::from_millis(1);
        while let Some(turns) = turns.take() {
            for attempt in (0..turns).flat_map(|_| 0..3) {
                for call in (n..CALLS).step_by(threads) {
                    let Some(reply) = self.attempt(call / 50, attempt) else { continue };
                    other.become_nth(call);
                    let decision = plugin.tool_post_invoke(&other.key(), Seen::Result(reply), now);
                    let _ = std::hint::black_box(decision);
                    calls += 1;
                }
            }
        }
        calls
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::bench::workload::find;
    use crate::variants;

    #[test]
    fn any_number_of_threads_does_all_turns_and_leaves_nothing() {
        for variant in variants::all() {
            for threads in [1, 3, 8] {
                let plugin = (variant.make)(PolicySet::default(), Draws::new(1, 0));
                let kinds = Kinds::new();
                let alone = |n| kinds.passes(&*plugin, n, threads, &Turns::of(1));
                let parts: Vec<u64> = (0..threads).map(alone).collect();
                // 1,600 succeed, 200 take two attempts, 100 three, 100 are refused.
                assert_eq!(parts.iter().sum::<u64>(), 1_600 + 2 * 200 + 3 * 100 + 100);
                let (turns, each) = (Turns::of(7 * threads), Mutex::new(vec![0; threads]));
                let (calls, _) = together(threads, |n| {
                    let calls = kinds.passes(&*plugin, n, threads, &turns);
                    each.lock().unwrap()[n] = calls;
                    calls
                });
                let each = each.into_inner().unwrap();
                assert_eq!(each.iter().sum::<u64>(), calls, "{}", variant.name);
                assert!(each.iter().zip(&parts).all(|(calls, part)| calls % part == 0));
                let taken: u64 = each.iter().zip(&parts).map(|(calls, part)| calls / part).sum();
                assert_eq!(taken, 7 * threads as u64, "{}", variant.name);
                assert_eq!(plugin.live_entries(), 0, "{}", variant.name);
            }
        }
    }

    #[test]
    fn threads_take_each_turn_once() {
        for all in [0, 1, 511, 1_000, 70_001] {
            let turns = Turns::of(all);
            let (taken, _) =
                together(4, |_| std::iter::from_fn(|| turns.take()).map(|some| some as u64).sum());
            assert_eq!(taken, all as u64);
        }
    }

    #[test]
    fn every_run_has_a_figure() {
        let variants: Vec<&Variant> = variants::all().iter().collect();
        let effort = Effort { runs: 2, passes: 1, run_ns: 1e4 };
        for load in [Load::Mix, Load::Apart, Load::Path(find("exhausted").unwrap())] {
            let flows = flow(&variants, load, &[1, 2], &effort, 1, &|| true);
            assert_eq!(flows.len(), 2 * variants.len());
            assert!(flows.iter().all(|f| f.calls_per_s.len() == 2 && f.calls_per_s[0] > 0.0));
        }
    }
}
