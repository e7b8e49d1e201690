//! The first detector: the tool, or the gateway on its behalf, says `isError`. A status beside the flag
//! tells failures worth another attempt from those that would only repeat (400, 401, 404).

use super::{Verdict, listed};
use crate::plugin::{Policy, Reason, Reply, Status, Structured};

/// Looks at `isError`, and at `structuredContent.status_code` beside it.
#[inline]
pub fn detect(reply: &Reply, policy: &Policy) -> Verdict {
    if !reply.is_error {
        return Verdict::Success;
    }
    let status = match reply.structured {
        Structured::Object { status, .. } => status,
        Structured::Absent | Structured::Opaque => Status::Absent,
    };
    flagged(status, policy, Reason::ErrorFlag)
}

/// An error that is flagged: with an integer status the list decides, without one it is always a
/// failure, for the reason given.
#[inline]
pub(super) fn flagged(status: Status, policy: &Policy, without_status: Reason) -> Verdict {
    match (status, listed(status, policy)) {
        (_, Some(code)) => Verdict::Failure(Reason::ErrorFlagStatus(code)),
        (Status::Integer(code), None) => Verdict::NotRetryable(code),
        (Status::Wide, None) => Verdict::NotRetryable(i64::MAX),
        (Status::Absent | Status::Bool(_) | Status::Other, None) => {
            Verdict::Failure(without_status)
        }
    }
}
