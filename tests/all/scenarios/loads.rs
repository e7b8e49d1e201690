//! Loads that begin and end, and what the metrics of recovery make of them.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

use retrylab::scenario;
use retrylab::study::{self, Study, Watch};

use super::{lines, load};

/// Runs a scenario of a minute with these loads of the tool `a`.
fn run(loads: &str) -> Study {
    let text = format!(
        "question = \"?\"\nduration = \"1m\"\n[[tools]]\nname = \"a\"\n{loads}\n[policy]\nmax_retries = 0\n"
    );
    let file = |_: &str| Ok("0\n1\n2.5\n9\n10\n".to_owned());
    let plan = scenario::load("test", &text, &file, &BTreeMap::new())
        .unwrap_or_else(|faults| panic!("{}", lines(&text, &faults)));
    let watch = Watch { stop: &AtomicBool::new(false), advanced: &|_| () };
    study::run(&plan, &watch)
}

fn metric(study: &Study, name: &str) -> Option<f64> {
    study.columns[0].metrics[name].as_ref().map(|figure| figure.mean)
}

/// How many calls a load makes, and when the last of them ends: at once, for the tool takes no time.
fn calls(arrivals: &str, window: &str) -> (Option<f64>, Option<f64>) {
    let study = run(&format!("[[load]]\ntool = \"a\"\narrivals = {{ {arrivals} }}\n{window}"));
    (metric(&study, "calls"), metric(&study, "last_reply_ms"))
}

#[test]
fn a_load_begins_and_ends_when_it_says_and_counts_from_its_beginning() {
    let window = "from = \"20s\"\nto = \"30s\"";
    let of = |arrivals: &str| calls(arrivals, window);
    assert_eq!(of("constant = { rate = \"10/s\" }"), (Some(100.0), Some(29_900.0)));
    assert_eq!(of("burst = { at = \"1s\", calls = 7 }"), (Some(7.0), Some(21_000.0)));
    assert_eq!(of("burst = { at = \"10s\", calls = 7 }"), (Some(0.0), None));
    // The trace: 0, 1, 2.5, 9 and 10 s; the last comes when the load has ended.
    assert_eq!(of("trace = { file = \"a.csv\" }"), (Some(4.0), Some(29_000.0)));
    assert_eq!(of("closed = { clients = 3, think = \"2s\" }"), (Some(15.0), Some(28_000.0)));
    assert_eq!(
        of("closed = { clients = 3, think = \"4s\", calls = 9 }"),
        (Some(9.0), Some(28_000.0))
    );
    // The second half of each two seconds is the busy one, from the beginning of the load on.
    let wave = "square = { low = \"0/s\", high = \"1000/s\", period = \"2s\" }";
    let (count, last) = calls(wave, "from = \"20s\"\nto = \"21s\"");
    assert_eq!((count, last), (Some(0.0), None));
    let (count, _) = calls(wave, "from = \"20s\"\nto = \"22s\"");
    assert!(count > Some(800.0) && count < Some(1200.0), "{count:?}");
}

#[test]
fn either_end_may_be_left_out_and_the_run_ends_every_load() {
    let steady = "constant = { rate = \"10/s\" }";
    assert_eq!(calls(steady, "from = \"50s\""), (Some(100.0), Some(59_900.0)));
    assert_eq!(calls(steady, "to = \"10s\""), (Some(100.0), Some(9_900.0)));
    assert_eq!(calls(steady, "from = \"50s\"\nto = \"1h\""), (Some(100.0), Some(59_900.0)));
}

#[test]
fn a_load_that_comes_and_goes_is_a_trouble_and_one_that_stays_is_none() {
    let two = |window: &str| {
        let load = |rate: u32| {
            format!(
                "[[load]]\ntool = \"a\"\narrivals = {{ constant = {{ rate = \"{rate}/s\" }} }}\n"
            )
        };
        run(&format!("{}{}{window}\n", load(100), load(300)))
    };
    let surge = two("from = \"20s\"\nto = \"30s\"");
    assert_eq!(metric(&surge, "recovered_replicas"), Some(1.0));
    assert_eq!(metric(&surge, "time_to_recover_ms"), Some(0.0));
    assert_eq!(metric(&surge, "herd_peak_ratio"), Some(4.0));
    for window in ["", "from = \"20s\"", "to = \"30s\""] {
        let stays = two(window);
        assert_eq!(metric(&stays, "recovered_replicas"), None, "{window}");
        assert_eq!(metric(&stays, "herd_peak_ratio"), None, "{window}");
    }
}

#[test]
fn faults_of_a_window_stand_where_it_is_written_and_a_late_one_is_told() {
    let text = |window: &str| {
        format!(
            "question = \"?\"\nduration = \"1m\"\ntools = [{{ name = \"a\" }}]\n[[load]]\ntool = \"a\"\n\
             arrivals = {{ constant = {{ rate = \"1/s\" }} }}\n{window}\n"
        )
    };
    let broken = |window: &str| lines(&text(window), &load(&text(window)).unwrap_err());
    insta::assert_snapshot!(broken("from = \"30s\"\nto = \"30s\""), @"line 7: load[0].from: found 30s: must be before `to`, here 30s");
    insta::assert_snapshot!(broken("from = 30\nto = \"0s\""), @r#"
    line 7: load[0].from: found 30: must be a duration: a number and ns, us, ms, s, m, h or d, like "200ms" or "1m 30s"
    line 8: load[0].to: found "0s": must be longer than 0
    "#);
    let late = load(&text("from = \"1m\"")).unwrap();
    insta::assert_snapshot!(super::warned(&late), @"tools[0]: found \"a\": a load begins after the duration, 1m (a longer duration, or an earlier load)");
}

#[test]
fn only_a_reply_can_be_a_success_that_looks_like_a_failure() {
    let text = |signal: &str| {
        format!(
            "question = \"?\"\nduration = \"1s\"\n[[tools]]\nname = \"a\"\n\
             faults = [{{ flaky = {{ probability = 1, signal = {signal} }} }}]\n\
             [[load]]\ntool = \"a\"\narrivals = {{ burst = {{ calls = 1 }} }}\n"
        )
    };
    assert!(load(&text("{ text_status = 503, success = true }")).is_ok());
    let raised = text("{ exception = 503, success = true }");
    insta::assert_snapshot!(lines(&raised, &load(&raised).unwrap_err()), @"line 5: tools[0].faults[0].flaky.signal.success: found true: cannot be true: only a reply can be a success");
}
