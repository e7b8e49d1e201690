//! `recovery`: which share of the calls whose first attempt failed is saved, by attempt and by time: what
//! a policy gains, and what it costs in attempts and in waiting.

use super::{Picture, columns, origin, point, stroke};
use crate::chart::{Axis, Figure, Mark, Panel, Point, Scale, Series, shown};
use crate::report::saved::{Column, Figure as Number, Saved};
use crate::report::words::metric;

/// More attempts than this are drawn as a line: dots would cover each other.
const MOST_DOTS: usize = 24;

pub(super) fn picture(saved: &Saved) -> Picture {
    let columns = columns(saved);
    let title = "Share of failed calls that retries have saved".to_owned();
    let rate = |c: &Column| {
        let rate = metric(c, "recovery_rate");
        format!("{} {}", c.name, rate.map_or("n/a".into(), |f| percent(f.mean)))
    };
    let rates = columns.iter().map(rate).collect::<Vec<_>>().join(", ");
    Picture {
        name: "recovery",
        caption: format!("{title}, in the end: {rates}."),
        look: "Where a line ends: that share of the failed calls is saved. A line that climbs late saves them by waiting, one that needs many attempts saves them by load.",
        figure: Figure {
            title,
            lead: format!(
                "{} Failed: the first attempt failed. In the end: {rates}.",
                origin(saved)
            ),
            key: Vec::new(),
            panels: vec![by_attempt(&columns), by_time(&columns)],
            across: 2,
            height: 340,
        },
    }
}

fn percent(share: f64) -> String {
    format!("{}\u{a0}%", shown((share * 1e3).round() / 10.0))
}

fn share() -> Axis {
    let tick = |i: i32| (f64::from(i) / 5.0, format!("{} %", i * 20));
    let ticks = (0..=5).map(tick).collect();
    Axis { high: 1.0, ticks, ..Axis::over("", Scale::Linear, []) }
}

fn by_attempt(columns: &[Column]) -> Panel {
    let most =
        columns.iter().map(|c| c.curves.recovered_by_attempt.len()).max().unwrap_or(0).max(2);
    let step = most.div_ceil(10);
    let ticks = (1..=most).step_by(step).map(|i| (i as f64, i.to_string())).collect();
    let x = Axis::over("attempts, the first included", Scale::Linear, []);
    let x = Axis { low: 0.8, high: most as f64 + 0.2, ticks, ..x };
    let series = columns.iter().enumerate().map(|(n, column)| {
        let curve = &column.curves.recovered_by_attempt;
        let flat = curve.last().map(|last| point(most as f64, last));
        let points = curve.iter().zip(1..).map(|(f, i)| point(f64::from(i), f)).chain(flat);
        let (ink, line) = stroke(n);
        let mark = if most > MOST_DOTS { line } else { Mark::Dots };
        Series { name: column.name.clone(), ink, mark, points: points.collect() }
    });
    Panel {
        title: "% of failed calls saved, by attempts".into(),
        x,
        y: share(),
        shades: Vec::new(),
        rules: Vec::new(),
        series: series.collect(),
        named: true,
    }
}

fn by_time(columns: &[Column]) -> Panel {
    let stretch = columns.iter().flat_map(|c| interesting(&c.curves.recovered_by_ms));
    let x = Axis::over("milliseconds since the first failure", Scale::Log, stretch);
    let series = columns.iter().enumerate().map(|(n, column)| {
        let (ink, mark) = stroke(n);
        let points: Vec<Point> = column
            .curves
            .recovered_by_ms
            .iter()
            .filter(|(ms, _)| (x.low..=x.high).contains(ms))
            .map(|(ms, f)| point(*ms, f))
            .collect();
        Series { name: column.name.clone(), ink, mark, points }
    });
    let series = series.collect();
    Panel {
        title: "% of failed calls saved, by time".into(),
        x,
        y: share(),
        shades: Vec::new(),
        rules: Vec::new(),
        series,
        named: true,
    }
}

/// The times between which a curve rises.
fn interesting(curve: &[(f64, Number)]) -> Vec<f64> {
    let top = curve.last().map_or(0.0, |(_, f)| f.mean);
    let low = curve.iter().rev().find(|(_, f)| f.mean <= top * 0.002);
    let high = curve.iter().find(|(_, f)| f.mean >= top * 0.999);
    low.into_iter().chain(high).filter(|_| top > 0.0).map(|(ms, _)| *ms).collect()
}
