//! Every run of a search, once. A run is a pure function of its scenario, its point and its replica, so
//! what was simulated before is never simulated again: not when the search comes back to a point, and not
//! when a search that was interrupted goes on.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::point::{Point, Target};
use crate::scenario::Column;
use crate::study::{Watch, numbers};

/// One scenario of a search.
#[derive(Clone, Debug)]
pub struct Task {
    /// Its name.
    pub name: String,
    /// The column that is tuned.
    pub column: Column,
    /// The seed.
    pub seed: u64,
    /// What it counts for in the goal.
    pub weight: f64,
}

/// One run: which, and what came out for each metric of the search, and how many calls it took.
#[derive(Clone, PartialEq, Debug)]
pub struct Entry {
    /// The place of its scenario.
    pub task: usize,
    /// Its point, by name.
    pub point: String,
    /// Its replica.
    pub replica: u64,
    /// By metric, in the order of the search's.
    pub values: Vec<Option<f64>>,
    /// How many calls were simulated.
    pub calls: u64,
}

/// The search was stopped from outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stopped;

type Key = (usize, String, u64);

/// What has been run.
pub struct Ledger<'a> {
    tasks: &'a [Task],
    target: Target,
    metrics: Vec<&'static str>,
    entries: Mutex<BTreeMap<Key, Entry>>,
    watch: &'a Watch<'a>,
    /// Told of each run, as soon as it is done.
    keep: &'a (dyn Fn(&Entry) + Sync),
}

impl<'a> Ledger<'a> {
    /// A ledger with the runs of an earlier search.
    pub fn new(
        tasks: &'a [Task],
        target: Target,
        metrics: Vec<&'static str>,
        earlier: Vec<Entry>,
        (watch, keep): (&'a Watch<'a>, &'a (dyn Fn(&Entry) + Sync)),
    ) -> Ledger<'a> {
        let known = earlier.into_iter().filter(|e| e.values.len() == metrics.len());
        let entries = known.map(|e| ((e.task, e.point.clone(), e.replica), e)).collect();
        Ledger { tasks, target, metrics, entries: Mutex::new(entries), watch, keep }
    }

    /// The scenarios.
    pub fn tasks(&self) -> &'a [Task] {
        self.tasks
    }

    /// What is searched.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Sees to it that points have been run on replicas, in every scenario.
    ///
    /// # Errors
    /// If it was stopped; what was done by then is kept.
    pub fn run(&self, points: &[Point], replicas: std::ops::Range<u64>) -> Result<(), Stopped> {
        let there = |key: &Key| self.locked(|entries| entries.contains_key(key));
        let jobs: Vec<(Point, usize, u64)> = replicas
            .flat_map(|replica| points.iter().map(move |p| (*p, replica)))
            .flat_map(|(p, replica)| (0..self.tasks.len()).map(move |task| (p, task, replica)))
            .filter(|(p, task, replica)| !there(&(*task, self.name(*p), *replica)))
            .collect();
        let done = jobs.into_par_iter().with_max_len(1).map(|(point, task, replica)| {
            let column = self.target.column(&self.tasks[task].column, point);
            let found = numbers(&column, self.tasks[task].seed, replica, self.watch);
            let Some(found) = found else { return Err(Stopped) };
            let value = |metric: &&'static str| found.get(metric).copied().flatten();
            let entry = Entry {
                task,
                point: self.name(point),
                replica,
                values: self.metrics.iter().map(value).collect(),
                calls: found.get("calls").copied().flatten().unwrap_or(0.0) as u64,
            };
            (self.keep)(&entry);
            self.locked(|entries| {
                entries.insert((task, entry.point.clone(), replica), entry);
            });
            Ok(())
        });
        done.collect::<Vec<_>>().into_iter().collect()
    }

    /// The values of a metric in the replicas that have been run, of a range, in their order.
    pub fn values(
        &self,
        point: Point,
        task: usize,
        metric: &str,
        replicas: std::ops::Range<u64>,
    ) -> Vec<Option<f64>> {
        let Some(place) = self.metrics.iter().position(|m| *m == metric) else {
            return Vec::new();
        };
        let name = self.name(point);
        let key = |replica| (task, name.clone(), replica);
        self.locked(|entries| {
            let found = entries.range(key(replicas.start)..key(replicas.end));
            found.map(|(_, entry)| entry.values[place]).collect()
        })
    }

    fn name(&self, point: Point) -> String {
        match &self.target {
            Target::Base => point.to_string(),
            Target::Tool(tool) => format!("{tool}: {point}"),
        }
    }

    /// How many runs there are, and how many calls they took.
    pub fn spent(&self) -> (u64, u64) {
        self.locked(|entries| (entries.len() as u64, entries.values().map(|e| e.calls).sum()))
    }

    fn locked<T>(&self, action: impl FnOnce(&mut BTreeMap<Key, Entry>) -> T) -> T {
        action(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
