//! What the simulator tells. It never counts: every observation goes to a recorder, a generic
//! parameter, so that a hundred million calls stream through constant memory.

use crate::base::{Moment, Span};
use crate::gateway::session::{End, Row};
use crate::plugin::Decision;

/// How a call ended, from its client's view.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// The last reply was good.
    Succeeded,
    /// The last reply was bad, and no detector saw it.
    Undetected,
    /// The last reply was bad, and no retry was left.
    Exhausted,
    /// The failure is not one to retry: its status is not listed, or another plugin refused.
    Refused,
    /// The last attempt timed out.
    TimedOut,
    /// The client left.
    Cancelled,
    /// The call's deadline passed, or would have passed before the next attempt.
    DeadlineExceeded,
}

impl Fate {
    /// All of them, in the order of their declaration.
    pub const ALL: [Fate; 7] = [
        Fate::Succeeded,
        Fate::Undetected,
        Fate::Exhausted,
        Fate::Refused,
        Fate::TimedOut,
        Fate::Cancelled,
        Fate::DeadlineExceeded,
    ];
    /// Its name among the metrics.
    pub fn name(self) -> &'static str {
        match self {
            Fate::Succeeded => "succeeded",
            Fate::Undetected => "undetected",
            Fate::Exhausted => "exhausted",
            Fate::Refused => "refused",
            Fate::TimedOut => "timed_out",
            Fate::Cancelled => "cancelled",
            Fate::DeadlineExceeded => "deadline_exceeded",
        }
    }
}

/// A call that has ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ended {
    /// When it arrived.
    pub arrived: Moment,
    /// How it ended, from the loop's view.
    pub end: End,
    /// How it ended, from its client's view.
    pub fate: Fate,
    /// How many attempts it took.
    pub attempts: u32,
    /// When its first attempt failed, if that one failed.
    pub first_failure: Option<Moment>,
}

/// One thing that happened.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Observation {
    /// A client calls.
    Arrived,
    /// An attempt reaches the tool; the first is number 0.
    Attempt {
        /// Which of its call.
        number: u32,
    },
    /// The tool does the work of an attempt, once more or for the first time of its call.
    Executed {
        /// An earlier attempt of the same call had done it, and the tool is not idempotent: a duplicate.
        again: bool,
    },
    /// The gateway no longer waits for the attempt.
    Returned {
        /// Since the attempt began.
        took: Span,
    },
    /// The plugin answered.
    Decided(Decision),
    /// A wait is over.
    Slept {
        /// Which retry follows, from 1.
        retry: u32,
        /// How long it was.
        wait: Span,
        /// It was not cut short.
        whole: bool,
    },
    /// Upstream's metrics get a row.
    Row(Row),
    /// A call ended.
    Ended(Ended),
}

/// Takes observations, of one tool, in the order of time.
pub trait Recorder {
    /// Something happened.
    fn observe(&mut self, now: Moment, what: Observation);
    /// Asked once before every event, with its moment, so that a recorder may also count events and tell how far
    /// the simulation is: true ends it there.
    fn has_enough(&mut self, _now: Moment) -> bool {
        false
    }
}

/// Keeps every observation: for tests.
impl Recorder for Vec<(Moment, Observation)> {
    fn observe(&mut self, now: Moment, what: Observation) {
        self.push((now, what));
    }
}
