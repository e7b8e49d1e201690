//! Is a variant as much faster than another as it should be? Both are timed side by side in one process
//! ([`crate::bench::sample`]), so that the answer hangs on the two and not on the machine.

use super::{Pace, Ratio};
use crate::bench::clock::timer;
use crate::bench::compare::{Blocks, RULE, compare, paired};
use crate::bench::sample::{Plan, sample};
use crate::bench::workload;
use crate::study::Registry;

/// Blocks and rounds: factors of 3 and more are told from far fewer than changes of 3 %.
const BLOCKS: u32 = 8;
const ROUNDS: u32 = 8;
/// How long a batch takes, about.
const BATCH_NS: f64 = 25_000.0;

/// What was found of a ratio.
#[derive(Clone, PartialEq, Debug)]
pub struct Found {
    /// What is asked.
    pub rule: Ratio,
    /// How many times as fast it is.
    pub speed: f64,
    /// The 95 % interval.
    pub interval: (f64, f64),
    /// What follows; never `Faster`.
    pub pace: Pace,
}

/// Times what the rules ask for; fewer are given when it is told to stop.
pub fn ratios(
    rules: &[Ratio],
    seed: u64,
    find: Registry,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Vec<Found> {
    let mut found = Vec::new();
    for (i, rule) in rules.iter().enumerate() {
        if !go_on(i as f64 / rules.len() as f64) {
            break;
        }
        let known = (find(&rule.variant), find(&rule.to), workload::find(&rule.path));
        let (Some(variant), Some(to), Some(path)) = known else { continue };
        let timer = timer();
        let plan = Plan { seed, blocks: BLOCKS, rounds: ROUNDS, batch_ns: BATCH_NS, timer };
        let series = sample(&[variant, to], &[path], &plan, &|_| true);
        let [one, other] = series.as_slice() else { continue };
        let blocks: Blocks = paired(one, other);
        if let Some(compared) = compare(&[blocks], &RULE, seed).pop().flatten() {
            let (low, high) = compared.interval;
            let (speed, interval) = (1.0 / compared.ratio, (1.0 / high, 1.0 / low));
            found.push(Found { rule: rule.clone(), speed, interval, pace: pace(rule, interval) });
        }
    }
    found
}

fn pace(rule: &Ratio, (low, high): (f64, f64)) -> Pace {
    match rule.at_least {
        least if high < least => Pace::Slower,
        least if low >= least => Pace::FastEnough,
        _ => Pace::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variants::find;

    fn rule(variant: &str, to: &str, at_least: f64) -> Ratio {
        let (variant, to, path) = (variant.into(), to.into(), "text_64k".into());
        Ratio { variant, to, path, at_least, why: "it must".into() }
    }

    #[test]
    fn a_ratio_is_enough_or_not_and_what_is_close_is_undecided() {
        let at = |low, high| pace(&rule("a", "b", 3.0), (low, high));
        assert_eq!(at(3.0, 9.0), Pace::FastEnough);
        assert_eq!(at(1.0, 2.9), Pace::Slower);
        assert_eq!(at(2.9, 3.1), Pace::Undecided);
    }

    #[test]
    fn a_variant_is_not_a_hundred_times_as_fast_as_itself() {
        let rules = [rule("seed", "seed", 100.0), rule("seed", "seed", 0.01)];
        let found = ratios(&rules, 1, find, &mut |_| true);
        let paces: Vec<Pace> = found.iter().map(|f| f.pace).collect();
        assert_eq!(paces, [Pace::Slower, Pace::FastEnough], "{found:?}");
        assert!(ratios(&rules, 1, find, &mut |_| false).is_empty());
    }
}
