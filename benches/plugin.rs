//! The plugin's decision, path by path, for those who work on one function of it: what `retrylab measure`
//! times, by the same definitions (`bench::workload`). A figure here stands alone, of one moment of the
//! machine; who wants to know whether one variant is faster than another asks `measure`, which pairs them.
//!
//! The numbers of samples are small, for a look in two minutes; `-- --sample-size 100` asks for more.

use std::hint::black_box;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use retrylab::base::random::{Draws, entity, fingerprint};
use retrylab::bench::workload::{Lane, PATHS, Setup, USUAL, find};
use retrylab::variants;

/// Every path with every variant, with one live entry.
fn paths(c: &mut Criterion) {
    for path in &PATHS {
        let mut group = c.benchmark_group(path.name);
        group.throughput(Throughput::Elements(path.signals.len() as u64));
        for variant in variants::all() {
            let plugin = path.instance(variant, &USUAL, Draws::new(1, 0));
            let mut lane = Lane::new(path, &USUAL, 0);
            group.bench_function(variant.name, |b| b.iter(|| lane.operate(&*plugin)));
        }
        group.finish();
    }
}

/// The default with more and more live entries.
fn growth(c: &mut Criterion) {
    let sharded = variants::find("sharded").expect("the variant exists");
    for name in ["success", "error_flag", "recovered"] {
        let path = find(name).expect("the path exists");
        let mut group = c.benchmark_group(format!("growth/{name}"));
        for live in [1, 1_000, 100_000] {
            let setup = Setup { live, ..USUAL };
            let plugin = path.instance(sharded, &setup, Draws::new(1, 0));
            let mut lane = Lane::new(path, &setup, 0);
            let id = BenchmarkId::new(sharded.name, live);
            group.bench_function(id, |b| b.iter(|| lane.operate(&*plugin)));
        }
        group.finish();
    }
}

/// What no body can do without, or would gladly do without: the two hashes of a call, a lock that nobody
/// else wants, a joined key, and a look at the clock.
fn floor(c: &mut Criterion) {
    let mut group = c.benchmark_group("floor");
    let (tool, request) = ("tool-00".to_owned(), "timed-0000000000000000000".to_owned());
    group.bench_function("hash_of_tool", |b| b.iter(|| entity(black_box(&tool))));
    group.bench_function("hash_of_request", |b| b.iter(|| entity(black_box(&request))));
    group.bench_function("fingerprint_of_request", |b| b.iter(|| fingerprint(black_box(&request))));
    let counter = Mutex::new(0_u64);
    group.bench_function("lock", |b| {
        b.iter(|| *counter.lock().unwrap_or_else(PoisonError::into_inner) += 1);
    });
    let joined = || [black_box(&tool), black_box(&request)].map(String::as_str).join(":");
    group.bench_function("joined_key", |b| b.iter(joined));
    group.bench_function("clock", |b| b.iter(Instant::now));
    group.finish();
}

fn quick() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
}

criterion_group!(name = benches; config = quick(); targets = floor, paths, growth);
criterion_main!(benches);
