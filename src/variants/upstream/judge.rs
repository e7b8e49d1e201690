//! The detectors of version 0.3.11, all in Rust: statuses are 32 bits wide, and text is read into a whole
//! tree, which refuses what a tree cannot hold.

use serde_json::Value;

use crate::plugin::detect::Verdict;
use crate::plugin::{Content, Item, Policy, Reason, Reply, Seen, Status, Structured};

/// Judges what the gateway saw of an attempt.
pub(super) fn judge(seen: Seen<'_>, policy: &Policy) -> Verdict {
    match seen {
        Seen::Result(reply) => of_reply(reply, policy),
        Seen::TimedOut => Verdict::Failure(Reason::Timeout),
        Seen::Exception(status) => flagged(status, policy, Reason::Exception),
    }
}

/// A status that fits 32 bits; true is 1.
fn code(status: Status) -> Option<i32> {
    match status {
        Status::Integer(code) => i32::try_from(code).ok(),
        Status::Bool(on) => Some(i32::from(on)),
        Status::Wide | Status::Absent | Status::Other => None,
    }
}

fn listed(code: i32, policy: &Policy) -> Option<u16> {
    policy.retry_on_status.matching(i64::from(code))
}

fn flagged(status: Status, policy: &Policy, without_status: Reason) -> Verdict {
    let Some(code) = code(status) else { return Verdict::Failure(without_status) };
    match listed(code, policy) {
        Some(status) => Verdict::Failure(Reason::ErrorFlagStatus(status)),
        None => Verdict::NotRetryable(i64::from(code)),
    }
}

fn of_reply(reply: &Reply, policy: &Policy) -> Verdict {
    let (flag, status) = match reply.structured {
        Structured::Object { is_error, status } => (is_error, status),
        Structured::Absent | Structured::Opaque => (false, Status::Absent),
    };
    if reply.is_error {
        return flagged(status, policy, Reason::ErrorFlag);
    }
    if flag {
        return Verdict::Failure(Reason::StructuredFlag);
    }
    if let Some(status) = code(status).and_then(|code| listed(code, policy)) {
        return Verdict::Failure(Reason::StructuredStatus(status));
    }
    let (true, Structured::Absent, Content::Items(items)) =
        (policy.check_text_content, reply.structured, &reply.content)
    else {
        return Verdict::Success;
    };
    let hit = items.iter().find_map(|item| match item {
        Item::Text(text) => of_text(text, policy),
        Item::Other => None,
    });
    hit.map_or(Verdict::Success, Verdict::Failure)
}

/// What one text says, if the tree holds it. The upper bits of a status are cut off.
fn of_text(text: &[u8], policy: &Policy) -> Option<Reason> {
    let Ok(Value::Object(object)) = serde_json::from_slice(text) else { return None };
    if object.get("isError") == Some(&Value::Bool(true)) {
        return Some(Reason::TextFlag);
    }
    let status = object.get("status_code")?.as_i64()?;
    listed(status as i32, policy).map(Reason::TextStatus)
}
