//! How the goal hangs on two parameters at a time: as a picture, as tables in the page, and as tables of text.

use minijinja::{Value, context};

use super::Told;
use crate::chart::{Axis, Figure, Ink, LEVELS, Mark, Panel, Point, Scale, Series, shown};
use crate::report::figures::Picture;
use crate::study::tune::Map;

/// How a map is to be read.
const READ: &str = "The other parameters are as recommended. Two replicas each; the greener the better; pale and in brackets \
                    where a bound is broken; empty where none was looked at; framed where the recommended policy stands.";

fn title(map: &Map, told: &Told<'_>) -> String {
    format!("{} by {} and {}", told.question.goal.metric, map.axes[0], map.axes[1])
}

/// A cell: its text, and its level if it keeps the bounds.
struct Cell {
    text: String,
    level: Option<u8>,
    here: bool,
}

/// By row; `None` where there is no policy, or none was looked at.
fn cells(map: &Map, told: &Told<'_>) -> Vec<Vec<Option<Cell>>> {
    let cost = |value: f64| told.question.goal.better.cost(value);
    let kept = map.cells.iter().flatten().flatten().filter(|(_, kept)| *kept);
    let mut costs: Vec<f64> = kept.map(|(value, _)| cost(*value)).collect();
    costs.sort_by(f64::total_cmp);
    costs.dedup();
    // By rank: one outlier would leave all others in one colour.
    let level = |value: f64| {
        let better = costs.partition_point(|c| *c < cost(value));
        LEVELS - (better * usize::from(LEVELS) / costs.len().saturating_sub(1).max(1)) as u8
    };
    let row = |(y, line): (usize, &Vec<Option<(f64, bool)>>)| {
        let cell = |(x, cell): (usize, &Option<(f64, bool)>)| {
            cell.map(|(value, kept)| Cell {
                text: if kept { shown(value) } else { format!("({})", shown(value)) },
                level: kept.then(|| level(value)),
                here: map.here == [x, y],
            })
        };
        line.iter().enumerate().map(cell).collect()
    };
    map.cells.iter().enumerate().map(row).collect()
}

/// A map as rows of text; brackets where a bound is broken, a star at the recommended policy.
pub(super) fn texts(told: &Told<'_>) -> Vec<(String, Vec<Vec<String>>)> {
    let text = |cell: Option<Cell>| {
        cell.map_or(String::new(), |c| if c.here { format!("{} *", c.text) } else { c.text })
    };
    let table = |map: &Map| {
        let corner = format!("{} \\ {}", map.axes[1], map.axes[0]);
        let mut rows = vec![std::iter::once(corner).chain(map.values[0].iter().cloned()).collect()];
        for (head, line) in map.values[1].iter().zip(cells(map, told)) {
            rows.push(std::iter::once(head.clone()).chain(line.into_iter().map(text)).collect());
        }
        (title(map, told), rows)
    };
    told.tuned.maps.iter().map(table).collect()
}

/// The maps as the page takes them.
pub(super) fn tables(told: &Told<'_>) -> Vec<Value> {
    let cell = |cell: Option<Cell>| match cell {
        None => context! { text => "" },
        Some(Cell { text, level, here }) => context! { text, level, here },
    };
    let table = |map: &Map| {
        let rows = map.values[1].iter().zip(cells(map, told)).map(|(head, line)| {
            context! { head, cells => line.into_iter().map(cell).collect::<Vec<_>>() }
        });
        context! {
            title => title(map, told),
            read => READ,
            across => map.axes[0],
            up => map.axes[1],
            head => map.values[0].clone(),
            rows => rows.collect::<Vec<_>>(),
        }
    };
    told.tuned.maps.iter().map(table).collect()
}

/// All maps in one picture, if there are any.
pub(super) fn picture(told: &Told<'_>) -> Option<Picture> {
    let maps = &told.tuned.maps;
    let most = maps.iter().map(|map| map.cells.len()).max()?;
    let title = format!("How {} hangs on two parameters at a time", told.question.goal.metric);
    Some(Picture {
        name: "maps",
        caption: format!("{title}. The figures are in the tables below."),
        look: "The framed cell's neighbours: where they are as green, a value that is a little off costs little; where it stands \
               beside brackets or pale cells, it stands on an edge.",
        figure: Figure {
            title,
            lead: READ.into(),
            key: Vec::new(),
            panels: maps.iter().map(|map| panel(map, told)).collect(),
            across: 1,
            height: 74 + 26 * most as u32,
        },
    })
}

fn panel(map: &Map, told: &Told<'_>) -> Panel {
    let rows = map.values[1].len();
    let axis = |label: &str, words: &[String], place: &dyn Fn(usize) -> f64| Axis {
        low: 0.5,
        high: words.len() as f64 + 0.5,
        ticks: words.iter().enumerate().map(|(i, word)| (place(i), word.clone())).collect(),
        ..Axis::over(label, Scale::Linear, [])
    };
    let (x, y) = (|i: usize| i as f64 + 1.0, |i: usize| (rows - i) as f64);
    let mut series = Vec::new();
    for (row, line) in cells(map, told).into_iter().enumerate() {
        for (column, cell) in line.into_iter().enumerate() {
            let Some(Cell { text, level, here }) = cell else { continue };
            series.push(Series {
                name: text,
                ink: Ink::Series(2),
                mark: Mark::Cell { level, framed: here },
                points: vec![Point { x: x(column), y: y(row), interval: None }],
            });
        }
    }
    Panel {
        title: format!("{} (down) by {} (across)", map.axes[1], map.axes[0]),
        x: axis(map.axes[0], &map.values[0], &x),
        y: axis("", &map.values[1], &y),
        shades: Vec::new(),
        rules: Vec::new(),
        series,
        named: false,
    }
}
