//! How the goal hangs on two parameters at a time, the others as recommended: whether the recommended policy
//! stands on a plain or on an edge.

use std::collections::BTreeMap;

use super::Row;
use super::ledger::Stopped;
use super::point::{self, Point, Space};
use super::race::Judge;
use super::search::GLANCE;

/// The figures of a grid of two parameters, the others as recommended.
#[derive(Clone, PartialEq, Debug)]
pub struct Map {
    /// The parameters, across and up.
    pub axes: [&'static str; 2],
    /// Their values, in words.
    pub values: [Vec<String>; 2],
    /// By row and column: the goal's mean, and whether the bounds are kept; `None` where there is no point.
    pub cells: Vec<Vec<Option<(f64, bool)>>>,
    /// The cell of the recommended point.
    pub here: [usize; 2],
}

/// Two parameters each, the others as they are. Points that were not looked at are looked at as long as there
/// are runs left.
pub(super) fn maps(
    judge: &Judge<'_>,
    (space, cap_ms): (&Space, u64),
    point: Point,
    most: u64,
) -> Result<Vec<Map>, Stopped> {
    let tasks = judge.ledger.tasks().len() as u64;
    let mut maps = Vec::new();
    for axes in [[1, 0], [1, 2], [3, 0]] {
        let Some((cells, here)) = cells((space, cap_ms), point, axes) else { continue };
        let mut points: Vec<Point> = Vec::new();
        for point in cells
            .values()
            .filter(|p| judge.ledger.values(**p, 0, judge.goal.metric, 0..1).is_empty())
        {
            if !points.contains(point) {
                points.push(*point);
            }
        }
        let left = most.saturating_sub(judge.ledger.spent().0) / (GLANCE * tasks);
        points.truncate(left as usize);
        judge.ledger.run(&points, 0..GLANCE)?;
        maps.push(Map {
            axes: axes.map(|axis: usize| point::AXES[axis]),
            values: axes.map(|axis| space.words(axis)),
            cells: drawn(judge, &cells, axes.map(|axis| space.lengths()[axis])),
            here,
        });
    }
    Ok(maps)
}

type Cells = BTreeMap<[usize; 2], Point>;

/// The points of a map, and the cell of the point that it is about; `None` where there is nothing to vary.
fn cells(
    (space, cap_ms): (&Space, u64),
    point: Point,
    axes: [usize; 2],
) -> Option<(Cells, [usize; 2])> {
    if axes.iter().any(|axis| space.lengths()[*axis] < 2) {
        return None;
    }
    let free = |axis: &usize| !axes.contains(axis);
    let on =
        |place: &point::Place| (0..5).filter(free).all(|axis| fits(space, *place, axis, point));
    let at =
        |place: point::Place| Some(([place[axes[0]], place[axes[1]]], space.at(place, cap_ms)?));
    let cells: Cells = space.places().filter(on).filter_map(at).collect();
    let exact = |place: &point::Place| (0..5).all(|axis| fits(space, *place, axis, point));
    let exact = space.places().find(exact).map(|place| [place[axes[0]], place[axes[1]]]);
    let alike = || cells.iter().find(|(_, p)| **p == point).map(|(at, _)| *at);
    let here = exact.or_else(alike)?;
    Some((cells, here))
}

/// The goal in each cell that was looked at.
fn drawn(
    judge: &Judge<'_>,
    cells: &Cells,
    [across, up]: [usize; 2],
) -> Vec<Vec<Option<(f64, bool)>>> {
    let cell = |at: [usize; 2]| {
        let row = Row::of(judge, *cells.get(&at)?, 0..GLANCE);
        let goal = row.mean(judge.goal.metric, judge.ledger.tasks())?;
        Some((goal, row.holds.by_mean()))
    };
    (0..up).map(|y| (0..across).map(|x| cell([x, y])).collect()).collect()
}

/// Whether a place has a point's value on an axis.
fn fits(space: &Space, place: point::Place, axis: usize, point: Point) -> bool {
    let at = place[axis];
    match axis {
        0 => space.max_retries[at] == point.max_retries,
        1 => space.base_ms[at] == point.base_ms || point.max_retries == 0,
        2 => space.cap_ms[at] == point.cap_ms || point.max_retries == 0,
        3 => space.jitter[at] == point.jitter || point.max_retries == 0,
        _ => space.deadline_ms[at] == point.deadline_ms,
    }
}
