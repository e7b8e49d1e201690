//! One trial of a variant: policies and a sequence of hook calls, answered by the variant and by its
//! oracle, to the nanosecond. Random cases and recorded traces are both trials.

use std::fmt;

use super::shrink::shrink;
use crate::base::random::Draws;
use crate::plugin::trace::{Answer, Step};
use crate::plugin::{Policy, PolicySet};
use crate::variants::Variant;

/// Policies, luck and hook calls.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Where it comes from.
    pub name: String,
    /// The policies of the instance.
    pub policies: PolicySet,
    /// The luck of its jitter.
    pub draws: Draws,
    /// What it is asked, in the order of time.
    pub steps: Vec<Step>,
}

/// The first step of a trial that is answered otherwise than by the oracle.
#[derive(Clone, Debug)]
pub struct Differs {
    /// Which step, from 0.
    pub step: usize,
    /// What the oracle says.
    pub expected: Answer,
    /// What the variant says.
    pub found: Answer,
}

/// A divergence with the smallest trial that was found to show it.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The small trial.
    pub trial: Trial,
    /// Where it differs: at its last step.
    pub differs: Differs,
    /// How many steps the trial had at first.
    pub from: usize,
}

/// What became of a variant's trials.
#[derive(Clone, Debug)]
pub struct Trials {
    /// How many trials there were.
    pub made: usize,
    /// How many differ.
    pub different: usize,
    /// The first that differs, shrunk.
    pub first: Option<Shrunk>,
}

/// Where a fresh instance of a variant leaves its oracle, if it does.
pub fn differs(variant: &Variant, trial: &Trial) -> Option<Differs> {
    let body = (variant.make)(trial.policies.clone(), trial.draws);
    let oracle = variant.oracle(trial.policies.clone(), trial.draws);
    let mut answers = trial.steps.iter().map(|step| (step.ask(&*oracle), step.ask(&*body)));
    let (step, (expected, found)) = answers.by_ref().enumerate().find(|(_, (e, f))| e != f)?;
    Some(Differs { step, expected, found })
}

/// Holds a variant against its oracle in every trial.
pub fn try_all(variant: &Variant, trials: impl Iterator<Item = Trial>) -> Trials {
    let mut all = Trials { made: 0, different: 0, first: None };
    for trial in trials {
        all.made += 1;
        if let Some(found) = differs(variant, &trial) {
            all.different += 1;
            if all.first.is_none() {
                all.first = Some(shrunk(variant, trial, found));
            }
        }
    }
    all
}

fn shrunk(variant: &Variant, trial: Trial, found: Differs) -> Shrunk {
    let from = trial.steps.len();
    let trial = shrink(trial, |smaller| differs(variant, smaller).map(|d| d.step));
    let differs = differs(variant, &trial).unwrap_or(found);
    Shrunk { trial, differs, from }
}

impl fmt::Display for Shrunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shrunk { trial, differs, from } = self;
        writeln!(f, "{}, shrunk from {from} steps to {}", trial.name, trial.steps.len())?;
        writeln!(f, "  policy    {}", policies(&trial.policies))?;
        for (i, step) in trial.steps.iter().enumerate() {
            writeln!(f, "  step {:<4} {step}", i + 1)?;
        }
        writeln!(f, "  expected  {}", differs.expected)?;
        write!(f, "  found     {}", differs.found)
    }
}

/// Policies as they are written.
fn policies(set: &PolicySet) -> String {
    let mut whole = fields(&set.base);
    if !set.overrides.is_empty() {
        let own = |(tool, policy): (&String, &Policy)| {
            format!("{}: {{{}}}", serde_json::Value::from(tool.as_str()), fields(policy))
        };
        let own: Vec<String> = set.overrides.iter().map(own).collect();
        whole.push_str(&format!(", \"tool_overrides\": {{{}}}", own.join(", ")));
    }
    let refused = match set.refused.is_empty() {
        true => String::new(),
        false => format!(" and bad overrides of {:?}", set.refused.keys().collect::<Vec<_>>()),
    };
    format!("{{{whole}}}{refused}")
}

fn fields(policy: &Policy) -> String {
    let statuses: Vec<String> = policy.retry_on_status.iter().map(|s| s.to_string()).collect();
    format!(
        "\"max_retries\": {}, \"backoff_base_ms\": {}, \"max_backoff_ms\": {}, \
         \"retry_on_status\": [{}], \"jitter\": \"{}\", \"check_text_content\": {}",
        policy.max_retries,
        policy.backoff_base.millis_ceil(),
        policy.max_backoff.millis_ceil(),
        statuses.join(", "),
        policy.jitter.name(),
        policy.check_text_content
    )
}
