//! The third detector: older tools print their result as JSON into a text item. The text is a
//! stranger's, of any size and shape, and every byte of it delays the gateway: plain words are left
//! after one byte, long items are not read at all, and nothing is built or nested.

use super::{Verdict, listed};
use crate::plugin::{Content, Item, Policy, Reason, Reply, Status, Structured, json};

/// The longest item that is parsed, in bytes.
pub const LONGEST_ITEM: usize = 1 << 20;

/// Looks at the text items, when the policy asks for it and there is no `structuredContent`. The first
/// hit wins.
#[inline]
pub fn detect(reply: &Reply, policy: &Policy) -> Verdict {
    let (true, Structured::Absent, Content::Items(items)) =
        (policy.check_text_content, reply.structured, &reply.content)
    else {
        return Verdict::Success;
    };
    in_items(items, policy)
}

#[inline(never)] // off the way of those whose texts are not read
fn in_items(items: &[Item], policy: &Policy) -> Verdict {
    let hit = items.iter().find_map(|item| match item {
        Item::Text(text) => failure(text, policy),
        Item::Other => None,
    });
    hit.map_or(Verdict::Success, Verdict::Failure)
}

/// What one text says, if it is a JSON object. Of two equal keys the last one counts.
fn failure(text: &[u8], policy: &Policy) -> Option<Reason> {
    if text.len() > LONGEST_ITEM {
        return None;
    }
    let first = text.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    if first != Some(&b'{') {
        return None;
    }
    let (mut is_error, mut status) = (false, Status::Absent);
    // A lone surrogate can only stand inside a string, and no string that holds one is looked at.
    json::members(&String::from_utf8_lossy(text), |key, value| match key {
        b"isError" => is_error = value == "true",
        b"status_code" => status = json::status(value),
        _ => {}
    })
    .ok()?;
    if is_error {
        return Some(Reason::TextFlag);
    }
    listed(status, policy).map(Reason::TextStatus)
}
