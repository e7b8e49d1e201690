//! Upstream's loop once more, as the recursion that it is upstream: the oracle of the state machine.

use proptest::prelude::*;
use retrylab::base::{Moment, Span};
use retrylab::gateway::tokio_driver::Answer;
use retrylab::gateway::{End, LoopModel, Row, Witness};
use retrylab::plugin::{Decision, Plugin, Seen, Status};

use super::bounds;
use super::plain::Plain;
use super::scenario::{CALL, Log, Scenario, TAKES, TIMEOUT};

enum Raised {
    TimedOut(u64),
    Exception(Status),
    /// What the handler lets pass.
    Fatal(End),
}

struct Upstream<'a> {
    scenario: &'a Scenario,
    plugin: &'a Plain,
    now: Moment,
    starts: Vec<Moment>,
    log: Log,
}

impl Upstream<'_> {
    fn invoke(&mut self, k: u32) -> Result<(), Raised> {
        let started = self.now;
        let mut succeeded = false;
        let ended = match self.tried(k, &mut succeeded) {
            Err(raised @ (Raised::TimedOut(_) | Raised::Exception(_))) => self.handled(k, raised),
            ended => ended,
        };
        self.log.row(Row { started, ended: self.now, succeeded });
        ended
    }
    fn tried(&mut self, k: u32, succeeded: &mut bool) -> Result<(), Raised> {
        let answer = self.scenario.step(u32::try_from(self.starts.len()).unwrap()).answer();
        self.starts.push(self.now);
        self.now = self.now + if answer.is_some() { TAKES } else { TIMEOUT };
        let reply = match answer {
            Some(Answer::Reply(reply)) => reply,
            Some(Answer::Exception(status)) => return Err(Raised::Exception(status)),
            Some(Answer::Refused) => return Err(Raised::Fatal(End::Refused)),
            None => return Err(Raised::TimedOut(self.asked(Seen::TimedOut)?.retry_delay_ms())),
        };
        let decision = self.asked(Seen::Result(&reply))?;
        if decision.retry_delay_ms() > 0 && k < self.scenario.gateway.max_tool_retries {
            return self.slept_and_invoked(k, decision.retry_delay_ms());
        }
        *succeeded = matches!(decision, Decision::Done { .. });
        Ok(())
    }
    fn handled(&mut self, k: u32, raised: Raised) -> Result<(), Raised> {
        let delay_ms = match raised {
            Raised::TimedOut(delay_ms) => delay_ms,
            Raised::Exception(status) => self.asked(Seen::Exception(status))?.retry_delay_ms(),
            Raised::Fatal(_) => 0,
        };
        if delay_ms > 0 && k < self.scenario.gateway.max_tool_retries {
            return self.slept_and_invoked(k, delay_ms);
        }
        Err(raised)
    }
    fn slept_and_invoked(&mut self, k: u32, delay_ms: u64) -> Result<(), Raised> {
        self.now = self.now + Span::from_millis(delay_ms);
        self.invoke(k + 1)
    }
    fn asked(&mut self, seen: Seen<'_>) -> Result<Decision, Raised> {
        let decision = self.plugin.tool_post_invoke(&CALL, seen, self.now);
        let decision = decision.map_err(|_| Raised::Fatal(End::PluginError))?;
        self.log.decided(&decision);
        Ok(decision)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]
    #[test]
    fn the_state_machine_does_what_the_recursion_does(scenario in bounds::scenarios()) {
        let mut scenario = scenario;
        (scenario.gateway.loop_model, scenario.resource) = (LoopModel::AsShipped, false);
        (scenario.gateway.deadline, scenario.leaves) = (None, None);
        let plugin = Plain::new(scenario.max_retries, scenario.base, scenario.flaw);
        let (now, starts, log) = (Moment::START, Vec::new(), Log::default());
        let mut upstream = Upstream { scenario: &scenario, plugin: &plugin, now, starts, log };
        let end = match upstream.invoke(0) {
            Ok(()) => End::Replied,
            Err(Raised::TimedOut(_)) => End::TimedOut,
            Err(Raised::Exception(_)) => End::Exception,
            Err(Raised::Fatal(end)) => end,
        };
        let seen = scenario.run();
        prop_assert_eq!(seen.starts, upstream.starts);
        prop_assert_eq!(seen.log, upstream.log);
        prop_assert_eq!((seen.end, seen.ended), (end, upstream.now));
        prop_assert_eq!(seen.entries, plugin.live_entries());
    }
}
