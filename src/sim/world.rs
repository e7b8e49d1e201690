//! What is simulated: tools, their faults, and the calls that arrive. Checked values only; a scenario
//! file becomes a `World` in `scenario::plan`.
//!
//! A tool and its loads are an *island*: no tool influences another, so islands run on as many
//! threads as there are, each with a clock of its own, against one shared plugin.

use std::sync::Arc;

use crate::base::dist::Distribution;
use crate::base::{Moment, Span};
use crate::gateway::Gateway;
use crate::plugin::{Reply, Status};

/// Everything that a run simulates, the policy excepted.
#[derive(Clone, Debug)]
pub struct World {
    /// The tools, instance by instance (`count = 50` gives 50 of them).
    pub tools: Vec<Tool>,
    /// The gateway between clients and tools.
    pub gateway: Gateway,
    /// For how long calls arrive; those under way are then simulated to their end.
    pub duration: Span,
}

/// One tool instance and what happens to it.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its name, unique: `search-07`.
    pub name: Arc<str>,
    /// The name of its `[[tools]]` entry: `search`.
    pub group: Arc<str>,
    /// How long one attempt takes; with a capacity: how long it keeps a server busy.
    pub latency: Distribution,
    /// How many attempts at once; `None`: as many as come.
    pub capacity: Option<Capacity>,
    /// A versioned row behind a network, instead of `latency` and `capacity`.
    pub optimistic_lock: Option<OptimisticLock>,
    /// Asked in this order; the first that has an answer gives it.
    pub faults: Vec<Fault>,
    /// It stops serving an attempt whose caller has timed out or left (else: zombie work).
    pub notices_abandoned: bool,
    /// Calls of this tool are resource fetches, not tool invocations.
    pub resource: bool,
    /// Repeating an executed attempt changes nothing.
    pub idempotent: bool,
    /// The calls that arrive at it.
    pub loads: Vec<Load>,
}

impl Tool {
    /// What befalls the tool for a while, each with what it is called: its faults that have a window, and
    /// the surges of its load.
    pub fn troubles(&self) -> impl Iterator<Item = (&'static str, Window)> {
        let faults = self.faults.iter().filter_map(|fault| match fault {
            Fault::Outage { window, .. } => Some(("outage", *window)),
            Fault::Brownout { window, .. } => Some(("brownout", *window)),
            Fault::Flaky { window, .. } => window.map(|window| ("flaky", window)),
            _ => None,
        });
        faults.chain(self.loads.iter().filter_map(Load::surge).map(|window| ("surge", window)))
    }
}

/// Servers with one queue, first come first served.
#[derive(Clone, Debug)]
pub struct Capacity {
    /// Attempts served at once.
    pub servers: u32,
    /// Attempts that wait; `None`: without end.
    pub queue: Option<u32>,
    /// What an attempt gets that finds the queue full, at once.
    pub when_full: Signal,
}

/// A row with a version: read it, then write it; the write conflicts when the version has moved.
#[derive(Clone, Debug)]
pub struct OptimisticLock {
    /// One way between client and row; four of them make an attempt.
    pub hop: Distribution,
    /// What a conflict looks like to the caller.
    pub conflict: Signal,
}

/// What an attempt brings to the gateway.
#[derive(Clone, Debug)]
pub struct Signal {
    /// What it looks like.
    pub brought: Brought,
    /// What really happened: the attempt did its work although it looks like a failure (or not).
    pub executed: bool,
    /// What the detectors should say: it is a success.
    pub success: bool,
}

/// What an attempt looks like from the gateway.
#[derive(Clone, Debug)]
pub enum Brought {
    /// A reply.
    Reply(Arc<Reply>),
    /// The tool raises.
    Exception(Status),
    /// Another plugin of the gateway refuses the attempt: an error that is none of the tool's.
    Refusal,
    /// Nothing ever comes.
    Hang,
}

/// From (included) to (excluded).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    /// First moment.
    pub from: Moment,
    /// First moment after it.
    pub to: Moment,
}

impl Window {
    /// From the start, for ever.
    pub const ALWAYS: Window = Window { from: Moment::START, to: Moment::NEVER };

    /// Whether a moment lies in it.
    pub fn holds(&self, moment: Moment) -> bool {
        self.from <= moment && moment < self.to
    }

    /// From the first moment of either to the end of the last.
    pub fn both(a: Option<Window>, b: Option<Window>) -> Option<Window> {
        match (a, b) {
            (Some(a), Some(b)) => Some(Window { from: a.from.min(b.from), to: a.to.max(b.to) }),
            (one, other) => one.or(other),
        }
    }
}

/// Something that goes wrong with a tool.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Every attempt that begins in the window fails.
    Outage {
        /// When.
        window: Window,
        /// How.
        signal: Signal,
        /// Attempts hang and all fail at the window's end (a dead connection that is reset), instead of
        /// failing after `after`.
        hold: bool,
        /// How long an attempt takes to fail.
        after: Span,
    },
    /// The tool is slower, by a factor, and fails with a probability, in the window.
    Brownout {
        /// When.
        window: Window,
        /// Latency is multiplied by this.
        slowdown: f64,
        /// Chance of a failure.
        probability: f64,
        /// How it fails.
        signal: Signal,
    },
    /// Every attempt fails with a probability, independently.
    Flaky {
        /// When; `None`: always.
        window: Option<Window>,
        /// Chance of a failure.
        probability: f64,
        /// How it fails.
        signal: Signal,
        /// How long it takes to fail, without being served; `None`: it is served and fails at its end.
        after: Option<Span>,
    },
    /// Bursts (Gilbert 1960, Elliott 1963): the tool changes between good and bad at exponential times.
    Bursts {
        /// Mean length of a good spell.
        good: Span,
        /// Mean length of a bad spell.
        bad: Span,
        /// Chance of a failure in a good spell.
        good_probability: f64,
        /// Chance of a failure in a bad spell.
        bad_probability: f64,
        /// How it fails.
        signal: Signal,
        /// How long it takes to fail, without being served; `None`: it is served and fails at its end.
        after: Option<Span>,
    },
    /// A token bucket of the tool itself: attempts beyond it are answered at once.
    Throttle {
        /// Tokens a second.
        rate: f64,
        /// Tokens at most, and at the start.
        burst: f64,
        /// What an attempt without a token gets.
        signal: Signal,
    },
    /// The first `count` attempts of each call fail.
    FailFirst {
        /// How many.
        count: u32,
        /// How.
        signal: Signal,
    },
    /// Exact replies, attempt by attempt of each call; the last one stands for all later ones, unless
    /// `then_succeed`.
    Script {
        /// In order; `None` succeeds.
        replies: Vec<Option<Signal>>,
        /// After the last one: success.
        then_succeed: bool,
    },
    /// Each attempt draws its reply from a weighted mix.
    Mix {
        /// (weight, reply); `None` succeeds. Weights need not add up to 1.
        replies: Vec<(f64, Option<Signal>)>,
    },
}

/// Calls that arrive at a tool.
#[derive(Clone, Debug)]
pub struct Load {
    /// When.
    pub arrivals: Arrivals,
    /// How long a client waits before it leaves; `None`: for ever.
    pub patience: Option<Distribution>,
    /// When the load begins and ends; its arrivals count from its beginning.
    pub window: Window,
}

impl Load {
    /// The window of a load that is there for a while only: it begins after the start and ends. A load
    /// that stays, or that was there from the start, is no surge.
    pub fn surge(&self) -> Option<Window> {
        let Window { from, to } = self.window;
        (from > Moment::START && to < Moment::NEVER).then_some(self.window)
    }
}

/// A client of a closed loop whose call took no time, and who does not think, pauses this long: else it
/// would call for ever at one instant.
pub const PAUSE: Span = Span::from_millis(1);

/// When calls arrive.
#[derive(Clone, Debug)]
pub enum Arrivals {
    /// Evenly spaced.
    Constant {
        /// Calls a second.
        rate: f64,
    },
    /// A Poisson process.
    Poisson {
        /// Calls a second.
        rate: f64,
    },
    /// All at one instant.
    Burst {
        /// When.
        at: Moment,
        /// How many.
        calls: u64,
    },
    /// Clients that call, wait for the end, think, and call again.
    Closed {
        /// How many clients.
        clients: u64,
        /// How long they think.
        think: Distribution,
        /// Calls of each client; `None`: until the duration ends.
        calls_each: Option<u64>,
    },
    /// Poisson with two rates that take turns.
    Square {
        /// Calls a second, first half.
        low: f64,
        /// Calls a second, second half.
        high: f64,
        /// Both halves together.
        period: Span,
        /// Share of the period at `high`.
        duty: f64,
    },
    /// Poisson with a rate that follows a sine between low (at the start) and high.
    Diurnal {
        /// Calls a second at the trough.
        low: f64,
        /// Calls a second at the peak.
        high: f64,
        /// One day.
        period: Span,
    },
    /// Moments of a recorded trace, rising.
    Trace(Arc<[Moment]>),
}
