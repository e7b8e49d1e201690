//! One tool, its clients and the gateway between them, from the first arrival until the last call has
//! ended. No tool influences another, so each is an *island* with a clock and a queue of its own;
//! what islands share is the plugin.
//!
//! A call has one event in the queue as a rule: whichever comes first of what its attempt brings and
//! what ends it (time-out, deadline, leaving), for both are known when the attempt begins. Only an
//! attempt that waits for a server has two.

use super::arrivals::Source;
use super::calls::{Calls, Place};
use super::course::Course;
use super::event::{Bound, Event, Packed};
use super::hops::Hops;
use super::luck::Luck;
use super::queue::Queue;
use super::record::{Ended, Observation, Recorder};
use super::row::Row;
use super::servers::Servers;
use super::talk::Name;
use super::weather::Weather;
use super::world::{Arrivals, PAUSE, Tool, World};
use crate::base::Moment;
use crate::base::random::{Draws, Purpose, entity};
use crate::gateway::session::{Action, End, retry_limit};
use crate::plugin::Plugin;

pub(super) struct Island<'a, P: ?Sized, R> {
    pub(super) world: &'a World,
    pub(super) tool: &'a Tool,
    pub(super) plugin: &'a P,
    pub(super) recorder: &'a mut R,
    pub(super) queue: Queue<Packed>,
    pub(super) calls: Calls<'a>,
    pub(super) sources: Vec<Source<'a>>,
    pub(super) weather: Weather<'a>,
    pub(super) servers: Option<Servers<'a>>,
    pub(super) row: Row,
    /// What an earlier run drew of them, and this one so far.
    pub(super) hops: Hops,
    /// How often the loop tries a call again at most.
    pub(super) limit: u32,
    /// No client of any load ever leaves.
    all_stay: bool,
    /// One for each load.
    pub(super) luck: Vec<Luck>,
    /// One for each load.
    pub(super) names: Vec<Name>,
}

impl<'a, P: Plugin + ?Sized, R: Recorder> Island<'a, P, R> {
    pub(super) fn new(
        world: &'a World,
        tool: &'a Tool,
        plugin: &'a P,
        draws: &Draws,
        recorder: &'a mut R,
    ) -> Self {
        let stream = |purpose| draws.stream(purpose, entity(&tool.name));
        let arrivals = stream(Purpose::Arrivals);
        let sources = tool.loads.iter().zip(0..);
        Island {
            world,
            tool,
            plugin,
            recorder,
            queue: Queue::new(),
            calls: Calls::new(),
            sources: sources
                .map(|(l, i)| Source::new(l, arrivals.sub(i), world.duration))
                .collect(),
            weather: Weather::new(tool, stream(Purpose::Faults).sub(u64::MAX)),
            servers: tool.capacity.as_ref().map(Servers::new),
            row: Row::default(),
            hops: Hops::none(),
            all_stay: tool.loads.iter().all(|load| load.patience.is_none()),
            limit: retry_limit(&world.gateway, plugin, &tool.name),
            luck: (0..tool.loads.len() as u64).map(|load| Luck::of(draws, tool, load)).collect(),
            names: Name::of_all(tool.loads.len()),
        }
    }

    /// Its first arrivals are expected.
    pub(super) fn open(&mut self) {
        let tool = self.tool;
        if let (Some(lock), Some(Luck { network, .. })) = (&tool.optimistic_lock, self.luck.first())
        {
            self.hops.get_ready(&lock.hop, *network);
        }
        for (load, i) in tool.loads.iter().zip(0u32..) {
            if let Arrivals::Closed { clients, .. } = load.arrivals {
                (0..clients).for_each(|c| self.client_calls(i, c, load.window.from));
            } else {
                self.expect(i);
            }
        }
    }

    /// The next arrival of an open load goes into the queue.
    #[inline(always)]
    pub(super) fn expect(&mut self, load: u32) {
        let end = Moment::START + self.world.duration;
        if let Some((index, at)) = self.sources[load as usize].next().filter(|(_, at)| *at < end) {
            self.push(at, Event::Call(load, index));
        }
    }

    /// A client of a closed load calls at a moment, if it has a call left.
    fn client_calls(&mut self, load: u32, index: u64, at: Moment) {
        let of = &self.tool.loads[load as usize];
        let Arrivals::Closed { clients, calls_each, .. } = of.arrivals else { return };
        let open = match calls_each {
            Some(calls) => index / clients.max(1) < calls,
            None => at < Moment::START + self.world.duration,
        };
        if open && at < of.window.to {
            self.push(at, Event::Call(load, index));
        }
    }

    /// When its next event happens.
    pub(super) fn due(&mut self) -> Option<Moment> {
        self.queue.peek()
    }

    /// Everything that happens until a moment, or until the recorder has enough.
    #[inline(never)] // one place for all that an event leads to: the compiler puts it together
    pub(super) fn run_until(&mut self, last: Moment) -> Course {
        while let Some((now, event)) = self.next(last) {
            if self.recorder.has_enough(now) {
                return Course::Cut;
            }
            self.step(now, event);
        }
        Course::Whole
    }

    /// The next event until a moment. With many calls in flight each is in cold memory: those of the events that come
    /// soon are read ahead, side by side.
    fn next(&mut self, last: Moment) -> Option<(Moment, Packed)> {
        let calls = &self.calls;
        self.queue.pop_until(last, |event| {
            if let Some(ticket) = event.ticket() {
                calls.fetch(ticket);
            }
        })
    }

    #[inline(always)]
    pub(super) fn push(&mut self, at: Moment, event: Event) {
        self.queue.push(at, event.into());
    }

    /// When the client of a call leaves: drawn again at each question, for few clients leave, and a call in
    /// flight is to be small.
    #[inline]
    pub(super) fn leaves(&mut self, slot: u32) -> Moment {
        if self.all_stay { Moment::NEVER } else { self.drawn_to_leave(slot) }
    }

    fn drawn_to_leave(&mut self, slot: u32) -> Moment {
        let call = self.calls.get(slot);
        let (load, index) = (call.load as usize, call.index);
        let patience = self.tool.loads[load].patience.as_ref();
        let bits = || self.luck[load].clients.at(2 * index);
        patience.map_or(Moment::NEVER, |patience| call.arrived() + patience.sample(bits()))
    }

    pub(super) fn act(&mut self, now: Moment, slot: u32, action: Action) {
        match action {
            Action::Attempt { times_out_at, deadline, .. } => {
                let bound = Bound::of(self.leaves(slot), deadline.min(times_out_at));
                self.attempt(now, slot, bound);
            }
            Action::Sleep { until } => {
                let call = self.calls.get(slot);
                let ticket = call.ticket(slot);
                (call.place, call.asleep_since) = (Place::Sleeping, now);
                let leaves = self.leaves(slot);
                if leaves <= until {
                    self.push(leaves.max(now), Event::Bound(ticket));
                } else {
                    self.push(until, Event::Woke(ticket));
                }
            }
            Action::End(end) => self.end(now, slot, end),
        }
    }

    fn end(&mut self, now: Moment, slot: u32, end: End) {
        let call = self.calls.get(slot);
        let (load, index, arrived) = (call.load, call.index, call.arrived());
        let (fate, attempts) = (call.fate(end), call.attempts());
        let first_failure = Some(call.first_failure).filter(|at| *at < Moment::NEVER);
        self.calls.remove(slot);
        let ended = Ended { arrived, end, fate, attempts, first_failure };
        self.recorder.observe(now, Observation::Ended(ended));
        if let Arrivals::Closed { clients, think, .. } = &self.tool.loads[load as usize].arrivals {
            let pause = think.sample(self.luck[load as usize].clients.at(2 * index + 1));
            let stuck = now == arrived && pause.is_zero();
            let pause = if stuck { PAUSE } else { pause };
            self.client_calls(load, index + clients, now + pause);
        }
    }
}
