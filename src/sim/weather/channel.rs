//! Gilbert and Elliott's channel: good and bad spells take turns.

use crate::base::ln::ln;
use crate::base::random::{Chance, Stream};
use crate::base::{Moment, Span};

/// The draw that says in which kind of spell an age begins; those before it are of lengths.
const FIRST: u64 = u64::MAX;
/// So many pairs of spells, as long as they are in the mean, are an age. Each is drawn anew, so that a call after years
/// of short spells need not wait for all of them; only what lies on both sides of its begin does not hang together.
const AGE: u64 = 1 << 14;

/// Spells of two kinds, with exponential lengths. A run begins in the midst of them: in a bad one with the share of time
/// that bad ones have, and of a spell with an exponential length as much is left, at any moment, as it has from its start.
pub(super) struct Channel {
    /// The mean length of a good spell, and of a bad one.
    means: (Span, Span),
    /// The chance of a failure in a good spell, and in a bad one.
    chances: (Chance, Chance),
    bad: bool,
    /// When the present spell ends.
    until: Moment,
    /// How many lengths were drawn in the present age, and which it is.
    drawn: u64,
    age: u64,
}

impl Channel {
    pub(super) fn new(means: (Span, Span), chances: (Chance, Chance)) -> Channel {
        Channel { means, chances, bad: false, until: Moment::START, drawn: 0, age: 0 }
    }

    /// The chance of a failure now; the lengths of spells are drawn from a stream.
    pub(super) fn chance(&mut self, now: Moment, lengths: Stream) -> Chance {
        let long = (self.means.0 + self.means.1).times(AGE).max(Span::from_nanos(AGE));
        let age = now.as_nanos() / long.as_nanos();
        if age > self.age {
            self.until = Moment::from_nanos(age * long.as_nanos());
            (self.age, self.drawn) = (age, 0);
        }
        let lengths = if age == 0 { lengths } else { lengths.sub(age) };
        while self.until <= now {
            self.bad = if self.drawn == 0 { self.begins_bad(lengths) } else { !self.bad };
            let mean = if self.bad { self.means.1 } else { self.means.0 };
            let length = mean.scaled(-ln(lengths.unit(self.drawn)));
            self.drawn += 1;
            // At least a nanosecond, so that spells of no length end the loop too.
            self.until = self.until + length.max(Span::from_nanos(1));
        }
        if self.bad { self.chances.1 } else { self.chances.0 }
    }

    fn begins_bad(&self, draws: Stream) -> bool {
        let (good, bad) = (self.means.0.as_secs_f64(), self.means.1.as_secs_f64());
        draws.unit(FIRST) * (good + bad) < bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Draws, Purpose};

    #[test]
    fn a_call_after_years_of_short_spells_does_not_wait_for_them() {
        let nano = Span::from_nanos(1);
        let (runs, mut bad) = (4_000, 0);
        for run in 0..runs {
            let lengths = Draws::new(1, run).stream(Purpose::Network, 0);
            let mut channel = Channel::new((nano, nano), (Chance::of(0.0), Chance::of(1.0)));
            let years = Moment::START + Span::from_secs(1 << 30);
            bad += u64::from(channel.chance(years, lengths).hits(0));
        }
        let spread = (0.25 * runs as f64).sqrt();
        assert!((bad as f64 - runs as f64 / 2.0).abs() < 4.0 * spread, "{bad} of {runs}");
    }

    #[test]
    fn at_any_moment_a_run_is_in_a_bad_spell_with_its_share_of_time() {
        let means = (Span::from_secs(600), Span::from_secs(60));
        let (runs, share) = (20_000, 1.0 / 11.0);
        let spread = (share * (1.0 - share) / f64::from(runs)).sqrt();
        for second in [0, 1, 100, 3_000] {
            let bad = |run: &u32| {
                let lengths = Draws::new(1, u64::from(*run)).stream(Purpose::Network, 0);
                let mut channel = Channel::new(means, (Chance::of(0.0), Chance::of(1.0)));
                let now = Moment::START + Span::from_secs(second);
                channel.chance(now, lengths).hits(lengths.at(1 << 40))
            };
            let found = (0..runs).filter(bad).count() as f64 / f64::from(runs);
            // 4 standard errors: by luck once in 15,000 of such tests.
            assert!((found - share).abs() < 4.0 * spread, "{found} at {second} s");
        }
    }
}
