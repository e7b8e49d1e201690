//! Upstream's metrics: what they say and what they hide.

use retrylab::gateway::LoopModel::{AsShipped, Fixed};

use super::scenario::Scenario;
use super::scenario::Step::{Hangs, Raises, Status, Succeeds};

/// (start, end, success) of every row, in milliseconds.
fn rows(scenario: &Scenario) -> Vec<(u64, u64, bool)> {
    let ms = |moment: retrylab::base::Moment| moment.as_nanos() / 1_000_000;
    let rows = scenario.run().log.rows;
    rows.iter().map(|row| (ms(row.started), ms(row.ended), row.succeeded)).collect()
}

#[test]
fn the_fixed_loop_writes_one_row_for_each_attempt() {
    let scenario = Scenario::new(Fixed, 2, &[Status(503), Raises, Succeeds]);
    assert_eq!(rows(&scenario), [(0, 10, false), (110, 120, false), (320, 330, true)]);
}

#[test]
fn upstreams_outer_rows_include_waits_and_inner_attempts_and_stay_failed() {
    let scenario = Scenario::new(AsShipped, 2, &[Status(503), Raises, Succeeds]);
    assert_eq!(rows(&scenario), [(320, 330, true), (110, 330, false), (0, 330, false)]);
}

#[test]
fn a_frame_that_an_exception_leaves_ends_its_row_there() {
    let scenario = Scenario::new(AsShipped, 1, &[Status(503), Raises, Succeeds]);
    assert_eq!(rows(&scenario), [(110, 120, false), (220, 230, true), (0, 230, false)]);
}

#[test]
fn a_call_that_is_cancelled_leaves_failed_rows_of_what_was_under_way() {
    let script = [Status(503), Hangs];
    let during_attempt = |model| rows(&Scenario::new(model, 2, &script).leaves(200));
    assert_eq!(during_attempt(Fixed), [(0, 10, false), (110, 200, false)]);
    assert_eq!(during_attempt(AsShipped), [(110, 200, false), (0, 200, false)]);
    let during_wait = |model| rows(&Scenario::new(model, 2, &script).leaves(50));
    assert_eq!(during_wait(Fixed), [(0, 10, false)]);
    assert_eq!(during_wait(AsShipped), [(0, 50, false)]);
}
