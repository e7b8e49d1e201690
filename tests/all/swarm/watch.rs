//! A plugin that is watched, call by call: what it answers is compared with what it must remember of the
//! call, and with the waits that its policy allows. And plugins that are wrong on purpose.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use retrylab::base::{Moment, Span};
use retrylab::plugin::{
    CallKey, Decision, GaveUp, HookError, Jitter, ORPHAN_AFTER, Plugin, Policy, PolicySet, Seen,
    backoff,
};

/// What must be remembered of a call.
#[derive(Clone, Copy)]
struct Known {
    last: Moment,
    retries: u32,
    previous: Span,
    total: Span,
}

#[derive(Default)]
struct Memory {
    calls: BTreeMap<(String, String), Known>,
    clocks: BTreeMap<String, Moment>,
    broken: Option<String>,
}

pub(super) struct Watched {
    inner: Arc<dyn Plugin>,
    policies: PolicySet,
    /// Tools whose calls go through the fixed loop, which sleeps every wait that it takes.
    fixed: BTreeSet<String>,
    memory: Mutex<Memory>,
}

impl Watched {
    pub(super) fn new(
        inner: Arc<dyn Plugin>,
        policies: PolicySet,
        fixed: BTreeSet<String>,
    ) -> Watched {
        Watched { inner, policies, fixed, memory: Mutex::default() }
    }

    /// The first answer that was wrong.
    pub(super) fn answers(&self) -> Result<(), String> {
        self.memory.lock().unwrap().broken.clone().map_or(Ok(()), Err)
    }

    /// After the end: whether all is forgotten that must be.
    pub(super) fn forgotten(&self) -> Result<(), String> {
        let memory = self.memory.lock().unwrap();
        if let Some((tool, call)) = memory.calls.keys().find(|(tool, _)| self.fixed.contains(tool))
        {
            return Err(format!("the fixed loop left call {call} of {tool} behind"));
        }
        let left = self.inner.live_entries();
        let orphan = |((tool, _), k): (&(String, String), &Known)| {
            memory.clocks[tool].since(k.last) > ORPHAN_AFTER
        };
        let orphans = memory.calls.iter().filter(|call| orphan(*call)).count();
        let (most, least) = (memory.calls.len(), memory.calls.len() - orphans);
        if !(least..=most).contains(&left) {
            return Err(format!("{left} calls are remembered at the end in place of {most}"));
        }
        Ok(())
    }

    fn judge(&self, call: CallKey<'_>, decision: &Decision, now: Moment) -> Result<(), String> {
        let policy = self.policies.of(call.tool);
        let mut memory = self.memory.lock().unwrap();
        let clock = memory.clocks.entry(call.tool.into()).or_insert(now);
        if now < *clock {
            return Err(format!("the time of {} went back from {clock:?} to {now:?}", call.tool));
        }
        *clock = now;
        let key = (call.tool.to_owned(), call.request.to_owned());
        let known = memory.calls.remove(&key);
        if let Some(k) =
            known.filter(|k| self.fixed.contains(call.tool) && now < k.last + k.previous)
        {
            return Err(format!("a wait of {} was over after {}", k.previous, now.since(k.last)));
        }
        let known = known.filter(|k| now.since(k.last) <= ORPHAN_AFTER);
        let (had, waited) = known.map_or((0, Span::ZERO), |k| (k.retries, k.total));
        match *decision {
            Decision::Retry { wait, retry, total_wait, .. } => {
                if retry != had + 1 || retry > policy.max_retries {
                    let limit = policy.max_retries;
                    return Err(format!("retry {retry} after {had} of at most {limit}"));
                }
                if total_wait != waited + wait {
                    return Err(format!("waits of {total_wait} in place of {}", waited + wait));
                }
                let (low, high) = range(policy, had, known.map(|k| k.previous));
                if wait < low || wait > high {
                    return Err(format!("retry {retry} waits {wait}, not {low} to {high}"));
                }
                let known = Known { last: now, retries: retry, previous: wait, total: total_wait };
                memory.calls.insert(key, known);
            }
            Decision::LostRetry { .. } => return Err("a retry was lost".into()),
            Decision::Done { retries, total_wait }
            | Decision::GiveUp { retries, total_wait, .. } => {
                if (retries, total_wait) != (had, waited) {
                    return Err(format!(
                        "{retries} retries and {total_wait} in place of {had} and {waited}"
                    ));
                }
                let exhausted =
                    matches!(*decision, Decision::GiveUp { why: GaveUp::Exhausted(_), .. });
                if exhausted && had < policy.max_retries {
                    return Err(format!("gave up after {had} of {} retries", policy.max_retries));
                }
            }
        }
        Ok(())
    }
}

/// The shortest and the longest wait of a retry; `before` is how many there were.
fn range(policy: &Policy, before: u32, previous: Option<Span>) -> (Span, Span) {
    let ceiling = backoff::ceiling(policy, before);
    match policy.jitter {
        Jitter::None => (ceiling, ceiling),
        Jitter::Full => (Span::ZERO, ceiling),
        Jitter::Equal => (Span::from_nanos(ceiling.as_nanos() / 2), ceiling),
        Jitter::Decorrelated => {
            let base = policy.backoff_base;
            (base, previous.unwrap_or(base).times(3).min(policy.max_backoff))
        }
    }
}

impl Plugin for Watched {
    fn name(&self) -> &'static str {
        "watched"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        let decision = self.inner.tool_post_invoke(call, seen, now)?;
        if let Err(broken) = self.judge(*call, &decision, now) {
            self.memory.lock().unwrap().broken.get_or_insert(broken);
        }
        Ok(decision)
    }
    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        self.inner.forget(call, now);
        let key = (call.tool.to_owned(), call.request.to_owned());
        self.memory.lock().unwrap().calls.remove(&key);
    }
    crate::forward::the_rest_is_of!(inner);
}

/// What is wrong with a plugin.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// Grants second retries a nanosecond more than the cap.
    AboveCap,
    /// Does not forget what it is told to forget.
    Forgetful,
}

pub(super) struct Wrong(pub(super) Arc<dyn Plugin>, pub(super) Fault);

impl Plugin for Wrong {
    fn name(&self) -> &'static str {
        "wrong"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        let decision = self.0.tool_post_invoke(call, seen, now)?;
        Ok(match (self.1, decision) {
            (Fault::AboveCap, Decision::Retry { wait, retry: retry @ 2, reason, total_wait }) => {
                let long = self.0.policy(call.tool).max_backoff + Span::from_nanos(1);
                let total_wait = (total_wait - wait) + long;
                Decision::Retry { wait: long, retry, reason, total_wait }
            }
            (_, right) => right,
        })
    }
    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        if !matches!(self.1, Fault::Forgetful) {
            self.0.forget(call, now);
        }
    }
    crate::forward::the_rest_is_of!(0);
}
