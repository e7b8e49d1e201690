//! Floor 2: the gateway's retry loop.

pub mod config;
pub mod merge;
pub mod session;
pub mod tokio_driver;
pub mod worst;

pub use config::{Gateway, LoopModel};
pub use session::{Action, End, Env, Event, Outcome, Row, Session, Stop, Witness, retry_limit};
pub use worst::Worst;
