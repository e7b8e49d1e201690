//! What values should an operator choose? A search over policies, on scenarios that stand for what the
//! operator fears, for the best value of one metric while others are kept within bounds.
//!
//! The way: look around on few replicas ([`search`]), let the best ones race on more ([`race`]), and run the
//! winner again on fresh random streams, beside the policy in use and beside no retries. The winner of many
//! comparisons is partly a lucky one; its figures on fresh streams are not.
//!
//! It stays below a tenth of the runs that all points on all replicas would take, or says so.

pub mod front;
pub mod goal;
pub mod ledger;
pub mod point;
mod race;
mod search;

use std::collections::BTreeMap;

pub use goal::{Better, Goal, Holds, Keep};
pub use ledger::{Entry, Ledger, Stopped, Task};
pub use point::{Point, Space, Target};

use crate::base::stats::{Estimate, mean_interval};
use race::Judge;
use search::{GLANCE, Search};

/// Points that race.
const RUNNERS: usize = 12;
/// Where the replicas of the validation begin: no search comes so far.
const FRESH: u64 = 1 << 32;
/// Winners that are tried on fresh streams, if those before them break a bound there.
const TRIES: usize = 3;

/// What is asked of a search.
#[derive(Clone, Debug)]
pub struct Question {
    /// What to make as good as can be.
    pub goal: Goal,
    /// What must hold.
    pub keeps: Vec<Keep>,
    /// What is searched.
    pub space: Space,
    /// Other policies to compare with, by name; they race as well.
    pub contestants: Vec<(String, Point)>,
    /// The policy in use.
    pub current: Point,
    /// Replicas of whoever is left at the end, and of the validation.
    pub replicas: u64,
}

/// A point's figures.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    /// The point.
    pub point: Point,
    /// Over how many replicas.
    pub replicas: u64,
    /// By scenario and metric; `None` where the metric does not exist.
    pub figures: Vec<BTreeMap<&'static str, Option<Estimate>>>,
    /// How surely all bounds are kept.
    pub holds: Holds,
}

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

/// What a search found.
#[derive(Clone, Debug)]
pub struct Tuned {
    /// The winner, on fresh streams.
    pub recommended: Row,
    /// The winner as the search saw it.
    pub searched: Row,
    /// The policy in use, on fresh streams.
    pub current: Row,
    /// No retries, on fresh streams.
    pub off: Row,
    /// Points that cannot be told from the winner, the best first, without it.
    pub ties: Vec<Row>,
    /// Winners of the search that broke a bound on fresh streams.
    pub unlucky: Vec<Row>,
    /// Other policies, by name, on the search's streams.
    pub contestants: Vec<(String, Row)>,
    /// No point that was looked at beats one of these in the goal, in attempts and in success.
    pub front: Vec<Row>,
    /// How the goal hangs on two parameters each.
    pub maps: Vec<Map>,
    /// How many policies there are in the space, and how many were looked at.
    pub points: (usize, usize),
    /// Runs and simulated calls.
    pub spent: (u64, u64),
    /// Runs that all points on all replicas would have taken.
    pub exhaustive: u64,
}

/// The metrics that a search keeps: those of its question, and those that every operator asks for.
pub fn metrics(goal: Goal, keeps: &[Keep]) -> Vec<&'static str> {
    let usual = [
        "success_rate",
        "amplification",
        "latency_ms_p50",
        "latency_ms_p99",
        "latency_ms_max",
        "duplicates",
        "herd_peak_ratio",
    ];
    let asked = [goal.metric].into_iter().chain(keeps.iter().map(|k| k.metric));
    let mut all: Vec<&'static str> = Vec::new();
    for metric in asked.chain(usual) {
        if !all.contains(&metric) {
            all.push(metric);
        }
    }
    all
}

/// Searches. The ledger holds what an earlier search ran.
///
/// # Errors
/// If it was stopped; the ledger keeps what was done.
pub fn tune(question: &Question, ledger: &Ledger<'_>) -> Result<Tuned, Stopped> {
    let Question { goal, keeps, space, current, replicas, .. } = question;
    let judge = Judge { ledger, goal: *goal, keeps };
    let cap_ms = current.cap_ms;
    let own = current.canonical(cap_ms);
    let off = Point { max_retries: 0, ..*current }.canonical(cap_ms);
    let mut first = vec![own, off];
    first.extend(question.contestants.iter().map(|(_, p)| p.canonical(cap_ms)));
    let mut search = Search::new(space, ledger, &judge, cap_ms);
    let size = search.size();
    let budget = Budget::of(size, *replicas, ledger.tasks().len() as u64);
    let looked = search.look(&first, budget.looks)?;
    let mut runners: Vec<Point> = looked.iter().copied().take(RUNNERS).collect();
    first.iter().for_each(|p| {
        if !runners.contains(p) {
            runners.push(*p);
        }
    });
    let left = judge.race(&runners, *replicas, budget.race)?;
    let seen = |point: Point| {
        let there = |n: &u64| ledger.values(point, 0, goal.metric, 0..*n).len() as u64 == *n;
        (1..=*replicas).take_while(there).last().unwrap_or(0)
    };
    let row = |point: Point| Row::of(&judge, point, 0..seen(point));
    let (recommended, unlucky) = validated(&judge, &left, *replicas)?;
    let fresh = FRESH..FRESH + *replicas;
    ledger.run(&[own, off], fresh.clone())?;
    let maps = maps(&judge, (space, cap_ms), recommended.point, budget.whole)?;
    let others = left.iter().filter(|p| **p != recommended.point);
    let named = question.contestants.iter();
    let rows: Vec<Row> = looked.iter().map(|p| row(*p)).collect();
    Ok(Tuned {
        searched: row(recommended.point),
        current: Row::of(&judge, own, fresh.clone()),
        off: Row::of(&judge, off, fresh),
        ties: others.map(|p| row(*p)).collect(),
        contestants: named.map(|(n, p)| (n.clone(), row(p.canonical(cap_ms)))).collect(),
        front: front::front(&rows, *goal, ledger.tasks()),
        recommended,
        unlucky,
        maps,
        points: (size, looked.len()),
        spent: ledger.spent(),
        exhaustive: size as u64 * *replicas * ledger.tasks().len() as u64,
    })
}

/// How the tenth of an exhaustive search is spent.
struct Budget {
    /// Points that are looked at.
    looks: usize,
    /// Runs until the race is over.
    race: u64,
    /// Runs in all.
    whole: u64,
}

impl Budget {
    /// The validation takes what it takes; of the rest, half goes into looking around and most of the other
    /// half into the race. A space that is too small for that is worth a few looks more than a tenth.
    fn of(size: usize, replicas: u64, tasks: u64) -> Budget {
        let tenth = size as u64 * replicas / 10;
        let rest = tenth.saturating_sub(3 * replicas);
        let looks = (rest / 2 / GLANCE).max(12) as usize;
        let race = (looks as u64 * GLANCE + rest * 2 / 5).max(40);
        let (looks, whole) = (looks.min(size.max(1)), tenth * tasks);
        Budget { looks, race: race * tasks, whole }
    }
}

/// The first of the winners that keeps the bounds on fresh streams, or else the first of all.
fn validated(judge: &Judge<'_>, left: &[Point], replicas: u64) -> Result<(Row, Vec<Row>), Stopped> {
    let fresh = FRESH..FRESH + replicas;
    let mut unlucky: Vec<Row> = Vec::new();
    for point in left.iter().take(TRIES) {
        judge.ledger.run(&[*point], fresh.clone())?;
        let row = Row::of(judge, *point, fresh.clone());
        // If the search saw no point that keeps the bounds, the best there is has to do.
        let kept = judge.holds(*point, 0..replicas).by_mean();
        if row.holds.by_mean() || !kept {
            return Ok((row, unlucky));
        }
        unlucky.push(row);
    }
    let first = unlucky.remove(0);
    Ok((first, unlucky))
}

impl Row {
    fn of(judge: &Judge<'_>, point: Point, replicas: std::ops::Range<u64>) -> Row {
        let metrics = metrics(judge.goal, judge.keeps);
        let figure = |task: usize, metric: &'static str| {
            let values = judge.ledger.values(point, task, metric, replicas.clone());
            let there: Vec<f64> = values.into_iter().flatten().collect();
            (metric, mean_interval(&there))
        };
        let of = |task| metrics.iter().map(|m| figure(task, m)).collect();
        Row {
            point,
            replicas: replicas.end - replicas.start,
            figures: (0..judge.ledger.tasks().len()).map(of).collect(),
            holds: judge.holds(point, replicas),
        }
    }

    /// The mean of a metric over scenarios, as they are weighted; `None` if one does not have it.
    pub fn mean(&self, metric: &str, tasks: &[Task]) -> Option<f64> {
        let total: f64 = tasks.iter().map(|t| t.weight).sum();
        let of = |(task, figures): (&Task, &BTreeMap<&'static str, Option<Estimate>>)| {
            figures.get(metric)?.as_ref().map(|e| e.mean * task.weight / total)
        };
        tasks.iter().zip(&self.figures).map(of).sum()
    }
}

/// Two parameters each, the others as they are. Points that were not looked at are looked at as long as there
/// are runs left.
fn maps(
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
    let here = cells.iter().find(|(_, p)| **p == point).map(|(at, _)| *at)?;
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
