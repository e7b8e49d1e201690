//! Floor 7: documents as strings.

use serde_json::{Map, Value, json};

use crate::base::stats::Estimate;
use crate::metrics::summary::Figures;
use crate::scenario::Plan;
use crate::study::Study;

/// What a run says: the plan, what was found, and which expectations were met.
pub struct Run<'a> {
    /// The question.
    pub plan: &'a Plan,
    /// The figures.
    pub study: &'a Study,
    /// SHA-256 of the plan's definition, in hexadecimal.
    pub definition_sha256: &'a str,
    /// The value of each expectation and whether it holds.
    pub expectations: &'a [(Option<f64>, bool)],
}

fn figure(estimate: Option<&Estimate>) -> Value {
    estimate.map_or(Value::Null, |e| {
        let (low, high) = e.interval.map_or((None, None), |(l, h)| (Some(l), Some(h)));
        json!({ "mean": e.mean, "low": low, "high": high })
    })
}

fn figures(figures: &Figures) -> Map<String, Value> {
    figures.iter().map(|(name, e)| ((*name).to_owned(), figure(e.as_ref()))).collect()
}

/// `result.json`, schema `retrylab/run/1`.
pub fn json(run: &Run<'_>) -> String {
    let columns = run.plan.columns.iter().zip(&run.study.columns).map(|(column, summary)| {
        let mut metrics = figures(&summary.metrics);
        let reasons = summary.reasons.iter().map(|(n, e)| (n.clone(), figure(Some(e))));
        metrics.insert("reasons".into(), Value::Object(reasons.collect()));
        let layers = summary.layers.iter().map(|(name, (attempts, seconds))| {
            let layer = json!({ "attempts": figure(Some(attempts)), "seconds": figure(Some(seconds)) });
            ((*name).to_owned(), layer)
        });
        metrics.insert("layers".into(), Value::Object(layers.collect()));
        let tools: Map<String, Value> = summary
            .tools
            .iter()
            .map(|(name, f)| (name.clone(), Value::Object(figures(f))))
            .collect();
        json!({ "name": column.name, "variant": column.variant, "metrics": metrics, "tools": tools })
    });
    let expectations = run.plan.expectations.iter().zip(run.expectations).map(|(e, (value, met))| {
        json!({ "text": e.text, "column": run.plan.columns[e.column].name, "value": value, "met": met })
    });
    let document = json!({
        "schema": "retrylab/run/1",
        "retrylab": { "version": env!("CARGO_PKG_VERSION"), "commit": option_env!("RETRYLAB_COMMIT") },
        "scenario": run.plan.name,
        "question": run.plan.question,
        "source": run.plan.source,
        "definition_sha256": run.definition_sha256,
        "seed": run.plan.seed,
        "replicas": run.study.replicas,
        "digest": format!("{:016x}", run.study.digest),
        "warnings": run.plan.warnings,
        "expectations": expectations.collect::<Vec<_>>(),
        "columns": columns.collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

/// The metrics of the table, with their headings.
const TABLE: [(&str, &str); 8] = [
    ("success_rate", "success"),
    ("recovery_rate", "recovered"),
    ("amplification", "attempts/call"),
    ("herd_peak", "herd peak"),
    ("herd_peak_ratio", "x calm"),
    ("time_to_recover_ms", "back after ms"),
    ("latency_ms_p50", "p50 ms"),
    ("latency_ms_p99", "p99 ms"),
];

/// The chief figures, a row for each column of the scenario, the first row with headings.
pub fn table(run: &Run<'_>) -> Vec<Vec<String>> {
    let mut rows =
        vec![std::iter::once("column").chain(TABLE.map(|(_, h)| h)).map(str::to_owned).collect()];
    for (column, summary) in run.plan.columns.iter().zip(&run.study.columns) {
        let cell = |(name, _): (&str, &str)| {
            let estimate = summary.metrics.get(name).and_then(Option::as_ref);
            estimate.map_or("n/a".to_owned(), |e| shown(name, e))
        };
        rows.push(std::iter::once(column.name.clone()).chain(TABLE.map(cell)).collect());
    }
    rows
}

fn shown(name: &str, estimate: &Estimate) -> String {
    let (scale, digits, unit) = match name {
        "success_rate" | "recovery_rate" => (100.0, 2, " %"),
        "amplification" => (1.0, 3, ""),
        _ => (1.0, 1, ""),
    };
    let mean = estimate.mean * scale;
    match estimate.interval {
        None => format!("{mean:.digits$}{unit}"),
        Some((low, high)) => {
            let half = (high - low) / 2.0 * scale;
            format!("{mean:.digits$} ±{half:.digits$}{unit}")
        }
    }
}

/// `report.md`.
pub fn markdown(run: &Run<'_>) -> String {
    let rows = table(run);
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let rule = format!("|{}\n", "---|".repeat(rows[0].len()));
    let body: String = rows[1..].iter().map(|r| line(r)).collect();
    let expectations: String = run
        .plan
        .expectations
        .iter()
        .zip(run.expectations)
        .map(|(e, (_, met))| {
            let word = if *met { "met" } else { "BROKEN" };
            format!("- {word}: {} ({})\n", e.text, run.plan.columns[e.column].name)
        })
        .collect();
    format!(
        "# {}\n\n{}\n\nSource: {}\n\n{}{rule}{body}\nMeans over {} replicas, 95 % intervals; seed {}, \
         retrylab {}.\n\n## Expectations\n\n{expectations}",
        run.plan.name,
        run.plan.question,
        run.plan.source,
        line(&rows[0]),
        run.study.replicas,
        run.plan.seed,
        env!("CARGO_PKG_VERSION"),
    )
}
