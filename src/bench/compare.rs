//! From samples to verdicts, as a pure function. What is compared is paired: both variants were timed in
//! the same round, so their ratio is free of the machine's mood. A block's figure is the median of its
//! log ratios; the blocks are independent of each other, so they are what is resampled for the interval
//! (percentile bootstrap of their median, Efron 1979; the seed is given). Whoever asks forty questions
//! gets two wrong answers at 5 %; so p values are corrected over all comparisons (Holm 1979).

use super::sample::{Series, median};
use crate::base::random::{Draws, Purpose, Stream, below};

/// When a difference counts.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Rule {
    /// A difference below this share is none that matters.
    pub margin: f64,
    /// The chance of one wrong verdict or more among all.
    pub level: f64,
    /// How often blocks are resampled.
    pub resamples: u32,
    /// With fewer blocks nothing is decided.
    pub least_blocks: usize,
}

/// What `measure` goes by.
pub const RULE: Rule = Rule { margin: 0.02, level: 0.05, resamples: 10_000, least_blocks: 6 };

/// What a comparison comes to.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// The whole interval is within the margin.
    Same,
    /// Takes less time.
    Faster,
    /// Takes more time.
    Slower,
    /// Cannot be told, and why.
    Undecided(String),
}

impl Verdict {
    /// Its word.
    pub fn word(&self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Faster => "faster",
            Verdict::Slower => "slower",
            Verdict::Undecided(_) => "undecided",
        }
    }
}

/// One comparison: time of the one over time of the other.
#[derive(Clone, PartialEq, Debug)]
pub struct Comparison {
    /// The ratio.
    pub ratio: f64,
    /// Its 95 % interval.
    pub interval: (f64, f64),
    /// The p value after Holm's correction.
    pub p: f64,
    /// What follows.
    pub verdict: Verdict,
}

/// The log ratios of a comparison, block by block.
pub type Blocks = Vec<Vec<f64>>;

/// Log ratios of two series that were sampled side by side.
pub fn paired(one: &Series, base: &Series) -> Blocks {
    let mut blocks = Blocks::new();
    let mut last = None;
    for (a, b) in one.pairs.iter().zip(&base.pairs) {
        if last != Some(a.block) {
            blocks.push(Vec::new());
            last = Some(a.block);
        }
        if let (Some(block), true) = (blocks.last_mut(), a.best() > 0.0 && b.best() > 0.0) {
            block.push(libm::log(a.best() / b.best()));
        }
    }
    blocks
}

/// Judges all comparisons of a run together; `None` where there is no sample.
pub fn compare(all: &[Blocks], rule: &Rule, seed: u64) -> Vec<Option<Comparison>> {
    let draws = Draws::new(seed, 0);
    let raw: Vec<Option<Raw>> = (0..)
        .zip(all)
        .map(|(i, blocks)| resampled(blocks, rule, draws.stream(Purpose::Bootstrap, i)))
        .collect();
    let asked: Vec<f64> = raw.iter().flatten().map(|r| r.p).collect();
    let mut corrected = holm(&asked).into_iter();
    raw.into_iter()
        .map(|raw| {
            let (raw, p) = (raw?, corrected.next()?);
            let verdict = verdict(&raw, p, asked.len(), rule);
            let interval = (libm::exp(raw.low), libm::exp(raw.high));
            Some(Comparison { ratio: libm::exp(raw.middle), interval, p, verdict })
        })
        .collect()
}

struct Raw {
    middle: f64,
    low: f64,
    high: f64,
    p: f64,
    blocks: usize,
}

fn resampled(blocks: &Blocks, rule: &Rule, stream: Stream) -> Option<Raw> {
    let Medians { middle, resampled, blocks } = medians(blocks, rule.resamples, stream)?;
    let at = |q: f64| resampled[((resampled.len() - 1) as f64 * q) as usize];
    let beyond = resampled.iter().filter(|x| **x <= 0.0).count();
    let below = resampled.iter().filter(|x| **x >= 0.0).count();
    let p = 2.0 * (1 + beyond.min(below)) as f64 / (1 + resampled.len()) as f64;
    Some(Raw { middle, low: at(0.025), high: at(0.975), p: p.min(1.0), blocks })
}

/// The median over blocks, and how it comes out when blocks are drawn again.
#[derive(Clone, PartialEq, Debug)]
pub struct Medians {
    /// The median of the blocks' medians.
    pub middle: f64,
    /// The same of resampled blocks, in rising order; never empty.
    pub resampled: Vec<f64>,
    /// How many blocks there are.
    pub blocks: usize,
}

/// Resamples blocks; `None` where there is no sample.
pub fn medians(blocks: &Blocks, resamples: u32, stream: Stream) -> Option<Medians> {
    let figures: Vec<f64> =
        blocks.iter().filter_map(|block| median(block.iter().copied())).collect();
    let middle = median(figures.iter().copied())?;
    let n = figures.len() as u64;
    let once = |i: u32| {
        let stream = stream.sub(u64::from(i));
        median((0..n).map(|k| figures[below(stream.at(k), n) as usize])).unwrap_or(middle)
    };
    let mut resampled: Vec<f64> = (0..resamples.max(1)).map(once).collect();
    resampled.sort_by(f64::total_cmp);
    Some(Medians { middle, resampled, blocks: figures.len() })
}

/// Holm's step-down correction, in the order given.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut rising: Vec<usize> = (0..p.len()).collect();
    rising.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let mut corrected = vec![0.0; p.len()];
    let mut largest = 0.0_f64;
    for (rank, i) in rising.into_iter().enumerate() {
        largest = largest.max((p[i] * (p.len() - rank) as f64).min(1.0));
        corrected[i] = largest;
    }
    corrected
}

fn verdict(raw: &Raw, p: f64, questions: usize, rule: &Rule) -> Verdict {
    let margin = libm::log1p(rule.margin);
    let percent = |x: f64| 100.0 * libm::expm1(x.abs());
    if raw.blocks < rule.least_blocks {
        let (found, least) = (raw.blocks, rule.least_blocks);
        return Verdict::Undecided(format!("{found} blocks, at least {least} are needed"));
    }
    if raw.low >= -margin && raw.high <= margin {
        return Verdict::Same;
    }
    match (p <= rule.level, raw.middle.abs() >= margin) {
        (true, true) if raw.middle < 0.0 => Verdict::Faster,
        (true, true) => Verdict::Slower,
        (true, false) => Verdict::Undecided(format!(
            "differs by {:.1} %, less than the {:.0} % that count, but may by more",
            percent(raw.middle),
            100.0 * rule.margin
        )),
        (false, _) if raw.p <= rule.level => Verdict::Undecided(format!(
            "would pass alone, but is one of {questions} comparisons (p {p:.2} after Holm)"
        )),
        (false, _) => Verdict::Undecided(format!(
            "too noisy: from {:+.1} % to {:+.1} %",
            100.0 * libm::expm1(raw.low),
            100.0 * libm::expm1(raw.high)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Log ratios with a shift, and noise of a size within blocks and between them.
    fn synthetic(shift: f64, within: f64, between: f64, blocks: u64, seed: u64) -> Blocks {
        let stream = Draws::new(seed, 0).stream(Purpose::Layers, 0);
        let noise = |s: Stream| (0..12).map(|i| s.unit(i)).sum::<f64>() - 6.0;
        let block = |b: u64| {
            let own = libm::log(shift) + between * noise(stream.sub(b).sub(0));
            (1..=15).map(|r| own + within * noise(stream.sub(b).sub(r))).collect()
        };
        (0..blocks).map(block).collect()
    }

    fn one(blocks: Blocks) -> Comparison {
        compare(&[blocks], &RULE, 1).remove(0).unwrap()
    }

    #[test]
    fn the_same_code_is_the_same_and_never_called_otherwise() {
        let mut same = 0;
        for seed in 0..100 {
            let found = one(synthetic(1.0, 0.02, 0.004, 24, seed));
            assert!(!matches!(found.verdict, Verdict::Faster | Verdict::Slower), "{found:?}");
            same += usize::from(found.verdict == Verdict::Same);
        }
        assert!(same >= 95, "{same}");
    }

    #[test]
    fn a_tenth_more_is_slower_and_a_tenth_less_faster() {
        for seed in 0..20 {
            let slower = one(synthetic(1.1, 0.05, 0.02, 24, seed));
            assert_eq!(slower.verdict, Verdict::Slower, "{slower:?}");
            assert!((1.07..1.13).contains(&slower.ratio), "{slower:?}");
            let faster = one(synthetic(0.9, 0.05, 0.02, 24, seed));
            assert_eq!(faster.verdict, Verdict::Faster, "{faster:?}");
        }
    }

    #[test]
    fn noise_and_too_few_blocks_are_undecided_and_say_why() {
        let why = |blocks| match one(blocks).verdict {
            Verdict::Undecided(why) => why,
            other => panic!("{other:?}"),
        };
        assert!(why(synthetic(1.0, 0.1, 0.3, 24, 3)).contains("too noisy"));
        assert!(why(synthetic(1.5, 0.01, 0.01, 3, 3)).contains("3 blocks"));
        assert_eq!(compare(&[Vec::new()], &RULE, 1), [None]);
    }

    #[test]
    fn the_interval_holds_the_truth_nearly_as_often_as_it_says() {
        let holds = |seed: u64| {
            let (low, high) = one(synthetic(1.05, 0.03, 0.03, 24, 1_000 + seed)).interval;
            low <= 1.05 && 1.05 <= high
        };
        let held = (0..200).filter(|seed| holds(*seed)).count();
        assert!((180..=199).contains(&held), "{held} of 200");
    }

    #[test]
    fn holm_is_as_in_the_textbook() {
        let close = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12);
        assert!(close(&holm(&[0.01, 0.04, 0.03, 0.005]), &[0.03, 0.06, 0.06, 0.02]));
        assert!(holm(&[]).is_empty());
    }

    #[test]
    fn pairs_are_of_one_round_and_the_quicker_batch_counts() {
        use crate::bench::sample::Pair;
        let series = |ns: [[f64; 2]; 3]| Series {
            path: "p",
            variant: "v",
            operations: 1,
            calls: 1,
            pairs: [0, 0, 1].into_iter().zip(ns).map(|(block, ns)| Pair { block, ns }).collect(),
            singly: Default::default(),
            allocations: None,
        };
        let one = series([[20.0, 30.0], [80.0, 10.0], [40.0, 40.0]]);
        let base = series([[10.0, 99.0], [10.0, 11.0], [20.0, 10.0]]);
        let found = paired(&one, &base);
        assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert!((found[0][0] - libm::log(2.0)).abs() < 1e-12 && found[0][1] == 0.0);
        assert!((found[1][0] - libm::log(4.0)).abs() < 1e-12);
    }
}
