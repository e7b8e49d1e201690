//! Whether callers on several threads get in each other's way. One instance answers all of them; each
//! asks about requests of its own, of tools that all share, so each must get what it would get alone.
//! Callers that wait for each other for ever would leave the check without an answer, so somebody looks at
//! the time.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::trial::Differs;
use crate::base::random::{Draws, Purpose, below};
use crate::base::{Moment, Span};
use crate::plugin::trace::{Answer, Step, Told};
use crate::plugin::{Jitter, Plugin, Policy, PolicySet, Reply, Status, Structured};
use crate::variants::Variant;

/// How many threads.
pub const THREADS: u64 = 8;

/// Hook calls of each thread.
pub const STEPS: u64 = 4_000;

/// So long none of the threads may get an answer.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How often somebody looks whether threads get answers.
const TICK: Duration = Duration::from_millis(5);

const TOOLS: [&str; 5] = ["search", "fetch", "write", "read", "list"];

/// What a thread was told that it would not have been told alone.
#[derive(Clone, Debug)]
pub struct Disturbed {
    /// Which thread, or none: what was remembered in the end.
    pub thread: Option<u64>,
    /// Where.
    pub step: String,
    /// What it would be told alone.
    pub expected: String,
    /// What it was told.
    pub found: String,
}

/// Lets threads ask one instance; what disturbed the first of them, if something did. No declared
/// deviation shows: names have no colon, and all moments lie within the life of an orphan. Threads that
/// get no answer within the patience are left behind.
pub fn together(variant: &Variant, seed: u64, patience: Duration) -> Option<Disturbed> {
    let base = Policy { max_retries: 4, jitter: Jitter::Full, ..Policy::default() };
    let own = Policy { max_retries: 1, jitter: Jitter::None, ..Policy::default() };
    let overrides = [("write".to_owned(), own)].into_iter().collect();
    let policies = PolicySet { base, overrides, ..PolicySet::default() };
    let draws = Draws::new(seed, 0);
    let shared = (variant.make)(policies.clone(), draws);
    let start = Arc::new(Barrier::new(THREADS as usize));
    let asker = |thread| Asker::of(steps(&draws, thread), &shared, &start);
    let askers: Vec<Asker> = (0..THREADS).map(asker).collect();
    if let Some(stuck) = stalled(&askers, patience) {
        return Some(stuck);
    }
    let mut live = 0;
    for (thread, Asker { steps, worker, .. }) in (0..).zip(askers) {
        let oracle = variant.oracle(policies.clone(), draws);
        let expected: Vec<Answer> = steps.iter().map(|step| step.ask(&*oracle)).collect();
        live += oracle.live_entries();
        let Ok(found) = worker.join() else {
            return Some(disturbed(Some(thread), "any", &"answers", &"a panic"));
        };
        if let Some(first) = first(&expected, &found) {
            let step = steps[first.step].to_string();
            return Some(disturbed(Some(thread), &step, &first.expected, &first.found));
        }
    }
    let left = shared.live_entries();
    (left != live).then(|| disturbed(None, "calls remembered in the end", &live, &left))
}

/// A thread that asks.
struct Asker {
    steps: Arc<Vec<Step>>,
    answered: Arc<AtomicUsize>,
    worker: JoinHandle<Vec<Answer>>,
}

impl Asker {
    fn of(steps: Vec<Step>, plugin: &Arc<dyn Plugin>, start: &Arc<Barrier>) -> Asker {
        let (steps, answered) = (Arc::new(steps), Arc::new(AtomicUsize::new(0)));
        let (plugin, start) = (Arc::clone(plugin), Arc::clone(start));
        let (asked, count) = (Arc::clone(&steps), Arc::clone(&answered));
        let worker = thread::spawn(move || {
            start.wait();
            let ask = |step: &Step| {
                let answer = step.ask(&*plugin);
                count.fetch_add(1, Ordering::Relaxed);
                answer
            };
            asked.iter().map(ask).collect()
        });
        Asker { steps, answered, worker }
    }
    fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }
}

/// Waits until all are done. What the first of them waits for, if none got an answer for too long: in looks,
/// not by a clock, so that a machine that was asleep alarms nobody.
fn stalled(askers: &[Asker], patience: Duration) -> Option<Disturbed> {
    let (mut silent, mut before) = (Duration::ZERO, 0);
    while !askers.iter().all(|asker| asker.worker.is_finished()) {
        let answered = askers.iter().map(Asker::answered).sum();
        silent = if answered == before { silent + TICK } else { Duration::ZERO };
        before = answered;
        if silent >= patience {
            let stuck = askers.iter().position(|asker| !asker.worker.is_finished())?;
            let step = askers[stuck].steps.get(askers[stuck].answered());
            let step = step.map_or_else(|| "the end".to_owned(), ToString::to_string);
            let found = format!(
                "no answer to any thread for {} s: they wait for each other",
                patience.as_secs_f64()
            );
            return Some(disturbed(Some(stuck as u64), &step, &"an answer", &found));
        }
        thread::sleep(TICK);
    }
    None
}

fn first(expected: &[Answer], found: &[Answer]) -> Option<Differs> {
    let mut pairs = expected.iter().zip(found).enumerate();
    let (step, (&expected, &found)) = pairs.find(|(_, (e, f))| e != f)?;
    Some(Differs { step, expected, found })
}

fn disturbed(
    thread: Option<u64>,
    step: &str,
    expected: &dyn fmt::Display,
    found: &dyn fmt::Display,
) -> Disturbed {
    let (expected, found) = (expected.to_string(), found.to_string());
    Disturbed { thread, step: step.to_owned(), expected, found }
}

/// What one thread asks: a few requests at once, most of their attempts failing.
fn steps(draws: &Draws, thread: u64) -> Vec<Step> {
    let stream = draws.stream(Purpose::Cases, 1 + thread);
    let status = Structured::Object { is_error: false, status: Status::Integer(503) };
    let replies = [
        Reply { is_error: true, ..Reply::default() },
        Reply { structured: status, ..Reply::default() },
        Reply { is_error: true, structured: status, ..Reply::default() },
        Reply::default(),
    ]
    .map(|reply| Told::Result(reply.into()));
    let step = |i: u64| {
        let drawn = |what: u64, n: u64| below(stream.at(4 * i + what), n);
        let told = match drawn(0, 16) {
            0 => Told::Forget,
            1..=4 => Told::TimedOut,
            n => replies[(n % 4) as usize].clone(),
        };
        Step {
            tool: TOOLS[drawn(1, 5) as usize].into(),
            request: format!("{thread}/{}", i / 64 * 8 + drawn(2, 8)).into(),
            at: Moment::START + Span::from_millis(i),
            told,
        }
    };
    (0..STEPS).map(step).collect()
}

impl fmt::Display for Disturbed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.thread {
            Some(thread) => writeln!(f, "thread {} of {THREADS}", thread + 1)?,
            None => writeln!(f, "after {THREADS} threads")?,
        }
        writeln!(f, "  step      {}", self.step)?;
        writeln!(f, "  expected  {}", self.expected)?;
        write!(f, "  found     {}", self.found)
    }
}
