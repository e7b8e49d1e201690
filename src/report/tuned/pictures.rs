//! The pictures of a search: what a better goal costs, and the maps.

use super::{Told, maps};
use crate::chart::{Axis, Figure, Ink, Mark, Panel, Point, Scale, Series};
use crate::report::figures::Picture;
use crate::study::tune::front::cost_metric;
use crate::study::tune::{Holds, Row};

/// Those that have something to show.
pub(super) fn pictures(told: &Told<'_>) -> Vec<Picture> {
    front(told).into_iter().chain(maps::picture(told)).collect()
}

/// Where a row lies: cost and goal, with the goal's interval where there is one scenario.
fn place(told: &Told<'_>, row: &Row) -> Option<Point> {
    let goal = told.question.goal.metric;
    let x = row.mean(cost_metric(told.question.goal), told.tasks)?;
    let y = row.mean(goal, told.tasks)?;
    let interval = match told.tasks {
        [_] => row.figures[0].get(goal).copied().flatten().and_then(|e| e.interval),
        _ => None,
    };
    Some(Point { x, y, interval })
}

/// An axis that begins near its least value: what counts is where policies lie beside each other.
fn close(label: &str, values: Vec<f64>) -> Axis {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let room = ((high - low) * 0.06).max(high.abs() * 1e-3).max(1e-9);
    let axis = Axis::over(label, Scale::Linear, values);
    Axis { low: low - room, high: high + room, ..axis }
}

fn front(told: &Told<'_>) -> Option<Picture> {
    let tuned = told.tuned;
    let goal = told.question.goal;
    // A series for each point: nothing leads from one policy to another.
    let of = |name: &str, ink, rows: Vec<&Row>| {
        let places = rows.into_iter().filter_map(|row| place(told, row));
        let one = |point| Series {
            name: name.to_owned(),
            ink: Ink::Series(ink),
            mark: Mark::Dots,
            points: vec![point],
        };
        places.map(one).collect::<Vec<_>>()
    };
    let kept = |row: &&Row| row.holds.by_mean();
    let (inside, outside): (Vec<&Row>, Vec<&Row>) = tuned.front.iter().partition(kept);
    let series: Vec<Series> = [
        of("front", 1, inside),
        of("front, breaks a bound", 6, outside),
        of("no retries", 4, vec![&tuned.off]),
        of("in use", 3, vec![&tuned.current]),
        of("recommended", 0, vec![&tuned.recommended]),
    ]
    .concat();
    let points = || series.iter().flat_map(|s| &s.points);
    if points().count() < 2 {
        return None;
    }
    let bound = told.question.keeps.iter().filter(|k| k.metric == goal.metric);
    let ends = |p: &Point| [p.y, p.interval.map_or(p.y, |i| i.0), p.interval.map_or(p.y, |i| i.1)];
    let panel = Panel {
        title: goal.metric.into(),
        x: close(cost_metric(goal), points().map(|p| p.x).collect()),
        y: close("", points().flat_map(ends).collect()),
        shades: Vec::new(),
        rules: bound.filter_map(|k| Some((k.bound()?, k.text.clone()))).collect(),
        series: series.clone(),
        named: false,
    };
    let mut key: Vec<(Ink, Mark, String)> =
        series.iter().map(|s| (s.ink, s.mark, s.name.clone())).collect();
    key.dedup();
    let figure = Figure {
        title: format!("What a better {} costs in {}", goal.metric, cost_metric(goal)),
        lead: "Each point is a policy that no other beats in this goal, in attempts and in success. To the left \
               is cheaper; bars are 95 % intervals over the replicas that the point was given."
            .into(),
        key,
        panels: vec![panel],
        across: 1,
        height: 380,
    };
    let look = "Points that lie far to one side for little of the other: there a better goal is cheap. Where whiskers overlap, \
                the order of two policies is not known.";
    Some(Picture { name: "front", caption: caption(told), look, figure })
}

/// What the picture says, for those who do not see it.
fn caption(told: &Told<'_>) -> String {
    let (goal, recommended) = (told.question.goal, &told.tuned.recommended);
    let holds = match recommended.holds {
        Holds::Surely | Holds::Perhaps => "",
        _ => ", though it breaks a bound",
    };
    let (metric, cost) = (goal.metric, cost_metric(goal));
    format!("{metric} against {cost}: {} is recommended{holds}", recommended.point)
}
