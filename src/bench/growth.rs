//! What an operation costs as things get larger: remembered calls, policies, names, texts. All sizes of a
//! variant take turns within a round, so that the factor from the smallest size to the largest is paired,
//! as a comparison of variants is. A variant that looks at everything on every call cannot even be filled
//! to a million within a day; filling is given up where it would take too long, and the curve says so.

use std::time::Duration;

use super::clock::timed;
use super::fit::{Order, order, slope};
use super::sample::{Plan, Scale, median, order as drawn, round};
use super::workload::{Other, Path, Setup, USUAL, fill, find};
use crate::base::random::{Draws, Purpose, below};
use crate::base::{Moment, Span};
use crate::plugin::Seen;
use crate::variants::Variant;

/// What gets larger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// Remembered calls; one and the same call is timed.
    LiveEntries,
    /// Remembered calls; each operation takes another of them, drawn at random, so that what is
    /// remembered is seldom in the processor's cache.
    LiveEntriesAtRandom,
    /// Tools with policies of their own.
    Overrides,
    /// The names of tool and request together, in bytes.
    KeyBytes,
    /// A text, in bytes.
    TextBytes,
}

impl Size {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Size::LiveEntries => "live_entries",
            Size::LiveEntriesAtRandom => "live_entries_at_random",
            Size::Overrides => "overrides",
            Size::KeyBytes => "key_bytes",
            Size::TextBytes => "text_bytes",
        }
    }
    fn setup(self, x: usize) -> Setup {
        match self {
            Size::LiveEntries | Size::LiveEntriesAtRandom => Setup { live: x, ..USUAL },
            Size::Overrides => Setup { overrides: x, ..USUAL },
            Size::KeyBytes => Setup { key_bytes: x, ..USUAL },
            Size::TextBytes => Setup { text_bytes: Some(x), ..USUAL },
        }
    }
}

/// What is measured: a size, its values, and a path.
pub type Question = (Size, &'static str, &'static [usize]);

const LIVE: &[usize] = &[1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
const LIVE_QUICK: &[usize] = &[1, 10, 100, 1_000, 10_000, 100_000];
const OVERRIDES: &[usize] = &[0, 5, 50, 500, 5_000];

/// All questions.
pub const ALL: &[Question] = &[
    (Size::LiveEntries, "error_flag", LIVE),
    (Size::LiveEntries, "success", LIVE),
    (Size::LiveEntriesAtRandom, "error_flag", LIVE),
    (Size::Overrides, "error_flag", OVERRIDES),
    (Size::Overrides, "success", OVERRIDES),
    (Size::KeyBytes, "error_flag", &[32, 128, 512, 2_048]),
    (Size::TextBytes, "text_1k", &[60, 250, 1_000, 4_000, 16_000, 64_000]),
];

/// Fewer, for a first look.
pub const QUICK: &[Question] = &[
    (Size::LiveEntries, "error_flag", LIVE_QUICK),
    (Size::LiveEntries, "success", LIVE_QUICK),
    (Size::Overrides, "error_flag", OVERRIDES),
];

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

/// Answers a question for a variant; filling an instance may take so long.
pub fn grow(question: &Question, variant: &Variant, plan: &Plan, filling: Duration) -> Curve {
    let (size, name, values) = *question;
    let mut curve = Curve {
        size,
        path: name,
        variant: variant.name,
        points: Vec::new(),
        order: None,
        slope: None,
        stopped: None,
    };
    let Some(path) = find(name) else { return curve };
    let (mut scales, stopped) = filled(size, path, values, variant, plan, filling);
    curve.stopped = stopped;
    let rounds: Vec<Vec<f64>> = match size {
        Size::LiveEntriesAtRandom => at_random(&mut scales, values, plan),
        _ => in_turn(&mut scales, plan),
    };
    let column = |i: usize| rounds.iter().map(move |round| round[i]);
    for (i, x) in values.iter().take(scales.len()).enumerate() {
        let factor = median(column(i).zip(column(0)).map(|(a, b)| libm::log(a / b)));
        let (Some(ns), Some(factor)) = (median(column(i)), factor) else { continue };
        let (x, factor, samples) = (*x as f64, libm::exp(factor), column(i).collect());
        curve.points.push(Point { x, ns, factor, samples });
    }
    let points: Vec<(f64, f64)> = curve.points.iter().map(|p| (p.x, p.ns)).collect();
    (curve.order, curve.slope) = (order(&points), slope(&points));
    curve
}

/// An instance for each size, up to one that would take too long to fill.
fn filled(
    size: Size,
    path: &'static Path,
    values: &[usize],
    variant: &Variant,
    plan: &Plan,
    filling: Duration,
) -> (Vec<Scale>, Option<String>) {
    let mut scales: Vec<Scale> = Vec::new();
    let limit = filling.as_nanos() as f64;
    let mut last: Option<(usize, f64)> = None;
    for x in values {
        // Whoever slowed down from the size before to the last one will do so again.
        let expected =
            last.map_or(0.0, |(before, ns)| (*x as f64) * ns * (*x as f64 / before as f64));
        let grows = matches!(size, Size::LiveEntries | Size::LiveEntriesAtRandom);
        if grows && scales.len() > 3 && expected > limit && last_doubles(&scales, plan) {
            let (took, seconds) = (last.map_or(0.0, |l| l.1), expected / 2e9);
            let why = format!(
                "an operation takes {:.1} µs by now, and filling {x} entries would take about {seconds:.0} s",
                took / 1e3
            );
            return (scales, Some(why));
        }
        let mut scale = Scale::new(path, variant, &size.setup(*x));
        let remember = grows && path.is_remembered();
        if remember && size == Size::LiveEntriesAtRandom {
            // The timed calls are the remembered ones.
            fill(&*scale.plugin, x - 1..*x);
        }
        scale.fit(plan.batch_ns);
        scale.fit(plan.batch_ns);
        last = Some((*x, scale.batch(plan.timer)));
        scales.push(scale);
    }
    (scales, None)
}

/// Whether the largest instance takes over twice as long as the one ten times smaller.
fn last_doubles(scales: &[Scale], plan: &Plan) -> bool {
    let ns = |scale: &Scale| {
        let (plugin, lane) = (&*scale.plugin, &scale.lane);
        let once = || timed(|| lane.at_rest(plugin)) - plan.timer.cost_ns;
        median((0..9).map(|_| once())).unwrap_or(0.0)
    };
    match scales {
        [.., before, last] => ns(last) > 2.0 * ns(before),
        _ => false,
    }
}

fn in_turn(scales: &mut [Scale], plan: &Plan) -> Vec<Vec<f64>> {
    let stream = Draws::new(plan.seed, 0).stream(Purpose::Layers, 1);
    let one = |turn: u32| {
        let order = drawn(scales.len(), stream, u64::from(turn));
        let pairs = round(scales, &order, plan.timer);
        pairs.into_iter().map(|[a, b]| a.min(b)).collect()
    };
    (0..plan.rounds).map(one).collect()
}

/// A failure of a remembered call drawn at random, in batches.
fn at_random(scales: &mut [Scale], values: &[usize], plan: &Plan) -> Vec<Vec<f64>> {
    let stream = Draws::new(plan.seed, 0).stream(Purpose::Layers, 2);
    let reply = super::workload::reply(super::workload::Signal::Flag, None);
    let mut other = Other::new(0);
    let mut drawn = 0;
    let mut now = Moment::START + Span::from_secs(1);
    let mut rounds = Vec::new();
    for _ in 0..plan.rounds {
        let mut costs = Vec::new();
        for (scale, live) in scales.iter().zip(values) {
            let operations = scale.operations.max(1);
            let ns = timed(|| {
                for _ in 0..operations {
                    drawn += 1;
                    other.become_nth(below(stream.at(drawn), *live as u64) as usize);
                    now = now + Span::from_nanos(1_000);
                    let decision =
                        scale.plugin.tool_post_invoke(other.key(), Seen::Result(&reply), now);
                    let _ = std::hint::black_box(decision);
                }
            });
            costs.push((ns - plan.timer.cost_ns) / f64::from(operations));
        }
        rounds.push(costs);
    }
    rounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::clock::Timer;
    use crate::variants;

    fn plan() -> Plan {
        let timer = Timer { cost_ns: 0.0, step_ns: 1.0 };
        Plan { seed: 1, blocks: 1, rounds: 3, batch_ns: 2e3, timer }
    }

    #[test]
    fn every_question_is_answered_at_every_small_size() {
        for (size, path, values) in ALL {
            let question = (*size, *path, &values[..3]);
            for variant in variants::all() {
                let curve = grow(&question, variant, &plan(), Duration::from_secs(10));
                assert_eq!(curve.points.len(), 3, "{curve:?}");
                assert!(curve.points.iter().all(|p| p.ns > 0.0 && p.samples.len() == 3));
                assert!(curve.stopped.is_none() && curve.order.is_some());
            }
        }
    }

    #[test]
    fn a_variant_that_scans_is_not_filled_for_ever_and_says_so() {
        let seed = variants::find("seed").unwrap();
        let values = &[1, 10, 100, 1_000, 10_000, 100_000];
        let question = (Size::LiveEntries, "error_flag", &values[..]);
        let curve = grow(&question, seed, &plan(), Duration::from_millis(1));
        assert!(curve.points.len() < 6);
        assert!(curve.stopped.unwrap().contains("would take"));
    }
}
