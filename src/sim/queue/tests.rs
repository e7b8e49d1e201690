use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::base::Span;
use crate::base::random::{Draws, Purpose, Stream};

/// The slow and obvious one.
#[derive(Default)]
struct Oracle {
    heap: BinaryHeap<Reverse<(u64, usize)>>,
    pushed: usize,
}

/// What a simulation does to its queue: after each event some more are pushed, some time later.
fn agree(start: &[u64], delay: impl Fn(usize) -> Option<u64>, pops: usize) {
    let (mut queue, mut oracle) = (Queue::new(), Oracle::default());
    let push = |queue: &mut Queue<usize>, oracle: &mut Oracle, at: u64| {
        queue.push(Moment::from_nanos(at), oracle.pushed);
        oracle.heap.push(Reverse((at, oracle.pushed)));
        oracle.pushed += 1;
    };
    start.iter().for_each(|at| push(&mut queue, &mut oracle, *at));
    let mut asked = 0;
    for _ in 0..pops {
        let expected = oracle.heap.pop().map(|Reverse((at, i))| (Moment::from_nanos(at), i));
        // A look ahead changes nothing, whether or not more is pushed before the next pop.
        if asked % 3 == 0 {
            assert_eq!(queue.peek(), expected.map(|(at, _)| at));
        }
        let at = expected.map_or(0, |(at, _)| at.as_nanos());
        if let Some(before) = at.checked_sub(1).map(Moment::from_nanos) {
            assert_eq!(queue.pop_until(before, |_| {}), None, "before its time");
        }
        match asked % 7 {
            0 => assert_eq!(queue.pop_until(Moment::from_nanos(at), |_| {}), expected),
            _ => assert_eq!(queue.pop(), expected),
        }
        if asked % 5 == 0 {
            let next = oracle.heap.peek().map(|Reverse((at, _))| Moment::from_nanos(*at));
            assert_eq!(queue.peek(), next);
        }
        assert_eq!(queue.len(), oracle.heap.len());
        let Some((now, _)) = expected else { break };
        for _ in 0..2 {
            if let Some(delay) = delay(asked) {
                let at = now.as_nanos().saturating_add(delay).min(u64::MAX - 1);
                push(&mut queue, &mut oracle, at);
            }
            asked += 1;
        }
    }
}

/// Delays over the whole range of magnitudes, zero and clusters of equal ones among them.
fn delays() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![
        3 => Just(None),
        1 => Just(Some(0)),
        1 => Just(Some(1)),
        2 => (0u64..5).prop_map(|n| Some(n * 1_000_000)),
        2 => (0u32..63, any::<u64>()).prop_map(|(shift, bits)| Some(bits >> (shift + 1))),
        2 => (0u64..1_000).prop_map(Some),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn events_leave_by_time_and_then_by_order_of_entry(
        start in prop::collection::vec(prop_oneof![0u64..20, any::<u64>().prop_map(|n| n >> 1)], 0..400),
        then in prop::collection::vec(delays(), 1..300),
    ) {
        agree(&start, |i| then[i % then.len()], 2_000);
    }
}

/// As many events as at the start, each replaced by one some time later.
fn hold(pending: usize, delay: impl Fn(Stream, u64) -> u64) {
    let stream = Draws::new(7, 0).stream(Purpose::Arrivals, 0);
    let start: Vec<u64> = (0..pending as u64).map(|i| delay(stream, 1 << 40 | i)).collect();
    agree(&start, |i| (i % 2 == 0).then(|| delay(stream, i as u64)), 4 * pending);
}

#[test]
fn many_events_at_whatever_times_keep_the_order() {
    let exponential = |s: Stream, i| (-libm::log(s.unit(i)) * 1e9) as u64;
    hold(20_000, exponential);
    // Seconds and years side by side.
    hold(5_000, |s, i| exponential(s, i) * if s.at(i) % 100 == 0 { 100_000_000 } else { 1 });
    // Few different delays: herds that come back together.
    hold(20_000, |s, i| s.at(i) % 3 * 1_000_000_000);
    // Everything now.
    hold(20_000, |_, _| 0);
    // A herd at one instant, followed by one a nanosecond later, and so on.
    hold(20_000, |s, i| s.at(i) % 2);
}

/// Whoever reads ahead what events need is not to wait for one of them, nor to read it again and again.
#[test]
fn of_a_long_queue_an_event_is_announced_before_it_leaves_and_seldom_twice() {
    let stream = Draws::new(7, 0).stream(Purpose::Arrivals, 0);
    let delay = |i| Span::from_nanos((-libm::log(stream.unit(i)) * 1e9) as u64);
    let mut queue = Queue::new();
    (0..20_000).for_each(|i| queue.push(Moment::START + delay(i), i));
    let (mut announced, mut times, mut known) = (HashSet::new(), 0, 0);
    let left = 50_000;
    for i in 20_000..20_000 + left {
        let Some((now, event)) = queue.pop_until(Moment::NEVER, |event| {
            announced.insert(*event);
            times += 1;
        }) else {
            panic!("as many come as leave")
        };
        known += u64::from(announced.contains(&event));
        queue.push(now + delay(i), i);
    }
    assert!(known > left * 95 / 100, "{known} of {left}");
    assert!(times < left * 105 / 100, "{times} announcements of {left}");
}

#[test]
fn what_never_happens_is_not_kept() {
    let mut queue = Queue::new();
    queue.push(Moment::NEVER, ());
    assert!(queue.is_empty() && queue.pop().is_none());
    queue.push(Moment::from_nanos(u64::MAX - 1), ());
    assert_eq!(queue.pop(), Some((Moment::from_nanos(u64::MAX - 1), ())));
}
