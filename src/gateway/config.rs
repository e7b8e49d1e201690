//! What the gateway's operator sets.

use crate::base::Span;

/// The gateway's own settings.
#[derive(Clone, PartialEq, Debug)]
pub struct Gateway {
    /// `max_tool_retries`, C: the hard upper limit of retries.
    pub max_tool_retries: u32,
    /// The time-out of each attempt.
    pub attempt_timeout: Span,
    /// The time that a call as a whole may take.
    pub deadline: Option<Span>,
    /// Which loop.
    pub loop_model: LoopModel,
}

/// The two loop models.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum LoopModel {
    /// Iterative; takes the decision itself with its exact wait.
    #[default]
    Fixed,
    /// Upstream's: recursive, reads `retry_delay_ms`, handles an escaped exception in every outer frame.
    AsShipped,
}

impl Default for Gateway {
    fn default() -> Gateway {
        Gateway {
            max_tool_retries: 3,
            attempt_timeout: Span::from_secs(60),
            deadline: None,
            loop_model: LoopModel::Fixed,
        }
    }
}
