//! The second detector: tools that answer well-formed results put the failure of what they called into
//! `structuredContent`.

use super::{Verdict, listed};
use crate::plugin::{Policy, Reason, Reply, Structured};

/// Looks at `structuredContent`: its `isError`, then its `status_code`.
#[inline]
pub fn detect(reply: &Reply, policy: &Policy) -> Verdict {
    match reply.structured {
        Structured::Object { is_error: true, .. } => Verdict::Failure(Reason::StructuredFlag),
        Structured::Object { status, .. } => match listed(status, policy) {
            Some(code) => Verdict::Failure(Reason::StructuredStatus(code)),
            None => Verdict::Success,
        },
        Structured::Absent | Structured::Opaque => Verdict::Success,
    }
}
