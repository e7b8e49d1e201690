//! What an operator wants, in the operator's words: a metric to make as good as can be, and others to keep
//! within bounds.

use crate::base::Fault;
use crate::base::stats::{Estimate, mean_interval};
use crate::scenario::{Comparison, Test, condition, metric};

/// Which way is better.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Better {
    /// Less: latencies, attempts, failures.
    Lower,
    /// More: successes.
    Higher,
}

impl Better {
    /// Which way of a metric is the better one; `None` where neither is.
    pub fn of(metric: &str) -> Option<Better> {
        match metric {
            "succeeded" | "success_rate" | "recovery_rate" | "recovered_replicas"
            | "goodput_per_s" | "final_success_rate" => Some(Better::Higher),
            "calls"
            | "recovered"
            | "first_failed"
            | "shipped_rows"
            | "shipped_failed_rows"
            | "shipped_row_ms_mean" => None,
            _ => Some(Better::Lower),
        }
    }
    /// A value such that less is better.
    pub fn cost(self, value: f64) -> f64 {
        match self {
            Better::Lower => value,
            Better::Higher => -value,
        }
    }
}

/// What to make as good as can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Goal {
    /// The metric.
    pub metric: &'static str,
    /// Which way.
    pub better: Better,
}

/// What must hold.
#[derive(Clone, PartialEq, Debug)]
pub struct Keep {
    /// As written.
    pub text: String,
    /// The metric.
    pub metric: &'static str,
    /// What must hold for its mean.
    pub test: Test,
}

/// How surely something holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holds {
    /// So does the whole interval.
    Surely,
    /// The mean does, and a part of the interval does not.
    Perhaps,
    /// The mean does not, and a part of the interval does.
    PerhapsNot,
    /// Nothing of the interval does.
    No,
}

impl Holds {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Holds::Surely => "holds",
            Holds::Perhaps => "holds, not surely",
            Holds::PerhapsNot => "does not hold, not surely",
            Holds::No => "does not hold",
        }
    }
    /// By its mean.
    pub fn by_mean(self) -> bool {
        matches!(self, Holds::Surely | Holds::Perhaps)
    }
}

impl Goal {
    /// The goal of a metric's name.
    ///
    /// # Errors
    /// A name that is no metric's, or a metric of which neither more nor less is better.
    pub fn of(name: &str) -> Result<Goal, Fault> {
        let metric = metric(name)?;
        let rule = "must be a metric of which more or less is better; use it in --keep instead";
        let better = Better::of(metric).ok_or_else(|| Fault::new("metric", metric, rule))?;
        Ok(Goal { metric, better })
    }
}

impl Keep {
    /// What is written: `success_rate >= 99.5%`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn of(text: &str) -> Result<Keep, Fault> {
        let (metric, test) = condition(text)?;
        Ok(Keep { text: text.trim().to_owned(), metric, test })
    }

    /// Whether it holds for an estimate; a metric that does not exist passes only where that is asked for.
    pub fn holds(&self, estimate: Option<Estimate>) -> Holds {
        let passes = |x: f64| self.test.holds(Some(x));
        let Some(Estimate { mean, interval }) = estimate else {
            return if self.test.holds(None) { Holds::Surely } else { Holds::No };
        };
        let (low, high) = interval.unwrap_or((mean, mean));
        match (passes(mean), passes(low) && passes(high)) {
            (true, true) => Holds::Surely,
            (true, false) => Holds::Perhaps,
            (false, _) if passes(low) || passes(high) => Holds::PerhapsNot,
            (false, _) => Holds::No,
        }
    }

    /// How far values are from holding, as a share of the bound; 0 if their mean holds. Replicas in which the
    /// metric does not exist count as far away.
    pub(super) fn shortfall(&self, values: &[Option<f64>]) -> f64 {
        let there: Vec<f64> = values.iter().flatten().copied().collect();
        let Some(Estimate { mean, .. }) = mean_interval(&there) else {
            return if self.test.holds(None) { 0.0 } else { 1.0 };
        };
        let missing = (values.len() - there.len()) as f64 / values.len() as f64;
        if self.test.holds(Some(mean)) {
            return missing;
        }
        let bound = match self.test {
            Test::Compare { value, .. } => value,
            Test::Near { value, tolerance } if mean < value => value - tolerance,
            Test::Near { value, tolerance } => value + tolerance,
            Test::Between { low, .. } if mean < low => low,
            Test::Between { high, .. } => high,
            Test::Null => return 1.0,
        };
        let away = (mean - bound).abs() / bound.abs().max(1e-9);
        missing + away.max(f64::MIN_POSITIVE)
    }

    /// How far inside its bounds the mean of values lies, in the metric's unit; less than 0 outside. `None` where
    /// there is no inside, or no mean.
    pub(super) fn room(&self, values: &[Option<f64>]) -> Option<f64> {
        let there: Vec<f64> = values.iter().flatten().copied().collect();
        let mean = mean_interval(&there)?.mean;
        Some(match self.test {
            Test::Compare { op: Comparison::AtLeast | Comparison::Above, value } => mean - value,
            Test::Compare { op: Comparison::AtMost | Comparison::Below, value } => value - mean,
            Test::Near { value, tolerance } => tolerance - (mean - value).abs(),
            Test::Between { low, high } => (mean - low).min(high - mean),
            Test::Compare { op: Comparison::Equal, .. } | Test::Null => return None,
        })
    }

    /// A bound below which, or above which, it holds: to be drawn.
    pub fn bound(&self) -> Option<f64> {
        match self.test {
            Test::Compare { op: Comparison::Equal, .. } | Test::Null | Test::Near { .. } => None,
            Test::Compare { value, .. } => Some(value),
            Test::Between { high, .. } => Some(high),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(op: Comparison, value: f64) -> Keep {
        Keep { text: String::new(), metric: "success_rate", test: Test::Compare { op, value } }
    }

    #[test]
    fn the_interval_says_how_surely_a_bound_is_kept() {
        let keep = keep(Comparison::AtLeast, 0.9);
        let of = |mean, low, high| keep.holds(Some(Estimate { mean, interval: Some((low, high)) }));
        assert_eq!(of(0.95, 0.93, 0.97), Holds::Surely);
        assert_eq!(of(0.91, 0.89, 0.93), Holds::Perhaps);
        assert_eq!(of(0.89, 0.87, 0.91), Holds::PerhapsNot);
        assert_eq!(of(0.80, 0.78, 0.82), Holds::No);
        assert_eq!(keep.holds(None), Holds::No);
    }

    #[test]
    fn what_is_farther_from_its_bound_falls_shorter() {
        let keep = keep(Comparison::AtMost, 2.0);
        let short =
            |values: &[f64]| keep.shortfall(&values.iter().copied().map(Some).collect::<Vec<_>>());
        assert_eq!(short(&[1.0, 3.0]), 0.0);
        assert!(short(&[2.1]) > 0.0 && short(&[2.1]) < short(&[2.5]));
        assert!(keep.shortfall(&[Some(1.0), None]) > 0.0, "half of it is not there");
    }

    #[test]
    fn every_metric_but_a_few_has_a_better_way() {
        let none: Vec<&str> = crate::metrics::NAMES
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| Better::of(name).is_none())
            .collect();
        assert_eq!(none.len(), 6, "{none:?}");
        assert_eq!(Better::of("latency_ms_p99"), Some(Better::Lower));
    }
}
