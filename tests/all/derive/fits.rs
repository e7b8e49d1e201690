//! The parameters of a simulated log come back, within their standard errors.

use retrylab::base::Span;
use retrylab::scenario::log::Outcome;
use retrylab::study::derive::arrivals::Model;
use retrylab::study::derive::{Tool, derive};

use super::{csv, lines, plan, read};

/// One tool under load for twenty minutes.
fn scenario(faults: &str, arrivals: &str) -> String {
    format!(
        "question = '?'\nduration = '20m'\nseed = 11\n[[tools]]\nname = 'search'\n\
         latency = {{ p50 = '40ms', p90 = '90ms', p99 = '400ms' }}\nfaults = [{faults}]\n\
         [[load]]\ntool = 'search'\narrivals = {arrivals}\n[policy]\nmax_retries = 0\n"
    )
}

const POISSON: &str = "{ poisson = { rate = '10/s' } }";

fn derived(faults: &str, arrivals: &str, replica: u64) -> Tool {
    let lines = lines(&plan(&scenario(faults, arrivals)), replica);
    derive(&read(&csv(&lines))).tools.remove(0)
}

fn near(found: f64, truth: f64, error: f64) {
    assert!((found - truth).abs() < 4.0 * error, "{found}, not {truth} ± {error}");
}

#[test]
fn a_rate_and_percentiles_come_back() {
    let tool = derived("", POISSON, 0);
    let n = 12_000.0_f64;
    assert_eq!(tool.arriving.model, Model::Poisson);
    near(tool.arriving.rate, 10.0, n.sqrt() / 1200.0);
    let latency = tool.latency.unwrap();
    // The standard error of a percentile is that of its share, over the density: here by how far the
    // percentile is when the share is off by two of them.
    for (name, truth, low, high) in
        [("p50", 40.0, 39.2, 40.9), ("p90", 90.0, 88.0, 93.0), ("p99", 400.0, 370.0, 450.0)]
    {
        let (_, found) = latency.knots.iter().find(|(knot, _)| *knot == name).unwrap();
        let found = found.as_millis_f64();
        assert!(low < found && found < high, "{name}: {found}, not {truth}");
    }
    for fit in latency.fits.iter().filter(|fit| fit.name != "longest") {
        let ratio = fit.model.as_secs_f64() / fit.log.as_secs_f64();
        assert!((0.97..1.03).contains(&ratio), "{fit:?}");
    }
    assert!(tool.failures.kinds.is_empty() && tool.failures.outages.is_empty());
}

#[test]
fn independent_failures_come_back_as_such() {
    let faults = "{ flaky = { probability = '5%', signal = { error_flag_status = 503 } } }, \
                  { flaky = { probability = '2%' } }";
    for replica in 0..5 {
        let kinds = derived(faults, POISSON, replica).failures.kinds;
        let found: Vec<_> = kinds.iter().map(|kind| (kind.outcome, &kind.bursts)).collect();
        assert_eq!(found, [(Outcome::Status(503), &None), (Outcome::Error, &None)]);
        near(kinds[0].chance, 0.05, kinds[0].se);
        // Of those that the first has left.
        near(kinds[1].share, 0.95 * 0.02, kinds[1].se);
        near(kinds[1].chance, 0.02, kinds[1].se);
    }
}

#[test]
fn good_and_bad_spells_come_back() {
    let faults = "{ bursts = { good = '18s', bad = '2s', bad_probability = '80%', \
                  signal = { error_flag_status = 503 } } }";
    for replica in 0..5 {
        let tool = derived(faults, POISSON, replica);
        assert_eq!(tool.failures.outages, []);
        let kind = &tool.failures.kinds[0];
        let bursts = kind.bursts.as_ref().unwrap();
        // A mean of n exponential lengths is known to 1 / sqrt(n); 60 spells are expected.
        let spells = bursts.spells.sqrt();
        near(bursts.bad.as_secs_f64(), 2.0, 2.0 / spells);
        near(bursts.good.as_secs_f64(), 18.0, 18.0 / spells);
        near(bursts.bad_probability, 0.8, (0.8 * 0.2 / (bursts.spells * bursts.calls)).sqrt());
        assert!(bursts.good_probability < 0.005, "{bursts:?}");
        assert!(kind.clusters.unwrap().z > 10.0);
    }
}

#[test]
fn long_spells_in_which_little_fails_are_seen_too() {
    let faults = "{ bursts = { good = '60s', bad = '30s', good_probability = '1%', \
                  bad_probability = '15%' } }";
    let tool = derived(faults, POISSON, 0);
    let bursts = tool.failures.kinds[0].bursts.as_ref().unwrap();
    let spells = bursts.spells.sqrt();
    near(bursts.bad.as_secs_f64(), 30.0, 30.0 / spells);
    near(bursts.bad_probability, 0.15, 0.02);
    near(bursts.good_probability, 0.01, 0.003);
}

#[test]
fn failures_that_take_a_time_of_their_own_come_back_with_it() {
    let faults = "{ flaky = { probability = '5%', signal = { error_flag_status = 503 }, after = '3s' } }, \
                  { bursts = { good = '60s', bad = '4s', signal = 'error_flag', after = '2ms' } }, \
                  { flaky = { probability = '2%', signal = { error_flag_status = 429 } } }";
    let kinds = derived(faults, POISSON, 0).failures.kinds;
    let after = |outcome| kinds.iter().find(|kind| kind.outcome == outcome).unwrap().after;
    assert_eq!(after(Outcome::Status(503)), Some(Span::from_secs(3)));
    assert_eq!(after(Outcome::Error), Some(Span::from_millis(2)));
    assert_eq!(after(Outcome::Status(429)), None, "they are served like all others");
}

#[test]
fn an_outage_comes_back_with_its_time() {
    let faults = "{ outage = { from = '300s', to = '360s', signal = 'timeout', after = '5s' } }, \
                  { flaky = { probability = '3%', signal = { error_flag_status = 503 } } }";
    let failures = derived(faults, POISSON, 0).failures;
    let [outage] = &failures.outages[..] else { panic!("{:?}", failures.outages) };
    near(outage.from.as_nanos() as f64 / 1e9, 300.0, 0.1);
    near(outage.to.as_nanos() as f64 / 1e9, 360.0, 0.1);
    assert_eq!((outage.kind, outage.after), (Outcome::Timeout, Some(Span::from_secs(5))));
    let [kind] = &failures.kinds[..] else { panic!("{:?}", failures.kinds) };
    near(kind.share, 0.03, kind.se);
}

#[test]
fn what_is_no_poisson_process_is_kept_as_it_is() {
    let waves = derived("", "{ square = { low = '2/s', high = '18/s', period = '60s' } }", 0);
    let Model::Trace { moments, .. } = &waves.arriving.model else {
        panic!("{:?}", waves.arriving)
    };
    assert_eq!(moments.len(), waves.facts.calls);
    let clock = derived("", "{ constant = { rate = '10/s' } }", 0);
    assert_eq!(clock.arriving.model, Model::Constant);
    // Of twenty Poisson processes, none is taken for something else.
    for replica in 0..20 {
        assert_eq!(derived("", POISSON, replica).arriving.model, Model::Poisson);
    }
}
