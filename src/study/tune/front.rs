//! What a better goal costs. Retries are paid for in attempts that tools have to serve, and what is saved by
//! giving up is paid for in failures. So points are set side by side in all three: those that no other beats
//! in one without losing in another are the front (Pareto). Between them it is for the operator to choose.

use super::goal::{Better, Goal};
use super::{Row, Task};

/// What is weighed against a goal.
pub fn cost_metric(goal: Goal) -> &'static str {
    match goal.metric {
        "amplification" | "attempts" => "success_rate",
        _ => "amplification",
    }
}

/// A row's figures that are weighed against each other, less being better in each.
fn costs(row: &Row, goal: Goal, tasks: &[Task]) -> Option<[f64; 3]> {
    let cost = |metric: &str| {
        let better = Better::of(metric).unwrap_or(Better::Lower);
        row.mean(metric, tasks).map(|mean| better.cost(mean))
    };
    let one = goal.better.cost(row.mean(goal.metric, tasks)?);
    Some([one, cost("amplification")?, cost("success_rate")?])
}

/// The rows that no other beats, from the best goal on; of equals the simplest.
pub fn front(rows: &[Row], goal: Goal, tasks: &[Task]) -> Vec<Row> {
    let mut placed: Vec<([f64; 3], &Row)> =
        rows.iter().filter_map(|row| Some((costs(row, goal, tasks)?, row))).collect();
    placed.sort_by(|(a, p), (b, q)| {
        let by = a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])).then(a[2].total_cmp(&b[2]));
        by.then_with(|| p.point.order().cmp(&q.point.order()))
    });
    let mut front: Vec<([f64; 3], &Row)> = Vec::new();
    for (costs, row) in placed {
        // Whoever comes earlier is no worse in the goal.
        let beats = |(other, _): &([f64; 3], &Row)| other[1] <= costs[1] && other[2] <= costs[2];
        if !front.iter().any(beats) {
            front.push((costs, row));
        }
    }
    front.into_iter().map(|(_, row)| row.clone()).collect()
}
