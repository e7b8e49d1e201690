//! What the operator sets: fields, defaults and rules of `retry_with_backoff`, merged with the
//! overrides of single tools once, at load.

use std::collections::BTreeMap;

use super::read::OVERRIDES;
use crate::base::Span;
use crate::base::fault::joined;

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

/// When overrides are checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Overrides {
    /// With the policy: a bad one is a fault of it.
    AtLoad,
    /// When their tool is called, which then fails: a bad one is set aside, with a warning.
    AtCall,
}

/// The base policy and every tool's own, merged.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PolicySet {
    /// For tools without an override.
    pub base: Policy,
    /// For tools with one, whole.
    pub overrides: BTreeMap<String, Policy>,
    /// Tools whose override breaks a rule, with the fault: for bodies that look at an override when its
    /// tool is called. There is none in policies that were checked when they were loaded.
    pub refused: BTreeMap<String, String>,
}

impl PolicySet {
    /// The policy of a tool.
    pub fn of(&self, tool: &str) -> &Policy {
        self.overrides.get(tool).unwrap_or(&self.base)
    }

    /// Applies the gateway's limit to the base policy and to every override, with one warning for each
    /// clamp.
    pub fn clamp(&mut self, limit: u32, warnings: &mut Vec<String>) {
        let own = self.overrides.iter_mut().map(|(tool, policy)| (Some(tool.as_str()), policy));
        for (tool, policy) in std::iter::once((None, &mut self.base)).chain(own) {
            if policy.max_retries > limit {
                let whose = tool.map_or(String::new(), |t| format!("{}.", joined(OVERRIDES, t)));
                warnings.push(format!(
                    "{whose}max_retries = {} is clamped to {limit}, the gateway's max_tool_retries",
                    policy.max_retries
                ));
                policy.max_retries = limit;
            }
        }
    }
}
