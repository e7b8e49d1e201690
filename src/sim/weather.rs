//! What goes wrong with a tool, attempt by attempt. The faults are asked in their order; the first that
//! has an answer gives it.

mod bucket;
mod channel;

use super::world::{Fault, Signal, Tool, Window};
use crate::base::random::{Chance, Stream};
use crate::base::{Moment, Span};
use bucket::TokenBucket;
use channel::Channel;

/// What becomes of an attempt.
pub(super) enum Answer<'a> {
    /// The tool serves it, slower by a factor, and brings this (`None`: success).
    Serve(f64, Option<&'a Signal>),
    /// It is not served: the signal comes back at a moment.
    Turned(&'a Signal, Moment),
}

/// The faults of a tool and what they remember.
pub(super) struct Weather<'a> {
    faults: Vec<Ready<'a>>,
    draws: Stream,
}

/// A fault in the form in which it is asked.
enum Ready<'a> {
    /// It has a window, perhaps an endless one: an outage, a brownout, a flaky tool.
    Spell {
        window: Window,
        slowdown: f64,
        chance: Chance,
        failure: Failure<'a>,
    },
    Bursts {
        channel: Channel,
        failure: Failure<'a>,
    },
    Throttle {
        bucket: TokenBucket,
        signal: &'a Signal,
    },
    FailFirst {
        count: u32,
        signal: &'a Signal,
    },
    Script {
        replies: &'a [Option<Signal>],
        then_succeed: bool,
    },
    Mix {
        replies: &'a [(f64, Option<Signal>)],
    },
}

impl<'a> Ready<'a> {
    fn of(fault: &'a Fault) -> Ready<'a> {
        match fault {
            Fault::Outage { window, signal, hold, after } => {
                let unserved =
                    if *hold { Unserved::Until(window.to) } else { Unserved::For(*after) };
                let failure = Failure { signal, unserved };
                Ready::Spell { window: *window, slowdown: 1.0, chance: Chance::of(1.0), failure }
            }
            Fault::Brownout { window, slowdown, probability, signal } => {
                let failure = Failure { signal, unserved: Unserved::Not };
                let (slowdown, chance) = (*slowdown, Chance::of(*probability));
                Ready::Spell { window: *window, slowdown, chance, failure }
            }
            Fault::Flaky { window, probability, signal, after } => {
                let window = window.unwrap_or(Window::ALWAYS);
                let failure = Failure { signal, unserved: Unserved::of(*after) };
                Ready::Spell { window, slowdown: 1.0, chance: Chance::of(*probability), failure }
            }
            Fault::Bursts { good, bad, good_probability, bad_probability, signal, after } => {
                let chances = (Chance::of(*good_probability), Chance::of(*bad_probability));
                let channel = Channel::new((*good, *bad), chances);
                let failure = Failure { signal, unserved: Unserved::of(*after) };
                Ready::Bursts { channel, failure }
            }
            Fault::Throttle { rate, burst, signal } => {
                Ready::Throttle { bucket: TokenBucket::new(*rate, *burst), signal }
            }
            Fault::FailFirst { count, signal } => Ready::FailFirst { count: *count, signal },
            Fault::Script { replies, then_succeed } => {
                Ready::Script { replies, then_succeed: *then_succeed }
            }
            Fault::Mix { replies } => Ready::Mix { replies },
        }
    }
}

/// How an attempt fails.
struct Failure<'a> {
    signal: &'a Signal,
    unserved: Unserved,
}

impl<'a> Failure<'a> {
    fn answer(&self, now: Moment, slower: f64) -> Answer<'a> {
        match self.unserved {
            Unserved::Not => Answer::Serve(slower, Some(self.signal)),
            Unserved::For(after) => Answer::Turned(self.signal, now + after),
            Unserved::Until(moment) => Answer::Turned(self.signal, moment),
        }
    }
}

/// Until when an attempt that fails hangs without being served.
enum Unserved {
    /// It is served, and fails then.
    Not,
    For(Span),
    Until(Moment),
}

impl Unserved {
    fn of(after: Option<Span>) -> Unserved {
        after.map_or(Unserved::Not, Unserved::For)
    }
}

impl<'a> Weather<'a> {
    pub(super) fn new(tool: &'a Tool, draws: Stream) -> Weather<'a> {
        Weather { faults: tool.faults.iter().map(Ready::of).collect(), draws }
    }

    /// What becomes of attempt `number` (from 0) of a call that begins now; `luck` is the attempt's own.
    pub(super) fn answer(
        &mut self,
        now: Moment,
        number: u32,
        luck: impl Fn() -> Stream,
    ) -> Answer<'a> {
        let mut slower = 1.0;
        for (fault, i) in self.faults.iter_mut().zip(0..) {
            let hits = |chance: Chance| chance.hits(luck().at(i));
            match fault {
                Ready::Spell { window, slowdown, chance, failure } => {
                    if window.holds(now) {
                        slower *= *slowdown;
                        if hits(*chance) {
                            return failure.answer(now, slower);
                        }
                    }
                }
                Ready::Bursts { channel, failure } => {
                    if hits(channel.chance(now, self.draws.sub(i))) {
                        return failure.answer(now, slower);
                    }
                }
                Ready::Throttle { bucket, signal } => {
                    if !bucket.take(now) {
                        return Answer::Turned(signal, now);
                    }
                }
                Ready::FailFirst { count, signal } => {
                    if number < *count {
                        return Answer::Serve(slower, Some(signal));
                    }
                }
                Ready::Script { replies, then_succeed } => {
                    return Answer::Serve(slower, scripted(replies, *then_succeed, number));
                }
                Ready::Mix { replies } => {
                    return Answer::Serve(slower, drawn(replies, luck().unit(i)));
                }
            }
        }
        Answer::Serve(slower, None)
    }
}

/// The reply of a script to attempt `number`.
fn scripted(replies: &[Option<Signal>], then_succeed: bool, number: u32) -> Option<&Signal> {
    match replies.get(number as usize) {
        Some(reply) => reply.as_ref(),
        None if then_succeed => None,
        None => replies.last().and_then(Option::as_ref),
    }
}

/// The reply of a mix at a point between 0 and 1 of its weights.
fn drawn(replies: &[(f64, Option<Signal>)], unit: f64) -> Option<&Signal> {
    let mut left = unit * replies.iter().map(|(weight, _)| weight).sum::<f64>();
    for (weight, reply) in replies {
        left -= weight;
        if left < 0.0 {
            return reply.as_ref();
        }
    }
    replies.last().and_then(|(_, reply)| reply.as_ref())
}
