//! The thresholds as data: which variants must conform, which scenarios are simulated, which of their
//! metrics are looked at, how far each may be from the baseline, and why. Unknown keys are faults, and
//! every fault of the file is told at once.

mod timed;

use std::collections::{BTreeMap, BTreeSet};

use super::Tolerance;
use super::gather::DIGEST;
use super::timed::Timed;
use crate::base::Fault;
use crate::base::fault::{joined, near};
use crate::base::text::probability;
use crate::base::tree::{Node, Value};
use crate::metrics::NAMES;
use crate::scenario::toml;
use crate::variants;

pub use timed::Allocations;

/// Checked thresholds.
#[derive(Clone, PartialEq, Debug)]
pub struct Rules {
    /// Which variants must answer as they should.
    pub conformance: Conformance,
    /// Whose calls go through the gateway's loop.
    pub gateway: Loop,
    /// How far each metric may be from the baseline.
    pub metrics: BTreeMap<String, Metric>,
    /// What is simulated.
    pub scenarios: Vec<Scenario>,
    /// Whose allocations are counted, if any.
    pub allocations: Option<Allocations>,
    /// What is timed, if anything.
    pub timed: Option<Timed>,
}

/// `[conformance]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Conformance {
    /// Names of variants.
    pub variants: Vec<String>,
    /// How many random histories each goes through.
    pub histories: u32,
    /// Their seed.
    pub seed: u64,
    /// Why.
    pub why: String,
}

/// `[loop]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Loop {
    /// The variant that decides.
    pub variant: String,
    /// Why.
    pub why: String,
}

/// `[metrics.NAME]`.
#[derive(Clone, PartialEq, Debug)]
pub struct Metric {
    /// How far it may be from the baseline.
    pub tolerance: Tolerance,
    /// Why so far, and why it is looked at.
    pub why: String,
}

/// `[[scenarios]]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scenario {
    /// Its name, or the path of its file.
    pub name: String,
    /// Another number of replicas than its own.
    pub replicas: Option<u32>,
    /// Metrics, and `digest`.
    pub metrics: Vec<String>,
    /// Why.
    pub why: String,
}

/// Reads thresholds.
///
/// # Errors
/// Every fault of the file, in the order of the text.
pub fn read(text: &str) -> Result<Rules, Vec<Fault>> {
    let root = toml::parse(text)?;
    let mut at = Reader { faults: Vec::new() };
    let known = ["conformance", "loop", "metrics", "scenarios", "allocations", "timed"];
    at.keys(&root, "", &known);
    let conformance = at.conformance(&root);
    let gateway = at.gateway(&root);
    let metrics = at.metrics(&root);
    let scenarios = at.scenarios(&root, &metrics);
    let (allocations, timed) = (at.allocations(&root), at.timed(&root));
    let mut faults = at.faults;
    if faults.is_empty() {
        return Ok(Rules { conformance, gateway, metrics, scenarios, allocations, timed });
    }
    faults.sort_by_key(|fault| fault.span.as_ref().map_or(0, |span| span.start));
    Err(faults)
}

/// Reads `exact`, `2%` or `+- 0.5`.
fn tolerance(text: &str) -> Option<Tolerance> {
    if text == "exact" {
        return Some(Tolerance::Exact);
    }
    if let Some(most) = text.strip_prefix("+-") {
        let most: f64 = most.trim().parse().ok()?;
        return (most.is_finite() && most > 0.0).then_some(Tolerance::Absolute(most));
    }
    text.ends_with('%').then(|| probability(text)).flatten().map(Tolerance::Relative)
}

struct Reader {
    faults: Vec<Fault>,
}

impl Reader {
    /// The keys of a table; unknown ones are faults.
    fn keys(&mut self, node: &Node, path: &str, known: &[&str]) {
        if !matches!(node.value, Value::Table(_)) {
            self.fault(node, path, "must be a table");
        }
        for (key, _) in node.entries().iter().filter(|(key, _)| !known.contains(&&*key.name)) {
            let rule = format!("unknown key; known here: {}", known.join(", "));
            let fault = Fault::new(joined(path, &key.name), &key.name, rule).at(key.span.clone());
            self.hinted(fault, near(&key.name, known.iter().copied()));
        }
    }

    fn fault(&mut self, node: &Node, path: &str, rule: &str) {
        self.faults.push(Fault::new(path, node.shown(), rule).at(node.span.clone()));
    }

    fn hinted(&mut self, fault: Fault, near: Option<&str>) {
        let hinted = near.map(|name| fault.clone().hint(format!("did you mean `{name}`?")));
        self.faults.push(hinted.unwrap_or(fault));
    }

    fn need<'a>(&mut self, table: &'a Node, path: &str, key: &str) -> Option<&'a Node> {
        let found = table.get(key);
        if found.is_none() {
            let fault = Fault::new(joined(path, key), "nothing", "must be given");
            self.faults.push(fault.at(table.span.clone()));
        }
        found
    }

    fn text(&mut self, table: &Node, path: &str, key: &str) -> String {
        let Some(node) = self.need(table, path, key) else { return String::new() };
        match &node.value {
            Value::Text(text) if !text.trim().is_empty() => text.clone(),
            _ => {
                self.fault(node, &joined(path, key), "must be text, and not empty");
                String::new()
            }
        }
    }

    fn whole(&mut self, node: &Node, path: &str, low: i64, high: i64) -> u32 {
        match node.value {
            Value::Int(n) if (low..=high).contains(&n) => n as u32,
            _ => {
                self.fault(node, path, &format!("must be a whole number from {low} to {high}"));
                0
            }
        }
    }

    /// A name that is none of those that there are.
    fn stranger(&mut self, node: &Node, path: &str, name: &str, known: &[&str]) {
        let rule = format!("must be one of {}", known.join(", "));
        let fault = Fault::new(path, node.shown(), rule).at(node.span.clone());
        self.hinted(fault, near(name, known.iter().copied()));
    }

    /// A list of names, each known and named once.
    fn names(&mut self, table: &Node, path: &str, key: &str, known: &[&str]) -> Vec<String> {
        let Some(node) = self.need(table, path, key) else { return Vec::new() };
        let path = joined(path, key);
        let Value::List(items) = &node.value else {
            self.fault(node, &path, "must be a list of names");
            return Vec::new();
        };
        if items.is_empty() {
            self.fault(node, &path, "must name at least one");
        }
        let mut names: Vec<String> = Vec::new();
        for item in items {
            match &item.value {
                Value::Text(name) if names.contains(name) => {
                    self.fault(item, &path, "is named twice");
                }
                Value::Text(name) if known.contains(&name.as_str()) => names.push(name.clone()),
                Value::Text(name) => self.stranger(item, &path, name, known),
                _ => self.fault(item, &path, "must be text"),
            }
        }
        names
    }

    fn conformance(&mut self, root: &Node) -> Conformance {
        let empty = Node::bare(Value::Table(Vec::new()));
        let path = "conformance";
        let table = self.need(root, "", path).unwrap_or(&empty);
        self.keys(table, path, &["variants", "histories", "seed", "why"]);
        let known: Vec<&str> = variants::all().iter().map(|v| v.name).collect();
        let count = |at: &mut Reader, key: &str, low, high| {
            let node = at.need(table, path, key)?;
            Some(at.whole(node, &joined(path, key), low, high))
        };
        Conformance {
            variants: self.names(table, path, "variants", &known),
            histories: count(self, "histories", 1, 100_000).unwrap_or(0),
            seed: count(self, "seed", 0, u32::MAX.into()).unwrap_or(0).into(),
            why: self.text(table, path, "why"),
        }
    }

    fn gateway(&mut self, root: &Node) -> Loop {
        let empty = Node::bare(Value::Table(Vec::new()));
        let table = self.need(root, "", "loop").unwrap_or(&empty);
        self.keys(table, "loop", &["variant", "why"]);
        let variant = self.text(table, "loop", "variant");
        let known = || variants::all().iter().map(|v| v.name);
        if !variant.is_empty() && known().all(|name| name != variant) {
            let place = table.get("variant").and_then(|node| node.span.clone());
            let rule = "must be a variant of the plugin (`retrylab list variants`)";
            self.hinted(
                Fault::new("loop.variant", &variant, rule).at(place),
                near(&variant, known()),
            );
        }
        Loop { variant, why: self.text(table, "loop", "why") }
    }

    fn metrics(&mut self, root: &Node) -> BTreeMap<String, Metric> {
        let mut metrics = BTreeMap::new();
        let Some(table) = self.need(root, "", "metrics") else { return metrics };
        let known: Vec<&str> = NAMES.iter().map(|(name, _)| *name).chain([DIGEST]).collect();
        self.keys(table, "metrics", &known);
        for (key, node) in table.entries() {
            let path = joined("metrics", &key.name);
            self.keys(node, &path, &["tolerance", "why"]);
            let text = self.text(node, &path, "tolerance");
            let read = tolerance(&text).filter(|t| key.name != DIGEST || *t == Tolerance::Exact);
            if let (None, Some(found), false) = (read, node.get("tolerance"), text.is_empty()) {
                let rule = match key.name == DIGEST {
                    true => "must be \"exact\": a digest is the same or not",
                    false => "must be \"exact\", a share as \"2%\", or a distance as \"+- 0.5\"",
                };
                self.fault(found, &joined(&path, "tolerance"), rule);
            }
            let tolerance = read.unwrap_or(Tolerance::Exact);
            let metric = Metric { tolerance, why: self.text(node, &path, "why") };
            metrics.insert(key.name.clone(), metric);
        }
        metrics
    }

    fn scenarios(&mut self, root: &Node, metrics: &BTreeMap<String, Metric>) -> Vec<Scenario> {
        let Some(node) = self.need(root, "", "scenarios") else { return Vec::new() };
        let Value::List(items) = &node.value else {
            self.fault(node, "scenarios", "must be a list of tables: [[scenarios]]");
            return Vec::new();
        };
        let known: Vec<&str> = metrics.keys().map(String::as_str).collect();
        let mut seen = BTreeSet::new();
        let mut scenarios = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let path = format!("scenarios[{i}]");
            self.keys(item, &path, &["name", "replicas", "metrics", "why"]);
            let name = self.text(item, &path, "name");
            if !name.is_empty() && !seen.insert(name.clone()) {
                let at = item.get("name").unwrap_or(item);
                self.fault(at, &joined(&path, "name"), "is named twice");
            }
            let replicas = item.get("replicas");
            scenarios.push(Scenario {
                name,
                replicas: replicas.map(|n| self.whole(n, &joined(&path, "replicas"), 1, 1000)),
                metrics: self.names(item, &path, "metrics", &known),
                why: self.text(item, &path, "why"),
            });
        }
        scenarios
    }
}
