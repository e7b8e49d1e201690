//! A tool that serves few attempts at once, first come first served. It goes on serving an attempt
//! whose caller has timed out or left, unless the scenario says that it notices.

use std::collections::VecDeque;

use super::calls::Ticket;
use super::world::Capacity;
use crate::base::Span;

/// What becomes of an attempt that reaches the servers.
pub(super) enum Admission {
    /// A server takes it at once.
    Served,
    /// It waits.
    Queued,
    /// There is no room.
    Full,
}

/// What an attempt asks of a server. Its call may be in a later attempt when it is served.
#[derive(Clone, Copy)]
pub(super) struct Work {
    pub(super) ticket: Ticket,
    /// How long it keeps a server busy.
    pub(super) service: Span,
    /// The tool does its work, whatever the reply looks like.
    pub(super) executes: bool,
}

/// Servers with one queue.
pub(super) struct Servers<'a> {
    pub(super) capacity: &'a Capacity,
    busy: u32,
    /// Attempts that wait; those whose caller has gone unnoticed wait too.
    queue: VecDeque<Work>,
    /// How many of the queue still matter.
    waiting: u64,
}

impl<'a> Servers<'a> {
    pub(super) fn new(capacity: &'a Capacity) -> Servers<'a> {
        Servers { capacity, busy: 0, queue: VecDeque::new(), waiting: 0 }
    }
    /// An attempt arrives.
    pub(super) fn admit(&mut self, work: Work) -> Admission {
        if self.busy < self.capacity.servers {
            self.busy += 1;
            return Admission::Served;
        }
        if self.capacity.queue.is_some_and(|room| self.waiting >= u64::from(room)) {
            return Admission::Full;
        }
        self.waiting += 1;
        self.queue.push_back(work);
        Admission::Queued
    }
    /// A server is free again: the next attempt that still matters takes it.
    pub(super) fn release(&mut self, matters: impl Fn(Ticket) -> bool) -> Option<Work> {
        while let Some(work) = self.queue.pop_front() {
            if matters(work.ticket) {
                self.waiting -= 1;
                return Some(work);
            }
        }
        self.busy -= 1;
        None
    }
    /// An attempt that waits has been given up, and the tool noticed.
    pub(super) fn abandon(&mut self) {
        self.waiting -= 1;
    }
}
