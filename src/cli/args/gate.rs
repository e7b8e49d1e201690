//! The words of `gate`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::seed;
use crate::base::text::probability;

#[derive(Args)]
pub(in crate::cli) struct Gate {
    /// The thresholds.
    #[arg(long, value_name = "FILE", default_value = "benches/gate.toml")]
    pub(in crate::cli) config: PathBuf,
    /// The baseline.
    #[arg(long, value_name = "FILE", default_value = "reports/baseline.json")]
    pub(in crate::cli) baseline: PathBuf,
    /// Times this build and another one side by side: is it slower than that?
    #[arg(long, value_name = "BIN")]
    pub(in crate::cli) base: Option<PathBuf>,
    /// Times variants side by side within this build: are they as much faster as they should be?
    #[arg(long)]
    pub(in crate::cli) timed: bool,
    /// Times this build against itself: which change could be seen on this machine?
    #[arg(long, conflicts_with_all = ["base", "timed", "bless", "only", "slower"])]
    pub(in crate::cli) calibrate: bool,
    /// One kind of evidence instead of both.
    #[arg(long, value_enum, conflicts_with = "bless")]
    pub(in crate::cli) only: Option<Half>,
    /// From which orders and resampling are drawn.
    #[arg(long, allow_negative_numbers = true, value_parser = seed, default_value = "1")]
    pub(in crate::cli) seed: u64,
    /// Writes what was found as the new baseline, and shows what changed.
    #[arg(long, conflicts_with_all = ["base", "timed"])]
    pub(in crate::cli) bless: bool,
    /// What is printed.
    #[arg(long, value_enum, default_value_t = GateFormat::Human)]
    pub(in crate::cli) format: GateFormat,
    /// Writes it to a file instead.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// The answer alone, no table and no hints.
    #[arg(long, short)]
    pub(in crate::cli) quiet: bool,
    /// A canary: this build makes itself slower by so much, to be caught.
    #[arg(long, hide = true, value_parser = share, requires = "base", default_value = "0%")]
    pub(in crate::cli) slower: f64,
}

/// A kind of evidence.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Half {
    /// What repeats to the last bit, beside the baseline.
    Exact,
    /// What is timed: `--base` and `--timed`.
    Timed,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum GateFormat {
    /// A table of what is not as it was.
    Human,
    /// Every figure.
    Json,
    /// A comment under a pull request.
    Markdown,
    /// JUnit XML, for CI.
    Junit,
}

#[derive(Args)]
pub(in crate::cli) struct Worker {
    /// The core to stay on.
    #[arg(long)]
    pub(in crate::cli) core: Option<usize>,
    /// A share by which it makes itself slower.
    #[arg(long, default_value_t = 0.0)]
    pub(in crate::cli) slower: f64,
}

/// A share from 0 to 1: `10%`.
fn share(text: &str) -> Result<f64, String> {
    probability(text).ok_or_else(|| "must be a share such as 10%".into())
}
