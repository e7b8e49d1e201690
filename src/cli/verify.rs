//! `verify`: whether the variants of the plugin answer as they should.

use std::collections::BTreeSet;
use std::io::Write;

use anyhow::{Context, anyhow};
use serde::Serialize;

use super::args::{ListFormat, Verify};
use super::{read, tell};
use crate::base::fault::near;
use crate::bench::conform::conform;
use crate::bench::trial::{self, Trial, Trials};
use crate::bench::vectors::{self, Case};
use crate::bench::{random, spread, threads};
use crate::study::record;
use crate::variants::{self, Variant};

/// The vectors that retrylab carries.
pub(super) const GOLDEN: &str = include_str!("../../tests/data/vectors.jsonl");

/// Holds variants (all, where none is named) against vectors, random cases, simulated traffic, threads
/// and the laws of jitter. Gives 1 when one differs.
pub(super) fn verify(options: &Verify) -> anyhow::Result<u8> {
    let chosen = chosen(&options.variants)?;
    let mut cases = vectors::cases(GOLDEN).context("the golden vectors")?;
    for file in &options.vectors {
        let name = file.display();
        let text = read::text(file, read::MAX_VECTORS).map_err(anyhow::Error::msg)?;
        let more = vectors::cases(&text).map_err(|e| anyhow!("{name}:{}: {}", e.line, e.what))?;
        anyhow::ensure!(
            !more.is_empty(),
            "{name}: found no vector: must hold at least one, a JSON object a line; is it the right file?"
        );
        cases.extend(more);
    }
    strangers(&cases);
    let mut out = anstream::stdout();
    let traces = traces()?;
    let (json, quiet) = (options.format == ListFormat::Json, options.quiet);
    if !json && !quiet {
        let steps: usize = traces.iter().map(|trace| trace.steps.len()).sum();
        let (count, from) = (traces.len(), record::SCENARIOS.len());
        writeln!(out, "seed {}, {} random cases", options.seed, options.cases)?;
        writeln!(out, "{count} traces of the simulator, {steps} hook calls from {from} scenarios")?;
    }
    let evidence = Evidence { cases: &cases, traces: &traces };
    let mut told = Vec::new();
    for variant in chosen {
        let checks = checks(variant, &evidence, options);
        if !json {
            print(variant.name, &checks, quiet, &mut out)?;
        }
        told.push(Told { variant: variant.name, conforms: conform_all(&checks), checks });
    }
    if json {
        writeln!(out, "{}", serde_json::to_string_pretty(&told)?)?;
    }
    Ok(u8::from(told.iter().any(|one| !one.conforms)))
}

fn conform_all(checks: &[Check]) -> bool {
    checks.iter().all(|check| check.divergence.is_none())
}

/// A line for each check, the name before the first; only those that differ if it is to be quiet.
fn print(name: &str, checks: &[Check], quiet: bool, out: &mut impl Write) -> std::io::Result<()> {
    let shown = checks.iter().filter(|check| !quiet || check.divergence.is_some());
    for (i, check) in shown.enumerate() {
        let name = if i == 0 { name } else { "" };
        writeln!(out, "{name:<12} {}", check.line)?;
        if let Some(first) = &check.divergence {
            writeln!(out, "first divergence: {first}")?;
        }
    }
    Ok(())
}

/// What came of a variant.
#[derive(Serialize)]
struct Told {
    variant: &'static str,
    conforms: bool,
    checks: Vec<Check>,
}

/// What every variant is held against, besides what the options draw.
struct Evidence<'a> {
    cases: &'a [Case],
    traces: &'a [Trial],
}

fn traces() -> anyhow::Result<Vec<Trial>> {
    record::traces(variants::find).map_err(|faults| {
        let first = faults.first().map(ToString::to_string).unwrap_or_default();
        anyhow!("a scenario to record cannot be read: {first}")
    })
}

/// What one kind of evidence says of a variant.
#[derive(Serialize)]
struct Check {
    line: String,
    divergence: Option<String>,
}

impl Check {
    fn of(found: &Trials, what: &str) -> Check {
        let same = found.made - found.different;
        Check {
            line: format!("{same} of {} {what} answered as expected", found.made),
            divergence: found.first.as_ref().map(ToString::to_string),
        }
    }
}

fn checks(variant: &Variant, evidence: &Evidence<'_>, options: &Verify) -> Vec<Check> {
    let found = conform(variant, evidence.cases);
    let same = found.compared - found.different;
    let vectors = Check {
        line: format!("{same} of {} vectors answered as expected", found.compared),
        divergence: found.first.map(|first| first.to_string()),
    };
    let trials = (0..options.cases).map(|i| random::case(options.seed, i));
    let random = Check::of(&trial::try_all(variant, trials), "random cases");
    let found = trial::try_all(variant, evidence.traces.iter().cloned());
    let traces = Check::of(&found, "traces of the simulator");
    let disturbed = threads::together(variant, options.seed, threads::PATIENCE);
    let kept = if disturbed.is_none() { "each answered" } else { "not all answered" };
    let (count, steps) = (threads::THREADS, threads::STEPS);
    let threads = Check {
        line: format!("{count} threads on one instance, {steps} hook calls each: {kept} as alone"),
        divergence: disturbed.map(|first| first.to_string()),
    };
    let laws = spread::spreads(variant, options.seed);
    let (all, holding) = (laws.len(), laws.iter().filter(|law| law.holds()).count());
    let farthest = laws.iter().map(|law| law.distance).fold(0.0, f64::max);
    let limit = spread::limit();
    let waits = Check {
        line: format!(
            "{holding} of {all} laws of jitter followed, {farthest:.4} away at most (limit {limit:.4})"
        ),
        divergence: laws.iter().find(|law| !law.holds()).map(ToString::to_string),
    };
    vec![vectors, random, traces, threads, waits]
}

pub(super) fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Variant>> {
    if names.is_empty() {
        return Ok(variants::all().iter().collect());
    }
    let known = || variants::all().iter().map(|v| v.name);
    let find = |name: &String| {
        variants::find(name).ok_or_else(|| {
            let hint = near(name, known()).map_or_else(
                || format!("there are {}", known().collect::<Vec<_>>().join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            anyhow!("{name}: no such variant; {hint}")
        })
    };
    names.iter().map(find).collect()
}

/// A word about variants that vectors name and retrylab does not have.
fn strangers(cases: &[Case]) {
    let named: BTreeSet<&String> = cases.iter().flat_map(|case| case.expect.keys()).collect();
    let unknown: Vec<&str> =
        named.into_iter().map(String::as_str).filter(|n| variants::find(n).is_none()).collect();
    if !unknown.is_empty() {
        tell(format_args!("note: vectors name variants that are not here: {}", unknown.join(", ")));
    }
}
