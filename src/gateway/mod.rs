//! Floor 2: the gateway's retry loop.

pub mod config;
pub mod session;

pub use config::{Gateway, LoopModel};
