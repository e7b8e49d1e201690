//! A swarm of scenarios that nobody wrote, each drawn from a seed, run through the full plugin and held
//! against the laws. One that breaks a law is shrunk, written to a file, and its commands are printed.
//!
//! `RETRYLAB_SWARM_SEED` is the first seed, `RETRYLAB_SWARM_CASES` how many seeds from there.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use retrylab::base::random::Draws;
use retrylab::plugin::{Plugin, PolicySet};
use retrylab::scenario::{self, Plan};
use retrylab::variants::find;

mod draw;
mod laws;
mod tree;
mod watch;

use laws::Totals;
use tree::Tree;
use watch::{Fault, Wrong};

const SEED: &str = "RETRYLAB_SWARM_SEED";
const CASES: &str = "RETRYLAB_SWARM_CASES";

fn set(variable: &str, default: u64) -> u64 {
    match std::env::var(variable) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")),
        Err(_) => default,
    }
}

fn plan(tree: &Tree) -> Result<Plan, String> {
    let file = |name: &str| match name == draw::TRACE.0 {
        true => Ok(draw::TRACE.1.to_owned()),
        false => Err(format!("there is no {name}")),
    };
    let faults = |faults: Vec<_>| format!("the scenario is refused: {faults:?}");
    scenario::load("swarm", &tree.toml(), &file, &BTreeMap::new()).map_err(faults)
}

/// Whether a plan keeps the laws under a plugin: what was counted, or what is wrong, a panic included.
fn judged(plan: &Plan, make: laws::Make<'_>) -> Result<Totals, String> {
    let kept = catch_unwind(AssertUnwindSafe(|| laws::keeps(plan, make)));
    kept.unwrap_or_else(|_| Err("a panic, see above".into()))
}

/// A scenario that breaks a law, as small as it gets, and what it breaks.
struct Found {
    tree: Tree,
    plan: Plan,
    why: String,
}

/// The scenario of a seed: what was counted, or what is left of it when it is shrunk to the law it breaks.
fn hunt(seed: u64, make: laws::Make<'_>) -> Result<Totals, Box<Found>> {
    let drawn = draw::scenario(seed);
    let whole = plan(&drawn).unwrap_or_else(|refused| panic!("seed {seed}: {refused}\n{drawn}"));
    judged(&whole, make).map_err(|_| {
        let fails = |tree: &Tree| plan(tree).is_ok_and(|plan| judged(&plan, make).is_err());
        let tree = tree::shrink(drawn, &fails);
        let plan = plan(&tree).expect("a tree that fails is a plan");
        let why = judged(&plan, make).expect_err("a tree that fails breaks a law");
        Box::new(Found { tree, plan, why })
    })
}

/// Writes a scenario where it can be run from.
fn write(seed: u64, found: &Found) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("retrylab-swarm-{seed}"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(draw::TRACE.0), draw::TRACE.1).unwrap();
    let file = folder.join("swarm.toml");
    std::fs::write(&file, found.tree.toml()).unwrap();
    file
}

/// What is printed of it: law, scenario, and the commands that replay it and search from there.
fn told(seed: u64, found: &Found, file: &std::path::Path) -> String {
    format!(
        "swarm seed {seed}: {}\n\n{}\nretrylab run {} --seed {}\n{SEED}={seed} {CASES}=1 cargo test swarm",
        found.why,
        found.tree.toml(),
        file.display(),
        found.plan.seed
    )
}

fn right(policies: PolicySet, draws: Draws) -> Arc<dyn Plugin> {
    (find("sharded").unwrap().make)(policies, draws)
}

#[test]
fn no_scenario_of_the_swarm_breaks_a_law() {
    let (first, cases) = (set(SEED, 1), set(CASES, 1000));
    eprintln!("swarm seeds {first} to {}", first + cases - 1);
    let mut met = Totals::new();
    for seed in first..first + cases {
        match hunt(seed, &right) {
            Ok(totals) => totals.iter().for_each(|(name, n)| *met.entry(name).or_default() += n),
            Err(found) => panic!("{}", told(seed, &found, &write(seed, &found))),
        }
    }
    eprintln!("{met:?}");
    if cases >= 100 {
        let never: Vec<_> = met.iter().filter(|(_, n)| **n == 0).map(|(name, _)| name).collect();
        assert_eq!(never, [&"lost_retries"], "a swarm that meets no {never:?} proves little");
    }
}

/// The first seed at which a wrong plugin is caught, and what is left of its scenario.
fn caught(fault: Fault) -> (u64, Box<Found>) {
    let wrong =
        |policies, draws| -> Arc<dyn Plugin> { Arc::new(Wrong(right(policies, draws), fault)) };
    let found = (1..=100).find_map(|seed| Some((seed, hunt(seed, &wrong).err()?)));
    let (seed, found) = found.expect("a hundred scenarios catch it");
    judged(&found.plan, &right).expect("the right plugin keeps the laws there");
    (seed, found)
}

#[test]
fn canary_a_wait_above_the_cap_is_caught_shrunk_and_replayed() {
    let (seed, found) = caught(Fault::AboveCap);
    let text = found.tree.toml();
    assert!(found.why.contains("retry 2 waits"), "{}", found.why);
    assert!(text.len() < 330 && text.matches("name =").count() == 1, "not small:\n{text}");
    let file = write(seed, &found);
    let told = told(seed, &found, &file);
    let command = told.lines().find_map(|line| line.strip_prefix("retrylab ")).unwrap();
    let mut binary = assert_cmd::Command::cargo_bin("retrylab").unwrap();
    let out = tempfile::tempdir().unwrap();
    binary.args(command.split(' ')).arg("--quiet").arg("--out").arg(out.path().join("run"));
    binary.assert().code(0);
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
}

#[test]
fn canary_a_plugin_that_does_not_forget_is_caught_and_shrunk() {
    let (_, found) = caught(Fault::Forgetful);
    let text = found.tree.toml();
    assert!(found.why.contains("remembered at the end"), "{}", found.why);
    assert!(text.len() < 330 && text.matches("name =").count() == 1, "not small:\n{text}");
}
