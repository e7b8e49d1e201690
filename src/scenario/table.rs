//! Reads tables by their grammar. Opening a table checks its keys and its plain values and notes
//! every fault; the getters then give what is there, the default, or nothing. A reader so goes on
//! after a fault, and all faults of a file come out at once.

use std::ops::Range;

use crate::base::fault::{joined, near};
use crate::base::text;
use crate::base::tree::{Key, Node, Value};
use crate::base::{Fault, Span};

use super::grammar::{Entry, Kind, MAX_RATE, Need, Union};

/// An opened table.
pub(super) struct Table<'n> {
    node: &'n Node,
    /// Its path.
    pub(super) path: String,
    entries: &'static [Entry],
}

/// The form in which something was written.
pub(super) enum Form<'n> {
    /// A plain text.
    Plain(&'n str),
    /// A table with the one key that names the form.
    Tagged(Tagged<'n>),
    /// A table of any of the keys.
    Any(Table<'n>),
}

/// A form named by a key.
pub(super) struct Tagged<'n> {
    tag: &'static Entry,
    /// The key's value.
    pub(super) value: &'n Node,
    /// The value's path.
    pub(super) path: String,
    /// The keys beside it.
    pub(super) beside: Table<'n>,
}

impl<'n> Tagged<'n> {
    /// The key.
    pub(super) fn name(&self) -> &'static str {
        self.tag.name
    }
    /// The items of a value that is a list, and their paths.
    pub(super) fn items(&self) -> Vec<(&'n Node, String)> {
        items(self.value, &self.path)
    }
    /// The key's value as the table that it is; one without keys where it is no table.
    pub(super) fn table(&self, faults: &mut Vec<Fault>) -> Table<'n> {
        let keys = match self.tag.kind {
            Kind::Table(shape) => shape.keys,
            _ => &[],
        };
        Table::open(self.value, &self.path, keys, faults)
    }
}

impl<'n> Table<'n> {
    /// Opens a table. Something else than a table is a fault and reads as an empty one.
    pub(super) fn open(
        node: &'n Node,
        path: &str,
        entries: &'static [Entry],
        faults: &mut Vec<Fault>,
    ) -> Table<'n> {
        if !matches!(node.value, Value::Table(_)) {
            let rule = "must be a table";
            faults.push(Fault::new(path, node.shown(), rule).at(node.span.clone()));
            return Table { node, path: path.to_owned(), entries };
        }
        for (key, _) in node.entries() {
            if !entries.iter().any(|e| e.name == key.name) {
                faults.push(unknown(key, path, entries.iter().map(|e| e.name)));
            }
        }
        Table::part(node, path, entries, faults)
    }

    /// Opens the part of a table that some entries describe; its other keys are somebody else's.
    fn part(
        node: &'n Node,
        path: &str,
        entries: &'static [Entry],
        faults: &mut Vec<Fault>,
    ) -> Table<'n> {
        let table = Table { node, path: path.to_owned(), entries };
        for entry in entries {
            match node.get(entry.name) {
                Some(value) if !accepts(&entry.kind, value) => {
                    faults.push(misfit(&entry.kind, value, &table.at(entry.name)));
                }
                None if entry.need == Need::Required => {
                    let fault = Fault::new(table.at(entry.name), "nothing", entry.kind.rule());
                    faults.push(fault.at(table.place()).hint("the key is required"));
                }
                _ => {}
            }
        }
        table
    }

    /// The path of a key.
    pub(super) fn at(&self, key: &str) -> String {
        joined(&self.path, key)
    }
    /// Where the table begins in the text.
    pub(super) fn place(&self) -> Option<Range<usize>> {
        self.node.span.as_ref().map(|s| s.start..s.start)
    }
    /// The value of a key as it was written.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node> {
        debug_assert!(self.entries.iter().any(|e| e.name == key), "{key} is not in the grammar");
        self.node.get(key)
    }
    /// The items of a list and their paths.
    pub(super) fn list(&self, key: &str) -> Vec<(&'n Node, String)> {
        self.get(key).map_or(Vec::new(), |node| items(node, &self.at(key)))
    }

    /// A text.
    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.value(key, |node| match &node.value {
            Value::Text(text) => Some(text.clone()),
            _ => None,
        })
    }
    /// A boolean; false where it is at fault.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.value(key, as_flag).unwrap_or(false)
    }
    /// A duration. The word "none" reads as nothing.
    pub(super) fn span(&self, key: &str) -> Option<Span> {
        self.value(key, as_span)
    }
    /// A whole number.
    pub(super) fn count(&self, key: &str) -> Option<u64> {
        self.value(key, as_whole).and_then(|n| u64::try_from(n).ok())
    }
    /// A whole number for which 32 bits are enough by its bounds.
    pub(super) fn small(&self, key: &str) -> Option<u32> {
        self.count(key).and_then(|n| u32::try_from(n).ok())
    }
    /// A number.
    pub(super) fn number(&self, key: &str) -> Option<f64> {
        self.value(key, as_number)
    }
    /// Events a second.
    pub(super) fn rate(&self, key: &str) -> Option<f64> {
        self.value(key, |node| text::rate(as_text(node)?))
    }
    /// A probability; 0 where it is at fault.
    pub(super) fn probability(&self, key: &str) -> f64 {
        self.value(key, as_probability).unwrap_or(0.0)
    }

    /// The value of a key, or of its default where the key is absent or at fault.
    fn value<T>(&self, key: &str, read: impl Fn(&Node) -> Option<T>) -> Option<T> {
        if let Some(value) = self.get(key) {
            return read(value);
        }
        match self.entries.iter().find(|e| e.name == key)?.need {
            Need::Default(text) => read(&Node::bare(Value::Text(text.to_owned()))),
            Need::Required | Need::Optional => None,
        }
    }
}

fn items<'n>(node: &'n Node, path: &str) -> Vec<(&'n Node, String)> {
    match &node.value {
        Value::List(items) => {
            items.iter().enumerate().map(|(i, n)| (n, format!("{path}[{i}]"))).collect()
        }
        _ => Vec::new(),
    }
}

/// Tells which form something was written in; a fault if none.
pub(super) fn form<'n>(
    node: &'n Node,
    path: &str,
    union: &'static Union,
    faults: &mut Vec<Fault>,
) -> Option<Form<'n>> {
    if let (Some(kind), Value::Text(text)) = (union.text, &node.value) {
        return if accepts(&kind, node) {
            Some(Form::Plain(text))
        } else {
            faults.push(hinted(misfit(&Kind::OneOf(union), node, path), &kind, text));
            None
        };
    }
    let known = || [union.forms, union.beside, union.any_of].into_iter().flatten();
    let before = faults.len();
    for (key, _) in node.entries() {
        if !known().any(|e| e.name == key.name) {
            faults.push(unknown(key, path, known().map(|e| e.name)));
        }
    }
    let present = |entries: &'static [Entry]| -> Vec<&'static Entry> {
        entries.iter().filter(|e| node.get(e.name).is_some()).collect()
    };
    match (&present(union.forms)[..], &present(union.any_of)[..]) {
        ([], [_, ..]) => Some(Form::Any(Table::part(node, path, union.any_of, faults))),
        ([tag], []) => {
            let beside = Table::part(node, path, union.beside, faults);
            let (value, path) = (node.get(tag.name)?, joined(path, tag.name));
            if !accepts(&tag.kind, value) {
                faults.push(misfit(&tag.kind, value, &path));
                return None;
            }
            Some(Form::Tagged(Tagged { tag, value, path, beside }))
        }
        _ => {
            if faults.len() == before {
                faults.push(misfit(&Kind::OneOf(union), node, path));
            }
            None
        }
    }
}

/// Whether a value is of a kind, as far as one look can tell: the forms of a union and the keys of an
/// inner table are told when they are opened.
pub(super) fn accepts(kind: &Kind, node: &Node) -> bool {
    match kind {
        Kind::Text => as_text(node).is_some(),
        Kind::Flag => matches!(node.value, Value::Bool(_)),
        Kind::Duration { zero } => as_span(node).is_some_and(|s| *zero || !s.is_zero()),
        Kind::DurationOrNone => {
            as_text(node) == Some("none") || as_span(node).is_some_and(|s| !s.is_zero())
        }
        Kind::Rate { zero } => {
            as_text(node).and_then(text::rate).is_some_and(|r| (*zero || r > 0.0) && r <= MAX_RATE)
        }
        Kind::Probability => as_probability(node).is_some(),
        Kind::Count(low, high) => {
            matches!(node.value, Value::Int(n) if (*low..=*high).contains(&n))
        }
        Kind::Number(low, high) => {
            !matches!(node.value, Value::Text(_))
                && as_number(node).is_some_and(|x| (*low..=*high).contains(&x))
        }
        Kind::Word(words) => as_text(node).is_some_and(|text| words.contains(&text)),
        Kind::OneOf(_) => true,
        Kind::List(_) | Kind::Columns => matches!(node.value, Value::List(_)),
        Kind::Table(_) | Kind::Policy | Kind::Vary | Kind::Expect => {
            matches!(node.value, Value::Table(_))
        }
    }
}

fn misfit(kind: &Kind, node: &Node, path: &str) -> Fault {
    let fault = Fault::new(path, node.shown(), kind.rule()).at(node.span.clone());
    match as_text(node) {
        Some(text) => hinted(fault, kind, text),
        None => fault,
    }
}

fn hinted(fault: Fault, kind: &Kind, text: &str) -> Fault {
    let Kind::Word(words) = kind else { return fault };
    match near(text, words.iter().copied()) {
        Some(word) => fault.hint(format!("did you mean \"{word}\"?")),
        None => fault,
    }
}

/// The fault of a key that nothing knows.
pub(super) fn unknown<'k>(
    key: &Key,
    path: &str,
    known: impl Iterator<Item = &'k str> + Clone,
) -> Fault {
    let near = near(&key.name, known.clone()).map(|name| format!("did you mean `{name}`?"));
    let names: Vec<&str> = known.collect();
    let rule = format!("is none of {}", names.join(", "));
    let fault = Fault::new(joined(path, &key.name), format!("key {:?}", key.name), rule)
        .at(key.span.clone());
    match near {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}

fn as_text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

fn as_span(node: &Node) -> Option<Span> {
    text::duration(as_text(node)?)
}

fn as_flag(node: &Node) -> Option<bool> {
    match &node.value {
        Value::Bool(on) => Some(*on),
        Value::Text(default) => Some(default == "true"),
        _ => None,
    }
}

fn as_whole(node: &Node) -> Option<i64> {
    match &node.value {
        Value::Int(n) => Some(*n),
        Value::Text(default) => default.parse().ok(),
        _ => None,
    }
}

fn as_number(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Int(n) => Some(*n as f64),
        Value::Float(x) => Some(*x),
        Value::Text(default) => default.parse().ok(),
        _ => None,
    }
}

fn as_probability(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Text(text) => text::probability(text),
        _ => as_number(node).filter(|p| (0.0..=1.0).contains(p)),
    }
}
