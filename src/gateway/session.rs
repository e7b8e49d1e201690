//! The one retry loop. A laboratory that had a loop of its own would measure that loop and not the
//! gateway's. So the loop is a state machine without I/O: whoever drives it, the simulator in virtual
//! time or [`tokio_driver`](super::tokio_driver) in real time, does what an [`Action`] says and
//! reports with an [`Event`] what came of it.
//!
//! Two models share the machine. [`LoopModel::Fixed`] takes the plugin's decision itself, with its
//! exact wait, and never makes more than min(max_retries, max_tool_retries) + 1 attempts.
//! [`LoopModel::AsShipped`] is upstream's recursion, unrolled (see `as_shipped.rs`).
//!
//! What happens at one and the same moment is told in this order, so that drivers agree: the client
//! leaves, the attempt ends by itself, the deadline passes, the attempt's time-out passes. A reply
//! that is there is never thrown away for a clock.
//!
//! A resource fetch takes the fixed loop, whatever the model. Upstream never retries one: a fetch
//! that fails raises before its post-fetch hook, so that the plugin never hears of it, and the hook
//! itself only reports the policy. Here the error path asks the plugin, and a fetch that brought
//! something is a success, for nothing in a resource says otherwise.

mod as_shipped;
mod fixed;
mod witness;

use super::config::{Gateway, LoopModel};
use crate::base::{Moment, Span};
use crate::plugin::{CallKey, Decision, Plugin, Reply, Seen, Status};
pub use witness::{Row, Witness};

/// What an attempt ended with.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'a> {
    /// A reply.
    Result(&'a Reply),
    /// Nothing within the attempt's time-out.
    TimedOut,
    /// The tool raised, with the status that the exception carries.
    Exception(Status),
    /// Another plugin refused the attempt (rate limiter, circuit open): never retried.
    Refused,
}

/// Who ends a call before its loop would.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stop {
    /// The client went away.
    ClientLeft,
    /// The call's deadline has passed, or passes before the next attempt could begin.
    DeadlinePassed,
}

/// What the driver reports.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// The attempt under way has ended.
    Ended(Outcome<'a>),
    /// The sleep is over.
    Woke,
    /// The call is to end now; the attempt under way, if any, is abandoned.
    Cancelled(Stop),
}

/// What the driver is to do next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Run the pre-invoke hooks and the tool, with the same request id. Reports [`Event::Ended`], at
    /// `times_out_at` with [`Outcome::TimedOut`]; at `deadline` it is [`Event::Cancelled`] instead.
    Attempt {
        /// Which attempt of the call, from 0, in the order in which they are made.
        number: u32,
        /// When the attempt's own time-out passes.
        times_out_at: Moment,
        /// When the call's deadline passes; `NEVER` without one.
        deadline: Moment,
    },
    /// Wait, then report [`Event::Woke`]. Always ends before the deadline.
    Sleep {
        /// Until when.
        until: Moment,
    },
    /// The call has ended.
    End(End),
}

/// How a call ended, as the loop sees it; what its last reply was worth is for the driver to say.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum End {
    /// A reply goes to the client, good or bad.
    Replied,
    /// The last attempt timed out.
    TimedOut,
    /// The last attempt raised.
    Exception,
    /// Another plugin refused.
    Refused,
    /// The plugin itself failed.
    PluginError,
    /// The call was ended from outside.
    Cancelled(Stop),
}

/// What a session works with; the same at every event of a call.
#[derive(Debug)]
pub struct Env<'a, P: ?Sized> {
    /// The gateway's settings.
    pub gateway: &'a Gateway,
    /// The plugin that decides.
    pub plugin: &'a P,
    /// Which call it is.
    pub call: CallKey<'a>,
    /// The call fetches a resource instead of invoking a tool.
    pub resource: bool,
    /// The [`retry_limit`] of its tool.
    pub limit: u32,
}

/// How often a call of a tool is tried again at most in the fixed loop: `max_tool_retries`, or the tool's
/// `max_retries` if that is less. The same for all calls of a tool.
pub fn retry_limit<P: Plugin + ?Sized>(gateway: &Gateway, plugin: &P, tool: &str) -> u32 {
    gateway.max_tool_retries.min(plugin.policy(tool).max_retries)
}

impl<P: ?Sized> Clone for Env<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P: ?Sized> Copy for Env<'_, P> {}

impl<P: Plugin + ?Sized> Env<'_, P> {
    fn model(&self) -> LoopModel {
        if self.resource { LoopModel::Fixed } else { self.gateway.loop_model }
    }
    /// The plugin's answer, shown to the witness; `None` when the plugin itself failed.
    #[inline(always)] // in the way of every attempt
    fn ask<W: Witness>(&self, witness: &mut W, seen: Seen<'_>, now: Moment) -> Option<Decision> {
        let decision = self.plugin.tool_post_invoke(&self.call, seen, now).ok()?;
        witness.decided(&decision);
        Some(decision)
    }
}

/// One call under way: 32 bytes, and a heap block only for a call that upstream's loop has retried.
#[derive(Debug)]
pub struct Session {
    began: Moment,
    /// When the attempt began; while sleeping: when the sleep ends.
    at: Moment,
    /// Frames of upstream's recursion that wait for an inner one.
    frames: as_shipped::Stack,
    /// Attempts begun.
    attempts: u32,
    phase: Phase,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Attempting,
    Sleeping,
    Over(End),
}

impl Session {
    /// Begins a call. The action is its first attempt.
    pub fn begin(gateway: &Gateway, now: Moment) -> (Session, Action) {
        let mut session = Session {
            began: now,
            at: now,
            frames: as_shipped::Stack::default(),
            attempts: 0,
            phase: Phase::Sleeping,
        };
        let action = session.attempt(gateway, now);
        (session, action)
    }

    /// When the call began.
    pub fn began(&self) -> Moment {
        self.began
    }

    /// When its present attempt began, or its present wait ends.
    pub fn at(&self) -> Moment {
        self.at
    }

    /// How many attempts have begun.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Takes what happened and says what to do. `now` never falls. An event that fits nothing under
    /// way (a reply to an abandoned attempt, anything after the end) changes nothing and is answered
    /// with the action that still stands.
    pub fn on<P: Plugin + ?Sized, W: Witness>(
        &mut self,
        env: &Env<'_, P>,
        witness: &mut W,
        now: Moment,
        event: Event<'_>,
    ) -> Action {
        match (self.phase, event) {
            (Phase::Attempting, Event::Ended(Outcome::TimedOut))
                if self.is_late(env.gateway, now) =>
            {
                self.stop(env, witness, now, Stop::DeadlinePassed)
            }
            (Phase::Attempting, Event::Ended(outcome)) => match env.model() {
                LoopModel::Fixed => self.fixed(env, witness, now, outcome),
                LoopModel::AsShipped => self.as_shipped(env, witness, now, outcome),
            },
            (Phase::Sleeping, Event::Woke) => match self.wake(env.gateway, now) {
                Some(attempt) => attempt,
                None => self.stop(env, witness, now, Stop::DeadlinePassed),
            },
            (Phase::Attempting | Phase::Sleeping, Event::Cancelled(stop)) => {
                self.stop(env, witness, now, stop)
            }
            _ => self.standing(env.gateway),
        }
    }

    /// What [`Session::on`] answers to [`Event::Woke`] if the call sleeps and its deadline has not passed, for a driver
    /// that need not know which call it is. `None` changes nothing.
    pub fn wake(&mut self, gateway: &Gateway, now: Moment) -> Option<Action> {
        let next = self.phase == Phase::Sleeping && !self.is_late(gateway, now);
        next.then(|| self.attempt(gateway, now))
    }

    /// The action that was given last.
    #[inline] // where it is asked, the phase is known
    fn standing(&self, gateway: &Gateway) -> Action {
        match self.phase {
            Phase::Attempting => Action::Attempt {
                number: self.attempts.saturating_sub(1),
                times_out_at: self.at + gateway.attempt_timeout,
                deadline: self.deadline(gateway),
            },
            Phase::Sleeping => Action::Sleep { until: self.at },
            Phase::Over(end) => Action::End(end),
        }
    }

    fn attempt(&mut self, gateway: &Gateway, now: Moment) -> Action {
        (self.at, self.phase) = (now, Phase::Attempting);
        self.attempts = self.attempts.saturating_add(1);
        self.standing(gateway)
    }

    /// Sleeps, unless the deadline passes first: then the wait is not begun.
    fn sleep<P: Plugin + ?Sized, W: Witness>(
        &mut self,
        env: &Env<'_, P>,
        witness: &mut W,
        now: Moment,
        wait: Span,
    ) -> Action {
        (self.at, self.phase) = (now + wait, Phase::Sleeping);
        if self.is_late(env.gateway, self.at) {
            return self.stop(env, witness, now, Stop::DeadlinePassed);
        }
        self.standing(env.gateway)
    }

    /// Ends the call from outside, whatever is under way.
    fn stop<P: Plugin + ?Sized, W: Witness>(
        &mut self,
        env: &Env<'_, P>,
        witness: &mut W,
        now: Moment,
        stop: Stop,
    ) -> Action {
        if self.phase == Phase::Attempting {
            witness.row(Row { started: self.at, ended: now, succeeded: false });
        }
        self.frames.fail_all(witness, now);
        if env.model() == LoopModel::Fixed {
            env.plugin.forget(&env.call, now);
        }
        self.end(End::Cancelled(stop))
    }

    fn end(&mut self, end: End) -> Action {
        self.phase = Phase::Over(end);
        Action::End(end)
    }

    fn deadline(&self, gateway: &Gateway) -> Moment {
        gateway.deadline.map_or(Moment::NEVER, |span| self.began + span)
    }

    fn is_late(&self, gateway: &Gateway, moment: Moment) -> bool {
        let deadline = self.deadline(gateway);
        deadline != Moment::NEVER && moment >= deadline
    }
}
