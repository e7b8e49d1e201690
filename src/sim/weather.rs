//! What goes wrong with a tool, attempt by attempt. The faults are asked in their order; the first that
//! has an answer gives it.

use super::world::{Fault, Signal, Tool, Window};
use crate::base::ln::ln;
use crate::base::random::Stream;
use crate::base::{Moment, Span};

/// What becomes of an attempt.
pub(super) enum Answer<'a> {
    /// The tool serves it, slower by a factor, and brings this (`None`: success).
    Serve(f64, Option<&'a Signal>),
    /// It is not served: the signal comes back at a moment.
    Turned(&'a Signal, Moment),
}

/// The faults of a tool and what they remember.
pub(super) struct Weather<'a> {
    faults: &'a [Fault],
    memory: Vec<Memory>,
    draws: Stream,
}

/// What one fault remembers.
enum Memory {
    Nothing,
    /// Gilbert and Elliott's channel: the present spell and when it ends.
    Spell {
        bad: bool,
        until: Moment,
        drawn: u64,
    },
    /// A token bucket.
    Tokens {
        left: f64,
        at: Moment,
    },
}

impl<'a> Weather<'a> {
    pub(super) fn new(tool: &'a Tool, draws: Stream) -> Weather<'a> {
        let memory = tool.faults.iter().map(|fault| match fault {
            // "Bad" until the start, so that the first spell is a good one with a length of its own.
            Fault::Bursts { .. } => Memory::Spell { bad: true, until: Moment::START, drawn: 0 },
            Fault::Throttle { burst, .. } => Memory::Tokens { left: *burst, at: Moment::START },
            _ => Memory::Nothing,
        });
        Weather { faults: &tool.faults, memory: memory.collect(), draws }
    }

    /// What becomes of attempt `number` (from 0) of a call that begins now; `luck` is the attempt's own.
    pub(super) fn answer(
        &mut self,
        now: Moment,
        number: u32,
        luck: impl Fn() -> Stream,
    ) -> Answer<'a> {
        let mut slower = 1.0;
        let faults = self.faults;
        for (i, fault) in faults.iter().enumerate() {
            let chance = |p: f64| p > 0.0 && (p >= 1.0 || luck().unit(i as u64) < p);
            let hit = match fault {
                Fault::Outage { window, signal, hold, after } if within(window, now) => {
                    let at = if *hold { window.to } else { now + *after };
                    return Answer::Turned(signal, at);
                }
                Fault::Outage { .. } => None,
                Fault::Brownout { window, slowdown, probability, signal } => {
                    let inside = within(window, now);
                    slower *= if inside { *slowdown } else { 1.0 };
                    (inside && chance(*probability)).then_some(Some(signal))
                }
                Fault::Flaky { window, probability, signal, .. } => {
                    let inside = window.as_ref().is_none_or(|w| within(w, now));
                    (inside && chance(*probability)).then_some(Some(signal))
                }
                Fault::Bursts { good, bad, good_probability, bad_probability, signal, .. } => {
                    let in_bad = self.spell(i, now, *good, *bad);
                    chance(if in_bad { *bad_probability } else { *good_probability })
                        .then_some(Some(signal))
                }
                Fault::Throttle { rate, burst, signal } => {
                    if !self.token(i, now, *rate, *burst) {
                        return Answer::Turned(signal, now);
                    }
                    None
                }
                Fault::FailFirst { count, signal } => (number < *count).then_some(Some(signal)),
                Fault::Script { replies, then_succeed } => {
                    Some(scripted(replies, *then_succeed, number))
                }
                Fault::Mix { replies } => Some(drawn(replies, luck().unit(i as u64))),
            };
            match (hit, unserved(fault)) {
                (Some(Some(signal)), Some(after)) => return Answer::Turned(signal, now + after),
                (Some(signal), _) => return Answer::Serve(slower, signal),
                (None, _) => {}
            }
        }
        Answer::Serve(slower, None)
    }

    /// Whether the present spell of fault `i` is a bad one.
    fn spell(&mut self, i: usize, now: Moment, good: Span, bad: Span) -> bool {
        let lengths = self.draws.sub(i as u64);
        let Memory::Spell { bad: in_bad, until, drawn } = &mut self.memory[i] else { return false };
        while *until <= now {
            *in_bad = !*in_bad;
            let mean = if *in_bad { bad } else { good };
            let length = mean.scaled(-ln(lengths.unit(*drawn)));
            *drawn += 1;
            // At least a nanosecond, so that spells of no length end the loop too.
            *until = *until + length.max(Span::from_nanos(1));
        }
        *in_bad
    }

    /// Takes a token of fault `i`, if there is one.
    fn token(&mut self, i: usize, now: Moment, rate: f64, burst: f64) -> bool {
        let Memory::Tokens { left, at } = &mut self.memory[i] else { return true };
        *left = (*left + now.since(*at).as_secs_f64() * rate).min(burst);
        *at = now;
        let taken = *left >= 1.0;
        if taken {
            *left -= 1.0;
        }
        taken
    }
}

/// How long attempts take that a fault lets fail without being served.
fn unserved(fault: &Fault) -> Option<Span> {
    match fault {
        Fault::Flaky { after, .. } | Fault::Bursts { after, .. } => *after,
        _ => None,
    }
}

fn within(window: &Window, now: Moment) -> bool {
    window.from <= now && now < window.to
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
