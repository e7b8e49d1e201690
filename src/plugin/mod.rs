//! Floor 1: the plugin. It only decides: it never sleeps, never reads a clock of its own and never
//! calls a tool. Time and randomness are arguments.

pub mod answer;
pub mod backoff;
pub mod contract;
pub mod detect;
pub(crate) mod json;
pub mod policy;
pub mod read;
pub mod reply;
pub mod sharded;
pub mod trace;
pub mod wire;

pub use contract::{CallKey, Clocks, Decision, GaveUp, HookError, Plugin, Reason, Seen};
pub use policy::{Jitter, Overrides, Policy, PolicySet, StatusSet};
pub use reply::{Content, Item, Reply, Status, Structured};

use crate::base::Span;

/// A call that has been idle for longer than this is an orphan: its client went away during the wait.
/// What was remembered of it counts no more.
pub const ORPHAN_AFTER: Span = Span::from_secs(300);
