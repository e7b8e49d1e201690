//! How waits are spread, against the distributions that the policy promises: exact, and independent
//! between calls.

use retrylab::base::Span;
use retrylab::base::random::Draws;
use retrylab::plugin::{CallKey, Jitter, Policy, backoff};
use retrylab::sim::Observation;

use super::{NORMAL, observed};

fn policy(jitter: Jitter, base_ms: u64, cap_ms: u64) -> Policy {
    let (backoff_base, max_backoff) = (Span::from_millis(base_ms), Span::from_millis(cap_ms));
    Policy { jitter, backoff_base, max_backoff, max_retries: 10, ..Policy::default() }
}

/// Waits of many calls of a tool, retry after retry, in milliseconds.
fn waits(policy: &Policy, tool: &str, calls: usize, retries: u32) -> Vec<Vec<f64>> {
    let draws = Draws::new(7, 0);
    let mut all = vec![Vec::with_capacity(calls); retries as usize];
    for call in 0..calls {
        let request = call.to_string();
        let bits = backoff::bits(&draws, CallKey { tool, request: &request });
        let mut previous = None;
        for retry in 0..retries {
            let wait = backoff::wait(policy, retry, previous, bits.at(u64::from(retry)));
            all[retry as usize].push(wait.as_millis_f64());
            previous = Some(wait);
        }
    }
    all
}

/// Waits of 20,000 calls that fail four times, as the whole simulator sleeps them.
fn slept(jitter: &str, base_ms: u64, cap_ms: u64) -> Vec<Vec<f64>> {
    let seen = observed(
        &format!(
            "question = '?'\nduration = '1s'\nseed = 13\npolicy = {{ max_retries = 4, jitter = '{jitter}', \
             backoff_base_ms = {base_ms}, max_backoff_ms = {cap_ms} }}\ngateway = {{ max_tool_retries = 4 }}\n\
             tools = [{{ name = 'a', faults = [{{ fail_first = {{ count = 4 }} }}] }}]\n\
             load = [{{ tool = 'a', arrivals = {{ burst = {{ calls = 20000 }} }} }}]\n"
        ),
        0,
    );
    let mut all = vec![Vec::new(); 4];
    for (_, what) in seen {
        if let Observation::Slept { retry, wait, whole: true } = what {
            all[retry as usize - 1].push(wait.as_millis_f64());
        }
    }
    assert!(all.iter().all(|waits| waits.len() == 20_000));
    all
}

/// Kolmogorov's distance of samples from a distribution, in units of 1 / sqrt(n).
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

/// Beyond this once in ten thousand times: 2 exp(-2 d^2) = 1e-4.
const FARTHEST: f64 = 2.226;

fn uniform(low: f64, high: f64) -> impl Fn(f64) -> f64 {
    move |x| ((x - low) / (high - low)).clamp(0.0, 1.0)
}

/// The second decorrelated wait below its cap: uniform from the base b to 3u, where u, the first, is
/// uniform from b to 3b; the integral of min(1, (x - b) / (3u - b)) over u.
fn second_decorrelated(b: f64) -> impl Fn(f64) -> f64 {
    move |x| {
        let x = x.clamp(b, 9.0 * b);
        let edge = (x / 3.0).max(b);
        let beyond = (x - b) / 3.0 * (8.0 * b / (3.0 * edge - b)).ln();
        (edge - b + beyond) / (2.0 * b)
    }
}

#[test]
fn each_jitter_has_its_exact_distribution_in_the_simulator() {
    let (none, full, equal) =
        (slept("none", 100, 500), slept("full", 100, 500), slept("equal", 100, 500));
    for (i, ceiling) in [100.0, 200.0, 400.0, 500.0].into_iter().enumerate() {
        assert!(none[i].iter().all(|wait| *wait == ceiling));
        let full = kolmogorov(&full[i], uniform(0.0, ceiling));
        let equal = kolmogorov(&equal[i], uniform(ceiling / 2.0, ceiling));
        assert!(full < FARTHEST && equal < FARTHEST, "retry {i}: {full} {equal}");
    }
    let free = slept("decorrelated", 100, 100_000);
    let first = kolmogorov(&free[0], uniform(100.0, 300.0));
    let second = kolmogorov(&free[1], second_decorrelated(100.0));
    assert!(first < FARTHEST && second < FARTHEST, "{first} {second}");
    // Under a cap of 500 ms the same, but what lies beyond it is at it.
    let capped = &slept("decorrelated", 100, 500)[1];
    let below: Vec<f64> = capped.iter().copied().filter(|wait| *wait < 500.0).collect();
    assert!(capped.iter().all(|wait| *wait <= 500.0));
    let (n, share) = (capped.len() as f64, second_decorrelated(100.0)(500.0));
    let off = (below.len() as f64 - n * share) / (n * share * (1.0 - share)).sqrt();
    let distance = kolmogorov(&below, |x| second_decorrelated(100.0)(x) / share);
    assert!(off.abs() < NORMAL && distance < FARTHEST, "{off} {distance}");
}

#[test]
fn a_decorrelated_wait_is_uniform_given_the_one_before() {
    let both = waits(&policy(Jitter::Decorrelated, 100, 100_000), "search", 20_000, 4);
    for pair in both.windows(2) {
        let share = |(a, b): (&f64, &f64)| (b - 100.0) / (3.0 * a - 100.0);
        let shares: Vec<f64> = pair[0].iter().zip(&pair[1]).map(share).collect();
        let distance = kolmogorov(&shares, uniform(0.0, 1.0));
        assert!(distance < FARTHEST, "{distance}");
    }
}

/// Mean and its standard error.
fn mean(samples: &[f64]) -> (f64, f64) {
    let n = samples.len() as f64;
    let mean = samples.iter().sum::<f64>() / n;
    let variance = samples.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    (mean, (variance / n).sqrt())
}

#[test]
fn each_jitter_has_its_mean() {
    let calls = 400_000;
    let all = waits(&policy(Jitter::Decorrelated, 5, 2000), "search", calls, 5);
    // The last two as published, to the last digit that is given; the others are exact.
    for (waits, (exact, digits)) in
        all.iter().zip([(10.0, 0.0), (17.5, 0.0), (28.75, 0.0), (45.6, 0.05), (70.98, 0.005)])
    {
        let (mean, error) = mean(waits);
        assert!((mean - exact).abs() < NORMAL * error + digits, "{mean} is not {exact}");
    }
    for (jitter, part) in [(Jitter::Full, 0.5), (Jitter::Equal, 0.75)] {
        let all = waits(&policy(jitter, 5, 2000), "search", calls, 10);
        for (retry, waits) in all.iter().enumerate() {
            let exact = part * (5.0 * f64::from(1 << retry)).min(2000.0);
            let (mean, error) = mean(waits);
            assert!(
                (mean - exact).abs() < NORMAL * error,
                "{jitter:?} {retry}: {mean}, not {exact}"
            );
        }
    }
}

/// In which eighth of all samples each one lies.
fn eighths(samples: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..samples.len()).collect();
    order.sort_by(|a, b| samples[*a].total_cmp(&samples[*b]));
    let mut eighths = vec![0; samples.len()];
    order.iter().enumerate().for_each(|(rank, i)| eighths[*i] = rank * 8 / samples.len());
    eighths
}

/// Pearson's chi-square of the table of eighths by eighths, which any dependence moves, a correlation
/// or none: 49 degrees of freedom, for its margins are given.
fn dependence(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len());
    let (a, b) = (eighths(&a[..n]), eighths(&b[..n]));
    let mut table = [[0.0; 8]; 8];
    a.iter().zip(&b).for_each(|(a, b)| table[*a][*b] += 1.0);
    let expected = n as f64 / 64.0;
    table.iter().flatten().map(|seen: &f64| (seen - expected).powi(2) / expected).sum()
}

/// Beyond this once in ten thousand times (Wilson and Hilferty).
const MOST_DEPENDENT: f64 = 94.8;

/// What one call draws says nothing of another's draws, near or far, at the same tool or another.
#[test]
fn waits_of_different_calls_are_independent_under_each_jitter() {
    let calls = 50_000;
    for jitter in [Jitter::Full, Jitter::Equal, Jitter::Decorrelated] {
        let policy = policy(jitter, 5, 2000);
        let all = waits(&policy, "search", calls, 3);
        let elsewhere = waits(&policy, "fetch", calls, 3);
        for (retry, waits) in all.iter().enumerate() {
            for lag in [1, 2, 7, 10, 64, 100, 1000] {
                let chi2 = dependence(waits, &waits[lag..]);
                assert!(chi2 < MOST_DEPENDENT, "{jitter:?} {retry}, {lag} apart: {chi2}");
                let other = (retry + 1) % 3;
                let chi2 = dependence(waits, &all[other][lag..]);
                assert!(chi2 < MOST_DEPENDENT, "{jitter:?} {retry}, {other}, {lag} apart: {chi2}");
            }
            let chi2 = dependence(waits, &elsewhere[retry]);
            assert!(chi2 < MOST_DEPENDENT, "{jitter:?} {retry}, two tools: {chi2}");
        }
    }
}

/// The retries of one call are independent too, but under decorrelated jitter, which is named for what it
/// does not do: there the test finds the dependence that the rule asks for.
#[test]
fn waits_of_one_call_depend_on_each_other_under_decorrelated_jitter_only() {
    for jitter in [Jitter::Full, Jitter::Equal, Jitter::Decorrelated] {
        let all = waits(&policy(jitter, 5, 2000), "search", 50_000, 3);
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            let chi2 = dependence(&all[i], &all[j]);
            let dependent = chi2 > MOST_DEPENDENT;
            assert_eq!(dependent, jitter == Jitter::Decorrelated, "{jitter:?} {i}, {j}: {chi2}");
        }
    }
}
