//! What a tool does with an attempt: turn it away, serve it at once, or let it wait for a server; or,
//! where it is a versioned row, let it read and then write.

use super::calls::{Place, Ticket};
use super::event::{Bound, Event};
use super::island::Island;
use super::record::{Observation, Recorder};
use super::servers::{Admission, Servers};
use super::weather::Answer;
use super::world::{Brought, Signal};
use crate::base::random::Stream;
use crate::base::{Moment, Span};
use crate::plugin::Plugin;

impl<P: Plugin + ?Sized, R: Recorder> Island<'_, P, R> {
    /// An attempt reaches the tool; the gateway waits for it until `bound`.
    pub(super) fn attempt(&mut self, now: Moment, slot: u32, bound: Bound) {
        let call = self.calls.get(slot);
        let (number, load, index) = (call.attempts, u64::from(call.load), call.index);
        call.attempts += 1;
        self.recorder.observe(now, Observation::Attempt { number });
        let own = |stream: Stream| stream.sub(load).sub(index);
        let luck = own(self.faults).sub(u64::from(number));
        let ticket = self.calls.ticket(slot);
        match self.weather.answer(now, number, luck) {
            Answer::Turned(signal, at) => {
                self.calls.get(slot).signal = Some(signal);
                self.await_reply(ticket, at, bound);
            }
            Answer::Serve(slower, signal) => {
                self.calls.get(slot).signal = signal;
                if self.tool.optimistic_lock.is_some() {
                    let hops = own(self.network).sub(u64::from(number));
                    return self.approach(now, ticket, hops, bound);
                }
                let service = self.tool.latency.sample(own(self.latency).at(u64::from(number)));
                let service = if slower == 1.0 { service } else { service.scaled(slower) };
                self.serve(now, ticket, service, bound);
            }
        }
    }

    fn serve(&mut self, now: Moment, ticket: Ticket, service: Span, bound: Bound) {
        let Some(servers) = &mut self.servers else {
            let at = now + service;
            if at <= bound.latest || !self.tool.notices_abandoned {
                self.execute(now, ticket);
            }
            let brings = self.calls.get(ticket.slot).signal;
            let never = matches!(brings, Some(Signal { brought: Brought::Hang, .. }));
            self.await_reply(ticket, if never { Moment::NEVER } else { at }, bound);
            return;
        };
        match servers.admit(ticket, service) {
            Admission::Served => {
                self.calls.get(ticket.slot).place = Place::Serving;
                self.execute(now, ticket);
                self.queue.push(now + service, Event::Served(ticket));
            }
            Admission::Queued => self.calls.get(ticket.slot).place = Place::Queued,
            Admission::Full => {
                self.calls.get(ticket.slot).signal = Some(&servers.capacity.when_full);
                return self.await_reply(ticket, now, bound);
            }
        }
        self.queue.push(bound.cut, Event::Bound(ticket));
    }

    /// The reply comes at a moment, unless the bound comes first.
    fn await_reply(&mut self, ticket: Ticket, at: Moment, bound: Bound) {
        if at <= bound.latest {
            self.queue.push(at, Event::Reply(ticket));
        } else {
            self.queue.push(bound.cut, Event::Bound(ticket));
        }
    }

    /// Request, read, reply; request, write, reply: four hops.
    fn approach(&mut self, now: Moment, ticket: Ticket, hops: Stream, bound: Bound) {
        if (0..4).fold(now, |at, i| at + self.hop(hops, i)) > bound.latest {
            self.queue.push(bound.cut, Event::Bound(ticket));
        }
        self.queue.push(now + self.hop(hops, 0), Event::Read(ticket, hops));
    }

    fn hop(&self, hops: Stream, i: u64) -> Span {
        let lock = self.tool.optimistic_lock.as_ref();
        lock.map_or(Span::ZERO, |lock| lock.hop.sample(hops.at(i)))
    }

    /// A read request reaches the row.
    pub(super) fn read(&mut self, now: Moment, ticket: Ticket, hops: Stream) {
        let at = now + self.hop(hops, 1) + self.hop(hops, 2);
        self.queue.push(at, Event::Write(ticket, hops, self.version));
    }

    /// A write request reaches the row: it conflicts when the version has moved.
    pub(super) fn write(&mut self, now: Moment, ticket: Ticket, hops: Stream, read: u32) {
        let valid = self.calls.valid(ticket);
        if !valid && self.tool.notices_abandoned {
            return;
        }
        let conflict = self.tool.optimistic_lock.as_ref().filter(|_| read != self.version);
        if conflict.is_none() {
            self.version = self.version.wrapping_add(1);
        }
        if valid {
            let call = self.calls.get(ticket.slot);
            call.signal = conflict.map(|lock| &lock.conflict).or(call.signal);
            self.queue.push(now + self.hop(hops, 3), Event::Reply(ticket));
        }
        self.execute(now, ticket);
    }

    /// The tool does an attempt's work.
    fn execute(&mut self, now: Moment, ticket: Ticket) {
        let Some(call) = self.calls.of(ticket) else { return };
        if call.signal.is_none_or(|signal| signal.executed) {
            let before = std::mem::replace(&mut call.executed, true);
            let again = before && !self.tool.idempotent;
            self.recorder.observe(now, Observation::Executed { again });
        }
    }

    /// A server is done: its caller, if it still waits, gets the reply; the next attempt is served.
    pub(super) fn served(&mut self, now: Moment, ticket: Ticket) {
        let valid = self.calls.valid(ticket);
        if !valid && self.tool.notices_abandoned {
            return; // the server was freed when the caller went
        }
        self.next_to_serve(now);
        if !valid {
            return;
        }
        let call = self.calls.get(ticket.slot);
        call.place = Place::Free;
        if !matches!(call.signal, Some(Signal { brought: Brought::Hang, .. })) {
            self.replied(now, ticket.slot);
        }
    }

    /// The gateway has given an attempt up; a tool that notices stops working on it.
    pub(super) fn abandoned(&mut self, now: Moment, place: Place) {
        match place {
            Place::Queued if self.tool.notices_abandoned => {
                self.servers.iter_mut().for_each(Servers::abandon);
            }
            Place::Serving if self.tool.notices_abandoned => self.next_to_serve(now),
            _ => {}
        }
    }

    fn next_to_serve(&mut self, now: Moment) {
        let (calls, notices) = (&self.calls, self.tool.notices_abandoned);
        let Some(servers) = &mut self.servers else { return };
        if let Some((next, service)) = servers.release(|t| !notices || calls.valid(t)) {
            if self.calls.valid(next) {
                self.calls.get(next.slot).place = Place::Serving;
            }
            self.execute(now, next);
            self.queue.push(now + service, Event::Served(next));
        }
    }
}
