//! The wire form of a reply, the MCP result
//! `{"content": [...], "isError": bool, "structuredContent": {...} | null}`, as tools really send it:
//! any JSON at all. What has the wrong shape is not an error but a reply without that field.

use serde_json::Error;
use serde_json::value::RawValue;

use super::{Content, Item, Reply, Status, Structured, json};

/// Reads the wire form. JSON that is not an object (a list, text, null) is an empty success. Of two
/// equal keys the last one counts. Depth and size are limited by memory only.
///
/// # Errors
///
/// When the text is not one JSON value; the error knows line and column.
pub fn reply(text: &str) -> Result<Reply, Error> {
    // Whitespace round the value goes here, so that the first byte tells the kind of every value below.
    let whole: &RawValue = serde_json::from_str(text)?;
    let mut reply = Reply::default();
    if whole.get().starts_with('{') {
        let (mut structured, mut content) = (None, None);
        json::members(whole.get(), |key, value| match key {
            b"isError" => reply.is_error = value == "true",
            b"structuredContent" => structured = Some(value),
            b"content" => content = Some(value),
            _ => {}
        })?;
        reply.structured = structured.map_or(Ok(Structured::Absent), read_structured)?;
        reply.content = content.map_or(Ok(Content::Absent), read_content)?;
    }
    Ok(reply)
}

fn read_structured(value: &str) -> Result<Structured, Error> {
    match value.as_bytes() {
        b"null" => Ok(Structured::Absent),
        [b'{', ..] => {
            let (mut is_error, mut status) = (false, Status::Absent);
            json::members(value, |key, value| match key {
                b"isError" => is_error = value == "true",
                b"status_code" => status = json::status(value),
                _ => {}
            })?;
            Ok(Structured::Object { is_error, status })
        }
        _ => Ok(Structured::Opaque),
    }
}

fn read_content(value: &str) -> Result<Content, Error> {
    match value.as_bytes() {
        b"null" => Ok(Content::Null),
        [b'[', ..] => {
            let items = json::elements(value)?.into_iter().map(read_item);
            Ok(Content::Items(items.collect::<Result<_, _>>()?))
        }
        _ => Ok(Content::Absent),
    }
}

fn read_item(value: &str) -> Result<Item, Error> {
    if !value.starts_with('{') {
        return Ok(Item::Other);
    }
    let (mut is_text, mut text) = (false, None);
    json::members(value, |key, value| match key {
        b"type" => is_text = json::string(value).is_some_and(|kind| *kind == *b"text"),
        b"text" => text = Some(value),
        _ => {}
    })?;
    let bytes = text.filter(|_| is_text).and_then(json::string);
    Ok(bytes.map_or(Item::Other, |bytes| Item::Text(bytes.into_owned().into())))
}

/// A reply in the wire form: what [`reply`] reads back as the same.
pub fn written(reply: &Reply) -> String {
    let mut members = Vec::new();
    if reply.is_error {
        members.push("\"isError\": true".to_owned());
    }
    match reply.structured {
        Structured::Absent => {}
        Structured::Opaque => members.push("\"structuredContent\": 0".to_owned()),
        Structured::Object { is_error, status: code } => {
            let flag = is_error.then(|| "\"isError\": true".to_owned());
            let code = status(code).map(|code| format!("\"status_code\": {code}"));
            let fields: Vec<String> = flag.into_iter().chain(code).collect();
            members.push(format!("\"structuredContent\": {{{}}}", fields.join(", ")));
        }
    }
    match &reply.content {
        Content::Absent => {}
        Content::Null => members.push("\"content\": null".to_owned()),
        Content::Items(items) => {
            let items: Vec<String> = items.iter().map(written_item).collect();
            members.push(format!("\"content\": [{}]", items.join(", ")));
        }
    }
    format!("{{{}}}", members.join(", "))
}

/// A `status_code` as it can be written; `None` without one.
pub fn status(status: Status) -> Option<String> {
    match status {
        Status::Absent => None,
        Status::Integer(code) => Some(code.to_string()),
        Status::Wide => Some("99999999999999999999".to_owned()),
        Status::Bool(on) => Some(on.to_string()),
        Status::Other => Some("null".to_owned()),
    }
}

fn written_item(item: &Item) -> String {
    let Item::Text(bytes) = item else { return "{}".to_owned() };
    let mut text = String::new();
    let mut rest: &[u8] = bytes;
    while !rest.is_empty() {
        let good = std::str::from_utf8(rest).map_or_else(|e| e.valid_up_to(), str::len);
        text.push_str(&escaped(&String::from_utf8_lossy(&rest[..good])));
        rest = &rest[good..];
        if let [0xed, b, c, ..] = rest {
            let unit = 0xd000 | u32::from(b & 0x3f) << 6 | u32::from(c & 0x3f);
            text.push_str(&format!("\\u{unit:04x}"));
        }
        rest = rest.get(3..).unwrap_or_default();
    }
    format!("{{\"type\": \"text\", \"text\": \"{text}\"}}")
}

/// Text as it stands between the quotes of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}
