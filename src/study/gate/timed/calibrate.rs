//! What can this machine see? Two processes of one build are compared as two builds would be: what
//! differs is noise. From the spread of blocks follows the change that would be called slower in 95 of
//! 100 tries (both runs together); whether that is true is shown by a build that makes itself slower.

use super::{Pace, Timed, Trial, contest, run};
use crate::base::normal::quantile;
use crate::base::random::{Draws, Purpose};
use crate::bench::compare::medians;
use crate::bench::duel::{Job, Side, Silent};

/// Each of the two runs must see a change so often for 95 in 100 to be seen by both.
const POWER: f64 = 0.975;
/// How often blocks are resampled for their spread.
const RESAMPLES: u32 = 4_000;

/// The noise of a job.
#[derive(Clone, PartialEq, Debug)]
pub struct Floor {
    /// Which.
    pub job: Job,
    /// Time of an operation in ns.
    pub ns: f64,
    /// The ratio of a build to itself.
    pub ratio: f64,
    /// Its 95 % interval.
    pub interval: (f64, f64),
    /// The smallest change that is called slower in 95 of 100 tries.
    pub visible: f64,
}

/// How a canary fared.
#[derive(Clone, PartialEq, Debug)]
pub struct Canary {
    /// By which share it made itself slower; 0 is the build itself.
    pub slower: f64,
    /// What was found of each job.
    pub trials: Vec<Trial>,
}

impl Canary {
    /// On how many jobs it was called so.
    pub fn count(&self, pace: Pace) -> usize {
        self.trials.iter().filter(|t| t.pace == pace).count()
    }
}

/// What this machine can see.
#[derive(Clone, PartialEq, Debug)]
pub struct Calibration {
    /// Job by job.
    pub floors: Vec<Floor>,
    /// The build itself, and one that is slower by what must be seen.
    pub canaries: Vec<Canary>,
}

/// Calibrates: `open` starts two processes of one build for a block, the first slower by a share.
///
/// # Errors
/// A build does not answer.
pub fn calibrate<S: Side>(
    rules: &Timed,
    seed: u64,
    open: &mut dyn FnMut(u32, f64) -> Result<[S; 2], Silent>,
    told: &mut dyn FnMut(&str, f64),
) -> Result<Calibration, Silent> {
    let jobs = rules.jobs();
    let whole = Timed { blocks: rules.most_blocks, ..rules.clone() };
    let draws = Draws::new(seed, 3);
    let all = (0..jobs.len()).collect();
    let (seen, _) = run(&whole, (&jobs, all), &draws, &mut |block| open(block, 0.0), &mut |at| {
        told("noise", at);
    })?;
    let questions = jobs.len();
    let floor = |(at, job): (usize, Job)| {
        let stream = draws.stream(Purpose::Bootstrap, at as u64);
        let m = medians(&seen[at].ratios(), RESAMPLES, stream)?;
        let at_share = |q: f64| m.resampled[((m.resampled.len() - 1) as f64 * q) as usize];
        // Half of the middle two thirds: the standard error of a normal distribution.
        let error = (at_share(0.8413) - at_share(0.1587)) / 2.0;
        // Blocks are added as long as it is undecided, up to all of these.
        let sure = -quantile(rules.level / questions as f64) + quantile(POWER);
        Some(Floor {
            job,
            ns: seen[at].medians()[1],
            ratio: libm::exp(m.middle),
            interval: (libm::exp(at_share(0.025)), libm::exp(at_share(0.975))),
            visible: libm::expm1(libm::log1p(rules.counts) + sure * error),
        })
    };
    let floors = jobs.into_iter().enumerate().filter_map(floor).collect();
    let mut canaries = Vec::new();
    for slower in [0.0, rules.sees] {
        let word = if slower > 0.0 { "a slower one" } else { "the same" };
        let trials = contest(rules, seed, &mut |block| open(block, slower), &mut |_, at| {
            told(word, at);
        })?;
        canaries.push(Canary { slower, trials });
    }
    Ok(Calibration { floors, canaries })
}
