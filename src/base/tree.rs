//! Data as it was written. Policies come from TOML, from YAML and from JSON; the checks must be one
//! and the messages must point into the text. So all three become this tree first, and no domain
//! type is ever deserialised.

use std::ops::Range;

/// A value with its place in the text.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands in the text, in bytes, when the text is known.
    pub span: Option<Range<usize>>,
}

/// What a node can be.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// Nothing: YAML's and JSON's null.
    Null,
    /// true or false.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Node>),
    /// Keys in the order written, each with the place of the key.
    Table(Vec<(Key, Node)>),
}

/// A key with its place in the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Key {
    /// The key itself.
    pub name: String,
    /// Where it stands in the text, in bytes.
    pub span: Option<Range<usize>>,
}

impl Node {
    /// A node that was not written anywhere.
    pub fn bare(value: Value) -> Node {
        Node { value, span: None }
    }
    /// The value of a key, if this is a table that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries().iter().find(|(k, _)| k.name == key).map(|(_, v)| v)
    }
    /// The entries of a table; none for anything else.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.value {
            Value::Table(entries) => entries,
            _ => &[],
        }
    }
    /// How many values it holds, itself included.
    pub fn size(&self) -> usize {
        1 + match &self.value {
            Value::List(items) => items.iter().map(Node::size).sum(),
            Value::Table(entries) => entries.iter().map(|(_, v)| v.size()).sum(),
            _ => 0,
        }
    }
    /// The name of its kind, for messages.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) => "an integer",
            Value::Float(_) => "a number with a fraction",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }
    /// The value as a message shows it.
    pub fn shown(&self) -> String {
        match &self.value {
            Value::Null => "null".into(),
            Value::Bool(b) => b.to_string(),
            Value::Int(i) => i.to_string(),
            Value::Float(x) => format!("{x:?}"),
            Value::Text(t) => format!("{t:?}"),
            Value::List(items) => {
                let shown: Vec<String> = items.iter().take(8).map(Node::shown).collect();
                let more = if items.len() > 8 { ", ..." } else { "" };
                format!("[{}{more}]", shown.join(", "))
            }
            Value::Table(entries) => {
                let keys: Vec<&str> =
                    entries.iter().take(8).map(|(k, _)| k.name.as_str()).collect();
                format!(
                    "a table of {}",
                    if keys.is_empty() { "nothing".into() } else { keys.join(", ") }
                )
            }
        }
    }
}
