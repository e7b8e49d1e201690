//! The timed half: which builds were compared, and what came of each path.

use serde_json::json;

use super::Gate;
use crate::bench::worker::Build;
use crate::chart::shown;
use crate::study::gate::timed::ratios::Found;
use crate::study::gate::timed::{Call, Pace, Trial};
use crate::study::gate::{Finding, Verdict};

/// What was timed.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Timed {
    /// The base: its file, and who it is; `None` where only variants were compared.
    pub base: Option<(String, Build)>,
    /// From which orders and resampling were drawn.
    pub seed: u64,
    /// How long it took.
    pub seconds: f64,
    /// Jobs, head beside base.
    pub trials: Vec<Trial>,
    /// Variants beside variants.
    pub ratios: Vec<Found>,
}

/// Three significant digits.
fn three(x: f64) -> String {
    match x.abs() {
        size if size >= 100.0 => format!("{x:.0}"),
        size if size >= 10.0 => format!("{x:.1}"),
        _ => format!("{x:.2}"),
    }
}

/// `+1.2 %` for a ratio of 1.012.
pub(super) fn percent(ratio: f64) -> String {
    format!("{:+.1} %", 100.0 * (ratio - 1.0))
}

/// Titles and rows, the first of them with headings.
pub fn tables(timed: &Timed) -> Vec<(String, Vec<Vec<String>>)> {
    let mut tables = Vec::new();
    if let Some((name, build)) = &timed.base {
        let title = format!("beside {name} ({}), ns an operation:", build.in_words());
        let head = ["path", "base", "now", "change", "95 % interval", "blocks", "answer"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(timed.trials.iter().filter_map(row));
        tables.push((title, rows));
    }
    if !timed.ratios.is_empty() {
        let head =
            ["path", "variant", "to", "times as fast", "95 % interval", "at least", "answer"];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(timed.ratios.iter().map(|found| {
            let (rule, (low, high)) = (&found.rule, found.interval);
            vec![
                rule.path.clone(),
                rule.variant.clone(),
                rule.to.clone(),
                three(found.speed),
                format!("[{}, {}]", three(low), three(high)),
                shown(rule.at_least),
                word(found.pace).to_owned(),
            ]
        }));
        tables.push(("variants beside each other, in this run:".into(), rows));
    }
    tables
}

fn row(trial: &Trial) -> Option<Vec<String>> {
    let call = trial.second.as_ref().or(trial.first.as_ref())?;
    let [head, base] = trial.ns;
    let (low, high) = call.interval;
    let blocks = |call: &Option<Call>| call.as_ref().map_or(0, |c| c.blocks);
    let blocks = match &trial.second {
        None => blocks(&trial.first).to_string(),
        Some(_) => format!("{} + {}", blocks(&trial.first), blocks(&trial.second)),
    };
    Some(vec![
        format!("{}/{}", trial.job.variant, trial.job.path),
        three(base),
        three(head),
        percent(call.ratio),
        format!("[{}, {}]", percent(low), percent(high)),
        blocks,
        word(trial.pace).to_owned(),
    ])
}

fn word(pace: Pace) -> &'static str {
    match pace {
        Pace::Slower => "slower",
        Pace::FastEnough => "fast enough",
        Pace::Faster => "faster",
        Pace::Undecided => "undecided",
    }
}

/// What follows from the times.
pub(super) fn advice(gate: &Gate<'_>, timed: &Timed) -> String {
    let findings = || gate.judgement.findings.iter().filter(|f| f.is_timed());
    let with = |verdict: Verdict| -> Vec<&Finding> {
        findings().filter(|f| f.standing.verdict() == verdict).collect()
    };
    let beside = match &timed.base {
        Some((name, build)) => format!("{name} ({})", build.in_words()),
        None => "what the thresholds ask".into(),
    };
    let paths = |n: usize| if n == 1 { "1 path".into() } else { format!("{n} paths") };
    let of = paths(findings().count());
    let (slower, unlike) = (with(Verdict::Regression), with(Verdict::NoBaseline));
    let doubts = with(Verdict::Undecided);
    if !slower.is_empty() {
        return format!("slower than {beside} on {} of {of}", slower.len());
    }
    if !unlike.is_empty() {
        let n = paths(unlike.len());
        return format!("{n} of {of} cannot be compared with {beside}");
    }
    if !doubts.is_empty() {
        let n = doubts.len();
        return format!(
            "too noisy to tell from {beside} on {n} of {of}: again on a quieter machine, \
             or with more blocks (timed.most_blocks)"
        );
    }
    format!("not slower than {beside} on {of}")
}

/// For scripts.
pub(super) fn json(timed: &Timed) -> serde_json::Value {
    let call = |call: &Call| {
        json!({
            "ratio": call.ratio, "low": call.interval.0, "high": call.interval.1,
            "p": call.p, "blocks": call.blocks, "answer": word(call.pace),
        })
    };
    let trial = |t: &Trial| {
        json!({
            "variant": t.job.variant, "path": t.job.path,
            "now_ns": t.ns[0], "base_ns": t.ns[1],
            "first": t.first.as_ref().map(call), "confirmation": t.second.as_ref().map(call),
            "answer": word(t.pace),
        })
    };
    let ratio = |f: &Found| {
        json!({
            "variant": f.rule.variant, "to": f.rule.to, "path": f.rule.path,
            "times_as_fast": f.speed, "low": f.interval.0, "high": f.interval.1,
            "at_least": f.rule.at_least, "answer": word(f.pace),
        })
    };
    let base = timed.base.as_ref().map(|(file, build)| json!({ "file": file, "build": build }));
    json!({
        "base": base,
        "seed": timed.seed,
        "seconds": timed.seconds,
        "paths": timed.trials.iter().map(trial).collect::<Vec<_>>(),
        "ratios": timed.ratios.iter().map(ratio).collect::<Vec<_>>(),
    })
}
