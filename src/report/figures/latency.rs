//! `latency`: percentile curves from arrival to the end of the call, with an axis on which each
//! further nine takes the same room: the tail is what users of retries pay.

use super::{Picture, columns, line, origin, point};
use crate::chart::{Axis, Figure, Panel, Scale, shown};
use crate::report::saved::{Column, Saved};
use crate::report::words::metric;

/// Below this share there are only the quickest calls, whose latency is nearly nothing.
const FIRST: f64 = 0.05;

/// The axis goes down to this part of its high end: refusals take nearly no time.
const DEPTH: f64 = 20_000.0;

pub(super) fn picture(saved: &Saved) -> Picture {
    let columns = columns(saved);
    let calls =
        columns.iter().filter_map(|c| metric(c, "calls")).map(|f| f.mean).fold(0.0, f64::max);
    let last = deepest(calls);
    let values = columns.iter().flat_map(|c| &c.curves.latency_ms);
    let values = values.filter(|(q, _)| (FIRST..=last).contains(q)).map(|(_, f)| f.mean);
    let y = Axis::over("", Scale::Log, values);
    let y = Axis { low: y.low.max(y.high / DEPTH), ..y };
    let x = Axis { high: last, ..Axis::over("share of calls that end within", Scale::Nines, []) };
    let series = columns.iter().enumerate().map(|(n, column)| {
        let curve = column
            .curves
            .latency_ms
            .iter()
            .filter(|(q, f)| (FIRST..=last).contains(q) && f.mean > 0.0);
        line(n, column, curve.map(|(q, f)| point(*q, f)))
    });
    let p99 = |c: &Column| {
        let figure = metric(c, "latency_ms_p99").map_or("n/a".into(), |f| shown(f.mean));
        format!("{} {figure}\u{a0}ms", c.name)
    };
    let tails = columns.iter().map(p99).collect::<Vec<_>>().join(", ");
    let title = "Latency of calls, retries and waits included".to_owned();
    Picture {
        name: "latency",
        caption: format!("{title}. 99 % of calls end within: {tails}."),
        look: "The right end: waits for retries are paid in the tail. Where two lines part, the policies differ for that share of the calls.",
        figure: Figure {
            title,
            lead: format!(
                "{} Failed calls count too. 99\u{a0}% of calls end within: {tails}.",
                origin(saved)
            ),
            key: Vec::new(),
            panels: vec![Panel {
                title: "Milliseconds from arrival to end".into(),
                x,
                y,
                shades: Vec::new(),
                rules: Vec::new(),
                series: series.collect(),
                named: true,
            }],
            across: 1,
            height: 380,
        },
    }
}

/// The deepest quantile that at least ten calls lie beyond.
fn deepest(calls: f64) -> f64 {
    let enough = [0.9999, 0.999, 0.99, 0.9].into_iter().find(|q| calls * (1.0 - q) >= 9.99);
    enough.unwrap_or(0.9)
}
