//! What a remembered call weighs, and whether its weight is given back. Bytes are counted where they are
//! asked for, by the allocator of this binary: exact, and the same on every machine with the same layout.

use super::allocator::counted;
use super::workload::{Other, Path, USUAL, find};
use crate::base::random::Draws;
use crate::base::{Moment, Span};
use crate::variants::Variant;

/// What a number of remembered calls weighs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Weight {
    /// How many calls.
    pub entries: usize,
    /// Bytes for each while they live.
    pub bytes_an_entry: f64,
    /// Bytes for each that are still held when all have ended.
    pub kept_an_entry: f64,
    /// Bytes of an instance that remembers nothing.
    pub empty_bytes: f64,
}

/// The numbers of calls that are weighed: just before and after tables double, the worst of either is
/// between.
pub const ENTRIES: &[usize] = &[1_000, 10_000, 30_000, 60_000, 100_000, 300_000, 1_000_000];
/// Weighs calls that have failed once, on one thread; `None` where nobody counts.
pub fn weigh(variant: &Variant, entries: usize) -> Option<Weight> {
    let path: &Path = find("error_flag")?;
    let before = counted()?.live;
    let plugin = (variant.make)(path.policies(&USUAL), Draws::new(1, 0));
    let empty = counted()?.live;
    super::workload::fill(&*plugin, 0..entries);
    let full = counted()?.live;
    let mut other = Other::new(0);
    for n in 0..entries {
        other.become_nth(n);
        plugin.forget(&other.key(), Moment::START + Span::from_millis(1));
    }
    // The one that names calls asked for a few bytes of its own.
    drop(other);
    let left = counted()?.live;
    let each = |bytes: i64| bytes as f64 / entries.max(1) as f64;
    Some(Weight {
        entries,
        bytes_an_entry: each(full - empty),
        kept_an_entry: each(left - empty),
        empty_bytes: (empty - before) as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::allocator::Counting;
    use crate::variants;

    #[global_allocator]
    static ALLOCATOR: Counting = Counting;

    #[test]
    fn a_box_is_one_block_and_its_bytes_come_back() {
        let before = counted().unwrap();
        let held = std::hint::black_box(vec![0_u8; 1_000]);
        let during = counted().unwrap();
        // Each question asks for a block itself and gives it back.
        assert_eq!((during.blocks - before.blocks, during.live - before.live), (2, 1_000));
        drop(held);
        assert_eq!(counted().unwrap().live, before.live);
    }

    #[test]
    fn what_a_variant_remembers_has_weight() {
        for variant in variants::all() {
            let weight = weigh(variant, 1_000).unwrap();
            assert!(weight.bytes_an_entry > 16.0, "{} {weight:?}", variant.name);
            assert!(weight.kept_an_entry <= weight.bytes_an_entry, "{} {weight:?}", variant.name);
        }
    }
}
