//! What an earlier run has drawn changes nothing, whichever run it was.

use std::collections::BTreeMap;

use retrylab::base::Moment;
use retrylab::base::random::Draws;
use retrylab::scenario;
use retrylab::sim::{self, Course, Hops, Observation};
use retrylab::variants::find;

/// Two rows with hops of their own, the first with two loads, under four kinds of jitter.
const ROWS: &str = "question = '?'\nduration = '1s'\nseed = 3\ngateway = { max_tool_retries = 1000 }\n\
    policy = { max_retries = 1000, backoff_base_ms = 10 }\n\
    vary = { 'policy.jitter' = ['none', 'full', 'equal', 'decorrelated'] }\n\
    tools = [{ name = 'near', optimistic_lock = { hop = { normal = { mean = '10ms', sd = '2ms' } } } },\n\
             { name = 'far', optimistic_lock = { hop = { exponential = { mean = '3s' } } } }]\n\
    load = [{ tool = 'near', arrivals = { burst = { calls = 20 } } },\n\
            { tool = 'near', arrivals = { burst = { calls = 10 } } },\n\
            { tool = 'far', arrivals = { burst = { calls = 10 } } }]\n";

#[test]
fn hops_that_are_kept_are_those_that_would_be_drawn() {
    let none = |name: &str| Err(format!("there is no {name}"));
    let plan = scenario::load("rows", ROWS, &none, &BTreeMap::new()).unwrap();
    let seen = |column: usize, replica, tool: usize, hops: &mut Hops| {
        let column = &plan.columns[column];
        let draws = Draws::new(plan.seed, replica);
        let plugin = (find("sharded").unwrap().make)(column.policies.clone(), draws);
        let (world, mut seen) = (&column.world, Vec::<(Moment, Observation)>::new());
        let tool = &world.tools[tool];
        let course = sim::run_with(hops, world, tool, &*plugin, &draws, &mut seen);
        assert_eq!(course, Course::Whole);
        seen
    };
    let mut kept = Hops::default();
    let mut attempts = 0;
    for replica in 0..3 {
        for tool in [0, 1, 0] {
            for column in (0..4).chain([0]) {
                let again = seen(column, replica, tool, &mut kept);
                assert!(
                    again == seen(column, replica, tool, &mut Hops::default()),
                    "{column} {tool}"
                );
                attempts += again.len();
            }
        }
    }
    assert!(attempts > 10_000, "{attempts}");
}
