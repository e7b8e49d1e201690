//! Sorting a handful of events. A branch on what two random times say is mispredicted every other time, and
//! that costs more than the rest of an insertion; so each event's place is counted instead: it is the number of
//! those that come later. All pairs are compared, without a branch and eight at a time.
//!
//! The lanes are spelt out (`wide`): from plain loops over the same arrays the compiler makes code that adds up
//! across lanes, twice as slow.

use wide::i16x8;

use super::Entry;

/// The most events that are sorted at once: at most a block of a bucket.
pub(super) const FEW: usize = 32;
/// Keys that are compared at once.
const LANES: usize = 8;
/// Bits of a key for the order of entry.
const PLACE: u32 = FEW.ilog2();
/// Bits of a key for the time.
const TIME: u32 = i16::BITS - PLACE;

/// Sorts up to [`FEW`] events that happen within two moments into an empty vector, the earliest at the end; those of
/// one instant in the order of entry, the first at the end.
pub(super) fn sort<E: Copy>(few: &[Entry<E>], within: (u64, u64), sorted: &mut Vec<Entry<E>>) {
    // Most often they are few enough for half of the lanes.
    match few.len() <= FEW / 2 {
        true => sort_in::<E, { FEW / LANES / 2 }>(few, within, sorted),
        false => sort_in::<E, { FEW / LANES }>(few, within, sorted),
    }
}

/// The same in so many times eight lanes.
#[inline(always)]
fn sort_in<E: Copy, const N: usize>(
    few: &[Entry<E>],
    within: (u64, u64),
    sorted: &mut Vec<Entry<E>>,
) {
    let later = count_later::<E, N>(few, within);
    let mut order = [[0; LANES]; N];
    let order = order.as_flattened_mut();
    // Lanes without an event come first, so that those with one have the last word.
    for (i, later) in later.as_flattened().iter().enumerate().rev() {
        order[*later as usize % (N * LANES)] = i;
    }
    let (mut before, mut mistaken) = (u64::MAX, false);
    sorted.extend(order[..few.len()].iter().map(|i| {
        let entry = few[*i];
        mistaken |= entry.at > before;
        before = entry.at;
        entry
    }));
    if mistaken {
        sort_closely(sorted);
    }
}

/// For each event the number of those that come later, as far as keys can tell.
#[inline(always)]
fn count_later<E: Copy, const N: usize>(
    few: &[Entry<E>],
    (from, to): (u64, u64),
) -> [[i16; LANES]; N] {
    debug_assert!(few.iter().all(|entry| (from..=to).contains(&entry.at)));
    let bits = u64::BITS - to.saturating_sub(from).leading_zeros();
    let coarse = bits.saturating_sub(TIME);
    let mut keys = [[i16::MIN; LANES]; N];
    for ((key, entry), i) in keys.as_flattened_mut().iter_mut().zip(few).zip(0u16..) {
        let unsigned = (((entry.at - from) >> coarse) << PLACE) as u16 | i;
        *key = (unsigned as i16) ^ i16::MIN; // the same order, with a sign
    }
    let lanes = keys.map(i16x8::new);
    let mut later = [i16x8::ZERO; N];
    for other in &keys.as_flattened()[..few.len()] {
        let other = i16x8::splat(*other);
        for (later, keys) in later.iter_mut().zip(lanes) {
            *later -= other.simd_gt(keys); // -1 where it is
        }
    }
    later.map(i16x8::to_array)
}

/// Puts right what lies so near together that the keys could not tell it apart.
#[cold]
fn sort_closely<E: Copy>(sorted: &mut [Entry<E>]) {
    sorted.sort_by_key(|entry| std::cmp::Reverse(entry.at)); // stable
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Times within bounds that keys can tell apart, or cannot, or both.
    fn times() -> impl Strategy<Value = (u64, u64, Vec<u64>)> {
        (any::<u32>(), 0u32..63).prop_flat_map(|(from, width)| {
            let (from, span) = (u64::from(from), 1u64 << width);
            let wide = (0..=span).boxed();
            let close = (span / 2..=span / 2 + span.min(3) / 2).boxed();
            let time = prop_oneof![wide, close].prop_map(move |t| from + t);
            (Just(from), Just(from + span), prop::collection::vec(time, 1..=FEW))
        })
    }

    proptest! {
        #[test]
        fn the_earliest_is_last_and_of_one_instant_the_first_to_enter((from, to, times) in times()) {
            let few: Vec<Entry<usize>> =
                times.iter().enumerate().map(|(event, at)| Entry { at: *at, event }).collect();
            let mut expected: Vec<(u64, usize)> = few.iter().map(|e| (e.at, e.event)).collect();
            expected.sort_unstable();
            expected.reverse();
            let mut sorted = Vec::new();
            sort(&few, (from, to), &mut sorted);
            let sorted: Vec<(u64, usize)> = sorted.iter().map(|e| (e.at, e.event)).collect();
            prop_assert_eq!(sorted, expected);
        }
    }
}
