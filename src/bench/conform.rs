//! Whether a variant of the plugin answers as it should: as the vector says for it by name; where the
//! vector does not name it, as the oracle, if the variant declares no deviation from it, else as its
//! own model.

use std::fmt;
use std::sync::Arc;

use super::vectors::{Answer, Case};
use crate::base::random::Draws;
use crate::base::{Moment, Span};
use crate::plugin::{CallKey, Overrides, Plugin, PolicySet, Seen};
use crate::variants::{Deviations, Variant};

/// What became of a variant's answers.
#[derive(Clone, Debug)]
pub struct Conformance<'a> {
    /// How many cases there were.
    pub compared: usize,
    /// How many of them differ.
    pub different: usize,
    /// The first that differs.
    pub first: Option<Divergence<'a>>,
}

/// Where a variant leaves the expected way.
#[derive(Clone, Debug)]
pub struct Divergence<'a> {
    /// The case.
    pub case: &'a Case,
    /// The first step that is answered otherwise, from 0.
    pub step: usize,
    /// What the vector says, or the variant's model.
    pub expected: Answer,
    /// What the variant says.
    pub found: Answer,
}

/// Compares a variant with every case.
pub fn conform<'a>(variant: &Variant, cases: &'a [Case]) -> Conformance<'a> {
    let mut found = Conformance { compared: 0, different: 0, first: None };
    for case in cases {
        found.compared += 1;
        let (expected, answers) = (expected(variant, case), answers(variant, case));
        let mut pairs = expected.iter().zip(&answers).enumerate();
        if let Some((step, (expected, answer))) = pairs.find(|(_, (e, a))| e != a) {
            found.different += 1;
            let (expected, answer) = (*expected, *answer);
            found.first.get_or_insert(Divergence { case, step, expected, found: answer });
        }
    }
    found
}

/// What a case expects of a variant: by its name; else as of the oracle, if it has no deviation; else
/// what its own model answers.
fn expected(variant: &Variant, case: &Case) -> Vec<Answer> {
    let as_oracle = || match variant.deviations {
        Deviations::NONE => case.expect.get("reference"),
        _ => None,
    };
    let stated = case.expect.get(variant.name).or_else(as_oracle).cloned();
    stated.unwrap_or_else(|| asked(case, variant.deviations, |p, draws| variant.oracle(p, draws)))
}

/// What a fresh instance answers to the steps of a case, a millisecond apart. A policy that cannot be
/// loaded answers nothing but errors.
pub fn answers(variant: &Variant, case: &Case) -> Vec<Answer> {
    asked(case, variant.deviations, variant.make)
}

fn asked(
    case: &Case,
    deviations: Deviations,
    make: impl Fn(PolicySet, Draws) -> Arc<dyn Plugin>,
) -> Vec<Answer> {
    let policies = match deviations.overrides {
        Overrides::AtLoad => &case.policy,
        Overrides::AtCall => &case.policy_at_call,
    };
    let Ok(policies) = policies else { return vec![Answer::Error; case.steps.len()] };
    let plugin = make(policies.clone(), Draws::new(1, 0));
    let answer = |(i, step): (u64, &super::vectors::Step)| {
        let call = CallKey { tool: &step.tool, request: &step.request };
        let now = Moment::START + Span::from_millis(i);
        let decision = plugin.tool_post_invoke(&call, Seen::Result(&step.reply), now);
        decision.map_or(Answer::Error, |d| Answer::Delay(d.retry_delay_ms()))
    };
    (0..).zip(&case.steps).map(answer).collect()
}

impl fmt::Display for Divergence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Divergence { case, step, expected, found } = self;
        writeln!(f, "case {}, step {} of {}", case.id, step + 1, case.steps.len())?;
        writeln!(f, "  policy    {}", case.policy_text)?;
        for (i, past) in case.steps.iter().enumerate().take(step + 1) {
            writeln!(f, "  step {:<4} {} {} {}", i + 1, past.tool, past.request, past.text)?;
        }
        writeln!(f, "  expected  {expected}")?;
        write!(f, "  found     {found}")
    }
}
