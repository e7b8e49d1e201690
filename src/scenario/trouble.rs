//! What goes wrong with a tool, as it is written.

use crate::base::tree::Node;
use crate::base::{Fault, Moment};
use crate::sim::world::{Fault as Trouble, Signal, Window};

use super::form::{Form, Tagged, form};
use super::forms::{FAULT, MIX};
use super::signal::{error_flag, reply, signal_of, structured_status};
use super::table::Table;

/// Reads one entry of `faults`.
pub(super) fn trouble(node: &Node, path: &str, faults: &mut Vec<Fault>) -> Option<Trouble> {
    let Form::Tagged(tagged) = form(node, path, &FAULT, faults)? else { return None };
    if tagged.name() == "mix" {
        return Some(Trouble::Mix { replies: mix(&tagged, faults) });
    }
    let table = tagged.table(faults);
    if tagged.name() == "script" {
        let replies = table.list("replies");
        if table.get("replies").is_some() && replies.is_empty() {
            let rule = "must have at least one reply";
            let fault = Fault::new(table.at("replies"), "[]", rule);
            faults.push(fault.at(table.place_of("replies")));
        }
        return Some(Trouble::Script {
            replies: replies.into_iter().filter_map(|(n, path)| reply(n, &path, faults)).collect(),
            then_succeed: table.text("then").as_deref() == Some("success"),
        });
    }
    windowless(&tagged, &table, faults).or_else(|| windowed(&tagged, &table, faults))
}

fn windowless(tagged: &Tagged<'_>, table: &Table<'_>, faults: &mut Vec<Fault>) -> Option<Trouble> {
    match tagged.name() {
        "bursts" => Some(Trouble::Bursts {
            good: table.span("good").unwrap_or_default(),
            bad: table.span("bad").unwrap_or_default(),
            good_probability: table.probability("good_probability"),
            bad_probability: table.probability("bad_probability"),
            signal: failure(table, faults),
            after: table.span("after"),
        }),
        "throttle" => Some(Trouble::Throttle {
            rate: table.rate("rate").unwrap_or_default(),
            burst: table.number("burst").unwrap_or_default(),
            signal: signal_of(table, "signal", faults).unwrap_or_else(|| structured_status(429)),
        }),
        "fail_first" => Some(Trouble::FailFirst {
            count: table.small("count").unwrap_or_default(),
            signal: failure(table, faults),
        }),
        _ => None,
    }
}

fn windowed(tagged: &Tagged<'_>, table: &Table<'_>, faults: &mut Vec<Fault>) -> Option<Trouble> {
    let window = window(table, faults);
    let signal = failure(table, faults);
    match tagged.name() {
        "flaky" => {
            let bounded = table.get("from").is_some() || table.get("to").is_some();
            let probability = table.probability("probability");
            let (window, after) = (bounded.then_some(window), table.span("after"));
            Some(Trouble::Flaky { window, probability, signal, after })
        }
        "brownout" => Some(Trouble::Brownout {
            window,
            slowdown: table.number("slowdown").unwrap_or(1.0),
            probability: table.probability("probability"),
            signal,
        }),
        "outage" => Some(Trouble::Outage {
            window,
            signal,
            hold: table.flag("hold"),
            after: table.span("after").unwrap_or_default(),
        }),
        _ => None,
    }
}

fn failure(table: &Table<'_>, faults: &mut Vec<Fault>) -> Signal {
    signal_of(table, "signal", faults).unwrap_or_else(error_flag)
}

/// The window between `from` and `to`; the run's ends where they are absent.
pub(super) fn window(table: &Table<'_>, faults: &mut Vec<Fault>) -> Window {
    let moment = |key| table.span(key).map(|span| Moment::START + span);
    let from = moment("from").unwrap_or(Moment::START);
    let to = moment("to").unwrap_or(Moment::NEVER);
    if from >= to
        && let (Some(late), Some(end)) = (table.span("from"), table.span("to"))
    {
        let rule = format!("must be before `to`, here {end}");
        let fault = Fault::new(table.at("from"), late.to_string(), rule);
        faults.push(fault.at(table.place_of("from")));
    }
    Window { from, to }
}

fn mix(tagged: &Tagged<'_>, faults: &mut Vec<Fault>) -> Vec<(f64, Option<Signal>)> {
    let mut replies = Vec::new();
    for (node, path) in tagged.items() {
        let table = Table::open(node, &path, MIX.keys, faults);
        let found = table.get("reply").and_then(|n| reply(n, &table.at("reply"), faults));
        if let (Some(weight), Some(reply)) = (table.number("weight"), found) {
            replies.push((weight, reply));
        }
    }
    let total: f64 = replies.iter().map(|(weight, _)| weight).sum();
    if total <= 0.0 && tagged.items().len() == replies.len() {
        let rule = "must have a reply with a weight above 0";
        let place = tagged.value.span.clone();
        faults.push(Fault::new(&*tagged.path, tagged.value.shown(), rule).at(place));
    }
    replies
}
