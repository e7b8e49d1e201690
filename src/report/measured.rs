//! What `measure` found, as it is saved in `measured.json`, and the documents made from it. A figure of
//! time means nothing without the machine, the build and the day, so they are part of it.

mod bars;
mod csv;
mod documents;
mod gather;
mod pictures;
mod words;

use serde::Serialize;

use super::{File, FolderError, with_pictures};

pub use bars::{Bar, bars};
pub use gather::{comparisons, growth, latency, memory, samples, throughput};
pub use words::{Table, identity, method, tables};

/// The form of `measured.json`.
pub const SCHEMA: &str = "retrylab/measure/1";

/// Everything that was measured.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Measured {
    /// The form.
    pub schema: &'static str,
    /// What, where and when.
    pub identity: Identity,
    /// The seed of orders and of resampling.
    pub seed: u64,
    /// It was stopped before the end.
    pub interrupted: bool,
    /// What others are compared with.
    pub base: &'static str,
    /// How it was sampled and judged.
    pub method: Method,
    /// Paths, one thread.
    pub latency: Vec<Latency>,
    /// Costs against sizes.
    pub growth: Vec<Growth>,
    /// Bytes.
    pub memory: Vec<Memory>,
    /// Threads.
    pub throughput: Vec<Throughput>,
    /// What the default should reach, and whether it did.
    pub bars: Vec<Bar>,
}

/// What, where and when.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Identity {
    /// The version of retrylab.
    pub version: &'static str,
    /// The commit that it was built from, if that is known.
    pub commit: Option<String>,
    /// The sources differed from the commit.
    pub dirty: bool,
    /// The processor.
    pub cpu: String,
    /// How many threads it runs at once.
    pub cores: usize,
    /// The operating system's kernel.
    pub kernel: String,
    /// The compiler.
    pub toolchain: &'static str,
    /// What it was compiled for.
    pub target: &'static str,
    /// The profile.
    pub profile: &'static str,
    /// More flags of the compiler.
    pub flags: &'static str,
    /// When it was measured.
    pub date: String,
    /// The command.
    pub command: String,
}

/// How it was sampled and judged.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Method {
    /// What a pair of readings of the clock costs; taken off every batch.
    pub timer_cost_ns: f64,
    /// The clock's smallest step.
    pub timer_step_ns: f64,
    /// How long a batch takes, about.
    pub batch_ns: f64,
    /// Stretches with instances of their own.
    pub blocks: u32,
    /// Rounds in each.
    pub rounds: u32,
    /// A smaller difference does not count.
    pub margin: f64,
    /// The chance of one wrong verdict or more.
    pub level: f64,
    /// About hardware counters.
    pub instructions: &'static str,
}

/// A variant on a path.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Latency {
    /// The path.
    pub path: &'static str,
    /// What an operation is.
    pub operation: &'static str,
    /// The variant.
    pub variant: &'static str,
    /// Calls of the hook in an operation.
    pub calls: u32,
    /// Median of the rounds' quicker batches.
    pub ns: f64,
    /// Quantiles of the means of all batches.
    pub ns_min: f64,
    /// The median of them.
    pub ns_p50: f64,
    /// Nine in ten are quicker.
    pub ns_p90: f64,
    /// 99 in 100 are quicker.
    pub ns_p99: f64,
    /// The slowest.
    pub ns_max: f64,
    /// Quantiles of operations timed one by one: the median, with the clock's steps in it.
    pub one_ns_p50: f64,
    /// 99 in 100 are quicker.
    pub one_ns_p99: f64,
    /// 999 in 1000 are quicker.
    pub one_ns_p999: f64,
    /// The slowest.
    pub one_ns_max: f64,
    /// Blocks of memory asked for by an operation.
    pub allocations: Option<f64>,
    /// How it compares with the base; nothing for the base itself.
    pub comparison: Option<Compared>,
}

/// How a variant compares with the base.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Compared {
    /// Its time over the base's.
    pub ratio: f64,
    /// The 95 % interval of the ratio.
    pub low: f64,
    /// Its other end.
    pub high: f64,
    /// The p value after Holm's correction over all comparisons.
    pub p: f64,
    /// `same`, `faster`, `slower` or `undecided`.
    pub verdict: &'static str,
    /// Why nothing is decided.
    pub why: Option<String>,
}

/// A cost against a size.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Growth {
    /// What grows.
    pub size: &'static str,
    /// The path.
    pub path: &'static str,
    /// The variant.
    pub variant: &'static str,
    /// The fitted order: `flat`, `logarithmic` or `linear`.
    pub order: Option<&'static str>,
    /// On log-log axes.
    pub slope: Option<f64>,
    /// From small to large.
    pub points: Vec<GrowthPoint>,
    /// Why it ends early.
    pub stopped: Option<String>,
}

/// A size and its cost.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct GrowthPoint {
    /// The size.
    pub size: f64,
    /// An operation.
    pub ns: f64,
    /// Over the smallest size, paired.
    pub factor: f64,
}

/// What remembered calls weigh.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Memory {
    /// The variant.
    pub variant: &'static str,
    /// How many calls.
    pub entries: usize,
    /// Bytes for each.
    pub bytes_an_entry: f64,
    /// Bytes for each that stay when all have ended.
    pub kept_an_entry: f64,
    /// Bytes of an empty instance.
    pub empty_bytes: f64,
}

/// Calls of the hook a second.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Throughput {
    /// A path, or the mix.
    pub load: &'static str,
    /// The variant.
    pub variant: &'static str,
    /// How many threads.
    pub threads: usize,
    /// The median of runs.
    pub calls_per_s: f64,
    /// The slowest run.
    pub slowest: f64,
    /// The quickest.
    pub quickest: f64,
    /// Times as much as one thread in the same round: the median of rounds.
    pub times_one_thread: Option<f64>,
    /// Times as much as the base with as many threads in the same round: the median of rounds.
    pub times_base: Option<f64>,
}

/// Every file of a report of `measure`, but for the raw samples: its name and its bytes.
///
/// # Errors
/// When a picture or the page cannot be made.
pub fn folder(measured: &Measured) -> Result<Vec<File>, FolderError> {
    with_pictures(pictures::pictures(measured), |pictures| {
        Ok(vec![
            ("measured.json".to_owned(), json(measured)?.into_bytes()),
            ("measured.csv".to_owned(), csv(measured).into_bytes()),
            ("report.md".to_owned(), documents::markdown(measured, pictures).into_bytes()),
            ("report.html".to_owned(), documents::html(measured, pictures)?.into_bytes()),
        ])
    })
}

/// `measured.json`.
///
/// # Errors
/// serde's, should a number not be finite.
pub fn json(measured: &Measured) -> serde_json::Result<String> {
    serde_json::to_string_pretty(measured).map(|text| text + "\n")
}

/// What is not decided, and what ends early: a line each.
pub fn doubts(measured: &Measured) -> Vec<String> {
    words::doubts(measured)
}

/// The figures as CSV.
pub fn csv(measured: &Measured) -> String {
    csv::csv(measured)
}
