//! Logs become scenarios. The logs are made by simulating a scenario whose parameters are known, so that it can be told
//! whether they come back.

use std::collections::BTreeMap;
use std::fmt::Write;

use retrylab::base::random::Draws;
use retrylab::base::{Moment, Span};
use retrylab::plugin::{Decision, GaveUp, Reason};
use retrylab::scenario::log::{self, Log, Options};
use retrylab::scenario::{self, Plan};
use retrylab::sim::{self, Fate, Observation, Recorder};
use retrylab::variants;

mod command;
mod fits;
mod hostile;
mod read;

/// One line of a log, before it is written.
struct Line {
    at: Moment,
    tool: String,
    took: Span,
    status: String,
}

/// Keeps what a gateway would write of each call.
#[derive(Default)]
struct Writer {
    status: String,
    lines: Vec<(Moment, Span, String)>,
}

impl Recorder for Writer {
    fn observe(&mut self, now: Moment, what: Observation) {
        match what {
            Observation::Decided(Decision::GiveUp { why, .. }) => {
                self.status = match why {
                    GaveUp::Exhausted(Reason::ErrorFlagStatus(status)) => status.to_string(),
                    GaveUp::NotRetryable(status) => status.to_string(),
                    GaveUp::Exhausted(Reason::Timeout) => "timeout".into(),
                    GaveUp::Exhausted(_) => "error".into(),
                };
            }
            Observation::Ended(call) => {
                let status =
                    if call.fate == Fate::Succeeded { "200".into() } else { self.status.clone() };
                self.lines.push((call.arrived, now.since(call.arrived), status));
            }
            _ => {}
        }
    }
}

fn plan(text: &str) -> Plan {
    let none = |name: &str| Err(format!("there is no {name}"));
    scenario::load("truth", text, &none, &BTreeMap::new()).unwrap()
}

/// What the first column of a scenario writes into its log, in the order of time.
fn lines(plan: &Plan, replica: u64) -> Vec<Line> {
    let column = &plan.columns[0];
    let draws = Draws::new(plan.seed, replica);
    let plugin = (variants::find("sharded").unwrap().make)(column.policies.clone(), draws);
    let mut all = Vec::new();
    for tool in &column.world.tools {
        let mut writer = Writer::default();
        let _ = sim::run(&column.world, tool, &*plugin, &draws, &mut writer);
        let of_tool = writer.lines.into_iter();
        all.extend(of_tool.map(|(at, took, status)| Line {
            at,
            tool: tool.name.to_string(),
            took,
            status,
        }));
    }
    all.sort_by_key(|line| line.at);
    all
}

/// When the logs of these tests begin: 2026-01-05 10:00:00 UTC, in milliseconds.
const BEGINS: u64 = 1_767_607_200_000;

fn csv(lines: &[Line]) -> String {
    let mut text = "timestamp,tool,duration_ms,status\n".to_owned();
    for line in lines {
        let micros = BEGINS * 1000 + line.at.as_nanos() / 1000;
        let (took, Line { tool, status, .. }) = (line.took.as_millis_f64(), line);
        writeln!(
            text,
            "{}.{:06},{tool},{took:.3},{status}",
            micros / 1_000_000,
            micros % 1_000_000
        )
        .unwrap();
    }
    text
}

fn read(text: &str) -> Log {
    log::read(&mut text.as_bytes(), &Options::default()).unwrap()
}
