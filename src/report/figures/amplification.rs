//! `amplification`: attempts for each call: what retries ask of the tools.

use super::{Picture, columns, origin};
use crate::chart::{Axis, Figure, Ink, Mark, Panel, Point, Scale, Series};
use crate::report::saved::{Column, Saved};
use crate::report::words::metric;

pub(super) fn picture(saved: &Saved) -> Picture {
    let columns = columns(saved);
    let ends = columns.iter().filter_map(|c| metric(c, "amplification"));
    let x = Axis::over(
        "attempts for each call (1: no retries)",
        Scale::Linear,
        ends.map(|f| f.high.unwrap_or(f.mean) * 1.12),
    );
    let rows = columns.len() as f64;
    let place = |n: usize| rows - n as f64;
    let ticks = columns.iter().enumerate().map(|(n, c)| (place(n), c.name.clone())).collect();
    let y = Axis { low: 0.4, high: rows + 0.6, ticks, ..Axis::over("", Scale::Linear, []) };
    let series = columns.iter().enumerate().filter_map(|(n, column)| {
        let figure = metric(column, "amplification")?;
        let point = Point { x: figure.mean, y: place(n), interval: figure.interval() };
        Some(Series {
            name: label(column),
            ink: Ink::Series(n),
            mark: Mark::Beam,
            points: vec![point],
        })
    });
    let title = "Attempts that the tools get for each call".to_owned();
    let words = |c: &Column| format!("{} {}", c.name, label(c));
    let caption = columns.iter().map(words).collect::<Vec<_>>().join(", ");
    Picture {
        name: "amplification",
        caption: format!("{title}: {caption}."),
        look: "How far a bar reaches beyond 1: so much more than without retries is asked of the tools.",
        figure: Figure {
            title,
            lead: origin(saved),
            key: Vec::new(),
            panels: vec![Panel {
                title: String::new(),
                x,
                y,
                shades: Vec::new(),
                rules: Vec::new(),
                series: series.collect(),
                named: false,
            }],
            across: 1,
            height: 70 + 34 * columns.len() as u32,
        },
    }
}

fn label(column: &Column) -> String {
    metric(column, "amplification").map_or("n/a".into(), |f| format!("{:.3}", f.mean))
}
