//! How much is measured. The whole takes about a minute, whatever the variants are: what would take much
//! longer than the rest (a million entries for a variant that looks at all of them) is foretold and left
//! out, and the report says so.

use std::time::Duration;

use crate::bench::growth;
use crate::bench::throughput;

/// How much is measured.
pub(super) struct Effort {
    /// Stretches with instances of their own.
    pub(super) blocks: u32,
    /// Rounds in each.
    pub(super) rounds: u32,
    /// How long a batch takes, about, in ns.
    pub(super) batch_ns: f64,
    /// Rounds of a growth curve.
    pub(super) growth_rounds: u32,
    /// Growth curves.
    pub(super) questions: &'static [growth::Question],
    /// How long it may take to fill an instance for them.
    pub(super) filling: Duration,
    /// How many entries are weighed at most.
    pub(super) entries: usize,
    /// How long one weight may take.
    pub(super) weighing: Duration,
    /// Numbers of threads of a curve.
    pub(super) threads: &'static [usize],
    /// Runs of the mix.
    pub(super) mix: throughput::Effort,
    /// Runs of a path.
    pub(super) path: throughput::Effort,
}

/// The usual. The mix goes 10 times 30 times or more through 50 tools with 40 requests each.
pub(super) const WHOLE: Effort = Effort {
    blocks: 24,
    rounds: 30,
    batch_ns: 6e4,
    growth_rounds: 50,
    questions: growth::ALL,
    filling: Duration::from_secs(20),
    entries: 1_000_000,
    weighing: Duration::from_secs(2),
    threads: &[1, 2, 4, 8],
    mix: throughput::Effort { runs: 12, passes: 30, run_ns: 3e7 },
    path: throughput::Effort { runs: 7, passes: 16, run_ns: 2e7 },
};

/// A first look.
pub(super) const QUICK: Effort = Effort {
    blocks: 8,
    rounds: 10,
    batch_ns: 4e4,
    growth_rounds: 15,
    questions: growth::QUICK,
    filling: Duration::from_millis(300),
    entries: 100_000,
    weighing: Duration::from_millis(200),
    threads: &[1, 2, 8],
    mix: throughput::Effort { runs: 3, passes: 10, run_ns: 2e7 },
    path: throughput::Effort { runs: 3, passes: 16, run_ns: 5e6 },
};
