//! The tools of a scenario and what goes wrong with them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use crate::base::Fault;
use crate::sim::world::{Capacity, Fault as Trouble, OptimisticLock, Tool};

use super::keys::{CAPACITY, LOCK, MAX_INSTANCES, TOOL};
use super::signal::{error_flag, signal_of, structured_status};
use super::table::Table;
use super::times::times;
use super::trouble::trouble;

/// Faults, script replies and loads at most, over all instances and columns: they are stored for each.
const MAX_PARTS: u64 = 2_000_000;

/// What a plan may still have, over all of its columns.
pub(super) struct Room {
    instances: u64,
    parts: u64,
}

impl Default for Room {
    fn default() -> Room {
        Room { instances: MAX_INSTANCES.unsigned_abs(), parts: MAX_PARTS }
    }
}

impl Room {
    /// Takes room, if there is as much.
    pub(super) fn take(&mut self, instances: u64, parts: u64) -> bool {
        let left = (self.instances.checked_sub(instances), self.parts.checked_sub(parts));
        if let (Some(instances), Some(parts)) = left {
            *self = Room { instances, parts };
        }
        matches!(left, (Some(_), Some(_)))
    }

    /// What a plan must keep to.
    pub(super) fn rule() -> String {
        format!(
            "must be fewer: {MAX_INSTANCES} instances and {MAX_PARTS} faults and loads of them at most over all columns"
        )
    }
}

/// The tools, instance by instance, and where each `[[tools]]` entry's instances are.
#[derive(Default)]
pub(super) struct Tools {
    /// The instances.
    pub(super) instances: Vec<Tool>,
    /// For each name of an entry or of an instance, its instances.
    pub(super) named: BTreeMap<String, Range<usize>>,
    /// Entries at fault, whose names are therefore not among the others.
    pub(super) unreadable: usize,
}

/// Reads the tools.
pub(super) fn tools(file: &Table<'_>, room: &mut Room, faults: &mut Vec<Fault>) -> Tools {
    let mut tools = Tools::default();
    for (node, path) in file.list("tools") {
        let table = Table::open(node, &path, TOOL.keys, faults);
        let name = name(&table, faults);
        let model = tool(&table, name.as_deref().unwrap_or_default(), faults);
        // A count out of bounds is a fault already.
        let count = table.count("count").filter(|n| (1..=MAX_INSTANCES.unsigned_abs()).contains(n));
        let (Some(name), Some(count)) = (name, count) else {
            tools.unreadable += 1;
            continue;
        };
        if !room.take(count, count * model.faults.iter().map(size).sum::<u64>()) {
            let place = table.place_of("count");
            faults.push(Fault::new(table.at("count"), count.to_string(), Room::rule()).at(place));
            tools.unreadable += 1;
            continue;
        }
        let first = tools.instances.len();
        tools.instances.extend(instances(&model, count));
        let range = first..tools.instances.len();
        for (i, tool) in tools.instances[range.clone()].iter().enumerate() {
            let of_instance = first + i..first + i + 1;
            if tools.named.insert(tool.name.to_string(), of_instance).is_some() {
                faults.push(taken(&table, &tool.name));
            }
        }
        if count > 1 && tools.named.insert(name.clone(), range).is_some() {
            faults.push(taken(&table, &name));
        }
    }
    tools
}

/// The tool's name, if it is a plain one.
fn name(table: &Table<'_>, faults: &mut Vec<Fault>) -> Option<String> {
    let name = table.text("name")?;
    let plain = (1..=128).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.:/".contains(c));
    if plain {
        return Some(name);
    }
    let rule = "must be 1 to 128 letters, digits or any of _ - . : /";
    let fault = Fault::new(table.at("name"), format!("{name:?}"), rule);
    faults.push(fault.at(table.place_of("name")));
    None
}

fn taken(table: &Table<'_>, name: &str) -> Fault {
    let rule = "must be unique among all tools and the instances that `count` makes";
    Fault::new(table.at("name"), format!("{name:?}"), rule).at(table.place_of("name"))
}

/// `count` copies: search-00, search-01, ... or the one as it is.
fn instances(model: &Tool, count: u64) -> impl Iterator<Item = Tool> {
    let digits = (count - 1).to_string().len().max(2);
    (0..count).map(move |i| {
        let mut tool = model.clone();
        if count > 1 {
            tool.name = format!("{}-{i:0digits$}", model.group).into();
        }
        tool
    })
}

fn size(fault: &Trouble) -> u64 {
    match fault {
        Trouble::Script { replies, .. } => 1 + replies.len() as u64,
        Trouble::Mix { replies } => 1 + replies.len() as u64,
        _ => 1,
    }
}

fn tool(table: &Table<'_>, name: &str, faults: &mut Vec<Fault>) -> Tool {
    let name: Arc<str> = name.into();
    let lock = table.get("optimistic_lock").map(|node| {
        let lock = Table::open(node, &table.at("optimistic_lock"), LOCK.keys, faults);
        OptimisticLock {
            hop: times(&lock, "hop", faults),
            conflict: signal_of(&lock, "conflict", faults).unwrap_or_else(error_flag),
        }
    });
    for other in ["latency", "capacity"] {
        if let (Some(_), Some(node)) = (&lock, table.get(other)) {
            let rule = "cannot stand beside optimistic_lock, which has its own";
            faults.push(Fault::new(table.at(other), node.shown(), rule).at(node.span.clone()));
        }
    }
    let capacity = table.get("capacity").map(|node| {
        let capacity = Table::open(node, &table.at("capacity"), CAPACITY.keys, faults);
        Capacity {
            servers: capacity.small("servers").unwrap_or(1),
            queue: capacity.small("queue"),
            when_full: signal_of(&capacity, "when_full", faults)
                .unwrap_or_else(|| structured_status(503)),
        }
    });
    Tool {
        group: name.clone(),
        name,
        latency: times(table, "latency", faults),
        capacity,
        optimistic_lock: lock,
        faults: table
            .list("faults")
            .into_iter()
            .filter_map(|(node, path)| trouble(node, &path, faults))
            .collect(),
        notices_abandoned: table.flag("notices_abandoned"),
        resource: table.flag("resource"),
        idempotent: table.flag("idempotent"),
        loads: Vec::new(),
    }
}
