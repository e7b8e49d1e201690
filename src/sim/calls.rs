//! The calls in flight: one slot each, used again. An event names a slot and an epoch; the epoch moves
//! on whenever an attempt or a wait ends, so an event that comes too late is known by its old epoch.

use crate::base::Moment;
use crate::gateway::session::{End, Session, Stop};

use super::record::Fate;
use super::world::Signal;

/// A call in flight: 96 bytes with its epoch, for there can be millions.
pub(super) struct Call<'a> {
    pub(super) session: Session,
    /// When its client leaves.
    pub(super) leaves: Moment,
    /// When the present attempt or wait began.
    pub(super) since: Moment,
    /// When its first attempt failed; `NEVER` if it has not.
    pub(super) first_failure: Moment,
    /// Which call of its load.
    pub(super) index: u64,
    /// What the present attempt will bring; `None`: success.
    pub(super) signal: Option<&'a Signal>,
    /// The epoch of its first attempt.
    pub(super) born: u32,
    pub(super) load: u32,
    pub(super) place: Place,
    /// An attempt of it was executed.
    pub(super) executed: bool,
    /// The last attempt was truly a success.
    pub(super) succeeded: bool,
    pub(super) verdict: Verdict,
}

impl Call<'_> {
    /// When it arrived.
    pub(super) fn arrived(&self) -> Moment {
        self.session.began()
    }

    /// Attempts begun.
    pub(super) fn attempts(&self) -> u32 {
        self.session.attempts()
    }

    /// How a call ended, from the loop's view and from the truth of its last attempt.
    pub(super) fn fate(&self, end: End) -> Fate {
        match end {
            End::Cancelled(Stop::ClientLeft) => Fate::Cancelled,
            End::Cancelled(Stop::DeadlinePassed) => Fate::DeadlineExceeded,
            End::Refused => Fate::Refused,
            End::TimedOut => Fate::TimedOut,
            End::Replied if self.succeeded => Fate::Succeeded,
            End::Replied | End::Exception if self.verdict == Verdict::NotRetryable => Fate::Refused,
            End::Replied if self.verdict == Verdict::Passed => Fate::Undetected,
            End::Replied | End::Exception | End::PluginError => Fate::Exhausted,
        }
    }
}

/// The plugin's word on the last attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// It was not asked.
    Unasked,
    /// No failure.
    Passed,
    /// A failure that is not one to retry.
    NotRetryable,
    /// A failure.
    Failed,
}

/// Where the present attempt is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Place {
    /// Nowhere that has room for few.
    Free,
    /// In the tool's queue.
    Queued,
    /// On one of the tool's servers.
    Serving,
    /// There is none: the call waits for its next one.
    Sleeping,
}

/// A ticket for one attempt or wait of one call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Ticket {
    pub(super) slot: u32,
    pub(super) epoch: u32,
}

/// All calls in flight. Each slot has its epoch.
pub(super) struct Calls<'a> {
    slots: Vec<(u32, Slot<'a>)>,
    /// The free slot that is taken next.
    free: u32,
}

/// A call, or a link of the chain of free slots.
enum Slot<'a> {
    Taken(Call<'a>),
    Free { next: u32 },
}

/// No slot.
const NONE: u32 = u32::MAX;

impl<'a> Slot<'a> {
    fn call(&self) -> Option<&Call<'a>> {
        match self {
            Slot::Taken(call) => Some(call),
            Slot::Free { .. } => None,
        }
    }
    fn call_mut(&mut self) -> Option<&mut Call<'a>> {
        match self {
            Slot::Taken(call) => Some(call),
            Slot::Free { .. } => None,
        }
    }
}

impl<'a> Calls<'a> {
    /// Nothing in flight.
    pub(super) fn new() -> Calls<'a> {
        Calls { slots: Vec::new(), free: NONE }
    }
    /// Takes a call in; the maker gets the epoch of its first attempt.
    pub(super) fn insert(&mut self, make: impl FnOnce(u32) -> Call<'a>) -> u32 {
        let Some((epoch, place)) = self.slots.get_mut(self.free as usize) else {
            if self.slots.len() == self.slots.capacity() {
                // By a quarter: by twice, half of the room would lie idle.
                self.slots.reserve_exact(self.slots.len() / 4 + 16);
            }
            self.slots.push((0, Slot::Taken(make(0))));
            return self.slots.len() as u32 - 1;
        };
        let slot = self.free;
        if let Slot::Free { next } = *place {
            self.free = next;
        }
        *place = Slot::Taken(make(*epoch));
        slot
    }
    /// Lets a call go: its tickets are void.
    pub(super) fn remove(&mut self, slot: u32) {
        let (epoch, place) = &mut self.slots[slot as usize];
        *epoch = epoch.wrapping_add(1);
        *place = Slot::Free { next: self.free };
        self.free = slot;
    }
    /// A call that is in flight.
    pub(super) fn get(&mut self, slot: u32) -> &mut Call<'a> {
        self.slots[slot as usize].1.call_mut().expect("a slot in use holds a call")
    }
    /// A ticket for what the call does now.
    pub(super) fn ticket(&self, slot: u32) -> Ticket {
        Ticket { slot, epoch: self.slots[slot as usize].0 }
    }
    /// The call does something else from now on: older tickets are void.
    pub(super) fn turn(&mut self, slot: u32) {
        let epoch = &mut self.slots[slot as usize].0;
        *epoch = epoch.wrapping_add(1);
    }
    /// The ticket is for what its call does now.
    pub(super) fn valid(&self, ticket: Ticket) -> bool {
        let (epoch, call) = &self.slots[ticket.slot as usize];
        *epoch == ticket.epoch && call.call().is_some()
    }
    /// Some value out of both cache lines of a call, for whoever only wants them near.
    pub(super) fn glance(&self, ticket: Ticket) -> u32 {
        let (epoch, call) = &self.slots[ticket.slot as usize];
        let fields = |c: &Call<'_>| c.born ^ c.load ^ c.attempts() ^ c.index as u32;
        call.call().map_or(0, fields) ^ epoch
    }
    /// The call that a ticket was for, if it is still in flight, in whatever attempt.
    pub(super) fn of(&mut self, ticket: Ticket) -> Option<&mut Call<'a>> {
        let (epoch, call) = &mut self.slots[ticket.slot as usize];
        let call = call.call_mut()?;
        let age = epoch.wrapping_sub(call.born);
        (epoch.wrapping_sub(ticket.epoch) <= age).then_some(call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::event::Event;

    #[test]
    fn a_call_in_flight_takes_96_bytes_and_its_event_24() {
        let slot = size_of::<(u32, Slot<'_>)>();
        let entry = size_of::<(Moment, Event)>();
        assert!(slot <= 96 && entry <= 24, "{slot} for the call, {entry} for its event");
        assert_eq!(size_of::<Event>(), 16);
    }
}
