//! Gilbert and Elliott's channel: good and bad spells take turns.

use crate::base::ln::ln;
use crate::base::random::{Chance, Stream};
use crate::base::{Moment, Span};

/// The draw that says in which kind of spell a run begins; those before it are of lengths.
const FIRST: u64 = u64::MAX;

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
    drawn: u64,
}

impl Channel {
    pub(super) fn new(means: (Span, Span), chances: (Chance, Chance)) -> Channel {
        Channel { means, chances, bad: false, until: Moment::START, drawn: 0 }
    }

    /// The chance of a failure now; the lengths of spells are drawn from a stream.
    pub(super) fn chance(&mut self, now: Moment, lengths: Stream) -> Chance {
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
