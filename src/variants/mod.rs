//! Floor 2: bodies of the plugin behind its one contract, and the registry that names them.

pub mod reference;
pub mod registry;

pub use registry::{Variant, all, find};
