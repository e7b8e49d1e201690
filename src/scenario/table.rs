//! Reads tables by their grammar. Opening a table checks its keys and its plain values and notes
//! every fault; the getters then give what is there, the default, or nothing. A reader so goes on
//! after a fault, and all faults of a file come out at once.

use std::ops::Range;

use crate::base::fault::{joined, near};
use crate::base::tree::{Key, Node, Value};
use crate::base::{Fault, Span};

use super::grammar::{Entry, Need};
use super::value::{
    accepts, as_flag, as_number, as_probability, as_rate, as_span, as_text, as_whole, misfit,
};

/// An opened table.
pub(super) struct Table<'n> {
    node: &'n Node,
    /// Its path.
    pub(super) path: String,
    entries: &'static [Entry],
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
        let suggested = strangers(node, path, &names(entries), faults);
        Table::part(node, path, (entries, &suggested), faults)
    }

    /// Opens the part of a table that some entries describe; its other keys are somebody else's. Of
    /// a required key that is absent only because it was mistyped (`suggested`), nothing is said.
    pub(super) fn part(
        node: &'n Node,
        path: &str,
        (entries, suggested): (&'static [Entry], &[&str]),
        faults: &mut Vec<Fault>,
    ) -> Table<'n> {
        let table = Table { node, path: path.to_owned(), entries };
        for entry in entries {
            match node.get(entry.name) {
                Some(value) if !accepts(&entry.kind, value) => {
                    faults.push(misfit(&entry.kind, value, &table.at(entry.name)));
                }
                None if entry.need == Need::Required && !suggested.contains(&entry.name) => {
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
    /// Where the value of a key stands in the text; the table's own place where it is absent.
    pub(super) fn place_of(&self, key: &str) -> Option<Range<usize>> {
        self.get(key).map_or_else(|| self.place(), |node| node.span.clone())
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
        self.value(key, |node| as_text(node).map(str::to_owned))
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
        self.value(key, as_rate)
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

fn names(entries: &[Entry]) -> Vec<&'static str> {
    entries.iter().map(|entry| entry.name).collect()
}

/// The items of a list and their paths.
pub(super) fn items<'n>(node: &'n Node, path: &str) -> Vec<(&'n Node, String)> {
    match &node.value {
        Value::List(items) => {
            items.iter().enumerate().map(|(i, n)| (n, format!("{path}[{i}]"))).collect()
        }
        _ => Vec::new(),
    }
}

/// A fault for each key of a table that nothing knows; gives the names that such keys are near to.
pub(super) fn strangers(
    node: &Node,
    path: &str,
    known: &[&'static str],
    faults: &mut Vec<Fault>,
) -> Vec<&'static str> {
    let mut suggested = Vec::new();
    for (key, _) in node.entries() {
        if !known.contains(&key.name.as_str()) {
            suggested.extend(near(&key.name, known.iter().copied()));
            faults.push(unknown(key, path, known));
        }
    }
    suggested
}

/// The fault of a key that is none of those known.
pub(super) fn unknown(key: &Key, path: &str, known: &[&'static str]) -> Fault {
    let hint = match near(&key.name, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("the keys here are {}", known.join(", ")),
    };
    Fault::new(joined(path, &key.name), format!("key {:?}", key.name), "is not a key of this table")
        .at(key.span.clone())
        .hint(hint)
}
