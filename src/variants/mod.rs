//! Floor 2: bodies of the plugin behind its one contract, and the registry that names them.

pub mod concurrent;
pub mod deviation;
pub mod expected;
mod hashed;
mod published;
pub mod reference;
pub mod registry;
pub mod seed;
pub mod slots;
pub mod upstream;

pub use deviation::Deviations;
pub use registry::{Variant, all, find};
