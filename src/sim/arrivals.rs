//! When calls arrive. The n-th arrival of a load depends on draw n of its own stream and on nothing
//! else, so that every column of a comparison meets the same clients.
//!
//! Poisson processes add up exponential gaps; a rate that changes is thinned from its peak (Lewis and
//! Shedler 1979).

use super::world::{Arrivals, Load};
use crate::base::ln::ln;
use crate::base::random::Stream;
use crate::base::{Moment, Span};

/// The arrivals of one open load, in order. A closed load has none: its clients call when they are
/// done thinking.
pub(super) struct Source<'a> {
    /// When the load begins, and from when on nothing arrives.
    begins: Moment,
    ends: Moment,
    arrivals: &'a Arrivals,
    draws: Stream,
    drawn: u64,
    found: u64,
    last: Moment,
    /// What is given next; `NEVER`: there is no more. Several are found at a time, for draws need not wait for each
    /// other; and ahead of their time, for decisions on a number that is still being drawn are guessed wrong, and found
    /// wrong late.
    ahead: [Moment; AHEAD],
    /// How many were given.
    given: u64,
}

/// So many arrivals are found at a time.
const AHEAD: usize = 16;

impl<'a> Source<'a> {
    pub(super) fn new(load: &'a Load, draws: Stream, duration: Span) -> Source<'a> {
        let Load { arrivals, window, .. } = load;
        Source {
            begins: window.from,
            ends: window.to.min(Moment::START + duration),
            arrivals,
            draws,
            drawn: 0,
            found: 0,
            last: Moment::START,
            ahead: [Moment::NEVER; AHEAD],
            given: 0,
        }
    }

    /// The next arrival and its index; `None` when there is no more.
    #[inline(always)]
    pub(super) fn next(&mut self) -> Option<(u64, Moment)> {
        if self.given == self.found {
            self.look_ahead();
        }
        let (index, at) = (self.given, self.ahead[self.given as usize % AHEAD]);
        self.given += 1;
        (at != Moment::NEVER).then_some((index, at))
    }

    #[inline(never)]
    fn look_ahead(&mut self) {
        match self.arrivals {
            Arrivals::Poisson { rate } if *rate > 0.0 => {
                self.fill(|source, _| Some(source.gap(*rate)));
            }
            _ => self.fill(Source::moment),
        }
    }

    /// The next ones, of which each is said.
    #[inline(always)] // with what says it
    fn fill(&mut self, moment: impl Fn(&mut Source<'a>, u64) -> Option<Moment>) {
        let mut found = self.found;
        let mut ahead = [Moment::NEVER; AHEAD];
        for next in &mut ahead {
            let Some(at) = moment(self, found) else { break };
            let at = self.begins + at.since(Moment::START);
            if at >= self.ends {
                break;
            }
            *next = at;
            found += 1;
        }
        (self.ahead, self.found) = (ahead, found);
    }

    /// The n-th moment, counted from the beginning of the load; of a Poisson process it is a [`gap`](Source::gap) on.
    fn moment(&mut self, n: u64) -> Option<Moment> {
        match self.arrivals {
            Arrivals::Constant { rate } if *rate > 0.0 => {
                Some(Moment::START + Span::from_nanos_f64(n as f64 * 1e9 / rate))
            }
            Arrivals::Constant { .. } | Arrivals::Poisson { .. } => None,
            Arrivals::Burst { at, calls } => (n < *calls).then_some(*at),
            Arrivals::Trace(moments) => moments.get(usize::try_from(n).ok()?).copied(),
            Arrivals::Square { low, high, period, duty } => {
                let quiet = period.as_nanos() as f64 * (1.0 - duty);
                let peak = if *duty == 0.0 { *low } else { low.max(*high) };
                self.thinned(peak, |t| {
                    let phase = t.as_nanos() % period.as_nanos().max(1);
                    match (phase as f64) < quiet {
                        // The process has no memory: where nothing arrives, it goes on behind.
                        true if *low == 0.0 => {
                            Err(Span::from_nanos((quiet as u64).saturating_sub(phase)))
                        }
                        true => Ok(*low),
                        false => Ok(*high),
                    }
                })
            }
            Arrivals::Diurnal { low, high, period } => self.thinned(low.max(*high), |t| {
                let phase = (t.as_nanos() % period.as_nanos().max(1)) as f64
                    / period.as_nanos().max(1) as f64;
                let wave = 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * phase);
                Ok(low + (high - low) * wave)
            }),
            Arrivals::Closed { .. } => None,
        }
    }

    /// The next moment of a Poisson process.
    #[inline]
    fn gap(&mut self, rate: f64) -> Moment {
        let unit = self.draws.unit(self.drawn);
        self.drawn += 1;
        self.last = self.last + Span::from_secs_f64(-ln(unit) / rate);
        self.last
    }

    /// The next moment of a Poisson process at `peak` that a rate keeps; an error is the time until the
    /// rate is above 0 again. `None` from the end on: a rate of 0 would keep nothing for ever.
    fn thinned(&mut self, peak: f64, rate: impl Fn(Moment) -> Result<f64, Span>) -> Option<Moment> {
        if peak <= 0.0 {
            return None;
        }
        loop {
            let at = self.gap(peak);
            if self.begins + at.since(Moment::START) >= self.ends {
                return None;
            }
            match rate(at) {
                Ok(rate) => {
                    let keep = self.draws.unit(self.drawn) * peak < rate;
                    self.drawn += 1;
                    if keep {
                        return Some(at);
                    }
                }
                Err(quiet) => self.last = at + quiet.max(Span::from_nanos(1)),
            }
        }
    }
}
