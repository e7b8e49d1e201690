//! The plugin as the first pull request had it, version 0.3.1: one map behind one lock for the whole process.
//! It teaches what that costs. Every call, successes too, waits for the same lock, builds a string and
//! looks at every entry; and the look finds nothing, for entries are dated by the wall clock and the scan
//! asks a clock that counts from the start of the machine, so that no entry ever seems old.

mod judge;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::published::{joined, wait_ms};
use crate::base::random::Draws;
use crate::base::{Moment, Span};
use crate::plugin::detect::Verdict;
use crate::plugin::{
    CallKey, Clocks, Decision, GaveUp, HookError, ORPHAN_AFTER, Plugin, Policy, PolicySet, Reason,
    Seen, backoff,
};

/// What a wall clock shows when the other clock shows 0: seconds since 1970, somewhere in 2026.
const WALL: Span = Span::from_secs(1_770_000_000);

/// What is remembered of a call that failed.
#[derive(Clone, Copy)]
struct Entry {
    failures: u32,
    /// By the wall clock.
    last: Moment,
    previous_ms: u64,
    total_ms: u64,
}

/// What all instances of a process share.
#[derive(Clone, Default)]
pub struct Process(Arc<Mutex<HashMap<String, Entry>>>);

impl Process {
    /// What the process remembers of a call, after a look at all entries. They are asked for their age
    /// by another clock than they were dated with, so none is old.
    fn locked<T>(&self, now: Moment, action: impl FnOnce(&mut HashMap<String, Entry>) -> T) -> T {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|_, entry| now.since(entry.last) <= ORPHAN_AFTER);
        action(&mut entries)
    }
}

/// An instance.
pub struct Seed {
    policies: PolicySet,
    draws: Draws,
    process: Process,
}

impl Seed {
    /// An instance in a process, which may have others.
    pub fn within(process: &Process, policies: PolicySet, draws: Draws) -> Seed {
        Seed { policies, draws, process: process.clone() }
    }

    fn failed(&self, call: CallKey<'_>, reason: Reason, now: Moment) -> Decision {
        let policy = self.policies.of(call.tool);
        let bits = backoff::bits(&self.draws, call);
        self.process.locked(now, |entries| {
            let key = joined(call);
            let fresh = Entry { failures: 0, last: now, previous_ms: 0, total_ms: 0 };
            // The published body copies the string too.
            let entry = entries.entry(key.clone()).or_insert(fresh);
            let (retries, granted) = (entry.failures, entry.total_ms);
            if retries >= policy.max_retries {
                entries.remove(&key);
                let total_wait = Span::from_millis(granted);
                return Decision::GiveUp { why: GaveUp::Exhausted(reason), retries, total_wait };
            }
            let previous = (retries > 0).then_some(entry.previous_ms);
            let wait = wait_ms(policy, retries, previous, bits.at(u64::from(retries)));
            let (retry, total_ms) = (retries + 1, granted.saturating_add(wait));
            let last = now + WALL;
            *entry = Entry { failures: retry, last, previous_ms: wait, total_ms };
            match wait {
                0 => Decision::LostRetry { retry, reason },
                _ => {
                    let (wait, total_wait) = (Span::from_millis(wait), Span::from_millis(total_ms));
                    Decision::Retry { wait, retry, reason, total_wait }
                }
            }
        })
    }

    fn end(&self, call: CallKey<'_>, now: Moment) -> (u32, Span) {
        let entry = self.process.locked(now, |entries| entries.remove(&joined(call)));
        entry.map_or((0, Span::ZERO), |e| (e.failures, Span::from_millis(e.total_ms)))
    }
}

impl Plugin for Seed {
    fn name(&self) -> &'static str {
        "seed"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        Ok(match judge::judge(seen, self.policies.of(call.tool))? {
            Verdict::Failure(reason) => self.failed(*call, reason, now),
            Verdict::Success => {
                let (retries, total_wait) = self.end(*call, now);
                Decision::Done { retries, total_wait }
            }
            Verdict::NotRetryable(status) => {
                let (retries, total_wait) = self.end(*call, now);
                Decision::GiveUp { why: GaveUp::NotRetryable(status), retries, total_wait }
            }
        })
    }
    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        self.end(*call, now);
    }
    fn policy(&self, tool: &str) -> &Policy {
        self.policies.of(tool)
    }
    fn live_entries(&self) -> usize {
        self.process.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
    /// No answer depends on the time.
    fn clocks(&self) -> Clocks {
        Clocks::PerTool
    }
}
