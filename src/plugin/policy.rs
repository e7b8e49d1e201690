//! What the operator sets: fields, defaults and rules of `retry_with_backoff`, merged with the
//! overrides of single tools once, at load.

use std::collections::BTreeMap;

use crate::base::Span;

/// How waits are spread.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Jitter {
    /// The ceiling itself.
    None,
    /// Uniform over 0 ..= ceiling.
    #[default]
    Full,
    /// Half the ceiling and uniform over the other half.
    Equal,
    /// min(cap, uniform over base ..= 3 * previous wait), previous starts at base.
    Decorrelated,
}

impl Jitter {
    /// Its name in policies.
    pub fn name(self) -> &'static str {
        match self {
            Jitter::None => "none",
            Jitter::Full => "full",
            Jitter::Equal => "equal",
            Jitter::Decorrelated => "decorrelated",
        }
    }
}

/// A set of HTTP statuses, 100 ..= 599.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatusSet([u64; 8]);

impl StatusSet {
    /// No status.
    pub const EMPTY: StatusSet = StatusSet([0; 8]);
    /// The statuses given; those outside of 100 ..= 599 are left out.
    pub fn of(statuses: impl IntoIterator<Item = u16>) -> StatusSet {
        let mut bits = [0; 8];
        for s in statuses.into_iter().filter(|s| (100..=599).contains(s)) {
            bits[usize::from(s - 100) / 64] |= 1 << ((s - 100) % 64);
        }
        StatusSet(bits)
    }
    /// The status, if an integer is one of the set.
    pub fn matching(&self, status: i64) -> Option<u16> {
        let s = u16::try_from(status).ok().filter(|s| (100..=599).contains(s))?;
        (self.0[usize::from(s - 100) / 64] >> ((s - 100) % 64) & 1 == 1).then_some(s)
    }
    /// Its members, rising.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        (100..=599).filter(|s| self.matching(i64::from(*s)).is_some())
    }
}

/// One merged policy.
#[derive(Clone, PartialEq, Debug)]
pub struct Policy {
    /// Retries after the first attempt.
    pub max_retries: u32,
    /// The ceiling of the first wait, `backoff_base_ms`.
    pub backoff_base: Span,
    /// The largest ceiling, `max_backoff_ms`.
    pub max_backoff: Span,
    /// Statuses that are tried again.
    pub retry_on_status: StatusSet,
    /// How waits are spread.
    pub jitter: Jitter,
    /// Whether text items are read for failures.
    pub check_text_content: bool,
}

impl Default for Policy {
    fn default() -> Policy {
        Policy {
            max_retries: 2,
            backoff_base: Span::from_millis(200),
            max_backoff: Span::from_millis(5000),
            retry_on_status: StatusSet::of([429, 500, 502, 503, 504]),
            jitter: Jitter::Full,
            check_text_content: false,
        }
    }
}

/// The base policy and every tool's own, merged.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PolicySet {
    /// For tools without an override.
    pub base: Policy,
    /// For tools with one, whole.
    pub overrides: BTreeMap<String, Policy>,
}

impl PolicySet {
    /// The policy of a tool.
    pub fn of(&self, tool: &str) -> &Policy {
        self.overrides.get(tool).unwrap_or(&self.base)
    }
}
