//! From rules to evidence. Everything here repeats to the last bit: no clock, no thread and no machine
//! has a part in it.

use std::sync::atomic::AtomicBool;

use super::loops::{self, Row};
use super::rules::Rules;
use super::{Evidence, Figure, THRESHOLDS, Tolerance, Value, histories};
use crate::base::digest::sha256;
use crate::bench::conform::conform;
use crate::bench::vectors::Case;
use crate::bench::{allocations, workload};
use crate::scenario::Plan;
use crate::study::{self, Registry, Watch};
use crate::variants::Variant;

/// The name of the golden vectors among the definitions.
const VECTORS: &str = "golden vectors";
/// And of the histories.
const HISTORIES: &str = "histories";
/// And of what an operation is.
const OPERATIONS: &str = "operations";
/// The name under which a scenario's digest can be asked for like a metric.
pub const DIGEST: &str = "digest";

/// What the evidence is gathered from.
pub struct Material<'a> {
    /// The text of the thresholds.
    pub thresholds: &'a str,
    /// The plans of the rules' scenarios, in their order.
    pub plans: &'a [Plan],
    /// The golden vectors: their text, and what it says.
    pub vectors: (&'a str, &'a [Case]),
    /// Calls through the gateway's loop: [`loops::rows`].
    pub loops: &'a [Row],
    /// Which variants there are: [`crate::variants::find`].
    pub find: Registry,
}

/// A variant that rules name and the registry does not have.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}: no such variant")]
pub struct Stranger(pub String);

/// Gathers what the rules ask for.
///
/// # Errors
/// A variant is not there.
pub fn gather(rules: &Rules, material: &Material<'_>) -> Result<Evidence, Stranger> {
    let mut evidence = Evidence::default();
    evidence.definitions.insert(THRESHOLDS.into(), sha256(material.thresholds));
    conformance(rules, material, &mut evidence)?;
    let variant = found(material, &rules.gateway.variant)?;
    for row in material.loops {
        let value = Value::Text(loops::course(row, variant));
        let path = format!("loop/{}", row.name);
        evidence.figures.insert(path, exact(value, &rules.gateway.why, None));
    }
    for (rule, plan) in rules.scenarios.iter().zip(material.plans) {
        simulated(rules, rule, plan, (material.find, &mut evidence));
    }
    allocations(rules, material, &mut evidence)?;
    Ok(evidence)
}

fn found(material: &Material<'_>, name: &str) -> Result<&'static Variant, Stranger> {
    (material.find)(name).ok_or_else(|| Stranger(name.to_owned()))
}

fn exact(value: Value, why: &str, definition: Option<&str>) -> Figure {
    Figure {
        value,
        tolerance: Tolerance::Exact,
        must: None,
        why: why.to_owned(),
        detail: None,
        definition: definition.map(str::to_owned),
    }
}

fn conformance(
    rules: &Rules,
    material: &Material<'_>,
    evidence: &mut Evidence,
) -> Result<(), Stranger> {
    let rule = &rules.conformance;
    let (text, cases) = material.vectors;
    let in_words = format!("{} histories, seed {}", rule.histories, rule.seed);
    evidence.definitions.insert(VECTORS.into(), sha256(text));
    evidence.definitions.insert(HISTORIES.into(), in_words);
    let number = |n: u64| Value::Number(n as f64);
    for name in &rule.variants {
        let variant = found(material, name)?;
        let vectors = conform(variant, cases);
        let course = histories::course(variant, rule.seed, rule.histories);
        let mut put = |what: &str, figure: Figure| {
            evidence.figures.insert(format!("conformance/{name}/{what}"), figure);
        };
        let none = |found: u64, detail: Option<String>, definition| Figure {
            must: Some(number(0)),
            detail,
            ..exact(number(found), &rule.why, Some(definition))
        };
        let compared = number(vectors.compared as u64);
        put("vectors compared", exact(compared, &rule.why, Some(VECTORS)));
        let first = vectors.first.map(|first| first.to_string());
        put("vectors that differ", none(vectors.different as u64, first, VECTORS));
        put("decisions that differ", none(course.different, course.first, HISTORIES));
        let live = number(course.live_entries);
        put("entries left", exact(live, &rule.why, Some(HISTORIES)));
        put(DIGEST, exact(Value::Text(course.digest), &rule.why, Some(HISTORIES)));
    }
    Ok(())
}

/// Blocks of memory for an operation; in a binary where nobody counts them, none.
fn allocations(
    rules: &Rules,
    material: &Material<'_>,
    evidence: &mut Evidence,
) -> Result<(), Stranger> {
    let Some(rule) = &rules.allocations else { return Ok(()) };
    let operations = sha256(&format!("{:?} {:?}", workload::PATHS, workload::USUAL));
    evidence.definitions.insert(OPERATIONS.into(), operations);
    for name in &rule.variants {
        let variant = found(material, name)?;
        for path in &workload::PATHS {
            let Some(blocks) = allocations::allocations(variant, path) else { continue };
            let figure = exact(Value::Number(blocks), &rule.why, Some(OPERATIONS));
            evidence.figures.insert(format!("allocations/{name}/{}", path.name), figure);
        }
    }
    Ok(())
}

fn simulated(
    rules: &Rules,
    rule: &super::rules::Scenario,
    plan: &Plan,
    (find, evidence): (Registry, &mut Evidence),
) {
    let mut plan = plan.clone();
    plan.replicas = rule.replicas.unwrap_or(plan.replicas);
    let name = format!("scenario {}", rule.name);
    let (hash, seed, replicas) = (sha256(&plan.definition), plan.seed, plan.replicas);
    let definition = format!("{hash}, seed {seed}, replicas {replicas}");
    evidence.definitions.insert(name.clone(), definition);
    let watch = Watch { stop: &AtomicBool::new(false), advanced: &|_| {} };
    let study = study::run_with(&plan, &watch, find);
    let mut put = |path: String, value: Value, metric: &str| {
        let stated = rules.metrics.get(metric);
        let (tolerance, why) = stated.map_or((Tolerance::Exact, ""), |m| (m.tolerance, &m.why));
        let why = format!("{}; {why}", rule.why);
        let figure = Figure { tolerance, ..exact(value, &why, Some(&name)) };
        evidence.figures.insert(format!("simulated/{}/{path}", rule.name), figure);
    };
    for metric in &rule.metrics {
        if metric == DIGEST {
            put(DIGEST.into(), Value::Text(format!("{:016x}", study.digest)), metric);
            continue;
        }
        for (column, summary) in plan.columns.iter().zip(&study.columns) {
            let mean = summary.metrics.get(metric.as_str()).and_then(|m| m.as_ref());
            let value = mean.map_or(Value::Nothing, |estimate| Value::Number(estimate.mean));
            put(format!("{}/{metric}", column.name), value, metric);
        }
    }
}
