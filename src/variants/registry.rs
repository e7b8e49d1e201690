//! Which variants there are. The next one is a file of its own and a line here.

use std::sync::Arc;

use crate::base::random::Draws;
use crate::plugin::{Plugin, PolicySet};

/// A body of the plugin.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    /// Its name.
    pub name: &'static str,
    /// One line about it.
    pub summary: &'static str,
    /// Makes an instance; its jitter comes from the draws.
    pub make: fn(PolicySet, Draws) -> Arc<dyn Plugin>,
}

/// All variants.
pub fn all() -> &'static [Variant] {
    &[
        Variant {
            name: "sharded",
            summary: "the fast one, and the default: locks of its own for each part of the state",
            make: |policies, draws| Arc::new(crate::plugin::sharded::sharded(policies, draws)),
        },
        Variant {
            name: "reference",
            summary: "slow and obvious: the oracle",
            make: |policies, draws| Arc::new(super::reference::Reference::new(policies, draws)),
        },
    ]
}

/// The variant of a name.
pub fn find(name: &str) -> Option<&'static Variant> {
    all().iter().find(|variant| variant.name == name)
}
