//! YAML becomes a [`Node`] tree as PyYAML reads it, for that is what the gateway reads its
//! configuration with: YAML 1.1, where `yes`, `on`, `no` and `off` are booleans and 0777 is octal.
//! Built from the parser's events, so that every value keeps its place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde_saphyr::granit_parser::{Event, Marker, Parser, ScalarStyle, Span};

use crate::base::Fault;
use crate::base::tree::{Key, Node, Value};

/// Deeper nesting is refused, so that no text can overflow the stack.
const MAX_DEPTH: usize = 100;
/// Aliases are copied; a text that would grow beyond this many nodes is refused.
const MAX_NODES: usize = 1_000_000;

/// Parses the one document of a text.
///
/// # Errors
/// The first fault of its syntax.
pub fn parse(text: &str) -> Result<Node, Fault> {
    let mut builder = Builder::default();
    let mut ended = false;
    for event in Parser::new_from_str(text) {
        match event {
            Ok((Event::DocumentEnd, _)) => ended = true,
            Ok((Event::DocumentStart(..), span)) if ended => {
                let rule = "must not begin a second document: the gateway reads one";
                let fault = bad(text, &span.start, "");
                return Err(Fault { rule: rule.into(), ..fault });
            }
            Ok((event, span)) => {
                builder.on(event, &span).map_err(|what| bad(text, &span.start, what))?;
            }
            Err(error) => return Err(bad(text, error.marker(), &error.info())),
        }
    }
    Ok(builder.root.unwrap_or(Node::bare(Value::Null)))
}

fn bad(text: &str, at: &Marker, what: &str) -> Fault {
    let found = text
        .lines()
        .nth(at.line().saturating_sub(1))
        .map_or("the end".into(), |line| format!("`{}`", line.trim()));
    let place = at.byte_offset().map(|byte| byte.min(text.len())).map(|byte| byte..byte);
    Fault::new("syntax", found, format!("is not YAML: {what}")).at(place)
}

/// A collection that is still open.
enum Open {
    List(Vec<Node>),
    Table(Vec<(Key, Node)>, Option<Key>),
}

#[derive(Default)]
struct Builder {
    open: Vec<(Open, usize, Option<Range<usize>>)>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    root: Option<Node>,
}

impl Builder {
    /// Takes one event; the error is what is wrong with it.
    fn on(&mut self, event: Event<'_>, span: &Span) -> Result<(), &'static str> {
        let place = range(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let forced = tag.is_some_and(|t| t.core_suffix() == Some("str"));
                let value = match style {
                    ScalarStyle::Plain if !forced => scalar(&text),
                    _ => Value::Text(text.into_owned()),
                };
                self.add(Node { value, span: place }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => self.push(Open::List(Vec::new()), anchor, place),
            Event::MappingStart(_, anchor, _) => {
                self.push(Open::Table(Vec::new(), None), anchor, place)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some((open, anchor, start)) = self.open.pop() else { return Ok(()) };
                let value = match open {
                    Open::List(items) => Value::List(items),
                    Open::Table(entries, _) => Value::Table(merged(entries)),
                };
                self.add(Node { value, span: start }, anchor)
            }
            Event::Alias(id) => match self.anchors.get(&id) {
                Some(node) => {
                    let node = Node { value: node.value.clone(), span: place };
                    self.nodes += node.size();
                    self.add(node, 0)
                }
                None => Err("an alias that refers to itself"),
            },
            _ => Ok(()),
        }
    }

    fn push(
        &mut self,
        open: Open,
        anchor: usize,
        place: Option<Range<usize>>,
    ) -> Result<(), &'static str> {
        if self.open.len() >= MAX_DEPTH {
            return Err("nested too deeply");
        }
        self.open.push((open, anchor, place));
        Ok(())
    }

    fn add(&mut self, node: Node, anchor: usize) -> Result<(), &'static str> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err("aliases make it too large");
        }
        if anchor > 0 {
            self.nodes += node.size();
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some((Open::List(items), ..)) => items.push(node),
            Some((Open::Table(entries, key), ..)) => match key.take() {
                None => *key = Some(as_key(node)),
                Some(key) => entries.push((key, node)),
            },
        }
        Ok(())
    }
}

/// The key that merges another table in: `<<: *defaults`.
const MERGE: &str = "<<";

/// The entries with merged tables spread out: keys of their own win, and of two equal keys the last,
/// as PyYAML has it.
fn merged(entries: Vec<(Key, Node)>) -> Vec<(Key, Node)> {
    let (merges, own): (Vec<_>, Vec<_>) =
        entries.into_iter().partition(|(key, _)| key.name == MERGE);
    let mut seen = BTreeSet::new();
    let mut kept: Vec<(Key, Node)> =
        own.into_iter().rev().filter(|(key, _)| seen.insert(key.name.clone())).collect();
    kept.reverse();
    for (_, source) in merges {
        let tables = match source.value {
            Value::List(tables) => tables,
            _ => vec![source],
        };
        let spread = tables.iter().flat_map(Node::entries).cloned();
        kept.extend(spread.filter(|(key, _)| seen.insert(key.name.clone())));
    }
    kept
}

fn as_key(node: Node) -> Key {
    let name = match node.value {
        Value::Text(text) => text,
        _ => node.shown(),
    };
    Key { name, span: node.span }
}

fn range(span: &Span) -> Option<Range<usize>> {
    Some(span.start.byte_offset()?..span.end.byte_offset()?)
}

/// A plain scalar by the rules of YAML 1.1, as PyYAML's resolver has them.
fn scalar(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    if let Some(value) = integer(text).or_else(|| fraction(text)) {
        return value;
    }
    Value::Text(text.to_owned())
}

fn integer(text: &str) -> Option<Value> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = digits.replace('_', "");
    let (radix, digits) = if let Some(hex) = digits.strip_prefix("0x") {
        (16, hex)
    } else if let Some(binary) = digits.strip_prefix("0b") {
        (2, binary)
    } else if digits.len() > 1 && digits.starts_with('0') {
        (8, &digits[1..])
    } else {
        (10, &digits[..])
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok().map(Value::Int)
}

/// A number with a point (`1e3` is text to PyYAML, `1.0e+3` is not), or an integer beyond 64 bits.
fn fraction(text: &str) -> Option<Value> {
    let unsigned = text.trim_start_matches(['+', '-']);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(Value::Float(f64::INFINITY)),
        ".nan" | ".NaN" | ".NAN" => return Some(Value::Float(f64::NAN)),
        _ => {}
    }
    let starts = unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let decimal = unsigned.bytes().all(|b| b.is_ascii_digit());
    let pointed = unsigned.contains('.') && unsigned.bytes().any(|b| b.is_ascii_digit());
    (starts && (pointed || (decimal && !unsigned.starts_with('0'))))
        .then(|| text.replace('_', "").parse().ok())
        .flatten()
        .map(Value::Float)
}
