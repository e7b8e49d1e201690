//! Which of several points is the best, with as few runs as it takes. All of them meet the same luck,
//! replica by replica (common random numbers), so that their differences are far less noisy than they are.
//! Whoever clearly loses against the leader gets no more replicas (racing: Maron and Moore, 1997).

use super::goal::{Goal, Holds, Keep};
use super::ledger::{Ledger, Stopped};
use super::point::Point;
use crate::base::stats::{Estimate, mean_interval};

/// By how much the 95 % interval of a difference is widened, for it is looked at again and again.
const WIDER: f64 = 1.5;

/// Judges points by what is in the ledger.
pub(super) struct Judge<'a> {
    pub(super) ledger: &'a Ledger<'a>,
    pub(super) goal: Goal,
    pub(super) keeps: &'a [Keep],
}

/// How good a point is: first how far it is from what must be kept, then the goal. Less is better.
#[derive(Clone, Copy, PartialEq, PartialOrd, Debug)]
pub(super) struct Score(f64, f64);

impl Judge<'_> {
    /// The goal in each of the first replicas, as a cost: the weighted mean over scenarios.
    fn costs(&self, point: Point, replicas: std::ops::Range<u64>) -> Vec<f64> {
        let tasks = self.ledger.tasks();
        let total: f64 = tasks.iter().map(|t| t.weight).sum();
        let mut costs = vec![0.0; (replicas.end - replicas.start) as usize];
        for (i, task) in tasks.iter().enumerate() {
            let values = self.ledger.values(point, i, self.goal.metric, replicas.clone());
            costs.truncate(values.len());
            for (cost, value) in costs.iter_mut().zip(values) {
                // A goal that does not exist in a replica, say a time to recover, is as bad as can be.
                *cost +=
                    value.map_or(f64::INFINITY, |v| self.goal.better.cost(v)) * task.weight / total;
            }
        }
        costs
    }

    pub(super) fn score(&self, point: Point, replicas: u64) -> Score {
        let short = |keep: &Keep| -> f64 {
            let of =
                |task| keep.shortfall(&self.ledger.values(point, task, keep.metric, 0..replicas));
            (0..self.ledger.tasks().len()).map(of).sum()
        };
        let costs = self.costs(point, 0..replicas);
        let mean = costs.iter().sum::<f64>() / costs.len().max(1) as f64;
        Score(self.keeps.iter().map(short).sum(), if mean.is_nan() { f64::INFINITY } else { mean })
    }

    /// The best first; of equals the simpler one.
    pub(super) fn ranked(&self, points: impl Iterator<Item = Point>, replicas: u64) -> Vec<Point> {
        let mut scored: Vec<(Score, Point)> =
            points.map(|p| (self.score(p, replicas), p)).collect();
        scored.sort_by(|(a, p), (b, q)| {
            let by = a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1));
            by.then_with(|| p.order().cmp(&q.order()))
        });
        scored.into_iter().map(|(_, p)| p).collect()
    }

    /// How surely everything is kept: the worst of all scenarios and bounds.
    pub(super) fn holds(&self, point: Point, replicas: std::ops::Range<u64>) -> Holds {
        let of = |keep: &Keep, task| {
            let values = self.ledger.values(point, task, keep.metric, replicas.clone());
            let there: Vec<f64> = values.iter().flatten().copied().collect();
            match there.len() < values.len() && !there.is_empty() {
                true => Holds::PerhapsNot,
                false => keep.holds(mean_interval(&there)),
            }
        };
        let tasks = 0..self.ledger.tasks().len();
        let all = self.keeps.iter().flat_map(|keep| tasks.clone().map(move |t| of(keep, t)));
        all.max_by_key(|h| *h as usize).unwrap_or(Holds::Surely)
    }

    /// How much worse a point's goal is than another's: paired over common replicas.
    pub(super) fn behind(&self, point: Point, leader: Point, replicas: u64) -> Option<Estimate> {
        let (mine, its) = (self.costs(point, 0..replicas), self.costs(leader, 0..replicas));
        let differences: Vec<f64> = mine.iter().zip(&its).map(|(m, i)| m - i).collect();
        match differences.iter().all(|d| d.is_finite()) {
            true => mean_interval(&differences),
            false => None,
        }
    }

    /// Whether a point clearly loses: it surely breaks a bound that the leader keeps, or its goal is worse
    /// than the leader's beyond noise.
    fn loses(&self, point: Point, leader: Point, replicas: u64) -> bool {
        let (mine, its) = (self.holds(point, 0..replicas), self.holds(leader, 0..replicas));
        if mine == Holds::No && its.by_mean() {
            return true;
        }
        if !its.by_mean() && self.score(leader, replicas).0 < self.score(point, replicas).0 / 2.0 {
            return true;
        }
        if !its.by_mean() {
            return false;
        }
        match self.behind(point, leader, replicas) {
            Some(Estimate { mean, interval: Some((low, _)) }) => {
                mean > 0.0 && mean - WIDER * (mean - low) > 0.0
            }
            Some(_) => false,
            None => {
                self.costs(point, 0..replicas).iter().any(|c| c.is_infinite())
                    && self.costs(leader, 0..replicas).iter().all(|c| c.is_finite())
            }
        }
    }

    /// Gives those that are left more and more replicas, up to a number, while there are runs left; drops clear
    /// losers. What is left cannot be told apart; the best first.
    ///
    /// # Errors
    /// If it was stopped.
    pub(super) fn race(
        &self,
        runners: &[Point],
        most: u64,
        runs: u64,
    ) -> Result<Vec<Point>, Stopped> {
        let tasks = self.ledger.tasks().len() as u64;
        let mut left = runners.to_vec();
        let mut replicas = 0;
        while replicas < most && (left.len() > 1 || replicas < 4) {
            let next = (replicas + (replicas / 2).max(2)).min(most);
            // Four replicas are worth their runs: less tells nothing.
            let room = runs.saturating_sub(self.ledger.spent().0) / (tasks * (next - replicas));
            if replicas >= 4 && room < 2 {
                break;
            }
            if replicas >= 4 {
                left.truncate(room as usize);
            }
            self.ledger.run(&left, 0..next)?;
            replicas = next;
            let ranked = self.ranked(left.iter().copied(), replicas);
            let Some(leader) = ranked.first().copied() else { break };
            left = ranked
                .into_iter()
                .filter(|p| *p == leader || replicas < 4 || !self.loses(*p, leader, replicas))
                .collect();
        }
        Ok(left)
    }
}
