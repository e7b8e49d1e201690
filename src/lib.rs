//! retrylab: a deterministic laboratory for retries.
//!
//! A discrete-event simulator drives the full *retry with exponential backoff* plugin of an MCP
//! gateway, and the gateway's own loop, against synthetic flaky tools in virtual time. The rooms
//! below stand on floors: a room imports rooms on lower floors only (`tests/all/floors.rs`).

pub mod base;
pub mod bench;
pub mod chart;
pub mod cli;
pub mod gateway;
pub mod metrics;
pub mod plugin;
pub mod report;
pub mod scenario;
pub mod sim;
pub mod study;
pub mod variants;
