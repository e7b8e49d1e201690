//! What changed between two results? A policy, a version or a scenario changes, figures move, and most of what
//! moves is noise. Each metric of each column that both have is compared: the difference with its 95 %
//! interval, from the two intervals as of independent runs; and it is called real if it stands out among all
//! that were compared (Holm 1979, at 5 %).

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value as Json;

use super::saved::{Column, Figure, Saved};
use crate::chart::shown;

/// Half of a 95 % interval in standard errors.
const HALF: f64 = 1.959_963_984_540_054;
/// How often one false difference among all may be called real.
const LEVEL: f64 = 0.05;

/// How surely two figures differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The same to the last bit.
    Same,
    /// Beyond noise.
    Real,
    /// Within noise.
    Noise,
    /// One of them has no interval, or does not exist.
    Unclear,
}

/// A metric of a column, then and now.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Difference {
    /// The column, as it is called now.
    pub column: String,
    /// The metric.
    pub metric: String,
    /// Then.
    pub then: Option<f64>,
    /// Now.
    pub now: Option<f64>,
    /// Now less then, with half of its interval.
    pub difference: Option<(f64, f64)>,
    /// How sure that is.
    pub change: Change,
}

/// Two results side by side.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Against {
    /// What is not the same about the two: version, scenario, seed, policies.
    pub changed: Vec<String>,
    /// Every metric of every column that both have.
    pub differences: Vec<Difference>,
}

/// Compares a result with an earlier one.
pub fn against(then: &Saved, now: &Saved) -> Against {
    let mut changed = whole(then, now);
    let pairs = pairs(then, now, &mut changed);
    let mut found: Vec<(Difference, Option<f64>)> =
        pairs.into_iter().flat_map(|(then, now)| column(then, now, &mut changed)).collect();
    judge(&mut found);
    Against { changed, differences: found.into_iter().map(|(d, _)| d).collect() }
}

/// What differs about the runs as a whole.
fn whole(then: &Saved, now: &Saved) -> Vec<String> {
    let commit = |s: &Saved| s.retrylab.commit.clone().unwrap_or_else(|| "unknown".into());
    let facts = |s: &Saved| {
        [
            ("scenario", s.scenario.clone()),
            ("definition", s.definition_sha256.get(..16).unwrap_or_default().to_owned()),
            ("seed", s.seed.to_string()),
            ("replicas", s.replicas.to_string()),
            ("retrylab", s.retrylab.version.clone()),
            ("commit", commit(s)),
        ]
    };
    let both = facts(then).into_iter().zip(facts(now));
    let differ = both.filter(|((_, a), (_, b))| a != b);
    differ.map(|((name, a), (_, b))| format!("{name}: {a}, now {b}")).collect()
}

/// The columns of one name; of two results with a single column each, these.
fn pairs<'s>(
    then: &'s Saved,
    now: &'s Saved,
    changed: &mut Vec<String>,
) -> Vec<(&'s Column, &'s Column)> {
    if let ([then], [now]) = (&then.columns[..], &now.columns[..]) {
        return vec![(then, now)];
    }
    let mut pairs = Vec::new();
    for column in &now.columns {
        match then.columns.iter().find(|c| c.name == column.name) {
            Some(other) => pairs.push((other, column)),
            None => changed.push(format!("column {:?} is new", column.name)),
        }
    }
    let gone = |c: &&Column| now.columns.iter().all(|n| n.name != c.name);
    let gone = then.columns.iter().filter(gone);
    changed.extend(gone.map(|c| format!("column {:?} is gone", c.name)));
    pairs
}

fn column(
    then: &Column,
    now: &Column,
    changed: &mut Vec<String>,
) -> Vec<(Difference, Option<f64>)> {
    let lines = [
        settings("policy", &then.policy, &now.policy),
        settings("overrides", &then.overrides, &now.overrides),
        settings("gateway", &then.gateway, &now.gateway),
        settings("variant", &then.variant, &now.variant),
    ];
    changed
        .extend(lines.into_iter().flatten().map(|line| format!("column {:?}: {line}", now.name)));
    let metrics = now.metrics.figures.iter();
    let both = metrics.filter_map(|(name, figure)| {
        let other = then.metrics.figures.get(name)?;
        Some(difference(&now.name, name, *other, *figure))
    });
    both.collect()
}

/// `policy.max_retries: 2, now 1` for each setting that differs.
fn settings<T: Serialize>(name: &str, then: &T, now: &T) -> Vec<String> {
    let json = |side: &T| serde_json::to_value(side).unwrap_or_default();
    differing(name, &json(then), &json(now))
}

fn differing(name: &str, then: &Json, now: &Json) -> Vec<String> {
    match (then, now) {
        (a, b) if a == b => Vec::new(),
        (Json::Object(a), Json::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let under =
                |key: &&String| differing(&format!("{name}.{key}"), &then[*key], &now[*key]);
            keys.iter().flat_map(under).collect()
        }
        (a, b) => vec![format!("{name}: {}, now {}", plain(a), plain(b))],
    }
}

/// A setting as its file has it: whole milliseconds without a fraction.
fn plain(value: &Json) -> String {
    value.as_f64().map_or_else(|| value.to_string(), |number| number.to_string())
}

/// A difference, and how probable a larger one is between two that are the same.
fn difference(
    column: &str,
    metric: &str,
    then: Option<Figure>,
    now: Option<Figure>,
) -> (Difference, Option<f64>) {
    let half = |f: Figure| f.interval().map(|(low, high)| (high - low) / 2.0);
    let (change, difference, p) = match (then, now) {
        (None, None) => (Change::Same, None, None),
        (Some(a), Some(b)) if a == b => (Change::Same, Some((0.0, 0.0)), None),
        (Some(a), Some(b)) => match (half(a), half(b)) {
            (Some(one), Some(other)) => {
                let (by, half) = (b.mean - a.mean, libm::hypot(one, other));
                let errors = by.abs() * HALF / half;
                let p =
                    if half > 0.0 { libm::erfc(errors / std::f64::consts::SQRT_2) } else { 0.0 };
                (Change::Noise, Some((by, half)), Some(p))
            }
            _ => (Change::Unclear, None, None),
        },
        _ => (Change::Unclear, None, None),
    };
    let (then, now) = (then.map(|f| f.mean), now.map(|f| f.mean));
    let (column, metric) = (column.to_owned(), metric.to_owned());
    (Difference { column, metric, then, now, difference, change }, p)
}

/// Holm: the smallest must pass against all, the next against all but one, and so on.
fn judge(found: &mut [(Difference, Option<f64>)]) {
    let mut order: Vec<usize> = (0..found.len()).filter(|i| found[*i].1.is_some()).collect();
    order
        .sort_by(|a, b| found[*a].1.partial_cmp(&found[*b].1).unwrap_or(std::cmp::Ordering::Equal));
    let all = order.len();
    for (rank, i) in order.into_iter().enumerate() {
        match found[i].1 {
            Some(p) if p * (all - rank) as f64 <= LEVEL => found[i].0.change = Change::Real,
            _ => return,
        }
    }
}

impl Against {
    /// What is real, as a table, and a word on the rest.
    pub fn table(&self) -> (Vec<Vec<String>>, String) {
        let head = ["column", "metric", "then", "now", "difference"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        let number = |x: Option<f64>| x.map_or("n/a".into(), shown);
        for d in self.differences.iter().filter(|d| d.change == Change::Real) {
            let by = d.difference.map_or("n/a".into(), |(by, half)| {
                format!("{}{} ±{}", if by > 0.0 { "+" } else { "" }, shown(by), shown(half))
            });
            rows.push(vec![d.column.clone(), d.metric.clone(), number(d.then), number(d.now), by]);
        }
        let count = |change| self.differences.iter().filter(|d| d.change == change).count();
        let (real, noise) = (count(Change::Real), count(Change::Noise));
        let (same, unclear) = (count(Change::Same), count(Change::Unclear));
        let differences = if real == 1 { "difference is" } else { "differences are" };
        let rest = format!(
            "{real} {differences} real, {noise} are within noise, {same} figures are the same, {unclear} \
             cannot be compared (no interval, or not there)"
        );
        (rows, rest)
    }

    /// As a page beside the report.
    pub fn markdown(&self) -> String {
        let (rows, rest) = self.table();
        let changed: String = match self.changed.is_empty() {
            true => "Nothing is known to have changed.\n".into(),
            false => self.changed.iter().map(|line| format!("- {line}\n")).collect(),
        };
        let table = match rows.len() {
            1 => String::new(),
            _ => super::markdown::rows(&rows) + "\n",
        };
        format!(
            "# Against an earlier result\n\n{changed}\n{table}{rest}. ± is half of the 95 % interval of the \
             difference; real is what stands out among all figures (Holm, 5 %).\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(mean: f64, half: f64) -> Option<Figure> {
        Some(Figure { mean, low: Some(mean - half), high: Some(mean + half) })
    }

    fn judged(pairs: &[(Option<Figure>, Option<Figure>)]) -> Vec<Change> {
        let mut all: Vec<_> = pairs.iter().map(|(a, b)| difference("c", "m", *a, *b)).collect();
        judge(&mut all);
        all.into_iter().map(|(d, _)| d.change).collect()
    }

    #[test]
    fn what_stands_out_is_real_and_the_rest_is_noise() {
        let found = judged(&[
            (figure(1.0, 0.1), figure(2.0, 0.1)),
            (figure(1.0, 0.1), figure(1.05, 0.1)),
            (figure(1.0, 0.1), figure(1.0, 0.1)),
            (figure(1.0, 0.0), figure(1.5, 0.0)),
            (figure(1.0, 0.1), None),
        ]);
        let expected = [Change::Real, Change::Noise, Change::Same, Change::Real, Change::Unclear];
        assert_eq!(found, expected);
    }

    #[test]
    fn one_of_many_has_to_stand_out_more() {
        // 2.2 standard errors apart: p = 0.028.
        let pair = (figure(0.0, HALF), figure(2.2 * std::f64::consts::SQRT_2, HALF));
        assert_eq!(judged(&[pair]), [Change::Real]);
        let mut many = vec![(figure(0.0, HALF), figure(0.5, HALF)); 20];
        many.push(pair);
        assert!(judged(&many).iter().all(|c| *c == Change::Noise));
    }
}
