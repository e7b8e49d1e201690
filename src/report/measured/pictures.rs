//! The pictures of a measurement: bars for each path, curves of growth, curves over threads.

use super::Measured;
use super::words::three;
use crate::chart::{Axis, Figure, Ink, Mark, Panel, Point, Scale, Series};
use crate::report::figures::Picture;

const LATENCY: &str = "Bars of one panel beside each other; panels have axes of their own. A long whisker: single batches took much \
                       longer than the rest.";
const GROWTH: &str = "Lines that rise: what they do costs more the more there is. A flat line high up can cost more than one that \
                      rises.";
const THROUGHPUT: &str = "Lines that stay flat or fall: more threads only wait for each other.";

/// Those that have something to show.
pub(super) fn pictures(measured: &Measured) -> Vec<Picture> {
    let variants = variants(measured);
    let all = [
        ("latency", LATENCY, latency(measured, &variants)),
        ("growth", GROWTH, growth(measured, &variants)),
        ("throughput", THROUGHPUT, throughput(measured, &variants)),
    ];
    let full = all.into_iter().filter(|(_, _, figure)| !figure.panels.is_empty());
    let picture = |(name, look, figure): (&'static str, &'static str, Figure)| Picture {
        name,
        caption: format!("{}: {}", figure.title, variants.join(", ")),
        look,
        figure,
    };
    full.map(picture).collect()
}

/// In the order of the result, so that each has one colour everywhere.
pub(super) fn variants(measured: &Measured) -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    let latency = measured.latency.iter().map(|l| l.variant);
    let growth = measured.growth.iter().map(|g| g.variant);
    for name in latency.chain(growth).chain(measured.throughput.iter().map(|t| t.variant)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// Each once, in order.
fn distinct<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut found = Vec::new();
    for one in all {
        if !found.contains(&one) {
            found.push(one);
        }
    }
    found
}

fn place(variants: &[&str], name: &str) -> usize {
    variants.iter().position(|v| *v == name).unwrap_or(0)
}

fn figure(title: &str, lead: String, panels: Vec<Panel>, height: u32) -> Figure {
    let across = if panels.len() > 1 { 2 } else { 1 };
    Figure { title: title.into(), lead, key: Vec::new(), panels, across, height }
}

fn latency(measured: &Measured, variants: &[&str]) -> Figure {
    let paths = distinct(measured.latency.iter().map(|l| l.path));
    let panel = |path: &&'static str| {
        let rows: Vec<_> = measured.latency.iter().filter(|l| l.path == *path).collect();
        let y = |variant: &str| (variants.len() - place(variants, variant)) as f64;
        let ticks = variants.iter().map(|v| (y(v), (*v).to_owned())).collect();
        let beam = |l: &&super::Latency| Series {
            name: format!("{} ns", three(l.ns)),
            ink: Ink::Series(place(variants, l.variant)),
            mark: Mark::Beam,
            points: vec![Point { x: l.ns, y: y(l.variant), interval: Some((l.ns, l.ns_p90)) }],
        };
        let high = variants.len() as f64 + 0.6;
        Panel {
            title: (*path).into(),
            x: Axis::over("ns an operation", Scale::Linear, rows.iter().map(|l| l.ns_p90 * 1.25)),
            y: Axis { low: 0.4, high, ticks, ..Axis::over("", Scale::Linear, []) },
            shades: Vec::new(),
            rules: Vec::new(),
            series: rows.iter().map(beam).collect(),
            named: false,
        }
    };
    let lead = "One thread, one live entry; the whisker reaches to the 90th percentile of batches.";
    let height = 80 + 28 * variants.len() as u32;
    figure("What an operation costs", lead.into(), paths.iter().map(panel).collect(), height)
}

fn growth(measured: &Measured, variants: &[&str]) -> Figure {
    let questions = distinct(measured.growth.iter().map(|g| (g.size, g.path)));
    let panel = |(size, path): &(&'static str, &'static str)| {
        let curves: Vec<_> =
            measured.growth.iter().filter(|g| g.size == *size && g.path == *path).collect();
        let points = || curves.iter().flat_map(|c| c.points.iter());
        let line = |c: &&super::Growth| Series {
            name: format!("{}, {}", c.variant, c.order.unwrap_or("n/a")),
            ink: Ink::Series(place(variants, c.variant)),
            mark: Mark::Dots,
            points: c
                .points
                .iter()
                .map(|p| Point { x: p.size.max(1.0), y: p.ns, interval: None })
                .collect(),
        };
        Panel {
            title: format!("{path} by {}, ns an operation", size.replace('_', " ")),
            x: Axis::over(&size.replace('_', " "), Scale::Log, points().map(|p| p.size.max(1.0))),
            y: Axis::over("", Scale::Log, points().map(|p| p.ns)),
            shades: Vec::new(),
            rules: Vec::new(),
            series: curves.iter().map(line).collect(),
            named: true,
        }
    };
    let lead = "Both axes are logarithmic; a size of 0 stands at 1. A curve that ends early became too slow.";
    figure("How the cost grows", lead.into(), questions.iter().map(panel).collect(), 260)
}

fn throughput(measured: &Measured, variants: &[&str]) -> Figure {
    let curve = |load: &str, variant: &str| -> Vec<Point> {
        let of = |t: &&super::Throughput| t.load == load && t.variant == variant;
        let point = |t: &super::Throughput| Point {
            x: t.threads as f64,
            y: t.calls_per_s / 1e6,
            interval: Some((t.slowest / 1e6, t.quickest / 1e6)),
        };
        measured.throughput.iter().filter(of).map(point).collect()
    };
    let loads = distinct(measured.throughput.iter().map(|t| t.load));
    // A curve needs more than its two ends.
    let loads = loads.into_iter().filter(|load| variants.iter().any(|v| curve(load, v).len() > 2));
    let panel = |load: &'static str| {
        let line = |(n, variant): (usize, &&str)| Series {
            name: (*variant).to_owned(),
            ink: Ink::Series(n),
            mark: Mark::Dots,
            points: curve(load, variant),
        };
        let series: Vec<Series> = variants.iter().enumerate().map(line).collect();
        let points = || series.iter().flat_map(|s| &s.points);
        let ticks = points().map(|p| (p.x, p.x.to_string())).collect();
        let x = Axis::over("threads", Scale::Log, points().map(|p| p.x));
        Panel {
            title: format!("{load}, million calls of the hook a second"),
            y: Axis::over(
                "",
                Scale::Log,
                points().filter_map(|p| p.interval).flat_map(|i| [i.0, i.1]),
            ),
            x: Axis { ticks, ..x },
            shades: Vec::new(),
            rules: Vec::new(),
            series: series.into_iter().filter(|s| !s.points.is_empty()).collect(),
            named: true,
        }
    };
    let lead =
        "All threads together, on one instance; whiskers from the slowest run to the quickest.";
    figure("Throughput", lead.into(), loads.map(panel).collect(), 300)
}
