//! How calls end before the plugin says so: deadlines, clients that leave, refusals, limits. The
//! fixed loop then tells the plugin to forget; upstream's does not.

use retrylab::base::Span;
use retrylab::gateway::LoopModel::{AsShipped, Fixed};
use retrylab::gateway::{Action, End, Event, Outcome, Session, Stop};
use retrylab::plugin::Plugin;
use retrylab::plugin::Status::Absent;

use super::plain::{Flaw, Plain};
use super::scenario::Step::{
    Hangs, IsRefused, Raises, Status, StructuredFlag, Succeeds, Unreadable,
};
use super::scenario::{Scenario, ms_after_start};

const LEFT: End = End::Cancelled(Stop::ClientLeft);
const LATE: End = End::Cancelled(Stop::DeadlinePassed);

#[test]
fn the_fixed_loop_takes_the_exact_wait_and_upstream_whole_milliseconds() {
    let starts = |model| {
        let mut scenario = Scenario::new(model, 1, &[StructuredFlag, Succeeds]);
        scenario.base = Span::from_nanos(1_500_001);
        scenario.run().starts
    };
    assert_eq!(starts(Fixed)[1].as_nanos(), 11_500_001);
    assert_eq!(starts(AsShipped)[1].as_nanos(), 12_000_000);
}

#[test]
fn a_wait_that_cannot_end_before_the_deadline_is_not_begun() {
    let script = [Status(503), Succeeds];
    for (model, entries) in [(Fixed, 0), (AsShipped, 1)] {
        let seen = Scenario::new(model, 2, &script).deadline(110).run();
        assert_eq!((seen.attempts(), seen.end, seen.ended), (1, LATE, ms_after_start(10)));
        assert_eq!(seen.entries, entries);
        let seen = Scenario::new(model, 2, &script).deadline(111).run();
        assert_eq!((seen.attempts(), seen.end, seen.ended), (2, LATE, ms_after_start(111)));
    }
}

#[test]
fn a_deadline_ends_an_attempt() {
    for (model, entries) in [(Fixed, 0), (AsShipped, 1)] {
        let seen = Scenario::new(model, 2, &[Status(503), Hangs]).deadline(500).run();
        assert_eq!((seen.attempts(), seen.end, seen.ended), (2, LATE, ms_after_start(500)));
        assert_eq!(seen.entries, entries);
    }
}

#[test]
fn a_time_out_at_the_deadline_is_the_deadline() {
    let seen = Scenario::new(Fixed, 2, &[Hangs]).deadline(1000).run();
    assert_eq!((seen.end, seen.forgets), (LATE, 1));
    assert!(seen.log.decisions.is_empty(), "the plugin is not asked");

    let scenario = Scenario::new(Fixed, 2, &[Hangs]).deadline(1000);
    let plugin = Plain::new(2, scenario.base, Flaw::None);
    let env = scenario.env(&plugin);
    let (mut session, _) = Session::begin(env.gateway, ms_after_start(0));
    let timed_out = Event::Ended(Outcome::TimedOut);
    let action = session.on(&env, &mut (), ms_after_start(1000), timed_out);
    assert_eq!(action, Action::End(LATE), "also when a driver calls it a time-out");
}

#[test]
fn a_reply_at_the_deadline_is_a_reply() {
    let seen = Scenario::new(Fixed, 2, &[Succeeds]).deadline(10).run();
    assert_eq!((seen.end, seen.forgets), (End::Replied, 0));
}

#[test]
fn a_sleep_that_wakes_after_the_deadline_makes_no_further_attempt() {
    let scenario = Scenario::new(Fixed, 2, &[Raises]).deadline(200);
    let plugin = Plain::new(2, scenario.base, Flaw::None);
    let env = scenario.env(&plugin);
    let (mut session, _) = Session::begin(env.gateway, ms_after_start(0));
    let raised = Event::Ended(Outcome::Exception(Absent));
    let action = session.on(&env, &mut (), ms_after_start(10), raised);
    assert_eq!(action, Action::Sleep { until: ms_after_start(110) });
    let action = session.on(&env, &mut (), ms_after_start(200), Event::Woke);
    assert_eq!((action, plugin.live_entries()), (Action::End(LATE), 0));
}

#[test]
fn a_client_that_leaves_ends_a_wait_at_once() {
    for (model, forgets, entries) in [(Fixed, 1, 0), (AsShipped, 0, 1)] {
        let seen = Scenario::new(model, 2, &[Status(503)]).leaves(60).run();
        assert_eq!((seen.attempts(), seen.end, seen.ended), (1, LEFT, ms_after_start(60)));
        assert_eq!((seen.forgets, seen.entries), (forgets, entries));
    }
}

#[test]
fn a_client_that_leaves_ends_an_attempt_at_once() {
    for (model, forgets, entries) in [(Fixed, 1, 0), (AsShipped, 0, 1)] {
        let seen = Scenario::new(model, 2, &[Raises, Hangs]).leaves(300).run();
        assert_eq!((seen.attempts(), seen.end, seen.ended), (2, LEFT, ms_after_start(300)));
        assert_eq!((seen.forgets, seen.entries), (forgets, entries));
        assert_eq!(seen.log.decisions.len(), 1, "the plugin is not asked about it");
    }
}

#[test]
fn refusals_and_plugin_errors_are_never_retried() {
    for (last, end) in [(IsRefused, End::Refused), (Unreadable, End::PluginError)] {
        for (model, entries) in [(Fixed, 0), (AsShipped, 1)] {
            let seen = Scenario::new(model, 2, &[Status(503), last]).run();
            assert_eq!((seen.attempts(), seen.end, seen.entries), (2, end, entries));
        }
    }
}

#[test]
fn a_plugin_that_fails_on_an_exception_ends_the_call_in_every_frame() {
    for (model, entries) in [(Fixed, 0), (AsShipped, 1)] {
        let scenario = Scenario::new(model, 2, &[Status(503), Raises]);
        let seen = scenario.flawed(Flaw::FailsOnExceptions).run();
        assert_eq!((seen.attempts(), seen.end), (2, End::PluginError));
        assert_eq!((seen.log.decisions.len(), seen.log.rows.len(), seen.entries), (1, 2, entries));
    }
}

#[test]
fn the_fixed_loop_forgets_only_what_the_plugin_does_not_know() {
    for (limit, script, forgets) in
        [(3, vec![Status(503)], 0), (1, vec![Status(503)], 1), (3, vec![Raises, Succeeds], 0)]
    {
        let seen = Scenario::new(Fixed, 2, &script).limit(limit).run();
        assert_eq!((seen.forgets, seen.entries), (forgets, 0), "{script:?}");
    }
}

#[test]
fn a_lost_retry_ends_the_call() {
    for (model, entries) in [(Fixed, 0), (AsShipped, 1)] {
        for (first, end) in [(Status(503), End::Replied), (Raises, End::Exception)] {
            let scenario = Scenario::new(model, 2, &[first, Succeeds]);
            let seen = scenario.flawed(Flaw::LosesRetries).run();
            assert_eq!((seen.attempts(), seen.end, seen.entries), (1, end, entries));
        }
    }
}

#[test]
fn a_plugin_that_loses_count_is_held_to_its_own_limit() {
    for (max_retries, limit, attempts) in [(2, 3, 3), (5, 3, 4), (0, 3, 1), (5, 0, 1)] {
        let scenario = Scenario::new(Fixed, max_retries, &[Status(503)]).limit(limit);
        assert_eq!(scenario.flawed(Flaw::LosesCount).run().attempts(), attempts);
    }
}

#[test]
fn what_fits_nothing_under_way_is_answered_with_what_still_stands() {
    let scenario = Scenario::new(Fixed, 2, &[Raises]);
    let plugin = Plain::new(2, scenario.base, Flaw::None);
    let env = scenario.env(&plugin);
    let (mut session, first) = Session::begin(env.gateway, ms_after_start(0));
    assert_eq!(session.on(&env, &mut (), ms_after_start(5), Event::Woke), first);
    let raised = Event::Ended(Outcome::Exception(Absent));
    let sleep = session.on(&env, &mut (), ms_after_start(10), raised);
    assert_eq!(session.on(&env, &mut (), ms_after_start(20), raised), sleep);
    let left = Event::Cancelled(Stop::ClientLeft);
    let end = session.on(&env, &mut (), ms_after_start(30), left);
    assert_eq!(end, Action::End(LEFT));
    assert_eq!(session.on(&env, &mut (), ms_after_start(40), Event::Woke), end);
    assert_eq!(plugin.forgets(), 1);
}

#[test]
fn a_session_is_small() {
    assert_eq!(size_of::<Session>(), 32);
}
