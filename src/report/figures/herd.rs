//! `herd`: attempts that reach the tools over time. Each column has a panel of its own on the same axes:
//! lines over one another hide what they are to show.

use std::collections::BTreeSet;

use super::{Picture, columns, line, origin, point, shades};
use crate::chart::{Axis, Figure, Mark, Panel, Scale, Series, shown};
use crate::report::saved::{Column, Figure as Number, Saved};
use crate::report::words::metric;

/// No more panels than this side by side with the tools apart; beyond, all tools together.
const MOST_PANELS: usize = 12;

/// Pixels of a panel that stands alone.
const WIDE: f64 = 840.0;

pub(super) fn picture(saved: &Saved) -> Picture {
    let shown_columns = columns(saved);
    let tools: BTreeSet<&str> =
        shown_columns.iter().flat_map(|c| c.curves.herd.tools.keys()).map(String::as_str).collect();
    let tools: Vec<&str> = tools.into_iter().collect();
    let apart = tools.len() <= 3 && tools.len() * shown_columns.len() <= MOST_PANELS;
    let views: Vec<Option<&str>> = match apart {
        true => tools.iter().map(|t| Some(*t)).collect(),
        false => vec![None],
    };
    let width = bucket_ms(&shown_columns, views.len());
    let shown_columns: Vec<Column> = shown_columns.iter().map(|c| in_buckets(c, width)).collect();
    let shown_columns = shown_columns.as_slice();
    let x = time(shown_columns);
    let y = attempts(shown_columns, &views);
    let panels = shown_columns.iter().enumerate().flat_map(|(n, column)| {
        let (x, y) = (&x, &y);
        views.iter().map(move |tool| panel(n, column, *tool, x.clone(), y.clone()))
    });
    let whom = match tools.as_slice() {
        [one] => match shown_columns.iter().filter_map(|c| c.instances.get(*one)).max() {
            Some(n) if *n > 1 => format!("{one} ({n} tools together)"),
            _ => (*one).to_owned(),
        },
        many if apart => many.join(" and "),
        many => format!("{} groups of tools together", many.len()),
    };
    let title = format!("Attempts that reach {whom}, in each {} ms", shown(width));
    let limited = shown_columns.iter().any(|c| !c.capacity_per_s.is_empty());
    let lead = format!(
        "{}{} Most in 100\u{a0}ms at one tool: {}.",
        origin(saved),
        if limited { " Dashed: what can be served." } else { "" },
        peaks(shown_columns),
    );
    let height = if shown_columns.len() > 6 { 92 } else { 122 };
    Picture {
        name: "herd",
        caption: format!("{title}. Most in 100 ms at one tool: {}.", peaks(shown_columns)),
        look: "Right of a shaded stretch: a spike is a herd, calls that failed together and come back together. What rises above a dashed line is more than the tool can serve.",
        figure: Figure {
            title,
            lead,
            key: Vec::new(),
            panels: panels.collect(),
            across: views.len(),
            height,
        },
    }
}

/// The width of buckets that all columns can have, and that leaves each a pixel: the widest, or a multiple.
fn bucket_ms(columns: &[Column], across: usize) -> f64 {
    let mut width = columns.iter().map(|c| c.curves.herd.width_ms).fold(0.0, f64::max);
    let x = time(columns);
    while width > 0.0 && (x.high - x.low) * 1e3 / width > WIDE / across.max(1) as f64 {
        width *= 2.0;
    }
    width
}

/// A column with its attempts counted in buckets of a width. Columns of a short and of a long duration come
/// in buckets of different widths, whose heights would not compare; a sum has no interval that is known.
fn in_buckets(column: &Column, width_ms: f64) -> Column {
    let mut column = column.clone();
    let herd = &mut column.curves.herd;
    let times = (width_ms / herd.width_ms).round().max(1.0) as usize;
    if times > 1 {
        for counts in herd.tools.values_mut().chain([&mut herd.all]) {
            *counts = together(counts, times);
        }
        herd.width_ms *= times as f64;
    }
    column
}

/// Each so many counts as one.
fn together(counts: &[Number], times: usize) -> Vec<Number> {
    let sum = |bucket: &[Number]| bucket.iter().map(|f| f.mean).sum();
    counts.chunks(times).map(|b| Number { mean: sum(b), low: None, high: None }).collect()
}

fn herd<'a>(column: &'a Column, tool: Option<&str>) -> &'a [Number] {
    let herd = &column.curves.herd;
    tool.map_or(Some(&herd.all), |tool| herd.tools.get(tool)).map_or(&[], Vec::as_slice)
}

fn peaks(columns: &[Column]) -> String {
    let peak = |c: &Column| {
        let figure = metric(c, "herd_peak").map_or("n/a".into(), |f| shown(f.mean.round()));
        format!("{} {figure}", c.name)
    };
    columns.iter().map(peak).collect::<Vec<_>>().join(", ")
}

/// Seconds from the first bucket of any column to the end of the last.
fn time(columns: &[Column]) -> Axis {
    let starts = columns.iter().map(|c| c.curves.herd.from_ms);
    let end = |c: &Column| {
        let all = &c.curves.herd.all;
        let last = all.iter().rposition(|f| f.mean > 0.0).map_or(all.len(), |i| i + 1);
        c.curves.herd.from_ms + c.curves.herd.width_ms * last as f64
    };
    let low = starts.fold(f64::INFINITY, f64::min) / 1e3;
    let high = columns.iter().map(end).fold(0.0, f64::max) / 1e3;
    let low = if low < high { low } else { 0.0 };
    let high = if high > low { high } else { low + 1.0 };
    Axis { low, high, unit: "\u{a0}s", ..Axis::over("", Scale::Linear, []) }
}

/// One axis for all panels, so that heights can be compared, with room for the names of faults.
fn attempts(columns: &[Column], tools: &[Option<&str>]) -> Axis {
    let room = if columns.iter().any(|c| !c.faults.is_empty()) { 1.25 } else { 1.0 };
    let counts = columns.iter().flat_map(|c| tools.iter().flat_map(move |t| herd(c, *t)));
    let counts = counts.map(|f| f.high.unwrap_or(f.mean) * room);
    let capacities = columns.iter().flat_map(|c| tools.iter().filter_map(|t| capacity(c, *t)));
    let axis = Axis::over("", Scale::Linear, counts.chain(capacities));
    let ticks = [0.0, 0.5, 1.0].map(|part| (axis.high * part, shown(axis.high * part))).to_vec();
    Axis { ticks, ..axis }
}

/// What the tool can serve in a bucket.
fn capacity(column: &Column, tool: Option<&str>) -> Option<f64> {
    let per_s = match tool {
        Some(tool) => *column.capacity_per_s.get(tool)?,
        None if column.capacity_per_s.len() == column.tools.len() => {
            column.capacity_per_s.values().sum()
        }
        None => return None,
    };
    Some(per_s * column.curves.herd.width_ms / 1e3)
}

fn panel(n: usize, column: &Column, tool: Option<&str>, x: Axis, y: Axis) -> Panel {
    let curve = &column.curves.herd;
    let edge = |i: usize| (curve.from_ms + i as f64 * curve.width_ms) / 1e3;
    let steps = herd(column, tool).iter().enumerate();
    let points = steps.flat_map(|(i, f)| [point(edge(i), f), point(edge(i + 1), f)]);
    let tool_name =
        tool.filter(|_| column.tools.len() > 1).map_or(String::new(), |t| format!(", {t}"));
    let peak = match tool.map(|t| column.tools.get(t).and_then(|f| f.get("herd_peak"))) {
        Some(figure) => figure.copied().flatten(),
        None => metric(column, "herd_peak").copied(),
    };
    let tools = column.instances.iter().filter(|(t, _)| tool.is_none_or(|g| g == *t));
    let one = match tools.map(|(_, n)| n).sum::<u64>() {
        n if n > 1 => format!(" at one of {n} tools"),
        _ => String::new(),
    };
    let words = |f: Number| format!(": at most {} in 100\u{a0}ms{one}", shown(f.mean.round()));
    let peak = peak.map_or(String::new(), words);
    let rules = capacity(column, tool).map(|c| (c, format!("dashed: can serve {}", shown(c))));
    Panel {
        title: format!("{}{tool_name}{peak}", column.name),
        x,
        y,
        shades: shades(column, tool),
        rules: rules.into_iter().collect(),
        series: vec![Series { mark: Mark::Area, ..line(n, column, points) }],
        named: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_put_together_lose_no_attempt_and_claim_no_interval() {
        let count = |mean| Number { mean, low: Some(mean - 1.0), high: Some(mean + 1.0) };
        let merged = together(&[1.0, 2.0, 3.0, 4.0, 5.0].map(count), 2);
        assert_eq!(merged.iter().map(|f| f.mean).collect::<Vec<_>>(), [3.0, 7.0, 5.0]);
        assert!(merged.iter().all(|f| f.interval().is_none()));
    }
}
