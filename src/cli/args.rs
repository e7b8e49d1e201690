//! The words.

mod check;
mod derive;
mod gate;
mod list;
mod tune;
mod verify;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(super) use check::{Check, CheckFormat};
pub(super) use derive::{Derive, DurationUnit};
pub(super) use gate::{Gate, GateFormat, Half, Worker};
pub(super) use list::{Kind, List, ListFormat};
pub(super) use tune::{Tune, TuneFormat};
pub(super) use verify::Verify;

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
  retrylab check my.toml                 name every fault of a scenario
  retrylab derive calls.csv              make a scenario of a log of calls"
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
    List(List),
    /// Reads scenarios and gateway configurations; names every fault, and what loads but cannot do what it
    /// seems to.
    #[command(after_help = "\
Examples:
  retrylab check my.toml
  retrylab check plugins/config.yaml --client-timeout 30s
  retrylab check plugins/config.yaml --format sarif > retrylab.sarif
  retrylab check --schema > scenario.schema.json

Exit codes: 0 no faults (whatever else was found), 2 there are faults.")]
    Check(Check),
    /// Makes a scenario of a log of calls: rates, latency and failures as they were, and how well they fit.
    #[command(after_help = "\
Examples:
  retrylab derive calls.csv                     writes calls.toml; then: retrylab run calls.toml
  retrylab derive calls.jsonl --out search.toml --force
  retrylab derive access.csv --columns timestamp=when,duration=rt --duration-unit s
  zcat calls.jsonl.gz | retrylab derive - --out calls.toml

Only timestamps are needed; usual names of columns are known (timestamp, tool, duration_ms, status, is_error and
their likes). Arrivals that no rate describes are written beside the scenario, as CSV.

Exit codes: 0 done, 2 could not start, or the log is unreadable (the first bad line is shown).")]
    Derive(Derive),
    /// Simulates scenarios, prints a table and writes a report folder for each.
    #[command(after_help = "\
Examples:
  retrylab run outage
  retrylab run outage --seed 7 --threads 1 --out my-report
  retrylab run outage mixed --format json > results.json
  retrylab run my.toml --format csv | cut -d, -f2,4,5
  retrylab run outage --policy plugins/config.yaml          should it be enabled?
  retrylab run outage --seed 2 --against my-report          what changed, and is it real?

Exit codes: 0 expectations met, 1 an expectation is broken, 2 could not start, 70 a bug of retrylab,
130 interrupted (what was finished is saved).")]
    Run(Run),
    /// Holds variants of the plugin against their oracle: golden vectors, random cases, traces of
    /// simulated traffic, several threads on one instance, and the laws of jitter.
    #[command(after_help = "\
Examples:
  retrylab verify
  retrylab verify sharded --seed 7 --cases 100000
  retrylab verify sharded --vectors more.jsonl
  retrylab verify --quiet   # nothing, and exit code 0, if all conform

A variant with declared deviations (`retrylab list variants`) is held against a model that deviates as
declared. The same seed gives the same cases, on every platform.

Exit codes: 0 all answer as expected, 1 one does not (its first divergence is printed; one of a random
case or of a trace is shrunk first), 2 could not start.")]
    Verify(Verify),
    /// Times variants of the plugin side by side: latency, growth, memory, throughput.
    #[command(after_help = "\
Examples:
  retrylab measure
  retrylab measure --quick --variants sharded,seed --paths success,error_flag
  retrylab measure --format json > measured.json
  retrylab measure --seed 7 --out before

Only variants that conform (`retrylab verify`) are timed. Ratios are to `seed`, or to the first variant
where `seed` is left out. The raw samples are kept in samples.jsonl.

Exit codes: 0 done, 1 a variant does not conform and was not timed, 2 could not start, 130 interrupted (what
was finished is saved).")]
    Measure(Measure),
    /// Compares what this build decides and simulates with a committed baseline, and its speed with that of
    /// another build.
    #[command(after_help = "\
Examples:
  retrylab gate                            at the top of a checkout
  retrylab gate --bless                    writes a new baseline and shows what changed
  retrylab gate --base ../base/retrylab    is this build slower than that one?
  retrylab gate --timed                    are variants as much faster than others as they should be?
  retrylab gate --calibrate                which change could be seen on this machine?
  retrylab gate --format markdown --out comment.md
  retrylab gate --config my-gate.toml --baseline my-baseline.json --format junit --out gate.xml

Exit codes: 0 pass, 1 a regression or slower, 2 could not start, 3 undecided (times are too noisy to tell),
4 no baseline (it is not there, or lacks what is compared, or was made from other definitions), 130
interrupted.")]
    Gate(Gate),
    /// Is timed by `gate`.
    #[command(hide = true)]
    TimingWorker(Worker),
    /// Searches the policy that makes one metric as good as can be and keeps others within bounds.
    #[command(after_help = "\
Examples:
  retrylab tune outage
  retrylab tune outage --goal latency_ms_p99 --keep 'success_rate >= 99%' --keep 'amplification <= 1.3'
  retrylab tune my.toml --policy plugins/config.yaml --format yaml > block.yaml
  retrylab tune outage rate_limit --weight rate_limit=3 --vary max_retries=0..3 --vary jitter=none,full,equal
  retrylab tune outage --journal search.jsonl   interrupted, the same command goes on

The same seed gives the same answer, for any number of threads. A policy is searched on common random streams and
shown on fresh ones.

Exit codes: 0 done, 1 nothing that was searched keeps the bounds (the nearest is shown), 2 could not start,
130 interrupted.")]
    Tune(Tune),
    /// Builds charts and documents again from a saved result.
    #[command(after_help = "Example: retrylab report reports/runs/outage-001")]
    Report {
        /// A report folder; it keeps its result.json.
        folder: PathBuf,
        /// No hints.
        #[arg(long, short)]
        quiet: bool,
    },
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
    /// Sets three columns side by side: no retries, the policy of this plugins/config.yaml, and the one that a
    /// search recommends; answers whether to enable it.
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<String>,
    /// An earlier result.json, or its folder: shows what changed, and what of it is real.
    #[arg(long, value_name = "RESULT")]
    pub(super) against: Option<PathBuf>,
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
pub(super) struct Measure {
    /// Which variants, with commas between [default: all].
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(super) variants: Vec<String>,
    /// Which signal paths, with commas between [default: all].
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub(super) paths: Vec<String>,
    /// A first look in about ten seconds: fewer rounds, smaller sizes.
    #[arg(long)]
    pub(super) quick: bool,
    /// From which orders and resampling are drawn.
    #[arg(long, allow_negative_numbers = true, value_parser = seed, default_value = "1")]
    pub(super) seed: u64,
    /// The report folder [default: a new folder under reports/runs].
    #[arg(long)]
    pub(super) out: Option<PathBuf>,
    /// No progress, no hints.
    #[arg(long, short)]
    pub(super) quiet: bool,
    /// What is printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
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
