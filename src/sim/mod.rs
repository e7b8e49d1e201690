//! Floor 3: the laboratory. A discrete-event simulator in virtual time that drives the full plugin
//! and the gateway's loop against synthetic flaky tools.

mod arrivals;
mod calls;
mod course;
mod event;
mod island;
pub mod queue;
pub mod record;
mod row;
mod servers;
mod service;
mod talk;
mod weather;
pub mod world;

pub use course::{Course, run, run_in_turns};
pub use record::{Ended, Fate, Observation, Recorder};
pub use world::World;
