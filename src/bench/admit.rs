//! Who is let onto the scales. A variant that answers otherwise than it should may be fast for that
//! reason, so it is compared first: with the golden vectors, with its oracle on the replies of the same
//! vectors (which has an answer for declared deviations too), and with its oracle on what will be timed.

use super::conform::conform;
use super::vectors::Case;
use super::workload::{Lane, PATHS, USUAL};
use crate::base::random::Draws;
use crate::base::{Moment, Span};
use crate::plugin::{CallKey, Plugin, PolicySet, Seen};
use crate::variants::Variant;

/// Lets a variant in, or says why not.
///
/// # Errors
/// The first divergence.
pub fn admit(variant: &Variant, cases: &[Case]) -> Result<(), String> {
    if let Some(first) = conform(variant, cases).first {
        return Err(first.to_string());
    }
    let draws = Draws::new(1, 0);
    for case in cases {
        let Ok(policies) = &case.policy else { continue };
        let pair = |policies: &PolicySet| {
            ((variant.make)(policies.clone(), draws), variant.oracle(policies.clone(), draws))
        };
        let (plugin, oracle) = pair(policies);
        for (i, step) in (0..).zip(&case.steps) {
            let call = CallKey { tool: &step.tool, request: &step.request };
            let now = Moment::START + Span::from_millis(i);
            let ask = |p: &dyn Plugin| p.tool_post_invoke(&call, Seen::Result(&step.reply), now);
            let (found, expected) = (ask(&*plugin), ask(&*oracle));
            if found.is_err() != expected.is_err() || (found.is_ok() && found != expected) {
                let (id, step) = (&case.id, i + 1);
                return Err(format!(
                    "case {id}, step {step}: expected {expected:?}, found {found:?}"
                ));
            }
        }
    }
    for path in &PATHS {
        let (plugin, oracle) = (
            (variant.make)(path.policies(&USUAL), draws),
            variant.oracle(path.policies(&USUAL), draws),
        );
        let lane = Lane::new(path, &USUAL, 0);
        let (found, expected) = (lane.answers(&*plugin), lane.answers(&*oracle));
        if found != expected {
            return Err(format!("path {}: expected {expected:?}, found {found:?}", path.name));
        }
    }
    Ok(())
}
