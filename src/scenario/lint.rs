//! Plans that load but cannot do what they seem to: a limit that is never reached, a backoff that
//! never grows, a deadline that leaves no time to wait, a failure that no detector sees.

use std::collections::BTreeMap;

use crate::base::fault::joined;
use crate::base::{Moment, Span};
use crate::gateway::{Gateway, LoopModel};
use crate::plugin::{Content, Policy};
use crate::sim::world::{Arrivals, Brought, Fault, Load, Signal, Tool, World};

use super::{Column, Plan};

/// What a reader of the plan should know before running it. What not all columns share names its
/// columns.
pub fn lint(plan: &Plan) -> Vec<String> {
    let mut found: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for column in &plan.columns {
        let mut texts = of_column(column);
        texts.sort();
        texts.dedup();
        for text in texts {
            found.entry(text).or_default().push(&column.name);
        }
    }
    found
        .into_iter()
        .map(|(text, columns)| match columns.len() == plan.columns.len() {
            true => text,
            false => format!("{text} (in {})", columns.join(", ")),
        })
        .collect()
}

/// What a policy cannot do behind a gateway, each naming the policy as `whose`.
pub fn policy(whose: &str, policy: &Policy, gateway: &Gateway) -> Vec<String> {
    let mut found = Vec::new();
    let retries = policy.max_retries.min(gateway.max_tool_retries);
    if policy.max_retries > gateway.max_tool_retries && gateway.loop_model == LoopModel::AsShipped {
        found.push(format!(
            "{whose}: max_retries = {} cannot be reached: the gateway stops after {} \
             (max_tool_retries), and the call's entry stays behind",
            policy.max_retries, gateway.max_tool_retries
        ));
    }
    if retries > 1 && policy.backoff_base == policy.max_backoff && !policy.max_backoff.is_zero() {
        found.push(format!("{whose}: backoff_base_ms equals max_backoff_ms, so waits do not grow"));
    }
    let waits = (0..retries)
        .fold(Span::ZERO, |sum, n| sum + policy.backoff_base.doubled(n).min(policy.max_backoff));
    if let Some(deadline) = gateway.deadline {
        if waits > deadline {
            found.push(format!(
                "{whose}: the deadline of {deadline} is shorter than the waits of {retries} retries, \
                 {waits} without jitter"
            ));
        }
        if gateway.attempt_timeout > deadline {
            found.push(format!(
                "gateway: attempt_timeout = {} cannot be reached before the deadline of {deadline}",
                gateway.attempt_timeout
            ));
        }
    }
    found
}

fn of_column(column: &Column) -> Vec<String> {
    let Column { world, policies, .. } = column;
    let mut found = policy("policy", &policies.base, &world.gateway);
    for (tool, own) in &policies.overrides {
        let whose = joined("tool_overrides", tool);
        if world.tools.iter().any(|t| *t.name == **tool || *t.group == **tool) {
            found.extend(policy(&whose, own, &world.gateway));
        } else {
            found.push(format!("{whose}: no tool has this name"));
        }
    }
    for tool in &world.tools {
        found.extend(of_tool(tool, policies.of(&tool.name), world));
    }
    found
}

fn of_tool(tool: &Tool, policy: &Policy, world: &World) -> Vec<String> {
    let (name, end) = (&tool.group, Moment::START + world.duration);
    let mut found = Vec::new();
    if tool.loads.is_empty() {
        found.push(format!("{name}: nothing calls this tool"));
    }
    for load in &tool.loads {
        found.extend(of_load(load, world.duration).map(|what| format!("{name}: {what}")));
    }
    for (i, fault) in tool.faults.iter().enumerate() {
        if begins(fault) >= end {
            found
                .push(format!("{name}: faults[{i}] begins after the duration, {}", world.duration));
        }
        if !policy.check_text_content && signals(fault).into_iter().any(speaks_in_text) {
            found.push(format!(
                "{name}: faults[{i}] fails in a text item, which check_text_content = false takes \
                 for a success"
            ));
        }
    }
    found
}

fn of_load(load: &Load, duration: Span) -> Option<String> {
    let end = Moment::START + duration;
    if load.window.from >= end {
        return Some(format!("a load begins after the duration, {duration}"));
    }
    let Arrivals::Trace(moments) = &load.arrivals else { return None };
    let left = end.min(load.window.to).since(load.window.from);
    let late = moments.len() - moments.partition_point(|at| *at < Moment::START + left);
    let rule = match load.window.to < end {
        true => format!("the load's end at {}", load.window.to.since(Moment::START)),
        false => format!("the duration of {duration}"),
    };
    let all = moments.len();
    (late > 0).then(|| format!("{late} of {all} arrivals of the trace come after {rule}"))
}

fn begins(fault: &Fault) -> Moment {
    match fault {
        Fault::Outage { window, .. }
        | Fault::Brownout { window, .. }
        | Fault::Flaky { window: Some(window), .. } => window.from,
        _ => Moment::START,
    }
}

fn signals(fault: &Fault) -> Vec<&Signal> {
    match fault {
        Fault::Outage { signal, .. }
        | Fault::Brownout { signal, .. }
        | Fault::Flaky { signal, .. }
        | Fault::Bursts { signal, .. }
        | Fault::Throttle { signal, .. }
        | Fault::FailFirst { signal, .. } => vec![signal],
        Fault::Script { replies, .. } => replies.iter().flatten().collect(),
        Fault::Mix { replies } => replies.iter().filter_map(|(_, r)| r.as_ref()).collect(),
    }
}

/// The failure stands in a text item and nowhere else.
fn speaks_in_text(signal: &Signal) -> bool {
    match &signal.brought {
        Brought::Reply(reply) => {
            let in_text = matches!(reply.content, Content::Items(_));
            !signal.success
                && !reply.is_error
                && in_text
                && reply.structured == crate::plugin::Structured::Absent
        }
        _ => false,
    }
}
