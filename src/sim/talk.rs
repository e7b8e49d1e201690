//! The conversation with the gateway's loop: what happened goes in under the call's name, what the
//! plugin and the loop say on the way is handed on.

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

/// The id of a request, `load.index` in decimal digits, as text without an allocation.
struct Name([u8; Name::LONGEST]);

impl Name {
    /// 10 digits, a dot and 20 digits.
    const LONGEST: usize = 31;

    fn new() -> Name {
        Name([b'.'; Name::LONGEST])
    }
    fn of(&mut self, load: u32, index: u64) -> &str {
        let dot = self.digits(Name::LONGEST, index) - 1;
        let start = self.digits(dot, u64::from(load));
        std::str::from_utf8(&self.0[start..]).unwrap_or_default()
    }
    /// Writes a number so that it ends before `end`; gives where it begins.
    fn digits(&mut self, mut end: usize, mut number: u64) -> usize {
        loop {
            end -= 1;
            self.0[end] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                return end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_the_number_of_their_load_and_their_own() {
        assert_eq!(Name::new().of(0, 0), "0.0");
        assert_eq!(Name::new().of(12, 3450), "12.3450");
        let longest = format!("{}.{}", u32::MAX, u64::MAX);
        assert_eq!(Name::new().of(u32::MAX, u64::MAX), longest);
    }
}
