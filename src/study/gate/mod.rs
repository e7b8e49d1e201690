//! Did a change make the plugin, the loop or the laboratory decide otherwise than before? What is
//! simulated repeats to the last bit, so this evidence has no noise: a figure that differs from the
//! committed one by more than the tolerance stated for it is a regression, on any machine.
//!
//! The evidence is a map from paths to values: [`gather()`] makes what is exact from conformance, the
//! gateway's loop, simulations and counted allocations. [`decide`] compares it with a baseline and knows nothing of files.
//!
//! The other half, [`timed`], is not exact and says so: it compares builds and variants that run side by
//! side, never a time with another machine's.
//!
//! What cannot be compared is never passed over. A baseline that is missing, a figure that it does not
//! have, a definition that has changed since: each is an answer of its own, and none of them is a pass.

pub mod gather;
pub mod histories;
pub mod loops;
pub mod rules;
pub mod timed;
mod value;

use std::collections::BTreeMap;

pub use gather::{Material, gather};
pub use rules::Rules;
pub use value::{Tolerance, Value};

/// The definition whose change leaves figures comparable, yet no pass: the thresholds themselves.
pub const THRESHOLDS: &str = "thresholds";

/// A value that was gathered, and what is asked of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// What was found.
    pub value: Value,
    /// How far it may be from the baseline's.
    pub tolerance: Tolerance,
    /// What it must be whatever the baseline says.
    pub must: Option<Value>,
    /// Why it is looked at.
    pub why: String,
    /// More about what was found: the first divergence of a variant.
    pub detail: Option<String>,
    /// The definition that it depends on; another one makes another figure.
    pub definition: Option<String>,
}

/// What was gathered.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Evidence {
    /// What the figures come from: a name and a hash, or a few words.
    pub definitions: BTreeMap<String, String>,
    /// By path: `simulated/basics/waits/jitter=full/attempts`.
    pub figures: BTreeMap<String, Figure>,
}

impl Evidence {
    /// The paths of what no baseline can excuse.
    pub fn inexcusable(&self) -> Vec<&str> {
        let wrong = |f: &Figure| f.must.as_ref().is_some_and(|must| *must != f.value);
        self.figures.iter().filter(|(_, f)| wrong(f)).map(|(path, _)| path.as_str()).collect()
    }
    /// What a later gate compares with.
    pub fn baseline(&self) -> Baseline {
        let value = |(path, figure): (&String, &Figure)| (path.clone(), figure.value.clone());
        Baseline {
            definitions: self.definitions.clone(),
            figures: self.figures.iter().map(value).collect(),
        }
    }
}

/// What was there before.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Baseline {
    /// As of [`Evidence`].
    pub definitions: BTreeMap<String, String>,
    /// Values by path.
    pub figures: BTreeMap<String, Value>,
}

/// How a piece of evidence stands to the baseline.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Standing {
    /// It is not what it must be, whatever the baseline says.
    Wrong,
    /// It differs by more than its tolerance.
    Regression,
    /// It takes more time than it may, and did so again when it was timed once more.
    Slower,
    /// Its definition is not the one that the baseline was made from.
    Redefined,
    /// The baseline does not have it.
    New,
    /// Only the baseline has it.
    Gone,
    /// It hangs on a definition that is new or not the same.
    Uncompared,
    /// Times are too noisy to tell.
    Undecided,
    /// It differs by no more than its tolerance.
    Within,
    /// It takes less time.
    Faster,
    /// It does not take more time than it may.
    FastEnough,
    /// It is the same.
    Same,
}

impl Standing {
    /// In a word or two.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Wrong => "wrong",
            Standing::Regression => "regression",
            Standing::Slower => "slower",
            Standing::Redefined => "redefined",
            Standing::New => "new",
            Standing::Gone => "gone",
            Standing::Uncompared => "not compared",
            Standing::Undecided => "undecided",
            Standing::Within => "within tolerance",
            Standing::Faster => "faster",
            Standing::FastEnough => "fast enough",
            Standing::Same => "same",
        }
    }
    /// What it makes of the whole.
    pub fn verdict(self) -> Verdict {
        match self {
            Standing::Wrong | Standing::Regression | Standing::Slower => Verdict::Regression,
            Standing::Within | Standing::Same => Verdict::Pass,
            Standing::Faster | Standing::FastEnough => Verdict::Pass,
            Standing::Undecided => Verdict::Undecided,
            _ => Verdict::NoBaseline,
        }
    }
}

/// One piece of evidence beside the baseline's.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// Which.
    pub path: String,
    /// How it stands.
    pub standing: Standing,
    /// The baseline's.
    pub before: Option<Value>,
    /// What was found now.
    pub now: Option<Value>,
    /// How far apart they may be.
    pub tolerance: Option<Tolerance>,
    /// The change as a ratio, where it is not that of the two values: times are compared in pairs.
    pub ratio: Option<f64>,
    /// Why it is looked at.
    pub why: String,
    /// More about what was found.
    pub detail: Option<String>,
}

impl Finding {
    /// Whether it is of the timed half.
    pub fn is_timed(&self) -> bool {
        self.path.starts_with("timed/") || self.path.starts_with("ratio/")
    }
}

/// The answer of the gate; of two, the later one counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Verdict {
    /// All is as before, within tolerances.
    Pass,
    /// It is too noisy to tell.
    Undecided,
    /// Something cannot be compared.
    NoBaseline,
    /// Something is not as before.
    Regression,
}

impl Verdict {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Undecided => "undecided",
            Verdict::NoBaseline => "no baseline",
            Verdict::Regression => "regression",
        }
    }
}

/// Evidence and baseline side by side.
#[derive(Clone, PartialEq, Debug)]
pub struct Judgement {
    /// Every piece, definitions first, in the order of paths.
    pub findings: Vec<Finding>,
    /// What follows.
    pub verdict: Verdict,
}

impl Judgement {
    /// What follows from findings: the gravest of them counts.
    pub fn of(findings: Vec<Finding>) -> Judgement {
        let verdict = findings.iter().map(|f| f.standing.verdict()).max().unwrap_or(Verdict::Pass);
        Judgement { findings, verdict }
    }
    /// Whether nothing differs, not even within its tolerance.
    pub fn is_the_same(&self) -> bool {
        self.findings.iter().all(|f| f.standing == Standing::Same)
    }
}

/// Compares evidence with a baseline, if there is one.
pub fn decide(baseline: Option<&Baseline>, evidence: &Evidence) -> Judgement {
    let nothing = Baseline::default();
    let baseline = baseline.unwrap_or(&nothing);
    let mut findings = definitions(baseline, evidence);
    let same = |name: &String| baseline.definitions.get(name) == evidence.definitions.get(name);
    for (path, figure) in &evidence.figures {
        let before = baseline.figures.get(path);
        let wrong = figure.must.as_ref().is_some_and(|must| *must != figure.value);
        let standing = match before {
            _ if wrong => Standing::Wrong,
            _ if !figure.definition.as_ref().is_none_or(same) => Standing::Uncompared,
            None => Standing::New,
            Some(before) if *before == figure.value => Standing::Same,
            Some(before) if figure.tolerance.holds(before, &figure.value) => Standing::Within,
            Some(_) => Standing::Regression,
        };
        findings.push(Finding {
            path: path.clone(),
            standing,
            before: before.cloned(),
            now: Some(figure.value.clone()),
            tolerance: Some(figure.tolerance),
            ratio: None,
            why: figure.why.clone(),
            detail: figure.detail.clone(),
        });
    }
    let gone = baseline.figures.iter().filter(|(path, _)| !evidence.figures.contains_key(*path));
    findings.extend(gone.map(|(path, before)| Finding {
        path: path.clone(),
        standing: Standing::Gone,
        before: Some(before.clone()),
        now: None,
        tolerance: None,
        ratio: None,
        why: "the baseline has it, and it is no longer gathered".into(),
        detail: None,
    }));
    Judgement::of(findings)
}

fn definitions(baseline: &Baseline, evidence: &Evidence) -> Vec<Finding> {
    let text = |value: Option<&String>| value.cloned().map(Value::Text);
    let mut names: Vec<&String> =
        baseline.definitions.keys().chain(evidence.definitions.keys()).collect();
    names.sort();
    names.dedup();
    let finding = |name: &String| {
        let (before, now) = (baseline.definitions.get(name), evidence.definitions.get(name));
        let standing = match (before, now) {
            (None, _) => Standing::New,
            (_, None) => Standing::Gone,
            (Some(before), Some(now)) if before == now => Standing::Same,
            _ => Standing::Redefined,
        };
        Finding {
            path: format!("definition/{name}"),
            standing,
            before: text(before),
            now: text(now),
            tolerance: None,
            ratio: None,
            why: "figures are compared under the definition that they were made from".into(),
            detail: None,
        }
    };
    names.into_iter().map(finding).collect()
}
