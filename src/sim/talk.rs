//! The conversation with the gateway's loop: what happened goes in under the call's name, what the
//! plugin and the loop say on the way is handed on.

use std::io::Write;

use super::calls::Verdict;
use super::island::Island;
use super::record::{Observation, Recorder};
use crate::base::Moment;
use crate::gateway::session::{Action, Env, Event, Row, Witness};
use crate::plugin::{CallKey, Decision, GaveUp, Plugin};

impl<P: Plugin + ?Sized, R: Recorder> Island<'_, P, R> {
    /// The gateway's loop hears what happened and says what to do.
    pub(super) fn tell(&mut self, now: Moment, slot: u32, happened: Event<'_>) -> Action {
        let call = self.calls.get(slot);
        let mut name = Name::new();
        let request = name.of(call.load, call.index);
        let env = Env {
            gateway: &self.world.gateway,
            plugin: self.plugin,
            call: CallKey { tool: &self.tool.name, request },
            resource: self.tool.resource,
        };
        let mut watch = Watch { now, recorder: &mut *self.recorder, verdict: Verdict::Unasked };
        let action = call.session.on(&env, &mut watch, now, happened);
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

/// The id of a request: the load and which of its calls, as text without an allocation.
struct Name([u8; 32]);

impl Name {
    fn new() -> Name {
        Name([0; 32])
    }
    fn of(&mut self, load: u32, index: u64) -> &str {
        let mut rest = &mut self.0[..];
        // 10 digits, a dot and 20 digits fit; a longer text would be cut, never wrong UTF-8.
        let _ = write!(rest, "{load}.{index}");
        let used = 32 - rest.len();
        std::str::from_utf8(&self.0[..used]).unwrap_or_default()
    }
}
