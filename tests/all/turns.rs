//! Bodies of the plugin with one clock for all tools: the tools of a run take turns, and no figure
//! depends on the number of threads.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use retrylab::base::Moment;
use retrylab::base::random::Draws;
use retrylab::plugin::{CallKey, Clocks, Decision, HookError, Plugin, Policy, PolicySet, Seen};
use retrylab::scenario::{self, Plan};
use retrylab::study::{self, Study, Watch};
use retrylab::variants::{Variant, find};

/// Tools that fail now and then for longer than an orphan lives, and clients that leave in a wait.
const SEVERAL: &str = r#"question = "?"
duration = "12m"
replicas = 2
[[tools]]
name = "search"
count = 7
latency = { exponential = { mean = "20ms" } }
faults = [{ flaky = { probability = "30%" } }]
[[tools]]
name = "late"
faults = [{ outage = { from = "5m", to = "6m", hold = true, signal = "exception" } }]
[[load]]
tool = "search"
arrivals = { poisson = { rate = "2/s" } }
patience = { exponential = { mean = "500ms" } }
[[load]]
tool = "late"
arrivals = { closed = { clients = 5, think = "1s" } }
[gateway]
loop = "as-shipped"
"#;

fn plan(variant: &str) -> Plan {
    let text = SEVERAL.replace("replicas", &format!("variant = {variant:?}\nreplicas"));
    let none = |file: &str| Err(format!("{file}: none"));
    scenario::load("several", &text, &none, &BTreeMap::new()).unwrap()
}

fn study(plan: &Plan, threads: usize, find: study::Registry) -> Study {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let watch = Watch { stop: &AtomicBool::new(false), advanced: &|_| {} };
    pool.install(|| study::run_with(plan, &watch, find))
}

#[test]
fn published_variants_give_the_same_digest_on_any_number_of_threads() {
    for variant in ["upstream", "seed"] {
        let plan = plan(variant);
        let (one, eight) = (study(&plan, 1, find), study(&plan, 8, find));
        assert!(one.columns[0].metrics["attempts"].is_some());
        assert_eq!(one.digest, eight.digest, "{variant}");
        assert_eq!(one, eight, "{variant}");
    }
}

static ASKED: AtomicU64 = AtomicU64::new(0);
static BACK: AtomicU64 = AtomicU64::new(0);

/// Counts how often time goes back from one call of a hook to the next.
struct Probe {
    inner: Arc<dyn Plugin>,
    clocks: Clocks,
    last: AtomicU64,
}

impl Probe {
    fn look(&self, now: Moment) {
        let last = self.last.swap(now.as_nanos(), Ordering::SeqCst);
        ASKED.fetch_add(1, Ordering::SeqCst);
        BACK.fetch_add(u64::from(now.as_nanos() < last), Ordering::SeqCst);
    }
}

impl Plugin for Probe {
    fn name(&self) -> &'static str {
        "probe"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        self.look(now);
        self.inner.tool_post_invoke(call, seen, now)
    }
    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        self.look(now);
        self.inner.forget(call, now);
    }
    fn policy(&self, tool: &str) -> &Policy {
        self.inner.policy(tool)
    }
    fn live_entries(&self) -> usize {
        self.inner.live_entries()
    }
    fn clocks(&self) -> Clocks {
        self.clocks
    }
}

fn probe(clocks: Clocks, policies: PolicySet, draws: Draws) -> Arc<dyn Plugin> {
    let inner = (find("sharded").unwrap().make)(policies, draws);
    Arc::new(Probe { inner, clocks, last: AtomicU64::new(0) })
}

static SHARED: Variant = Variant { make: |p, d| probe(Clocks::Shared, p, d), ..SHARDED };
static PER_TOOL: Variant = Variant { make: |p, d| probe(Clocks::PerTool, p, d), ..SHARDED };
const SHARDED: Variant = Variant {
    name: "sharded",
    summary: "",
    deviations: retrylab::variants::Deviations::NONE,
    make: |p, d| probe(Clocks::PerTool, p, d),
};

#[test]
fn time_never_goes_back_for_a_plugin_with_one_clock_and_nobody_else_is_disturbed() {
    let plan = plan("sharded");
    let seen = || (ASKED.swap(0, Ordering::SeqCst), BACK.swap(0, Ordering::SeqCst));
    let turns = study(&plan, 8, |_| Some(&SHARED));
    let (asked, back) = seen();
    assert!(asked > 10_000 && back == 0, "{back} of {asked}");
    // The probe can see it: tools with clocks of their own are simulated one after the other.
    let alone = study(&plan, 1, |_| Some(&PER_TOOL));
    let (asked_alone, back) = seen();
    assert!(back >= 7 && asked_alone == asked, "{back} of {asked_alone}");
    // A plugin that keeps tools apart answers the same either way.
    assert_eq!(turns, alone);
}

#[test]
fn as_many_tools_take_turns_as_memory_should_hold() {
    let with = |count: usize, variant: &str| {
        let mut plan = plan(variant);
        let tool = plan.columns[0].world.tools[0].clone();
        plan.columns[0].world.tools = vec![tool; count];
        study::check(&plan)
    };
    assert_eq!(with(1, "upstream").unwrap(), Vec::<String>::new());
    assert!(with(1000, "upstream").unwrap()[0].contains("take turns"));
    let fault = with(1001, "upstream").unwrap_err().to_string();
    assert!(fault.contains("found 1001 instances: must be at most 1000"), "{fault}");
    assert!(with(1001, "sharded").unwrap().is_empty());
}

#[test]
fn a_study_that_takes_turns_can_be_stopped() {
    let plan = plan("upstream");
    let watch = Watch { stop: &AtomicBool::new(true), advanced: &|_| {} };
    assert_eq!(study::run(&plan, &watch).replicas, 0);
}
