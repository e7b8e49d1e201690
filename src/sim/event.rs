//! What waits in an island's queue, and until when an attempt may last.

use super::calls::Ticket;
use super::row::Letter;
use crate::base::Moment;

/// What happens at a moment: 16 bytes, for every call in flight has one.
#[derive(Clone, Copy)]
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

impl Event {
    /// The attempt or wait that it is about.
    pub(super) fn ticket(&self) -> Option<Ticket> {
        match *self {
            Event::Reply(ticket)
            | Event::Served(ticket)
            | Event::Bound(ticket)
            | Event::Woke(ticket) => Some(ticket),
            Event::Call(..) | Event::Write(_) => None,
        }
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
