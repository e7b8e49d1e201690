//! Floor 3: the scales. Before anything is timed, it must conform.

pub mod conform;
pub mod vectors;
