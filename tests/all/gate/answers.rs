//! What follows from evidence beside a baseline.

use retrylab::study::gate::{
    Baseline, Evidence, Figure, Standing, THRESHOLDS, Tolerance, Value, Verdict, decide,
};

const PATH: &str = "simulated/a/attempts";

fn figure(value: f64, tolerance: Tolerance) -> Figure {
    Figure {
        value: Value::Number(value),
        tolerance,
        must: None,
        why: "it counts".into(),
        detail: None,
        definition: Some("scenario a".into()),
    }
}

fn evidence() -> Evidence {
    let mut evidence = Evidence::default();
    for name in [THRESHOLDS, "scenario a"] {
        evidence.definitions.insert(name.into(), "1".into());
    }
    evidence.figures.insert(PATH.into(), figure(100.0, Tolerance::Relative(0.02)));
    evidence
}

fn standing(baseline: Option<&Baseline>, evidence: &Evidence, path: &str) -> (Standing, Verdict) {
    let judgement = decide(baseline, evidence);
    let found = judgement.findings.iter().find(|f| f.path == path).unwrap();
    (found.standing, judgement.verdict)
}

#[test]
fn tolerances_hold_up_to_their_ends() {
    for (tolerance, now, holds) in [
        (Tolerance::Exact, 100.0, true),
        (Tolerance::Exact, 100.000_000_1, false),
        (Tolerance::Relative(0.02), 102.0, true),
        (Tolerance::Relative(0.02), 97.9, false),
        (Tolerance::Absolute(0.5), 99.5, true),
        (Tolerance::Absolute(0.5), 100.6, false),
    ] {
        let found = tolerance.holds(&Value::Number(100.0), &Value::Number(now));
        assert_eq!(found, holds, "{tolerance} {now}");
    }
    let far = Tolerance::Relative(1.0);
    assert!(!far.holds(&Value::Number(0.0), &Value::Nothing));
    assert!(!far.holds(&Value::Text("a".into()), &Value::Text("b".into())));
}

#[test]
fn a_difference_is_the_same_within_or_a_regression_better_or_worse() {
    let evidence = evidence();
    for (before, expected, verdict) in [
        (100.0, Standing::Same, Verdict::Pass),
        (101.0, Standing::Within, Verdict::Pass),
        (90.0, Standing::Regression, Verdict::Regression),
        (110.0, Standing::Regression, Verdict::Regression),
    ] {
        let mut baseline = evidence.baseline();
        baseline.figures.insert(PATH.into(), Value::Number(before));
        assert_eq!(standing(Some(&baseline), &evidence, PATH), (expected, verdict), "{before}");
    }
    let mut baseline = evidence.baseline();
    baseline.figures.insert(PATH.into(), Value::Nothing);
    let lost = standing(Some(&baseline), &evidence, PATH);
    assert_eq!(lost, (Standing::Regression, Verdict::Regression));
}

#[test]
fn what_cannot_be_compared_is_never_a_pass() {
    let now = evidence();
    let no = Verdict::NoBaseline;
    assert_eq!(standing(None, &now, PATH), (Standing::Uncompared, no));
    assert_eq!(standing(None, &now, "definition/scenario a"), (Standing::New, no));
    // A new figure, and one that is gone.
    let mut less = now.baseline();
    less.figures.remove(PATH);
    assert_eq!(standing(Some(&less), &now, PATH), (Standing::New, no));
    let mut more = now.baseline();
    more.figures.insert("simulated/b".into(), Value::Nothing);
    assert_eq!(standing(Some(&more), &now, "simulated/b"), (Standing::Gone, no));
    // Another definition: whatever the figures are, they are those of something else.
    let mut other = now.baseline();
    other.definitions.insert("scenario a".into(), "2".into());
    other.figures.insert(PATH.into(), Value::Number(1.0));
    assert_eq!(standing(Some(&other), &now, "definition/scenario a"), (Standing::Redefined, no));
    assert_eq!(standing(Some(&other), &now, PATH), (Standing::Uncompared, no));
    // Other thresholds: figures are compared, yet it is no pass.
    let mut loose = now.baseline();
    loose.definitions.insert(THRESHOLDS.into(), "2".into());
    assert_eq!(standing(Some(&loose), &now, PATH), (Standing::Same, no));
    loose.figures.insert(PATH.into(), Value::Number(1.0));
    let worse = standing(Some(&loose), &now, PATH);
    assert_eq!(worse, (Standing::Regression, Verdict::Regression));
}

#[test]
fn no_baseline_excuses_a_variant_that_does_not_conform() {
    let mut now = evidence();
    let zero = Some(Value::Number(0.0));
    let wrong = Figure { must: zero, ..figure(3.0, Tolerance::Exact) };
    now.figures.insert("conformance/x".into(), wrong);
    let baseline = now.baseline();
    let found = standing(Some(&baseline), &now, "conformance/x");
    assert_eq!(found, (Standing::Wrong, Verdict::Regression));
    assert_eq!(now.inexcusable(), ["conformance/x"]);
}
