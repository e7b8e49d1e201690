//! The words.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// A deterministic laboratory for retries: simulates a gateway's retry plugin against flaky tools.
#[derive(Parser)]
#[command(
    version,
    about,
    arg_required_else_help = true,
    after_help = "\
Examples:
  retrylab run outage                    simulate a shipped scenario; writes a report with charts
  retrylab run my.toml --out my-report   simulate your own
  retrylab check my.toml                 name every fault of a scenario"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) verb: Verb,
    /// When to colour output; NO_COLOR is respected.
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    pub(super) color: Colour,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Colour {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Subcommand)]
pub(super) enum Verb {
    /// Lists what there is, one line each.
    List {
        /// What.
        #[arg(value_enum, default_value_t = Kind::Scenarios)]
        kind: Kind,
    },
    /// Reads scenarios and gateway configurations, and names every fault.
    #[command(after_help = "\
Examples:
  retrylab check my.toml
  retrylab check plugins/config.yaml
  retrylab check --schema > scenario.schema.json

Exit codes: 0 no faults, 2 there are faults.")]
    Check {
        /// Scenario files, names of shipped scenarios, or ContextForge plugin configurations (.yaml).
        #[arg(required_unless_present = "schema")]
        files: Vec<String>,
        /// Prints the JSON Schema of scenarios.
        #[arg(long)]
        schema: bool,
    },
    /// Simulates scenarios, prints a table and writes a report folder for each.
    #[command(after_help = "\
Examples:
  retrylab run outage
  retrylab run outage --seed 7 --threads 1 --out my-report
  retrylab run outage mixed --format json > results.json
  retrylab run my.toml --format csv | cut -d, -f2,4,5

Exit codes: 0 expectations met, 1 an expectation is broken, 2 could not start, 70 a bug of retrylab,
130 interrupted (what was finished is saved).")]
    Run(Run),
    /// Holds variants of the plugin against their oracle: golden vectors, random cases, several threads
    /// on one instance, and the laws of jitter.
    #[command(after_help = "\
Examples:
  retrylab verify
  retrylab verify sharded --seed 7 --cases 100000
  retrylab verify sharded --vectors more.jsonl

A variant with declared deviations (`retrylab list variants`) is held against a model that deviates as
declared. The same seed gives the same cases, on every platform.

Exit codes: 0 all answer as expected, 1 one does not (its first divergence is printed; one of a random
case is shrunk first), 2 could not start.")]
    Verify(Verify),
    /// Builds charts and documents again from a saved result.
    #[command(after_help = "Example: retrylab report reports/runs/outage-001")]
    Report {
        /// A report folder; it keeps its result.json.
        folder: PathBuf,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// The scenarios that are compiled in.
    Scenarios,
    /// The bodies of the plugin.
    Variants,
    /// Policies with a name, to begin with.
    Presets,
}

#[derive(Args)]
pub(super) struct Run {
    /// Scenario files, or names of shipped scenarios (`retrylab list`).
    #[arg(required = true)]
    pub(super) scenarios: Vec<String>,
    /// The report folder; with several scenarios, a folder for each in it [default: a new folder under
    /// reports/runs].
    #[arg(long)]
    pub(super) out: Option<PathBuf>,
    /// Another seed than the scenario's.
    #[arg(long, allow_negative_numbers = true, value_parser = seed)]
    pub(super) seed: Option<u64>,
    /// Another number of replicas than the scenario's: fewer for a quick look, more for narrow intervals.
    #[arg(long, allow_negative_numbers = true, value_parser = replicas)]
    pub(super) replicas: Option<u32>,
    /// How many threads, 1 to 512 [default: one for each core]; the result does not depend on it.
    #[arg(long, allow_negative_numbers = true, value_parser = threads)]
    pub(super) threads: Option<u16>,
    /// No progress, no hints.
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
}

#[derive(Args)]
pub(super) struct Verify {
    /// Variants [default: all].
    pub(super) variants: Vec<String>,
    /// More vectors, one JSON object a line: id, policy, steps (tool, request, result) and expect.
    #[arg(long, value_name = "FILE")]
    pub(super) vectors: Vec<PathBuf>,
    /// The seed of random cases and draws.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true, value_parser = seed)]
    pub(super) seed: u64,
    /// How many random cases.
    #[arg(long, default_value_t = 5000, allow_negative_numbers = true, value_parser = cases)]
    pub(super) cases: u64,
}

fn cases(text: &str) -> Result<u64, String> {
    whole(text, 0, 100_000_000)
}

fn seed(text: &str) -> Result<u64, String> {
    whole(text, 0, u64::MAX)
}

fn replicas(text: &str) -> Result<u32, String> {
    whole(text, 1, 100_000).map(|n| n as u32)
}

fn threads(text: &str) -> Result<u16, String> {
    whole(text, 1, 512).map(|n| n as u16)
}

/// A number within bounds; the message names them, whatever was written.
fn whole(text: &str, low: u64, high: u64) -> Result<u64, String> {
    let number = text.parse().ok().filter(|n| (low..=high).contains(n));
    number.ok_or_else(|| format!("must be a whole number from {low} to {high}"))
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// A table.
    Human,
    /// result.json; an array of them for several scenarios.
    Json,
    /// A row for each metric.
    Csv,
}
