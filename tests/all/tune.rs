//! A search for a policy: beside an exhaustive one of the same space, in the binary as a user runs it, and
//! interrupted.

mod presets;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use assert_cmd::Command;
use retrylab::plugin::{Jitter, Policy};
use retrylab::scenario;
use retrylab::study::Watch;
use retrylab::study::tune::{
    Better, Entry, Goal, Keep, Ledger, Point, Question, Space, Stopped, Target, Task, Tuned,
    metrics, tune,
};

/// A tool with few servers that is away for two seconds: short waits knock it over, long ones cost time.
const OUTAGE: &str = r#"
question = "Which waits?"
source   = "a test"
duration = "12s"
seed     = 5
[[tools]]
name     = "t"
latency  = { exponential = { mean = "20ms" } }
capacity = { servers = 2, queue = 10, when_full = { status = 503 } }
faults   = [{ outage = { from = "4s", to = "6s", signal = { status = 503 } } }, { flaky = { probability = "4%", signal = { status = 503 } } }]
[[load]]
tool     = "t"
arrivals = { poisson = { rate = "60/s" } }
[gateway]
max_tool_retries = 4
"#;

fn task(text: &str) -> Task {
    let none = |name: &str| Err(format!("there is no {name}"));
    let plan = scenario::load("t", text, &none, &BTreeMap::new()).unwrap();
    Task { name: plan.name, column: plan.columns[0].clone(), seed: plan.seed, weight: 1.0 }
}

fn question(goal: &str, keeps: &[&str]) -> Question {
    let metric = scenario::metric(goal).unwrap();
    let keep = |text: &&str| {
        let (metric, test) = scenario::condition(text).unwrap();
        Keep { text: (*text).to_owned(), metric, test }
    };
    let current = Point::of(&Policy::default(), None);
    Question {
        goal: Goal { metric, better: Better::of(metric).unwrap() },
        keeps: keeps.iter().map(keep).collect(),
        space: Space::around(current, 4),
        contestants: Vec::new(),
        current,
        replicas: 20,
    }
}

fn searched(
    question: &Question,
    tasks: &[Task],
    earlier: Vec<Entry>,
    keep: &(dyn Fn(&Entry) + Sync),
    stop: &AtomicBool,
) -> Result<Tuned, Stopped> {
    let watch = Watch { stop, advanced: &|_| {} };
    let names = metrics(question.goal, &question.keeps);
    tune(question, &Ledger::new(tasks, Target::Base, names, earlier, (&watch, keep)))
}

/// Mean success and latency of every policy of a space, on streams that the search does not see.
fn exhaustive(question: &Question, tasks: &[Task]) -> Vec<(Point, BTreeMap<&'static str, f64>)> {
    let stop = AtomicBool::new(false);
    let watch = Watch { stop: &stop, advanced: &|_| {} };
    let names = metrics(question.goal, &question.keeps);
    let ledger = Ledger::new(tasks, Target::Base, names.clone(), Vec::new(), (&watch, &|_| {}));
    let Space { max_retries, base_ms, cap_ms, jitter, .. } = &question.space;
    let mut points = Vec::new();
    for (max_retries, base_ms) in
        max_retries.iter().flat_map(|n| base_ms.iter().map(move |b| (*n, *b)))
    {
        for (cap_ms, jitter) in cap_ms.iter().flat_map(|c| jitter.iter().map(move |j| (*c, *j))) {
            let point = Point { max_retries, base_ms, cap_ms, jitter, deadline_ms: None };
            let point = point.canonical(question.current.cap_ms);
            if point.cap_ms >= point.base_ms && !points.contains(&point) {
                points.push(point);
            }
        }
    }
    let streams = 1_000..1_000 + question.replicas;
    ledger.run(&points, streams.clone()).unwrap();
    let mean = |point: Point, metric: &'static str| {
        let values = ledger.values(point, 0, metric, streams.clone());
        let there: Vec<f64> = values.into_iter().flatten().collect();
        (metric, there.iter().sum::<f64>() / there.len() as f64)
    };
    points.into_iter().map(|p| (p, names.iter().map(|m| mean(p, m)).collect())).collect()
}

#[test]
fn a_search_finds_what_an_exhaustive_one_finds_for_a_tenth_of_the_runs() {
    let tasks = [task(OUTAGE)];
    for (goal, keep) in
        [("success_rate", "amplification <= 1.15"), ("latency_ms_p99", "success_rate >= 90%")]
    {
        let question = question(goal, &[keep]);
        let stop = AtomicBool::new(false);
        let tuned = searched(&question, &tasks, Vec::new(), &|_| {}, &stop).unwrap();
        let all = exhaustive(&question, &tasks);
        assert_eq!(all.len(), tuned.points.0);
        assert!(
            tuned.spent.0 * 10 <= tuned.exhaustive,
            "{} of {}",
            tuned.spent.0,
            tuned.exhaustive
        );
        assert!(tuned.recommended.holds.by_mean(), "{:?}", tuned.recommended);
        let keep = &question.keeps[0];
        let cost = |figures: &BTreeMap<&'static str, f64>| question.goal.better.cost(figures[goal]);
        let best = all
            .iter()
            .filter(|(_, figures)| keep.test.holds(Some(figures[keep.metric])))
            .min_by(|a, b| cost(&a.1).total_cmp(&cost(&b.1)))
            .unwrap();
        let own = tuned.recommended.figures[0][goal].unwrap();
        let (low, high) = own.interval.unwrap();
        let slack = (high - low).abs();
        let behind = question.goal.better.cost(own.mean) - cost(&best.1);
        assert!(
            behind <= slack,
            "{goal}: {:?} is {behind} behind {:?}",
            tuned.recommended.point,
            best.0
        );
    }
}

#[test]
fn an_interrupted_search_goes_on_and_comes_to_the_same() {
    let tasks = [task(OUTAGE)];
    let mut question = question("success_rate", &["amplification <= 1.3"]);
    question.space.jitter = vec![Jitter::None, Jitter::Full];
    question.space.base_ms = vec![50, 200, 800];
    question.space.cap_ms = vec![1000, 5000];
    let never = AtomicBool::new(false);
    let whole = searched(&question, &tasks, Vec::new(), &|_| {}, &never).unwrap();
    let stop = AtomicBool::new(false);
    let kept = std::sync::Mutex::new(Vec::new());
    let keep = |entry: &Entry| {
        let mut kept = kept.lock().unwrap();
        kept.push(entry.clone());
        if kept.len() >= 30 {
            stop.store(true, Ordering::Relaxed);
        }
    };
    assert!(searched(&question, &tasks, Vec::new(), &keep, &stop).is_err());
    let kept = kept.into_inner().unwrap();
    let (before, again) = (kept.len() as u64, AtomicU64::new(0));
    let count = |_: &Entry| {
        again.fetch_add(1, Ordering::Relaxed);
    };
    let resumed = searched(&question, &tasks, kept, &count, &never).unwrap();
    assert_eq!(resumed.recommended, whole.recommended);
    assert_eq!(resumed.front, whole.front);
    assert_eq!(before + again.into_inner(), whole.spent.0, "nothing is run twice");
}

#[test]
fn what_nothing_keeps_is_told_with_what_comes_nearest() {
    let tasks = [task(OUTAGE)];
    let mut question = question("latency_ms_p50", &["success_rate >= 99.99%"]);
    question.space.base_ms = vec![100, 200];
    question.space.cap_ms = vec![5000];
    let tuned = searched(&question, &tasks, Vec::new(), &|_| {}, &AtomicBool::new(false)).unwrap();
    assert!(!tuned.recommended.holds.by_mean());
    let success = |row: &retrylab::study::tune::Row| row.figures[0]["success_rate"].unwrap().mean;
    assert!(success(&tuned.recommended) > success(&tuned.off));
}

fn retrylab(args: &[&str], out: &Path) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("retrylab").unwrap();
    command.args(["tune", "--quiet", "--out"]).arg(out).args(args).assert()
}

const SMALL: [&str; 8] = [
    "fail_twice",
    "--vary",
    "max_retries=0..3",
    "--vary",
    "backoff_base_ms=100,200",
    "--vary",
    "max_backoff_ms=1000,5000",
    "--format=json",
];

#[test]
fn the_binary_writes_a_report_and_a_block_that_loads_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let read = |threads: &str| {
        let out = folder.path().join(threads);
        let args: Vec<&str> = SMALL.iter().copied().chain(["--threads", threads]).collect();
        let assert = retrylab(&args, &out).code(0);
        let text = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
        let mut result: serde_json::Value = serde_json::from_str(&text).unwrap();
        result["command"] = "".into();
        result["block"] = "".into();
        let picture = std::fs::read(out.join("front.svg")).ok();
        (result, picture, std::fs::read_to_string(out.join("policy.yaml")).unwrap())
    };
    let (one, picture, block) = read("1");
    let (many, again, _) = read("8");
    assert_eq!((&one, &picture), (&many, &again));
    assert_eq!(one["schema"], "retrylab/tune/1");
    assert_eq!(one["recommended"]["max_retries"], 2, "two failures need two retries: {one:#}");
    assert!(block.contains("max_retries: 2"), "{block}");
    let mut command = Command::cargo_bin("retrylab").unwrap();
    command.arg("check").arg(folder.path().join("1/policy.yaml")).assert().code(0);
}

#[test]
fn a_journal_is_taken_over_and_no_other_search_is() {
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("runs.jsonl");
    let journal = journal.to_str().unwrap();
    let with = |more: &[&str], out: &str| {
        let args: Vec<&str> = SMALL.iter().copied().chain(["--journal", journal]).collect();
        let args: Vec<&str> = args.into_iter().chain(more.iter().copied()).collect();
        retrylab(&args, &folder.path().join(out))
    };
    with(&[], "a").code(0);
    let runs = std::fs::read_to_string(journal).unwrap();
    with(&[], "b").code(0);
    assert_eq!(std::fs::read_to_string(journal).unwrap(), runs, "nothing was run again");
    let told = with(&["--seed", "9"], "c").code(2);
    let told = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
    assert!(told.contains("another search"), "{told}");
}

#[test]
fn wrong_words_are_told_with_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    for (args, words) in [
        (&["outage", "--goal", "latency"][..], "must be a metric"),
        (&["outage", "--goal", "latency_ms_p98"], "did you mean `latency_ms_p9"),
        (&["outage", "--goal", "calls"], "--keep instead"),
        (&["outage", "--keep", "success_rate > 99"], "write 99% instead of 99"),
        (&["outage", "--keep", "success > 99%"], "must be a metric"),
        (&["outage", "--vary", "max_retries=0..9"], "over the gateway's limit of 3"),
        (&["outage", "--vary", "jitter=half"], "none, full, equal or decorrelated"),
        (&["outage", "--vary", "backof_base_ms=1"], "did you mean backoff_base_ms?"),
        (&["outage", "--column", "jitter=ful"], "did you mean \"jitter=full\"?"),
        (&["outage", "--tool", "serch"], "is no tool of the scenario"),
        (&["outage", "--weight", "rate_limit=2"], "is none of the scenarios"),
        (&["outage", "--replicas", "1"], "from 4 to 10000"),
    ] {
        let told = retrylab(args, &folder.path().join("x")).code(2);
        let told = String::from_utf8_lossy(&told.get_output().stderr).into_owned();
        assert!(told.contains(words), "{args:?}: {told}");
    }
}
