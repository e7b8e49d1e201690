//! When is a system back at its level before the fault? Success is counted by the time at which calls
//! arrive, in windows of a second or more. A window is bad when its share of successes lies below 95 %
//! of the level before, by more than chance explains (three standard errors); the system has
//! recovered at the end of the last bad window. One that ends in a bad window has not.

use super::series::Series;
use crate::base::{Moment, Span};
use crate::sim::world::Window;

/// The width of a window.
const WINDOW: Span = Span::from_secs(1);
/// A window is bad below this share of the level before.
const SHARE: f64 = 0.95;
/// And by more than so many standard errors.
const ERRORS: f64 = 3.0;

/// Whether and when success came back.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Recovery {
    /// There was no fault with an end, or nothing before or after it to compare.
    Unknown,
    /// So long after the end of the last fault.
    After(Span),
    /// Not until the end of the run.
    Never,
}

/// Looks for the recovery from a trouble that ends at `trouble.to`.
pub fn recovery(arrived: &Series, succeeded: &Series, trouble: Option<Window>) -> Recovery {
    let Some(trouble) = trouble else { return Recovery::Unknown };
    let width = arrived.width().max(succeeded.width()).max(WINDOW);
    let (arrived, succeeded) = (arrived.coarse(width), succeeded.coarse(width));
    let width = arrived.width();
    let at = |i: usize| Moment::START + width.times(i as u64);
    let pairs = || {
        let good = succeeded.counts().iter().copied().chain(std::iter::repeat(0));
        arrived.counts().iter().copied().zip(good).enumerate()
    };
    let calm = pairs().filter(|(i, _)| at(i + 1) <= trouble.from);
    let (calls, good) = calm.fold((0, 0), |(n, g), (_, (calls, good))| (n + calls, g + good));
    let after = || pairs().filter(|(i, _)| at(*i) >= trouble.to);
    if calls == 0 || !after().any(|(_, (calls, _))| calls > 0) {
        return Recovery::Unknown;
    }
    let level = SHARE * good as f64 / calls as f64;
    let bad = |calls: u64, good: u64| {
        let error = libm::sqrt(level * (1.0 - level) / calls as f64);
        calls > 0 && (good as f64 / calls as f64) < level - ERRORS * error
    };
    let judged: Vec<(usize, bool)> =
        after().filter(|(_, (n, _))| *n > 0).map(|(i, (n, g))| (i, bad(n, g))).collect();
    match judged.iter().rposition(|(_, bad)| *bad) {
        None => Recovery::After(Span::ZERO),
        Some(last) if last + 1 == judged.len() => Recovery::Never,
        Some(last) => Recovery::After(at(judged[last].0 + 1).since(trouble.to)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten calls a second for 60 s, of which `good(second)` succeed, and a fault from 20 s to 30 s.
    fn seen(good: impl Fn(u64) -> u64) -> Recovery {
        let (mut arrived, mut succeeded) = (Series::default(), Series::default());
        for second in 0..60u64 {
            for call in 0..10u64 {
                let at = Moment::START + Span::from_millis(1000 * second + 100 * call);
                arrived.add(at);
                if call < good(second) {
                    succeeded.add(at);
                }
            }
        }
        let at = |s| Moment::START + Span::from_secs(s);
        recovery(&arrived, &succeeded, Some(Window { from: at(20), to: at(30) }))
    }

    #[test]
    fn success_that_is_back_at_once_took_no_time() {
        assert_eq!(
            seen(|s| if (20..30).contains(&s) { 0 } else { 10 }),
            Recovery::After(Span::ZERO)
        );
    }

    #[test]
    fn success_that_comes_back_later_took_until_then() {
        // Windows are 1.6 s wide: a hundred milliseconds doubled until it is at least a second.
        let Recovery::After(span) = seen(|s| if (20..38).contains(&s) { 1 } else { 10 }) else {
            panic!("it recovers")
        };
        assert!(span >= Span::from_secs(7) && span <= Span::from_secs(10), "{span}");
    }

    #[test]
    fn success_that_stays_away_never_came_back() {
        assert_eq!(seen(|s| if s >= 20 { 2 } else { 10 }), Recovery::Never);
    }
}
