//! The simulator against theory. A tolerance is a number of standard errors, taken over replicas, at which
//! a right simulator fails once in about ten thousand seeds; the seeds are fixed, so a test that
//! passes goes on passing until something changes.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use retrylab::base::random::Draws;
use retrylab::base::stats::Estimate;
use retrylab::base::{Moment, Span};
use retrylab::plugin::{CallKey, Jitter, Policy, backoff};
use retrylab::scenario;
use retrylab::sim::{self, Course, Observation};
use retrylab::study::{self, Study, Watch};
use retrylab::variants::find;

/// Student's quantile for one in ten thousand, at 19 degrees of freedom or more.
const ERRORS: f64 = 4.9;

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
/// Little's law (1961), here to the nanosecond.
#[test]
fn littles_law_holds_exactly() {
    let seen = observed(
        "question = '?'\nduration = '60s'\nseed = 5\npolicy = { max_retries = 3 }\n\
         tools = [{ name = 'q', latency = { exponential = { mean = '10ms' } }, capacity = { servers = 1, queue = 5 },\
         faults = [{ flaky = { probability = '20%' } }] }]\n\
         load = [{ tool = 'q', arrivals = { poisson = { rate = '80/s' } } }]\n",
        0,
    );
    let (mut under_way, mut area, mut times, mut last) = (0_u128, 0_u128, 0_u128, Moment::START);
    for (now, what) in seen {
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
}

/// N calls over a stretch uniformly: the fullest of m buckets, here by simulation of theory elsewhere:
/// 10.0 on average and 18.7 at most for 1000 in 100.
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
    assert!((mean - 18.7).abs() < 0.05 + 4.0 * error, "{mean} +- {error}");
}

fn policy(jitter: Jitter, base_ms: u64, cap_ms: u64) -> Policy {
    let (backoff_base, max_backoff) = (Span::from_millis(base_ms), Span::from_millis(cap_ms));
    Policy { jitter, backoff_base, max_backoff, max_retries: 10, ..Policy::default() }
}

/// Waits of many calls, retry after retry, in milliseconds.
fn waits(policy: &Policy, calls: usize, retries: u32) -> Vec<Vec<f64>> {
    let draws = Draws::new(7, 0);
    let mut all = vec![Vec::with_capacity(calls); retries as usize];
    for call in 0..calls {
        let request = call.to_string();
        let bits = backoff::bits(&draws, CallKey { tool: "search", request: &request });
        let mut previous = None;
        for retry in 0..retries {
            let wait = backoff::wait(policy, retry, previous, bits.at(u64::from(retry)));
            all[retry as usize].push(wait.as_millis_f64());
            previous = Some(wait);
        }
    }
    all
}

/// Kolmogorov's distance of samples from a distribution, in units of 1 / sqrt(n): beyond 2.1 once in
/// ten thousand times.
fn kolmogorov(samples: &[f64], cdf: impl Fn(f64) -> f64) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let gap = |(i, x): (usize, &f64)| {
        let at = cdf(*x);
        (at - i as f64 / n).abs().max((at - (i + 1) as f64 / n).abs())
    };
    sorted.iter().enumerate().map(gap).fold(0.0, f64::max) * n.sqrt()
}

#[test]
fn each_jitter_has_its_exact_distribution() {
    let uniform = |low: f64, high: f64| move |x: f64| ((x - low) / (high - low)).clamp(0.0, 1.0);
    for (retry, ceiling) in [100.0, 200.0, 400.0, 500.0, 500.0].into_iter().enumerate() {
        let all = |jitter| waits(&policy(jitter, 100, 500), 20_000, 5)[retry].clone();
        assert!(all(Jitter::None).iter().all(|wait| *wait == ceiling));
        let full = kolmogorov(&all(Jitter::Full), uniform(0.0, ceiling));
        let equal = kolmogorov(&all(Jitter::Equal), uniform(ceiling / 2.0, ceiling));
        assert!(full < 2.1 && equal < 2.1, "retry {retry}: {full} {equal}");
    }
    let first = &waits(&policy(Jitter::Decorrelated, 100, 500), 20_000, 1)[0];
    let distance = kolmogorov(first, uniform(100.0, 300.0));
    assert!(distance < 2.1, "{distance}");
    // Given the wait before, the next is uniform as well: 0 to 1 of its own stretch.
    let both = waits(&policy(Jitter::Decorrelated, 100, 100_000), 20_000, 2);
    let share = |(a, b): (&f64, &f64)| (b - 100.0) / (3.0 * a - 100.0);
    let shares: Vec<f64> = both[0].iter().zip(&both[1]).map(share).collect();
    let distance = kolmogorov(&shares, uniform(0.0, 1.0));
    assert!(distance < 2.1, "{distance}");
}

#[test]
fn decorrelated_jitter_has_the_published_means() {
    let all = waits(&policy(Jitter::Decorrelated, 5, 2000), 400_000, 5);
    for (waits, exact) in all.iter().zip([10.0, 17.5, 28.75, 45.6, 70.98]) {
        let n = waits.len() as f64;
        let mean = waits.iter().sum::<f64>() / n;
        let variance = waits.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / n;
        let tolerance = 4.0 * (variance / n).sqrt() + 0.005;
        assert!((mean - exact).abs() < tolerance, "{mean} is not {exact}");
    }
}

/// Neighbouring calls, and retries of one call, share no luck: correlations within four standard errors.
#[test]
fn waits_of_different_calls_and_retries_are_independent() {
    let all = waits(&policy(Jitter::Full, 100, 100), 50_000, 3);
    let correlation = |a: &[f64], b: &[f64]| {
        let n = a.len().min(b.len()) as f64;
        let centred = |x: &f64| (x - 50.0) / (100.0 / 12.0_f64.sqrt());
        a.iter().zip(b).map(|(a, b)| centred(a) * centred(b)).sum::<f64>() / n * n.sqrt()
    };
    for lag in [1, 2, 10, 100] {
        let z = correlation(&all[0], &all[0][lag..]);
        assert!(z.abs() < 4.0, "calls {lag} apart: {z}");
    }
    for (i, j) in [(0, 1), (0, 2), (1, 2)] {
        let z = correlation(&all[i], &all[j]);
        assert!(z.abs() < 4.0, "retries {i} and {j}: {z}");
    }
}
