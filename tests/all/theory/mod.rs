//! The simulator against theory. A tolerance is a number of standard errors, taken over replicas, at which
//! a right simulator fails once in about ten thousand seeds; the seeds are fixed, so a test that
//! passes goes on passing until something changes.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use retrylab::base::Moment;
use retrylab::base::random::Draws;
use retrylab::base::stats::Estimate;
use retrylab::scenario;
use retrylab::sim::{self, Course, Observation};
use retrylab::study::{self, Study, Watch};
use retrylab::variants::find;

mod jitter;

/// Student's quantile for one in ten thousand, at 19 degrees of freedom or more.
const ERRORS: f64 = 4.9;
/// The normal distribution's, for means of thousands of values.
const NORMAL: f64 = 3.891;

fn plan(text: &str) -> scenario::Plan {
    let none = |name: &str| Err(format!("there is no {name}"));
    scenario::load("theory", text, &none, &BTreeMap::new()).unwrap_or_else(|f| panic!("{f:?}"))
}

fn studied(text: &str) -> Study {
    let watch = Watch { stop: &AtomicBool::new(false), advanced: &|_| {} };
    study::run(&plan(text), &watch)
}

fn metric(study: &Study, column: usize, name: &str) -> Estimate {
    study.columns[column].metrics[name].unwrap_or_else(|| panic!("no {name}"))
}

/// The 95 % interval of 20 replicas is 2.093 standard errors to each side.
fn agrees(what: &str, seen: Estimate, exact: f64) {
    let (low, high) = seen.interval.expect("there are replicas");
    let error = (high - low) / 2.0 / 2.093;
    let off = (seen.mean - exact).abs();
    assert!(
        off <= ERRORS * error,
        "{what}: {} is {:.1} standard errors off {exact}",
        seen.mean,
        off / error
    );
    // A tolerance that anything passes proves nothing.
    assert!(error < 0.05 * exact, "{what}: the standard error {error} is too large to tell");
}

/// A queue: 20 replicas of calls at a rate, to servers with a service time of 10 ms in the mean.
fn queue(rate: u32, latency: &str, capacity: &str) -> Study {
    studied(&format!(
        "question = '?'\nduration = '500s'\nreplicas = 20\nseed = 3\npolicy = {{ max_retries = 0 }}\n\
         tools = [{{ name = 'q', latency = {latency}, capacity = {capacity} }}]\n\
         load = [{{ tool = 'q', arrivals = {{ poisson = {{ rate = '{rate}/s' }} }} }}]\n"
    ))
}

const EXPONENTIAL: &str = "{ exponential = { mean = '10ms' } }";

/// Mean waits before service, in service times, plus the service itself.
#[test]
fn queues_wait_as_long_as_the_formulas_say() {
    for (what, rate, latency, servers, wait) in [
        ("M/M/1 at 0.8", 80, EXPONENTIAL, 1, 4.0),
        ("M/M/10 at lambda 8 (Erlang C)", 800, EXPONENTIAL, 10, 0.204_59),
        ("M/D/1 at 0.8", 80, "'10ms'", 1, 2.0),
        (
            "M/G/1 at 0.8, log-normal with cv^2 4",
            80,
            "{ log_normal = { mean = '10ms', cv2 = 4 } }",
            1,
            10.0,
        ),
    ] {
        let study = queue(rate, latency, &format!("{{ servers = {servers} }}"));
        agrees(what, metric(&study, 0, "latency_ms_mean"), 10.0 * (1.0 + wait));
    }
}

#[test]
fn a_full_queue_turns_away_as_many_as_the_formula_says() {
    // M/M/1/K, K = 10 in the system: one is served, nine wait.
    let study = queue(120, EXPONENTIAL, "{ servers = 1, queue = 9 }");
    let success = metric(&study, 0, "success_rate");
    agrees("M/M/1/10 at 1.2", success, 1.0 - 0.192_586_50);
}

#[test]
fn a_million_customers_of_one_queue_wait_four_service_times() {
    let study = studied(
        "question = '?'\nduration = '12500s'\nseed = 1\npolicy = { max_retries = 0 }\n\
         tools = [{ name = 'q', latency = { exponential = { mean = '10ms' } }, capacity = { servers = 1 } }]\n\
         load = [{ tool = 'q', arrivals = { poisson = { rate = '80/s' } } }]\n",
    );
    let calls = metric(&study, 0, "calls").mean;
    assert!((calls - 1e6).abs() < 5e3, "{calls} customers");
    let wait = metric(&study, 0, "latency_ms_mean").mean / 10.0 - 1.0;
    assert!((wait - 4.0).abs() < 0.134, "{wait} service times");
}

#[test]
fn independent_failures_succeed_and_cost_as_the_closed_form_says() {
    let study = studied(
        "question = '?'\nduration = '500s'\nreplicas = 20\nseed = 2\npolicy = { max_retries = 2 }\n\
         tools = [{ name = 'a', faults = [{ flaky = { probability = '30%' } }] }]\n\
         load = [{ tool = 'a', arrivals = { poisson = { rate = '100/s' } } }]\n",
    );
    agrees("success", metric(&study, 0, "success_rate"), 1.0 - 0.3_f64.powi(3));
    agrees("attempts", metric(&study, 0, "amplification"), 1.0 + 0.3 + 0.09);
    agrees("recovery", metric(&study, 0, "recovery_rate"), 1.0 - 0.09);
}

/// Everything that a tool of a scenario does under a fresh default plugin.
fn observed(text: &str, replica: u64) -> Vec<(Moment, Observation)> {
    let plan = plan(text);
    let column = &plan.columns[0];
    let draws = Draws::new(plan.seed, replica);
    let plugin = (find(&column.variant).unwrap().make)(column.policies.clone(), draws);
    let mut seen = Vec::new();
    let course = sim::run(&column.world, &column.world.tools[0], &*plugin, &draws, &mut seen);
    assert_eq!(course, Course::Whole);
    seen
}

/// From empty to empty, the calls under way added up over time are the times of the calls added up:
/// Little's law (1961). The observations keep it to the nanosecond, the metrics to 1e-9.
#[test]
fn littles_law_holds_exactly() {
    let text = "question = '?'\nduration = '60s'\nseed = 5\npolicy = { max_retries = 3 }\n\
         tools = [{ name = 'q', latency = { exponential = { mean = '10ms' } }, capacity = { servers = 1, queue = 5 },\
         faults = [{ flaky = { probability = '20%' } }] }]\n\
         load = [{ tool = 'q', arrivals = { poisson = { rate = '80/s' } } }]\n";
    let (mut under_way, mut area, mut times, mut last) = (0_u128, 0_u128, 0_u128, Moment::START);
    for (now, what) in observed(text, 0) {
        area += under_way * u128::from(now.since(last).as_nanos());
        last = now;
        match what {
            Observation::Arrived => under_way += 1,
            Observation::Ended(call) => {
                under_way -= 1;
                times += u128::from(now.since(call.arrived).as_nanos());
            }
            _ => {}
        }
    }
    assert_eq!((under_way, area), (0, times));
    assert!(area > 0);
    let study = studied(text);
    let metric = |name| metric(&study, 0, name).mean;
    let whole = last.since(Moment::START).as_millis_f64();
    let mean_under_way = area as f64 / 1e6 / whole;
    let rate = metric("calls") / whole;
    let gap = mean_under_way - rate * metric("latency_ms_mean");
    assert!(gap.abs() < 1e-9 * mean_under_way, "{gap} of {mean_under_way}");
}

/// The chance that none of `buckets` holds more than `most` of `calls` that fall into them uniformly.
/// Calls in buckets are Poisson variables given their sum, so the chance is the coefficient of x^calls
/// in the truncated generating function to the power `buckets`, over that of the whole one.
fn none_above(most: usize, calls: usize, buckets: usize) -> f64 {
    let mean = calls as f64 / buckets as f64;
    let poisson = |mean: f64, k: usize| {
        (k as f64 * mean.ln() - mean - (1..=k).map(|i| (i as f64).ln()).sum::<f64>()).exp()
    };
    let times = |a: &[f64], b: &[f64]| {
        let mut product = vec![0.0; (a.len() + b.len() - 1).min(calls + 1)];
        for (i, x) in a.iter().enumerate() {
            product.iter_mut().skip(i).zip(b).for_each(|(sum, y)| *sum += x * y);
        }
        product
    };
    let mut square: Vec<f64> = (0..=most).map(|k| poisson(mean, k)).collect();
    let (mut power, mut left) = (vec![1.0], buckets);
    while left > 0 {
        if left % 2 == 1 {
            power = times(&power, &square);
        }
        square = times(&square, &square);
        left /= 2;
    }
    power.get(calls).map_or(0.0, |chance| chance / poisson(calls as f64, calls))
}

/// 1000 calls that fail at one instant come back over 10 s uniformly: 10.0 in the mean bucket of 100 ms, and
/// 18.76 in the fullest, which is the sum over m of the chance that it holds more than m.
#[test]
fn a_herd_under_full_jitter_is_as_flat_as_a_uniform_distribution_can_be() {
    let replicas = 400;
    let (mut all, mut most) = (0.0, Vec::new());
    for replica in 0..replicas {
        let seen = observed(
            "question = '?'\nduration = '1s'\nseed = 11\n\
             policy = { max_retries = 1, backoff_base_ms = 10000, max_backoff_ms = 10000 }\n\
             tools = [{ name = 'a', latency = '0s', faults = [{ fail_first = { count = 1 } }] }]\n\
             load = [{ tool = 'a', arrivals = { burst = { calls = 1000 } } }]\n",
            replica,
        );
        let mut buckets = [0_u32; 101];
        for (now, what) in seen {
            if matches!(what, Observation::Attempt { number: 1 }) {
                buckets[(now.since(Moment::START).as_nanos() / 100_000_000) as usize] += 1;
            }
        }
        all += f64::from(buckets.iter().sum::<u32>()) / 100.0;
        most.push(f64::from(*buckets.iter().max().unwrap()));
    }
    assert_eq!(all / replicas as f64, 10.0);
    let mean = most.iter().sum::<f64>() / replicas as f64;
    let variance = most.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (replicas - 1) as f64;
    let error = (variance / replicas as f64).sqrt();
    let exact: f64 = (0..60).map(|most| 1.0 - none_above(most, 1000, 100)).sum();
    assert!((exact - 18.76).abs() < 0.005, "{exact}");
    assert!((mean - exact).abs() < NORMAL * error && error < 0.1, "{mean} +- {error}");
}
