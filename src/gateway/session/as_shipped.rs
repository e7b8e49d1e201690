//! Upstream's loop, which is a recursion:
//!
//! ```text
//! invoke(k):
//!     try:
//!         result = tool()                      # no reply in time: ask the plugin,
//!         delay = plugin(result)               #   raise ToolTimeoutError(delay)
//!         if delay > 0 and k < C: sleep; return invoke(k + 1)
//!         return result
//!     except refusal, plugin error, cancellation: raise
//!     except exception e:
//!         delay = e.delay if e is a ToolTimeoutError else plugin(e)
//!         if delay > 0 and k < C: sleep; return invoke(k + 1)
//!         raise
//!     finally: write a row of metrics
//! ```
//!
//! A retry that follows a result is awaited inside the try block, so an exception that escapes it is
//! handled once more by every outer invocation that waits there. The plugin, which has just given up
//! and forgotten the call, counts from one again and grants a fresh budget; a time-out carries its
//! delay outwards and is not asked about again. With T(C) = 1 and T(k) <= 1 + 2 T(k+1), a call makes
//! at most 2^(C+1) - 1 attempts. An entry stays in the plugin's state whenever C or somebody else
//! ends the call, for this loop never tells the plugin to forget.
//!
//! The recursion is a stack of [`Frame`]s here; a frame's k is its place in the stack. A row covers a
//! whole frame with its waits and inner attempts, and only the innermost one can be a success.

use super::{Action, End, Env, Outcome, Row, Session, Witness};
use crate::base::{Moment, Span};
use crate::plugin::{Decision, Plugin, Seen, Status};

/// An invocation that has made its attempt and waits for an inner one.
#[derive(Debug)]
struct Frame {
    started: Moment,
    waits_in: Block,
}

/// Where an invocation waits.
#[derive(PartialEq, Eq, Debug)]
enum Block {
    /// In the try block: what escapes the inner one is handled here.
    Try,
    /// In the handler, which catches nothing.
    Handler,
}

/// An exception on its way outwards.
#[derive(Clone, Copy)]
enum Raised {
    TimedOut { delay_ms: u64 },
    Exception(Status),
}

/// The frames, outermost first; a frame's k is its place. Behind one pointer, for most calls never
/// retry.
#[derive(Debug, Default)]
#[expect(clippy::box_collection, reason = "8 bytes in every session instead of 24")]
pub(super) struct Stack(Option<Box<Vec<Frame>>>);

impl Stack {
    fn push(&mut self, started: Moment, waits_in: Block) {
        self.0.get_or_insert_default().push(Frame { started, waits_in });
    }
    fn pop(&mut self) -> Option<Frame> {
        self.0.as_mut()?.pop()
    }
    /// How many frames wait, which is the k of the one that runs.
    fn depth(&self) -> u32 {
        self.0.as_ref().map_or(0, |frames| u32::try_from(frames.len()).unwrap_or(u32::MAX))
    }
    /// Leaves every frame, innermost first.
    pub(super) fn fail_all<W: Witness>(&mut self, witness: &mut W, now: Moment) {
        while let Some(frame) = self.pop() {
            witness.row(frame.failed(now));
        }
    }
}

impl Frame {
    fn failed(&self, now: Moment) -> Row {
        Row { started: self.started, ended: now, succeeded: false }
    }
}

impl Session {
    pub(super) fn as_shipped<P: Plugin + ?Sized, W: Witness>(
        &mut self,
        env: &Env<'_, P>,
        witness: &mut W,
        now: Moment,
        outcome: Outcome<'_>,
    ) -> Action {
        let raised = match outcome {
            Outcome::Result(reply) => {
                let Some(decision) = env.ask(witness, Seen::Result(reply), now) else {
                    return self.leave(witness, now, false, End::PluginError);
                };
                if let Some(wait) = self.granted(env, decision.retry_delay_ms()) {
                    self.frames.push(self.at, Block::Try);
                    return self.sleep(env, witness, now, wait);
                }
                let succeeded = matches!(decision, Decision::Done { .. });
                return self.leave(witness, now, succeeded, End::Replied);
            }
            Outcome::TimedOut => {
                let Some(decision) = env.ask(witness, Seen::TimedOut, now) else {
                    return self.leave(witness, now, false, End::PluginError);
                };
                Raised::TimedOut { delay_ms: decision.retry_delay_ms() }
            }
            Outcome::Exception(status) => Raised::Exception(status),
            Outcome::Refused => return self.leave(witness, now, false, End::Refused),
        };
        self.frames.push(self.at, Block::Try);
        self.raise(env, witness, now, raised)
    }

    /// Carries an exception outwards until a frame retries or none is left.
    fn raise<P: Plugin + ?Sized, W: Witness>(
        &mut self,
        env: &Env<'_, P>,
        witness: &mut W,
        now: Moment,
        raised: Raised,
    ) -> Action {
        while let Some(frame) = self.frames.pop() {
            let delay_ms = match (&frame.waits_in, raised) {
                (Block::Handler, _) => 0,
                (Block::Try, Raised::TimedOut { delay_ms }) => delay_ms,
                (Block::Try, Raised::Exception(status)) => {
                    let Some(decision) = env.ask(witness, Seen::Exception(status), now) else {
                        witness.row(frame.failed(now));
                        self.frames.fail_all(witness, now);
                        return self.end(End::PluginError);
                    };
                    decision.retry_delay_ms()
                }
            };
            if let Some(wait) = self.granted(env, delay_ms) {
                self.frames.push(frame.started, Block::Handler);
                return self.sleep(env, witness, now, wait);
            }
            witness.row(frame.failed(now));
        }
        self.end(match raised {
            Raised::TimedOut { .. } => End::TimedOut,
            Raised::Exception(_) => End::Exception,
        })
    }

    /// The wait of the running frame, if it may retry: `delay > 0 and k < C`.
    fn granted<P: Plugin + ?Sized>(&self, env: &Env<'_, P>, delay_ms: u64) -> Option<Span> {
        let allowed = delay_ms > 0 && self.frames.depth() < env.gateway.max_tool_retries;
        allowed.then(|| Span::from_millis(delay_ms))
    }

    /// Ends the attempt under way and with it every frame that waits for it.
    fn leave<W: Witness>(
        &mut self,
        witness: &mut W,
        now: Moment,
        succeeded: bool,
        end: End,
    ) -> Action {
        witness.row(Row { started: self.at, ended: now, succeeded });
        self.frames.fail_all(witness, now);
        self.end(end)
    }
}
