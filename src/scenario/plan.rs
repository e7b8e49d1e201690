//! What a checked scenario is: columns to simulate on common random numbers, and what must come out.

use crate::plugin::PolicySet;
use crate::sim::world::World;

use super::finding::Finding;

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
    /// What is odd about the files that it names.
    pub findings: Vec<Finding>,
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
    /// The plugin's policies, clamped where the gateway's limit is the plugin's too.
    pub policies: PolicySet,
    /// The policies as they were written.
    pub written: PolicySet,
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
