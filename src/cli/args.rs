//! The words.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A deterministic laboratory for retries.
#[derive(Parser)]
#[command(version, about, arg_required_else_help = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) verb: Verb,
}

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Lists the shipped scenarios.
    List,
    /// Reads scenarios and says every fault.
    Check {
        /// Scenario files, or names of shipped scenarios.
        files: Vec<String>,
        /// Prints the JSON Schema of scenarios.
        #[arg(long)]
        schema: bool,
    },
    /// Simulates scenarios, prints a table and writes a report folder.
    #[command(after_help = "Example: retrylab run outage --threads 2 --out my-report")]
    Run(Run),
}

#[derive(Args)]
pub(super) struct Run {
    /// A scenario file, or the name of a shipped scenario.
    pub(super) scenario: String,
    /// The report folder [default: a new folder under reports/runs].
    #[arg(long)]
    pub(super) out: Option<PathBuf>,
    /// Another seed than the scenario's.
    #[arg(long)]
    pub(super) seed: Option<u64>,
    /// How many threads [default: one for each core].
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    pub(super) threads: usize,
    /// Prints the table only.
    #[arg(long)]
    pub(super) quiet: bool,
    /// Prints `result.json` instead of the table.
    #[arg(long)]
    pub(super) json: bool,
}
