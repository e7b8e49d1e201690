//! The log and its simulation side by side, and each tool in a sentence.

use super::words::{grouped, millis, named, number, plain, span};
use super::{Told, faults, tool};
use crate::study::derive::Derived;
use crate::study::derive::facts::Facts;

/// A row of the log and, where it was simulated, one of the simulation for each tool; headings first.
pub fn table(derived: &Derived, simulated: Option<&[Facts]>) -> Vec<Vec<String>> {
    let heading =
        ["tool", "", "calls", "failed %", "p50 ms", "p90 ms", "p99 ms", "dispersion", "in a row"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for (i, tool) in derived.tools.iter().enumerate() {
        rows.push(row(&tool.name, "log", &tool.facts));
        if let Some(facts) = simulated.and_then(|all| all.get(i)) {
            rows.push(row("", "simulated", facts));
        }
    }
    rows
}

fn row(tool: &str, what: &str, facts: &Facts) -> Vec<String> {
    let none = || "n/a".to_owned();
    let took = |i: usize| facts.took.map_or_else(none, |took| millis(took[i]));
    let dispersion = facts
        .dispersion
        .map_or_else(none, |index| format!("{} in {}", plain(index, 3), span(facts.window)));
    vec![
        tool.to_owned(),
        what.to_owned(),
        grouped(facts.calls),
        plain(facts.share() * 100.0, 3),
        took(0),
        took(1),
        took(2),
        dispersion,
        facts.run.map_or_else(none, |run| plain(run, 3)),
    ]
}

/// The log in a sentence.
pub fn summary(told: &Told<'_>) -> String {
    let (log, derived) = (told.log, told.derived);
    let mut text = format!(
        "{}: {} of {} in {}, from {}",
        named(told.name),
        number(derived.calls, "call"),
        number(log.tools.len(), "tool"),
        span(log.span),
        log.begins
    );
    if log.skipped.0 > 0 {
        text += &format!("; {} left out", number(log.skipped.0 as usize, "malformed line"));
    }
    if !derived.left_out.is_empty() {
        let tools = number(derived.left_out.len(), "rarely called tool");
        text += &format!("; {tools} left out");
    }
    text
}

/// Each tool in a sentence.
pub fn sentences(derived: &Derived) -> Vec<String> {
    let of = |t: &crate::study::derive::Tool| {
        format!("{}: {}; {}", t.name, tool::arrivals(t), faults::failures(t))
    };
    derived.tools.iter().map(of).collect()
}
