//! What the default variant should reach. Ratios within one run only: a figure of another machine is no
//! bar.

use serde::Serialize;

use super::Measured;
use crate::bench::throughput::APART;
use crate::chart::shown;

/// The variant that has to reach them.
const DEFAULT: &str = "sharded";
/// What it is compared with.
const OLD: &str = "seed";

/// One bar.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Bar {
    /// What is asked.
    pub what: String,
    /// What was found.
    pub found: f64,
    /// The bar.
    pub bar: f64,
    /// Whether it was reached.
    pub met: bool,
}

fn at_least(what: String, found: f64, bar: f64) -> Bar {
    Bar { what, found, bar, met: found >= bar }
}

fn at_most(what: String, found: f64, bar: f64) -> Bar {
    Bar { what, found, bar, met: found <= bar }
}

/// Every bar that this result says something about.
pub fn bars(measured: &Measured) -> Vec<Bar> {
    let mut bars = speed(measured);
    for curve in measured.growth.iter().filter(|g| g.variant == DEFAULT) {
        if !matches!(curve.size, "live_entries" | "overrides") || curve.points.len() < 2 {
            continue;
        }
        let factors = || curve.points.iter().map(|p| p.factor);
        let spread = factors().fold(0.0, f64::max) / factors().fold(f64::INFINITY, f64::min);
        let size = |i: usize| shown(curve.points[i].size);
        let (first, last) = (size(0), size(curve.points.len() - 1));
        let name = curve.size.replace('_', " ");
        let what = format!("{}, slowest over quickest from {first} to {last} {name}", curve.path);
        bars.push(at_most(what, spread, 1.3));
    }
    let weights = || measured.memory.iter().filter(|m| m.variant == DEFAULT);
    if weights().next().is_some() {
        let worst = weights().map(|m| m.bytes_an_entry).fold(0.0, f64::max);
        bars.push(at_most("bytes a live entry, at worst".into(), worst, 96.0));
        let kept = |m: &super::Memory| m.kept_an_entry / m.bytes_an_entry;
        let kept = weights().map(kept).fold(0.0, f64::max);
        bars.push(at_most("share of them kept when all have ended".into(), kept, 0.1));
    }
    bars.extend(threads(measured));
    bars
}

fn speed(measured: &Measured) -> Vec<Bar> {
    let bar = |latency: &super::Latency| {
        let bar = match latency.path {
            "success" | "not_retryable_status" => 8.0,
            "error_flag" | "retryable_status" | "exhausted" | "override" => 4.0,
            _ => return None,
        };
        let ratio = latency.comparison.as_ref()?.ratio;
        let what = format!("{}, times as fast as {OLD}", latency.path);
        (latency.variant == DEFAULT && measured.base == OLD)
            .then(|| at_least(what, 1.0 / ratio, bar))
    };
    measured.latency.iter().filter_map(bar).collect()
}

fn threads(measured: &Measured) -> Vec<Bar> {
    let of = |load: &str| {
        let same =
            |t: &&super::Throughput| t.variant == DEFAULT && t.load == load && t.threads == 8;
        measured.throughput.iter().find(same)
    };
    // What the cores give where nothing is shared: more cannot be had.
    let apart = of(APART).and_then(|apart| apart.times_one_thread);
    let mut bars = Vec::new();
    for load in ["mix", "success", "error_flag"] {
        let Some(many) = of(load) else { continue };
        if let Some(found) = many.times_one_thread.filter(|_| measured.identity.cores > 1) {
            let apart = apart.filter(|_| load == "mix");
            let apart = apart.map_or(String::new(), |times| format!(" (apart: {times:.2})"));
            let what = format!("{load}, 8 threads, times as much as one thread{apart}");
            bars.push(at_least(what, found, 1.8));
        }
        if let Some(found) = many.times_base.filter(|_| measured.base == OLD) {
            let what = format!("{load}, 8 threads, times as much as {OLD}");
            bars.push(at_least(what, found, 10.0));
        }
    }
    bars
}
