//! What the experiments with other states have in common: names are hashed once, and what is decided from
//! a call's past is decided apart from where that past is kept.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::base::random::{Draws, entity, fingerprint};
use crate::base::{Moment, Span};
use crate::plugin::detect::Verdict;
use crate::plugin::{CallKey, Decision, GaveUp, ORPHAN_AFTER, Policy, PolicySet, Reason, backoff};

/// A call by its hashes: 64 bits of the tool's name, 128 of the request's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Key {
    pub(super) tool: u64,
    pub(super) request: u128,
}

impl Key {
    pub(super) fn of(call: CallKey<'_>) -> Key {
        Key { tool: entity(call.tool), request: fingerprint(call.request) }
    }
}

/// For keys that are hashes already: folds their words.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Fold(u64);

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u64(u64::from(*byte)));
    }
    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(26) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    fn write_u128(&mut self, words: u128) {
        self.write_u64(words as u64);
    }
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// Makes them.
pub(super) type Folding = BuildHasherDefault<Fold>;

/// Merged policies, found by the hash of the tool's name.
pub(super) struct Policies {
    base: Policy,
    own: HashMap<u64, Policy, Folding>,
}

impl Policies {
    pub(super) fn new(set: PolicySet) -> Policies {
        let own = set.overrides.into_iter().map(|(tool, policy)| (entity(&tool), policy));
        Policies { base: set.base, own: own.collect() }
    }
    pub(super) fn of(&self, tool: u64) -> &Policy {
        self.own.get(&tool).unwrap_or(&self.base)
    }
}

/// What is remembered of a call that failed.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Past {
    pub(super) failures: u32,
    pub(super) last: Moment,
    pub(super) previous: Span,
    pub(super) total: Span,
}

impl Past {
    pub(super) fn is_orphan(&self, now: Moment) -> bool {
        now.since(self.last) > ORPHAN_AFTER
    }
    /// What a call ends with.
    pub(super) fn sums(past: Option<Past>) -> (u32, Span) {
        past.map_or((0, Span::ZERO), |past| (past.failures, past.total))
    }
}

/// The end of a call that did not fail, or not in a way that is tried again.
pub(super) fn ended(verdict: Verdict, past: Option<Past>) -> Decision {
    let (retries, total_wait) = Past::sums(past);
    match verdict {
        Verdict::NotRetryable(status) => {
            Decision::GiveUp { why: GaveUp::NotRetryable(status), retries, total_wait }
        }
        _ => Decision::Done { retries, total_wait },
    }
}

/// A failure of a call with a past: what is decided, and what is to be remembered; nothing, if the call
/// has ended.
pub(super) fn failed(
    policy: &Policy,
    draws: &Draws,
    key: Key,
    past: Option<Past>,
    reason: Reason,
    now: Moment,
) -> (Decision, Option<Past>) {
    let (retries, granted) = Past::sums(past);
    if retries >= policy.max_retries {
        let why = GaveUp::Exhausted(reason);
        return (Decision::GiveUp { why, retries, total_wait: granted }, None);
    }
    let bits = backoff::stream(draws, key.tool, key.request).at(u64::from(retries));
    let wait = backoff::wait(policy, retries, past.map(|past| past.previous), bits);
    let (retry, total_wait) = (retries + 1, granted + wait);
    let next = Past { failures: retry, last: now, previous: wait, total: total_wait };
    (Decision::Retry { wait, retry, reason, total_wait }, Some(next))
}
