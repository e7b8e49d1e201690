//! Two builds, side by side. Both are alive at once and take turns of some 50 µs, in an order drawn from
//! the seed, so that what slows the machine slows both: a machine's mood changes within a millisecond, and
//! turns twenty times as long were seen to be four times as noisy. Where a process happens to lie in
//! memory makes it faster or slower for as long as it lives, by a tenth now and then; so each block has
//! processes of its own, and what is independent of each other is blocks.

use super::compare::Blocks;
use super::sample::{median, order};
use super::worker::{Answer, Request};
use crate::base::random::Stream;

/// A build that answers.
pub trait Side {
    /// Asks it.
    ///
    /// # Errors
    /// It does not answer.
    fn ask(&mut self, request: &Request) -> Result<Answer, Silent>;
}

/// Why a build does not answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Silent {
    /// Whoever asks was told to stop.
    #[error("interrupted")]
    Stopped,
    /// It has gone or answers something else.
    #[error("{0}")]
    Broken(String),
}

/// What is timed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Job {
    /// A variant.
    pub variant: String,
    /// A path of the workload.
    pub path: String,
}

/// How a block goes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Turns {
    /// How often both have a turn on each job.
    pub turns: u32,
    /// How often at least, where an operation takes longer than a batch should.
    pub least: u32,
    /// How long all turns of a job may take, about; beyond that there are fewer.
    pub most_ns: f64,
    /// Batches of a turn that count, by their median.
    pub batches: u32,
    /// Batches before them, which warm up.
    pub warm_up: u32,
    /// How long a batch takes, about.
    pub batch_ns: f64,
}

/// How turns are.
pub const TURNS: Turns =
    Turns { turns: 48, least: 16, most_ns: 1e7, batches: 4, warm_up: 2, batch_ns: 8_000.0 };

impl Turns {
    /// How many turns there are of a batch that takes so long.
    fn of(&self, batch_ns: f64) -> u32 {
        let turn = 2.0 * f64::from(self.batches + self.warm_up) * batch_ns.max(1.0);
        ((self.most_ns / turn) as u32).clamp(self.least.min(self.turns), self.turns)
    }
}

/// What was seen of a job.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Seen {
    /// How many operations a batch has.
    pub operations: Option<u32>,
    /// Why it cannot be compared.
    pub unlike: Option<Unlike>,
    /// Block by block, turn by turn: head and base, in ns an operation.
    pub blocks: Vec<Vec<[f64; 2]>>,
}

/// Why two builds cannot be compared on a job.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unlike {
    /// The base does not know the variant or the path.
    New,
    /// The operation is not the same in both.
    Redefined,
}

impl Seen {
    /// Log ratios of head and base, block by block.
    pub fn ratios(&self) -> Blocks {
        let log = |[head, base]: &[f64; 2]| libm::log(head / base);
        let whole = |turn: &&[f64; 2]| turn.iter().all(|ns| *ns > 0.0);
        self.blocks.iter().map(|turns| turns.iter().filter(whole).map(log).collect()).collect()
    }

    /// Median times of head and base, in ns an operation.
    pub fn medians(&self) -> [f64; 2] {
        let of = |side: usize| self.blocks.iter().flatten().map(move |turn| turn[side]);
        [0, 1].map(|side| median(of(side)).unwrap_or(0.0))
    }
}

/// Lets head and base go through some jobs, `chosen` by their places, in turns.
///
/// # Errors
/// One of them does not answer.
pub fn block(
    sides: &mut [&mut dyn Side; 2],
    (jobs, chosen): (&[Job], &[usize]),
    turns: &Turns,
    luck: Stream,
    seen: &mut [Seen],
) -> Result<(), Silent> {
    for i in order(chosen.len(), luck, 0) {
        let at = chosen[i];
        let luck = luck.sub(1 + at as u64);
        let (job, seen) = (&jobs[at], &mut seen[at]);
        if seen.unlike.is_some() || !set_up(sides, job, turns, luck, seen)? {
            continue;
        }
        let mut found: Vec<[f64; 2]> = Vec::new();
        let mut turn = 0;
        while turn < found.first().map_or(1, |ns| turns.of(ns[0] * operations(seen))) {
            let mut ns = [0.0; 2];
            for side in order(2, luck, 1 + u64::from(turn)) {
                ns[side] = timed(sides[side], turns)?;
            }
            found.push(ns);
            turn += 1;
        }
        seen.blocks.push(found);
    }
    Ok(())
}

fn operations(seen: &Seen) -> f64 {
    f64::from(seen.operations.unwrap_or(1))
}

/// Sets a job up on both sides; says whether they can be compared.
fn set_up(
    sides: &mut [&mut dyn Side; 2],
    job: &Job,
    turns: &Turns,
    luck: Stream,
    seen: &mut Seen,
) -> Result<bool, Silent> {
    let mut definitions = [None, None];
    for side in order(2, luck, 0) {
        let request = Request::SetUp {
            variant: job.variant.clone(),
            path: job.path.clone(),
            operations: seen.operations,
            batch_ns: turns.batch_ns,
        };
        match sides[side].ask(&request)? {
            Answer::Ready { operations, definition } => {
                seen.operations.get_or_insert(operations);
                definitions[side] = Some(definition);
            }
            Answer::Unknown(_) => {}
            other => return Err(unasked(&other)),
        }
    }
    seen.unlike = match definitions {
        [Some(head), Some(base)] if head == base => None,
        [Some(_), Some(_)] => Some(Unlike::Redefined),
        _ => Some(Unlike::New),
    };
    Ok(seen.unlike.is_none())
}

fn timed(side: &mut dyn Side, turns: &Turns) -> Result<f64, Silent> {
    match side.ask(&Request::Time(turns.warm_up + turns.batches))? {
        Answer::Times(times) => {
            let counted = times.into_iter().skip(turns.warm_up as usize);
            Ok(median(counted).unwrap_or(0.0))
        }
        other => Err(unasked(&other)),
    }
}

fn unasked(answer: &Answer) -> Silent {
    Silent::Broken(match answer {
        Answer::Refused(why) => why.clone(),
        other => format!("it answers something else than it was asked: {other:?}"),
    })
}

#[cfg(test)]
mod tests;
