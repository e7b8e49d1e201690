//! How long to wait. The ceiling doubles with each retry up to the cap; jitter spreads the wait below
//! it (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog 2015), in nanoseconds.

use super::{Jitter, Policy};
use crate::base::Span;
use crate::base::random::below;

/// The wait before jitter: `min(max_backoff, backoff_base * 2^retry)`; `retry` is 0 for the first one.
pub fn ceiling(policy: &Policy, retry: u32) -> Span {
    policy.backoff_base.doubled(retry).min(policy.max_backoff)
}

/// The wait before retry `retry` (0 for the first) after a wait of `previous` (the base before the
/// first), drawn with 64 random bits.
pub fn wait(policy: &Policy, retry: u32, previous: Span, bits: u64) -> Span {
    let uniform = |low: Span, high: Span| {
        let width = (high - low).as_nanos().saturating_add(1);
        low + Span::from_nanos(below(bits, width))
    };
    let ceiling = ceiling(policy, retry);
    let half = Span::from_nanos(ceiling.as_nanos() / 2);
    match policy.jitter {
        Jitter::None => ceiling,
        Jitter::Full => uniform(Span::ZERO, ceiling),
        Jitter::Equal => (ceiling - half) + uniform(Span::ZERO, half),
        Jitter::Decorrelated => {
            let base = policy.backoff_base;
            uniform(base, previous.max(base).times(3)).min(policy.max_backoff)
        }
    }
}
