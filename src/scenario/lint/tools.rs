//! Tools, faults and loads that take no part in a run, and what its policy makes of them.

use crate::base::{Moment, Span};
use crate::plugin::detect::{self, Verdict};
use crate::plugin::{Content, Jitter, Policy, StatusSet, Structured};
use crate::sim::world::{Arrivals, Brought, Fault, Load, Signal, Tool, Window, World};

use super::super::finding::{Finding, Level};
use super::Odd;

/// So many calls that fail together are a herd.
const HERD: f64 = 20.0;

/// Of one tool; `herd` is how much it matters that many calls come back together.
pub(super) fn of_tool(
    path: &str,
    tool: &Tool,
    policy: &Policy,
    world: &World,
    herd: Level,
    odd: &mut Odd<'_>,
) {
    let (named, end) = (format!("{:?}", tool.group), Moment::START + world.duration);
    if tool.loads.is_empty() {
        let (message, fix) = ("nothing calls this tool", "a [[load]] with its name, or remove it");
        odd.add(Finding::new("tool-uncalled", (path, &named), message, fix));
    }
    for load in &tool.loads {
        if let Some(message) = late(load, world.duration) {
            let fix = "a longer duration, or an earlier load";
            odd.add(Finding::new("load-after-end", (path, &named), message, fix));
        }
    }
    for (i, fault) in tool.faults.iter().enumerate() {
        let path = format!("{path}.faults[{i}]");
        if begins(fault) >= end {
            let message = format!("begins after the duration, {}", world.duration);
            let fix = "a longer duration, or an earlier fault";
            odd.add(Finding::new("fault-after-end", (&path, of(fault)), message, fix));
        }
        let signals = signals(fault);
        if !policy.check_text_content && signals.iter().copied().any(speaks_in_text) {
            let message =
                "fails in a text item, which check_text_content = false takes for a success";
            let fix = own("true", tool);
            odd.add(Finding::new("text-failure-unseen", (&path, of(fault)), message, fix));
        }
        if let Some((message, level)) = signals.iter().find_map(|signal| as_data(signal, policy)) {
            let finding = Finding::new(
                "text-status-as-data",
                (&path, of(fault)),
                message,
                own("false", tool),
            );
            odd.add(finding.at_level(level));
        }
    }
    if policy.jitter == Jitter::None && policy.max_retries > 0 && can_fail(tool) {
        let many = tool.loads.iter().find_map(|load| together(load, tool));
        many.into_iter().for_each(|many| odd.add(all_at_once(path, &named, &many).at_level(herd)));
    }
}

fn all_at_once(path: &str, named: &str, many: &str) -> Finding {
    let message =
        format!("no jitter, and {many} can fail together: they come back together, as a herd");
    Finding::new("jitter-off", (path, named), message, "jitter = \"full\" in the policy")
}

/// Attempts can be without an answer until they time out.
pub(super) fn can_hang(tool: &Tool) -> bool {
    let hangs = |signal: &Signal| matches!(signal.brought, Brought::Hang);
    tool.faults.iter().any(|fault| signals(fault).into_iter().any(hangs))
}

fn own(value: &str, tool: &Tool) -> String {
    format!("check_text_content = {value} in policy.tool_overrides.{}", tool.group)
}

fn can_fail(tool: &Tool) -> bool {
    !tool.faults.is_empty() || tool.capacity.is_some() || tool.optimistic_lock.is_some()
}

/// The calls of a load that can be under way at one moment, if they are many.
fn together(load: &Load, tool: &Tool) -> Option<String> {
    let rate = match &load.arrivals {
        Arrivals::Burst { calls, .. } => {
            return (*calls as f64 >= HERD).then(|| format!("a burst of {calls} calls"));
        }
        Arrivals::Closed { clients, .. } => {
            return (*clients as f64 >= HERD)
                .then(|| format!("{clients} clients in a closed loop"));
        }
        Arrivals::Constant { rate } | Arrivals::Poisson { rate } => *rate,
        Arrivals::Square { high, .. } | Arrivals::Diurnal { high, .. } => *high,
        Arrivals::Trace(_) => return None,
    };
    let held = tool.faults.iter().filter_map(|fault| match fault {
        Fault::Outage { window: Window { from, to }, hold: true, .. } => {
            Some(to.since(*from).as_secs_f64())
        }
        _ => None,
    });
    let under_way = rate * held.fold(tool.latency.mean_secs(), f64::max);
    (under_way >= HERD).then(|| format!("about {under_way:.0} calls under way"))
}

/// A right answer with a status in its text: taken for a failure, or nearly.
fn as_data(signal: &Signal, policy: &Policy) -> Option<(&'static str, Level)> {
    let Brought::Reply(reply) = &signal.brought else { return None };
    let any = Policy { retry_on_status: StatusSet::of(100..=599), ..policy.clone() };
    let fails = |policy| !matches!(detect::text::detect(reply, policy), Verdict::Success);
    if !signal.success || reply.is_error || !fails(&any) {
        None
    } else if fails(policy) {
        let message = "a right answer that speaks of a status in its text is taken for a failure by \
                       check_text_content = true and asked for again";
        Some((message, Level::Warning))
    } else {
        let message = "right answers speak of statuses in their texts: one in retry_on_status would be taken \
                       for a failure by check_text_content = true";
        Some((message, Level::Note))
    }
}

fn late(load: &Load, duration: Span) -> Option<String> {
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

/// What a fault is called.
fn of(fault: &Fault) -> &'static str {
    match fault {
        Fault::Outage { .. } => "an outage",
        Fault::Brownout { .. } => "a brownout",
        Fault::Flaky { .. } => "flaky",
        Fault::Bursts { .. } => "bursts",
        Fault::Throttle { .. } => "a throttle",
        Fault::FailFirst { .. } => "fail_first",
        Fault::Script { .. } => "a script",
        Fault::Mix { .. } => "a mix",
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
            !signal.success && !reply.is_error && in_text && reply.structured == Structured::Absent
        }
        _ => false,
    }
}
