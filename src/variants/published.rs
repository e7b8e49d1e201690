//! What the published versions have in common: waits in whole milliseconds, and one string for a call.

use crate::base::Span;
use crate::base::random::below;
use crate::plugin::{CallKey, Jitter, Policy};

/// One name for a call: an allocation, and no telling where the tool's name ends.
pub(super) fn joined(call: CallKey<'_>) -> String {
    format!("{}:{}", call.tool, call.request)
}

/// The wait of a retry in whole milliseconds, 0 included. The published versions know no jitter and full
/// jitter; the other two are drawn here in the same steps. `previous` is the wait before, in ms.
pub(super) fn wait_ms(policy: &Policy, attempt: u32, previous: Option<u64>, bits: u64) -> u64 {
    let ms = |span: Span| span.as_nanos() / 1_000_000;
    let (base, cap) = (ms(policy.backoff_base), ms(policy.max_backoff));
    let factor = 1_u64.checked_shl(attempt).unwrap_or(u64::MAX);
    let ceiling = base.saturating_mul(factor).min(cap);
    let up_to = |top: u64| below(bits, top.saturating_add(1));
    match policy.jitter {
        Jitter::None => ceiling,
        Jitter::Full => up_to(ceiling),
        Jitter::Equal => ceiling / 2 + up_to(ceiling / 2),
        Jitter::Decorrelated => {
            let top = previous.unwrap_or(base).saturating_mul(3);
            base.saturating_add(up_to(top.saturating_sub(base))).min(cap)
        }
    }
}
