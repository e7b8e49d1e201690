//! The words of `tune`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Args)]
pub(in crate::cli) struct Tune {
    /// Scenario files, or names of shipped scenarios, that stand for what the policy is to stand.
    #[arg(required = true)]
    pub(in crate::cli) scenarios: Vec<String>,
    /// The metric to make as good as can be.
    #[arg(long, value_name = "METRIC", default_value = "success_rate")]
    pub(in crate::cli) goal: String,
    /// What must hold in every scenario, like 'success_rate >= 99.5%' or 'latency_ms_max < 60s'; may be given
    /// several times.
    #[arg(long, value_name = "CONDITION")]
    pub(in crate::cli) keep: Vec<String>,
    /// What a scenario counts for in the goal, like outage=2 [default: 1].
    #[arg(long, value_name = "NAME=NUMBER")]
    pub(in crate::cli) weight: Vec<String>,
    /// The values of a parameter: max_retries, backoff_base_ms, max_backoff_ms, jitter or deadline.
    #[arg(long, value_name = "NAME=VALUES")]
    pub(in crate::cli) vary: Vec<String>,
    /// The policy in use, from a gateway's plugins/config.yaml [default: the scenario's].
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) policy: Option<String>,
    /// The column of the scenario that is tuned [default: the first].
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) column: Option<String>,
    /// Searches the override of one tool instead of the policy of all.
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) tool: Option<String>,
    /// Lets the presets race as well (`retrylab list presets`).
    #[arg(long)]
    pub(in crate::cli) presets: bool,
    /// Replicas of those that are left at the end, and of the validation.
    #[arg(long, default_value_t = 20, allow_negative_numbers = true, value_parser = replicas)]
    pub(in crate::cli) replicas: u32,
    /// Another seed than the scenarios' own.
    #[arg(long, allow_negative_numbers = true, value_parser = super::seed)]
    pub(in crate::cli) seed: Option<u64>,
    /// How many threads, 1 to 512 [default: one for each core]; the result does not depend on it.
    #[arg(long, allow_negative_numbers = true, value_parser = super::threads)]
    pub(in crate::cli) threads: Option<u16>,
    /// Keeps every run in a file, so that the same command goes on after an interruption.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) journal: Option<PathBuf>,
    /// The report folder [default: a new folder under reports/runs].
    #[arg(long)]
    pub(in crate::cli) out: Option<PathBuf>,
    /// No progress, no hints.
    #[arg(long, short)]
    pub(in crate::cli) quiet: bool,
    /// What is printed.
    #[arg(long, value_enum, default_value_t = TuneFormat::Human)]
    pub(in crate::cli) format: TuneFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum TuneFormat {
    /// Words, tables and the block.
    Human,
    /// All that was found.
    Json,
    /// The block for plugins/config.yaml alone.
    Yaml,
}

/// A race needs a few replicas to tell noise from difference.
fn replicas(text: &str) -> Result<u32, String> {
    super::whole(text, 4, 10_000).map(|n| n as u32)
}
