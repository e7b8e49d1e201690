//! What waits in an island's queue, and until when an attempt may last.

use super::calls::Ticket;
use super::row::Letter;
use crate::base::Moment;

/// What happens at a moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Event {
    /// A client calls: (load, index of the call).
    Call(u32, u64),
    /// The attempt's reply reaches the gateway.
    Reply(Ticket),
    /// A server is done with an attempt.
    Served(Ticket),
    /// The attempt or wait ends without a reply.
    Bound(Ticket),
    /// A wait is over.
    Woke(Ticket),
    /// A write request reaches the row.
    Write(Letter),
}

/// An event in two words, for every call in flight has one. An enum of the same size is put together in parts and
/// copied as a whole, and such a copy waits until the parts have reached the cache.
#[derive(Clone, Copy)]
pub(super) struct Packed {
    /// Which event, and of which load.
    kind: u64,
    of: u64,
}

/// Events with tickets have the even kinds.
const REPLY: u64 = 0;
const SERVED: u64 = 2;
const BOUND: u64 = 4;
const WOKE: u64 = 6;
const CALL: u64 = 1;
const WRITE: u64 = 3;
/// Bits of a kind.
const KIND: u32 = 3;

impl From<Event> for Packed {
    #[inline(always)]
    fn from(event: Event) -> Packed {
        let (kind, of) = match event {
            Event::Call(load, index) => (u64::from(load) << KIND | CALL, index),
            Event::Reply(ticket) => (REPLY, ticket.word()),
            Event::Served(ticket) => (SERVED, ticket.word()),
            Event::Bound(ticket) => (BOUND, ticket.word()),
            Event::Woke(ticket) => (WOKE, ticket.word()),
            Event::Write(letter) => (WRITE, letter.word()),
        };
        Packed { kind, of }
    }
}

impl Packed {
    /// The event itself.
    #[inline(always)]
    pub(super) fn event(self) -> Event {
        let ticket = Ticket::of_word(self.of);
        match self.kind & ((1 << KIND) - 1) {
            REPLY => Event::Reply(ticket),
            SERVED => Event::Served(ticket),
            BOUND => Event::Bound(ticket),
            WOKE => Event::Woke(ticket),
            WRITE => Event::Write(Letter::of_word(self.of)),
            _ => Event::Call((self.kind >> KIND) as u32, self.of),
        }
    }
    /// The attempt or wait that it is about.
    pub(super) fn ticket(self) -> Option<Ticket> {
        (self.kind & 1 == 0).then_some(Ticket::of_word(self.of))
    }
}

/// Until when an attempt may last. What happens at one instant has the order of the loop: the client
/// leaves, the attempt ends, the deadline passes, the attempt times out.
#[derive(Clone, Copy)]
pub(super) struct Bound {
    /// The last moment at which a reply counts.
    pub(super) latest: Moment,
    /// When the attempt is ended if none has come.
    pub(super) cut: Moment,
}

impl Bound {
    /// The client leaves at one moment, the loop gives up at another.
    pub(super) fn of(leaves: Moment, gives_up: Moment) -> Bound {
        let before = Moment::from_nanos(leaves.as_nanos().saturating_sub(1));
        Bound { latest: gives_up.min(before), cut: gives_up.min(leaves) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_event_is_the_same_event() {
        let ticket = Ticket { slot: u32::MAX, epoch: 7 };
        let letter = Letter::of_word(9);
        for (event, of) in [
            (Event::Call(u32::MAX, u64::MAX), None),
            (Event::Reply(ticket), Some(ticket)),
            (Event::Served(ticket), Some(ticket)),
            (Event::Bound(ticket), Some(ticket)),
            (Event::Woke(ticket), Some(ticket)),
            (Event::Write(letter), None),
        ] {
            let packed = Packed::from(event);
            assert_eq!((packed.event(), packed.ticket()), (event, of));
        }
    }
}
