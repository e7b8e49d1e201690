//! The plugin as it was last published, version 0.3.11. Its scan is rare and only failures pay for it, so
//! it teaches what is left to gain after that: a lock and a string for every call, and a copy of the
//! policy. The clock of the scans is the process's, so one instance's scan puts off another's.

mod judge;

use std::collections::HashMap;
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::published::{joined, wait_ms};
use crate::base::random::Draws;
use crate::base::{Moment, Span};
use crate::plugin::detect::Verdict;
use crate::plugin::{
    CallKey, Clocks, Decision, GaveUp, HookError, ORPHAN_AFTER, Plugin, Policy, PolicySet, Reason,
    Seen, backoff,
};

/// Two scans of a process lie at least this far apart.
const SCAN_EVERY: Span = Span::from_secs(30);

/// What all instances of a process share: when one of them last scanned its entries.
#[derive(Clone, Default)]
pub struct Process(Arc<AtomicU64>);

impl Process {
    /// Whether it is time for a scan; if so, one has been made.
    fn scans(&self, now: Moment) -> bool {
        let last = Moment::from_nanos(self.0.load(Ordering::Relaxed));
        let due = now.since(last) >= SCAN_EVERY;
        if due {
            self.0.store(now.as_nanos(), Ordering::Relaxed);
        }
        due
    }
}

/// What is remembered of a call that failed.
#[derive(Clone, Copy)]
struct Entry {
    failures: u32,
    last: Moment,
    previous_ms: u64,
    total_ms: u64,
}

/// The policy as the published version holds it: a list of statuses, copied with the rest.
#[derive(Clone)]
struct Held {
    policy: Policy,
    statuses: Vec<u16>,
}

/// An instance.
pub struct Upstream {
    policies: PolicySet,
    base: Held,
    overrides: HashMap<String, Held>,
    draws: Draws,
    process: Process,
    entries: Mutex<HashMap<String, Entry>>,
}

impl Upstream {
    /// An instance in a process, which may have others.
    pub fn within(process: &Process, policies: PolicySet, draws: Draws) -> Upstream {
        let held = |p: &Policy| {
            let statuses = p.retry_on_status.iter().collect();
            Held { policy: p.clone(), statuses }
        };
        let overrides = policies.overrides.iter().map(|(tool, p)| (tool.clone(), held(p)));
        let (base, overrides) = (held(&policies.base), overrides.collect());
        let (process, entries) = (process.clone(), Mutex::default());
        Upstream { policies, base, overrides, draws, process, entries }
    }

    /// A copy of the policy in force, as every call takes one. An override is looked at here for the first
    /// time.
    fn copy(&self, tool: &str) -> Result<Held, HookError> {
        match self.policies.refused.get(tool) {
            Some(fault) => Err(HookError(fault.clone())),
            None => Ok(self.overrides.get(tool).unwrap_or(&self.base).clone()),
        }
    }

    fn failed(&self, call: CallKey<'_>, policy: &Policy, reason: Reason, now: Moment) -> Decision {
        let bits = backoff::bits(&self.draws, call);
        let key = joined(call);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if self.process.scans(now) {
            entries.retain(|_, entry| now.since(entry.last) <= ORPHAN_AFTER);
        }
        let fresh = Entry { failures: 0, last: now, previous_ms: 0, total_ms: 0 };
        let entry = entries.get(&key).copied().unwrap_or(fresh);
        let retries = entry.failures;
        if retries >= policy.max_retries {
            entries.remove(&key);
            let total_wait = Span::from_millis(entry.total_ms);
            return Decision::GiveUp { why: GaveUp::Exhausted(reason), retries, total_wait };
        }
        let previous = (retries > 0).then_some(entry.previous_ms);
        let wait = wait_ms(policy, retries, previous, bits.at(u64::from(retries)));
        let (retry, total_ms) = (retries + 1, entry.total_ms.saturating_add(wait));
        entries.insert(key, Entry { failures: retry, last: now, previous_ms: wait, total_ms });
        match wait {
            0 => Decision::LostRetry { retry, reason },
            _ => {
                let (wait, total_wait) = (Span::from_millis(wait), Span::from_millis(total_ms));
                Decision::Retry { wait, retry, reason, total_wait }
            }
        }
    }

    fn end(&self, call: CallKey<'_>) -> (u32, Span) {
        let key = joined(call);
        let entry = self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        entry.map_or((0, Span::ZERO), |e| (e.failures, Span::from_millis(e.total_ms)))
    }
}

impl Plugin for Upstream {
    fn name(&self) -> &'static str {
        "upstream"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        // Kept from an optimiser that would leave out what nobody reads.
        let held = black_box(self.copy(call.tool)?);
        debug_assert_eq!(held.statuses.len(), held.policy.retry_on_status.iter().count());
        Ok(match judge::judge(seen, &held.policy) {
            Verdict::Failure(reason) => self.failed(*call, &held.policy, reason, now),
            Verdict::Success => {
                let (retries, total_wait) = self.end(*call);
                Decision::Done { retries, total_wait }
            }
            Verdict::NotRetryable(status) => {
                let (retries, total_wait) = self.end(*call);
                Decision::GiveUp { why: GaveUp::NotRetryable(status), retries, total_wait }
            }
        })
    }
    fn forget(&self, call: &CallKey<'_>, _now: Moment) {
        self.end(*call);
    }
    fn policy(&self, tool: &str) -> &Policy {
        self.policies.of(tool)
    }
    fn live_entries(&self) -> usize {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
    fn clocks(&self) -> Clocks {
        Clocks::Shared
    }
}
