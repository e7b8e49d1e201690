//! From the text of a scenario to its plan, or to every fault in it at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::base::Fault;
use crate::base::tree::{Node, Value};
use crate::gateway::{Gateway, LoopModel};
use crate::sim::world::World;
use crate::variants::Deviations;

use super::clock::outlasted;
use super::columns;
use super::expect::expectations;
use super::files::Files;
use super::finding::Finding;
use super::keys::{GATEWAY, MAX_INSTANCES, SCENARIO};
use super::load::loads;
use super::plan::{Column, Plan};
use super::policy::{deviations, policies, settle};
use super::table::Table;
use super::toml;
use super::tools::{Room, tools};

/// Bytes of a scenario or of a gateway's configuration at most: reading one then needs less than 1 GB,
/// whatever stands in it.
pub const MAX_TEXT: usize = 1 << 20;

/// Whether a text is short enough to be read.
pub(super) fn bounded(text: &str) -> Result<(), Vec<Fault>> {
    if text.len() <= MAX_TEXT {
        return Ok(());
    }
    let rule = format!("must be at most {} MiB", MAX_TEXT >> 20);
    let fault = Fault::new("size", format!("{} bytes", text.len()), rule);
    Err(vec![fault.hint("recorded arrivals belong into a trace, a CSV of its own")])
}

/// Reads and checks a scenario. `files` gives the text of a file that the scenario names
/// (`policy_from`, a trace); `env` is what templates of gateway configurations may look up.
///
/// # Errors
/// Every fault of the file at once, in the order of the text.
pub fn load(
    name: &str,
    text: &str,
    files: &dyn Fn(&str) -> Result<String, String>,
    env: &BTreeMap<String, String>,
) -> Result<Plan, Vec<Fault>> {
    bounded(text)?;
    let root = toml::parse(text)?;
    let files = Files::new(files, env);
    let mut faults = Vec::new();
    let file = Table::open(&root, "", SCENARIO.keys, &mut faults);
    let mut warnings = Vec::new();
    let mut findings = Vec::new();
    let mut columns = Vec::new();
    let (mut room, mut overrides) = (Room::default(), 0);
    for (name, file) in columns::columns(&root, &mut faults) {
        let column =
            column(name, (&file, &files), &mut room, &mut faults, (&mut warnings, &mut findings));
        overrides += (column.policies.overrides.len() + column.policies.refused.len()) as u64;
        columns.push(column);
        if overrides > MAX_INSTANCES.unsigned_abs() {
            let rule = format!("must be at most {MAX_INSTANCES} over all columns");
            faults.push(Fault::new(
                "policy.tool_overrides",
                format!("{overrides} overrides"),
                rule,
            ));
            break;
        }
    }
    let expectations =
        file.get("expect").map_or(Vec::new(), |node| expectations(node, &columns, &mut faults));
    if !faults.is_empty() {
        let mut faults = unique(faults);
        faults.sort_by_key(|fault| fault.span.as_ref().map_or(usize::MAX, |span| span.start));
        return Err(faults);
    }
    Ok(Plan {
        name: name.to_owned(),
        question: file.text("question").unwrap_or_default(),
        source: file.text("source").unwrap_or_default(),
        definition: files.definition(text),
        seed: file.count("seed").unwrap_or_default(),
        replicas: file.small("replicas").unwrap_or(1),
        columns,
        expectations,
        warnings: unique(warnings),
        findings: unique(findings),
    })
}

fn column(
    name: String,
    (file, files): (&Node, &Files<'_>),
    room: &mut Room,
    faults: &mut Vec<Fault>,
    (warnings, findings): (&mut Vec<String>, &mut Vec<Finding>),
) -> Column {
    let file = Table::open(file, "", SCENARIO.keys, faults);
    let mut tools = tools(&file, room, faults);
    for list in ["tools", "load"] {
        if file.get(list).is_some() && file.list(list).is_empty() {
            faults.push(
                Fault::new(list, "[]", "must have at least one entry").at(file.place_of(list)),
            );
        }
    }
    loads(&file, (&mut tools, room), files, faults);
    let world = World {
        tools: tools.instances,
        gateway: gateway(&file, faults),
        duration: file.span("duration").unwrap_or_default(),
    };
    let Deviations { limit, overrides, .. } = deviations(&file);
    let mut policies = policies(&file, files, overrides, faults, (warnings, findings));
    let written = policies.clone();
    settle(&mut policies, &world, limit, warnings);
    faults.extend(outlasted(&world, &policies).map(|fault| fault.at(file.place_of("duration"))));
    Column { name, variant: file.text("variant").unwrap_or_default(), world, policies, written }
}

fn gateway(file: &Table<'_>, faults: &mut Vec<Fault>) -> Gateway {
    let empty = Node::bare(Value::Table(Vec::new()));
    let node = file.get("gateway").unwrap_or(&empty);
    let table = Table::open(node, &file.at("gateway"), GATEWAY.keys, faults);
    Gateway {
        max_tool_retries: table.small("max_tool_retries").unwrap_or_default(),
        attempt_timeout: table.span("attempt_timeout").unwrap_or_default(),
        deadline: table.span("deadline"),
        loop_model: match table.text("loop").as_deref() {
            Some("as-shipped") => LoopModel::AsShipped,
            _ => LoopModel::Fixed,
        },
    }
}

/// Without repetitions: what all columns share is said once.
fn unique<T: ToString>(all: Vec<T>) -> Vec<T> {
    let mut said = BTreeSet::new();
    all.into_iter().filter(|one| said.insert(one.to_string())).collect()
}
