//! Floor 3: the laboratory. A discrete-event simulator in virtual time that drives the full plugin
//! and the gateway's loop against synthetic flaky tools.

mod arrivals;
mod calls;
mod course;
mod event;
mod hops;
mod island;
mod luck;
pub mod queue;
pub mod record;
mod row;
mod servers;
mod service;
mod talk;
mod turn;
mod weather;
pub mod world;

pub use course::{Course, run, run_in_turns, run_with};
pub use hops::Hops;
pub use record::{Ended, Fate, Observation, Recorder};
pub use world::World;
