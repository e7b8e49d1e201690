//! Floor 1: the plugin. It only decides: it never sleeps, never reads a clock of its own and never
//! calls a tool. Time and randomness are arguments.

pub mod contract;
pub mod detect;
mod json;
pub mod policy;
pub mod reply;
pub mod wire;

pub use contract::{CallKey, Clocks, Decision, GaveUp, HookError, Plugin, Reason, Seen};
pub use policy::{Jitter, Policy, PolicySet, StatusSet};
pub use reply::{Content, Item, Reply, Status, Structured};
