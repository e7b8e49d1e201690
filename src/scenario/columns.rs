//! The columns of a scenario: every combination of the values under `[vary]`, those given whole under
//! `[[columns]]`, or each of these in every combination. A column is the file with some parts replaced.

use std::collections::BTreeSet;

use crate::base::Fault;
use crate::base::fault::{joined, near};
use crate::base::tree::{Key, Node, Value};

use super::keys::MAX_COLUMNS;
use super::policy::overlay;
use super::table::strangers;

/// The name of the only column of a scenario that varies nothing.
pub(super) const ONLY: &str = "as given";

/// Paths under `[vary]` at most.
const MAX_AXES: usize = 100;
/// Values of the file at most, over all columns.
const MAX_VALUES: usize = 2_000_000;

/// What a column of `[[columns]]` can replace.
pub(super) const REPLACEABLE: [&str; 7] =
    ["variant", "duration", "tools", "load", "policy", "policy_from", "gateway"];

/// The file of each column, with the column's name; at least one.
pub(super) fn columns(file: &Node, faults: &mut Vec<Fault>) -> Vec<(String, Node)> {
    let (vary, given) = (file.get("vary"), file.get("columns"));
    let mut plain = file.clone();
    if let Value::Table(entries) = &mut plain.value {
        entries.retain(|(key, _)| !matches!(key.name.as_str(), "vary" | "columns" | "expect"));
    }
    if let Some(fault) = too_large(&plain, vary, given) {
        faults.push(fault);
        return vec![(ONLY.into(), plain)];
    }
    let found = match (vary, given) {
        (Some(vary), Some(given)) => crossed(&plain, vary, given, faults),
        (Some(node), None) => varied(&plain, node, faults),
        (None, Some(node)) => whole(&plain, node, faults),
        (None, None) => Vec::new(),
    };
    if found.is_empty() { vec![(ONLY.into(), plain)] } else { found }
}

/// The fault of columns that hold more together than memory should: each has the whole file.
fn too_large(plain: &Node, vary: Option<&Node>, given: Option<&Node>) -> Option<Fault> {
    let mut axes = Vec::new();
    let vary = vary.inspect(|vary| collect(vary, "", &mut axes, &mut Vec::new()));
    if axes.len() > MAX_AXES {
        let rule = format!("must be at most {MAX_AXES} paths");
        let place = vary.and_then(|vary| vary.span.clone());
        return Some(Fault::new("vary", format!("{} paths", axes.len()), rule).at(place));
    }
    let varied = axes.iter().fold(1_usize, |n, axis| n.saturating_mul(axis.values.len().max(1)));
    let whole = match given.map(|node| &node.value) {
        Some(Value::List(items)) => items.len().max(1),
        _ => 1,
    };
    // More than that is told by its number of columns.
    let columns = varied.saturating_mul(whole).min(MAX_COLUMNS);
    let size = plain.size();
    (columns > 1 && columns.saturating_mul(size) > MAX_VALUES).then(|| {
        let rule = format!("must be smaller: {MAX_VALUES} values at most over all columns");
        let found = format!("{columns} columns of {size} values");
        Fault::new("vary", found, rule).at(vary.or(given).and_then(|node| node.span.clone()))
    })
}

/// Every column given whole, in every combination of what varies.
fn crossed(
    plain: &Node,
    vary: &Node,
    given: &Node,
    faults: &mut Vec<Fault>,
) -> Vec<(String, Node)> {
    let mut columns = Vec::new();
    let whole = whole(plain, given, faults);
    let number = whole.len();
    for (name, file) in whole {
        let varied = varied(&file, vary, faults);
        if varied.len().saturating_mul(number) > MAX_COLUMNS {
            faults.push(too_many("vary", varied.len() * number, vary));
            return Vec::new();
        }
        columns.extend(varied.into_iter().map(|(more, file)| (format!("{name} {more}"), file)));
    }
    columns
}

fn whole(plain: &Node, list: &Node, faults: &mut Vec<Fault>) -> Vec<(String, Node)> {
    let Value::List(items) = &list.value else { return Vec::new() };
    if items.len() > MAX_COLUMNS {
        faults.push(too_many("columns", items.len(), list));
        return Vec::new();
    }
    let known: Vec<&'static str> = ["name"].into_iter().chain(REPLACEABLE).collect();
    let mut names = BTreeSet::new();
    let mut columns = Vec::new();
    for (i, item) in items.iter().enumerate() {
        let path = format!("columns[{i}]");
        strangers(item, &path, &known, faults);
        let mut parts = item.clone();
        if let Value::Table(entries) = &mut parts.value {
            entries.retain(|(key, _)| REPLACEABLE.contains(&key.name.as_str()));
        }
        let name = match item.get("name") {
            Some(Node { value: Value::Text(name), .. }) => Ok(name),
            _ => Err("must be text: what the result calls the column"),
        };
        let rule = match name {
            Err(rule) => Some(rule),
            Ok(name) if !usable(name) => {
                Some("must be neither empty, nor over 200 bytes, nor \"tools\" or a metric's name")
            }
            Ok(name) if !names.insert(name) => Some("is the name of another column"),
            Ok(_) => None,
        };
        if let Some(rule) = rule {
            let found = item.get("name").map_or("nothing".into(), Node::shown);
            let place = item.get("name").unwrap_or(item).span.clone();
            faults.push(Fault::new(joined(&path, "name"), found, rule).at(place));
        }
        let mut file = plain.clone();
        overlay(&mut file, &parts);
        columns.push((name.map_or_else(|_| path, Clone::clone), file));
    }
    columns
}

/// A name that `[expect]` can tell from a metric.
fn usable(name: &str) -> bool {
    !name.is_empty()
        && name != "tools"
        && name.len() <= 200
        && !super::expect::METRICS.iter().any(|(metric, _)| *metric == name)
}

/// One path under `[vary]` and its values.
struct Axis<'n> {
    path: String,
    key: &'n Key,
    values: &'n [Node],
}

fn varied(plain: &Node, vary: &Node, faults: &mut Vec<Fault>) -> Vec<(String, Node)> {
    let mut axes = Vec::new();
    collect(vary, "", &mut axes, faults);
    let total = axes.iter().fold(1_usize, |n, axis| n.saturating_mul(axis.values.len()));
    if axes.is_empty() || total > MAX_COLUMNS {
        if !axes.is_empty() {
            faults.push(too_many("vary", total, vary));
        }
        return Vec::new();
    }
    let short = short_names(&axes);
    let mut columns = Vec::new();
    for number in 0..total {
        let mut file = plain.clone();
        let mut name = Vec::new();
        let mut rest = number;
        for (axis, short) in axes.iter().zip(&short).rev() {
            let value = &axis.values[rest % axis.values.len()];
            rest /= axis.values.len();
            if let Err(why) = replace(&mut file, &axis.path, axis.key, value) {
                let fault = Fault::new(joined("vary", &axis.path), value.shown(), why);
                faults.push(fault.at(axis.key.span.clone()));
            }
            name.push(format!("{short}={}", brief(value)));
        }
        name.reverse();
        columns.push((name.join(" "), file));
    }
    number_equal_names(&mut columns);
    columns
}

/// Finds the lists below a table. `"policy.jitter" = [...]` and `policy.jitter = [...]` are the same.
fn collect<'n>(table: &'n Node, path: &str, axes: &mut Vec<Axis<'n>>, faults: &mut Vec<Fault>) {
    for (key, node) in table.entries() {
        let path = if path.is_empty() { key.name.clone() } else { format!("{path}.{}", key.name) };
        match &node.value {
            Value::Table(_) => collect(node, &path, axes, faults),
            Value::List(values) if !values.is_empty() => {
                let root = path.split('.').next().unwrap_or("");
                if REPLACEABLE.contains(&root) {
                    axes.push(Axis { path, key, values });
                } else {
                    let rule = format!("must begin with one of {}", REPLACEABLE.join(", "));
                    let fault = Fault::new(joined("vary", &path), format!("{path:?}"), rule)
                        .at(key.span.clone());
                    faults.push(match near(root, REPLACEABLE) {
                        Some(known) => fault.hint(format!("did you mean `{known}`?")),
                        None => fault,
                    });
                }
            }
            _ => {
                let rule = "must be a list of at least one value";
                let path = joined("vary", &path);
                faults.push(Fault::new(path, node.shown(), rule).at(node.span.clone()));
            }
        }
    }
}

/// The last part of each path where it tells the axes apart, else the whole path.
fn short_names(axes: &[Axis<'_>]) -> Vec<String> {
    let last = |axis: &Axis<'_>| axis.path.rsplit('.').next().unwrap_or("").to_owned();
    axes.iter()
        .map(|axis| {
            let short = last(axis);
            let alone = axes.iter().filter(|other| last(other) == short).count() == 1;
            if alone { short } else { axis.path.clone() }
        })
        .collect()
}

/// Puts a value at a dotted path. A part of the path names a key, an item by its number, or an item
/// by its `name`.
fn replace(file: &mut Node, path: &str, key: &Key, value: &Node) -> Result<(), String> {
    let mut here = file;
    for part in path.split('.') {
        if here.value == Value::Null {
            here.value = Value::Table(Vec::new());
        }
        here = match &mut here.value {
            Value::Table(entries) => {
                let index = entries.iter().position(|(k, _)| k.name == part).unwrap_or_else(|| {
                    let key = Key { name: part.to_owned(), span: key.span.clone() };
                    entries.push((key, Node { value: Value::Null, span: value.span.clone() }));
                    entries.len() - 1
                });
                &mut entries[index].1
            }
            Value::List(items) => {
                let named = |n: &Node| matches!(n.get("name").map(|n| &n.value), Some(Value::Text(t)) if t == part);
                let index = part.parse().ok().or_else(|| items.iter().position(named));
                let found = index.filter(|i: &usize| *i < items.len());
                let Some(index) = found else { return Err(no_item(part, items)) };
                &mut items[index]
            }
            _ => return Err(format!("leads nowhere: {part:?} stands below a plain value")),
        };
    }
    *here = value.clone();
    Ok(())
}

fn no_item(part: &str, items: &[Node]) -> String {
    let names: Vec<String> =
        items.iter().filter_map(|n| n.get("name")).take(8).map(Node::shown).collect();
    match &names[..] {
        [] => format!("leads nowhere: that list has {} items, counted from 0", items.len()),
        names => format!("leads nowhere: that list has {}, but no {part:?}", names.join(", ")),
    }
}

/// A value as it stands in a column's name.
fn brief(value: &Node) -> String {
    let whole = match &value.value {
        Value::Text(text) => text.clone(),
        Value::List(items) => {
            format!("[{}]", items.iter().map(brief).collect::<Vec<_>>().join(","))
        }
        Value::Table(entries) => {
            let each = entries.iter().map(|(key, v)| format!("{}:{}", key.name, brief(v)));
            format!("{{{}}}", each.collect::<Vec<_>>().join(","))
        }
        _ => value.shown(),
    };
    if whole.chars().count() <= 40 {
        return whole;
    }
    let start: String = whole.chars().take(37).collect();
    format!("{start}...")
}

fn number_equal_names(columns: &mut [(String, Node)]) {
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for (name, _) in columns {
        let plain = name.clone();
        let mut n = 1;
        while !seen.insert(name.clone()) {
            n += 1;
            *name = format!("{plain} #{n}");
        }
    }
}

fn too_many(path: &str, found: usize, node: &Node) -> Fault {
    let rule = format!("must be at most {MAX_COLUMNS} columns");
    Fault::new(path, format!("{found} columns"), rule).at(node.span.clone())
}
