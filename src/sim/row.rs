//! A versioned row behind a network: request, read, reply; request, write, reply. Four hops an attempt,
//! and the write conflicts when the version has moved since the read.
//!
//! A read changes nothing, so none is an event: a write knows when its attempt read, and the row when its
//! version moved last. What reads and writes at one instant happens in this order: first the writes.

use super::calls::Ticket;
use super::event::{Bound, Event};
use super::island::Island;
use super::record::Recorder;
use crate::base::{Moment, Span};
use crate::plugin::Plugin;

/// The load whose hops are kept; there is one as a rule.
const KEPT: u32 = 0;

/// The number of a [`Round`] under way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Letter(u32);

impl Letter {
    /// It as a number.
    pub(super) fn word(self) -> u64 {
        self.0.into()
    }
    /// The letter of a number.
    pub(super) fn of_word(word: u64) -> Letter {
        Letter(word as u32)
    }
}

/// One attempt on its way to the row, back, there again, and back.
#[derive(Clone, Copy)]
struct Round {
    ticket: Ticket,
    /// When the version is read.
    read_at: Moment,
    /// When the reply to the write is back.
    reply_at: Moment,
}

/// The row, and what is under way to it.
#[derive(Default)]
pub(super) struct Row {
    /// When the version moved last; nothing can be read before the start.
    moved_at: Moment,
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
    fn receive(&mut self, letter: Letter) -> Round {
        self.free.push(letter);
        self.rounds[letter.0 as usize]
    }
}

impl<P: Plugin + ?Sized, R: Recorder> Island<'_, P, R> {
    /// An attempt sets out for the row.
    pub(super) fn approach(&mut self, now: Moment, ticket: Ticket, bound: Bound) {
        let call = self.calls.get(ticket.slot);
        let (load, index, nth) = (call.load, call.index, u64::from(call.attempts() - 1));
        let kept = if load == KEPT { self.hops.find(index, nth) } else { None };
        let hops = kept.unwrap_or_else(|| self.drawn_hops(load, index, nth));
        let [to_read, from_read, to_write, from_write] = hops;
        let read_at = now + to_read;
        let write_at = read_at + from_read + to_write;
        let reply_at = write_at + from_write;
        if reply_at > bound.latest {
            self.push(bound.cut, Event::Bound(ticket));
        }
        let letter = self.row.send(Round { ticket, read_at, reply_at });
        self.push(write_at, Event::Write(letter));
    }

    /// Those of an attempt that are not kept.
    #[inline(never)] // seldom: a replica has several columns
    fn drawn_hops(&mut self, load: u32, index: u64, nth: u64) -> [Span; 4] {
        let Some(lock) = &self.tool.optimistic_lock else { return [Span::ZERO; 4] };
        let hops = lock.hop.sample_four(self.luck[load as usize].network.row(index).sub(nth));
        if load == KEPT {
            self.hops.keep(index, nth, hops);
        }
        hops
    }

    /// A write request reaches the row.
    pub(super) fn write(&mut self, now: Moment, letter: Letter) {
        let Round { ticket, read_at, reply_at } = self.row.receive(letter);
        let valid = self.calls.valid(ticket);
        if !valid && self.tool.notices_abandoned {
            return;
        }
        let moved = self.row.moved_at > read_at;
        let conflict = self.tool.optimistic_lock.as_ref().filter(|_| moved);
        if !moved {
            self.row.moved_at = now;
        }
        let mut executes = !moved;
        if valid {
            let call = self.calls.get(ticket.slot);
            call.signal = conflict.map(|lock| &lock.conflict).or(call.signal);
            executes = call.signal.is_none_or(|signal| signal.executed);
            self.push(reply_at, Event::Reply(ticket));
        }
        self.execute(now, ticket, executes);
    }
}
