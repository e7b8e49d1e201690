//! TOML becomes a [`Node`] tree in the order written, every key and value with its place. (The parser
//! sorts keys; their places restore the order, which columns depend on.)

use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::base::Fault;
use crate::base::tree::{Key, Node, Value};

/// Bytes of a line that a message can need, before and after a place.
const NEAR: usize = 2000;

/// Faults of syntax at most: a file of another kind has one in every byte.
const MOST: usize = 1000;

/// Parses a document.
///
/// # Errors
/// The faults of its syntax; the first of them, where there are very many.
pub fn parse(text: &str) -> Result<Node, Vec<Fault>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Ok(Node { value: tree(table.get_ref()), span: Some(table.span()) });
    }
    // Behind what is nested too deeply, every bracket is a fault of its own.
    let deep = errors.iter().find(|e| e.message().contains("recurs"));
    if let Some(error) = deep {
        let line = error.span().map_or("", |span| line_at(text, &span));
        let found =
            if line.is_empty() { "a long key".into() } else { format!("`{}`", line.trim()) };
        let fault = Fault::new("syntax", found, "is nested too deeply").at(error.span());
        return Err(vec![fault.hint("a scenario needs no more than ten levels")]);
    }
    Err(errors
        .iter()
        .take(MOST)
        .map(|e| {
            let line = e.span().map_or("", |span| line_at(text, &span));
            let (found, rule) =
                (format!("`{}`", line.trim()), format!("is not TOML: {}", e.message()));
            Fault::new("syntax", found, rule).at(e.span())
        })
        .collect())
}

fn tree(table: &DeTable<'_>) -> Value {
    let mut entries: Vec<(Key, Node)> = table
        .iter()
        .map(|(key, value)| {
            let name = key.get_ref().clone().into_owned();
            let value_node = Node { value: plain(value.get_ref()), span: Some(value.span()) };
            (Key { name, span: Some(key.span()) }, value_node)
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.span.as_ref().map(|s| s.start));
    Value::Table(entries)
}

fn plain(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Integer(n) => match i64::from_str_radix(n.as_str(), n.radix()) {
            Ok(n) => Value::Int(n),
            // Beyond 64 bits: no key takes it, and the message shows its size.
            Err(_) => Value::Float(n.as_str().parse().unwrap_or(f64::INFINITY)),
        },
        DeValue::Float(x) => Value::Float(x.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(on) => Value::Bool(*on),
        DeValue::Datetime(when) => Value::Text(when.to_string()),
        DeValue::Array(items) => Value::List(
            items
                .iter()
                .map(|item| Node { value: plain(item.get_ref()), span: Some(item.span()) })
                .collect(),
        ),
        DeValue::Table(table) => tree(table),
    }
}

/// The first line that a range of a text touches; of a line of megabytes, what is near.
pub(super) fn line_at<'t>(text: &'t str, span: &Range<usize>) -> &'t str {
    let bytes = text.as_bytes();
    let at = span.start.min(text.len());
    let far = at.saturating_sub(NEAR);
    let start = bytes[far..at].iter().rposition(|b| *b == b'\n').map_or(far, |i| far + i + 1);
    let stop = bytes.len().min(at + NEAR);
    let end = bytes[at..stop].iter().position(|b| *b == b'\n').map_or(stop, |i| at + i);
    let whole = |i: &usize| text.is_char_boundary(*i);
    let (start, end) = ((start..=at).find(whole), (at..=end).rev().find(whole));
    let line = start.zip(end).and_then(|(start, end)| text.get(start..end)).unwrap_or("");
    line.strip_suffix('\r').unwrap_or(line)
}
