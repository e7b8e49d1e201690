//! The oracle: every rule of the plugin in the plainest form. One lock, one ordered map, and a look at
//! every entry of the tool when one fails.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::base::random::Draws;
use crate::base::{Moment, Span};
use crate::plugin::detect::{Verdict, judge};
use crate::plugin::{CallKey, Clocks, Decision, GaveUp, HookError, Plugin, Policy, PolicySet};
use crate::plugin::{ORPHAN_AFTER, Reason, Seen, backoff};

/// What is remembered of a call that failed.
#[derive(Clone, Copy)]
struct Entry {
    failures: u32,
    last: Moment,
    previous: Option<Span>,
    total: Span,
}

/// The oracle.
pub struct Reference {
    policies: PolicySet,
    draws: Draws,
    entries: Mutex<BTreeMap<String, BTreeMap<String, Entry>>>,
}

impl Reference {
    /// An instance with merged policies; its jitter comes from the draws.
    pub fn new(policies: PolicySet, draws: Draws) -> Reference {
        Reference { policies, draws, entries: Mutex::default() }
    }

    /// Takes what is remembered of a call; of an orphan that is nothing.
    fn take(&self, call: CallKey<'_>, now: Moment) -> Option<Entry> {
        let mut tools = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = tools.get_mut(call.tool)?;
        let entry = calls.remove(call.request);
        if calls.is_empty() {
            tools.remove(call.tool);
        }
        entry.filter(|entry| now.since(entry.last) <= ORPHAN_AFTER)
    }

    fn keep(&self, call: CallKey<'_>, entry: Entry) {
        let mut tools = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let calls = tools.entry(call.tool.to_owned()).or_default();
        calls.insert(call.request.to_owned(), entry);
    }

    /// The tool's orphans go: its own clock tells.
    fn evict(&self, tool: &str, now: Moment) {
        let mut tools = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(calls) = tools.get_mut(tool) {
            calls.retain(|_, entry| now.since(entry.last) <= ORPHAN_AFTER);
        }
    }

    fn failed(&self, call: CallKey<'_>, reason: Reason, now: Moment) -> Decision {
        let policy = self.policies.of(call.tool);
        self.evict(call.tool, now);
        let fresh = Entry { failures: 0, last: now, previous: None, total: Span::ZERO };
        let entry = self.take(call, now).unwrap_or(fresh);
        if entry.failures >= policy.max_retries {
            let (retries, total_wait) = (entry.failures, entry.total);
            return Decision::GiveUp { why: GaveUp::Exhausted(reason), retries, total_wait };
        }
        let bits = backoff::bits(&self.draws, call).at(u64::from(entry.failures));
        let wait = backoff::wait(policy, entry.failures, entry.previous, bits);
        let (retry, total_wait) = (entry.failures + 1, entry.total + wait);
        self.keep(
            call,
            Entry { failures: retry, last: now, previous: Some(wait), total: total_wait },
        );
        Decision::Retry { wait, retry, reason, total_wait }
    }
}

impl Plugin for Reference {
    fn name(&self) -> &'static str {
        "reference"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        Ok(match judge(seen, self.policies.of(call.tool)) {
            Verdict::Failure(reason) => self.failed(*call, reason, now),
            verdict => {
                let entry = self.take(*call, now);
                let (retries, total_wait) =
                    entry.map_or((0, Span::ZERO), |e| (e.failures, e.total));
                match verdict {
                    Verdict::NotRetryable(status) => {
                        Decision::GiveUp { why: GaveUp::NotRetryable(status), retries, total_wait }
                    }
                    _ => Decision::Done { retries, total_wait },
                }
            }
        })
    }
    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        self.take(*call, now);
    }
    fn policy(&self, tool: &str) -> &Policy {
        self.policies.of(tool)
    }
    fn live_entries(&self) -> usize {
        let tools = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        tools.values().map(BTreeMap::len).sum()
    }
    fn clocks(&self) -> Clocks {
        Clocks::PerTool
    }
}
