//! Figures as people read them.

use super::saved::{Column, Figure, Saved};
use crate::chart::shown;

/// The metrics of tables: name, heading, how to write it.
const TABLE: [(&str, &str, Kind); 8] = [
    ("success_rate", "success %", Kind::Share),
    ("recovery_rate", "recovered %", Kind::Share),
    ("amplification", "attempts/call", Kind::Ratio),
    ("herd_peak", "herd peak", Kind::Count),
    ("herd_peak_ratio", "x calm", Kind::Count),
    ("latency_ms_p50", "p50 ms", Kind::Count),
    ("latency_ms_p99", "p99 ms", Kind::Count),
    ("wait_ms_mean", "wait ms", Kind::Count),
];

#[derive(Clone, Copy)]
enum Kind {
    Share,
    Ratio,
    Count,
}

/// A metric of a column.
pub(super) fn metric<'a>(column: &'a Column, name: &str) -> Option<&'a Figure> {
    column.metrics.figures.get(name).and_then(Option::as_ref)
}

/// The chief figures: headings first, then a row for each column. A metric that no column has is left
/// out.
pub fn table(saved: &Saved) -> Vec<Vec<String>> {
    let known = |name: &str| saved.columns.iter().any(|c| metric(c, name).is_some());
    let chosen: Vec<_> = TABLE.into_iter().filter(|(name, _, _)| known(name)).collect();
    let heading = std::iter::once("column").chain(chosen.iter().map(|(_, heading, _)| *heading));
    let mut rows = vec![heading.map(str::to_owned).collect()];
    for column in &saved.columns {
        let cell = |(name, _, kind): &(&str, &str, Kind)| written(metric(column, name), *kind);
        let cells = chosen.iter().map(cell);
        rows.push(std::iter::once(column.name.clone()).chain(cells).collect());
    }
    rows
}

/// Every metric of a column: name, mean, low end, high end.
pub(super) fn every(column: &Column) -> Vec<[String; 4]> {
    let row = |(name, figure): (&String, &Option<Figure>)| {
        let number = |x: Option<f64>| x.map_or("n/a".into(), shown);
        let (low, high) = figure.map_or((None, None), |f| (f.low, f.high));
        [name.clone(), number(figure.map(|f| f.mean)), number(low), number(high)]
    };
    column.metrics.figures.iter().map(row).collect()
}

/// Mean and half width of the interval, with as many digits as the interval allows.
fn written(figure: Option<&Figure>, kind: Kind) -> String {
    let Some(figure) = figure else { return "n/a".into() };
    let (scale, most) = match kind {
        Kind::Share => (100.0, 2),
        Kind::Ratio => (1.0, 3),
        Kind::Count => (1.0, 1),
    };
    let mean = figure.mean * scale;
    let half = figure.interval().map(|(low, high)| (high - low) / 2.0 * scale);
    match half.filter(|h| *h > 0.0) {
        None => shown((mean * 1e3).round() / 1e3),
        Some(half) => {
            let digits = digits(half).min(most);
            format!("{mean:.digits$} ±{half:.digits$}")
        }
    }
}

/// A figure of a metric in its unit; shares in per cent.
pub(super) fn figure(metric: &str, figure: Option<&Figure>) -> String {
    let kind = match metric {
        name if name.ends_with("_rate") || name == "recovered_replicas" => Kind::Share,
        "amplification" => Kind::Ratio,
        _ => Kind::Count,
    };
    let text = written(figure, kind);
    if matches!(kind, Kind::Share) && figure.is_some() { text + " %" } else { text }
}

/// Digits after the point that show two digits of a number.
fn digits(x: f64) -> usize {
    (1.0 - libm::floor(libm::log10(x))).clamp(0.0, 9.0) as usize
}
