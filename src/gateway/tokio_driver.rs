//! The loop in real time. A laboratory is worth as much as its likeness to the gateway, so the very
//! [`Session`] that the simulator drives runs here too, against a real tool, with real sleeping,
//! time-outs and cancellation. It adds no rule of its own.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::session::{Action, End, Env, Event, Outcome, Session, Stop, Witness};
use crate::base::Moment;
use crate::plugin::{Plugin, Reply, Status};

/// Where an attempt goes. Pre-invoke hooks are part of an attempt, so they run again on every one.
pub trait Tool {
    /// Makes attempt `number` (from 0). Dropping the future abandons the attempt.
    fn attempt(&mut self, number: u32) -> impl Future<Output = Answer> + Send;
}

impl<F, A> Tool for F
where
    F: FnMut(u32) -> A,
    A: Future<Output = Answer> + Send,
{
    fn attempt(&mut self, number: u32) -> impl Future<Output = Answer> + Send {
        self(number)
    }
}

/// What an attempt brings, if it brings anything in time.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A reply; shared, so that a tool can keep its last one for the client.
    Reply(Arc<Reply>),
    /// The tool raised, with the status that the exception carries.
    Exception(Status),
    /// Another plugin refused the attempt.
    Refused,
}

/// Moments of a tokio runtime. All calls of one plugin must share a clock, for the plugin compares
/// the times of different calls.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// A clock whose [`Moment::START`] is now.
    pub fn starting_now() -> Clock {
        Clock { start: Instant::now() }
    }
    /// The time since it started.
    pub fn now(self) -> Moment {
        let nanos = self.start.elapsed().as_nanos();
        Moment::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
    /// Sleeps until a moment: for ever, if it never comes.
    async fn until(self, moment: Moment) {
        let instant = self.start.checked_add(Duration::from_nanos(moment.as_nanos()));
        match instant.filter(|_| moment != Moment::NEVER) {
            Some(instant) => tokio::time::sleep_until(instant).await,
            None => std::future::pending().await,
        }
    }
}

/// Makes one call, from its first attempt to its end. Cancelling the token is how the client leaves:
/// an attempt under way is abandoned, a sleep ends at once, and no further attempt is made. Needs a
/// tokio runtime with time enabled.
pub async fn call<P: Plugin + ?Sized, W: Witness>(
    clock: Clock,
    env: &Env<'_, P>,
    tool: &mut impl Tool,
    witness: &mut W,
    cancel: &CancellationToken,
) -> End {
    let (mut session, mut action) = Session::begin(env.gateway, clock.now());
    loop {
        action = match action {
            Action::Attempt { number, times_out_at, deadline } => {
                // the order of `session`: client, reply, deadline, time-out
                let answer = tokio::select! {
                    biased;
                    () = cancel.cancelled() => Err(Event::Cancelled(Stop::ClientLeft)),
                    answer = tool.attempt(number) => Ok(answer),
                    () = clock.until(deadline) => Err(Event::Cancelled(Stop::DeadlinePassed)),
                    () = clock.until(times_out_at) => Err(Event::Ended(Outcome::TimedOut)),
                };
                let event = match &answer {
                    Ok(Answer::Reply(reply)) => Event::Ended(Outcome::Result(reply)),
                    Ok(Answer::Exception(status)) => Event::Ended(Outcome::Exception(*status)),
                    Ok(Answer::Refused) => Event::Ended(Outcome::Refused),
                    Err(event) => *event,
                };
                session.on(env, witness, clock.now(), event)
            }
            Action::Sleep { until } => {
                let event = tokio::select! {
                    biased;
                    () = cancel.cancelled() => Event::Cancelled(Stop::ClientLeft),
                    () = clock.until(until) => Event::Woke,
                };
                session.on(env, witness, clock.now(), event)
            }
            Action::End(end) => return end,
        };
    }
}
