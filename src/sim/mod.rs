//! Floor 3: the laboratory. A discrete-event simulator in virtual time that drives the full plugin
//! and the gateway's loop against synthetic flaky tools.

pub mod world;
