//! The detectors of version 0.3.1. Its Rust extension took over where text is not checked; Python kept the
//! rest, and the two do not agree on odd replies.

use crate::plugin::detect::Verdict;
use crate::plugin::{
    Content, HookError, Item, Policy, Reason, Reply, Seen, Status, Structured, json,
};

/// Judges what the gateway saw of an attempt; some replies raise.
pub(super) fn judge(seen: Seen<'_>, policy: &Policy) -> Result<Verdict, HookError> {
    match seen {
        Seen::Result(reply) if policy.check_text_content => python(reply, policy),
        Seen::Result(reply) => extension(reply, policy),
        Seen::TimedOut => Ok(Verdict::Failure(Reason::Timeout)),
        Seen::Exception(status) => {
            let code = code(status);
            if !policy.check_text_content {
                fits(code)?;
            }
            Ok(code.map_or(Verdict::Failure(Reason::Exception), |code| by_list(code, policy)))
        }
    }
}

/// An integer as Python knows it: true is 1; one beyond 64 bits is no less an integer.
fn code(status: Status) -> Option<i64> {
    match status {
        Status::Integer(code) => Some(code),
        Status::Wide => Some(i64::MAX),
        Status::Bool(on) => Some(i64::from(on)),
        Status::Absent | Status::Other => None,
    }
}

/// The extension takes 32 bits; more of them raise.
fn fits(code: Option<i64>) -> Result<(), HookError> {
    match code.filter(|code| i32::try_from(*code).is_err()) {
        Some(code) => Err(HookError(format!("{code} does not fit 32 bits"))),
        None => Ok(()),
    }
}

fn by_list(code: i64, policy: &Policy) -> Verdict {
    match policy.retry_on_status.matching(code) {
        Some(status) => Verdict::Failure(Reason::ErrorFlagStatus(status)),
        None => Verdict::NotRetryable(code),
    }
}

/// The flag and the status of `structuredContent`.
fn structured(reply: &Reply) -> (bool, Option<i64>) {
    match reply.structured {
        Structured::Object { is_error, status } => (is_error, code(status)),
        Structured::Absent | Structured::Opaque => (false, None),
    }
}

/// The extension takes one flag, from either place, and one status, which must fit 32 bits.
fn extension(reply: &Reply, policy: &Policy) -> Result<Verdict, HookError> {
    let (flag, status) = structured(reply);
    fits(status)?;
    Ok(match status {
        None if reply.is_error => Verdict::Failure(Reason::ErrorFlag),
        None if flag => Verdict::Failure(Reason::StructuredFlag),
        Some(code) if reply.is_error || flag => by_list(code, policy),
        Some(code) => policy
            .retry_on_status
            .matching(code)
            .map_or(Verdict::Success, |s| Verdict::Failure(Reason::StructuredStatus(s))),
        None => Verdict::Success,
    })
}

fn python(reply: &Reply, policy: &Policy) -> Result<Verdict, HookError> {
    let (flag, status) = structured(reply);
    if reply.is_error {
        let flagged = status.map(|code| by_list(code, policy));
        return Ok(flagged.unwrap_or(Verdict::Failure(Reason::ErrorFlag)));
    }
    if flag {
        return Ok(Verdict::Failure(Reason::StructuredFlag));
    }
    if let Some(listed) = status.and_then(|code| policy.retry_on_status.matching(code)) {
        return Ok(Verdict::Failure(Reason::StructuredStatus(listed)));
    }
    if reply.structured != Structured::Absent {
        return Ok(Verdict::Success);
    }
    let items = match &reply.content {
        Content::Absent => return Ok(Verdict::Success),
        Content::Null => return Err(HookError("'NoneType' object is not iterable".into())),
        Content::Items(items) => items,
    };
    let texts = items.iter().filter_map(|item| match item {
        Item::Text(text) => Some(text),
        Item::Other => None,
    });
    Ok(texts
        .filter_map(|text| of_text(text, policy))
        .next()
        .map_or(Verdict::Success, Verdict::Failure))
}

/// What one text says, if Python's reader takes it as an object: of any size, NaN and infinities included.
fn of_text(text: &[u8], policy: &Policy) -> Option<Reason> {
    let text = String::from_utf8_lossy(text);
    let text = without_nan(text.trim_matches([' ', '\t', '\n', '\r']));
    let (mut is_error, mut status) = (false, Status::Absent);
    json::members(&text, |key, value| match key {
        b"isError" => is_error = value == "true",
        b"status_code" => status = json::status(value),
        _ => {}
    })
    .ok()?;
    if is_error {
        return Some(Reason::TextFlag);
    }
    policy.retry_on_status.matching(code(status)?).map(Reason::TextStatus)
}

/// The words that Python takes for numbers and JSON does not know, as null: outside of strings only.
fn without_nan(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let (mut rest, mut quoted) = (text, false);
    while let Some(next) = rest.chars().next() {
        let word = ["NaN", "Infinity", "-Infinity"].into_iter().find(|w| rest.starts_with(w));
        let taken = match (quoted, next, word) {
            (false, _, Some(word)) => {
                clean.push_str("null");
                rest = &rest[word.len()..];
                continue;
            }
            (true, '\\', _) => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            (_, '"', _) => {
                quoted = !quoted;
                1
            }
            _ => next.len_utf8(),
        };
        clean.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_numbers_go_outside_of_strings_only() {
        let text = r#"{"NaN \" NaN": NaN, "x": [-Infinity, Infinity], "ü": "\\"}"#;
        let clean = r#"{"NaN \" NaN": null, "x": [null, null], "ü": "\\"}"#;
        assert_eq!(without_nan(text), clean);
    }

    #[test]
    fn python_takes_no_number_with_a_word_stuck_to_it() {
        let policy = Policy { check_text_content: true, ..Policy::default() };
        for bad in ["-NaN", "1NaN", "--Infinity", "NaN1", "+Infinity"] {
            let text = format!(r#"{{"isError": true, "x": {bad}}}"#);
            assert_eq!(of_text(text.as_bytes(), &policy), None, "{bad}");
        }
        assert_eq!(of_text(br#"{"isError": true, "x": NaN}"#, &policy), Some(Reason::TextFlag));
    }
}
