//! Plans that load but cannot do what they seem to.

use super::Plan;

/// What a reader of the plan should know before running it.
pub fn lint(plan: &Plan) -> Vec<String> {
    plan.warnings.clone()
}
