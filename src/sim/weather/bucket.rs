//! A token bucket as a tool has it, in whole numbers: kept is when it will be full again (the generic cell rate algorithm,
//! ITU-T I.371), not how many tokens are in it, for a tenth of a token ten times over is no token in floating point.

use crate::base::Moment;

/// A nanosecond, in the parts in which a token's time is kept: 1/rate is seldom a whole number of nanoseconds.
const NANO: u128 = 1 << 32;

/// It fills at a rate, up to a limit; it begins full.
pub(super) struct TokenBucket {
    /// How long a token takes to fill.
    token: u128,
    /// How long before it is full there is a token in it. A nanosecond is granted on top: moments are whole
    /// nanoseconds, so calls that come exactly at the rate come up to one too early, and a full bucket gives nothing for
    /// what came too late.
    early: u128,
    /// When it is full.
    full: u128,
}

impl TokenBucket {
    /// Tokens a second, and tokens at most.
    pub(super) fn new(rate: f64, burst: f64) -> TokenBucket {
        // What cannot be told apart from never is never: the conversion saturates.
        let token = (1e9 / rate * NANO as f64) as u128;
        let early = ((burst - 1.0) * token as f64) as u128;
        TokenBucket { token, early: early.saturating_add(NANO), full: 0 }
    }

    /// Takes a token, if there is one.
    pub(super) fn take(&mut self, now: Moment) -> bool {
        let now = u128::from(now.as_nanos()) * NANO;
        let taken = self.full <= now.saturating_add(self.early);
        if taken {
            self.full = self.full.max(now).saturating_add(self.token);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How many of the calls that come evenly in so many seconds get a token, each at the whole nanosecond before, at or
    /// after its time.
    fn served(bucket: &mut TokenBucket, a_second: u64, seconds: u64, round: fn(f64) -> f64) -> u64 {
        let moment = |i: u64| Moment::from_nanos(round(i as f64 * 1e9 / a_second as f64) as u64);
        (0..a_second * seconds).filter(|i| bucket.take(moment(*i))).count() as u64
    }

    proptest! {
        #[test]
        fn calls_at_a_multiple_of_the_rate_get_exactly_the_rate(
            rate in 1u64..2_000, more in 1u64..40, way in 0usize..3,
        ) {
            let round = [f64::floor, f64::round, f64::ceil][way];
            let mut bucket = TokenBucket::new(rate as f64, 1.0);
            prop_assert_eq!(served(&mut bucket, rate * more, 20, round), rate * 20);
        }

        #[test]
        fn it_gives_no_more_than_its_burst_and_its_rate(
            rate in 0.01f64..1e6, burst in 1.0f64..100.0, gaps in prop::collection::vec(0u64..1_000_000_000, 1..300),
        ) {
            let (mut bucket, mut now, mut taken) = (TokenBucket::new(rate, burst), 0, 0.0);
            for gap in gaps {
                now += gap;
                taken += f64::from(u8::from(bucket.take(Moment::from_nanos(now))));
                let most = burst + (now + 1) as f64 / 1e9 * rate;
                prop_assert!(taken <= most * (1.0 + 1e-9), "{taken} of {most} at {now}");
            }
        }

        #[test]
        fn a_full_bucket_gives_its_burst_at_once(rate in 0.01f64..1e6, burst in 1u32..1_000) {
            let mut bucket = TokenBucket::new(rate, f64::from(burst));
            let at_once = (0..2_000).filter(|_| bucket.take(Moment::START)).count();
            // What takes less than the nanosecond to fill comes on top.
            prop_assert_eq!(at_once, burst as usize + (rate * 1e-9) as usize);
        }
    }

    #[test]
    fn rates_beyond_all_bounds_do_no_harm() {
        let late = Moment::from_nanos(u64::MAX);
        for (rate, of_three) in [(f64::MIN_POSITIVE, 1), (f64::MAX, 3)] {
            let mut bucket = TokenBucket::new(rate, 1.0);
            assert_eq!(
                [Moment::START, late, late].iter().filter(|now| bucket.take(**now)).count(),
                of_three
            );
        }
    }
}
