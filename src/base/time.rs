//! Virtual time. A simulation that runs for years and draws waits in nanoseconds needs exact
//! arithmetic that never wraps: both types are 64-bit nanoseconds (584 years) and saturate.

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// A length of time in nanoseconds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// The longest span, 584 years.
    pub const MAX: Span = Span(u64::MAX);

    /// A span of `n` nanoseconds.
    pub const fn from_nanos(n: u64) -> Span {
        Span(n)
    }
    /// A span of `n` milliseconds, saturating.
    pub const fn from_millis(n: u64) -> Span {
        Span(n.saturating_mul(1_000_000))
    }
    /// A span of `n` seconds, saturating.
    pub const fn from_secs(n: u64) -> Span {
        Span(n.saturating_mul(1_000_000_000))
    }
    /// The span nearest to a number of nanoseconds, of two that are as near the even one; below zero and NaN give zero,
    /// too much saturates.
    pub fn from_nanos_f64(n: f64) -> Span {
        // Between 2^52 and 2^53 numbers are one apart, and their bits count them: a sum with 2^52 is rounded to a
        // whole number. What is larger has no fraction.
        const WHOLE: f64 = (1u64 << 52) as f64;
        if n < WHOLE {
            Span((n.max(0.0) + WHOLE).to_bits() - WHOLE.to_bits())
        } else {
            Span(n as u64)
        }
    }
    /// The span nearest to a number of seconds.
    pub fn from_secs_f64(s: f64) -> Span {
        Span::from_nanos_f64(s * 1e9)
    }
    /// Whole nanoseconds.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
    /// Milliseconds, with their fraction.
    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1e6
    }
    /// Seconds, with their fraction.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
    /// Whole milliseconds, rounded up, so that no wait becomes 0.
    pub const fn millis_ceil(self) -> u64 {
        self.0.div_ceil(1_000_000)
    }
    /// True for a span of no length.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
    /// `self * n`, saturating.
    pub const fn times(self, n: u64) -> Span {
        Span(self.0.saturating_mul(n))
    }
    /// `self * 2^n`, saturating: no attempt number overflows.
    pub const fn doubled(self, n: u32) -> Span {
        if self.0 == 0 {
            Span(0)
        } else if n > self.0.leading_zeros() {
            Span::MAX
        } else {
            Span(self.0 << n)
        }
    }
    /// `self * factor`, rounded to the nearest nanosecond.
    pub fn scaled(self, factor: f64) -> Span {
        Span::from_nanos_f64(self.0 as f64 * factor)
    }
}

/// Prints in the largest unit that needs no more than three decimals, as scenarios write it.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, name) = match self.0 {
            0 => return f.pad("0s"),
            n if n % 3_600_000_000_000 == 0 => (3_600_000_000_000, "h"),
            n if n % 60_000_000_000 == 0 => (60_000_000_000, "m"),
            n if n >= 1_000_000_000 => (1_000_000_000, "s"),
            n if n >= 1_000_000 => (1_000_000, "ms"),
            n if n >= 1_000 => (1_000, "us"),
            _ => (1, "ns"),
        };
        let (whole, part) = (self.0 / unit, self.0 % unit);
        if part == 0 {
            return f.pad(&format!("{whole}{name}"));
        }
        let digits = format!("{:.3}", part as f64 / unit as f64);
        let digits = digits.trim_start_matches('0').trim_end_matches('0').trim_end_matches('.');
        f.pad(&format!("{whole}{digits}{name}"))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Span(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Span {
    fn add_assign(&mut self, other: Span) {
        *self = *self + other;
    }
}

impl Sub for Span {
    type Output = Span;
    fn sub(self, other: Span) -> Span {
        Span(self.0.saturating_sub(other.0))
    }
}

/// A point in time: nanoseconds since the start of a run.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Debug)]
pub struct Moment(u64);

impl Moment {
    /// When a run starts.
    pub const START: Moment = Moment(0);
    /// A moment that never comes.
    pub const NEVER: Moment = Moment(u64::MAX);

    /// The moment `n` nanoseconds after the start.
    pub const fn from_nanos(n: u64) -> Moment {
        Moment(n)
    }
    /// Nanoseconds since the start.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }
    /// The time since an earlier moment; zero if it was not earlier.
    pub const fn since(self, earlier: Moment) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for Moment {
    type Output = Moment;
    fn add(self, span: Span) -> Moment {
        Moment(self.0.saturating_add(span.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubling_saturates_at_any_attempt_number() {
        assert_eq!(Span::from_millis(200).doubled(3), Span::from_millis(1600));
        assert_eq!(Span::from_nanos(1).doubled(63).as_nanos(), 1 << 63);
        assert_eq!(Span::from_nanos(3).doubled(63), Span::MAX);
        for n in [64, 65, 1000, u32::MAX] {
            assert_eq!(Span::from_nanos(1).doubled(n), Span::MAX);
            assert_eq!(Span::ZERO.doubled(n), Span::ZERO);
        }
    }

    #[test]
    fn spans_print_as_scenarios_write_them() {
        let shown = |n| Span::from_nanos(n).to_string();
        assert_eq!(shown(0), "0s");
        assert_eq!(shown(200_000_000), "200ms");
        assert_eq!(shown(120_000_000_000), "2m");
        assert_eq!(shown(1_500_000_000), "1.5s");
        assert_eq!(shown(1_000_001), "1ms");
        assert_eq!(shown(7_200_000_000_000), "2h");
    }

    #[test]
    fn the_nearest_nanosecond_is_taken() {
        let nanos = |n| Span::from_nanos_f64(n).as_nanos();
        let whole = (1u64 << 52) as f64;
        for (n, nearest) in [
            (f64::NAN, 0),
            (f64::NEG_INFINITY, 0),
            (-0.7, 0),
            (-0.0, 0),
            (0.5_f64.next_down(), 0),
            (0.5, 0),
            (0.5_f64.next_up(), 1),
            (1.5, 2),
            (1e9 + 0.4, 1_000_000_000),
            (whole - 0.5, 1 << 52),
            (whole - 1.0, (1 << 52) - 1),
            (whole, 1 << 52),
            (whole + 1.0, (1 << 52) + 1),
            (1e300, u64::MAX),
        ] {
            assert_eq!(nanos(n), nearest, "{n}");
        }
    }

    #[test]
    fn milliseconds_round_up() {
        assert_eq!(Span::from_nanos(1).millis_ceil(), 1);
        assert_eq!(Span::from_millis(7).millis_ceil(), 7);
    }
}
