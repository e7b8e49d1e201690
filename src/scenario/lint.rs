//! Plans that load but cannot do what they seem to: a limit that is never reached, a backoff that
//! never grows, a deadline that leaves no time to wait, a failure that no detector sees, a call that outlasts
//! its client. [`policy`] looks at policies behind a gateway, [`tools`] at what is called through it.

pub(super) mod policy;
mod tools;

use std::collections::{BTreeMap, BTreeSet};

use crate::base::Span;
use crate::base::fault::{joined, near};
use crate::plugin::{Jitter, read};

use super::finding::{Finding, Level};
use super::{Column, Plan};
pub use policy::PUBLISHED_MAX_RETRIES;
use policy::{Behind, Source};

/// How long a client waits for an answer: the default of the Model Context Protocol's SDKs.
pub const CLIENT_TIMEOUT: Span = Span::from_secs(60);

/// Findings of one input at most.
pub(super) const MOST: usize = 1000;
/// Columns that are named beside a finding.
const NAMED: usize = 8;

/// What a reader of the plan should know before running it. What not all columns share names its
/// columns. `client` is how long a client waits.
pub fn lint(plan: &Plan, client: Span) -> Vec<Finding> {
    let mut odd = Odd { kept: BTreeMap::new(), column: "", lost: false };
    // Where columns differ in jitter, one without any is there to be compared with.
    let jitters = plan.columns.iter().map(|column| column.policies.base.jitter);
    let compared = jitters.clone().any(|jitter| jitter != Jitter::None);
    let herd = if compared { Level::Note } else { Level::Warning };
    for column in &plan.columns {
        odd.column = &column.name;
        of_column(column, client, herd, &mut odd);
    }
    let columns = plan.columns.len();
    let mut found = plan.findings.clone();
    found.extend(odd.kept.into_values().map(|(finding, names)| among(finding, &names, columns)));
    if odd.lost || found.len() > MOST {
        found.truncate(MOST);
        found.push(more());
    }
    found
}

/// That there are more than are told.
pub(super) fn more() -> Finding {
    let found = format!("more than {MOST} findings");
    Finding::new("more-findings", ("findings", found), "the rest is not told", "mend these first")
}

/// A finding with the names of its columns, unless it is one of all.
fn among(finding: Finding, names: &[&str], columns: usize) -> Finding {
    if names.len() == columns {
        return finding;
    }
    let mut told = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED {
        told += &format!(" and {} more", names.len() - NAMED);
    }
    Finding { message: format!("{} (in {told})", finding.message), ..finding }
}

/// What was found, once for all columns that share it.
struct Odd<'p> {
    kept: BTreeMap<String, (Finding, Vec<&'p str>)>,
    column: &'p str,
    lost: bool,
}

impl Odd<'_> {
    fn add(&mut self, finding: Finding) {
        let key = format!("{} {finding} {:?}", finding.rule, finding.level);
        if self.kept.len() > MOST && !self.kept.contains_key(&key) {
            self.lost = true;
            return;
        }
        let (_, columns) = self.kept.entry(key).or_insert_with(|| (finding, Vec::new()));
        if columns.last() != Some(&self.column) {
            columns.push(self.column);
        }
    }
}

fn of_column(column: &Column, client: Span, herd: Level, odd: &mut Odd<'_>) {
    let Column { world, written, .. } = column;
    let hangs = world.tools.iter().any(tools::can_hang);
    let late = if hangs { Level::Warning } else { Level::Note };
    let names = world.tools.iter().flat_map(|tool| [&*tool.name, &*tool.group]).collect();
    let (gateway, source) = (&world.gateway, Source::Scenario);
    let behind = Behind { gateway, client, source, late, tools: Some(&names) };
    behind.of_set("policy", written).into_iter().for_each(|finding| odd.add(finding));
    behind.of_gateway().into_iter().for_each(|finding| odd.add(finding));
    of_overrides(column, &names, odd);
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    for tool in &world.tools {
        let next = groups.len();
        let index = *groups.entry(&tool.group).or_insert(next);
        let policy = column.policies.of(&tool.name);
        tools::of_tool(&format!("tools[{index}]"), tool, policy, world, herd, odd);
    }
}

/// Overrides for tools that there are not, and those that the variant refuses.
fn of_overrides(column: &Column, names: &BTreeSet<&str>, odd: &mut Odd<'_>) {
    let written = &column.written;
    let path = joined("policy", read::OVERRIDES);
    for tool in written.overrides.keys().filter(|tool| !names.contains(tool.as_str())) {
        let nearest = near(tool, names.iter().copied().take(MOST));
        let fix = match nearest {
            Some(known) => format!("did you mean `{known}`? Else remove it"),
            None => "correct the name, or remove it".to_owned(),
        };
        let place = (joined(&path, tool), format!("{tool:?}"));
        odd.add(Finding::new("override-no-tool", place, "no tool has this name", fix));
        if odd.lost {
            return;
        }
    }
    for (tool, fault) in &written.refused {
        let message = format!("{fault}: every call of the tool {tool:?} will fail");
        let place = (joined(&path, tool), format!("{tool:?}"));
        odd.add(Finding::new("override-refused", place, message, "mend or remove the override"));
    }
}
