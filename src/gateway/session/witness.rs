//! What the loop tells on its way, to whoever listens.

use crate::base::Moment;
use crate::plugin::Decision;

/// One row of upstream's metrics. The fixed loop writes one for each attempt; for the other model's
/// see `as_shipped.rs`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Row {
    /// When what it measures began.
    pub started: Moment,
    /// When it ended.
    pub ended: Moment,
    /// Whether it counts as a success.
    pub succeeded: bool,
}

/// Looks over the loop's shoulder. `()` looks away.
pub trait Witness {
    /// The plugin has answered.
    fn decided(&mut self, decision: &Decision);
    /// A row of upstream's metrics is complete.
    fn row(&mut self, row: Row);
}

impl Witness for () {
    fn decided(&mut self, _: &Decision) {}
    fn row(&mut self, _: Row) {}
}
