//! What made a result, and how it is made again.

use super::decision::to_decide;
use super::saved::{Identity, Saved};
use crate::scenario::shipped;

/// The command that makes this result again, in the folder of a scenario that is not shipped; a policy of the
/// user's own is a file that only the user can name.
pub(super) fn command(saved: &Saved) -> String {
    let Saved { scenario, seed, replicas_asked, .. } = saved;
    let file = if shipped::find(scenario).is_some() { "" } else { ".toml" };
    let own = if to_decide(saved).is_some() { " --policy FILE" } else { "" };
    format!("retrylab run {scenario}{file}{own} --seed {seed} --replicas {replicas_asked}")
}

/// `retrylab 0.1.0 (commit abc)`.
pub(super) fn identity(saved: &Saved) -> String {
    let Identity { version, commit } = &saved.retrylab;
    let commit = commit.as_ref().map_or(String::new(), |c| format!(" (commit {c})"));
    format!("retrylab {version}{commit}")
}
