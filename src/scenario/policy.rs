//! The policy of a column: the keys of `[policy]`, over the one of a gateway's own configuration where
//! the scenario names one.

use std::ops::Range;

use crate::base::Fault;
use crate::base::tree::{Node, Value};
use crate::gateway::LoopModel;
use crate::plugin::{PolicySet, read};
use crate::sim::world::World;

use super::Column;
use super::contextforge;
use super::files::Files;
use super::table::Table;

/// Reads the policies of a column. The default policy where they are at fault.
pub(super) fn policies(
    file: &Table<'_>,
    files: &Files<'_>,
    faults: &mut Vec<Fault>,
    warnings: &mut Vec<String>,
) -> PolicySet {
    let mut whole = Node::bare(Value::Table(Vec::new()));
    if let Some(name) = file.text("policy_from") {
        let place = file.get("policy_from").and_then(|node| node.span.clone());
        match from_file(&name, files, warnings) {
            Ok(node) => whole = node,
            Err(found) => {
                faults.extend(found.into_iter().map(|fault| fault.at(place.clone())));
                return PolicySet::default();
            }
        }
    }
    match file.get("policy") {
        Some(own) if matches!(own.value, Value::Table(_)) => overlay(&mut whole, own),
        _ => {}
    }
    read::read(&whole, &file.at("policy"), warnings).unwrap_or_else(|found| {
        faults.extend(found);
        PolicySet::default()
    })
}

/// The policy of a gateway's configuration as it was written, without places, for they are places in
/// another text: faults name the file and the line instead.
fn from_file(
    name: &str,
    files: &Files<'_>,
    warnings: &mut Vec<String>,
) -> Result<Node, Vec<Fault>> {
    let text = files
        .text(name)
        .map_err(|why| vec![Fault::new("policy_from", format!("{name:?}"), why)])?;
    let elsewhere = |fault: Fault| {
        let line = fault.span.as_ref().map_or(String::new(), |s| line_number(&text, s));
        Fault { path: format!("{name}{line}: {}", fault.path), ..fault }
    };
    let abroad = |found: Vec<Fault>| found.into_iter().map(elsewhere).collect::<Vec<_>>();
    let (mut node, path, odd) = contextforge::policy_node(&text, files.env).map_err(abroad)?;
    warnings.extend(odd.into_iter().map(|w| format!("{name}: {w}")));
    read::read(&node, &path, &mut Vec::new()).map_err(abroad)?;
    forget_places(&mut node);
    Ok(node)
}

fn line_number(text: &str, span: &Range<usize>) -> String {
    let before = text.as_bytes().iter().take(span.start);
    format!(":{}", before.filter(|b| **b == b'\n').count() + 1)
}

fn forget_places(node: &mut Node) {
    node.span = None;
    match &mut node.value {
        Value::List(items) => items.iter_mut().for_each(forget_places),
        Value::Table(entries) => {
            for (key, value) in entries {
                key.span = None;
                forget_places(value);
            }
        }
        _ => {}
    }
}

/// Puts what was written in one place over what was written in another: tables key by key, anything
/// else whole.
pub(super) fn overlay(under: &mut Node, over: &Node) {
    let (Value::Table(entries), Value::Table(news)) = (&mut under.value, &over.value) else {
        *under = over.clone();
        return;
    };
    for (key, value) in news {
        match entries.iter_mut().find(|(k, _)| k.name == key.name) {
            Some((_, old)) => overlay(old, value),
            None => entries.push((key.clone(), value.clone())),
        }
    }
}

/// A column with other policies, as its gateway and its tools make of them.
pub fn with_policies(
    column: &Column,
    mut policies: PolicySet,
    warnings: &mut Vec<String>,
) -> Column {
    settle(&mut policies, &column.world, warnings);
    Column { policies, ..column.clone() }
}

/// Applies what the gateway and the tools' names make of a policy: the `fixed` loop clamps to its
/// limit, and an override for a tool with a count is one for each of its instances.
pub(super) fn settle(policies: &mut PolicySet, world: &World, warnings: &mut Vec<String>) {
    if world.gateway.loop_model == LoopModel::Fixed {
        read::clamp(policies, world.gateway.max_tool_retries, warnings);
    }
    for tool in world.tools.iter().filter(|tool| tool.name != tool.group) {
        if let (Some(own), false) = (
            policies.overrides.get(&*tool.group).cloned(),
            policies.overrides.contains_key(&*tool.name),
        ) {
            policies.overrides.insert(tool.name.to_string(), own);
        }
    }
}
