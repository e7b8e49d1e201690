//! What an operation costs as things get larger: remembered calls, policies, names, texts. All sizes of a
//! variant take turns within a round, so that the factor from the smallest size to the largest is paired,
//! as a comparison of variants is. Where memory happens to lie makes an instance slower by a fifth now and
//! then, for as long as it lives; so of a size that is filled quickly there are two, and the quicker
//! counts. A variant that looks at everything on every call cannot even be filled to a million within a
//! day; filling is given up where it would take too long, and the curve says so.

mod question;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use super::clock::{Stopwatch, timed};
use super::fit::{Order, order, slope};
use super::patience::Patience;
use super::sample::{Plan, Scale, median, order as drawn, round};
use super::workload::{Lane, Other, Path, Setup, Signal, fill, find, reply};
use crate::base::random::{Draws, Purpose, below};
use crate::base::{Moment, Span};
use crate::plugin::{Plugin, Seen};
use crate::variants::Variant;

pub use question::{ALL, QUICK, Question, Size, place};

/// A size and what it costs.
#[derive(Clone, PartialEq, Debug)]
pub struct Point {
    /// The size.
    pub x: f64,
    /// ns an operation: the median of rounds.
    pub ns: f64,
    /// The cost over that of the smallest size: the median of paired ratios.
    pub factor: f64,
    /// Every round, the quicker batch of two.
    pub samples: Vec<f64>,
}

/// One variant's answer to a question.
#[derive(Clone, PartialEq, Debug)]
pub struct Curve {
    /// What grows.
    pub size: Size,
    /// The path.
    pub path: &'static str,
    /// The variant.
    pub variant: &'static str,
    /// From small to large.
    pub points: Vec<Point>,
    /// The fitted order, with three points or more.
    pub order: Option<Order>,
    /// The slope on log-log axes.
    pub slope: Option<f64>,
    /// Why it ends before the last size.
    pub stopped: Option<String>,
}

/// How a question is put.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// How much is sampled.
    pub plan: &'a Plan,
    /// How long it may take to fill an instance.
    pub filling: Duration,
    /// Which paths are asked about.
    pub paths: &'a dyn Fn(&str) -> bool,
    /// May say no: what was filled by then is timed no more.
    pub go_on: &'a dyn Fn() -> bool,
}

/// Answers a question for a variant: a curve for each path that is asked about.
pub fn grow(question: &Question, variant: &Variant, way: &Way<'_>) -> Vec<Curve> {
    let find = |(size, name): &(Size, &str)| {
        find(name).filter(|path| (way.paths)(path.name)).map(|path| (*size, path))
    };
    let asked: Vec<(Size, &Path)> = question.asked.iter().filter_map(find).collect();
    let (instances, stopped) = filled(&asked, question.values, variant, way);
    let sizes = instances.last().map_or(0, |last| last.size + 1);
    let one = |(n, (size, path)): (usize, &(Size, &'static Path))| {
        let scale = |instance: &Instance| {
            let lane = Lane::new(path, &size.setup(question.values[instance.size]), n);
            let plugin = Arc::clone(&instance.plugin);
            let mut scale = Scale { plugin, lane, operations: 1 };
            scale.fit(way.plan.batch_ns);
            scale.fit(way.plan.batch_ns);
            scale
        };
        let mut scales: Vec<Scale> = instances.iter().map(scale).collect();
        let live: Vec<usize> = instances.iter().map(|i| question.values[i.size]).collect();
        let rounds: Vec<Vec<f64>> = match size {
            Size::LiveEntriesAtRandom => at_random(&mut scales, &live, way),
            _ => in_turn(&mut scales, way),
        };
        let rounds: Vec<Vec<f64>> =
            rounds.iter().map(|round| quickest(&instances, round, sizes)).collect();
        let (points, stopped) = (points(question.values, &rounds, sizes), stopped.clone());
        let line: Vec<(f64, f64)> = points.iter().map(|p| (p.x, p.ns)).collect();
        let (order, slope) = (order(&line), slope(&line));
        Curve { size: *size, path: path.name, variant: variant.name, points, order, slope, stopped }
    };
    asked.iter().enumerate().map(one).collect()
}

fn points(values: &[usize], rounds: &[Vec<f64>], n: usize) -> Vec<Point> {
    let column = |i: usize| rounds.iter().map(move |round| round[i]);
    let point = |(i, x): (usize, &usize)| {
        let factor = median(column(i).zip(column(0)).map(|(a, b)| libm::log(a / b)))?;
        let (x, factor, samples) = (*x as f64, libm::exp(factor), column(i).collect());
        Some(Point { x, ns: median(column(i))?, factor, samples })
    };
    values.iter().take(n).enumerate().filter_map(point).collect()
}

/// A plugin that holds what a size says.
struct Instance {
    /// Which of the sizes.
    size: usize,
    plugin: Arc<dyn Plugin>,
}

/// A size that is filled in less gets a second instance.
const QUICKLY: Duration = Duration::from_secs(1);

/// A figure for each size from one for each instance, in the order of sizes.
fn quickest(instances: &[Instance], round: &[f64], sizes: usize) -> Vec<f64> {
    let of = |size| instances.iter().zip(round).filter(move |(i, _)| i.size == size);
    (0..sizes).map(|size| of(size).map(|(_, ns)| *ns).fold(f64::INFINITY, f64::min)).collect()
}

/// Instances of each size, up to one that would take too long to fill, and why it ends there.
fn filled(
    asked: &[(Size, &'static Path)],
    values: &[usize],
    variant: &Variant,
    way: &Way<'_>,
) -> (Vec<Instance>, Option<String>) {
    let mut instances = Vec::new();
    let Some((asked_first, path)) = asked.first() else { return (instances, None) };
    // The call that fails for ever is one of the remembered ones.
    let own = usize::from(asked.iter().any(|(_, path)| path.is_remembered()));
    let mut patience = Patience::of(way.filling);
    for (size, x) in values.iter().enumerate() {
        let setup = asked_first.setup(*x);
        if let Some(why) = patience.refuses(setup.live) {
            return (instances, Some(why));
        }
        let begin = Stopwatch::start();
        let one = |patience: &Patience| filled_with(path, &setup, own, variant, (patience, way));
        match one(&patience) {
            Ok(plugin) => instances.push(Instance { size, plugin }),
            Err(why) => return (instances, Some(why)),
        }
        let took = begin.elapsed();
        patience.saw(setup.live, took);
        if took < QUICKLY
            && let Ok(plugin) = one(&patience)
        {
            instances.push(Instance { size, plugin });
        }
    }
    (instances, None)
}

/// An instance, or why there is none.
fn filled_with(
    path: &Path,
    setup: &Setup,
    own: usize,
    variant: &Variant,
    (patience, way): (&Patience, &Way<'_>),
) -> Result<Arc<dyn Plugin>, String> {
    let plugin = (variant.make)(path.policies(setup), Draws::new(1, 0));
    let (begin, mut n, others) = (Stopwatch::start(), 0, setup.live - own.min(setup.live));
    while n < others {
        if !(way.go_on)() {
            return Err("interrupted".into());
        }
        if patience.is_over(begin) {
            let seconds = begin.elapsed().as_secs_f64();
            return Err(format!("filling {n} of {} entries took {seconds:.0} s", setup.live));
        }
        let next = others.min(n + 100);
        fill(&*plugin, n..next);
        n = next;
    }
    Ok(plugin)
}

fn in_turn(scales: &mut [Scale], way: &Way<'_>) -> Vec<Vec<f64>> {
    let stream = Draws::new(way.plan.seed, 0).stream(Purpose::Layers, 1);
    let one = |turn: u32| {
        let order = drawn(scales.len(), stream, u64::from(turn));
        let pairs = round(scales, &order, way.plan.timer);
        pairs.into_iter().map(|[a, b]| a.min(b)).collect()
    };
    (0..way.plan.rounds).take_while(|_| (way.go_on)()).map(one).collect()
}

/// A failure of a remembered call drawn at random, in batches.
fn at_random(scales: &mut [Scale], values: &[usize], way: &Way<'_>) -> Vec<Vec<f64>> {
    let stream = Draws::new(way.plan.seed, 0).stream(Purpose::Layers, 2);
    let reply = reply(Signal::Flag, None);
    let mut other = Other::new(0);
    let mut drawn = 0;
    let mut now = Moment::START + Span::from_secs(1);
    let mut one = |scale: &Scale, live: usize| {
        let ns = timed(|| {
            for _ in 0..scale.operations {
                drawn += 1;
                // The timed call of the other curves is the last of the remembered ones.
                other.become_nth(below(stream.at(drawn), live.max(2) as u64 - 1) as usize);
                now = now + Span::from_nanos(1_000);
                let seen = Seen::Result(black_box(&reply));
                let _ = black_box(scale.plugin.tool_post_invoke(&other.key(), seen, now));
            }
        });
        (ns - way.plan.timer.cost_ns).max(0.0) / f64::from(scale.operations.max(1))
    };
    // Once for the cache; and with a single entry, it is made here.
    scales.iter().zip(values).for_each(|(scale, live)| {
        one(scale, *live);
    });
    let rounds = (0..way.plan.rounds).take_while(|_| (way.go_on)());
    rounds.map(|_| scales.iter().zip(values).map(|(s, live)| one(s, *live)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::clock::Timer;
    use crate::plugin::PolicySet;
    use crate::variants;

    fn plan() -> Plan {
        let timer = Timer { cost_ns: 0.0, step_ns: 1.0 };
        Plan { seed: 1, blocks: 1, rounds: 3, batch_ns: 2e3, timer }
    }

    fn asked(question: &Question, variant: &Variant, filling: Duration) -> Vec<Curve> {
        let (plan, paths, go_on) = (plan(), |_: &str| true, || true);
        grow(question, variant, &Way { plan: &plan, filling, paths: &paths, go_on: &go_on })
    }

    #[test]
    fn every_question_is_answered_at_every_small_size() {
        for Question { values, asked: about } in ALL {
            let question = Question { values: &values[..3], asked: about };
            for variant in variants::all() {
                let curves = asked(&question, variant, Duration::from_secs(10));
                assert_eq!(curves.len(), about.len());
                for curve in curves {
                    assert_eq!(curve.points.len(), 3, "{curve:?}");
                    assert!(curve.points.iter().all(|p| p.ns > 0.0 && p.samples.len() == 3));
                    assert!(curve.stopped.is_none() && curve.order.is_some());
                }
            }
        }
    }

    #[test]
    fn a_variant_that_scans_is_not_filled_for_ever_and_says_so() {
        for scans in ["seed", "reference"] {
            let curves = asked(&ALL[0], variants::find(scans).unwrap(), Duration::from_millis(5));
            for curve in curves {
                assert!((3..7).contains(&curve.points.len()), "{curve:?}");
                assert!(curve.stopped.unwrap().contains("fill"));
            }
        }
    }

    #[test]
    fn of_two_instances_of_a_size_the_quicker_counts() {
        let sharded = variants::find("sharded").unwrap();
        let plugin = (sharded.make)(PolicySet::default(), Draws::new(1, 0));
        let sizes = [0, 0, 1, 2, 2];
        let instances = sizes.map(|size| Instance { size, plugin: Arc::clone(&plugin) });
        assert_eq!(quickest(&instances, &[2.0, 1.0, 7.0, 3.0, 4.0], 3), [1.0, 7.0, 3.0]);
    }

    #[test]
    fn who_is_told_to_stop_fills_nothing_more() {
        let sharded = variants::find("sharded").unwrap();
        let (plan, paths, go_on) = (plan(), |path: &str| path == "success", || false);
        let filling = Duration::from_secs(10);
        let way = Way { plan: &plan, filling, paths: &paths, go_on: &go_on };
        let curves = grow(&ALL[0], sharded, &way);
        assert_eq!(curves.len(), 1);
        assert!(curves[0].points.is_empty(), "{curves:?}");
    }
}
