//! A versioned row behind a network: request, read, reply; request, write, reply. Four hops an attempt,
//! and the write conflicts when the version has moved since the read.

use super::calls::Ticket;
use super::event::{Bound, Event};
use super::island::Island;
use super::record::Recorder;
use crate::base::random::Stream;
use crate::base::{Moment, Span};
use crate::plugin::Plugin;

/// The number of a [`Round`] under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Letter(u32);

/// One attempt on its way to the row, back, there again, and back.
#[derive(Clone, Copy)]
struct Round {
    ticket: Ticket,
    /// The version that was read.
    read: u32,
    /// When the write request reaches the row.
    write_at: Moment,
    /// When the reply to it is back.
    reply_at: Moment,
}

/// The row, and what is under way to it.
#[derive(Default)]
pub(super) struct Row {
    version: u32,
    rounds: Vec<Round>,
    free: Vec<Letter>,
}

impl Row {
    fn send(&mut self, round: Round) -> Letter {
        match self.free.pop() {
            Some(letter) => {
                self.rounds[letter.0 as usize] = round;
                letter
            }
            None => {
                self.rounds.push(round);
                Letter(self.rounds.len() as u32 - 1)
            }
        }
    }
    /// The version is read; gives the moment of the write.
    fn read(&mut self, letter: Letter) -> Moment {
        let round = &mut self.rounds[letter.0 as usize];
        round.read = self.version;
        round.write_at
    }
    fn receive(&mut self, letter: Letter) -> Round {
        self.free.push(letter);
        self.rounds[letter.0 as usize]
    }
}

impl<P: Plugin + ?Sized, R: Recorder> Island<'_, P, R> {
    /// An attempt sets out for the row.
    pub(super) fn approach(&mut self, now: Moment, ticket: Ticket, hops: Stream, bound: Bound) {
        let lock = self.tool.optimistic_lock.as_ref();
        let hop = |i| lock.map_or(Span::ZERO, |lock| lock.hop.sample(hops.at(i)));
        let read_at = now + hop(0);
        let write_at = read_at + hop(1) + hop(2);
        let reply_at = write_at + hop(3);
        if reply_at > bound.latest {
            self.queue.push(bound.cut, Event::Bound(ticket));
        }
        let letter = self.row.send(Round { ticket, read: 0, write_at, reply_at });
        self.queue.push(read_at, Event::Read(letter));
    }

    /// A read request reaches the row.
    pub(super) fn read(&mut self, letter: Letter) {
        let at = self.row.read(letter);
        self.queue.push(at, Event::Write(letter));
    }

    /// A write request reaches the row.
    pub(super) fn write(&mut self, now: Moment, letter: Letter) {
        let Round { ticket, read, reply_at, .. } = self.row.receive(letter);
        let valid = self.calls.valid(ticket);
        if !valid && self.tool.notices_abandoned {
            return;
        }
        let moved = read != self.row.version;
        let conflict = self.tool.optimistic_lock.as_ref().filter(|_| moved);
        if !moved {
            self.row.version = self.row.version.wrapping_add(1);
        }
        let mut executes = !moved;
        if valid {
            let call = self.calls.get(ticket.slot);
            call.signal = conflict.map(|lock| &lock.conflict).or(call.signal);
            executes = call.signal.is_none_or(|signal| signal.executed);
            self.queue.push(reply_at, Event::Reply(ticket));
        }
        self.execute(now, ticket, executes);
    }
}
