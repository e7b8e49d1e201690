//! How many blocks of memory an operation asks for: a figure of cost that has no noise, the same on any
//! machine, so that a change of it is seen when its time is lost in noise.

use super::allocator::counted;
use super::workload::{Lane, Path, USUAL};
use crate::base::random::Draws;
use crate::variants::Variant;

/// Operations before counting: what grows has grown by then.
const BEFORE: u32 = 1_000;
/// Operations that are counted.
const OPERATIONS: u32 = 1_000;

/// Blocks asked for by an operation; `None` in a binary where nobody counts.
pub fn allocations(variant: &Variant, path: &Path) -> Option<f64> {
    counted()?;
    let plugin = path.instance(variant, &USUAL, Draws::new(1, 0));
    let mut lane = Lane::new(path, &USUAL, 0);
    (0..BEFORE).for_each(|_| lane.operate(&*plugin));
    let before = counted()?.blocks;
    (0..OPERATIONS).for_each(|_| lane.operate(&*plugin));
    // The question itself asks for one block.
    let asked = counted()?.blocks - before - 1;
    Some(asked as f64 / f64::from(OPERATIONS))
}
