//! "Should I enable it?", for those who have to say yes or no: no retries, the policy as it is configured and
//! the recommended one side by side, aspect by aspect, each with one plain word, and one answer.

use super::saved::{Column, Figure, Saved};
use super::words::{figure, metric};
use crate::scenario::condition;

/// The columns of such a result, in this order.
pub const COLUMNS: [&str; 3] = ["off", "as configured", "recommended"];
/// What the recommended policy has to keep.
pub const BOUNDS: [&str; 2] = ["amplification <= 1.5", "latency_ms_max <= 60s"];

/// An aspect: what it is called, its metric, whether more of it is better, and what it means.
const ASPECTS: [(&str, &str, bool); 6] = [
    ("Success", "success_rate", true),
    ("Added load (attempts for each call)", "amplification", false),
    ("Work done twice that does harm", "duplicates", false),
    ("Tail latency (p99, ms)", "latency_ms_p99", false),
    ("Worst case (ms)", "latency_ms_max", false),
    ("Herd (peak / calm)", "herd_peak_ratio", false),
];

/// What to answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Decision {
    /// The answer, in a sentence or two.
    pub answer: String,
    /// Headings first: aspect, the three columns, a word on either of the last two.
    pub rows: Vec<Vec<String>>,
}

/// The three columns of a result that has them.
pub(super) fn to_decide(saved: &Saved) -> Option<&[Column; 3]> {
    let columns: &[Column; 3] = saved.columns.as_slice().try_into().ok()?;
    columns.iter().map(|c| c.name.as_str()).eq(COLUMNS).then_some(columns)
}

/// The decision of a result that has the three columns.
pub fn decision(saved: &Saved) -> Option<Decision> {
    let [off, own, best] = to_decide(saved)?;
    let verdicts = ["configured, beside off", "recommended, beside off"];
    let head = ["", COLUMNS[0], COLUMNS[1], COLUMNS[2], verdicts[0], verdicts[1]];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let retries = |c: &Column| match c.policy.max_retries {
        0 => "none".to_owned(),
        n => {
            let p = &c.policy;
            let own = if c.overrides.is_empty() { "" } else { ", and overrides" };
            format!("{n} × {}..{} ms {}{own}", p.backoff_base_ms, p.max_backoff_ms, p.jitter)
        }
    };
    let policies = [off, own, best].map(retries);
    rows.push([&["Retries".to_owned()][..], &policies, &[const { String::new() }; 2]].concat());
    for (name, of, more) in ASPECTS {
        let figures = [off, own, best].map(|c| metric(c, of).copied());
        if figures.iter().all(Option::is_none) {
            continue;
        }
        let cell = |f: Option<Figure>| figure(of, f.as_ref());
        let words = [1, 2].map(|n: usize| word(figures[0], figures[n], more).to_owned());
        rows.push([&[name.to_owned()][..], &figures.map(cell), &words].concat());
    }
    Some(Decision { answer: answer(off, own, best), rows })
}

/// 1 for clearly more, -1 for clearly less, 0 for no clear difference.
fn clearly(then: Option<Figure>, now: Option<Figure>) -> i8 {
    let (Some(then), Some(now)) = (then, now) else { return 0 };
    let half = |f: Figure| f.interval().map_or(0.0, |(low, high)| (high - low) / 2.0);
    let by = now.mean - then.mean;
    match by.abs() > libm::hypot(half(then), half(now)) {
        true if by > 0.0 => 1,
        true => -1,
        false => 0,
    }
}

fn word(off: Option<Figure>, own: Option<Figure>, more_is_better: bool) -> &'static str {
    match (clearly(off, own), more_is_better) {
        (0, _) => "no clear difference",
        (1, true) | (-1, false) => "better",
        _ => "worse",
    }
}

/// The bounds that a column breaks.
fn broken(column: &Column) -> Vec<&'static str> {
    let keeps = |text: &&str| {
        condition(text).is_ok_and(|(name, test)| test.holds(metric(column, name).map(|f| f.mean)))
    };
    BOUNDS.into_iter().filter(|text| !keeps(text)).collect()
}

fn answer(off: &Column, own: &Column, best: &Column) -> String {
    let success = |c: &Column| metric(c, "success_rate").copied();
    let gain = |c: &Column| match (success(off), success(c)) {
        (Some(a), Some(b)) => format!("{:+.2} points of success", 100.0 * (b.mean - a.mean)),
        _ => "n/a".into(),
    };
    let load = |c: &Column| {
        metric(c, "amplification")
            .map_or("n/a".into(), |f| format!("{:+.1} % attempts", 100.0 * (f.mean - 1.0)))
    };
    let bounds = BOUNDS.join(" and ");
    if best.policy.max_retries == 0 || clearly(success(off), success(best)) < 1 {
        return format!(
            "Leave it off: in this scenario no policy that was searched and keeps {bounds} has clearly more \
             success than none."
        );
    }
    let (wrong, better) = (broken(own), clearly(success(own), success(best)));
    if wrong.is_empty() && better < 1 && clearly(success(off), success(own)) == 1 {
        return format!(
            "Enable it as it is configured: {}, {}. What was searched does not do clearly better.",
            gain(own),
            load(own)
        );
    }
    let why = match wrong.is_empty() {
        true => format!("as configured it brings {}", gain(own)),
        false => format!("as configured it breaks {}", wrong.join(" and ")),
    };
    format!(
        "Enable it with the recommended values: {}, {}; {why}, {}.",
        gain(best),
        load(best),
        load(own)
    )
}
