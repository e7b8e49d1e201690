//! The simulator's speed, in parts and whole: the event queue under the hold model, attempts through the
//! full plugin with many calls in flight, one cell of the AWS experiment. `benches/README.md` says what
//! each has to reach.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::hint::black_box;
use std::sync::atomic::AtomicBool;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use retrylab::base::ln::ln;
use retrylab::base::random::{Draws, Purpose};
use retrylab::base::{Moment, Span};
use retrylab::metrics::{Frame, Tally, numbers};
use retrylab::scenario::{self, Plan};
use retrylab::sim::queue::Queue;
use retrylab::sim::{self, Course};
use retrylab::study::{self, Watch};
use retrylab::variants;

/// Events in one iteration: one alone would be measured with the harness round it.
const BATCH: u64 = 1_000;

/// As large as an event of the simulator.
type Event = u64;

/// Delays with a mean of a second, the draw included in what is measured.
fn exponential() -> impl FnMut() -> u64 {
    let stream = Draws::new(1, 0).stream(Purpose::Arrivals, 0);
    let mut drawn = 0;
    move || {
        drawn += 1;
        (-ln(stream.unit(drawn)) * 1e9) as u64
    }
}

/// The hold model (Jones, CACM 1986): each event that leaves is replaced by one some time later.
fn hold(c: &mut Criterion) {
    let mut group = c.benchmark_group("hold");
    group.throughput(Throughput::Elements(BATCH));
    for pending in [1_000, 100_000, 1_000_000] {
        let mut delay = exponential();
        let mut queue: Queue<Event> = Queue::new();
        (0..pending).for_each(|_| queue.push(Moment::from_nanos(delay()), 0));
        let mut turn = || {
            if let Some((now, event)) = queue.pop() {
                queue.push(now + Span::from_nanos(delay()), event);
            }
        };
        (0..2 * pending).for_each(|_| turn());
        group.bench_function(BenchmarkId::new("ladder", pending), |b| {
            b.iter(|| (0..BATCH).for_each(|_| turn()));
        });

        let mut delay = exponential();
        let mut heap: BinaryHeap<Reverse<(u64, u64, Event)>> = BinaryHeap::new();
        (0..pending).for_each(|i| heap.push(Reverse((delay(), i, 0))));
        let mut sequence = pending;
        group.bench_function(BenchmarkId::new("std_heap", pending), |b| {
            let mut turn = || {
                if let Some(Reverse((now, _, event))) = heap.pop() {
                    sequence += 1;
                    heap.push(Reverse((now + delay(), sequence, event)));
                }
            };
            b.iter(|| (0..BATCH).for_each(|_| turn()));
        });
    }
    group.finish();
}

fn plan(text: &str) -> Plan {
    let none = |name: &str| Err(format!("there is no {name}"));
    scenario::load("bench", text, &none, &BTreeMap::new()).expect("the scenario is valid")
}

/// Simulates the first tool of a column on one thread; gives the number of attempts.
fn attempts(plan: &Plan, column: usize) -> u64 {
    let column = &plan.columns[column];
    let draws = Draws::new(plan.seed, 0);
    let variant = variants::find(&column.variant).expect("the variant exists");
    let plugin = (variant.make)(column.policies.clone(), draws);
    let mut tally = Tally::new(Frame { trouble: None, longest_wait: Span::from_secs(5) });
    let tool = &column.world.tools[0];
    let course = sim::run(&column.world, tool, &*plugin, &draws, &mut tally);
    assert_eq!(course, Course::Whole);
    tally.close(0);
    numbers::numbers(&tally, column.world.duration)["attempts"].unwrap_or(0.0) as u64
}

/// 85,000 calls a second that take a second each, and one in ten attempts fails: 100,000 in flight.
const IN_FLIGHT: &str = "question = '?'\nduration = '10s'\nseed = 1\n\
    tools = [{ name = 'search', latency = { exponential = { mean = '1s' } },\n\
               faults = [{ flaky = { probability = '10%', signal = { status = 503 } } }] }]\n\
    load = [{ tool = 'search', arrivals = { poisson = { rate = '85000/s' } } }]\n";

/// Through the full plugin, the loop, and the metrics.
fn simulate(c: &mut Criterion) {
    let mut group = c.benchmark_group("simulate");
    group.sample_size(10);
    let in_flight = plan(IN_FLIGHT);
    group.throughput(Throughput::Elements(attempts(&in_flight, 0)));
    group.bench_function("100000_in_flight", |b| b.iter(|| attempts(black_box(&in_flight), 0)));
    let contention = shipped("contention");
    let full = contention.columns.iter().position(|c| c.name == "full calls=100");
    let full = full.expect("there is such a column");
    group.throughput(Throughput::Elements(attempts(&contention, full)));
    group.bench_function("aws_full_100", |b| b.iter(|| attempts(black_box(&contention), full)));
    group.finish();
}

fn shipped(name: &str) -> Plan {
    plan(scenario::shipped::find(name).expect("it is shipped").text)
}

/// Whole studies, from the plan to the summaries, on one thread and on two.
fn study(c: &mut Criterion) {
    let mut group = c.benchmark_group("study");
    group.sample_size(10);
    for name in ["outage", "contention"] {
        let plan = shipped(name);
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.expect("threads can be had");
            let watch = Watch { stop: &AtomicBool::new(false), advanced: &|_| {} };
            let id = BenchmarkId::new(name, format!("{threads}_threads"));
            group.bench_function(id, |b| {
                b.iter(|| pool.install(|| study::run(black_box(&plan), &watch)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, hold, simulate, study);
criterion_main!(benches);
