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

/// An event in a word, for every call in flight has one: its kind in the highest bits, and whose it is below them. An
/// enum of twice the size is put together in parts and copied as a whole, and such a copy waits until the parts have
/// reached the cache.
#[derive(Clone, Copy)]
pub(super) struct Packed(u64);

/// Events with tickets have the even kinds.
const REPLY: u64 = 0;
const SERVED: u64 = 2;
const BOUND: u64 = 4;
const WOKE: u64 = 6;
const CALL: u64 = 1;
const WRITE: u64 = 3;
/// Where the kind begins.
const KIND: u32 = u64::BITS - 3;
/// Where the load of a call begins: there is room for 65,536 loads, more than a scenario file of the largest size has
/// for one tool, and for 2^45 calls of each, more than come in a hundred days of simulation.
const LOAD: u32 = KIND - 16;

const fn low(word: u64, bits: u32) -> u64 {
    word & ((1 << bits) - 1)
}

impl From<Event> for Packed {
    #[inline(always)]
    fn from(event: Event) -> Packed {
        debug_assert!(
            !matches!(event, Event::Call(load, index) if load >> 16 != 0 || index >> LOAD != 0)
        );
        let (kind, of) = match event {
            Event::Call(load, index) => (CALL, u64::from(load) << LOAD | low(index, LOAD)),
            Event::Reply(ticket) => (REPLY, ticket.word()),
            Event::Served(ticket) => (SERVED, ticket.word()),
            Event::Bound(ticket) => (BOUND, ticket.word()),
            Event::Woke(ticket) => (WOKE, ticket.word()),
            Event::Write(letter) => (WRITE, letter.word()),
        };
        Packed(kind << KIND | of)
    }
}

impl Packed {
    /// The event itself.
    #[inline(always)]
    pub(super) fn event(self) -> Event {
        let of = low(self.0, KIND);
        let ticket = Ticket::of_word(of);
        match self.0 >> KIND {
            REPLY => Event::Reply(ticket),
            SERVED => Event::Served(ticket),
            BOUND => Event::Bound(ticket),
            WOKE => Event::Woke(ticket),
            WRITE => Event::Write(Letter::of_word(of)),
            _ => Event::Call((of >> LOAD) as u32, low(of, LOAD)),
        }
    }
    /// The attempt or wait that it is about.
    pub(super) fn ticket(self) -> Option<Ticket> {
        (self.0 >> KIND & 1 == 0).then_some(Ticket::of_word(low(self.0, KIND)))
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
    use crate::sim::calls::EPOCHS;

    #[test]
    fn a_packed_event_is_the_same_event() {
        let ticket = Ticket { slot: u32::MAX, epoch: EPOCHS - 1 };
        let letter = Letter::of_word(9);
        for (event, of) in [
            (Event::Call((1 << 16) - 1, (1 << 45) - 1), None),
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
