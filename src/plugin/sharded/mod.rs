//! The default body of the plugin. It stands in the path of every tool call of a gateway, most of which
//! succeed, so a success should cost nothing and no thread should wait for another.
//!
//! - Policies are merged once, and found without a lock ([`directory`]).
//! - A reply is judged before anything is locked. A success of a tool that never failed costs one hash; any
//!   other a second one, of its request, and a look at a [`filter`]. A lock is taken by those that are
//!   remembered, and by a few that only look so.
//! - Calls are spread over 512 shards by the hashes of tool and request; those of one tool over 128 of them
//!   ([`shard`]). A lock, the head of the filter and a first call share a cache line: a failure that meets a
//!   shard of another thread waits for one line. Under a lock there is arithmetic only, and little of it: a
//!   lock waits for all that was written, so jitter is prepared before.
//! - Orphans go when their own tool fails: each tool knows a moment before which it remembers nothing,
//!   and its 128 shards are asked only when that moment is too long ago.

mod crowd;
mod directory;
mod filter;
mod order;
#[cfg(test)]
#[cfg(loom)]
mod schedules;
mod shard;
mod sync;
#[cfg(test)]
#[cfg(not(loom))]
mod tests;
mod word;

use std::sync::PoisonError;

use super::detect::{self, Verdict};
use super::{
    CallKey, Clocks, Decision, GaveUp, HookError, Plugin, Policy, PolicySet, Reason, Seen, backoff,
};
use crate::base::random::{Draws, Stream, entity, fingerprint};
use crate::base::{Moment, Span};
use directory::{Directory, Tool};
use filter::{Cells, Filter, GROUP};
use shard::{Call, Held, Key, Shard};
use sync::{AtomicU64, Mutex};

const SHARDS: usize = if cfg!(loom) { 2 } else { 512 };
/// Over how many of them one tool's calls are spread.
const SHARDS_OF_A_TOOL: usize = if cfg!(loom) { 2 } else { 128 };
/// The place of the base policy.
const BASE: u32 = 0;

/// The default body, with policies and the source of its jitter.
pub fn sharded(policies: PolicySet, draws: Draws) -> Sharded {
    let tools = Directory::with_room_for(policies.overrides.len(), draws);
    let mut merged = vec![policies.base];
    for (name, policy) in policies.overrides {
        tools.find_or_enter(entity(&name), merged.len() as u32);
        merged.push(policy);
    }
    Sharded { policies: merged, tools, shards: in_place(), cells: in_place() }
}

/// An array of defaults, made where it is to be: a boxed array is made elsewhere first, and copied.
fn in_place<T: Default, const N: usize>() -> Box<[T; N]> {
    let all: Box<[T]> = (0..N).map(|_| T::default()).collect();
    all.try_into().unwrap_or_else(|_| unreachable!("there are N"))
}

/// The default body of the plugin; made by [`sharded`].
pub struct Sharded {
    policies: Vec<Policy>,
    tools: Directory,
    shards: Box<[Guarded; SHARDS]>,
    cells: Box<[Cells; SHARDS / GROUP]>,
}

/// A shard, its lock and what is told of it without, apart from the cache lines of its neighbours.
#[derive(Default)]
#[repr(C, align(128))]
struct Guarded {
    /// The head of the shard's filter.
    head: AtomicU64,
    shard: Mutex<Shard>,
}

/// One of the shards.
#[derive(Clone, Copy)]
struct Slot<'a> {
    filter: Filter<'a>,
    shard: &'a Mutex<Shard>,
}

impl Slot<'_> {
    fn locked<T>(self, action: impl FnOnce(&mut Held<'_>) -> T) -> T {
        let mut shard = self.shard.lock().unwrap_or_else(PoisonError::into_inner);
        action(&mut Held { shard: &mut shard, filter: self.filter })
    }
}

impl Sharded {
    #[inline]
    fn policy_of(&self, tool: Option<&Tool>) -> &Policy {
        &self.policies[tool.map_or(BASE, |tool| tool.policy) as usize]
    }

    /// A failure: the next retry, or the end of the call.
    fn fail(&self, tool: &Tool, request: &str, reason: Reason, now: Moment) -> Decision {
        self.evict_orphans(tool, now);
        let policy = self.policy_of(Some(tool));
        let (hash, print) = (entity(request), fingerprint(request));
        let luck = luck_of(tool, print);
        let key = key(tool, hash, print);
        self.slot(shard_of(tool, hash)).locked(|held| {
            let found = held.find(key.hash, || key.rest, now);
            let past = found.map(|(_, past)| past);
            let (retries, granted) = past.map_or((0, Span::ZERO), |p| (p.failures, p.total_wait));
            if retries >= policy.max_retries {
                if let Some((place, _)) = found {
                    held.remove(place, key.hash);
                }
                let why = GaveUp::Exhausted(reason);
                return Decision::GiveUp { why, retries, total_wait: granted };
            }
            let bits = luck.at(u64::from(retries));
            let wait = backoff::wait(policy, retries, past.map(|p| p.previous), bits);
            match found {
                Some((place, _)) => held.update(place, |call| call.fail_again(now, wait)),
                None => held.insert(Call::first(key, tool.id, now, wait)),
            }
            tool.remember(now);
            Decision::Retry { wait, retry: retries + 1, reason, total_wait: granted + wait }
        })
    }

    /// Forgets a call, if it is remembered: the retries and the waits that it was granted.
    #[inline(always)] // in the way of every success
    fn end(&self, tool: Option<&Tool>, request: &str, now: Moment) -> (u32, Span) {
        let nothing = (0, Span::ZERO);
        let Some(tool) = tool.filter(|tool| tool.oldest() != Moment::NEVER) else {
            return nothing;
        };
        let of_request = entity(request);
        let (shard, hash) = (shard_of(tool, of_request), tool.hash.wrapping_add(of_request));
        if self.slot(shard).filter.may_hold(hash) {
            self.forget_in(shard, hash, request, now)
        } else {
            nothing
        }
    }

    /// Forgets a call of a shard, if it is there: the retries and the waits that it was granted.
    #[inline(never)] // off the way of those that are not there
    fn forget_in(&self, shard: usize, hash: u64, request: &str, now: Moment) -> (u32, Span) {
        self.slot(shard).locked(|held| match held.find(hash, || rest(fingerprint(request)), now) {
            Some((place, past)) => {
                held.remove(place, hash);
                (past.failures, past.total_wait)
            }
            None => (0, Span::ZERO),
        })
    }

    /// Says first that nothing older than now is left, and takes back what each shard still has: a
    /// failure that comes to a shard after it was asked finds that said, and says otherwise. So every
    /// shard is locked: one that only looked empty might hold a failure that has said so too early.
    fn evict_orphans(&self, tool: &Tool, now: Moment) {
        if now.since(tool.oldest()) <= super::ORPHAN_AFTER {
            return;
        }
        tool.forget_before(now);
        for nth in 0..SHARDS_OF_A_TOOL {
            if let Some(left) =
                self.slot(nth_shard_of(tool, nth)).locked(|held| held.evict(tool.id, now))
            {
                tool.remember(left);
            }
        }
    }

    fn slot(&self, nth: usize) -> Slot<'_> {
        let Guarded { head, shard } = &self.shards[nth];
        let filter = Filter { head, cells: &self.cells[..], nth };
        Slot { filter, shard }
    }
}

/// The shard of a request, known by its hash.
fn shard_of(tool: &Tool, request: u64) -> usize {
    nth_shard_of(tool, nth_shard(request))
}

fn nth_shard_of(tool: &Tool, nth: usize) -> usize {
    // The directory uses the low bits.
    ((tool.hash >> 32) as usize + nth) % SHARDS
}

/// Which of a tool's shards a request falls into. The index of a shard uses the other bits of its hash.
fn nth_shard(request: u64) -> usize {
    (request >> 48) as usize % SHARDS_OF_A_TOOL
}

/// What a call's jitter is drawn from.
#[inline(never)] // worked out before the lock is taken, not while it is held
fn luck_of(tool: &Tool, print: u128) -> Stream {
    backoff::of_call(tool.luck, print)
}

/// The fingerprint of a pair, of the request's hash and its longer one. For one request the tools' hashes
/// keep keys apart, for one tool 128 bits of the request do.
fn key(tool: &Tool, hash: u64, print: u128) -> Key {
    Key { hash: tool.hash.wrapping_add(hash), rest: rest(print) }
}

/// What the longer hash adds to the short one: of a long text, the low halves of both are the same.
fn rest(print: u128) -> u64 {
    (print >> 64) as u64
}

impl Plugin for Sharded {
    fn name(&self) -> &'static str {
        "sharded"
    }

    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        let hash = entity(call.tool);
        let known = self.tools.find(hash);
        let verdict = detect::judge(seen, self.policy_of(known));
        if let Verdict::Failure(reason) = verdict {
            let tool = known.unwrap_or_else(|| self.tools.find_or_enter(hash, BASE));
            return Ok(self.fail(tool, call.request, reason, now));
        }
        let (retries, total_wait) = self.end(known, call.request, now);
        Ok(match verdict {
            Verdict::NotRetryable(status) => {
                Decision::GiveUp { why: GaveUp::NotRetryable(status), retries, total_wait }
            }
            _ => Decision::Done { retries, total_wait },
        })
    }

    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        self.end(self.tools.find(entity(call.tool)), call.request, now);
    }

    fn policy(&self, tool: &str) -> &Policy {
        self.policy_of(self.tools.find(entity(tool)))
    }

    fn live_entries(&self) -> usize {
        (0..SHARDS).map(|nth| self.slot(nth).filter.len()).sum()
    }

    fn clocks(&self) -> Clocks {
        Clocks::PerTool
    }
}
