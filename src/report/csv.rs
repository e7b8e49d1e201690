//! The figures as CSV, one row for each metric of each column and tool: for spreadsheets and scripts.

use super::saved::{Figure, Saved};

/// Columns `scenario,column,tool,metric,mean,low,high`; `tool` is empty for all tools together, numbers
/// are empty where they do not exist.
pub fn csv(saved: &Saved) -> String {
    let mut out = ::csv::Writer::from_writer(Vec::new());
    let mut row = |cells: [&str; 7]| out.write_record(cells).is_ok();
    let mut whole = row(["scenario", "column", "tool", "metric", "mean", "low", "high"]);
    let number = |x: Option<f64>| x.map_or(String::new(), |x| x.to_string());
    for column in &saved.columns {
        let groups = column.tools.iter().map(|(tool, figures)| (tool.as_str(), figures));
        for (tool, figures) in std::iter::once(("", &column.metrics.figures)).chain(groups) {
            for (metric, figure) in figures {
                let of = |end: fn(&Figure) -> Option<f64>| number(figure.as_ref().and_then(end));
                let (mean, low, high) = (of(|f| Some(f.mean)), of(|f| f.low), of(|f| f.high));
                whole &= row([&saved.scenario, &column.name, tool, metric, &mean, &low, &high]);
            }
        }
    }
    debug_assert!(whole, "writing to memory cannot fail");
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}
