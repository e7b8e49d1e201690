//! The one contract of the plugin. The simulator, the scales and the tokio driver call every variant
//! through it; what differs between variants differs behind it.

use std::fmt;

use super::{Policy, Reply, Status};
use crate::base::{Moment, Span};

/// Which call a reply belongs to. The key is a pair: tool `a:b` with request `c` is not tool `a` with
/// request `b:c`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CallKey<'a> {
    /// The tool's name.
    pub tool: &'a str,
    /// The request's id, the same for all attempts of a call.
    pub request: &'a str,
}

/// What the gateway saw of an attempt.
#[derive(Clone, Copy, Debug)]
pub enum Seen<'a> {
    /// A reply.
    Result(&'a Reply),
    /// Nothing within the attempt's time-out: goes in as isError without a status.
    TimedOut,
    /// An exception: goes in as isError, with a status only when the exception carries one.
    Exception(Status),
}

/// What the plugin answers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Decision {
    /// Not a failure.
    Done {
        /// How many retries the call had needed; 0 when the first attempt succeeded.
        retries: u32,
        /// The waits granted to the call together.
        total_wait: Span,
    },
    /// Try again after a wait.
    Retry {
        /// The exact wait.
        wait: Span,
        /// Which retry this is, from 1.
        retry: u32,
        /// What was seen.
        reason: Reason,
        /// The waits granted so far together, this one included.
        total_wait: Span,
    },
    /// A retry that was granted with a wait of 0 ms, which the gateway reads as "do not retry": the
    /// published variants draw it, the reference never does.
    LostRetry {
        /// Which retry it would have been, from 1.
        retry: u32,
        /// What was seen.
        reason: Reason,
    },
    /// No more retries.
    GiveUp {
        /// Why not.
        why: GaveUp,
        /// How many retries the call has had.
        retries: u32,
        /// The waits granted to the call together.
        total_wait: Span,
    },
}

impl Decision {
    /// The wire form, `retry_delay_ms`: whole milliseconds rounded up, so that no wait becomes 0;
    /// 0 means "do not retry".
    pub fn retry_delay_ms(&self) -> u64 {
        match self {
            Decision::Retry { wait, .. } => wait.millis_ceil().max(1),
            _ => 0,
        }
    }
}

/// Why the plugin gives up.
#[repr(u64)] // a whole word, where the wait of a retry lies: what reads one does not wait for half of the other
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GaveUp {
    /// A failure more than the policy retries.
    Exhausted(Reason),
    /// A failure that the policy does not retry: an error flag with a status that is not listed.
    NotRetryable(i64),
}

/// What made a detector call a reply a failure.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reason {
    /// `isError` without an integer status.
    ErrorFlag,
    /// `isError` with a listed status.
    ErrorFlagStatus(u16),
    /// `structuredContent.isError`.
    StructuredFlag,
    /// A listed `structuredContent.status_code`.
    StructuredStatus(u16),
    /// `isError` in a text item.
    TextFlag,
    /// A listed `status_code` in a text item.
    TextStatus(u16),
    /// No answer within the attempt's time-out.
    Timeout,
    /// The tool raised.
    Exception,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::ErrorFlag => f.write_str("error_flag"),
            Reason::ErrorFlagStatus(s) => write!(f, "error_flag_status({s})"),
            Reason::StructuredFlag => f.write_str("structured_flag"),
            Reason::StructuredStatus(s) => write!(f, "structured_status({s})"),
            Reason::TextFlag => f.write_str("text_flag"),
            Reason::TextStatus(s) => write!(f, "text_status({s})"),
            Reason::Timeout => f.write_str("timeout"),
            Reason::Exception => f.write_str("exception"),
        }
    }
}

/// The hook itself failed (published variants do, on replies that they cannot read).
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("plugin error: {0}")]
pub struct HookError(pub String);

/// How far the clocks of concurrent callers may drift apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Clocks {
    /// `now` rises within a tool only: no tool's clock evicts another tool's entries.
    PerTool,
    /// `now` must rise over all callers: such a variant is run on one thread.
    Shared,
}

/// A body of the plugin.
pub trait Plugin: Send + Sync {
    /// The variant's name.
    fn name(&self) -> &'static str;
    /// Looks at what an attempt brought and decides.
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError>;
    /// The call has ended for a reason that the plugin does not know: its entry, if any, goes.
    fn forget(&self, call: &CallKey<'_>, now: Moment);
    /// The policy in force for a tool: the base merged with the tool's override.
    fn policy(&self, tool: &str) -> &Policy;
    /// How many calls are remembered.
    fn live_entries(&self) -> usize;
    /// What it asks of the callers' clocks.
    fn clocks(&self) -> Clocks;
}
