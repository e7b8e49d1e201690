//! What a checked scenario is: columns to simulate on common random numbers, and what must come out.

use std::collections::BTreeMap;

use crate::base::Fault;
use crate::plugin::PolicySet;
use crate::sim::world::World;

/// A checked scenario.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its name: the file's, without the ending.
    pub name: String,
    /// The one question that it asks.
    pub question: String,
    /// Where it comes from: an incident, a paper, an issue.
    pub source: String,
    /// The text that identifies it: the file's, followed by the texts of the files that it names.
    pub definition: String,
    /// The seed of its random streams.
    pub seed: u64,
    /// How many times each column runs, each on streams of its own.
    pub replicas: u32,
    /// The combinations to compare, at least one.
    pub columns: Vec<Column>,
    /// What must come out.
    pub expectations: Vec<Expectation>,
    /// What is odd but allowed.
    pub warnings: Vec<String>,
}

/// One combination of policy, gateway and world.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name: `jitter=full`, or the one given; `scenario` where there is only one.
    pub name: String,
    /// The variant of the plugin, as written; the registry of variants judges it.
    pub variant: String,
    /// What is simulated.
    pub world: World,
    /// The plugin's policies, clamped where the gateway clamps.
    pub policies: PolicySet,
}

/// A statement about one metric of one column.
#[derive(Clone, PartialEq, Debug)]
pub struct Expectation {
    /// As written: `"jitter=full".recovery_rate >= 95%`.
    pub text: String,
    /// Which column.
    pub column: usize,
    /// Which metric: `recovery_rate`, or of one tool: `tools.search.recovery_rate`.
    pub metric: String,
    /// What must hold.
    pub test: Test,
}

/// What must hold for the mean of a metric, in the metric's own unit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Test {
    /// A bound or an exact value.
    Compare {
        /// How.
        op: Comparison,
        /// With what.
        value: f64,
    },
    /// Within a tolerance of a value, both ends included.
    Near {
        /// The value.
        value: f64,
        /// The largest difference.
        tolerance: f64,
    },
    /// Between two values, both included.
    Between {
        /// The smallest value allowed.
        low: f64,
        /// The largest value allowed.
        high: f64,
    },
    /// The metric does not exist.
    Null,
}

/// How a value is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Comparison {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `=`
    Equal,
}

impl Test {
    /// Whether a value passes; a metric that does not exist passes [`Test::Null`] only.
    pub fn holds(&self, value: Option<f64>) -> bool {
        let Some(x) = value else { return *self == Test::Null };
        match *self {
            Test::Compare { op, value } => match op {
                Comparison::AtLeast => x >= value,
                Comparison::Above => x > value,
                Comparison::AtMost => x <= value,
                Comparison::Below => x < value,
                Comparison::Equal => x == value,
            },
            Test::Near { value, tolerance } => (x - value).abs() <= tolerance,
            Test::Between { low, high } => low <= x && x <= high,
            Test::Null => false,
        }
    }
}

/// The metrics that expectations can name, and what each is.
pub const METRICS: &[(&str, &str)] = &[
    ("calls", "calls that arrived"),
    ("succeeded", "calls that ended in success"),
    ("recovered", "calls that succeeded after a retry"),
    ("exhausted", "calls that used up their retries"),
    ("refused", "calls that failed in a way that is not retried"),
    ("timed_out", "calls whose last attempt timed out"),
    ("cancelled", "calls whose client left"),
    ("deadline_exceeded", "calls that ran into the gateway's deadline"),
    ("attempts", "invocations of tools"),
    ("amplification", "attempts / calls"),
    ("success_rate", "succeeded / calls"),
    ("recovery_rate", "recovered / calls whose first attempt failed"),
    ("lost_retries", "retries granted with a wait of 0 ms, which the gateway reads as none"),
    ("duplicates", "executed attempts of tools that are not idempotent that were repeated"),
    ("wait_ms_total", "time slept before retries, in ms"),
    ("latency_ms_mean", "mean time from arrival to end of a call, in ms"),
    ("latency_ms_p50", "its median, in ms"),
    ("latency_ms_p90", "its 90th percentile, in ms"),
    ("latency_ms_p99", "its 99th percentile, in ms"),
    ("latency_ms_p999", "its 99.9th percentile, in ms"),
    ("latency_ms_max", "its largest value, in ms"),
    ("herd_peak", "largest number of attempts that reach a tool in one 100 ms bucket"),
    ("herd_peak_ratio", "herd_peak / the mean of a bucket before the first fault"),
    ("time_to_recover_ms", "from the end of the last fault until success is back, in ms"),
    ("goodput_per_s", "calls that succeeded a second"),
    ("last_reply_ms", "when the last reply of the run arrived, in ms"),
    ("recovered_replicas", "share of replicas whose success came back"),
    ("shipped_rows", "rows of the gateway's own metrics: one for each attempt"),
    ("shipped_failed_rows", "rows of the gateway's own metrics that say failed"),
    ("shipped_row_ms_mean", "mean duration of a row of the gateway's own metrics, in ms"),
];

/// Reads and checks a scenario. `files` gives the text of a file that the scenario names
/// (`policy_from`, a trace); `env` is what templates of gateway configurations may look up.
///
/// # Errors
/// Every fault of the file at once.
pub fn load(
    name: &str,
    text: &str,
    files: &dyn Fn(&str) -> Result<String, String>,
    env: &BTreeMap<String, String>,
) -> Result<Plan, Vec<Fault>> {
    let _ = (name, text, files, env);
    Err(vec![Fault::new("", "a scenario", "scenarios cannot be read yet")])
}
