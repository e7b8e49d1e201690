//! The experiment on contention (Brooker, AWS Architecture Blog 2015) once more, written for nothing
//! else: a heap, a few lines of rules, random numbers of its own, times as floating-point milliseconds.
//! It shares no line with the simulator, so that what both say is what the rules say.
//!
//! By default a part of the 95 cells is compared; `RETRYLAB_CONTENTION=all` compares all, and
//! `RETRYLAB_CONTENTION_TRIALS` sets how often each is tried.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::atomic::AtomicBool;

use retrylab::base::stats::{mean_interval, student_975};
use retrylab::scenario;
use retrylab::study::{self, Watch};

const ALGORITHMS: [&str; 5] = ["at once", "exponential", "equal", "full", "decorrelated"];
const CAP: f64 = 2000.0;
const BASE: f64 = 5.0;

/// xorshift64* (Vigna 2016).
struct Luck(u64);

impl Luck {
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let bits = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11;
        (bits as f64 + 0.5) / (1_u64 << 53) as f64
    }
    fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
    /// One way over the network: |normal(10, 2)| ms, by Box and Muller.
    fn hop(&mut self) -> f64 {
        let (r, angle) = ((-2.0 * self.unit().ln()).sqrt(), std::f64::consts::TAU * self.unit());
        (10.0 + 2.0 * r * angle.cos()).abs()
    }
    /// The wait before the n-th retry, n = 1, 2, ...
    fn wait(&mut self, algorithm: &str, n: i32, previous: f64) -> f64 {
        let ceiling = (BASE * 2_f64.powi(n)).min(CAP);
        match algorithm {
            "at once" => 0.0,
            "exponential" => ceiling,
            "equal" => ceiling / 2.0 + self.uniform(0.0, ceiling / 2.0),
            "full" => self.uniform(0.0, ceiling),
            _ => self.uniform(BASE, 3.0 * previous).min(CAP),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// A read request is at the row.
    Read,
    /// A write request is at the row, with the version that was read.
    Write(u64),
    /// The client hears whether it has written.
    Reply(bool),
}

/// What happens next, by time; positive numbers order as their bits do.
#[derive(Default)]
struct Agenda(BinaryHeap<Reverse<(u64, usize, Step)>>);

impl Agenda {
    fn add(&mut self, at: f64, client: usize, step: Step) {
        self.0.push(Reverse((at.to_bits(), client, step)));
    }
    fn next(&mut self) -> Option<(f64, usize, Step)> {
        self.0.pop().map(|Reverse((bits, client, step))| (f64::from_bits(bits), client, step))
    }
}

/// Time of the last reply and number of writes.
fn trial(clients: usize, algorithm: &str, luck: &mut Luck) -> (f64, f64) {
    let mut agenda = Agenda::default();
    let (mut retries, mut waits) = (vec![0; clients], vec![BASE; clients]);
    let (mut version, mut writes, mut last) = (0, 0_u32, 0.0);
    for client in 0..clients {
        agenda.add(luck.hop(), client, Step::Read);
    }
    while let Some((now, client, step)) = agenda.next() {
        match step {
            Step::Read => agenda.add(now + luck.hop() + luck.hop(), client, Step::Write(version)),
            Step::Write(read) => {
                writes += 1;
                let written = read == version;
                version += u64::from(written);
                agenda.add(now + luck.hop(), client, Step::Reply(written));
            }
            Step::Reply(true) => last = now,
            Step::Reply(false) => {
                retries[client] += 1;
                waits[client] = luck.wait(algorithm, retries[client], waits[client]);
                agenda.add(now + waits[client] + luck.hop(), client, Step::Read);
            }
        }
    }
    (last, f64::from(writes))
}

/// Mean and standard error.
fn estimate(samples: &[f64]) -> (f64, f64) {
    let estimate = mean_interval(samples).unwrap();
    let (low, high) = estimate.interval.unwrap();
    (estimate.mean, (high - low) / 2.0 / student_975(samples.len() - 1))
}

/// Every cell that is asked for, through the whole simulator: its name, then each metric's mean and
/// standard error.
fn simulated(wanted: impl Fn(&str) -> bool, trials: u32) -> BTreeMap<String, [(f64, f64); 2]> {
    let text = include_str!("../../scenarios/herd/contention.toml");
    let none = |name: &str| Err(format!("there is no {name}"));
    let mut plan = scenario::load("contention", text, &none, &BTreeMap::new()).unwrap();
    assert_eq!(plan.columns.len(), 95);
    plan.columns.retain(|column| wanted(&column.name));
    (plan.replicas, plan.seed) = (trials, 20_150_304);
    let watch = Watch { stop: &AtomicBool::new(false), advanced: &|_| {} };
    let study = study::run(&plan, &watch);
    let cells = plan.columns.iter().zip(&study.columns).map(|(column, summary)| {
        let metric = |name: &str| {
            let estimate = summary.metrics[name].unwrap();
            let (low, high) = estimate.interval.unwrap();
            (estimate.mean, (high - low) / 2.0 / student_975(trials as usize - 1))
        };
        (column.name.clone(), [metric("last_reply_ms"), metric("attempts")])
    });
    cells.collect()
}

#[test]
fn every_cell_of_the_contention_experiment_agrees_with_a_simulation_written_for_nothing_else() {
    let all = std::env::var("RETRYLAB_CONTENTION").is_ok_and(|what| what == "all");
    let trials = std::env::var("RETRYLAB_CONTENTION_TRIALS").ok().map(|n| n.parse().unwrap());
    let trials: u32 = trials.unwrap_or(500);
    let sizes: Vec<usize> = if all { (10..=190).step_by(10).collect() } else { vec![10, 50, 100] };
    let name = |algorithm: &str, clients: usize| format!("{algorithm} calls={clients}");
    let wanted: Vec<String> =
        sizes.iter().flat_map(|n| ALGORITHMS.map(|algorithm| name(algorithm, *n))).collect();
    let cells = simulated(|cell| wanted.iter().any(|name| name == cell), trials);
    assert_eq!(cells.len(), wanted.len());
    let (mut worst, mut squares) = ((0.0, String::new()), 0.0);
    for clients in sizes {
        for algorithm in ALGORITHMS {
            let cell = name(algorithm, clients);
            let id = (cell.len() * 1000 + clients) as u64;
            let mut luck = Luck(id.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let tried: Vec<_> = (0..trials).map(|_| trial(clients, algorithm, &mut luck)).collect();
            let (last, writes): (Vec<f64>, Vec<f64>) = tried.into_iter().unzip();
            let own = [estimate(&last), estimate(&writes)];
            for (what, (seen, own)) in
                ["last reply", "writes"].iter().zip(cells[&cell].iter().zip(own))
            {
                let joint = seen.1.hypot(own.1);
                let off = (seen.0 - own.0) / joint;
                squares += off * off;
                assert!(
                    off.abs() < 4.0,
                    "{cell}, {what}: {seen:?} and {own:?}, {off:.1} errors apart"
                );
                // A tolerance that anything passes proves nothing.
                assert!(joint < 0.1 * own.0, "{cell}, {what}: {joint} is too large to tell");
                if off.abs() > worst.0 {
                    worst = (off.abs(), format!("{cell}, {what}"));
                }
            }
        }
    }
    let compared = 2 * wanted.len();
    eprintln!(
        "{compared} means of {trials} trials; the largest deviation is {:.2} standard errors ({}), the root mean square {:.2}",
        worst.0,
        worst.1,
        (squares / compared as f64).sqrt()
    );
}
