//! Is this build slower than another? Times are never the same twice, so the answer comes from many
//! small comparisons ([`crate::bench::duel`]) and says how sure it is.
//!
//! Two numbers decide. A change *counts* from a size on that the luck of a build's layout does not reach;
//! and there is a larger one that must be *seen*. A path is slower when the change is surely beyond what
//! counts (bootstrap over blocks, one-sided, Holm over paths), twice, the second time with another seed
//! and other processes. It is fast enough when the change is surely below the middle of the two numbers.
//! As long as it is neither, blocks are added, up to a limit; then what is surely below what must be seen
//! is fast enough, and the rest is undecided and says why.

pub mod calibrate;
pub mod findings;
pub mod ratios;

use crate::base::random::{Draws, Purpose, Stream};
use crate::bench::compare::{self, Blocks, Medians, holm};
use crate::bench::duel::{self, Job, Seen, Side, Silent, TURNS, Unlike};

/// Rules of the timed half: `[timed]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Timed {
    /// Whose paths are timed.
    pub variants: Vec<String>,
    /// Which paths.
    pub paths: Vec<String>,
    /// A smaller change does not count.
    pub counts: f64,
    /// A change of this size must be seen.
    pub sees: f64,
    /// The chance of calling one path or more slower that is not, for each of the two runs.
    pub level: f64,
    /// How many blocks there are at least.
    pub blocks: u32,
    /// And at most.
    pub most_blocks: u32,
    /// Why.
    pub why: String,
    /// How much faster than another a variant must be, in the same run.
    pub ratios: Vec<Ratio>,
}

/// `[[timed.ratios]]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Ratio {
    /// The variant.
    pub variant: String,
    /// The one that it is compared with.
    pub to: String,
    /// On which path.
    pub path: String,
    /// How many times as fast it must be.
    pub at_least: f64,
    /// Why.
    pub why: String,
}

/// With fewer blocks nothing is decided.
pub const LEAST_BLOCKS: u32 = 6;
/// After so many more blocks it is looked again.
const STEP: u32 = 4;
/// How often blocks are resampled at least; with more jobs or a smaller level more often, for a share of
/// resamples is never less than one of them.
const RESAMPLES: u32 = 4_000;
/// The chance of calling a path fast enough that is slower by what must be seen.
const MISSED: f64 = 0.025;

impl Timed {
    /// Every variant on every path.
    pub fn jobs(&self) -> Vec<Job> {
        let of = |variant: &String| {
            let job = |path: &String| Job { variant: variant.clone(), path: path.clone() };
            self.paths.iter().map(job).collect::<Vec<Job>>()
        };
        self.variants.iter().flat_map(of).collect()
    }
}

/// What one run says of a job.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// Time of head over time of base.
    pub ratio: f64,
    /// Its 95 % interval.
    pub interval: (f64, f64),
    /// The chance of seeing as much if the change did not count, after Holm's correction.
    pub p: f64,
    /// How many blocks it comes from.
    pub blocks: usize,
    /// What follows.
    pub pace: Pace,
}

/// What follows for a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// Surely slower by more than what counts.
    Slower,
    /// Surely not slower by what must be seen.
    FastEnough,
    /// Surely faster by more than what counts.
    Faster,
    /// Neither.
    Undecided,
}

/// What was found of a job.
#[derive(Clone, PartialEq, Debug)]
pub struct Trial {
    /// Which.
    pub job: Job,
    /// Why it cannot be compared.
    pub unlike: Option<Unlike>,
    /// Median times of head and base, in ns an operation; those of the last run.
    pub ns: [f64; 2],
    /// What the first run says; `None` where nothing was timed.
    pub first: Option<Call>,
    /// What the confirming run says, where there was one.
    pub second: Option<Call>,
    /// What follows from both.
    pub pace: Pace,
}

/// Whether there will be more blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Look {
    /// There may be: what is close to what must be seen is looked at longer.
    Early,
    /// These are all.
    Last,
}

/// Judges jobs together: `None` where there is no sample.
pub fn calls(rules: &Timed, all: &[Blocks], look: Look, draws: &Draws) -> Vec<Option<Call>> {
    let stream = |i: usize| draws.stream(Purpose::Bootstrap, i as u64);
    let needed = (4.0 * all.len() as f64 / rules.level.max(1e-6)) as u32;
    let resamples = RESAMPLES.max(needed);
    let medians: Vec<Option<Medians>> =
        (0..all.len()).map(|i| compare::medians(&all[i], resamples, stream(i))).collect();
    let (counts, sees) = (libm::log1p(rules.counts), libm::log1p(rules.sees));
    let safe = if look == Look::Early { (counts + sees) / 2.0 } else { sees };
    let beyond = |m: &Medians| tail(m, |x| x <= counts);
    let raw: Vec<f64> = medians.iter().flatten().map(beyond).collect();
    let mut corrected = holm(&raw).into_iter();
    let call = |m: Option<Medians>| {
        let (m, p) = (m?, corrected.next()?);
        let at = |q: f64| libm::exp(m.resampled[((m.resampled.len() - 1) as f64 * q) as usize]);
        let pace = match m.blocks < LEAST_BLOCKS as usize {
            true => Pace::Undecided,
            false if p <= rules.level => Pace::Slower,
            false if tail(&m, |x| x >= -counts) <= rules.level => Pace::Faster,
            false if tail(&m, |x| x >= safe) <= MISSED => Pace::FastEnough,
            false => Pace::Undecided,
        };
        let interval = (at(0.025), at(0.975));
        Some(Call { ratio: libm::exp(m.middle), interval, p, blocks: m.blocks, pace })
    };
    medians.into_iter().map(call).collect()
}

/// The share of resamples of which something is true, never 0.
fn tail(medians: &Medians, is: impl Fn(f64) -> bool) -> f64 {
    let found = medians.resampled.iter().filter(|x| is(**x)).count();
    (1 + found) as f64 / (1 + medians.resampled.len()) as f64
}

/// How a run is told what is going on; it says whether to go on.
pub type Told<'a> = &'a mut dyn FnMut(&str, f64);

/// Lets two builds compete: a run, and another one on what the first calls slower. `open` starts head and
/// base for a block.
///
/// # Errors
/// One of the builds does not answer.
pub fn contest<S: Side>(
    rules: &Timed,
    seed: u64,
    open: &mut dyn FnMut(u32) -> Result<[S; 2], Silent>,
    told: Told<'_>,
) -> Result<Vec<Trial>, Silent> {
    let jobs = rules.jobs();
    let all: Vec<usize> = (0..jobs.len()).collect();
    let first = run(rules, (&jobs, all), &Draws::new(seed, 0), open, &mut |at| told("timed", at))?;
    let slower = |(at, call): (usize, &Option<Call>)| {
        call.as_ref().filter(|c| c.pace == Pace::Slower).map(|_| at)
    };
    let suspects: Vec<usize> = first.1.iter().enumerate().filter_map(slower).collect();
    let second = match suspects.is_empty() {
        true => None,
        false => {
            let mut told = |at| told("confirming", at);
            Some(run(rules, (&jobs, suspects), &Draws::new(seed, 1), open, &mut told)?)
        }
    };
    let trial = |(at, job): (usize, Job)| {
        let again =
            second.as_ref().and_then(|(seen, calls)| Some((&seen[at], calls[at].as_ref()?)));
        trial(rules, job, (&first.0[at], first.1[at].clone()), again)
    };
    Ok(jobs.into_iter().enumerate().map(trial).collect())
}

/// A run: what was seen of each job, and what follows from this run alone.
type Run = (Vec<Seen>, Vec<Option<Call>>);

fn run<S: Side>(
    rules: &Timed,
    (jobs, mut chosen): (&[Job], Vec<usize>),
    draws: &Draws,
    open: &mut dyn FnMut(u32) -> Result<[S; 2], Silent>,
    told: &mut dyn FnMut(f64),
) -> Result<Run, Silent> {
    let luck: Stream = draws.stream(Purpose::Layers, 0);
    let mut seen = vec![Seen::default(); jobs.len()];
    let mut found = vec![None; jobs.len()];
    for block in 0..rules.most_blocks {
        told(f64::from(block) / f64::from(rules.most_blocks));
        let [mut head, mut base] = open(block)?;
        let sides: &mut [&mut dyn Side; 2] = &mut [&mut head, &mut base];
        let luck = luck.sub(u64::from(block));
        duel::block(sides, (jobs, &chosen), &TURNS, luck, &mut seen)?;
        let done = block + 1;
        if done >= rules.blocks && (done - rules.blocks).is_multiple_of(STEP)
            || done == rules.most_blocks
        {
            let blocks: Vec<Blocks> = seen.iter().map(Seen::ratios).collect();
            let look = if done == rules.most_blocks { Look::Last } else { Look::Early };
            found = calls(rules, &blocks, look, draws);
            let open =
                |at: &usize| found[*at].as_ref().is_some_and(|c: &Call| c.pace == Pace::Undecided);
            chosen.retain(open);
            if chosen.is_empty() {
                break;
            }
        }
    }
    Ok((seen, found))
}

fn trial(
    rules: &Timed,
    job: Job,
    (seen, first): (&Seen, Option<Call>),
    again: Option<(&Seen, &Call)>,
) -> Trial {
    let pace = match (&first, again) {
        (None, _) => Pace::Undecided,
        (Some(call), None) => call.pace,
        (Some(_), Some((_, second))) if second.pace == Pace::Slower => Pace::Slower,
        // Once said and not confirmed: what both runs together say, unless it is "slower" again.
        (Some(_), Some((more, _))) => {
            let mut both = seen.ratios();
            both.extend(more.ratios());
            let draws = Draws::new(0, 2);
            match calls(rules, &[both], Look::Last, &draws).pop().flatten().map(|c| c.pace) {
                Some(Pace::FastEnough | Pace::Faster) => Pace::FastEnough,
                _ => Pace::Undecided,
            }
        }
    };
    let unlike = again.and_then(|(more, _)| more.unlike).or(seen.unlike);
    let timed = again.map_or(seen, |(more, _)| more);
    let second = again.map(|(_, call)| call.clone());
    Trial { job, unlike, ns: timed.medians(), first, second, pace }
}

#[cfg(test)]
mod tests;
