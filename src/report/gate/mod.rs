//! What the gate found, for people, for a comment under a pull request, for scripts and for CI.

mod baseline;
pub mod calibration;
mod junit;
mod markdown;
mod timed;

pub use baseline::{BrokenBaseline, Host, Identity, from_text, to_text};
pub use junit::junit;
pub use markdown::markdown;
pub use timed::{Timed, tables};

use serde_json::json;

use crate::base::fault::shortened;
use crate::study::gate::{Finding, Judgement, Standing, Value, Verdict};

/// What `gate --format json` calls its form.
const SCHEMA: &str = "retrylab/gate/1";

/// Everything a document about a gate says.
pub struct Gate<'a> {
    /// What was found.
    pub judgement: &'a Judgement,
    /// Who gathered the evidence.
    pub now: &'a Identity,
    /// The baseline's name, and who made it, if it is there; `None` where only times were asked for.
    pub baseline: Option<(&'a str, Option<&'a Identity>)>,
    /// What was timed, if anything.
    pub timed: Option<&'a Timed>,
}

/// The findings that are worth a line: all that are neither the same nor fast enough; but of a definition
/// that is new or has changed only the definition itself, and where there is no baseline, nothing of what
/// is new.
fn notable<'a>(gate: &Gate<'a>) -> Vec<&'a Finding> {
    let quiet = |f: &Finding| match f.standing {
        Standing::Same | Standing::Uncompared => true,
        Standing::Faster | Standing::FastEnough => true,
        Standing::New => !f.is_timed() && gate.baseline.is_some_and(|(_, made)| made.is_none()),
        _ => false,
    };
    let mut found: Vec<&Finding> = gate.judgement.findings.iter().filter(|f| !quiet(f)).collect();
    found.sort_by_key(|f| f.standing);
    found
}

/// The notable findings as rows, the worst first and no more than so many, with headings; and how many
/// more there are.
pub fn rows(gate: &Gate<'_>, most: usize) -> (Vec<Vec<String>>, usize) {
    let found = notable(gate);
    let headings = ["what", "baseline", "now", "change", "allowed", "answer"];
    let mut rows = vec![headings.map(str::to_owned).to_vec()];
    rows.extend(found.iter().take(most).map(|f| {
        vec![
            f.path.clone(),
            cell(f.before.as_ref()),
            cell(f.now.as_ref()),
            change(f),
            f.tolerance.map_or(String::new(), |t| t.to_string()),
            f.standing.word().into(),
        ]
    }));
    (rows, found.len().saturating_sub(most))
}

fn cell(value: Option<&Value>) -> String {
    value.map_or("none".into(), |value| shortened(&value.to_string()))
}

fn change(finding: &Finding) -> String {
    if let Some(ratio) = finding.ratio {
        return timed::percent(ratio);
    }
    match (&finding.before, &finding.now) {
        (Some(Value::Number(before)), Some(Value::Number(now))) if *before != 0.0 => {
            let percent = (now - before) / before.abs() * 100.0;
            match percent.abs() {
                0.0 => String::new(),
                0.0..0.005 => if percent > 0.0 { "< +0.01 %" } else { "> -0.01 %" }.into(),
                _ => format!("{percent:+.2} %"),
            }
        }
        _ => String::new(),
    }
}

/// How many findings stand how, in words: `401 same, 2 regression`.
pub fn counts(judgement: &Judgement) -> String {
    let all = [
        Standing::Wrong,
        Standing::Regression,
        Standing::Slower,
        Standing::Redefined,
        Standing::New,
        Standing::Gone,
        Standing::Uncompared,
        Standing::Undecided,
        Standing::Within,
        Standing::Faster,
        Standing::FastEnough,
        Standing::Same,
    ];
    let count = |s: Standing| judgement.findings.iter().filter(|f| f.standing == s).count();
    let told = all.into_iter().map(|s| (count(s), s.word())).filter(|(n, _)| *n > 0);
    told.map(|(n, word)| format!("{n} {word}")).collect::<Vec<_>>().join(", ")
}

/// Why what is not as it was, or cannot be told, is looked at: each reason once, with the first divergences
/// of variants and the doubts about times.
pub fn reasons(gate: &Gate<'_>) -> Vec<String> {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for finding in notable(gate) {
        let grave = matches!(finding.standing.verdict(), Verdict::Regression | Verdict::Undecided);
        if !grave && !finding.is_timed() {
            continue;
        }
        let at = reasons.iter().position(|(why, _)| *why == finding.why).unwrap_or(reasons.len());
        if at == reasons.len() {
            reasons.push((&finding.why, Vec::new()));
        }
        reasons[at].1.extend(finding.detail.as_deref());
    }
    let told = |(why, details): &(&str, Vec<&str>)| {
        details.iter().fold((*why).to_owned(), |told, detail| told + "\n" + detail)
    };
    reasons.iter().map(told).collect()
}

/// What follows from a verdict, and what to do.
pub fn advice(gate: &Gate<'_>) -> String {
    let timed = gate.timed.map(|timed| timed::advice(gate, timed));
    let exact = gate.baseline.map(|(name, made)| exact(gate, name, made));
    [exact, timed].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn exact(gate: &Gate<'_>, name: &str, made: Option<&Identity>) -> String {
    let bless = "`retrylab gate --bless` writes a new baseline, to be committed with the change";
    let findings = gate.judgement.findings.iter().filter(|f| !f.is_timed());
    match (findings.map(|f| f.standing.verdict()).max().unwrap_or(Verdict::Pass), made) {
        (Verdict::Regression, _) => format!("not as in {name}; if that is meant, {bless}"),
        (Verdict::NoBaseline, None) => format!("{name} is not there; {bless}"),
        (Verdict::NoBaseline, Some(_)) => {
            format!("{name} cannot answer for all of it; if the change is meant, {bless}")
        }
        (_, Some(made)) => format!("as in {name} ({})", made.in_words()),
        (_, None) => "nothing was compared".into(),
    }
}

/// A word about a baseline that was made on another machine: it is as good as one from here.
pub fn elsewhere(gate: &Gate<'_>) -> Option<String> {
    let made = &gate.baseline?.1?.host;
    let now = &gate.now.host;
    let told = |host: &Host| {
        let cpu = host.cpu.as_deref().unwrap_or("unknown CPU");
        format!("{cpu} ({} {})", host.os, host.architecture)
    };
    (told(made) != told(now)).then(|| {
        format!(
            "the baseline is from another machine, {}, this is {}: it holds no times, and all that it \
             holds is the same on any",
            told(made),
            told(now)
        )
    })
}

/// Everything for scripts.
///
/// # Errors
/// None for what was gathered; serde's, should a number not be finite.
pub fn json(gate: &Gate<'_>) -> serde_json::Result<String> {
    let finding = |f: &Finding| {
        json!({
            "path": f.path,
            "answer": f.standing.word(),
            "baseline": f.before.as_ref().map(baseline::value),
            "now": f.now.as_ref().map(baseline::value),
            "tolerance": f.tolerance.map(|t| t.to_string()),
            "ratio": f.ratio,
            "why": f.why,
            "detail": f.detail,
        })
    };
    let findings: Vec<serde_json::Value> = gate.judgement.findings.iter().map(finding).collect();
    let all = json!({
        "schema": SCHEMA,
        "verdict": gate.judgement.verdict.name(),
        "advice": advice(gate),
        "retrylab": gate.now,
        "baseline": gate.baseline.map(|(file, made)| json!({ "file": file, "made_by": made })),
        "timed": gate.timed.map(timed::json),
        "findings": findings,
    });
    serde_json::to_string_pretty(&all).map(|text| text + "\n")
}
