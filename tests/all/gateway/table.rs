//! Upstream's loop attempt by attempt, and the fixed loop on the same replies. Base 100 ms, no jitter.

use retrylab::gateway::LoopModel::{AsShipped, Fixed};

use super::scenario::Step::{self, Hangs, Raises, Status};
use super::scenario::{Observed, Scenario};

const BUSY: Step = Status(503);

/// max_retries, limit, replies (the last for ever), then attempts, waits and entries left as shipped,
/// and the fixed loop's waits.
type Case = (u32, u32, &'static [Step], usize, Option<&'static [u64]>, usize, &'static [u64]);

const CASES: &[Case] = &[
    (2, 3, &[BUSY], 3, Some(&[100, 200]), 0, &[100, 200]),
    (2, 3, &[Raises], 3, Some(&[100, 200]), 0, &[100, 200]),
    (2, 3, &[Hangs], 3, Some(&[100, 200]), 0, &[100, 200]),
    (2, 3, &[BUSY, Raises], 5, Some(&[100, 200, 100, 200]), 0, &[100, 200]),
    (2, 3, &[BUSY, BUSY, Raises], 7, Some(&[100, 200, 100, 200, 100, 200]), 0, &[100, 200]),
    (2, 3, &[BUSY, BUSY, BUSY, Raises], 3, Some(&[100, 200]), 0, &[100, 200]),
    (3, 3, &[BUSY, Raises], 7, None, 0, &[100, 200, 400]),
    (3, 3, &[BUSY, BUSY, Raises], 6, None, 0, &[100, 200, 400]),
    (3, 3, &[BUSY, BUSY, BUSY, Raises], 9, None, 0, &[100, 200, 400]),
    (5, 3, &[BUSY], 4, Some(&[100, 200, 400]), 1, &[100, 200, 400]),
    (5, 3, &[BUSY, Hangs], 6, Some(&[100, 200, 400, 800, 1600]), 0, &[100, 200, 400]),
    (5, 3, &[BUSY, Raises], 5, Some(&[100, 200, 400, 1600]), 0, &[100, 200, 400]),
    (2, 0, &[BUSY], 1, Some(&[]), 1, &[]),
    (2, 3, &[Status(404)], 1, Some(&[]), 0, &[]),
];

#[test]
fn upstream_attempts_as_often_as_upstream_was_seen_to() {
    for (max_retries, limit, script, attempts, waits, entries, _) in CASES {
        let seen = Scenario::new(AsShipped, *max_retries, script).limit(*limit).run();
        let case = format!("M={max_retries} C={limit} {script:?}");
        assert_eq!(seen.attempts(), *attempts, "{case}");
        assert_eq!(seen.entries, *entries, "{case}");
        assert_eq!(seen.forgets, 0, "{case}");
        if let Some(waits) = waits {
            assert_eq!(seen.waits, *waits, "{case}");
        }
    }
}

#[test]
fn the_fixed_loop_keeps_its_promise_on_the_same_replies_and_leaves_nothing_behind() {
    for (max_retries, limit, script, _, _, _, waits) in CASES {
        let seen = Scenario::new(Fixed, *max_retries, script).limit(*limit).run();
        let case = format!("M={max_retries} C={limit} {script:?}");
        assert_eq!(seen.waits, *waits, "{case}");
        assert_eq!(seen.attempts(), waits.len() + 1, "{case}");
        assert_eq!(seen.entries, 0, "{case}");
    }
}

#[test]
fn both_loops_agree_where_nothing_escapes_a_retried_result() {
    for script in [&[BUSY, BUSY, Step::Succeeds][..], &[Raises, Hangs, Step::Succeeds]] {
        let told = |seen: Observed| (seen.starts, seen.log.decisions, seen.end, seen.entries);
        let [fixed, shipped] =
            [Fixed, AsShipped].map(|model| told(Scenario::new(model, 2, script).run()));
        assert_eq!(fixed, shipped);
        assert_eq!(fixed.0.len(), 3);
    }
}

#[test]
fn an_exception_that_is_not_retryable_escapes_every_frame() {
    let script = [BUSY, BUSY, Step::RaisesStatus(404)];
    let seen = Scenario::new(AsShipped, 2, &script).run();
    assert_eq!((seen.attempts(), seen.entries), (3, 0));
    assert_eq!(seen.log.decisions.len(), 5, "its own frame and both outer ones ask");
}

#[test]
fn a_time_out_is_asked_about_once_however_many_frames_it_escapes() {
    let seen = Scenario::new(AsShipped, 2, &[BUSY, BUSY, Hangs]).run();
    assert_eq!((seen.attempts(), seen.log.decisions.len()), (3, 3));
}
