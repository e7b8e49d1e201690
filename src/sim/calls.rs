//! The calls in flight: one slot each, used again. An event names a slot and an epoch; the epoch moves
//! on whenever an attempt or a wait ends, so an event that comes too late is known by its old epoch.

use std::slice::from_ref;

use prefetch_index::prefetch_index;

use crate::base::Moment;
use crate::gateway::session::{End, Session, Stop};

use super::record::Fate;
use super::world::Signal;

/// A call in flight: 80 bytes, for there can be millions. Aligned to 16, as allocators align, it lies over two cache
/// lines, never over three.
#[repr(C)] // its ends are known
pub(super) struct Call<'a> {
    pub(super) session: Session,
    /// Which call of its load.
    pub(super) index: u64,
    /// When its first attempt failed; `NEVER` if it has not.
    pub(super) first_failure: Moment,
    /// When its last wait began.
    pub(super) asleep_since: Moment,
    /// What the present attempt will bring; `None`: success.
    pub(super) signal: Option<&'a Signal>,
    epoch: u32,
    /// Which load's; in a free slot, the slot that is taken after it.
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

    /// When its present attempt began, or its present wait ends.
    pub(super) fn at(&self) -> Moment {
        self.session.at()
    }

    /// Attempts begun.
    pub(super) fn attempts(&self) -> u32 {
        self.session.attempts()
    }

    /// A ticket for what it does now; it is in this slot.
    pub(super) fn ticket(&self, slot: u32) -> Ticket {
        Ticket { slot, epoch: self.epoch }
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
    /// There is no call.
    Vacant,
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

/// Epochs count up to here, and then again: so a ticket has 61 bits.
pub(super) const EPOCHS: u32 = 1 << 29;

impl Ticket {
    /// It as a number of 61 bits.
    pub(super) fn word(self) -> u64 {
        u64::from(self.slot) << EPOCHS.ilog2() | u64::from(self.epoch)
    }
    /// The ticket of a number.
    pub(super) fn of_word(word: u64) -> Ticket {
        let slot = (word >> EPOCHS.ilog2()) as u32;
        Ticket { slot, epoch: word as u32 % EPOCHS }
    }
}

/// All calls in flight. Each slot has its epoch.
pub(super) struct Calls<'a> {
    slots: Vec<Call<'a>>,
    /// The free slot that is taken next.
    free: u32,
}

/// No slot.
const NONE: u32 = u32::MAX;
/// So far apart are the epochs of two calls that have a slot one after the other.
const GAP: u32 = 3;

impl<'a> Calls<'a> {
    /// Nothing in flight.
    pub(super) fn new() -> Calls<'a> {
        Calls { slots: Vec::new(), free: NONE }
    }
    /// Takes a call of a load in.
    #[inline(always)] // a session is not copied
    pub(super) fn insert(&mut self, (load, index): (u32, u64), session: Session) -> u32 {
        let call = |epoch| Call {
            session,
            index,
            first_failure: Moment::NEVER,
            asleep_since: Moment::NEVER,
            signal: None,
            epoch,
            load,
            place: Place::Free,
            executed: false,
            succeeded: false,
            verdict: Verdict::Unasked,
        };
        let slot = self.free;
        if let Some(place) = self.slots.get_mut(slot as usize) {
            self.free = place.load;
            *place = call(place.epoch);
            return slot;
        }
        if self.slots.len() == self.slots.capacity() {
            // By a quarter: by twice, half of the room would lie idle.
            self.slots.reserve_exact(self.slots.len() / 4 + 64);
        }
        self.slots.push(call(0));
        self.slots.len() as u32 - 1
    }
    /// Lets a call go: its tickets are void.
    pub(super) fn remove(&mut self, slot: u32) {
        let call = &mut self.slots[slot as usize];
        call.epoch = (call.epoch + GAP) % EPOCHS;
        call.place = Place::Vacant;
        call.load = std::mem::replace(&mut self.free, slot);
    }
    /// A call that is in flight.
    pub(super) fn get(&mut self, slot: u32) -> &mut Call<'a> {
        &mut self.slots[slot as usize]
    }
    /// A call that does something else from now on: older tickets are void.
    pub(super) fn turn(&mut self, slot: u32) -> &mut Call<'a> {
        let call = self.get(slot);
        call.epoch = (call.epoch + 1) % EPOCHS;
        call
    }
    /// The ticket is for what its call does now.
    pub(super) fn valid(&self, ticket: Ticket) -> bool {
        self.slots[ticket.slot as usize].epoch == ticket.epoch
    }
    /// A call will be asked for soon: its two cache lines are to come near.
    pub(super) fn fetch(&self, ticket: Ticket) {
        let Call { session, verdict, .. } = &self.slots[ticket.slot as usize];
        prefetch_index(from_ref(session), 0);
        prefetch_index(from_ref(verdict), 0);
    }
    /// The call that a ticket was for, if it is still in flight, in whatever attempt. An attempt and the wait before
    /// it move the epoch on by one each: tickets of this call are behind by two for each attempt at most, and those of
    /// the call before it in its slot by more.
    pub(super) fn of(&mut self, ticket: Ticket) -> Option<&mut Call<'a>> {
        let call = &mut self.slots[ticket.slot as usize];
        let behind = call.epoch.wrapping_sub(ticket.epoch) % EPOCHS;
        let in_flight = call.place != Place::Vacant;
        (in_flight && behind <= call.attempts().saturating_mul(2)).then_some(call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::event::Packed;

    #[test]
    fn a_call_in_flight_takes_80_bytes_and_its_event_16() {
        assert_eq!(size_of::<Call<'_>>(), 80);
        assert_eq!(size_of::<(Moment, Packed)>(), 16);
    }
}
