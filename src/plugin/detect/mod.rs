//! Is it a transient failure? Tools report failures in three places, and many in the wrong one. Three
//! detectors look at one place each; the first that says something decides.

pub mod error_flag;
pub mod structured;
pub mod text;

use super::{Policy, Reason, Reply, Seen, Status};

/// What a detector, or all of them in order, makes of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// No sign of a failure.
    Success,
    /// A failure that the policy tries again.
    Failure(Reason),
    /// A failure whose status the policy does not list; one beyond 64 bits is given as `i64::MAX`.
    NotRetryable(i64),
}

/// Judges what the gateway saw of an attempt. A time-out and an exception go in as `isError`, an
/// exception with the status that it carries, if any.
#[inline(always)] // in the way of every reply
pub fn judge(seen: Seen<'_>, policy: &Policy) -> Verdict {
    match seen {
        Seen::Result(reply) => judge_reply(reply, policy),
        Seen::TimedOut => Verdict::Failure(Reason::Timeout),
        Seen::Exception(status) => error_flag::flagged(status, policy, Reason::Exception),
    }
}

#[inline(always)]
fn judge_reply(reply: &Reply, policy: &Policy) -> Verdict {
    match error_flag::detect(reply, policy) {
        Verdict::Success => {}
        decided => return decided,
    }
    match structured::detect(reply, policy) {
        Verdict::Success => text::detect(reply, policy),
        decided => decided,
    }
}

/// The listed status that a `status_code` is, if it is one.
#[inline]
fn listed(status: Status, policy: &Policy) -> Option<u16> {
    match status {
        Status::Integer(code) => policy.retry_on_status.matching(code),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
