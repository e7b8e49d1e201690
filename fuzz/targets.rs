//! What is fuzzed: every way in which bytes from outside come into retrylab. Each function takes any bytes
//! and must come back, soon and without a panic; what it finds must be well formed. The fuzzer calls them
//! (`fuzz/fuzz_targets`), and so does a short run in the tests (`tests/all/hostile/fuzz.rs`).

#![allow(dead_code, missing_docs, unreachable_pub, reason = "each target uses one of them")]

use std::collections::BTreeMap;

use retrylab::base::Fault;
use retrylab::bench::vectors;
use retrylab::plugin::{self, wire};
use retrylab::report::derived::{self, Checked, Told, Traces};
use retrylab::scenario::{self, Plan, contextforge, log, toml};
use retrylab::study::{self, derive::derive};

/// A scenario around whatever is fuzzed beside it.
const AROUND: &str = "question = '?'\nduration = '1m'\ntools = [{ name = 'a' }]\n\
    load = [{ tool = 'a', arrivals = { trace = { file = 't.csv' } } }]\n";

/// A scenario file.
pub fn scenario(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    judged(text, load(text, &|name| Err(format!("there is no {name}"))));
}

/// A policy under `[policy]`, by itself.
pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(root) = toml::parse(text) else { return };
    let mut warnings = Vec::new();
    match plugin::read::read(&root, "policy", &mut warnings) {
        Ok(mut set) => {
            set.clamp(3, &mut warnings);
            let all = set.overrides.values().chain([&set.base]);
            all.for_each(|p| assert!(p.max_retries <= 3 && p.backoff_base <= p.max_backoff));
        }
        Err(faults) => well_formed(text, &faults),
    }
}

/// A gateway's configuration: a template that gives YAML that holds a policy.
pub fn yaml(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let env = BTreeMap::from([("RETRIES".to_owned(), "3".to_owned())]);
    match contextforge::policy(text, &env) {
        Ok((set, _)) => assert!(set.base.backoff_base <= set.base.max_backoff),
        Err(faults) => well_formed(text, &faults),
    }
}

/// A trace of arrivals.
pub fn csv(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    for column in ["", ", column = 'at'"] {
        let around = AROUND.replace("'t.csv'", &format!("'t.csv'{column}"));
        judged(&around, load(&around, &|_| Ok(text.to_owned())));
    }
}

/// A log of calls. The scenario that it gives always loads.
pub fn log(data: &[u8]) {
    for skip in [0, 3] {
        let options = log::Options { skip, ..log::Options::default() };
        let Ok(read) = log::read(&mut &data[..], &options) else { continue };
        let derived = derive(&read);
        for traces in [Traces::Beside("a"), Traces::None] {
            let told = Told { log: &read, name: "a\"\n", derived: &derived, traces, version: "0" };
            let files: BTreeMap<String, String> = derived::traces(&told).into_iter().collect();
            let text = derived::scenario(&told, Checked::NotYet);
            let file = |name: &str| files.get(name).cloned().ok_or_else(|| name.to_owned());
            let loaded = scenario::load("a", &text, &file, &BTreeMap::new());
            assert!(loaded.is_ok(), "{:?}\n{text}", loaded.err());
        }
    }
}

/// A reply in wire form, and a vector around it.
pub fn wire(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let reply = wire::reply(text);
    let _ = vectors::cases(text);
    let line = text.replace(['\n', '\r'], " ");
    let vector = format!(
        "{{\"policy\":{{\"check_text_content\":true}},\"steps\":[{{\"tool\":\"a\",\
         \"request\":\"r\",\"result\":{line}}}],\"expect\":{{\"reference\":[0]}}}}"
    );
    let cases = vectors::cases(&vector);
    if reply.is_ok() && !text.contains(['\n', '\r']) && cases.is_err() {
        panic!("a reply that is read by itself, but not within a vector");
    }
    for case in cases.iter().flatten() {
        let answers: Vec<_> = retrylab::variants::all()
            .iter()
            .map(|v| retrylab::bench::conform::answers(v, case).len())
            .collect();
        assert!(answers.iter().all(|n| *n == case.steps.len()));
    }
}

fn load(text: &str, files: &dyn Fn(&str) -> Result<String, String>) -> Result<Plan, Vec<Fault>> {
    scenario::load("fuzz", text, files, &BTreeMap::new())
}

fn judged(text: &str, plan: Result<Plan, Vec<Fault>>) {
    match plan {
        Ok(plan) => {
            let _ = scenario::lint(&plan, scenario::lint::CLIENT_TIMEOUT);
            let _ = study::check(&plan);
            assert!(plan.expected_calls() >= 0.0 && !plan.columns.is_empty());
        }
        Err(faults) => well_formed(text, &faults),
    }
}

/// Every fault has a path, a rule, and a place within the text.
fn well_formed(text: &str, faults: &[Fault]) {
    assert!(!faults.is_empty());
    for fault in faults {
        assert!(!fault.path.is_empty() && !fault.rule.is_empty(), "{fault:?}");
        if let Some(span) = &fault.span {
            assert!(span.start <= span.end && span.end <= text.len(), "{fault:?}");
        }
    }
}
