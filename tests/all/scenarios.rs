//! What a scenario may say, what its faults read like, and what the shipped ones and a real gateway's
//! configuration become.

use std::collections::BTreeMap;
use std::fs;

use retrylab::base::{Fault, Moment, Span};
use retrylab::gateway::LoopModel;
use retrylab::plugin::{Jitter, PolicySet, read};
use retrylab::scenario::{self, METRICS, Plan, Test, contextforge, toml, yaml};
use retrylab::sim::world::{Arrivals, Brought, Fault as Trouble};

/// The least that a scenario needs; tests add to it.
const LEAST: &str = r#"
question = "?"
duration = "1m"
load = [{ tool = "search", arrivals = { poisson = { rate = "150/s" } } }]
tools = [{ name = "search" }]
"#;

fn no_files(name: &str) -> Result<String, String> {
    Err(format!("there is no {name}"))
}

fn load(text: &str) -> Result<Plan, Vec<Fault>> {
    scenario::load("test", text, &no_files, &BTreeMap::new())
}

fn plan(more: &str) -> Plan {
    load(&format!("{LEAST}{more}")).unwrap()
}

/// The faults of a scenario, one a line, each with its line in the file.
fn faults(text: &str) -> String {
    let found = load(text).expect_err("it should be at fault");
    lines(text, &found)
}

fn lines(text: &str, faults: &[Fault]) -> String {
    let line = |fault: &Fault| match &fault.span {
        Some(span) => (text[..span.start].matches('\n').count() + 1).to_string(),
        None => "-".into(),
    };
    faults.iter().map(|f| format!("{}: {f}\n", line(f))).collect()
}

fn policy(toml_text: &str) -> Result<(PolicySet, Vec<String>), String> {
    let node = toml::parse(toml_text).unwrap();
    let mut warnings = Vec::new();
    match read::read(&node, "policy", &mut warnings) {
        Ok(set) => Ok((set, warnings)),
        Err(found) => Err(lines(toml_text, &found)),
    }
}

mod policies;
mod broken;
