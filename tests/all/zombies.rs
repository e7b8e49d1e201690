//! Which work a tool does. What it does for an attempt whose gateway waits no more is the work of that attempt,
//! whatever the call does meanwhile.

use std::collections::BTreeMap;

use retrylab::base::Moment;
use retrylab::base::random::Draws;
use retrylab::scenario;
use retrylab::sim::{self, Course, Observation};
use retrylab::variants::find;

/// When work is done, in milliseconds, and whether it had been done for its call before.
fn executed(text: &str) -> Vec<(f64, bool)> {
    let none = |name: &str| Err(format!("there is no {name}"));
    let plan = scenario::load("zombies", text, &none, &BTreeMap::new()).unwrap();
    let column = &plan.columns[0];
    let draws = Draws::new(plan.seed, 0);
    let plugin = (find("sharded").unwrap().make)(column.policies.clone(), draws);
    let mut seen = Vec::new();
    let course = sim::run(&column.world, &column.world.tools[0], &*plugin, &draws, &mut seen);
    assert_eq!(course, Course::Whole);
    let executed = seen.into_iter().filter_map(|(now, what)| match what {
        Observation::Executed { again } => Some((now.since(Moment::START).as_millis_f64(), again)),
        _ => None,
    });
    executed.collect()
}

/// Two calls, one server, 100 ms of service, time-outs after 30 ms. The second call's first attempt is served at
/// 100 ms, when its third one, which will fail, has begun.
#[test]
fn a_zombie_in_the_queue_is_served_as_what_it_was() {
    let seen = executed(
        "question = '?'\nduration = '1s'\ngateway = { attempt_timeout = '30ms' }\n\
         policy = { max_retries = 2, backoff_base_ms = 10, jitter = 'none' }\n\
         tools = [{ name = 't', latency = '100ms', capacity = { servers = 1 },\n\
         faults = [{ script = { replies = ['success', 'error_flag'] } }] }]\n\
         load = [{ tool = 't', arrivals = { burst = { calls = 2 } } }]\n",
    );
    assert_eq!(seen, [(0.0, false), (100.0, false)]);
}

/// Two calls read at 10 ms and write at 30 ms, when both have timed out and begun again: one write is done,
/// the other conflicts. So it goes again at 56 ms.
#[test]
fn a_zombie_write_that_conflicts_does_nothing() {
    let seen = executed(
        "question = '?'\nduration = '1s'\ngateway = { attempt_timeout = '25ms' }\n\
         policy = { max_retries = 2, backoff_base_ms = 1, jitter = 'none' }\n\
         tools = [{ name = 'row', optimistic_lock = { hop = '10ms' } }]\n\
         load = [{ tool = 'row', arrivals = { burst = { calls = 2 } } }]\n",
    );
    assert_eq!(seen, [(30.0, false), (56.0, true)]);
}

/// One server, 100 ms of service, time-outs after 30 ms, no retry. The second call waits, has ended at 70 ms and is served at
/// 100 ms, when the third has its room in memory: that is nobody's work.
#[test]
fn a_zombie_of_a_call_that_has_ended_is_nobody_elses() {
    let seen = executed(
        "question = '?'\nduration = '100ms'\ngateway = { attempt_timeout = '30ms' }\n\
         policy = { max_retries = 0 }\n\
         tools = [{ name = 't', latency = '100ms', capacity = { servers = 1 } }]\n\
         load = [{ tool = 't', arrivals = { constant = { rate = '25/s' } } }]\n",
    );
    assert_eq!(seen, [(0.0, false)]);
}

/// Each call reads at the instant at which the one before it writes, and sees what is written.
#[test]
fn what_reads_at_the_instant_of_a_write_sees_it() {
    let seen = executed(
        "question = '?'\nduration = '60ms'\n\
         tools = [{ name = 'row', optimistic_lock = { hop = '10ms' } }]\n\
         load = [{ tool = 'row', arrivals = { constant = { rate = '50/s' } } }]\n",
    );
    assert_eq!(seen, [(30.0, false), (50.0, false), (70.0, false)]);
}
