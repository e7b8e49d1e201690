//! What was timed, among the findings of the gate.

use super::ratios::Found;
use super::{Call, Pace, Timed, Trial};
use crate::bench::duel::Unlike;
use crate::study::gate::{Finding, Standing, Tolerance, Value};

/// A finding for each job.
pub fn contests(rules: &Timed, trials: &[Trial]) -> Vec<Finding> {
    trials.iter().map(|trial| contest(rules, trial)).collect()
}

fn contest(rules: &Timed, trial: &Trial) -> Finding {
    let standing = match (trial.unlike, trial.pace) {
        (Some(Unlike::New), _) => Standing::New,
        (Some(Unlike::Redefined), _) => Standing::Redefined,
        (None, pace) => standing(pace),
    };
    let [now, before] = trial.ns.map(|ns| (ns > 0.0).then_some(Value::Number(ns)));
    let last = trial.second.as_ref().or(trial.first.as_ref());
    Finding {
        path: format!("timed/{}/{}", trial.job.variant, trial.job.path),
        standing,
        before,
        now,
        tolerance: Some(Tolerance::Relative(rules.counts)),
        ratio: last.map(|call| call.ratio),
        why: rules.why.clone(),
        detail: detail(rules, trial),
    }
}

fn standing(pace: Pace) -> Standing {
    match pace {
        Pace::Slower => Standing::Slower,
        Pace::FastEnough => Standing::FastEnough,
        Pace::Faster => Standing::Faster,
        Pace::Undecided => Standing::Undecided,
    }
}

fn detail(rules: &Timed, trial: &Trial) -> Option<String> {
    let path = &trial.job.path;
    match trial.unlike {
        Some(Unlike::New) => return Some(format!("{path}: the base does not have it")),
        Some(Unlike::Redefined) => {
            return Some(format!("{path}: an operation is not the same in both builds"));
        }
        None => {}
    }
    let first = trial.first.as_ref()?;
    let told = |call: &Call| {
        let (low, high) = call.interval;
        let percent = |ratio: f64| 100.0 * (ratio - 1.0);
        format!(
            "{:+.1} % [{:+.1}, {:+.1}] over {} blocks",
            percent(call.ratio),
            percent(low),
            percent(high),
            call.blocks
        )
    };
    let (one, again) = (told(first), trial.second.as_ref().map(told));
    let sees = 100.0 * rules.sees;
    Some(match (trial.pace, again) {
        (Pace::Slower, Some(again)) => format!("{path}: {one}; confirmed: {again}"),
        (Pace::Undecided, Some(again)) => {
            format!("{path}: {one}; not confirmed: {again}; too noisy to tell which is true")
        }
        (Pace::Undecided, None) => {
            format!("{path}: {one}; too noisy to tell a change of {sees} % from none")
        }
        (_, Some(again)) => format!("{path}: {one}; not confirmed: {again}"),
        (_, None) => format!("{path}: {one}"),
    })
}

/// A finding for each ratio.
pub fn ratios(found: &[Found]) -> Vec<Finding> {
    let finding = |found: &Found| {
        let (rule, (low, high)) = (&found.rule, found.interval);
        let told = format!(
            "{}: {:.2} [{low:.2}, {high:.2}] times as fast as {}, must be {}",
            rule.path, found.speed, rule.to, rule.at_least
        );
        Finding {
            path: format!("ratio/{} to {}/{}", rule.variant, rule.to, rule.path),
            standing: standing(found.pace),
            before: Some(Value::Number(rule.at_least)),
            now: Some(Value::Number(found.speed)),
            tolerance: None,
            ratio: None,
            why: rule.why.clone(),
            detail: Some(told),
        }
    };
    found.iter().map(finding).collect()
}
