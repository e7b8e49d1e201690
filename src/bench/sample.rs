//! Times, side by side. A machine is now faster, now slower, so figures taken one after the other compare
//! its moods. Here all variants take turns, in batches of some 50 µs: a round is an order drawn from the
//! seed and then the same backwards (ABBA), so that a drift favours nobody, and of a variant's two
//! batches the quicker counts, for what disturbs only ever adds. Where memory happens to lie matters too
//! and does not average out while an instance lives; so a block of rounds has instances of its own, and
//! what is independent of each other is blocks, not rounds.

use std::sync::Arc;

use super::allocator;
use super::clock::{Timer, timed};
use super::quantiles::{Quantiles, Times};
use super::workload::{Lane, Path, Setup, USUAL};
use crate::base::random::{Draws, Purpose, Stream, below};
use crate::plugin::Plugin;
use crate::variants::Variant;

/// How much is sampled.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Plan {
    /// From which the order is drawn.
    pub seed: u64,
    /// Stretches with fresh instances.
    pub blocks: u32,
    /// Rounds in each.
    pub rounds: u32,
    /// How long a batch takes, about, in ns.
    pub batch_ns: f64,
    /// The clock that it is measured with.
    pub timer: Timer,
}

/// One round of one variant: the two batches, in ns an operation.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Pair {
    /// The block it belongs to.
    pub block: u32,
    /// On the way there and on the way back.
    pub ns: [f64; 2],
}

impl Pair {
    /// The quicker.
    pub fn best(&self) -> f64 {
        self.ns[0].min(self.ns[1])
    }
}

/// What was seen of a variant on a path.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// The path.
    pub path: &'static str,
    /// The variant.
    pub variant: &'static str,
    /// How many operations a batch has.
    pub operations: u32,
    /// How many calls of the hook an operation is.
    pub calls: u32,
    /// Every round, in order of time: the raw samples.
    pub pairs: Vec<Pair>,
    /// Operations that were timed one by one, in stretches between the rounds.
    pub singly: Times,
    /// Blocks of memory asked for by an operation; `None` where nobody counts.
    pub allocations: Option<f64>,
}

impl Series {
    /// Quantiles of the means of all batches; `None` without any.
    pub fn quantiles(&self) -> Option<Quantiles> {
        self.pairs.iter().flat_map(|pair| pair.ns).collect::<Times>().quantiles()
    }
    /// The median of the rounds, the quicker batch of each.
    pub fn median(&self) -> Option<f64> {
        median(self.pairs.iter().map(Pair::best))
    }
}

/// The middle of values, or the mean of the two in the middle.
pub fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => None,
        n => Some((values[(n - 1) / 2] + values[n / 2]) / 2.0),
    }
}

/// An instance and a call that is timed on it.
pub(super) struct Scale {
    pub(super) plugin: Arc<dyn Plugin>,
    pub(super) lane: Lane,
    pub(super) operations: u32,
}

impl Scale {
    pub(super) fn new(path: &Path, variant: &Variant, setup: &Setup) -> Scale {
        let plugin = path.instance(variant, setup, Draws::new(1, 0));
        Scale { plugin, lane: Lane::new(path, setup, 0), operations: 1 }
    }
    pub(super) fn operate(&mut self) {
        let plugin = &*self.plugin;
        (0..self.operations).for_each(|_| self.lane.operate(plugin));
    }
    /// A batch, in ns an operation.
    pub(super) fn batch(&mut self, timer: Timer) -> f64 {
        let ns = timed(|| self.operate()) - timer.cost_ns;
        ns.max(0.0) / f64::from(self.operations)
    }
    /// Finds how many operations take about so long.
    pub(super) fn fit(&mut self, batch_ns: f64) {
        self.operations = 1;
        let mut took = timed(|| self.operate());
        while took < batch_ns / 4.0 && self.operations < 1 << 24 {
            self.operations *= 2;
            took = timed(|| self.operate());
        }
        let fitting = f64::from(self.operations) * batch_ns / took.max(1.0);
        self.operations = fitting.clamp(1.0, f64::from(1 << 24)) as u32;
    }
    /// As many operations as two batches have, a thousand at most, one by one.
    fn singly(&mut self, timer: Timer, times: &mut Times) {
        for _ in 0..(2 * self.operations).min(1_000) {
            let (plugin, lane) = (&*self.plugin, &mut self.lane);
            times.saw(timed(|| lane.operate(plugin)) - timer.cost_ns);
        }
    }
    /// Blocks of memory for an operation, over as many as a batch has.
    fn allocations(&mut self) -> Option<f64> {
        let before = allocator::counted()?.blocks;
        self.operate();
        // The question itself asks for one block.
        let asked = allocator::counted()?.blocks - before - 1;
        Some(asked as f64 / f64::from(self.operations))
    }
}

/// 0 .. n in an order drawn from a stream (Fisher and Yates), the `index`-th of them.
pub(super) fn order(n: usize, stream: Stream, index: u64) -> Vec<usize> {
    let stream = stream.sub(index);
    let mut order: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        let other = below(stream.at(last as u64), last as u64 + 1) as usize;
        order.swap(last, other);
    }
    order
}

/// 0 .. n in an order drawn from a seed, the `index`-th of them.
pub fn drawn(n: usize, seed: u64, index: u64) -> Vec<usize> {
    order(n, Draws::new(seed, 0).stream(Purpose::Layers, 4), index)
}

/// There and back, every scale once on each way.
pub(super) fn round(scales: &mut [Scale], order: &[usize], timer: Timer) -> Vec<[f64; 2]> {
    let mut found = vec![[0.0; 2]; scales.len()];
    for i in order {
        found[*i][0] = scales[*i].batch(timer);
    }
    for i in order.iter().rev() {
        found[*i][1] = scales[*i].batch(timer);
    }
    found
}

/// Samples every path with every variant. `go_on` is told what share is done, and may say no: what is
/// sampled by then is given.
pub fn sample(
    variants: &[&Variant],
    paths: &[&'static Path],
    plan: &Plan,
    go_on: &dyn Fn(f64) -> bool,
) -> Vec<Series> {
    let stream = Draws::new(plan.seed, 0).stream(Purpose::Layers, 0);
    let each = |path: &&'static Path| -> Vec<Series> {
        variants.iter().map(|variant| empty(path, variant)).collect()
    };
    let mut series: Vec<Vec<Series>> = paths.iter().map(each).collect();
    for block in 0..plan.blocks {
        for (i, at) in order(paths.len(), stream, u64::from(block)).into_iter().enumerate() {
            let done = f64::from(block) + i as f64 / paths.len() as f64;
            if !go_on(done / f64::from(plan.blocks)) {
                return series.into_iter().flatten().collect();
            }
            let luck = stream.sub(1 + at as u64).sub(u64::from(block));
            one_block(variants, paths[at], plan, block, luck, &mut series[at]);
        }
    }
    series.into_iter().flatten().collect()
}

fn empty(path: &Path, variant: &Variant) -> Series {
    let calls = path.signals.len() as u32;
    let (path, variant) = (path.name, variant.name);
    Series {
        path,
        variant,
        operations: 0,
        calls,
        pairs: Vec::new(),
        singly: Times::default(),
        allocations: None,
    }
}

fn one_block(
    variants: &[&Variant],
    path: &'static Path,
    plan: &Plan,
    block: u32,
    luck: Stream,
    series: &mut [Series],
) {
    // Made in an order that is drawn as well: who comes first gets other memory.
    let mut made: Vec<Option<Scale>> = variants.iter().map(|_| None).collect();
    for i in order(variants.len(), luck, 0) {
        made[i] = Some(Scale::new(path, variants[i], &USUAL));
    }
    let mut scales: Vec<Scale> = made.into_iter().flatten().collect();
    for (scale, series) in scales.iter_mut().zip(&mut *series) {
        if block == 0 {
            scale.fit(plan.batch_ns);
            scale.fit(plan.batch_ns);
            series.operations = scale.operations;
            series.allocations = scale.allocations();
        }
        scale.operations = series.operations;
        scale.batch(plan.timer);
        scale.singly(plan.timer, &mut series.singly);
    }
    for turn in 0..plan.rounds {
        let order = order(scales.len(), luck, 1 + u64::from(turn));
        let found = round(&mut scales, &order, plan.timer);
        for (series, ns) in series.iter_mut().zip(found) {
            series.pairs.push(Pair { block, ns });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::workload;
    use crate::variants;

    #[test]
    fn an_order_is_a_permutation_that_its_seed_decides() {
        let stream = Draws::new(7, 0).stream(Purpose::Layers, 0);
        let mut one = order(9, stream, 3);
        assert_eq!(one, order(9, stream, 3));
        assert!((0..20).any(|i| order(9, stream, i) != one));
        one.sort_unstable();
        assert_eq!(one, (0..9).collect::<Vec<_>>());
    }

    #[test]
    fn every_variant_has_a_pair_in_every_round() {
        let variants: Vec<&Variant> = variants::all().iter().collect();
        let paths = [workload::find("success").unwrap(), workload::find("exhausted").unwrap()];
        let timer = Timer { cost_ns: 0.0, step_ns: 1.0 };
        let plan = Plan { seed: 1, blocks: 2, rounds: 3, batch_ns: 1e3, timer };
        let found = sample(&variants, &paths, &plan, &|_| true);
        assert_eq!(found.len(), 2 * variants.len());
        for series in &found {
            assert_eq!(series.pairs.len(), 6, "{} {}", series.path, series.variant);
            assert!(series.quantiles().unwrap().p50 > 0.0);
            assert!(series.singly.quantiles().is_some());
        }
        assert!(sample(&variants, &paths, &plan, &|_| false).iter().all(|s| s.pairs.is_empty()));
    }

    #[test]
    fn medians_stand_in_the_middle() {
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median([]), None);
    }
}
