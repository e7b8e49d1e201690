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
mod maps;
pub mod point;
mod race;
mod search;

use std::collections::BTreeMap;

pub use goal::{Better, Goal, Holds, Keep};
pub use ledger::{Entry, Ledger, Stopped, Task};
pub use maps::Map;
pub use point::{Point, Space, Target};

use crate::base::stats::{Estimate, mean_interval};
use race::Judge;
use search::{GLANCE, Search};

/// Points that race.
const RUNNERS: usize = 12;
/// Where the replicas of the validation begin: no search comes so far.
const FRESH: u64 = 1 << 32;
/// Replicas of policies that are shown and do not race.
const SHOWN: u64 = 4;
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
    /// Other policies to compare with, by name. They race as well, but for those that nobody can paste: what
    /// published versions of the plugin refuse is shown, and is recommended only if it is searched.
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
    let mut search = Search::new(space, ledger, &judge, cap_ms);
    let others = question.contestants.iter().map(|(_, p)| p.canonical(cap_ms));
    let (racing, shown): (Vec<Point>, Vec<Point>) =
        others.partition(|point| point.is_published() || search.has(*point));
    first.extend(racing);
    let size = search.size();
    let budget = Budget::of(size, *replicas, ledger.tasks().len() as u64);
    let looked = search.look(&first, budget.looks)?;
    ledger.run(&shown, 0..SHOWN.min(*replicas))?;
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
    let (recommended, unlucky) = validated(&judge, &left, &looked, *replicas)?;
    let fresh = FRESH..FRESH + *replicas;
    ledger.run(&[own, off], fresh.clone())?;
    let maps = maps::maps(&judge, (space, cap_ms), recommended.point, budget.whole)?;
    let others = left.iter().filter(|p| **p != recommended.point);
    // Each under the parameters that it has itself.
    let named = |(name, point): &(String, Point)| {
        (name.clone(), Row { point: *point, ..row(point.canonical(cap_ms)) })
    };
    let rows: Vec<Row> = looked.iter().map(|p| row(*p)).collect();
    Ok(Tuned {
        searched: row(recommended.point),
        current: Row::of(&judge, own, fresh.clone()),
        off: Row::of(&judge, off, fresh),
        ties: others.map(|p| row(*p)).collect(),
        contestants: question.contestants.iter().map(named).collect(),
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

/// The first of the winners that keeps the bounds on fresh streams. The best of many lie at the bounds, where
/// luck decides: if the winners break one, those come next that lay farther inside than the unlucky ones did,
/// by what these fell short of. If none of them keeps the bounds, the first winner of all.
fn validated(
    judge: &Judge<'_>,
    left: &[Point],
    looked: &[Point],
    replicas: u64,
) -> Result<(Row, Vec<Row>), Stopped> {
    let fresh = FRESH..FRESH + replicas;
    // If no point was seen to keep the bounds, the best there is has to do.
    let hopeful = looked.iter().any(|point| judge.holds(*point, 0..GLANCE).by_mean());
    let mut winners = left.iter().copied().take(TRIES);
    let mut unlucky: Vec<Row> = Vec::new();
    for _ in 0..2 * TRIES {
        let Some(point) = winners.next().or_else(|| farther_inside(judge, looked, &unlucky)) else {
            break;
        };
        judge.ledger.run(&[point], fresh.clone())?;
        let row = Row::of(judge, point, fresh.clone());
        if row.holds.by_mean() || !hopeful {
            return Ok((row, unlucky));
        }
        unlucky.push(row);
    }
    let first = unlucky.remove(0);
    Ok((first, unlucky))
}

/// The best of the points that lie farther inside of every bound than each of the unlucky ones did.
fn farther_inside(judge: &Judge<'_>, looked: &[Point], unlucky: &[Row]) -> Option<Point> {
    let tasks = judge.ledger.tasks().len();
    let bounds = || judge.keeps.iter().flat_map(|keep| (0..tasks).map(move |task| (keep, task)));
    let inside = |point: Point, replicas: std::ops::Range<u64>| {
        let room = move |(keep, task): (&Keep, usize)| {
            keep.room(&judge.ledger.values(point, task, keep.metric, replicas.clone()))
        };
        bounds().map(room).collect::<Vec<_>>()
    };
    let mut needed = vec![f64::NEG_INFINITY; bounds().count()];
    for row in unlucky {
        let seen = inside(row.point, 0..GLANCE);
        let fresh = inside(row.point, FRESH..FRESH + row.replicas);
        for (needed, (seen, fresh)) in needed.iter_mut().zip(seen.into_iter().zip(fresh)) {
            if let (Some(seen), Some(short @ ..0.0)) = (seen, fresh) {
                *needed = needed.max(seen - short);
            }
        }
    }
    let far = |point: &Point| {
        let room = inside(*point, 0..GLANCE);
        room.iter().zip(&needed).all(|(room, needed)| room.is_none_or(|room| room >= *needed))
    };
    let new = looked.iter().filter(|p| unlucky.iter().all(|row| row.point != **p));
    new.copied().find(far)
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
