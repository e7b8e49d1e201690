//! The table, and what it means in plain words.

use super::Told;
use crate::base::stats::Estimate;
use crate::chart::shown;
use crate::report::{save, words};
use crate::study::tune::{Better, Holds, Row, metrics};

/// The recommended policy beside the one in use and beside none, on fresh streams; and as the search saw it.
pub fn table(told: &Told<'_>) -> Vec<Vec<String>> {
    let tuned = told.tuned;
    let columns = [
        ("no retries", &tuned.off),
        ("in use", &tuned.current),
        ("recommended", &tuned.recommended),
        ("… in the search", &tuned.searched),
    ];
    let head = std::iter::once("").chain(columns.map(|(name, _)| name)).map(str::to_owned);
    let mut rows = vec![head.collect::<Vec<_>>()];
    let policies = columns.iter().map(|(_, row)| row.point.to_string());
    rows.push(std::iter::once("policy".to_owned()).chain(policies).collect());
    for (i, task) in told.tasks.iter().enumerate() {
        for metric in metrics(told.question.goal, &told.question.keeps) {
            let name = match told.tasks {
                [_] => metric.to_owned(),
                _ => format!("{}: {metric}", task.name),
            };
            let cell = |row: &Row| figure(row, i, metric);
            rows.push(std::iter::once(name).chain(columns.iter().map(|(_, r)| cell(r))).collect());
        }
    }
    let kept = columns.iter().map(|(_, row)| match told.question.keeps.is_empty() {
        true => "-".to_owned(),
        false => row.holds.words().to_owned(),
    });
    rows.push(std::iter::once("what is to be kept".to_owned()).chain(kept).collect());
    let replicas = columns.iter().map(|(_, row)| row.replicas.to_string());
    rows.push(std::iter::once("replicas".to_owned()).chain(replicas).collect());
    rows
}

fn figure(row: &Row, task: usize, metric: &'static str) -> String {
    estimate(metric, row.figures.get(task).and_then(|f| f.get(metric).copied().flatten()))
}

fn estimate(metric: &str, estimate: Option<Estimate>) -> String {
    words::figure(metric, estimate.as_ref().map(save::figure).as_ref())
}

/// The front, from the best goal to the cheapest.
pub fn front_table(told: &Told<'_>) -> Vec<Vec<String>> {
    let of = |row| (Vec::new(), row);
    in_rows(told, &["policy"], &[], told.tuned.front.iter().map(of))
}

/// The presets, each in a row of its own; nothing if none was asked for.
pub fn preset_table(told: &Told<'_>) -> Option<Vec<Vec<String>>> {
    let all = &told.tuned.contestants;
    let rows = all.iter().map(|(name, row)| (vec![name.clone()], row));
    let more = ["latency_ms_p99", "herd_peak_ratio"];
    (!all.is_empty()).then(|| in_rows(told, &["preset", "policy"], &more, rows))
}

/// Policies in rows: names, the policy, the goal and what it costs, and `more` metrics.
fn in_rows<'r>(
    told: &Told<'_>,
    head: &[&str],
    more: &[&'static str],
    all: impl Iterator<Item = (Vec<String>, &'r Row)>,
) -> Vec<Vec<String>> {
    let mut metrics = vec![told.question.goal.metric];
    for metric in ["amplification", "success_rate"].iter().chain(more) {
        if !metrics.contains(metric) {
            metrics.push(metric);
        }
    }
    let head = head.iter().chain(&metrics).chain(&["what is to be kept"]);
    let mut rows = vec![head.map(|name| (*name).to_owned()).collect::<Vec<_>>()];
    for (mut cells, row) in all {
        let mean = |metric| {
            let interval = match told.tasks {
                [_] => row.figures[0].get(metric).copied().flatten(),
                _ => row.mean(metric, told.tasks).map(|mean| Estimate { mean, interval: None }),
            };
            estimate(metric, interval)
        };
        let kept = if told.question.keeps.is_empty() { "-" } else { row.holds.words() };
        cells.push(row.point.to_string());
        cells.extend(metrics.iter().map(|metric| mean(metric)));
        cells.push(kept.to_owned());
        rows.push(cells);
    }
    rows
}

/// Why this one, what it costs and gains, and how sure that is: a sentence each.
pub fn verdict(told: &Told<'_>) -> Vec<String> {
    let tuned = told.tuned;
    let goal = told.question.goal;
    let better = match goal.better {
        Better::Lower => "lowest",
        Better::Higher => "highest",
    };
    let point = tuned.recommended.point;
    let mut said = vec![match (told.question.keeps.is_empty(), tuned.recommended.holds) {
        (true, _) => format!("{point} has the {better} {} of what was searched.", goal.metric),
        (_, holds) if holds.by_mean() => format!(
            "{point} has the {better} {} of what was searched and keeps {}{}.",
            goal.metric,
            bounds(told),
            if holds == Holds::Perhaps { ", though not surely" } else { "" }
        ),
        (_, Holds::PerhapsNot) => format!(
            "{point} has the {better} {} of what was searched and lies at the edge of {}: its mean on fresh \
             streams breaks a bound, within noise. For a safe distance, ask for a little more.",
            goal.metric,
            bounds(told)
        ),
        _ => format!("No policy keeps {}; {point} comes nearest.", bounds(told)),
    }];
    said.push(against(told, &tuned.current, "the policy in use"));
    said.push(against(told, &tuned.off, "no retries"));
    said.extend(ties(told));
    for row in &tuned.unlucky {
        said.push(format!(
            "{} looked better in the search and broke a bound on fresh random streams: it was lucky.",
            row.point
        ));
    }
    let (size, looked) = tuned.points;
    let (runs, calls) = tuned.spent;
    said.push(format!(
        "Searched {looked} of {size} policies in {runs} runs of {calls} calls; all of them with {} \
         replicas would have taken {} runs ({:.1} %).",
        told.question.replicas,
        tuned.exhaustive,
        100.0 * runs as f64 / tuned.exhaustive.max(1) as f64
    ));
    said
}

fn bounds(told: &Told<'_>) -> String {
    told.question.keeps.iter().map(|k| k.text.as_str()).collect::<Vec<_>>().join(", ")
}

/// What cannot be told apart, the policy in use before all.
fn ties(told: &Told<'_>) -> Option<String> {
    let ties = &told.tuned.ties;
    let own = told.tuned.current.point;
    if ties.iter().any(|row| row.point == own) {
        return Some(
            "The policy in use cannot be told from it: there is no need to change.".into(),
        );
    }
    let names: Vec<String> = ties.iter().take(3).map(|row| row.point.to_string()).collect();
    let more = match ties.len().saturating_sub(3) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    (!ties.is_empty()).then(|| format!("Cannot be told from it: {}{more}.", names.join("; ")))
}

/// Gains and costs beside another policy.
fn against(told: &Told<'_>, other: &Row, name: &str) -> String {
    let recommended = &told.tuned.recommended;
    if recommended.point == other.point {
        return format!("It is {name}.");
    }
    let mut parts = Vec::new();
    for metric in metrics(told.question.goal, &[]) {
        let mean = |row: &Row| row.mean(metric, told.tasks);
        let (Some(now), Some(then)) = (mean(recommended), mean(other)) else { continue };
        if !clear(told, recommended, other, metric) {
            continue;
        }
        parts.push(format!("{metric} {} instead of {}", plain(metric, now), plain(metric, then)));
    }
    match parts.is_empty() {
        true => format!("Beside {name}: no clear difference."),
        false => format!("Beside {name}: {}.", parts.join(", ")),
    }
}

/// Whether the intervals of two rows lie apart in some scenario.
fn clear(told: &Told<'_>, one: &Row, other: &Row, metric: &'static str) -> bool {
    let ends = |row: &Row, task: usize| {
        let found = row.figures.get(task)?.get(metric).copied().flatten()?;
        found.interval.or(Some((found.mean, found.mean)))
    };
    (0..told.tasks.len()).any(|task| match (ends(one, task), ends(other, task)) {
        (Some((a, b)), Some((c, d))) => b < c || d < a,
        _ => false,
    })
}

fn plain(metric: &str, value: f64) -> String {
    match metric.ends_with("_rate") {
        true => format!("{} %", shown(100.0 * value)),
        false => shown(value),
    }
}
