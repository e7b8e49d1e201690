//! What a load's calls draw from.

use super::world::Tool;
use crate::base::random::{Draws, Purpose, Stream, entity};

/// The draws of one load's calls, by what they are for.
#[derive(Clone, Copy)]
pub(super) struct Luck {
    pub(super) latency: Stream,
    pub(super) faults: Stream,
    pub(super) network: Stream,
    pub(super) clients: Stream,
}

impl Luck {
    pub(super) fn of(draws: &Draws, tool: &Tool, load: u64) -> Luck {
        let stream = |purpose| draws.stream(purpose, entity(&tool.name)).sub(load);
        Luck {
            latency: stream(Purpose::Latency),
            faults: stream(Purpose::Faults),
            network: stream(Purpose::Network),
            clients: stream(Purpose::Clients),
        }
    }
}
