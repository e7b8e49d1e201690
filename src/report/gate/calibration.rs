//! What a machine can see, in words and for scripts.

use serde_json::json;

use super::Identity;
use super::timed::percent;
use crate::study::gate::timed::calibrate::{Calibration, Canary};
use crate::study::gate::timed::{Pace, Timed};

/// What `gate --calibrate --format json` calls its form.
const SCHEMA: &str = "retrylab/calibration/1";

/// A calibration, and what it was made with.
pub struct Calibrated<'a> {
    /// What was found.
    pub found: &'a Calibration,
    /// The rules.
    pub rules: &'a Timed,
    /// The machine and the build.
    pub now: &'a Identity,
    /// From which orders and resampling were drawn.
    pub seed: u64,
    /// How long it took.
    pub seconds: f64,
}

/// The noise of each path, the first row with headings.
pub fn rows(calibrated: &Calibrated<'_>) -> Vec<Vec<String>> {
    let head = ["path", "ns", "to itself", "95 % interval", "smallest change seen"];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(calibrated.found.floors.iter().map(|floor| {
        let (low, high) = floor.interval;
        vec![
            format!("{}/{}", floor.job.variant, floor.job.path),
            format!("{:.1}", floor.ns),
            percent(floor.ratio),
            format!("[{}, {}]", percent(low), percent(high)),
            percent(1.0 + floor.visible),
        ]
    }));
    rows
}

/// What follows, a line each.
pub fn lines(calibrated: &Calibrated<'_>) -> Vec<String> {
    let worst = worst(calibrated);
    let sees = calibrated.rules.sees;
    let mut lines = vec![format!(
        "noise floor: on every path a change of {} is called slower in 95 of 100 tries{}",
        percent(1.0 + worst),
        if worst > sees {
            format!(", more than the {} to be seen", percent(1.0 + sees))
        } else {
            String::new()
        }
    )];
    lines.extend(calibrated.found.canaries.iter().map(canary));
    let host = &calibrated.now.host;
    let cpu = host.cpu.as_deref().unwrap_or("unknown CPU");
    let cores = host.cores.map_or("unknown".into(), |n| n.to_string());
    lines.push(format!(
        "holds for this machine as it is now: {cpu}, {cores} cores; seed {}; took {:.0} s",
        calibrated.seed, calibrated.seconds
    ));
    lines
}

fn worst(calibrated: &Calibrated<'_>) -> f64 {
    calibrated.found.floors.iter().map(|floor| floor.visible).fold(0.0, f64::max)
}

fn canary(canary: &Canary) -> String {
    let who = match canary.slower {
        0.0 => "this build beside itself".into(),
        share => format!("this build made {} slower", percent(1.0 + share)),
    };
    let of = canary.trials.len();
    let (slower, undecided) = (canary.count(Pace::Slower), canary.count(Pace::Undecided));
    format!("{who}: called slower on {slower} of {of} paths, undecided on {undecided}")
}

/// For people who read Markdown.
pub fn markdown(calibrated: &Calibrated<'_>) -> String {
    let mut out = "### retrylab gate: calibration\n\n".to_owned();
    for (i, row) in rows(calibrated).iter().enumerate() {
        out += &format!("| {} |\n", row.join(" | "));
        if i == 0 {
            out += "|---|---:|---:|---:|---:|\n";
        }
    }
    out + "\n" + &lines(calibrated).iter().map(|line| format!("- {line}\n")).collect::<String>()
}

/// For scripts.
///
/// # Errors
/// None for what was found; serde's, should a number not be finite.
pub fn json(calibrated: &Calibrated<'_>) -> serde_json::Result<String> {
    let Calibrated { found, rules, now, seed, seconds } = calibrated;
    let floors: Vec<serde_json::Value> = found
        .floors
        .iter()
        .map(|f| {
            json!({
                "variant": f.job.variant, "path": f.job.path, "ns": f.ns, "ratio": f.ratio,
                "low": f.interval.0, "high": f.interval.1, "visible": f.visible,
            })
        })
        .collect();
    let canaries: Vec<serde_json::Value> = found
        .canaries
        .iter()
        .map(|c| {
            json!({
                "slower": c.slower, "paths": c.trials.len(),
                "called_slower": c.count(Pace::Slower), "undecided": c.count(Pace::Undecided),
            })
        })
        .collect();
    let all = json!({
        "schema": SCHEMA, "retrylab": now, "seed": seed, "seconds": seconds,
        "counts": rules.counts, "sees": rules.sees, "visible": worst(calibrated),
        "floors": floors, "canaries": canaries,
    });
    serde_json::to_string_pretty(&all).map(|text| text + "\n")
}
