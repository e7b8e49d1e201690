//! The state under every schedule of two threads, and under every value that a relaxed load may see:
//! no call is lost, counted twice or left behind. `.ci/deep` runs this.
//!
//! Blocks of the directory begin with one slot here and a tool has two shards, so that two or three
//! calls meet what a million meet in a gateway.

use loom::sync::Arc;
use loom::thread;

use super::*;
use crate::plugin::{Jitter, ORPHAN_AFTER};

const TOOL: &str = "search";

fn plugin() -> Arc<Sharded> {
    let base = Policy { max_retries: 2, jitter: Jitter::None, ..Policy::default() };
    Arc::new(sharded(PolicySet { base, ..PolicySet::default() }, Draws::new(1, 0)))
}

/// Requests that fall into one shard of a tool.
fn requests(shard: usize) -> impl Iterator<Item = String> {
    let falls = move |request: &String| nth_shard(entity(request)) == shard;
    (0..).map(|i: u32| i.to_string()).filter(falls)
}

fn request(shard: usize, nth: usize) -> String {
    requests(shard).nth(nth).unwrap()
}

fn at(seconds: u64) -> Moment {
    Moment::START + Span::from_secs(seconds)
}

fn failed(plugin: &Sharded, request: &str, now: Moment) -> Decision {
    plugin.tool_post_invoke(&CallKey { tool: TOOL, request }, Seen::TimedOut, now).unwrap()
}

/// How many retries a call had had that succeeds now.
fn succeeded(plugin: &Sharded, request: &str, now: Moment) -> u32 {
    let reply = crate::plugin::Reply::default();
    let call = CallKey { tool: TOOL, request };
    match plugin.tool_post_invoke(&call, Seen::Result(&reply), now).unwrap() {
        Decision::Done { retries, .. } => retries,
        other => panic!("{other:?}"),
    }
}

fn retry(decision: Decision) -> u32 {
    match decision {
        Decision::Retry { retry, .. } => retry,
        other => panic!("{other:?}"),
    }
}

fn tool(plugin: &Sharded) -> &Tool {
    plugin.tools.find(entity(TOOL)).unwrap()
}

#[test]
fn two_failures_of_one_call_count_as_two() {
    loom::model(|| {
        let plugin = plugin();
        let other = plugin.clone();
        let thread = thread::spawn(move || retry(failed(&other, "r", at(1))));
        let mine = retry(failed(&plugin, "r", at(1)));
        let mut both = [mine, thread.join().unwrap()];
        both.sort_unstable();
        assert_eq!((both, plugin.live_entries()), ([1, 2], 1));
        let third = failed(&plugin, "r", at(1));
        assert!(matches!(third, Decision::GiveUp { retries: 2, .. }), "{third:?}");
        assert_eq!(plugin.live_entries(), 0);
    });
}

/// A success looks at the shard's filter without its lock: it must not miss its own call while others come
/// and go. Here a word tells one call apart, and of two only knows the number.
#[test]
fn a_success_finds_its_call_whatever_another_of_the_shard_does() {
    loom::model(|| {
        let plugin = plugin();
        let (one, two) = (request(0, 0), request(0, 1));
        failed(&plugin, &one, at(0));
        let other = plugin.clone();
        let thread = thread::spawn(move || succeeded(&other, &one, at(1)));
        assert_eq!(retry(failed(&plugin, &two, at(1))), 1);
        assert_eq!(succeeded(&plugin, &two, at(1)), 1);
        assert_eq!(thread.join().unwrap(), 1);
        assert_eq!(plugin.live_entries(), 0);
    });
}

/// The third call makes one cell four.
#[test]
fn a_success_finds_its_call_while_its_shard_gets_more_cells() {
    loom::model(|| {
        let plugin = plugin();
        let [one, two, three] = [0, 1, 2].map(|nth| request(0, nth));
        failed(&plugin, &one, at(0));
        failed(&plugin, &two, at(0));
        let other = plugin.clone();
        let thread = thread::spawn(move || succeeded(&other, &one, at(1)));
        assert_eq!(retry(failed(&plugin, &three, at(1))), 1);
        assert_eq!((succeeded(&plugin, &two, at(1)), thread.join().unwrap()), (1, 1));
        assert_eq!(plugin.live_entries(), 1);
    });
}

fn filter((head, cells): &(AtomicU64, [Cells; 1])) -> Filter<'_> {
    Filter { head, cells, nth: 0 }
}

/// Three calls that will lie in three of four cells; one is looked for while the third comes.
fn looked_for_while_moving(add: fn(Filter<'_>, [u64; 3])) {
    let calls = [1, 2, 3_u64].map(|place| place << 40 | place);
    let shared = Arc::new((AtomicU64::new(0), [Cells::default()]));
    filter(&shared).add(calls[0], calls[..1].iter().copied());
    filter(&shared).add(calls[1], calls[..2].iter().copied());
    let other = shared.clone();
    let thread = thread::spawn(move || filter(&other).may_hold(calls[1]));
    add(filter(&shared), calls);
    assert!(thread.join().unwrap(), "a call that is there was denied");
    assert!(calls.iter().all(|&call| filter(&shared).may_hold(call)));
    assert!(!filter(&shared).may_hold(4 << 40), "nobody is in the first cell");
}

#[test]
fn a_call_that_moves_to_another_cell_is_seen() {
    loom::model(|| {
        looked_for_while_moving(|filter, calls| filter.add(calls[2], calls.into_iter()))
    });
}

#[test]
#[should_panic(expected = "a call that is there was denied")]
fn canary_a_level_that_is_told_too_early_is_caught() {
    loom::model(|| looked_for_while_moving(|filter, calls| filter.tell_before_filling(calls)));
}

#[test]
#[should_panic(expected = "a call that is there was denied")]
fn canary_cells_that_are_cleared_too_early_are_caught() {
    loom::model(|| {
        looked_for_while_moving(|filter, calls| filter.clear_what_was_taken_over(calls))
    });
}

/// An old call stands in shard 0, new ones come to both shards while it is evicted. The clocks of the two
/// threads are 50 s apart, which no gateway's are: what may go wrong by moments goes wrong by 50 s.
fn evicted_while_failing(evict: fn(&Sharded, &Tool, Moment)) {
    let plugin = plugin();
    failed(&plugin, &request(0, 0), at(0));
    let other = plugin.clone();
    let thread = thread::spawn(move || retry(failed(&other, &request(1, 0), at(350))));
    evict(&plugin, tool(&plugin), at(400));
    assert_eq!(retry(failed(&plugin, &request(0, 1), at(400))), 1);
    assert_eq!(thread.join().unwrap(), 1);
    assert_eq!(plugin.live_entries(), 2, "the old call went, the new ones are there");
    assert!(tool(&plugin).oldest() <= at(350), "a call is older than its tool knows");
    let limit = at(350) + ORPHAN_AFTER + Span::from_nanos(1);
    assert_eq!(retry(failed(&plugin, &request(0, 2), limit)), 1);
    assert_eq!(plugin.live_entries(), 2, "the one of 350 s went as soon as it was an orphan");
}

#[test]
fn an_eviction_does_not_hide_a_new_failure() {
    loom::model(|| evicted_while_failing(Sharded::evict_orphans));
}

/// Each says that nothing is left, also after the other has found what is.
#[test]
fn two_evictions_at_once_leave_what_is_young() {
    loom::model(|| {
        let plugin = plugin();
        failed(&plugin, &request(0, 0), at(0));
        failed(&plugin, &request(1, 0), at(250));
        let other = plugin.clone();
        let thread = thread::spawn(move || other.evict_orphans(tool(&other), at(410)));
        plugin.evict_orphans(tool(&plugin), at(400));
        thread.join().unwrap();
        assert_eq!((plugin.live_entries(), tool(&plugin).oldest()), (1, at(250)));
    });
}

/// Asks first and says afterwards how far it came; skips shards that look empty without their lock.
fn evict_and_say_afterwards(plugin: &Sharded, tool: &Tool, now: Moment) {
    if now.since(tool.oldest()) <= ORPHAN_AFTER {
        return;
    }
    let shards = (0..SHARDS_OF_A_TOOL).map(|nth| plugin.slot(nth_shard_of(tool, nth)));
    let left = shards
        .filter(|slot| slot.filter.len() > 0)
        .filter_map(|slot| slot.locked(|held| held.evict(tool.id, now)))
        .min();
    tool.forget_before(left.unwrap_or(now).min(now));
}

#[test]
#[should_panic(expected = "a call is older than its tool knows")]
fn canary_an_eviction_that_says_afterwards_is_caught() {
    loom::model(|| evicted_while_failing(evict_and_say_afterwards));
}

/// As it is, but for shards that look empty without their lock.
fn evict_from_shards_that_do_not_look_empty(plugin: &Sharded, tool: &Tool, now: Moment) {
    tool.forget_before(now);
    let shards = (0..SHARDS_OF_A_TOOL).map(|nth| plugin.slot(nth_shard_of(tool, nth)));
    shards
        .filter(|slot| slot.filter.len() > 0)
        .filter_map(|slot| slot.locked(|held| held.evict(tool.id, now)))
        .for_each(|left| tool.remember(left));
}

#[test]
#[should_panic(expected = "a call is older than its tool knows")]
fn canary_an_eviction_that_skips_what_looks_empty_is_caught() {
    loom::model(|| evicted_while_failing(evict_from_shards_that_do_not_look_empty));
}

fn remembered_twice(remember: fn(&Tool, Moment)) {
    let plugin = plugin();
    plugin.tools.find_or_enter(entity(TOOL), BASE);
    let other = plugin.clone();
    let thread = thread::spawn(move || remember(tool(&other), at(3)));
    remember(tool(&plugin), at(5));
    thread.join().unwrap();
    assert_eq!(tool(&plugin).oldest(), at(3), "the older failure is known");
}

#[test]
fn of_two_first_failures_the_older_is_remembered() {
    loom::model(|| remembered_twice(Tool::remember));
}

#[test]
#[should_panic(expected = "the older failure is known")]
fn canary_a_store_in_place_of_a_minimum_is_caught() {
    loom::model(|| {
        remembered_twice(|tool, at| {
            if at < tool.oldest() {
                tool.forget_before(at);
            }
        });
    });
}

/// Blocks of one and two slots: the third tool needs the third block.
#[test]
fn threads_that_enter_tools_agree_on_them_while_blocks_grow() {
    loom::model(|| {
        let directory = Arc::new(Directory::with_room_for(0, Draws::new(1, 0)));
        let other = directory.clone();
        let enter = |directory: &Directory, hashes: [u64; 2]| {
            hashes.map(|hash| directory.find_or_enter(hash, hash as u32).id)
        };
        let thread = thread::spawn(move || enter(&other, [2, 4]));
        let [first, second] = enter(&directory, [6, 2]);
        let [there, third] = thread.join().unwrap();
        assert_eq!(second, there, "one tool has one number");
        assert!(first != second && second != third && first != third);
        for hash in [2, 4, 6] {
            assert_eq!(directory.find(hash).unwrap().policy, hash as u32);
        }
        assert!(directory.find(8).is_none());
    });
}

/// Two calls of a tool that nobody knows yet fail at one moment; each then ends where it began.
#[test]
fn the_first_two_failures_of_a_tool_are_both_kept() {
    loom::model(|| {
        let plugin = plugin();
        let other = plugin.clone();
        let thread = thread::spawn(move || {
            assert_eq!(retry(failed(&other, &request(1, 0), at(1))), 1);
            succeeded(&other, &request(1, 0), at(2))
        });
        assert_eq!(retry(failed(&plugin, &request(0, 0), at(1))), 1);
        assert_eq!((succeeded(&plugin, &request(0, 0), at(2)), thread.join().unwrap()), (1, 1));
        assert_eq!(plugin.live_entries(), 0);
    });
}
