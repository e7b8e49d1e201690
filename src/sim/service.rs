//! What a tool does with an attempt: turn it away, serve it at once, or let it wait for a server; a
//! versioned row is in [`row`](super::row).

use super::calls::{Place, Ticket};
use super::event::{Bound, Event};
use super::island::Island;
use super::luck::Luck;
use super::record::{Observation, Recorder};
use super::servers::{Admission, Servers, Work};
use super::weather::Answer;
use super::world::{Brought, Signal};
use crate::base::{Moment, Span};
use crate::plugin::Plugin;

/// How long a service takes, and what it brings (`None`: success).
type Served<'a> = (Span, Option<&'a Signal>);

impl<P: Plugin + ?Sized, R: Recorder> Island<'_, P, R> {
    /// An attempt reaches the tool; the gateway waits for it until `bound`.
    pub(super) fn attempt(&mut self, now: Moment, slot: u32, bound: Bound) {
        let call = self.calls.get(slot);
        let (number, load, index) = (call.attempts() - 1, call.load as usize, call.index);
        let ticket = call.ticket(slot);
        self.recorder.observe(now, Observation::Attempt { number });
        let Luck { latency, faults, .. } = self.luck[load];
        let nth = u64::from(number);
        let luck = || faults.row(index).sub(nth);
        match self.weather.answer(now, number, luck) {
            Answer::Turned(signal, at) => {
                call.signal = Some(signal);
                self.await_reply(ticket, at, bound);
            }
            Answer::Serve(slower, signal) => {
                call.signal = signal;
                if self.tool.optimistic_lock.is_some() {
                    return self.approach(now, ticket, bound);
                }
                let service = self.tool.latency.sample(latency.row(index).at(nth));
                let service = if slower == 1.0 { service } else { service.scaled(slower) };
                self.serve(now, ticket, (service, signal), bound);
            }
        }
    }

    /// An attempt is served for a time, and brings this.
    fn serve(&mut self, now: Moment, ticket: Ticket, (service, brings): Served<'_>, bound: Bound) {
        let executes = brings.is_none_or(|signal| signal.executed);
        let Some(servers) = &mut self.servers else {
            let at = now + service;
            if at <= bound.latest || !self.tool.notices_abandoned {
                self.execute(now, ticket, executes);
            }
            let never = matches!(brings, Some(Signal { brought: Brought::Hang, .. }));
            self.await_reply(ticket, if never { Moment::NEVER } else { at }, bound);
            return;
        };
        match servers.admit(Work { ticket, service, executes }) {
            Admission::Served => {
                self.calls.get(ticket.slot).place = Place::Serving;
                self.execute(now, ticket, executes);
                self.push(now + service, Event::Served(ticket));
            }
            Admission::Queued => self.calls.get(ticket.slot).place = Place::Queued,
            Admission::Full => {
                self.calls.get(ticket.slot).signal = Some(&servers.capacity.when_full);
                return self.await_reply(ticket, now, bound);
            }
        }
        self.push(bound.cut, Event::Bound(ticket));
    }

    /// The reply comes at a moment, unless the bound comes first.
    #[inline(always)]
    fn await_reply(&mut self, ticket: Ticket, at: Moment, bound: Bound) {
        if at <= bound.latest {
            self.push(at, Event::Reply(ticket));
        } else {
            self.push(bound.cut, Event::Bound(ticket));
        }
    }

    /// The tool does an attempt's work, if it does any.
    pub(super) fn execute(&mut self, now: Moment, ticket: Ticket, executes: bool) {
        let Some(call) = self.calls.of(ticket) else { return };
        if executes {
            // Doing it again changes nothing where the tool is idempotent.
            let again = std::mem::replace(&mut call.executed, true) && !self.tool.idempotent;
            self.recorder.observe(now, Observation::Executed { again });
        }
    }

    /// A server is done, and the next attempt is served. True if the caller still waits, and gets a reply.
    pub(super) fn served(&mut self, now: Moment, ticket: Ticket) -> bool {
        let valid = self.calls.valid(ticket);
        if !valid && self.tool.notices_abandoned {
            return false; // the server was freed when the caller went
        }
        self.next_to_serve(now);
        if !valid {
            return false;
        }
        let call = self.calls.get(ticket.slot);
        call.place = Place::Free;
        !matches!(call.signal, Some(Signal { brought: Brought::Hang, .. }))
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
        if let Some(work) = servers.release(|t| !notices || calls.valid(t)) {
            let Work { ticket, service, executes } = work;
            if self.calls.valid(ticket) {
                self.calls.get(ticket.slot).place = Place::Serving;
            }
            self.execute(now, ticket, executes);
            self.push(now + service, Event::Served(ticket));
        }
    }
}
