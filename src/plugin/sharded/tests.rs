use super::*;
use crate::plugin::{Jitter, ORPHAN_AFTER, Reply};

fn plugin(max_retries: u32) -> Sharded {
    let base = Policy { max_retries, jitter: Jitter::None, ..Policy::default() };
    sharded(PolicySet { base, ..PolicySet::default() }, Draws::new(1, 0))
}

fn failed(plugin: &Sharded, tool: &str, request: &str, now: Moment) -> Decision {
    plugin.tool_post_invoke(&CallKey { tool, request }, Seen::TimedOut, now).unwrap()
}

fn succeeded(plugin: &Sharded, tool: &str, request: &str, now: Moment) -> Decision {
    let reply = Reply::default();
    plugin.tool_post_invoke(&CallKey { tool, request }, Seen::Result(&reply), now).unwrap()
}

fn at(seconds: u64) -> Moment {
    Moment::START + Span::from_secs(seconds)
}

/// Which retry was granted, if any.
fn retry(decision: Decision) -> Option<u32> {
    match decision {
        Decision::Retry { retry, .. } => Some(retry),
        _ => None,
    }
}

#[test]
fn a_call_is_remembered_from_its_first_failure_to_its_end() {
    let plugin = plugin(2);
    assert_eq!(retry(failed(&plugin, "a", "r", at(0))), Some(1));
    assert_eq!(retry(failed(&plugin, "a", "r", at(1))), Some(2));
    assert_eq!(plugin.live_entries(), 1);
    let total_wait = Span::from_millis(600);
    let why = GaveUp::Exhausted(Reason::Timeout);
    assert_eq!(failed(&plugin, "a", "r", at(2)), Decision::GiveUp { why, retries: 2, total_wait });
    assert_eq!(plugin.live_entries(), 0);
    assert_eq!(retry(failed(&plugin, "a", "r", at(3))), Some(1), "a fresh budget");
    let done = Decision::Done { retries: 1, total_wait: Span::from_millis(200) };
    assert_eq!(succeeded(&plugin, "a", "r", at(4)), done);
    assert_eq!(plugin.live_entries(), 0);
}

#[test]
fn not_retryable_replies_and_forget_end_a_call() {
    let plugin = plugin(2);
    let call = CallKey { tool: "a", request: "r" };
    failed(&plugin, "a", "r", at(0));
    let seen = Seen::Exception(crate::plugin::Status::Integer(404));
    let decision = plugin.tool_post_invoke(&call, seen, at(0)).unwrap();
    let (why, total_wait) = (GaveUp::NotRetryable(404), Span::from_millis(200));
    assert_eq!(decision, Decision::GiveUp { why, retries: 1, total_wait });
    assert_eq!(plugin.live_entries(), 0);
    failed(&plugin, "a", "r", at(0));
    plugin.forget(&call, at(0));
    plugin.forget(&call, at(0));
    assert_eq!(plugin.live_entries(), 0);
}

#[test]
fn the_key_is_a_pair() {
    let plugin = plugin(2);
    assert_eq!(retry(failed(&plugin, "a:b", "c", at(0))), Some(1));
    assert_eq!(retry(failed(&plugin, "a", "b:c", at(0))), Some(1));
    assert_eq!(retry(failed(&plugin, "c", "a:b", at(0))), Some(1));
    assert_eq!(plugin.live_entries(), 3);
}

#[test]
fn an_orphan_goes_on_the_next_failure_of_its_own_tool_and_of_no_other() {
    let plugin = plugin(2);
    for request in 0..100 {
        failed(&plugin, "a", &request.to_string(), at(0));
    }
    let limit = Moment::START + ORPHAN_AFTER;
    failed(&plugin, "b", "r", limit + Span::from_secs(1000));
    failed(&plugin, "a", "at the limit", limit);
    assert_eq!(plugin.live_entries(), 102);
    failed(&plugin, "a", "after it", limit + Span::from_nanos(1));
    assert_eq!(plugin.live_entries(), 3);
}

#[test]
fn an_orphan_counts_as_absent_when_it_comes_back() {
    let plugin = plugin(2);
    let late = Moment::START + ORPHAN_AFTER + Span::from_nanos(1);
    for request in ["success", "failure"] {
        failed(&plugin, "a", request, at(0));
    }
    let done = Decision::Done { retries: 0, total_wait: Span::ZERO };
    assert_eq!(succeeded(&plugin, "a", "success", late), done);
    assert_eq!(retry(failed(&plugin, "a", "failure", late)), Some(1));
}

#[test]
fn a_failure_makes_a_call_young_again() {
    let plugin = plugin(5);
    for (time, request) in [(0, "old"), (1, "middle"), (2, "young"), (200, "middle"), (250, "old")]
    {
        failed(&plugin, "a", request, at(time));
    }
    failed(&plugin, "a", "new", at(303));
    assert_eq!(plugin.live_entries(), 3, "only the young one stood still");
    assert_eq!(retry(failed(&plugin, "a", "old", at(304))), Some(3));
    assert_eq!(retry(failed(&plugin, "a", "middle", at(304))), Some(3));
}

#[test]
fn overrides_are_merged_once_and_found_by_name() {
    let mut policies = PolicySet::default();
    let tools = if cfg!(miri) { 100 } else { 5_000 };
    for i in 0..tools {
        let policy = Policy { max_retries: i, ..Policy::default() };
        policies.overrides.insert(format!("tool-{i}"), policy);
    }
    let plugin = sharded(policies.clone(), Draws::new(1, 0));
    for tool in ["tool-0", "tool-7", &format!("tool-{}", tools - 1), "stranger"] {
        assert_eq!(plugin.policy(tool), policies.of(tool), "{tool}");
    }
    assert_eq!(retry(failed(&plugin, "tool-0", "r", at(0))), None);
}

#[test]
#[cfg_attr(miri, ignore = "too many steps for an interpreter")]
fn a_live_call_costs_at_most_96_bytes_and_gives_them_back() {
    for calls in [1_000, 10_000, 57_345, 100_000] {
        let plugin = plugin(2);
        let requests: Vec<String> = (0..calls).map(|i| format!("request-{i}")).collect();
        let tools: Vec<String> = (0..20).map(|i| format!("tool-{i}")).collect();
        let pairs = || requests.iter().enumerate().map(|(i, r)| (tools[i % 20].as_str(), r));
        let bytes = || {
            let in_shard = |nth| plugin.slot(nth).locked(|held| held.shard.bytes());
            (0..SHARDS).map(in_shard).sum::<usize>()
        };
        let of_filters = || plugin.cells.iter().map(Cells::bytes).sum::<usize>();
        for (tool, request) in pairs() {
            failed(&plugin, tool, request, at(0));
        }
        assert_eq!(plugin.live_entries(), calls);
        // What is not given back while a call is left: room for 8 calls in each shard.
        let spare = SHARDS * 8 * 96;
        let taken = bytes() + of_filters();
        assert!(taken <= calls * 96 + spare, "{} bytes each", taken / calls);
        for (left, (tool, request)) in (0..calls).rev().zip(pairs()) {
            succeeded(&plugin, tool, request, at(0));
            if left % (calls / 10) == 0 {
                assert!(bytes() <= left * 96 + spare, "{left} left in {} bytes", bytes());
            }
        }
        assert_eq!((plugin.live_entries(), bytes()), (0, 0));
        assert!(of_filters() * 10 <= taken, "{} of {taken} bytes are kept", of_filters());
    }
}

#[test]
fn threads_share_one_plugin_without_losing_a_call() {
    let plugin = plugin(3);
    let calls = if cfg!(miri) { 12 } else { 3_000 };
    let run = |thread: u64| {
        let tool = if thread < 2 { "shared" } else { "other" };
        for i in 0..calls {
            // One clock: threads drift apart by 30 s at most.
            let now = at(i / 100);
            let request = format!("{thread}-{i}");
            assert_eq!(retry(failed(&plugin, tool, &request, now)), Some(1));
            assert_eq!(retry(failed(&plugin, tool, &request, now)), Some(2));
            match i % 3 {
                0 => assert!(matches!(
                    succeeded(&plugin, tool, &request, now),
                    Decision::Done { retries: 2, .. }
                )),
                1 => plugin.forget(&CallKey { tool, request: &request }, now),
                _ => {
                    assert_eq!(retry(failed(&plugin, tool, &request, now)), Some(3));
                    assert_eq!(retry(failed(&plugin, tool, &request, now)), None);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || run(thread));
        }
    });
    assert_eq!(plugin.live_entries(), 0);
}

#[test]
fn clocks_of_tools_on_different_threads_do_not_touch_each_other() {
    let plugin = plugin(1_000_000);
    let failures = if cfg!(miri) { 12 } else { 2_000 };
    std::thread::scope(|scope| {
        for tool in 0..4u64 {
            let plugin = &plugin;
            scope.spawn(move || {
                let name = format!("tool-{tool}");
                for i in 0..failures {
                    let now = at(tool * 10_000_000 + i * 299);
                    assert_eq!(retry(failed(plugin, &name, "r", now)), Some(i as u32 + 1));
                }
            });
        }
    });
    assert_eq!(plugin.live_entries(), 4);
}
