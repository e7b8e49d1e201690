//! Which variants there are. The next one is a file of its own and an entry here.

use std::sync::Arc;

use super::deviation::{Detectors, Keys, Limit, Memory, Orphans, Overrides, Waits};
use super::expected::Expected;
use super::{Deviations, concurrent, reference, seed, slots, upstream};
use crate::base::random::Draws;
use crate::plugin::{Plugin, PolicySet, sharded};

/// A body of the plugin.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its name.
    pub name: &'static str,
    /// One line about it.
    pub summary: &'static str,
    /// How it differs from the oracle.
    pub deviations: Deviations,
    /// Makes an instance, alone in its process; its jitter comes from the draws.
    pub make: fn(PolicySet, Draws) -> Arc<dyn Plugin>,
}

impl Variant {
    /// What answers as this variant should: the oracle itself, if it declares no deviation.
    pub fn oracle(&self, policies: PolicySet, draws: Draws) -> Arc<dyn Plugin> {
        match self.deviations {
            Deviations::NONE => Arc::new(reference::Reference::new(policies, draws)),
            deviations => Arc::new(Expected::new(deviations, policies, draws)),
        }
    }
}

/// All variants.
pub fn all() -> &'static [Variant] {
    &[
        Variant {
            name: "sharded",
            summary: "the fast one, and the default: locks of its own for each part of the state",
            deviations: Deviations::NONE,
            make: |policies, draws| Arc::new(sharded::sharded(policies, draws)),
        },
        Variant {
            name: "reference",
            summary: "slow and obvious: the oracle",
            deviations: Deviations::NONE,
            make: |policies, draws| Arc::new(reference::Reference::new(policies, draws)),
        },
        Variant {
            name: "seed",
            summary: "as first published (0.3.1): one lock and one map for a process, and a scan on every call",
            deviations: Deviations {
                detectors: Detectors::V0_3_1,
                waits: Waits::Milliseconds,
                keys: Keys::Joined,
                orphans: Orphans::Stay,
                memory: Memory::OfTheProcess,
                limit: Limit::OfThePlugin,
                overrides: Overrides::AtLoad,
            },
            make: |policies, draws| {
                Arc::new(seed::Seed::within(&seed::Process::default(), policies, draws))
            },
        },
        Variant {
            name: "upstream",
            summary: "as last published (0.3.11): a lock for each instance, and a copy of the policy for every call",
            deviations: Deviations {
                detectors: Detectors::V0_3_11,
                waits: Waits::Milliseconds,
                keys: Keys::Joined,
                orphans: Orphans::WaitForAScan,
                memory: Memory::ClockOfTheProcess,
                limit: Limit::OfTheGateway,
                overrides: Overrides::AtCall,
            },
            make: |policies, draws| {
                let process = upstream::Process::default();
                Arc::new(upstream::Upstream::within(&process, policies, draws))
            },
        },
        Variant {
            name: "concurrent",
            summary: "an experiment: a lock-free map from elsewhere (papaya), orphans by generations",
            deviations: Deviations::NONE,
            make: |policies, draws| Arc::new(concurrent::Concurrent::new(policies, draws)),
        },
        Variant {
            name: "slots",
            summary: "an experiment: slots that are taken and left without a lock, and never given back",
            deviations: Deviations::NONE,
            make: |policies, draws| Arc::new(slots::Slots::new(policies, draws)),
        },
    ]
}

/// The variant of a name.
pub fn find(name: &str) -> Option<&'static Variant> {
    all().iter().find(|variant| variant.name == name)
}
