//! What the gate found, for people, for a comment under a pull request, for scripts and for CI.

mod baseline;
mod junit;
mod markdown;

pub use baseline::{BrokenBaseline, Host, Identity, from_text, to_text};
pub use junit::junit;
pub use markdown::markdown;

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
    /// The baseline's name, and who made it; `None` where there is none.
    pub baseline: (&'a str, Option<&'a Identity>),
}

/// The findings that are worth a line: all that are not the same; but of a definition that is new or has
/// changed only the definition itself, and where there is no baseline, nothing of what is new.
fn notable<'a>(gate: &Gate<'a>) -> Vec<&'a Finding> {
    let quiet = |f: &Finding| match f.standing {
        Standing::Same | Standing::Uncompared => true,
        Standing::New => gate.baseline.1.is_none(),
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
        Standing::Redefined,
        Standing::New,
        Standing::Gone,
        Standing::Uncompared,
        Standing::Within,
        Standing::Same,
    ];
    let count = |s: Standing| judgement.findings.iter().filter(|f| f.standing == s).count();
    let told = all.into_iter().map(|s| (count(s), s.word())).filter(|(n, _)| *n > 0);
    told.map(|(n, word)| format!("{n} {word}")).collect::<Vec<_>>().join(", ")
}

/// Why what is not as it was is looked at, each reason once, with the first divergences of variants.
pub fn reasons(gate: &Gate<'_>) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for finding in notable(gate) {
        if finding.standing.verdict() != Verdict::Regression {
            continue;
        }
        let detail = finding.detail.as_ref().map_or(String::new(), |d| format!("\n{d}"));
        let reason = format!("{}{detail}", finding.why);
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    reasons
}

/// What follows from a verdict, and what to do.
pub fn advice(gate: &Gate<'_>) -> String {
    let (name, made) = gate.baseline;
    let bless = "`retrylab gate --bless` writes a new baseline, to be committed with the change";
    match (gate.judgement.verdict, made) {
        (Verdict::Pass, Some(made)) => format!("as in {name} ({})", made.in_words()),
        (Verdict::Pass, None) => "nothing was compared".into(),
        (Verdict::Regression, _) => format!("not as in {name}; if that is meant, {bless}"),
        (Verdict::NoBaseline, None) => format!("{name} is not there; {bless}"),
        (Verdict::NoBaseline, Some(_)) => {
            format!("{name} cannot answer for all of it; if the change is meant, {bless}")
        }
    }
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
        "baseline": { "file": gate.baseline.0, "made_by": gate.baseline.1 },
        "findings": findings,
    });
    serde_json::to_string_pretty(&all).map(|text| text + "\n")
}
