//! How long to wait before a retry. Waits grow so that a tool that is down is left alone, and are spread
//! so that clients that failed together do not come back together (Brooker, "Exponential Backoff And
//! Jitter", AWS Architecture Blog, 2015). Waits are drawn in nanoseconds: a draw in whole milliseconds
//! is 0 once in (ceiling + 1), and the gateway reads 0 as "do not retry".

use super::{CallKey, Jitter, Policy};
use crate::base::Span;
use crate::base::random::{Draws, Purpose, Stream, below, entity, fingerprint};

/// The wait before jitter: `min(cap, base * 2^attempt)`, saturating. `attempt` is 0 for the first retry.
pub fn ceiling(policy: &Policy, attempt: u32) -> Span {
    policy.backoff_base.doubled(attempt).min(policy.max_backoff)
}

/// The wait of a retry. `attempt` is 0 for the first retry, `previous` is the wait before it (`None` for
/// the first), `bits` are 64 random bits.
pub fn wait(policy: &Policy, attempt: u32, previous: Option<Span>, bits: u64) -> Span {
    let ceiling = ceiling(policy, attempt);
    match policy.jitter {
        Jitter::None => ceiling,
        Jitter::Full => up_to(ceiling, bits),
        Jitter::Equal => {
            let half = Span::from_nanos(ceiling.as_nanos() / 2);
            half + up_to(half, bits)
        }
        Jitter::Decorrelated => {
            let base = policy.backoff_base;
            let spread = previous.unwrap_or(base).times(3) - base;
            (base + up_to(spread, bits)).min(policy.max_backoff)
        }
    }
}

/// The longest that the wait of a retry can be. `attempt` is 0 for the first retry.
pub fn longest(policy: &Policy, attempt: u32) -> Span {
    match policy.jitter {
        Jitter::None | Jitter::Full | Jitter::Equal => ceiling(policy, attempt),
        Jitter::Decorrelated => {
            let threefold = 3_u64.saturating_pow(attempt.saturating_add(1));
            policy.backoff_base.times(threefold).min(policy.max_backoff)
        }
    }
}

/// The random bits of a call, one value for each attempt: a function of (seed, tool, request, attempt)
/// and nothing else, so that two policies meet the same luck.
pub fn bits(draws: &Draws, call: CallKey<'_>) -> Stream {
    stream(draws, entity(call.tool), fingerprint(call.request))
}

/// [`bits`] for names that are hashed already.
pub(crate) fn stream(draws: &Draws, tool: u64, request: u128) -> Stream {
    of_call(of_tool(draws, tool), request)
}

/// What [`stream`] takes from the tool.
pub(crate) fn of_tool(draws: &Draws, tool: u64) -> Stream {
    draws.stream(Purpose::Jitter, tool)
}

/// A call's stream, of that of its tool.
pub(crate) fn of_call(tool: Stream, request: u128) -> Stream {
    tool.sub(request as u64)
}

/// Uniform over 0 ..= `span`.
fn up_to(span: Span, bits: u64) -> Span {
    Span::from_nanos(below(bits, span.as_nanos().saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const JITTERS: [Jitter; 4] = [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated];

    fn policy(base_ms: u64, cap_ms: u64, jitter: Jitter) -> Policy {
        let (backoff_base, max_backoff) = (Span::from_millis(base_ms), Span::from_millis(cap_ms));
        Policy { backoff_base, max_backoff, jitter, ..Policy::default() }
    }

    #[test]
    fn the_ceiling_doubles_up_to_the_cap_and_never_overflows() {
        let p = policy(200, 5000, Jitter::None);
        let ceilings: Vec<u64> = (0..7).map(|n| ceiling(&p, n).millis_ceil()).collect();
        assert_eq!(ceilings, [200, 400, 800, 1600, 3200, 5000, 5000]);
        for attempt in [63, 64, 1000, u32::MAX] {
            assert_eq!(ceiling(&p, attempt), Span::from_millis(5000));
            assert_eq!(ceiling(&policy(0, 5000, Jitter::None), attempt), Span::ZERO);
        }
    }

    proptest! {
        #[test]
        fn every_wait_lies_in_its_range(
            base in 0u64..100_000,
            more in 0u64..1_000_000,
            attempt in prop_oneof![0u32..20, any::<u32>()],
            part in 0.0..=1.0f64,
            bits: u64,
        ) {
            for jitter in JITTERS {
                let p = policy(base, base + more, jitter);
                let top = ceiling(&p, attempt);
                let previous = p.backoff_base + (p.max_backoff - p.backoff_base).scaled(part);
                let wait = wait(&p, attempt, Some(previous), bits);
                let (low, high) = match jitter {
                    Jitter::None => (top, top),
                    Jitter::Full => (Span::ZERO, top),
                    Jitter::Equal => (Span::from_nanos(top.as_nanos() / 2), top),
                    Jitter::Decorrelated => (p.backoff_base, p.max_backoff.min(previous.times(3))),
                };
                prop_assert!(low <= wait && wait <= high, "{jitter:?}: {low} <= {wait} <= {high}");
            }
        }

        #[test]
        fn waits_of_any_size_saturate(base: u64, cap: u64, attempt: u32, previous: u64, bits: u64) {
            for jitter in JITTERS {
                let (base, cap) = (Span::from_nanos(base.min(cap)), Span::from_nanos(base.max(cap)));
                let p = Policy { backoff_base: base, max_backoff: cap, jitter, ..Policy::default() };
                prop_assert!(wait(&p, attempt, Some(Span::from_nanos(previous)), bits) <= cap);
            }
        }
    }

    proptest! {
        #[test]
        fn the_luckless_wait_longest_and_nobody_longer(
            base in 0u64..100_000, more in 0u64..1_000_000, draws in proptest::collection::vec(any::<u64>(), 12),
        ) {
            for jitter in JITTERS {
                let p = policy(base, base + more, jitter);
                let (mut previous, mut worst) = (None, None);
                for (attempt, bits) in (0..).zip(&draws) {
                    previous = Some(wait(&p, attempt, previous, *bits));
                    worst = Some(wait(&p, attempt, worst, u64::MAX));
                    prop_assert!(previous <= worst);
                    // Half a ceiling and half a ceiling may lack the odd nanosecond.
                    let lack = longest(&p, attempt) - worst.unwrap_or_default();
                    prop_assert!(worst <= Some(longest(&p, attempt)) && lack.as_nanos() <= 1);
                }
            }
        }
    }

    #[test]
    #[cfg_attr(miri, ignore = "too many steps for an interpreter")]
    fn the_mean_of_each_jitter_is_that_of_its_distribution() {
        // Standard error of the mean of a uniform of width w over n draws: w / sqrt(12 n).
        let n: u32 = 40_000;
        let draws = Draws::new(5, 0);
        for (jitter, mean, width) in [
            (Jitter::None, 800.0, 0.0),
            (Jitter::Full, 400.0, 800.0),
            (Jitter::Equal, 600.0, 400.0),
            (Jitter::Decorrelated, 1000.0, 1600.0), // 200 ..= 3 * 600
        ] {
            let p = policy(200, 5000, jitter);
            let drawn = |i: u32| {
                let request = i.to_string();
                let bits = bits(&draws, CallKey { tool: "search", request: &request }).at(2);
                wait(&p, 2, Some(Span::from_millis(600)), bits).as_millis_f64()
            };
            let found = (0..n).map(drawn).sum::<f64>() / f64::from(n);
            let error = width / (12.0 * f64::from(n)).sqrt();
            assert!((found - mean).abs() <= 4.0 * error, "{jitter:?}: {found} is not {mean}");
        }
    }

    #[test]
    fn decorrelated_waits_start_from_the_base_and_stop_at_the_cap() {
        let p = policy(200, 1000, Jitter::Decorrelated);
        assert_eq!(wait(&p, 0, None, 0), Span::from_millis(200));
        assert_eq!(wait(&p, 0, None, u64::MAX), Span::from_millis(600));
        assert_eq!(wait(&p, 1, Some(Span::from_millis(600)), u64::MAX), Span::from_millis(1000));
    }

    #[test]
    fn a_draw_knows_tool_request_and_attempt() {
        let at = |seed, tool, request, attempt| {
            bits(&Draws::new(seed, 0), CallKey { tool, request }).at(attempt)
        };
        let mut seen =
            vec![at(1, "a", "r", 0), at(2, "a", "r", 0), at(1, "b", "r", 0), at(1, "a", "s", 0)];
        seen.extend([at(1, "a", "r", 1), at(1, "r", "a", 0)]);
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 6);
    }
}
