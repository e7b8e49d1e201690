//! `result.json`, schema `retrylab/run/1`: everything that was found, so that tables, documents and
//! charts are made from it alone. What a run writes today and what `report` makes of an old result
//! take the same way.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The value of `schema`.
pub const SCHEMA: &str = "retrylab/run/1";

/// A result as it is saved. Field names and their meaning are part of the contract with users; a name
/// ends in its unit.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Saved {
    /// [`SCHEMA`].
    pub schema: String,
    /// Which retrylab.
    pub retrylab: Identity,
    /// The scenario's name.
    pub scenario: String,
    /// Its one question.
    pub question: String,
    /// Where it comes from.
    pub source: String,
    /// SHA-256 of its definition, in hexadecimal.
    pub definition_sha256: String,
    /// The seed of all random streams.
    pub seed: u64,
    /// Replicas that were finished.
    pub replicas: u32,
    /// Replicas that were asked for.
    pub replicas_asked: u32,
    /// For how long calls arrive.
    pub duration_ms: f64,
    /// Hash over every observation, in hexadecimal.
    pub digest: String,
    /// What is odd but allowed.
    pub warnings: Vec<String>,
    /// What must come out.
    pub expectations: Vec<Expected>,
    /// One for each combination.
    pub columns: Vec<Column>,
}

/// Which retrylab made a result.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Identity {
    /// The version of the package.
    pub version: String,
    /// The commit it was built from, if it was built in a repository; `+` for changes beyond it.
    pub commit: Option<String>,
}

/// An expectation and whether it holds.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Expected {
    /// As written.
    pub text: String,
    /// Of which column.
    pub column: String,
    /// What was found.
    pub value: Option<f64>,
    /// Whether it holds.
    pub met: bool,
}

/// A figure over replicas with its 95 % interval.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Figure {
    /// The mean.
    pub mean: f64,
    /// The low end; null for a single replica.
    pub low: Option<f64>,
    /// The high end; null for a single replica.
    pub high: Option<f64>,
}

impl Figure {
    /// Both ends of the interval.
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.low.zip(self.high)
    }
}

/// Figures by name; null where a number does not exist.
pub type Figures = BTreeMap<String, Option<Figure>>;

/// One combination of policy, gateway and world.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The variant of the plugin that decided.
    pub variant: String,
    /// The policy of tools without an override.
    pub policy: Policy,
    /// The policies of tools with one.
    pub overrides: BTreeMap<String, Policy>,
    /// The gateway.
    pub gateway: Gateway,
    /// Faults with a window.
    pub faults: Vec<Fault>,
    /// How many tools each group has.
    pub instances: BTreeMap<String, u64>,
    /// Attempts a second that each group of tools can serve in the mean, where that is limited.
    pub capacity_per_s: BTreeMap<String, f64>,
    /// All tools together.
    pub metrics: Metrics,
    /// Each group of tools.
    pub tools: BTreeMap<String, Figures>,
    /// What the charts show.
    pub curves: Curves,
}

/// The metrics of a column.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Metrics {
    /// By name.
    #[serde(flatten)]
    pub figures: Figures,
    /// Failures by reason.
    pub reasons: BTreeMap<String, Figure>,
    /// By layer.
    pub layers: BTreeMap<String, Layer>,
}

/// What a layer did.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Layer {
    /// Attempts that it made, or waits that it asked for.
    pub attempts: Figure,
    /// The time that they took, all calls together.
    pub seconds: Figure,
}

/// A policy, under the plugin's own keys.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Policy {
    pub max_retries: u32,
    pub backoff_base_ms: f64,
    pub max_backoff_ms: f64,
    pub retry_on_status: Vec<u16>,
    pub jitter: String,
    pub check_text_content: bool,
}

/// The gateway's settings.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Gateway {
    pub r#loop: String,
    pub max_tool_retries: u32,
    pub attempt_timeout_ms: f64,
    pub deadline_ms: Option<f64>,
}

/// A fault with a window.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// The group of tools.
    pub tool: String,
    /// `outage`, `brownout` or `flaky`.
    pub kind: String,
    /// When it begins.
    pub from_ms: f64,
    /// When it is over.
    pub to_ms: f64,
}

/// The curves of a column.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Curves {
    /// Attempts over time.
    pub herd: Herd,
    /// Share of failed calls recovered with at most 1, 2, … attempts.
    pub recovered_by_attempt: Vec<Figure>,
    /// (milliseconds since the first failure, share of failed calls recovered by then).
    pub recovered_by_ms: Vec<(f64, Figure)>,
    /// (share of calls, milliseconds within which they end).
    pub latency_ms: Vec<(f64, Figure)>,
    /// How long waits are.
    pub waits: Waits,
}

/// Attempts over time, in buckets of equal width.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Herd {
    /// When the first bucket begins.
    pub from_ms: f64,
    /// The width of a bucket.
    pub width_ms: f64,
    /// All tools together.
    pub all: Vec<Figure>,
    /// Each group of tools.
    pub tools: BTreeMap<String, Vec<Figure>>,
}

/// The distribution of waits, in bars of equal width from 0.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Waits {
    /// Where the last bar ends.
    pub longest_ms: f64,
    /// Share of waits in each bar.
    pub seen: Vec<Figure>,
    /// What the policy's distribution says of it.
    pub theory: Vec<f64>,
}
