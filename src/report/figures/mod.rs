//! Which pictures a result has. Each is described here as data and drawn by `chart`.

mod amplification;
mod herd;
mod latency;
mod recovery;
mod waits;

use std::borrow::Cow;

use super::saved::{self, Saved};
use crate::chart::{Figure, Ink, Mark, Point, Series, Shade};

/// No more columns than this in one picture; the table has all.
const MOST: usize = 12;

/// A picture and what it is called.
#[derive(Clone, PartialEq, Debug)]
pub struct Picture {
    /// The name of its files, without the ending.
    pub name: &'static str,
    /// What it says, in words, for those who do not see it.
    pub caption: String,
    /// What a reader should look at in it.
    pub look: &'static str,
    /// The picture.
    pub figure: Figure,
}

/// The pictures of a result, in the order of documents.
pub fn pictures(saved: &Saved) -> Vec<Picture> {
    vec![
        herd::picture(saved),
        recovery::picture(saved),
        latency::picture(saved),
        amplification::picture(saved),
        waits::picture(saved),
    ]
}

/// Those that are shown: all, or some from the first to the last, for neighbours in a table are much alike.
fn columns(saved: &Saved) -> Cow<'_, [saved::Column]> {
    let all = &saved.columns;
    if all.len() <= MOST {
        return Cow::Borrowed(all);
    }
    Cow::Owned((0..MOST).map(|n| all[n * (all.len() - 1) / (MOST - 1)].clone()).collect())
}

/// A word about what is not shown.
fn left_out(saved: &Saved) -> String {
    match saved.columns.len() {
        n if n > MOST => format!(" {MOST} of {n} columns, evenly spread over the table."),
        _ => String::new(),
    }
}

/// Where the figures come from.
fn origin(saved: &Saved) -> String {
    let bands = if saved.replicas > 1 { "means with 95 % intervals over" } else { "" };
    let replicas = match saved.replicas {
        1 => "one replica".into(),
        n => format!("{n} replicas"),
    };
    let words = format!("{}: {bands} {replicas}.{}", saved.scenario, left_out(saved));
    words.replace("  ", " ")
}

/// Colour and dashes of the n-th line: after seven colours, the same in dashes.
fn stroke(n: usize) -> (Ink, Mark) {
    (Ink::Series(n), if (n / 7).is_multiple_of(2) { Mark::Line } else { Mark::Dashes })
}

fn point(x: f64, figure: &saved::Figure) -> Point {
    Point { x, y: figure.mean, interval: figure.interval() }
}

fn line(n: usize, column: &saved::Column, points: impl Iterator<Item = Point>) -> Series {
    let (ink, mark) = stroke(n);
    Series { name: column.name.clone(), ink, mark, points: points.collect() }
}

/// The faults of a column as stretches in seconds, each kind named once.
fn shades(column: &saved::Column, tool: Option<&str>) -> Vec<Shade> {
    let mut shades: Vec<Shade> = Vec::new();
    for fault in column.faults.iter().filter(|f| tool.is_none_or(|t| t == f.tool)) {
        let name = match shades.iter().any(|s| s.name == fault.kind) {
            true => String::new(),
            false => fault.kind.clone(),
        };
        shades.push(Shade { from: fault.from_ms / 1e3, to: fault.to_ms / 1e3, name });
    }
    shades
}
