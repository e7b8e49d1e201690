//! What an event means for a call, what the gateway's loop says to it, and what comes of that.

use super::calls::Place;
use super::event::{Event, Packed};
use super::island::Island;
use super::record::{Observation, Recorder};
use super::world::{Brought, Signal};
use crate::base::Moment;
use crate::gateway::session::{Action, Event as Happened, Outcome, Session, Stop};
use crate::plugin::{Content, Plugin, Reply, Structured};

/// A success.
static GOOD: Reply =
    Reply { is_error: false, structured: Structured::Absent, content: Content::Absent };

/// A call's loop hears of something, or it is known what the loop says.
#[repr(u64)] // the moments of an action do not lie where news have bytes: they would be written as bytes, and read as words
enum Turn<'a> {
    Tell(News<'a>),
    Act(Action),
}

/// What a call's loop hears of.
#[derive(Clone, Copy)]
pub(super) enum News<'a> {
    /// The attempt brought this (`None`: success).
    Brought(Option<&'a Signal>),
    TimedOut,
    Woke,
    Cancelled(Stop),
}

impl<'a> News<'a> {
    /// As the loop hears it.
    #[inline(always)]
    pub(super) fn event(self) -> Happened<'a> {
        match self {
            News::Brought(signal) => Happened::Ended(match signal.map(|signal| &signal.brought) {
                None => Outcome::Result(&GOOD),
                Some(Brought::Reply(reply)) => Outcome::Result(reply),
                Some(Brought::Exception(status)) => Outcome::Exception(*status),
                Some(Brought::Refusal) => Outcome::Refused,
                Some(Brought::Hang) => Outcome::TimedOut,
            }),
            News::TimedOut => Happened::Ended(Outcome::TimedOut),
            News::Woke => Happened::Woke,
            News::Cancelled(stop) => Happened::Cancelled(stop),
        }
    }
}

impl<'a, P: Plugin + ?Sized, R: Recorder> Island<'a, P, R> {
    /// An event, what the loop of its call says to it, and what comes of that. Each has one place, where the compiler
    /// puts all of them together.
    #[inline(always)]
    pub(super) fn step(&mut self, now: Moment, event: Packed) {
        let Some((slot, turn)) = self.turn(now, event.event()) else { return };
        let action = match turn {
            Turn::Tell(news) => self.tell(now, slot, news),
            Turn::Act(action) => action,
        };
        self.act(now, slot, action);
    }

    /// What an event is for the loop of a call, if it is anything.
    fn turn(&mut self, now: Moment, event: Event) -> Option<(u32, Turn<'a>)> {
        let valid = |ticket| self.calls.valid(ticket);
        match event {
            Event::Call(load, index) => Some(self.arrive(now, load, index)),
            Event::Reply(t) if valid(t) => Some((t.slot, self.replied(now, t.slot))),
            Event::Bound(t) if valid(t) => Some((t.slot, self.cut(now, t.slot))),
            Event::Woke(t) if valid(t) => Some((t.slot, self.woke(now, t.slot))),
            Event::Served(t) => {
                let replies = self.served(now, t);
                replies.then(|| (t.slot, self.replied(now, t.slot)))
            }
            Event::Write(letter) => {
                self.write(now, letter);
                None
            }
            Event::Reply(_) | Event::Bound(_) | Event::Woke(_) => None,
        }
    }

    fn arrive(&mut self, now: Moment, load: u32, index: u64) -> (u32, Turn<'a>) {
        self.expect(load);
        self.recorder.observe(now, Observation::Arrived);
        let (session, action) = Session::begin(&self.world.gateway, now);
        (self.calls.insert((load, index), session), Turn::Act(action))
    }

    #[inline(always)]
    fn replied(&mut self, now: Moment, slot: u32) -> Turn<'a> {
        let signal = self.calls.get(slot).signal;
        let success = signal.is_none_or(|signal| signal.success);
        self.returned(now, slot, success);
        Turn::Tell(News::Brought(signal))
    }

    /// The attempt is over for the gateway.
    fn returned(&mut self, now: Moment, slot: u32, success: bool) {
        let call = self.calls.turn(slot);
        let took = now.since(call.at());
        call.succeeded = success;
        if !success && call.attempts() == 1 {
            call.first_failure = now;
        }
        self.recorder.observe(now, Observation::Returned { took });
    }

    /// Time-out, deadline or a client that leaves, in an attempt or in a wait.
    fn cut(&mut self, now: Moment, slot: u32) -> Turn<'a> {
        let deadline = self.world.gateway.deadline;
        let leaves = self.leaves(slot);
        let call = self.calls.get(slot);
        let news = if leaves <= now {
            News::Cancelled(Stop::ClientLeft)
        } else if deadline.is_some_and(|d| call.arrived() + d <= now) {
            News::Cancelled(Stop::DeadlinePassed)
        } else {
            News::TimedOut
        };
        let place = std::mem::replace(&mut call.place, Place::Free);
        if place == Place::Sleeping {
            self.slept(now, slot, false);
        } else {
            self.returned(now, slot, false);
            self.abandoned(now, place);
        }
        Turn::Tell(news)
    }

    fn woke(&mut self, now: Moment, slot: u32) -> Turn<'a> {
        self.slept(now, slot, true);
        let call = self.calls.get(slot);
        call.place = Place::Free;
        let attempt = call.session.wake(&self.world.gateway, now);
        attempt.map_or(Turn::Tell(News::Woke), Turn::Act)
    }

    fn slept(&mut self, now: Moment, slot: u32, whole: bool) {
        let call = self.calls.turn(slot);
        let (retry, wait) = (call.attempts(), now.since(call.asleep_since));
        self.recorder.observe(now, Observation::Slept { retry, wait, whole });
    }
}
