//! Floor 0: what every room speaks: time, random streams, distributions, statistics, and faults
//! found in input.

pub mod digest;
pub mod dist;
pub mod fault;
pub mod ln;
pub mod normal;
pub mod random;
pub mod stats;
pub mod text;
pub mod time;
pub mod tree;

pub use fault::Fault;
pub use time::{Moment, Span};
