//! One call to a scripted tool, and what came of it on either driver.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use retrylab::base::dist::Distribution;
use retrylab::base::random::Draws;
use retrylab::base::{Moment, Span};
use retrylab::gateway::tokio_driver::{Answer, Clock, call};
use retrylab::gateway::{End, Env, Gateway, LoopModel, Row, Witness, retry_limit};
use retrylab::plugin::{CallKey, Content, Decision, Plugin, Reply, Status, Structured};
use retrylab::sim::world::{Arrivals, Brought, Fault, Load, Signal, Tool, Window, World};
use retrylab::sim::{self, Course, Observation};
use tokio_util::sync::CancellationToken;

use super::plain::{Flaw, Plain};

pub(crate) const CALL: CallKey<'_> = CallKey { tool: "search", request: "1" };
/// How long an attempt takes that ends by itself.
pub(crate) const TAKES: Span = Span::from_millis(10);
/// The time-out of the others.
pub(crate) const TIMEOUT: Span = Span::from_millis(1000);

/// What an attempt does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    Succeeds,
    /// Replies with isError and this status.
    Status(i64),
    /// Replies with `isError` inside its structured content only.
    StructuredFlag,
    /// Replies with what the plugin cannot read.
    Unreadable,
    Raises,
    /// Raises an exception that carries this status.
    RaisesStatus(i64),
    Hangs,
    IsRefused,
}

impl Step {
    pub(crate) fn answer(self) -> Option<Answer> {
        let object = |is_error, status| Structured::Object { is_error, status };
        let reply = match self {
            Step::Hangs => return None,
            Step::Raises => return Some(Answer::Exception(Status::Absent)),
            Step::RaisesStatus(n) => return Some(Answer::Exception(Status::Integer(n))),
            Step::IsRefused => return Some(Answer::Refused),
            Step::Succeeds => Reply::default(),
            Step::Unreadable => Reply { content: Content::Null, ..Reply::default() },
            Step::Status(n) => Reply {
                is_error: true,
                structured: object(false, Status::Integer(n)),
                ..Reply::default()
            },
            Step::StructuredFlag => {
                Reply { structured: object(true, Status::Absent), ..Reply::default() }
            }
        };
        Some(Answer::Reply(Arc::new(reply)))
    }
}

/// One call.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    pub(crate) gateway: Gateway,
    pub(crate) resource: bool,
    pub(crate) max_retries: u32,
    pub(crate) base: Span,
    pub(crate) flaw: Flaw,
    /// Attempt by attempt; the last one stands for all later ones.
    pub(crate) script: Vec<Step>,
    /// When the client leaves.
    pub(crate) leaves: Option<Moment>,
}

impl Scenario {
    /// Limit 3, base 100 ms.
    pub(crate) fn new(loop_model: LoopModel, max_retries: u32, script: &[Step]) -> Scenario {
        let gateway =
            Gateway { max_tool_retries: 3, attempt_timeout: TIMEOUT, deadline: None, loop_model };
        Scenario {
            gateway,
            resource: false,
            max_retries,
            base: Span::from_millis(100),
            flaw: Flaw::None,
            script: script.to_vec(),
            leaves: None,
        }
    }
    pub(crate) fn limit(mut self, max_tool_retries: u32) -> Scenario {
        self.gateway.max_tool_retries = max_tool_retries;
        self
    }
    pub(crate) fn deadline(mut self, ms: u64) -> Scenario {
        self.gateway.deadline = Some(Span::from_millis(ms));
        self
    }
    pub(crate) fn leaves(mut self, ms: u64) -> Scenario {
        self.leaves = Some(ms_after_start(ms));
        self
    }
    pub(crate) fn flawed(mut self, flaw: Flaw) -> Scenario {
        self.flaw = flaw;
        self
    }
    pub(crate) fn resource(mut self) -> Scenario {
        self.resource = true;
        self
    }
    pub(crate) fn step(&self, number: u32) -> Step {
        let at = usize::try_from(number).unwrap().min(self.script.len() - 1);
        self.script[at]
    }
    pub(crate) fn env<'a>(&'a self, plugin: &'a Plain) -> Env<'a, Plain> {
        let limit = retry_limit(&self.gateway, plugin, CALL.tool);
        Env { gateway: &self.gateway, plugin, call: CALL, resource: self.resource, limit }
    }
    /// One call to a tool that follows the script.
    fn world(&self) -> World {
        let signal = |step: &Step| {
            let brought = match step.answer() {
                None => Brought::Hang,
                Some(Answer::Refused) => Brought::Refusal,
                Some(Answer::Exception(status)) => Brought::Exception(status),
                Some(Answer::Reply(reply)) => Brought::Reply(reply),
            };
            Some(Signal { brought, executed: false, success: *step == Step::Succeeds })
        };
        let replies = self.script.iter().map(signal).collect();
        let patience = self.leaves.map(|at| Distribution::Fixed(at.since(Moment::START)));
        let arrivals = Arrivals::Burst { at: Moment::START, calls: 1 };
        let tool = Tool {
            name: CALL.tool.into(),
            group: CALL.tool.into(),
            latency: Distribution::Fixed(TAKES),
            capacity: None,
            optimistic_lock: None,
            faults: vec![Fault::Script { replies, then_succeed: false }],
            notices_abandoned: false,
            resource: self.resource,
            idempotent: true,
            loads: vec![Load { arrivals, patience, window: Window::ALWAYS }],
        };
        World { tools: vec![tool], gateway: self.gateway.clone(), duration: Span::from_secs(1) }
    }
    /// How long attempt `number` lasts if nobody ends the call.
    fn lasts(&self, number: usize) -> Span {
        if self.script[number.min(self.script.len() - 1)] == Step::Hangs { TIMEOUT } else { TAKES }
    }
    /// In virtual time.
    pub(crate) fn run(&self) -> Observed {
        self.run_on(&Simulator)
    }
    pub(crate) fn run_on(&self, driver: &dyn Driver) -> Observed {
        let plugin = Plain::new(self.max_retries, self.base, self.flaw);
        let (starts, log, end, ended) = driver.call(&self.env(&plugin), self);
        let waits = starts.windows(2).enumerate();
        let waits = waits.map(|(i, w)| w[1].since(w[0] + self.lasts(i)).millis_ceil()).collect();
        let (entries, forgets) = (plugin.live_entries(), plugin.forgets());
        Observed { starts, waits, log, end, ended, entries, forgets }
    }
}

/// What came of a call.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Observed {
    /// When the attempts began.
    pub(crate) starts: Vec<Moment>,
    /// Whole milliseconds between an attempt's end and the next one's start.
    pub(crate) waits: Vec<u64>,
    pub(crate) log: Log,
    pub(crate) end: End,
    pub(crate) ended: Moment,
    /// Left in the plugin's state.
    pub(crate) entries: usize,
    pub(crate) forgets: u32,
}

impl Observed {
    pub(crate) fn attempts(&self) -> usize {
        self.starts.len()
    }
}

/// Keeps all that a session shows.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Log {
    pub(crate) decisions: Vec<Decision>,
    pub(crate) rows: Vec<Row>,
}

impl Witness for Log {
    fn decided(&mut self, decision: &Decision) {
        self.decisions.push(*decision);
    }
    fn row(&mut self, row: Row) {
        self.rows.push(row);
    }
}

pub(crate) fn ms_after_start(ms: u64) -> Moment {
    Moment::START + Span::from_millis(ms)
}

/// Makes the call of a scenario: starts of the attempts, what was shown, the end and its moment.
pub(crate) trait Driver {
    fn call(&self, env: &Env<'_, Plain>, scenario: &Scenario) -> (Vec<Moment>, Log, End, Moment);
}

/// The simulator, with a tool that follows the script.
pub(crate) struct Simulator;

impl Driver for Simulator {
    fn call(&self, env: &Env<'_, Plain>, scenario: &Scenario) -> (Vec<Moment>, Log, End, Moment) {
        let world = scenario.world();
        let mut seen: Vec<(Moment, Observation)> = Vec::new();
        let course = sim::run(&world, &world.tools[0], env.plugin, &Draws::new(1, 0), &mut seen);
        assert_eq!(course, Course::Whole);
        let (mut starts, mut log, mut ended) = (Vec::new(), Log::default(), None);
        for (now, what) in seen {
            match what {
                Observation::Attempt { .. } => starts.push(now),
                Observation::Decided(decision) => log.decisions.push(decision),
                Observation::Row(row) => log.rows.push(row),
                Observation::Ended(call) => ended = Some((call.end, now)),
                _ => {}
            }
        }
        let (end, now) = ended.expect("the call ends");
        (starts, log, end, now)
    }
}

/// The tokio driver on a paused clock.
pub(crate) struct Tokio;

impl Driver for Tokio {
    fn call(&self, env: &Env<'_, Plain>, scenario: &Scenario) -> (Vec<Moment>, Log, End, Moment) {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (clock, starts) = (Clock::starting_now(), Mutex::new(Vec::new()));
            let mut log = Log::default();
            let mut tool = |number| {
                starts.lock().unwrap().push(clock.now());
                let answer = scenario.step(number).answer();
                async {
                    tokio::time::sleep(Duration::from_nanos(TAKES.as_nanos())).await;
                    match answer {
                        Some(answer) => answer,
                        None => pending().await,
                    }
                }
            };
            let (cancel, ended) = (CancellationToken::new(), CancellationToken::new());
            let client = async {
                let patience = scenario.leaves.map(|at| Duration::from_nanos(at.as_nanos()));
                tokio::select! {
                    () = tokio::time::sleep(patience.unwrap_or(Duration::MAX)) => cancel.cancel(),
                    () = ended.cancelled() => {}
                }
            };
            let call = async {
                let end = call(clock, env, &mut tool, &mut log, &cancel).await;
                ended.cancel();
                (end, clock.now())
            };
            let ((), (end, now)) = tokio::join!(biased; client, call);
            (starts.into_inner().unwrap(), log, end, now)
        })
    }
}
