//! Things that can be written in several forms: a word, a table with the one key that names the form,
//! or a table of any of some keys. Tells which form was written.

use crate::base::Fault;
use crate::base::fault::joined;
use crate::base::tree::{Node, Value};

use super::grammar::{Entry, Kind, Union};
use super::table::{Table, items, strangers};
use super::value::{accepts, misfit};

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

/// Tells which form something was written in; a fault if none, or several at once.
pub(super) fn form<'n>(
    node: &'n Node,
    path: &str,
    union: &'static Union,
    faults: &mut Vec<Fault>,
) -> Option<Form<'n>> {
    if let (Some(kind), Value::Text(text)) = (union.text, &node.value) {
        if !accepts(&kind, node) {
            faults.push(misfit(&Kind::OneOf(union), node, path));
            return None;
        }
        return Some(Form::Plain(text));
    }
    let known = [union.forms, union.beside, union.any_of].into_iter().flatten().map(|e| e.name);
    let suggested = strangers(node, path, &known.collect::<Vec<_>>(), faults);
    let present = |entries: &'static [Entry]| -> Vec<&'static Entry> {
        entries.iter().filter(|e| node.get(e.name).is_some()).collect()
    };
    match (&present(union.forms)[..], &present(union.any_of)[..]) {
        ([], [_, ..]) => Some(Form::Any(Table::part(node, path, (union.any_of, &[]), faults))),
        ([tag], []) => {
            let beside = Table::part(node, path, (union.beside, &[]), faults);
            let (value, path) = (node.get(tag.name)?, joined(path, tag.name));
            if !accepts(&tag.kind, value) {
                faults.push(misfit(&tag.kind, value, &path));
                return None;
            }
            Some(Form::Tagged(Tagged { tag, value, path, beside }))
        }
        ([], []) => {
            if suggested.is_empty() {
                faults.push(misfit(&Kind::OneOf(union), node, path));
            }
            None
        }
        (tags, _) => {
            let rule = match tags {
                [tag] => format!("`{}` must stand alone", tag.name),
                _ => "must have only one of these keys, for each is a form of its own".into(),
            };
            faults.push(Fault::new(path, node.shown(), rule).at(node.span.clone()));
            None
        }
    }
}
