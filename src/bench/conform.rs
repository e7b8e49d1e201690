//! Whether a variant of the plugin answers as it should: as the vector says for it by name; where the
//! vector does not name it, as the oracle, if the variant declares no deviation from it.

use std::fmt;

use super::vectors::{Answer, Case};
use crate::base::random::Draws;
use crate::base::{Moment, Span};
use crate::plugin::{CallKey, Seen};
use crate::variants::{Deviations, Variant};

/// What became of a variant's answers.
#[derive(Clone, Debug)]
pub struct Conformance<'a> {
    /// How many cases have an answer to compare with.
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
    /// What the vector says.
    pub expected: Answer,
    /// What the variant says.
    pub found: Answer,
}

/// Compares a variant with every case that says something of it.
pub fn conform<'a>(variant: &Variant, cases: &'a [Case]) -> Conformance<'a> {
    let expected = |case: &'a Case| {
        let by_name = case.expect.get(variant.name);
        let as_oracle = || match variant.deviations {
            Deviations::NONE => case.expect.get("reference"),
            _ => None,
        };
        by_name.or_else(as_oracle).map(|e| (case, e))
    };
    let mut found = Conformance { compared: 0, different: 0, first: None };
    for (case, expected) in cases.iter().filter_map(expected) {
        found.compared += 1;
        let answers = answers(variant, case);
        let mut pairs = expected.iter().zip(&answers).enumerate();
        if let Some((step, (expected, answer))) = pairs.find(|(_, (e, a))| e != a) {
            found.different += 1;
            let (expected, answer) = (*expected, *answer);
            found.first.get_or_insert(Divergence { case, step, expected, found: answer });
        }
    }
    found
}

/// What a fresh instance answers to the steps of a case, a millisecond apart. A policy that cannot be
/// loaded answers nothing but errors.
pub fn answers(variant: &Variant, case: &Case) -> Vec<Answer> {
    let Ok(policies) = &case.policy else { return vec![Answer::Error; case.steps.len()] };
    let plugin = (variant.make)(policies.clone(), Draws::new(1, 0));
    let answer = |(i, step): (u64, &super::vectors::Step)| {
        let call = CallKey { tool: &step.tool, request: &step.request };
        let now = Moment::START + Span::from_millis(i);
        let decision = plugin.tool_post_invoke(call, Seen::Result(&step.reply), now);
        decision.map_or(Answer::Error, |d| Answer::Delay(d.retry_delay_ms()))
    };
    (0..).zip(&case.steps).map(answer).collect()
}

impl fmt::Display for Divergence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Divergence { case, step, expected, found } = self;
        writeln!(f, "case {}, step {} of {}", case.id, step + 1, case.steps.len())?;
        writeln!(f, "  policy    {}", case.policy_text)?;
        let answers = case.expect.values().next().map_or(0, Vec::len);
        debug_assert_eq!(answers, case.steps.len());
        for (i, past) in case.steps.iter().enumerate().take(step + 1) {
            writeln!(f, "  step {:<4} {} {} {}", i + 1, past.tool, past.request, past.text)?;
        }
        writeln!(f, "  expected  {expected}")?;
        write!(f, "  found     {found}")
    }
}
