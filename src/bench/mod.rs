//! Floor 3: the scales. Before anything is timed, it must conform ([`admit`]). What is timed is data
//! ([`workload`]); raw samples ([`sample`]) become verdicts by a pure function ([`compare`]).

pub mod admit;
pub mod allocations;
pub mod allocator;
pub mod clock;
pub mod compare;
pub mod conform;
pub mod duel;
pub mod fit;
pub mod growth;
pub mod memory;
pub mod patience;
pub mod quantiles;
pub mod random;
pub mod sample;
mod shrink;
pub mod spread;
pub mod threads;
pub mod throughput;
pub mod trial;
pub mod vectors;
pub mod worker;
pub mod workload;
