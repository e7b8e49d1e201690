//! The calls that arrive, as they are written.

use std::sync::Arc;

use crate::base::fault::near;
use crate::base::tree::Node;
use crate::base::{Fault, Moment};
use crate::sim::world::{Arrivals, Load};

use super::files::Files;
use super::form::{Form, form};
use super::forms::ARRIVALS;
use super::keys::{HINTED, LOAD};
use super::table::Table;
use super::times::times;
use super::tools::{Room, Tools};
use super::trouble::window;

/// Reads the loads and gives each to the tools that it is for.
pub(super) fn loads(
    file: &Table<'_>,
    (tools, room): (&mut Tools, &mut Room),
    files: &Files<'_>,
    faults: &mut Vec<Fault>,
) {
    for (node, path) in file.list("load") {
        let table = Table::open(node, &path, LOAD.keys, faults);
        let arrivals = table
            .get("arrivals")
            .and_then(|node| arrivals(node, &table.at("arrivals"), files, faults));
        let patience = table.get("patience").map(|_| times(&table, "patience", faults));
        let window = window(&table, faults);
        let Some(name) = table.text("tool") else { continue };
        let Some(range) = tools.named.get(&name).cloned() else {
            let fault = no_tool(&table, &name, tools, faults.len() < HINTED);
            faults.extend(fault);
            continue;
        };
        if !room.take(0, range.len() as u64) {
            faults.push(Fault::new(&*path, format!("{name:?}"), Room::rule()).at(table.place()));
            return;
        }
        if let Some(arrivals) = arrivals {
            let load = Load { arrivals, patience, window };
            for tool in &mut tools.instances[range] {
                tool.loads.push(load.clone());
            }
        }
    }
}

/// The fault of a load for a tool that there is not; none if it may be one that could not be read.
fn no_tool(table: &Table<'_>, name: &str, tools: &Tools, hinted: bool) -> Option<Fault> {
    let fault = Fault::new(table.at("tool"), format!("{name:?}"), "must be a tool's name")
        .at(table.place_of("tool"));
    let known = tools.named.keys().filter(|_| hinted).map(String::as_str);
    match near(name, known) {
        Some(known) => Some(fault.hint(format!("did you mean \"{known}\"?"))),
        None => (tools.unreadable == 0).then_some(fault),
    }
}

fn arrivals(
    node: &Node,
    path: &str,
    files: &Files<'_>,
    faults: &mut Vec<Fault>,
) -> Option<Arrivals> {
    let Form::Tagged(tagged) = form(node, path, &ARRIVALS, faults)? else { return None };
    let table = tagged.table(faults);
    Some(match tagged.name() {
        "constant" => Arrivals::Constant { rate: table.rate("rate")? },
        "poisson" => Arrivals::Poisson { rate: table.rate("rate")? },
        "burst" => {
            Arrivals::Burst { at: Moment::START + table.span("at")?, calls: table.count("calls")? }
        }
        "closed" => Arrivals::Closed {
            clients: table.count("clients")?,
            think: times(&table, "think", faults),
            calls_each: table.count("calls"),
        },
        "square" => square(&table, faults)?,
        "diurnal" => diurnal(&table, faults)?,
        _ => Arrivals::Trace(trace(&table, files, faults)?),
    })
}

/// Calls of a square wave that are rarer than this among the moments that are looked at would take for ever to find.
const RAREST: f64 = 1e-6;

fn square(table: &Table<'_>, faults: &mut Vec<Fault>) -> Option<Arrivals> {
    let (low, high, period) = (table.rate("low")?, table.rate("high")?, table.span("period")?);
    let duty = table.probability("duty");
    // Calls are found by looking at each moment of a process at the peak, or at each period where nothing calls between.
    let mean = low * (1.0 - duty) + high * duty;
    let looked_at = if low > 0.0 { low.max(high) } else { high.max(1.0 / period.as_secs_f64()) };
    if duty > 0.0 && mean < RAREST * looked_at {
        let rule = "must be larger: one in a million of the moments that are looked at, at the higher rate or once a \
                    period, must be a call";
        let fault = Fault::new(table.at("duty"), format!("{duty}"), rule);
        let fault =
            fault.hint("a longer `period`, a lower `high`, or `poisson` where calls are as rare");
        faults.push(fault.at(table.place_of("duty")));
    }
    Some(Arrivals::Square { low, high, period, duty })
}

fn diurnal(table: &Table<'_>, faults: &mut Vec<Fault>) -> Option<Arrivals> {
    let (low, high, period) = (table.rate("low")?, table.rate("high")?, table.span("period")?);
    if low > high {
        let rule = format!("must not be above `high`, here {high}/s");
        let fault = Fault::new(table.at("low"), format!("{low}/s"), rule);
        faults.push(fault.at(table.place_of("low")));
    }
    Some(Arrivals::Diurnal { low, high, period })
}

fn trace(table: &Table<'_>, files: &Files<'_>, faults: &mut Vec<Fault>) -> Option<Arc<[Moment]>> {
    let file = table.text("file")?;
    match files.trace(&file, table.text("column").as_deref()) {
        Ok(moments) => Some(moments),
        Err(why) => {
            let hint = match files.text(&file) {
                Err(_) => "paths begin at the scenario's folder",
                Ok(_) => {
                    "a trace has one call a line: a time like 2023-11-16 18:17:03.97, or seconds"
                }
            };
            let fault = Fault::new(table.at("file"), format!("{file:?}"), why).hint(hint);
            faults.push(fault.at(table.place_of("file")));
            None
        }
    }
}
