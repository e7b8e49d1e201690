//! What a variant with declared deviations should answer: the rules of the oracle, with the deviations
//! switched on one by one. A reply is rewritten into one that the right detectors take as the version took
//! the original; state is one plain map. It is slow, and shares neither detectors nor state with the
//! variants that are held against it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::deviation::{Detectors, Deviations, Keys, Orphans, Overrides, Waits};
use crate::base::random::Draws;
use crate::base::{Moment, Span};
use crate::plugin::detect::{Verdict, judge};
use crate::plugin::{
    CallKey, Clocks, Content, Decision, GaveUp, HookError, Item, Jitter, ORPHAN_AFTER, Plugin,
    Policy, PolicySet, Reason, Reply, Seen, Status, Structured, backoff, json,
};

#[derive(Clone, Copy)]
struct Entry {
    failures: u32,
    last: Moment,
    previous: Option<Span>,
    total: Span,
}

#[derive(Default)]
struct State {
    entries: BTreeMap<(String, String), Entry>,
    scanned: Moment,
}

/// The expected answers.
pub struct Expected {
    deviations: Deviations,
    policies: PolicySet,
    draws: Draws,
    state: Mutex<State>,
}

impl Expected {
    /// An instance that deviates as declared.
    pub fn new(deviations: Deviations, policies: PolicySet, draws: Draws) -> Expected {
        Expected { deviations, policies, draws, state: Mutex::default() }
    }

    fn key(&self, call: CallKey<'_>) -> (String, String) {
        match self.deviations.keys {
            Keys::Pair => (call.tool.to_owned(), call.request.to_owned()),
            Keys::Joined => (String::new(), [call.tool, call.request].join(":")),
        }
    }

    fn counts(&self, entry: &Entry, now: Moment) -> bool {
        self.deviations.orphans != Orphans::Expire || now.since(entry.last) <= ORPHAN_AFTER
    }

    fn scan(&self, state: &mut State, now: Moment) {
        let due = now.since(state.scanned) >= Span::from_secs(30);
        if self.deviations.orphans == Orphans::WaitForAScan && due {
            state.scanned = now;
            state.entries.retain(|_, entry| now.since(entry.last) <= ORPHAN_AFTER);
        }
    }

    fn failed(&self, call: CallKey<'_>, reason: Reason, now: Moment) -> Decision {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.scan(&mut state, now);
        let policy = self.policies.of(call.tool);
        let entry = state.entries.remove(&self.key(call)).filter(|e| self.counts(e, now));
        let (retries, previous, total) =
            entry.map_or((0, None, Span::ZERO), |e| (e.failures, e.previous, e.total));
        if retries >= policy.max_retries {
            let why = GaveUp::Exhausted(reason);
            return Decision::GiveUp { why, retries, total_wait: total };
        }
        let bits = backoff::bits(&self.draws, call).at(u64::from(retries));
        let wait = match self.deviations.waits {
            Waits::Nanoseconds => backoff::wait(policy, retries, previous, bits),
            Waits::Milliseconds => coarse(policy, retries, previous, bits),
        };
        let (retry, total_wait) = (retries + 1, total + wait);
        let entry = Entry { failures: retry, last: now, previous: Some(wait), total: total_wait };
        state.entries.insert(self.key(call), entry);
        match (self.deviations.waits, wait.is_zero()) {
            (Waits::Milliseconds, true) => Decision::LostRetry { retry, reason },
            _ => Decision::Retry { wait, retry, reason, total_wait },
        }
    }
}

/// A wait in whole milliseconds: the ceiling in whole milliseconds, and as many steps.
fn coarse(policy: &Policy, attempt: u32, previous: Option<Span>, bits: u64) -> Span {
    let whole = |span: Span| u128::from(span.as_nanos() / 1_000_000);
    let (base, cap) = (whole(policy.backoff_base), whole(policy.max_backoff));
    let ceiling = (base << attempt.min(64)).min(cap);
    let step = |steps: u128| (u128::from(bits) * (steps + 1)) >> 64;
    let ms = match policy.jitter {
        Jitter::None => ceiling,
        Jitter::Full => step(ceiling),
        Jitter::Equal => ceiling / 2 + step(ceiling / 2),
        Jitter::Decorrelated => {
            let top = 3 * previous.map_or(base, whole);
            (base + step(top.saturating_sub(base))).min(cap)
        }
    };
    Span::from_millis(u64::try_from(ms).unwrap_or(u64::MAX))
}

/// A status as a version takes it: a boolean is an integer; what does not fit 32 bits is none or an error.
fn status_as(status: Status, detectors: Detectors, policy: &Policy) -> Result<Status, HookError> {
    let wide = match status {
        Status::Integer(code) => i32::try_from(code).is_err(),
        Status::Wide => true,
        _ => false,
    };
    Ok(match (detectors, status) {
        (Detectors::Right, status) => status,
        (_, Status::Bool(on)) => Status::Integer(i64::from(on)),
        (Detectors::V0_3_1, _) if wide && !policy.check_text_content => {
            return Err(HookError("a status beyond 32 bits".into()));
        }
        (Detectors::V0_3_11, _) if wide => Status::Absent,
        (_, status) => status,
    })
}

/// The reply that the right detectors take as a version took this one.
fn reply_as(reply: &Reply, detectors: Detectors, policy: &Policy) -> Result<Reply, HookError> {
    let mut seen = reply.clone();
    if let Structured::Object { is_error, status } = reply.structured {
        let status = status_as(status, detectors, policy)?;
        seen.structured = Structured::Object { is_error, status };
        let extension = detectors == Detectors::V0_3_1 && !policy.check_text_content;
        // The extension lets the status decide, whichever flag is set.
        seen.is_error |= extension && is_error && matches!(status, Status::Integer(_));
    }
    let text_is_read =
        policy.check_text_content && !seen.is_error && seen.structured == Structured::Absent;
    match &mut seen.content {
        Content::Null if text_is_read && detectors == Detectors::V0_3_1 => {
            return Err(HookError("content is null".into()));
        }
        Content::Items(items) if text_is_read => {
            items.iter_mut().for_each(|item| *item = item_as(item, detectors));
        }
        _ => {}
    }
    Ok(seen)
}

/// What a version reads in a text, as a short text that says the same.
fn item_as(item: &Item, detectors: Detectors) -> Item {
    let Item::Text(bytes) = item else { return Item::Other };
    let text = String::from_utf8_lossy(bytes);
    let text = match detectors {
        Detectors::Right => return item.clone(),
        Detectors::V0_3_1 => {
            let known = text.replace("-Infinity", "null").replace("Infinity", "null");
            known.replace("NaN", "null")
        }
        Detectors::V0_3_11 => match serde_json::from_slice::<serde_json::Value>(bytes) {
            Ok(_) => text.into_owned(),
            Err(_) => return Item::Other,
        },
    };
    let (mut flag, mut status) = ("null", "null".to_owned());
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let read = json::members(text, |key, value| match (key, value.parse::<i64>()) {
        (b"isError", _) => flag = value,
        (b"status_code", Ok(wide)) if detectors == Detectors::V0_3_11 => {
            status = (wide as i32).to_string();
        }
        (b"status_code", _) => value.clone_into(&mut status),
        _ => {}
    });
    match read {
        Ok(()) => {
            let says = format!(r#"{{"isError": {flag}, "status_code": {status}}}"#);
            Item::Text(says.into_bytes().into())
        }
        Err(_) => Item::Other,
    }
}

impl Plugin for Expected {
    fn name(&self) -> &'static str {
        "expected"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        if self.deviations.overrides == Overrides::AtCall
            && let Some(fault) = self.policies.refused.get(call.tool)
        {
            return Err(HookError(fault.clone()));
        }
        let (detectors, policy) = (self.deviations.detectors, self.policies.of(call.tool));
        let rewritten;
        let seen = match seen {
            Seen::Result(reply) => {
                rewritten = reply_as(reply, detectors, policy)?;
                Seen::Result(&rewritten)
            }
            Seen::TimedOut => Seen::TimedOut,
            Seen::Exception(status) => Seen::Exception(status_as(status, detectors, policy)?),
        };
        let verdict = judge(seen, policy);
        if let Verdict::Failure(reason) = verdict {
            return Ok(self.failed(*call, reason, now));
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = state.entries.remove(&self.key(*call)).filter(|e| self.counts(e, now));
        let (retries, total_wait) = entry.map_or((0, Span::ZERO), |e| (e.failures, e.total));
        Ok(match verdict {
            Verdict::NotRetryable(status) => {
                Decision::GiveUp { why: GaveUp::NotRetryable(status), retries, total_wait }
            }
            _ => Decision::Done { retries, total_wait },
        })
    }
    fn forget(&self, call: &CallKey<'_>, _now: Moment) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.entries.remove(&self.key(*call));
    }
    fn policy(&self, tool: &str) -> &Policy {
        self.policies.of(tool)
    }
    fn live_entries(&self) -> usize {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).entries.len()
    }
    fn clocks(&self) -> Clocks {
        Clocks::Shared
    }
}
