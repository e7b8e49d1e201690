//! From what the scales give to what is saved, and the raw samples as lines of JSON.

use serde_json::json;

use super::{Compared, Growth, GrowthPoint, Identity, Latency, Memory, Throughput};
use crate::bench::compare::{Blocks, Comparison, RULE, Verdict, compare, paired};
use crate::bench::growth::Curve;
use crate::bench::memory::Weight;
use crate::bench::sample::{Series, median};
use crate::bench::throughput::Flow;
use crate::bench::workload;

/// Compares every series with the base's on the same path, all in one correction: in the order of the
/// series, nothing for the base itself.
pub fn comparisons(all: &[Series], base: &str, seed: u64) -> Vec<Option<Comparison>> {
    let blocks = |series: &Series| -> Blocks {
        let same = |s: &&Series| s.path == series.path && s.variant == base;
        match all.iter().find(same) {
            Some(other) if series.variant != base => paired(series, other),
            _ => Blocks::new(),
        }
    };
    let asked: Vec<Blocks> = all.iter().map(blocks).collect();
    compare(&asked, &RULE, seed)
}

/// Latencies with their comparisons.
pub fn latency(all: &[Series], compared: Vec<Option<Comparison>>) -> Vec<Latency> {
    let one = |(series, comparison): (&Series, Option<Comparison>)| {
        let (quantiles, ns) = (series.quantiles()?, series.median()?);
        let one = series.singly.quantiles()?;
        Some(Latency {
            path: series.path,
            operation: workload::find(series.path).map_or("", |path| path.what),
            variant: series.variant,
            calls: series.calls,
            ns,
            ns_min: quantiles.min,
            ns_p50: quantiles.p50,
            ns_p90: quantiles.p90,
            ns_p99: quantiles.p99,
            ns_max: quantiles.max,
            one_ns_p50: one.p50,
            one_ns_p99: one.p99,
            one_ns_p999: one.p999,
            one_ns_max: one.max,
            allocations: series.allocations,
            comparison: comparison.map(saved),
        })
    };
    all.iter().zip(compared).filter_map(one).collect()
}

fn saved(comparison: Comparison) -> Compared {
    let Comparison { ratio, interval: (low, high), p, verdict } = comparison;
    let word = verdict.word();
    let why = match verdict {
        Verdict::Undecided(why) => Some(why),
        _ => None,
    };
    Compared { ratio, low, high, p, verdict: word, why }
}

/// Growth curves.
pub fn growth(curves: &[Curve]) -> Vec<Growth> {
    let one = |curve: &Curve| Growth {
        size: curve.size.name(),
        path: curve.path,
        variant: curve.variant,
        order: curve.order.map(|order| order.word()),
        slope: curve.slope,
        points: curve
            .points
            .iter()
            .map(|p| GrowthPoint { size: p.x, ns: p.ns, factor: p.factor })
            .collect(),
        stopped: curve.stopped.clone(),
    };
    curves.iter().map(one).collect()
}

/// Weights.
pub fn memory(weights: &[(&'static str, Weight)]) -> Vec<Memory> {
    let one = |(variant, w): &(&'static str, Weight)| Memory {
        variant,
        entries: w.entries,
        bytes_an_entry: w.bytes_an_entry,
        kept_an_entry: w.kept_an_entry,
        empty_bytes: w.empty_bytes,
    };
    weights.iter().map(one).collect()
}

/// Throughputs. Ratios are of runs of the same round: the machine changes its speed between rounds.
pub fn throughput(flows: &[Flow], base: &str) -> Vec<Throughput> {
    let times = |flow: &Flow, variant: &str, threads: usize| {
        let same = |f: &&Flow| (f.load, f.variant, f.threads) == (flow.load, variant, threads);
        let other = flows.iter().find(same)?;
        median(flow.calls_per_s.iter().zip(&other.calls_per_s).map(|(this, other)| this / other))
    };
    let one = |flow: &Flow| {
        let runs = || flow.calls_per_s.iter().copied();
        Some(Throughput {
            load: flow.load,
            variant: flow.variant,
            threads: flow.threads,
            calls_per_s: median(runs())?,
            slowest: runs().fold(f64::INFINITY, f64::min),
            quickest: runs().fold(0.0, f64::max),
            times_one_thread: times(flow, flow.variant, 1),
            times_base: times(flow, base, flow.threads),
        })
    };
    flows.iter().filter_map(one).collect()
}

/// Raw samples, one JSON object a line; the first says what, where and when.
pub fn samples(identity: &Identity, all: &[Series], curves: &[Curve], flows: &[Flow]) -> String {
    let mut text = format!("{}\n", json!({ "kind": "identity", "identity": identity }));
    let mut line = |value: serde_json::Value| text += &format!("{value}\n");
    for series in all {
        for (round, pair) in series.pairs.iter().enumerate() {
            line(json!({
                "kind": "latency", "path": series.path, "variant": series.variant,
                "block": pair.block, "round": round, "operations": series.operations, "ns": pair.ns,
            }));
        }
    }
    for curve in curves {
        for point in &curve.points {
            line(json!({
                "kind": "growth", "size": curve.size.name(), "path": curve.path,
                "variant": curve.variant, "x": point.x, "ns": point.samples,
            }));
        }
    }
    for flow in flows {
        line(json!({
            "kind": "throughput", "load": flow.load, "variant": flow.variant,
            "threads": flow.threads, "calls_per_s": flow.calls_per_s,
        }));
    }
    text
}
