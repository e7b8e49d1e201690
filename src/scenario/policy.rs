//! The policy of a column: the keys of `[policy]`, over those of a preset, over the one of a gateway's own
//! configuration, where the scenario names them.

use std::ops::Range;

use crate::base::Fault;
use crate::base::fault::{joined, near};
use crate::base::tree::{Key, Node, Value};
use crate::gateway::LoopModel;
use crate::plugin::{Overrides, PolicySet, read};
use crate::sim::world::World;
use crate::variants::deviation::Limit;
use crate::variants::{self, Deviations};

use super::Column;
use super::contextforge;
use super::files::Files;
use super::finding::Finding;
use super::presets;
use super::table::Table;

/// The key of a policy that names a preset: of a scenario's policies only, for the plugin does not know it.
pub(super) const PRESET: &str = "preset";
/// What it does.
pub(super) const PRESET_DOC: &str =
    "a published policy to begin with; the keys written beside it replace its values";

/// How the variant of a column treats its policies; as the oracle, if there is no such variant.
pub(super) fn deviations(file: &Table<'_>) -> Deviations {
    let variant = file.text("variant");
    let variant = variant.and_then(|name| variants::find(&name));
    variant.map_or(Deviations::NONE, |variant| variant.deviations)
}

/// Reads the policies of a column. The default policy where they are at fault.
pub(super) fn policies(
    file: &Table<'_>,
    files: &Files<'_>,
    checked: Overrides,
    faults: &mut Vec<Fault>,
    (warnings, findings): (&mut Vec<String>, &mut Vec<Finding>),
) -> PolicySet {
    let mut whole = Node::bare(Value::Table(Vec::new()));
    if let Some(name) = file.text("policy_from") {
        let place = file.get("policy_from").and_then(|node| node.span.clone());
        match from_file(&name, files, checked) {
            Ok((node, odd)) => {
                whole = node;
                warnings.extend(odd.iter().map(|finding| format!("{name}: {finding}")));
                // Its place would be one in another text.
                findings.extend(odd.map(|odd| Finding {
                    path: "policy_from".into(),
                    found: format!("{name:?}"),
                    message: format!("{} is {}: {}", odd.path, odd.found, odd.message),
                    span: place.clone(),
                    ..odd
                }));
            }
            Err(found) => {
                faults.extend(found.into_iter().map(|fault| fault.at(place.clone())));
                return PolicySet::default();
            }
        }
    }
    let mut named = Vec::new();
    match file.get("policy") {
        Some(own) if matches!(own.value, Value::Table(_)) => {
            overlay(&mut whole, &expanded(own, &file.at("policy"), faults, &mut named));
        }
        _ => {}
    }
    read::read_as(checked, &whole, &file.at("policy"), warnings).unwrap_or_else(|found| {
        faults.extend(found.into_iter().map(|fault| hinted(fault, &named)));
        PolicySet::default()
    })
}

/// A policy, and each of its overrides, with what its preset sets written out below its own keys. `places` are
/// those at which presets are named.
fn expanded(
    own: &Node,
    path: &str,
    faults: &mut Vec<Fault>,
    places: &mut Vec<Range<usize>>,
) -> Node {
    let mut whole = Node { value: Value::Table(Vec::new()), span: own.span.clone() };
    let mut keys = own.clone();
    let Value::Table(entries) = &mut keys.value else { return keys };
    entries.retain(|(key, _)| key.name != PRESET);
    if let Some(named) = own.get(PRESET) {
        places.extend(named.span.clone());
        let fields = preset(named, &joined(path, PRESET)).unwrap_or_else(|fault| {
            faults.push(fault);
            anything(named)
        });
        whole.value = Value::Table(fields);
    }
    let overrides = entries.iter_mut().filter(|(key, _)| key.name == read::OVERRIDES);
    for (_, Node { value, .. }) in overrides {
        let Value::Table(tools) = value else { continue };
        for (tool, fields) in tools {
            let path = joined(&joined(path, read::OVERRIDES), &tool.name);
            *fields = expanded(fields, &path, faults, places);
        }
    }
    overlay(&mut whole, &keys);
    whole
}

/// What the preset of a name sets.
fn preset(named: &Node, path: &str) -> Result<Vec<(Key, Node)>, Fault> {
    let rule = "must be the name of a preset";
    let fault = || Fault::new(path, named.shown(), rule).at(named.span.clone());
    let all = || fault().hint(format!("there are {}", presets::names().join(", ")));
    let Value::Text(name) = &named.value else { return Err(all()) };
    match presets::find(name) {
        Some(preset) => Ok(preset.written(named.span.as_ref())),
        None => Err(match near(name, presets::names()) {
            Some(known) => fault().hint(format!("did you mean {known:?}?")),
            None => all(),
        }),
    }
}

/// Stands for a preset that there is not: whatever is written beside it, no wait crosses another.
fn anything(named: &Node) -> Vec<(Key, Node)> {
    [("backoff_base_ms", 0), ("max_backoff_ms", i64::MAX)]
        .map(|(name, ms)| {
            let key = Key { name: name.to_owned(), span: named.span.clone() };
            (key, Node { value: Value::Int(ms), span: named.span.clone() })
        })
        .into()
}

/// A fault of a value that a preset set, or of a mistyped `preset`, with the way out.
fn hinted(fault: Fault, places: &[Range<usize>]) -> Fault {
    let field = fault.path.rsplit('.').next().unwrap_or_default();
    if fault.hint.is_some() {
        return fault;
    }
    if fault.span.as_ref().is_some_and(|span| places.contains(span)) {
        let hint = format!("it is the preset's: write `{field}` beside it");
        return fault.hint(hint);
    }
    match fault.found.starts_with("key ") && near(field, [PRESET]).is_some() {
        true => fault.hint(format!("did you mean `{PRESET}`?")),
        false => fault,
    }
}

/// The policy of a gateway's configuration as it was written, without places, for they are places in
/// another text: faults name the file and the line instead.
fn from_file(
    name: &str,
    files: &Files<'_>,
    checked: Overrides,
) -> Result<(Node, Option<Finding>), Vec<Fault>> {
    let text = files
        .text(name)
        .map_err(|why| vec![Fault::new("policy_from", format!("{name:?}"), why)])?;
    let elsewhere = |fault: Fault| {
        let line = fault.span.as_ref().map_or(String::new(), |s| line_number(&text, s));
        Fault { path: format!("{name}{line}: {}", fault.path), ..fault }
    };
    let abroad = |found: Vec<Fault>| found.into_iter().map(elsewhere).collect::<Vec<_>>();
    let (mut node, path, odd) = contextforge::policy_node(&text, files.env).map_err(abroad)?;
    read::read_as(checked, &node, &path, &mut Vec::new()).map_err(abroad)?;
    forget_places(&mut node);
    Ok((node, odd))
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
    let limit = variants::find(&column.variant).map_or(Limit::OfThePlugin, |v| v.deviations.limit);
    let written = policies.clone();
    settle(&mut policies, &column.world, limit, warnings);
    Column { policies, written, ..column.clone() }
}

/// Applies what the gateway and the tools' names make of a policy: the `fixed` loop clamps to its
/// limit, if the plugin takes it; and an override for a tool with a count is one for each of its instances.
pub(super) fn settle(
    policies: &mut PolicySet,
    world: &World,
    limit: Limit,
    warnings: &mut Vec<String>,
) {
    if world.gateway.loop_model == LoopModel::Fixed && limit == Limit::OfThePlugin {
        policies.clamp(world.gateway.max_tool_retries, warnings);
    }
    let PolicySet { overrides, refused, .. } = policies;
    for tool in world.tools.iter().filter(|tool| tool.name != tool.group) {
        let (group, name) = (&*tool.group, &*tool.name);
        if overrides.contains_key(name) || refused.contains_key(name) {
            continue;
        }
        if let Some(own) = overrides.get(group).cloned() {
            overrides.insert(name.to_owned(), own);
        } else if let Some(fault) = refused.get(group).cloned() {
            refused.insert(name.to_owned(), fault);
        }
    }
}
