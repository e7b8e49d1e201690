//! Floor 3: the scales. Before anything is timed, it must conform.

pub mod conform;
pub mod random;
mod shrink;
pub mod spread;
pub mod threads;
pub mod trial;
pub mod vectors;
