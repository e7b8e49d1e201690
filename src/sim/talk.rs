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

/// The ids of a load's requests, `load.index` in decimal digits, one at a time.
pub(super) struct Name {
    load: u64,
    text: String,
    /// How many bytes all ids of the load begin with.
    common: usize,
}

/// Ids of the first calls of the first load. A few clients that try again and again are the better part of many
/// simulations, and a hash of what is just being written has to wait for it.
static FIRST: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut name = Name::new(0);
    (0..1024).map(|index| name.written(index).to_owned()).collect()
});

impl Name {
    pub(super) fn new(load: u64) -> Name {
        let text = format!("{load}.");
        Name { load, common: text.len(), text }
    }
    #[inline]
    fn of(&mut self, index: u64) -> &str {
        let known = usize::try_from(index).ok().and_then(|index| FIRST.get(index));
        match known.filter(|_| self.load == 0) {
            Some(known) => known,
            None => self.written(index),
        }
    }
    fn written(&mut self, index: u64) -> &str {
        self.text.truncate(self.common);
        self.text.push_str(itoa::Buffer::new().format(index));
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_the_number_of_their_load_and_their_own() {
        let mut name = Name::new(12);
        assert_eq!(name.of(3450), "12.3450");
        assert_eq!(name.of(0), "12.0");
        assert_eq!(name.of(u64::MAX), format!("12.{}", u64::MAX));
        let mut first = Name::new(0);
        for index in [0, 9, 10, 1_023, 1_024, u64::MAX] {
            assert_eq!(first.of(index), format!("0.{index}"));
        }
    }
}
