//! Policies with a name: what published gateways and clients do by default, to compare with. A preset is
//! a place to begin, never a recommendation: that takes a scenario.

use crate::base::Span;
use crate::plugin::{Jitter, Policy};

/// A policy with a name.
#[derive(Clone, PartialEq, Debug)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// Where the values come from.
    pub summary: &'static str,
    /// The values; the rest is the plugin's default.
    pub policy: Policy,
}

/// All presets.
pub fn all() -> Vec<Preset> {
    let preset = |name, summary, max_retries, (base, cap), jitter| {
        let (backoff_base, max_backoff) = (Span::from_millis(base), Span::from_millis(cap));
        let policy = Policy { max_retries, backoff_base, max_backoff, jitter, ..Policy::default() };
        Preset { name, summary, policy }
    };
    let default = Policy::default();
    vec![
        Preset { name: "plugin", summary: "the plugin's own defaults", policy: default.clone() },
        Preset {
            name: "off",
            summary: "no retries: what a gateway does that does not load the plugin",
            policy: Policy { max_retries: 0, ..default },
        },
        preset(
            "aws-sdk",
            "the AWS SDKs' standard mode: 3 attempts, cap 20 s",
            2,
            (1000, 20_000),
            Jitter::Full,
        ),
        preset(
            "grpc",
            "the example of gRPC's retry design (A6): 4 attempts, 0.1 to 1 s",
            3,
            (100, 1000),
            Jitter::Full,
        ),
    ]
}
