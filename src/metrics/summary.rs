//! Many replicas of one column become figures with 95 % intervals: Student's for means, Wilson's for
//! the share of replicas that recovered.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::curves::{self, Curves, View};
use super::numbers::{NAMES, Numbers, numbers};
use super::tally::{Frame, Tally};
use super::waits;
use crate::base::Span;
use crate::base::digest::Digest;
use crate::base::stats::{Estimate, mean_interval, share_interval};
use crate::plugin::{Policy, Reason};
use crate::sim::world::Window;

/// What is known of a column before it runs.
#[derive(Clone, PartialEq, Debug)]
pub struct Setting {
    /// For how long calls arrive.
    pub duration: Span,
    /// From the first fault to the end of the last.
    pub trouble: Option<Window>,
    /// The policy of most tools.
    pub policy: Policy,
    /// The longest wait that the distribution of waits shows.
    pub longest_wait: Span,
}

impl Setting {
    /// Where the herd is shown.
    pub fn view(&self) -> View {
        View::of(self.duration, self.trouble)
    }
}

/// One replica of one column.
#[derive(Clone, Debug)]
pub struct Replica {
    digest: Digest,
    all: Arc<Part>,
    groups: BTreeMap<String, Arc<Part>>,
    reasons: BTreeMap<Reason, u64>,
    layers: [(u64, u128); 2],
    curves: Curves,
    waits_by_retry: Vec<u64>,
}

/// All tools of a replica, or a group of them; one group that is all of them is kept once.
#[derive(Debug)]
struct Part {
    numbers: Numbers,
    /// Attempts in each bucket of the view.
    herd: Vec<f64>,
}

impl Replica {
    /// Reads the tallies of a replica's groups of tools.
    pub fn of(groups: &BTreeMap<String, Tally>, frame: Frame, setting: &Setting) -> Replica {
        let mut merged = Tally::new(frame);
        let all = match groups.values().next() {
            Some(only) if groups.len() == 1 => only,
            _ => {
                groups.values().for_each(|tally| merged.merge(tally));
                &merged
            }
        };
        let view = setting.view();
        let read = |tally: &Tally| {
            let numbers = numbers(tally, setting.duration);
            Arc::new(Part { numbers, herd: curves::herd(tally, view) })
        };
        let whole = read(all);
        let part =
            |tally: &Tally| if std::ptr::eq(tally, all) { whole.clone() } else { read(tally) };
        Replica {
            digest: all.digest,
            groups: groups.iter().map(|(name, tally)| (name.clone(), part(tally))).collect(),
            reasons: all.reasons.iter().collect(),
            layers: [(all.attempts, all.attempt_time), (all.waits, all.wait_time)],
            curves: curves::curves(all),
            waits_by_retry: all.waits_by_retry.clone(),
            all: whole,
        }
    }
    /// The numbers of all tools together.
    pub fn numbers(&self) -> &Numbers {
        &self.all.numbers
    }
    /// The hash over every observation.
    pub fn digest(&self) -> Digest {
        self.digest
    }
}

/// Figures by name; `None` where a number does not exist.
pub type Figures = BTreeMap<&'static str, Option<Estimate>>;

/// A column over its replicas.
#[derive(Clone, PartialEq, Debug)]
pub struct Summary {
    /// Every metric of [`NAMES`].
    pub metrics: Figures,
    /// The same for each group of tools.
    pub tools: BTreeMap<String, Figures>,
    /// Failures by reason.
    pub reasons: BTreeMap<String, Estimate>,
    /// By layer: how many attempts, and seconds.
    pub layers: BTreeMap<&'static str, (Estimate, Estimate)>,
    /// Where the herd is shown.
    pub view: View,
    /// Attempts in each bucket of the view.
    pub herd: Vec<Estimate>,
    /// The same for each group of tools.
    pub herds: BTreeMap<String, Vec<Estimate>>,
    /// Share of failed calls recovered within 1, 2, … attempts.
    pub by_attempt: Vec<Estimate>,
    /// Share of failed calls recovered within a time since the first failure.
    pub by_time: Vec<(Span, Estimate)>,
    /// Latency in milliseconds at quantiles.
    pub latency: Vec<(f64, Estimate)>,
    /// Share of waits in each bar, and what theory says of it.
    pub waits: Vec<(Estimate, f64)>,
    /// The end of the last bar.
    pub longest_wait: Span,
}

impl Summary {
    /// Summarises the replicas of a column, in their order.
    pub fn of(replicas: &[&Replica], setting: &Setting) -> Summary {
        let all = Over::of(&replicas.iter().map(|r| &*r.all).collect::<Vec<_>>());
        let names: Vec<&String> =
            replicas.first().map(|r| r.groups.keys().collect()).unwrap_or_default();
        let group = |name: &String| {
            let whole = |r: &&Replica| r.groups.get(name).is_some_and(|p| Arc::ptr_eq(p, &r.all));
            if replicas.iter().all(whole) { all.clone() } else { Over::of(&of(replicas, name)) }
        };
        let groups: Vec<(&String, Over)> = names.into_iter().map(|n| (n, group(n))).collect();
        let layer = |i: usize| {
            let counts: Vec<f64> = replicas.iter().map(|r| r.layers[i].0 as f64).collect();
            let seconds: Vec<f64> = replicas.iter().map(|r| r.layers[i].1 as f64 / 1e9).collect();
            Some((mean_interval(&counts)?, mean_interval(&seconds)?))
        };
        let layers = [("tool", layer(0)), ("retry_with_backoff", layer(1))];
        let mut by_retry = Vec::new();
        for replica in replicas {
            super::tally::add_up(&mut by_retry, &replica.waits_by_retry);
        }
        let theory = waits::theory(&setting.policy, &by_retry, setting.longest_wait);
        let by_time = points(replicas, |c| &c.by_time);
        let latency = points(replicas, |c| &c.latency);
        Summary {
            metrics: all.figures,
            tools: groups.iter().map(|(n, over)| ((*n).clone(), over.figures.clone())).collect(),
            reasons: reasons(replicas),
            layers: layers.into_iter().filter_map(|(n, l)| Some((n, l?))).collect(),
            view: setting.view(),
            herd: all.herd,
            herds: groups.into_iter().map(|(name, over)| (name.clone(), over.herd)).collect(),
            by_attempt: shortened(points(replicas, |c| &c.by_attempt)),
            by_time: curves::times().iter().copied().zip(by_time).collect(),
            latency: curves::quantiles().iter().copied().zip(latency).collect(),
            waits: points(replicas, |c| &c.waits).into_iter().zip(theory).collect(),
            longest_wait: setting.longest_wait,
        }
    }
}

fn of<'a>(replicas: &[&'a Replica], group: &str) -> Vec<&'a Part> {
    replicas.iter().filter_map(|r| r.groups.get(group)).map(|part| &**part).collect()
}

/// A part of a column over its replicas.
#[derive(Clone)]
struct Over {
    figures: Figures,
    herd: Vec<Estimate>,
}

impl Over {
    fn of(parts: &[&Part]) -> Over {
        Over {
            figures: figures(parts),
            herd: mean_of(&parts.iter().map(|part| &part.herd).collect::<Vec<_>>()),
        }
    }
}

fn figures(parts: &[&Part]) -> Figures {
    let figure = |(name, _): (&'static str, &str)| {
        let values: Vec<f64> = parts.iter().filter_map(|part| *part.numbers.get(name)?).collect();
        let estimate = match name {
            "recovered_replicas" => {
                share_interval(values.iter().sum::<f64>() as u64, values.len() as u64)
            }
            _ => mean_interval(&values),
        };
        (name, estimate)
    };
    NAMES.into_iter().map(figure).collect()
}

fn reasons(replicas: &[&Replica]) -> BTreeMap<String, Estimate> {
    let all: std::collections::BTreeSet<Reason> =
        replicas.iter().flat_map(|r| r.reasons.keys().copied()).collect();
    let figure = |reason: Reason| {
        let count = |r: &&Replica| r.reasons.get(&reason).copied().unwrap_or(0) as f64;
        let counts: Vec<f64> = replicas.iter().map(count).collect();
        Some((reason.to_string(), mean_interval(&counts)?))
    };
    all.into_iter().filter_map(figure).collect()
}

/// The means of a curve, point by point, over the replicas that have it.
fn points(replicas: &[&Replica], curve: impl Fn(&Curves) -> &Vec<f64>) -> Vec<Estimate> {
    mean_of(&replicas.iter().map(|r| curve(&r.curves)).collect::<Vec<_>>())
}

fn mean_of(curves: &[&Vec<f64>]) -> Vec<Estimate> {
    let length = curves.iter().map(|c| c.len()).max().unwrap_or(0);
    let at = |i: usize| {
        mean_interval(&curves.iter().filter_map(|c| c.get(i).copied()).collect::<Vec<f64>>())
    };
    (0..length).filter_map(at).collect()
}

/// Without the flat end, a point of it excepted.
fn shortened(mut curve: Vec<Estimate>) -> Vec<Estimate> {
    while curve.len() > 2 && curve[curve.len() - 1].mean == curve[curve.len() - 2].mean {
        curve.pop();
    }
    curve
}
