//! What a scenario may say, what its faults read like, and what the shipped ones and a real gateway's
//! configuration become.

use std::collections::BTreeMap;

use retrylab::base::Fault;
use retrylab::scenario::{self, Plan};

mod broken;
mod inputs;
mod loads;
mod meaning;
mod policies;
mod preset;
mod schema;
mod shipped;

/// The least that a scenario needs; tests add to it.
const LEAST: &str = r#"
question = "?"
duration = "1m"
load = [{ tool = "search", arrivals = { poisson = { rate = "150/s" } } }]
"#;

fn no_files(name: &str) -> Result<String, String> {
    Err(format!("there is no {name}"))
}

fn load(text: &str) -> Result<Plan, Vec<Fault>> {
    scenario::load("test", text, &no_files, &BTreeMap::new())
}

/// The plan of the least scenario with a tool and more.
fn plan(more: &str) -> Plan {
    load(&format!("{LEAST}tools = [{{ name = \"search\" }}]\n{more}")).unwrap()
}

/// The warnings of the lint, without its notes.
fn warned(plan: &Plan) -> String {
    let found = scenario::lint(plan, scenario::lint::CLIENT_TIMEOUT);
    let warnings = found.iter().filter(|finding| finding.level == scenario::Level::Warning);
    warnings.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Faults as text, one a line, each with its line in the file.
fn lines(text: &str, faults: &[Fault]) -> String {
    let line = |fault: &Fault| match &fault.span {
        Some(span) => format!("line {}", text[..span.start].matches('\n').count() + 1),
        None => "nowhere".into(),
    };
    faults.iter().map(|f| format!("{}: {f}\n", line(f))).collect()
}
