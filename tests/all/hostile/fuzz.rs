//! The targets of the fuzzer, over their corpus and over mutations of it that are the same every time.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

#[path = "../../../fuzz/targets.rs"]
mod targets;

/// What the languages are made of.
const WORDS: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "\n",
    ": ",
    "- ",
    "*a",
    "&a ",
    "<<: ",
    "{{ ",
    " }}",
    "{% for i in range(9) %}",
    "{% set ",
    "99999999999999999999",
    "-1",
    "1e999",
    "\u{feff}",
    "é",
    "\\ud800",
    "null",
    "\0",
];

#[derive(Clone, Debug)]
enum Change {
    Insert(Index, &'static str),
    Cut(Index, usize),
    Repeat(Index, usize, usize),
    Flip(Index, u8),
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    prop_oneof![
        (at(), prop::sample::select(&WORDS[..])).prop_map(|(at, word)| Change::Insert(at, word)),
        (at(), 1..40_usize).prop_map(|(at, n)| Change::Cut(at, n)),
        (at(), 1..20_usize, 1..300_usize).prop_map(|(at, n, times)| Change::Repeat(at, n, times)),
        (at(), any::<u8>()).prop_map(|(at, bits)| Change::Flip(at, bits)),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let place = |at: &Index| at.index(bytes.len() + 1);
        match change {
            Change::Insert(at, word) => {
                let at = place(at);
                bytes.splice(at..at, word.bytes());
            }
            Change::Cut(at, n) => {
                let at = place(at);
                bytes.drain(at..(at + n).min(bytes.len()));
            }
            Change::Repeat(at, n, times) => {
                let at = place(at);
                let part = bytes[at..(at + n).min(bytes.len())].repeat(*times);
                bytes.splice(at..at, part);
            }
            Change::Flip(at, bits) if !bytes.is_empty() => *at.get_mut(&mut bytes) ^= bits,
            Change::Flip(..) => {}
        }
    }
    bytes
}

/// Calls a target with every file of its corpus and with mutations of them.
fn fuzzed(name: &str, target: fn(&[u8]), mutations: u32) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let corpus: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    assert!(corpus.len() >= 2, "no corpus for {name}");
    corpus.iter().for_each(|bytes| target(bytes));
    let config = Config { cases: mutations, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let strategy = (any::<Index>(), prop::collection::vec(change(), 1..6));
    TestRunner::new_with_rng(config, rng)
        .run(&strategy, |(file, changes)| {
            target(&changed(file.get(&corpus).clone(), &changes));
            Ok(())
        })
        .unwrap();
}

#[test]
fn scenarios_never_panic() {
    fuzzed("scenario", targets::scenario, 600);
}

#[test]
fn policies_never_panic() {
    fuzzed("policy", targets::policy, 3000);
}

#[test]
fn configurations_never_panic() {
    fuzzed("yaml", targets::yaml, 3000);
}

#[test]
fn traces_never_panic() {
    fuzzed("csv", targets::csv, 2000);
}

#[test]
fn logs_never_panic_and_what_they_give_loads() {
    fuzzed("log", targets::log, 1500);
}

#[test]
fn replies_and_vectors_never_panic() {
    fuzzed("wire", targets::wire, 3000);
}

/// The longest tags that are let through nest as deeply as a parser can be made to descend; the stack of
/// this thread, 2 MiB, holds it.
#[test]
fn the_deepest_template_that_is_let_through_fits_a_small_stack() {
    for (open, part, close) in [
        ("{{ ", "-", "1 }}"),
        ("{{ ", "not ", "1 }}"),
        ("{{ 1", "~1", " }}"),
        ("{{ x", ".x", " }}"),
        ("{{ 1", " if 1 else 1", " }}"),
        ("{{ ", "(", "1"),
        ("{{ ", "[", "1"),
        ("{{ 1", "|d", " }}"),
    ] {
        let times = (999 - open.len() - close.len()) / part.len();
        targets::yaml(format!("{open}{}{close}", part.repeat(times)).as_bytes());
    }
    targets::yaml(format!("{{% if 0 %}}{}{{% endif %}}", "{% elif 0 %}".repeat(200)).as_bytes());
}
