//! Floor 4: observations become numbers with intervals.

pub mod curves;
mod end;
pub mod numbers;
mod peak;
mod reasons;
pub mod recovery;
pub mod series;
pub mod summary;
pub mod tally;
mod times;
pub mod waits;

pub use numbers::{NAMES, Numbers};
pub use summary::Summary;
pub use tally::{Frame, Tally};
