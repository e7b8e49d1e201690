//! `tuned.json`: what was found, for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use super::words::verdict;
use super::{Told, block};
use crate::base::stats::Estimate;
use crate::report::save::figure;
use crate::report::saved::Figure;
use crate::study::tune::{Better, Map, Point, Row};

/// The form of this version.
const SCHEMA: &str = "retrylab/tune/1";

#[derive(Serialize)]
struct Result<'a> {
    schema: &'static str,
    version: &'a str,
    command: &'a str,
    scenarios: Vec<Scenario<'a>>,
    tool: Option<&'a str>,
    goal: &'static str,
    better: &'static str,
    keep: Vec<&'a str>,
    space: BTreeMap<&'static str, Vec<String>>,
    verdict: Vec<String>,
    recommended: Policy,
    searched: Policy,
    in_use: Policy,
    no_retries: Policy,
    contestants: BTreeMap<&'a str, Policy>,
    ties: Vec<Policy>,
    unlucky: Vec<Policy>,
    front: Vec<Policy>,
    maps: Vec<Grid<'a>>,
    policies: usize,
    looked_at: usize,
    runs: u64,
    calls: u64,
    exhaustive_runs: u64,
    block: String,
}

#[derive(Serialize)]
struct Scenario<'a> {
    name: &'a str,
    column: &'a str,
    seed: u64,
    weight: f64,
}

#[derive(Serialize)]
struct Policy {
    max_retries: u32,
    backoff_base_ms: u64,
    max_backoff_ms: u64,
    jitter: &'static str,
    deadline_ms: Option<u64>,
    replicas: u64,
    keeps: &'static str,
    /// For each scenario.
    metrics: Vec<BTreeMap<&'static str, Option<Figure>>>,
}

#[derive(Serialize)]
struct Grid<'a> {
    axes: [&'static str; 2],
    values: [&'a [String]; 2],
    /// By value of the second axis, then of the first.
    goal: Vec<Vec<Option<f64>>>,
    kept: Vec<Vec<Option<bool>>>,
}

fn policy(row: &Row) -> Policy {
    let Point { max_retries, base_ms, cap_ms, jitter, deadline_ms } = row.point;
    let of = |figures: &BTreeMap<&'static str, Option<Estimate>>| {
        figures.iter().map(|(name, e)| (*name, e.as_ref().map(figure))).collect()
    };
    Policy {
        max_retries,
        backoff_base_ms: base_ms,
        max_backoff_ms: cap_ms,
        jitter: jitter.name(),
        deadline_ms,
        replicas: row.replicas,
        keeps: row.holds.words(),
        metrics: row.figures.iter().map(of).collect(),
    }
}

fn grid(map: &Map) -> Grid<'_> {
    let rows = || map.cells.iter();
    Grid {
        axes: map.axes,
        values: [&map.values[0], &map.values[1]],
        goal: rows().map(|r| r.iter().map(|c| c.map(|(v, _)| v)).collect()).collect(),
        kept: rows().map(|r| r.iter().map(|c| c.map(|(_, k)| k)).collect()).collect(),
    }
}

/// The result as JSON.
///
/// # Errors
/// serde's, should a number not be finite.
pub fn json(told: &Told<'_>) -> serde_json::Result<String> {
    let tuned = told.tuned;
    let all = |rows: &[Row]| rows.iter().map(policy).collect();
    let space = &told.question.space;
    let result = Result {
        schema: SCHEMA,
        version: told.version,
        command: told.command,
        scenarios: told
            .tasks
            .iter()
            .map(|t| Scenario {
                name: &t.name,
                column: &t.column.name,
                seed: t.seed,
                weight: t.weight,
            })
            .collect(),
        tool: told.tool,
        goal: told.question.goal.metric,
        better: match told.question.goal.better {
            Better::Lower => "lower",
            Better::Higher => "higher",
        },
        keep: told.question.keeps.iter().map(|k| k.text.as_str()).collect(),
        space: space.named().into_iter().collect(),
        verdict: verdict(told),
        recommended: policy(&tuned.recommended),
        searched: policy(&tuned.searched),
        in_use: policy(&tuned.current),
        no_retries: policy(&tuned.off),
        contestants: tuned.contestants.iter().map(|(n, row)| (n.as_str(), policy(row))).collect(),
        ties: all(&tuned.ties),
        unlucky: all(&tuned.unlucky),
        front: all(&tuned.front),
        maps: tuned.maps.iter().map(grid).collect(),
        policies: tuned.points.0,
        looked_at: tuned.points.1,
        runs: tuned.spent.0,
        calls: tuned.spent.1,
        exhaustive_runs: tuned.exhaustive,
        block: block(told),
    };
    serde_json::to_string_pretty(&result).map(|text| text + "\n")
}
