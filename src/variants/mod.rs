//! Floor 2: bodies of the plugin behind its one contract, and the registry that names them.

pub mod deviation;
pub mod expected;
mod published;
pub mod reference;
pub mod registry;
pub mod seed;
pub mod upstream;

pub use deviation::Deviations;
pub use registry::{Variant, all, find};
