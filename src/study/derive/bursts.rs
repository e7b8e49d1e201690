//! Good and bad spells behind failures that stand together (Gilbert, *Capacity of a burst-noise channel*, 1960;
//! Elliott, *Estimates of error rates for codes on burst-noise channels*, 1963), in continuous time as the
//! simulator has them: exponential spells, seen only when a call arrives. The four parameters are those under which the log
//! is likeliest. The likelihood is exact: the chance of being in a bad spell is carried from call to call, through
//! the time between them and what each call showed.

use crate::base::{Moment, Span};

use super::simplex::lowest;

/// The first calls of a tool decide; more would take long and tell little.
const MOST: usize = 50_000;
/// Spells that fail less often than this many times a good one's chance are no spells.
const APART: f64 = 1.5;

/// Twice the logarithm by which spells must make the log likelier than independent failures do. Of three
/// parameters more, 16 is reached by luck in about one log of a thousand.
const LIKELIER: f64 = 16.0;

/// A call and whether it failed in the way that is looked at.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Seen {
    /// When.
    pub at: Moment,
    /// Whether it failed.
    pub failed: bool,
}

/// Good and bad spells.
#[derive(Clone, PartialEq, Debug)]
pub struct Bursts {
    /// Mean length of a good spell.
    pub good: Span,
    /// Mean length of a bad spell.
    pub bad: Span,
    /// Chance of a failure in a good spell.
    pub good_probability: f64,
    /// Chance of a failure in a bad spell.
    pub bad_probability: f64,
    /// How many pairs of spells the log has room for: lengths are known to about 1 / sqrt of it.
    pub spells: f64,
    /// How many calls arrive in a bad spell, on average.
    pub calls: f64,
    /// Twice the logarithm by which they make the log likelier than independent failures do.
    pub likelier: f64,
}

impl Bursts {
    /// Makes failures likelier by a factor.
    pub(super) fn scale(&mut self, factor: f64) {
        self.good_probability = (self.good_probability * factor).min(1.0);
        self.bad_probability = (self.bad_probability * factor).min(1.0);
    }
}

/// What is fitted: lengths in seconds.
#[derive(Clone, Copy, Debug)]
struct Spells {
    good: f64,
    bad: f64,
    good_chance: f64,
    bad_chance: f64,
}

impl Spells {
    /// From numbers without bounds.
    fn of(x: [f64; 4]) -> Spells {
        let length = |x: f64| libm::exp(x.clamp(-20.0, 25.0));
        let chance = |x: f64| 1.0 / (1.0 + libm::exp(-x.clamp(-14.0, 14.0)));
        Spells {
            good: length(x[0]),
            bad: length(x[1]),
            good_chance: chance(x[2]),
            bad_chance: chance(x[3]),
        }
    }

    fn bad_share(&self) -> f64 {
        self.bad / (self.good + self.bad)
    }

    /// The logarithm of how likely it is to see this, below 0.
    fn likelihood(&self, gaps: &[(f64, bool)]) -> f64 {
        let (share, pace) = (self.bad_share(), 1.0 / self.good + 1.0 / self.bad);
        let (mut bad, mut product, mut sum) = (share, 1.0, 0.0);
        for (gap, failed) in gaps {
            bad = share + (bad - share) * libm::exp(-gap * pace);
            let (in_good, in_bad) = match failed {
                true => ((1.0 - bad) * self.good_chance, bad * self.bad_chance),
                false => ((1.0 - bad) * (1.0 - self.good_chance), bad * (1.0 - self.bad_chance)),
            };
            let seen = (in_good + in_bad).max(1e-300);
            bad = in_bad / seen;
            product *= seen;
            if product < 1e-250 {
                sum += libm::log(product.max(1e-300));
                product = 1.0;
            }
        }
        sum + libm::log(product)
    }
}

/// The spells under which calls in the order of time are likeliest; `None` where these are none.
pub(super) fn bursts(seen: &[Seen]) -> Option<Bursts> {
    let (first, last) = (seen.first()?.at, seen.last()?.at);
    let share = seen.iter().filter(|call| call.failed).count() as f64 / seen.len() as f64;
    let mut before = first;
    let gaps = seen.iter().take(MOST).map(|call| {
        let gap = call.at.since(before).as_secs_f64();
        before = call.at;
        (gap, call.failed)
    });
    let gaps: Vec<(f64, bool)> = gaps.collect();
    let odds = |p: f64| libm::log(p / (1.0 - p));
    // Two beginnings: short spells in which nearly all fails, and long ones in which more fails than else.
    let between = last.since(first).as_secs_f64() / (share * seen.len() as f64);
    let start = |(bad, chance): (f64, f64)| {
        let good = bad * (chance / share.min(0.9 * chance) - 1.0);
        [libm::log(good.max(1e-6)), libm::log(bad.max(1e-6)), odds(share * 0.05), odds(chance)]
    };
    let unlikely = |x: &[f64; 4]| -Spells::of(*x).likelihood(&gaps);
    let starts = [(mean_stretch(seen), 0.95), (3.0 * between, (5.0 * share).min(0.5))];
    let found = starts.map(|from| lowest(start(from), &unlikely));
    let (best, low) = found.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let failed = gaps.iter().filter(|(_, failed)| *failed).count() as f64;
    let (of, all) = (failed / gaps.len() as f64, gaps.len() as f64);
    let independent = failed * libm::log(of) + (all - failed) * libm::log1p(-of);
    let likelier = 2.0 * (-low - independent);
    let bursts = settled(Spells::of(*best), share, last.since(first), seen.len())?;
    (likelier > LIKELIER).then_some(Bursts { likelier, ..bursts })
}

/// Good spells as long as the share of failures asks for, which is known best of all.
fn settled(found: Spells, share: f64, span: Span, calls: usize) -> Option<Bursts> {
    let swapped = found.good_chance > found.bad_chance;
    let (bad, good_chance, bad_chance) = match swapped {
        true => (found.good, found.bad_chance, found.good_chance),
        false => (found.bad, found.good_chance, found.bad_chance),
    };
    let good_chance = if good_chance < 0.001 * share { 0.0 } else { good_chance };
    let in_bad = (share - good_chance) / (bad_chance - good_chance);
    let good = bad * (1.0 / in_bad - 1.0);
    let cycle = good + bad;
    if !(in_bad > 0.0 && in_bad < 1.0 && bad_chance > APART * good_chance && cycle < 1e9) {
        return None;
    }
    Some(Bursts {
        good: Span::from_secs_f64(good),
        bad: Span::from_secs_f64(bad),
        good_probability: good_chance,
        bad_probability: bad_chance,
        spells: span.as_secs_f64() / cycle,
        likelier: 0.0,
        calls: calls as f64 / span.as_secs_f64().max(1e-9) * bad,
    })
}

/// From the first failure of a stretch to the success after it, in seconds, on average.
fn mean_stretch(seen: &[Seen]) -> f64 {
    let (mut sum, mut count, mut start) = (0.0, 0.0, None);
    for call in seen {
        match (start, call.failed) {
            (None, true) => start = Some(call.at),
            (Some(from), false) => {
                sum += call.at.since(from).as_secs_f64();
                count += 1.0;
                start = None;
            }
            _ => {}
        }
    }
    if count > 0.0 { sum / count } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::random::{Draws, Purpose};

    /// Calls of a Poisson process, ten a second, that fail independently.
    fn independent(seed: u64, calls: u64, chance: f64) -> Vec<Seen> {
        let draws = Draws::new(seed, 0).stream(Purpose::Cases, 0);
        let mut at = Moment::START;
        let seen = (0..calls).map(|i| {
            at = at + Span::from_secs_f64(-libm::log(draws.unit(2 * i)) / 10.0);
            Seen { at, failed: draws.unit(2 * i + 1) < chance }
        });
        seen.collect()
    }

    #[test]
    fn independent_failures_are_no_bursts() {
        let logs = (0..100).filter(|seed| bursts(&independent(*seed, 3000, 0.05)).is_some());
        assert!(logs.count() <= 2);
    }
}
