//! The conversation with the gateway's loop: what happened goes in under the call's name, what the
//! plugin and the loop say on the way is handed on.

use std::sync::LazyLock;

use super::calls::Verdict;
use super::island::Island;
use super::record::{Observation, Recorder};
use super::turn::News;
use crate::base::Moment;
use crate::gateway::session::{Action, Env, Row, Witness};
use crate::plugin::{CallKey, Decision, GaveUp, Plugin};

impl<P: Plugin + ?Sized, R: Recorder> Island<'_, P, R> {
    /// The gateway's loop hears what happened and says what to do.
    pub(super) fn tell(&mut self, now: Moment, slot: u32, news: News<'_>) -> Action {
        let call = self.calls.get(slot);
        let request = self.names[call.load as usize].of(call.index);
        let env = Env {
            gateway: &self.world.gateway,
            plugin: self.plugin,
            call: CallKey { tool: &self.tool.name, request },
            resource: self.tool.resource,
            limit: self.limit,
        };
        let mut watch = Watch { now, recorder: &mut *self.recorder, verdict: Verdict::Unasked };
        let action = call.session.on(&env, &mut watch, now, news.event());
        call.verdict = watch.verdict;
        action
    }
}

/// Hands on what the loop tells, and remembers the plugin's last word.
struct Watch<'r, R> {
    now: Moment,
    recorder: &'r mut R,
    verdict: Verdict,
}

impl<R: Recorder> Witness for Watch<'_, R> {
    #[inline(always)] // in the way of every attempt
    fn decided(&mut self, decision: &Decision) {
        self.verdict = match decision {
            Decision::Done { .. } => Verdict::Passed,
            Decision::GiveUp { why: GaveUp::NotRetryable(_), .. } => Verdict::NotRetryable,
            _ => Verdict::Failed,
        };
        self.recorder.observe(self.now, Observation::Decided(*decision));
    }
    fn row(&mut self, row: Row) {
        self.recorder.observe(self.now, Observation::Row(row));
    }
}

/// The ids of a load's requests, one at a time: whole numbers in decimal digits. The loads of a tool take turns, so that no
/// two requests have the same.
pub(super) struct Name {
    load: u64,
    /// How many loads there are.
    loads: u64,
    digits: itoa::Buffer,
}

/// The first ids. A few clients that try again and again are the better part of many simulations, and a hash of what is
/// just being written has to wait for it.
static FIRST: LazyLock<Vec<String>> =
    LazyLock::new(|| (0..1024).map(|id: u64| id.to_string()).collect());

impl Name {
    /// One for each of so many loads.
    pub(super) fn of_all(loads: usize) -> Vec<Name> {
        let name = |load| Name { load, loads: loads as u64, digits: itoa::Buffer::new() };
        (0..loads as u64).map(name).collect()
    }
    #[inline]
    fn of(&mut self, index: u64) -> &str {
        let id = index.wrapping_mul(self.loads).wrapping_add(self.load);
        match usize::try_from(id).ok().and_then(|id| FIRST.get(id)) {
            Some(known) => known,
            None => self.digits.format(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_of_several_loads_take_turns() {
        let ids = |loads, indices: std::ops::Range<u64>| {
            let mut names = Name::of_all(loads);
            let mut ids = Vec::new();
            for index in indices {
                ids.extend(names.iter_mut().map(|name| name.of(index).to_owned()));
            }
            ids
        };
        let expected = |range: std::ops::Range<u64>| range.map(|id| id.to_string());
        assert!(ids(1, 0..2_000).into_iter().eq(expected(0..2_000)));
        assert!(ids(3, 0..700).into_iter().eq(expected(0..2_100)));
        let last = (1 << 45) - 1;
        assert_eq!(ids(7, last..last + 1)[6], (last * 7 + 6).to_string());
    }
}
