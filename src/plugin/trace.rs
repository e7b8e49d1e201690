//! What the gateway asked of the plugin, hook by hook. The simulator and the scales do not know each
//! other, and share this: a run is recorded through a wrapper round its plugin, and what was recorded is
//! asked of any other body, which then meets realistic traffic.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::{
    CallKey, Clocks, Decision, GaveUp, HookError, Plugin, Policy, Reply, Seen, Status, wire,
};
use crate::base::Moment;

/// What a hook was told.
#[derive(Clone, PartialEq, Debug)]
pub enum Told {
    /// A reply.
    Result(Arc<Reply>),
    /// Nothing within the attempt's time-out.
    TimedOut,
    /// An exception, with the status that it carries.
    Exception(Status),
    /// That the call has ended.
    Forget,
}

/// One call of a hook.
#[derive(Clone, PartialEq, Debug)]
pub struct Step {
    /// The tool's name.
    pub tool: Arc<str>,
    /// The request's id.
    pub request: Arc<str>,
    /// When.
    pub at: Moment,
    /// What it was told.
    pub told: Told,
}

/// What a hook answered.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Answer {
    /// A decision.
    Decided(Decision),
    /// Nothing: the call was forgotten.
    Forgot,
    /// The hook failed.
    Raised,
}

impl Step {
    /// Which call it is about.
    pub fn call(&self) -> CallKey<'_> {
        CallKey { tool: &self.tool, request: &self.request }
    }
    /// Asks a plugin.
    pub fn ask<P: Plugin + ?Sized>(&self, plugin: &P) -> Answer {
        let seen = match &self.told {
            Told::Result(reply) => Seen::Result(reply),
            Told::TimedOut => Seen::TimedOut,
            Told::Exception(status) => Seen::Exception(*status),
            Told::Forget => {
                plugin.forget(&self.call(), self.at);
                return Answer::Forgot;
            }
        };
        let decision = plugin.tool_post_invoke(&self.call(), seen, self.at);
        decision.map_or(Answer::Raised, Answer::Decided)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Step { tool, request, at, told } = self;
        let seconds = at.since(Moment::START).as_secs_f64();
        write!(f, "at {seconds} s, tool {tool:?}, request {request:?}: ")?;
        match told {
            Told::Result(reply) => f.write_str(&wire::written(reply)),
            Told::TimedOut => f.write_str("time-out"),
            Told::Exception(status) => match wire::status(*status) {
                Some(status) => write!(f, "exception with status {status}"),
                None => f.write_str("exception"),
            },
            Told::Forget => f.write_str("forget"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |span: crate::base::Span| span.as_nanos() as f64 / 1e6;
        match self {
            Answer::Forgot => f.write_str("forgotten"),
            Answer::Raised => f.write_str("error of the hook"),
            Answer::Decided(Decision::Done { retries, total_wait }) => {
                write!(f, "done after {retries} retries, {} ms waited", ms(*total_wait))
            }
            Answer::Decided(Decision::Retry { wait, retry, reason, total_wait }) => {
                let (wait, total) = (ms(*wait), ms(*total_wait));
                write!(f, "retry {retry} after {wait} ms ({reason}), {total} ms in all")
            }
            Answer::Decided(Decision::LostRetry { retry, reason }) => {
                write!(f, "retry {retry} lost to a wait of 0 ms ({reason})")
            }
            Answer::Decided(Decision::GiveUp { why, retries, total_wait }) => {
                match why {
                    GaveUp::Exhausted(reason) => write!(f, "given up ({reason})")?,
                    GaveUp::NotRetryable(status) => write!(f, "not retried (status {status})")?,
                }
                write!(f, " after {retries} retries, {} ms waited", ms(*total_wait))
            }
        }
    }
}

/// A plugin that keeps what it is asked.
pub struct Recording<'a> {
    plugin: &'a dyn Plugin,
    steps: Mutex<Vec<Step>>,
}

impl<'a> Recording<'a> {
    /// Round a plugin, which does the answering.
    pub fn of(plugin: &'a dyn Plugin) -> Recording<'a> {
        Recording { plugin, steps: Mutex::default() }
    }
    /// How much was asked so far.
    pub fn asked(&self) -> usize {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
    /// What was asked, in the order of time; at one instant, in the order in which it was asked.
    pub fn steps(self) -> Vec<Step> {
        let mut steps = self.steps.into_inner().unwrap_or_else(PoisonError::into_inner);
        steps.sort_by_key(|step| step.at);
        steps
    }
    fn keep(&self, call: CallKey<'_>, told: Told, at: Moment) {
        let step = Step { tool: call.tool.into(), request: call.request.into(), at, told };
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).push(step);
    }
}

impl Plugin for Recording<'_> {
    fn name(&self) -> &'static str {
        self.plugin.name()
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        now: Moment,
    ) -> Result<Decision, HookError> {
        let told = match seen {
            Seen::Result(reply) => Told::Result(Arc::new(reply.clone())),
            Seen::TimedOut => Told::TimedOut,
            Seen::Exception(status) => Told::Exception(status),
        };
        self.keep(*call, told, now);
        self.plugin.tool_post_invoke(call, seen, now)
    }
    fn forget(&self, call: &CallKey<'_>, now: Moment) {
        self.keep(*call, Told::Forget, now);
        self.plugin.forget(call, now);
    }
    fn policy(&self, tool: &str) -> &Policy {
        self.plugin.policy(tool)
    }
    fn live_entries(&self) -> usize {
        self.plugin.live_entries()
    }
    fn clocks(&self) -> Clocks {
        self.plugin.clocks()
    }
}
