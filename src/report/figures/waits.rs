//! `waits`: how long the plugin waited before retries, beside what the policy's own distribution says: a
//! plugin whose jitter is not what it claims is seen here.

use super::{Picture, columns, left_out};
use crate::chart::{Axis, Figure, Ink, Mark, Panel, Point, Scale, Series, shown};
use crate::report::saved::{Column, Saved};
use crate::report::words::metric;

pub(super) fn picture(saved: &Saved) -> Picture {
    let columns = columns(saved);
    let across = if columns.len() > 1 { 2 } else { 1 };
    let panels: Vec<Panel> = columns.iter().enumerate().map(|(n, c)| panel(n, c)).collect();
    let title = "How long retries waited, and how long they should".to_owned();
    // The colour of a column, if there is one only.
    let bars = if columns.len() > 1 { Ink::Muted } else { Ink::Series(0) };
    let mean = |c: &Column| {
        let mean = metric(c, "wait_ms_mean")
            .map_or("none".into(), |f| format!("{}\u{a0}ms", shown(f.mean)));
        format!("{} {mean}", c.name)
    };
    let means = columns.iter().map(mean).collect::<Vec<_>>().join(", ");
    Picture {
        name: "waits",
        caption: format!("{title}. Mean waits: {means}."),
        look: "Bars that leave the line: then waits are not drawn as the policy says. Few, narrow bars: calls that failed together come back together.",
        figure: Figure {
            title,
            lead: format!(
                "{}. Mean waits: {means}. The distribution supposes that whether an attempt fails does \
                 not depend on the wait before it.{}",
                saved.scenario,
                left_out(saved)
            ),
            key: vec![
                (bars, Mark::Bars, "simulated, % of waits".into()),
                (Ink::Text, Mark::Line, "the policy's own distribution".into()),
            ],
            panels,
            across,
            height: 170,
        },
    }
}

fn panel(n: usize, column: &Column) -> Panel {
    let waits = &column.curves.waits;
    let bars = waits.seen.len().max(1);
    let width = waits.longest_ms / bars as f64;
    let tops = waits.seen.iter().map(|f| f.mean).chain(waits.theory.iter().copied());
    let y = Axis::over("", Scale::Linear, tops.map(|share| share * 100.0));
    let seen = waits.seen.iter().enumerate().map(|(i, f)| Point {
        x: i as f64 * width,
        y: f.mean * 100.0,
        interval: None,
    });
    let steps = waits.theory.iter().enumerate().flat_map(|(i, share)| {
        [i, i + 1].map(|edge| Point { x: edge as f64 * width, y: share * 100.0, interval: None })
    });
    let high = waits.longest_ms.max(1e-3);
    let what = format!("{} waits", column.name);
    Panel {
        title: match waits.seen.is_empty() {
            true => format!("{}: no waits", column.name),
            false => column.name.clone(),
        },
        x: Axis { high, unit: "\u{a0}ms", ..Axis::over("", Scale::Linear, []) },
        y,
        shades: Vec::new(),
        rules: Vec::new(),
        series: vec![
            Series { name: what, ink: Ink::Series(n), mark: Mark::Bars, points: seen.collect() },
            Series {
                name: "theory".into(),
                ink: Ink::Text,
                mark: Mark::Line,
                points: steps.collect(),
            },
        ],
        named: false,
    }
}
