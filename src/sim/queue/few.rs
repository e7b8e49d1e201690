//! Sorting a handful of events. A branch on what two random times say is mispredicted every other time, and
//! that costs more than the rest of an insertion; so each event's place is counted instead: it is the number of
//! those that come later. All pairs are compared, without a branch and four at a time.

use super::Entry;

/// The most events that are sorted at once: at most a block of a bucket.
pub(super) const FEW: usize = 16;
/// Bits of a key for the order of entry.
const PLACE: u32 = FEW.ilog2();
/// Bits of a key for the time.
const TIME: u32 = 31 - PLACE;

/// Sorts up to [`FEW`] events that happen within two moments into an empty vector, the earliest at the end; those of
/// one instant in the order of entry, the first at the end.
pub(super) fn sort<E: Copy>(few: &[Entry<E>], (from, to): (u64, u64), sorted: &mut Vec<Entry<E>>) {
    debug_assert!(few.iter().all(|entry| (from..=to).contains(&entry.at)));
    let bits = u64::BITS - to.saturating_sub(from).leading_zeros();
    let coarse = bits.saturating_sub(TIME);
    let mut keys = [-1; FEW];
    for ((key, entry), i) in keys.iter_mut().zip(few).zip(0..) {
        *key = (((entry.at - from) >> coarse) << PLACE) as i32 | i;
    }
    let mut later = [0; FEW];
    for other in &keys {
        for (later, key) in later.iter_mut().zip(&keys) {
            *later += i32::from(other > key);
        }
    }
    sorted.extend_from_slice(few);
    for (entry, later) in few.iter().zip(&later) {
        sorted[*later as usize] = *entry;
    }
    if coarse > 0 {
        // Times that the keys could not tell apart; the sort is stable.
        sorted.sort_by_key(|entry| std::cmp::Reverse(entry.at));
    }
}
