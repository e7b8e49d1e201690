//! A fetch fails by exception, so its error path asks the plugin.

use retrylab::gateway::End;
use retrylab::gateway::LoopModel::{AsShipped, Fixed};

use super::scenario::Scenario;
use super::scenario::Step::{Hangs, Raises, RaisesStatus, Status, StructuredFlag, Succeeds};

#[test]
fn a_fetch_that_raises_is_retried_under_the_same_rules() {
    for model in [Fixed, AsShipped] {
        let seen = Scenario::new(model, 2, &[Raises]).resource().run();
        assert_eq!((seen.waits, seen.end), (vec![100, 200], End::Exception));
        let seen = Scenario::new(model, 5, &[Hangs]).resource().run();
        assert_eq!((seen.waits, seen.end), (vec![100, 200, 400], End::TimedOut));
        assert_eq!((seen.entries, seen.forgets), (0, 1), "the limit's end is told");
        let seen = Scenario::new(model, 2, &[RaisesStatus(404)]).resource().run();
        assert_eq!((seen.attempts(), seen.end), (1, End::Exception));
    }
}

#[test]
fn a_fetch_takes_the_fixed_loop_even_behind_upstreams() {
    let seen = Scenario::new(AsShipped, 2, &[Status(503), Raises]).resource().run();
    assert_eq!(seen.waits, [100, 200]);
}

#[test]
fn what_a_tool_would_flag_a_fetch_raises() {
    let seen = Scenario::new(Fixed, 2, &[Status(503), Succeeds]).resource().run();
    assert_eq!((seen.attempts(), seen.end, seen.entries), (2, End::Replied, 0));
    let seen = Scenario::new(Fixed, 2, &[Status(404)]).resource().run();
    assert_eq!((seen.attempts(), seen.end), (1, End::Exception));
}

#[test]
fn nothing_in_a_fetched_resource_makes_it_a_failure() {
    let seen = Scenario::new(Fixed, 2, &[Raises, StructuredFlag]).resource().run();
    assert_eq!((seen.attempts(), seen.end, seen.entries), (2, End::Replied, 0));
}
