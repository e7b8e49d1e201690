//! `run --policy`: an operator's own policy in a scenario, between no retries and the policy that a search
//! recommends. The search has random streams of its own, so that the run shows what is true of its winner, and
//! not what it was lucky in.

use std::sync::atomic::AtomicBool;

use anyhow::anyhow;

use super::input::{self, Own};
use super::tell;
use crate::base::Fault;
use crate::base::random::scrambled;
use crate::plugin::PolicySet;
use crate::report::decision::{BOUNDS, COLUMNS};
use crate::scenario::{self, Column, Plan};
use crate::study::Watch;
use crate::study::tune::{Goal, Keep, Ledger, Point, Question, Space, Target, Task, metrics, tune};

/// Replicas of the search's finalists.
const REPLICAS: u64 = 20;

/// Puts the three columns in the place of a plan's own, whose expectations are of others. `None` if it was
/// interrupted.
pub(super) fn columns(
    mut plan: Plan,
    file: &str,
    stop: &AtomicBool,
) -> anyhow::Result<Option<Plan>> {
    let Own { policies, odd, text } = input::own_policy(file)?;
    plan.warnings.extend(odd);
    plan.definition += &format!("\n--- {file}\n{text}");
    if plan.columns.len() > 1 {
        let first = &plan.columns[0].name;
        plan.warnings.push(format!(
            "of the scenario's {} columns, \"{first}\" is run, with the policy of {file} in place of its own",
            plan.columns.len()
        ));
    }
    if !plan.expectations.is_empty() {
        plan.warnings
            .push("the scenario's expectations are of its own policies and not asked here".into());
        plan.expectations.clear();
    }
    let own = scenario::with_policies(&plan.columns[0], policies, &mut plan.warnings);
    let for_all = for_all_tools(&own, &mut plan.warnings);
    let Some(point) = recommended(&for_all, plan.seed, stop)? else { return Ok(None) };
    let column = |name: &str, column: Column| Column { name: name.to_owned(), ..column };
    let best = Target::Base.column(&for_all, point);
    plan.columns = vec![
        column(COLUMNS[0], Column { policies: off(&own.policies), ..own.clone() }),
        column(COLUMNS[1], own),
        column(COLUMNS[2], best),
    ];
    Ok(Some(plan))
}

/// What is recommended is one policy for all tools: an override would hide it from its tool. One that
/// switches retries off stays, for it may keep an action from being done twice.
fn for_all_tools(own: &Column, warnings: &mut Vec<String>) -> Column {
    let mut column = own.clone();
    let overrides = std::mem::take(&mut column.policies.overrides);
    let (kept, aside) = overrides.into_iter().partition(|(_, policy)| policy.max_retries == 0);
    column.policies.overrides = kept;
    if !aside.is_empty() {
        let names: Vec<String> = aside.into_keys().collect();
        warnings.push(format!(
            "the recommended policy is for all tools; overrides that it sets aside: {}",
            names.join(", ")
        ));
    }
    column
}

/// No retries for any tool.
fn off(set: &PolicySet) -> PolicySet {
    let mut set = set.clone();
    set.base.max_retries = 0;
    set.overrides.values_mut().for_each(|own| own.max_retries = 0);
    set
}

/// The policy with the most success within the bounds.
fn recommended(own: &Column, seed: u64, stop: &AtomicBool) -> anyhow::Result<Option<Point>> {
    let goal = Goal::of("success_rate").map_err(|fault| anyhow!("{fault}"))?;
    let keeps: Result<Vec<Keep>, Fault> = BOUNDS.into_iter().map(Keep::of).collect();
    let keeps = keeps.map_err(|fault| anyhow!("{fault}"))?;
    let gateway = &own.world.gateway;
    let current = Point::of(&own.policies.base, gateway.deadline);
    let space = Space::around(current, gateway.max_tool_retries);
    let names = metrics(goal, &keeps);
    let question =
        Question { goal, keeps, space, contestants: Vec::new(), current, replicas: REPLICAS };
    let tasks =
        [Task { name: "scenario".into(), column: own.clone(), seed: scrambled(seed), weight: 1.0 }];
    let watch = Watch { stop, advanced: &|_| {} };
    let ledger = Ledger::new(&tasks, Target::Base, names, Vec::new(), (&watch, &|_| {}));
    Ok(tune(&question, &ledger).ok().map(|tuned| tuned.recommended.point))
}

/// A word before the search, which may take a while.
pub(super) fn announce(plan: &Plan) {
    tell(format_args!("{}: searching a policy to recommend …", plan.name));
}
