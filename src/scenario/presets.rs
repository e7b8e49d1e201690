//! Policies with a name: what published gateways, clients and libraries do when nobody sets anything, to compare
//! with. Most of them do more than a policy of the plugin can say; each tells what is lost, so that nobody takes a
//! comparison of names for one of products. A preset is a place to begin, never a recommendation: that takes a
//! scenario.

use std::ops::Range;

use crate::base::Span;
use crate::base::tree::{Key, Node, Value};
use crate::plugin::{Jitter, Policy, StatusSet};

/// A policy with a name.
#[derive(Clone, PartialEq, Debug)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// Other names that are taken for it.
    pub also: &'static [&'static str],
    /// Where the values come from, with a version or a date.
    pub source: &'static str,
    /// Where to read that.
    pub link: &'static str,
    /// What of it the plugin cannot do, or does otherwise.
    pub cannot: &'static [&'static str],
    /// The values; the rest is the plugin's default.
    pub policy: Policy,
}

/// The statuses that gRPC takes for UNAVAILABLE (doc/http-grpc-status-mapping.md in grpc/grpc).
const UNAVAILABLE: [u16; 4] = [429, 502, 503, 504];

/// All presets.
pub fn all() -> Vec<Preset> {
    let default = Policy::default();
    let mut all = vec![
        Preset {
            name: "plugin",
            also: &[],
            source: "retry_with_backoff 0.3.11, its defaults",
            link: "https://github.com/IBM/mcp-context-forge",
            cannot: &[],
            policy: default.clone(),
        },
        Preset {
            name: "none",
            also: &["off"],
            source: "a gateway without the plugin; also: off",
            link: "https://github.com/IBM/mcp-context-forge",
            cannot: &[],
            policy: Policy { max_retries: 0, ..default },
        },
    ];
    all.extend(clouds());
    all.extend(proxies());
    all.extend(libraries());
    all
}

/// The preset of a name.
pub fn find(name: &str) -> Option<Preset> {
    all().into_iter().find(|preset| preset.names().any(|known| known == name))
}

/// Every name that is taken.
pub fn names() -> Vec<&'static str> {
    all().iter().flat_map(Preset::names).collect()
}

/// Whether a node names a preset that sets a field to what is looked for.
pub(super) fn sets(named: &Node, field: &str, is: &dyn Fn(&Node) -> bool) -> bool {
    let Value::Text(name) = &named.value else { return false };
    let written = find(name).map(|preset| preset.written(None));
    written.into_iter().flatten().any(|(key, value)| key.name == field && is(&value))
}

impl Preset {
    fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.also.iter().copied())
    }

    /// What it sets, as it would be written, all in one place of the text.
    pub(super) fn written(&self, place: Option<&Range<usize>>) -> Vec<(Key, Node)> {
        let Policy { max_retries, backoff_base, max_backoff, retry_on_status, jitter, .. } =
            &self.policy;
        let node = |value| Node { value, span: place.cloned() };
        let ms = |span: &Span| Value::Int(span.millis_ceil() as i64);
        let statuses = retry_on_status.iter().map(|s| node(Value::Int(s.into()))).collect();
        [
            ("max_retries", Value::Int((*max_retries).into())),
            ("backoff_base_ms", ms(backoff_base)),
            ("max_backoff_ms", ms(max_backoff)),
            ("retry_on_status", Value::List(statuses)),
            ("jitter", Value::Text(jitter.name().to_owned())),
        ]
        .map(|(name, value)| (Key { name: name.to_owned(), span: place.cloned() }, node(value)))
        .into()
    }
}

fn policy(max_retries: u32, (base, cap): (u64, u64), jitter: Jitter) -> Policy {
    let (backoff_base, max_backoff) = (Span::from_millis(base), Span::from_millis(cap));
    Policy { max_retries, backoff_base, max_backoff, jitter, ..Policy::default() }
}

fn clouds() -> [Preset; 3] {
    [
        Preset {
            name: "aws-sdk",
            also: &[],
            source: "AWS SDKs, standard mode before Nov 2026",
            link: "https://github.com/boto/botocore/blob/1.43.67/botocore/retries/standard.py",
            cannot: &[
                "a quota of 500 tokens a client: a retry costs 5, after a time-out 10",
                "throttling is told by error codes; here it is status 429",
            ],
            policy: policy(2, (1000, 20_000), Jitter::Full),
        },
        Preset {
            name: "aws-sdk-2026",
            also: &[],
            source: "AWS SDKs, standard mode from 10 Nov 2026",
            link: "https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html",
            cannot: &[
                "waits from 1 s on after throttling; here 50 ms after every failure",
                "a quota of 500 tokens a client: a retry costs 14, after throttling 5",
                "a wait that the server asks for (x-amz-retry-after)",
            ],
            policy: policy(2, (50, 20_000), Jitter::Full),
        },
        Preset {
            name: "grpc",
            also: &[],
            source: "gRFC A6 of Aug 2024, its example",
            link: "https://github.com/grpc/proposal/blob/master/A6-client-retries.md",
            cannot: &[
                "waits of 0.8 to 1.2 ceilings; equal jitter, the nearest with spread, has 0.5 to 1",
                "throttling by a token bucket for each server, and waits that the server asks for",
                "UNAVAILABLE only (here 429, 502, 503, 504); here failures without status, too",
            ],
            policy: Policy {
                retry_on_status: StatusSet::of(UNAVAILABLE),
                ..policy(3, (100, 1000), Jitter::Equal)
            },
        },
    ]
}

fn proxies() -> [Preset; 2] {
    [
        Preset {
            name: "envoy",
            also: &[],
            source: "Envoy 1.25, a retry policy without values",
            link: "https://www.envoyproxy.io/docs/envoy/v1.25.5/configuration/http/http_filters/router_filter",
            cannot: &[
                "later ceilings of 75 and 175 ms (2^n - 1 bases); here 50 and 100. The first is equal",
                "at most 3 retries under way to a cluster, or a budget of the active requests",
                "what is retried has no default (retry_on); here it is the plugin's list",
            ],
            policy: policy(1, (25, 250), Jitter::Full),
        },
        Preset {
            name: "finagle",
            also: &[],
            source: "Finagle 24.5, MethodBuilder's defaults",
            link: "https://github.com/twitter/finagle/blob/finagle-24.5.0/finagle-core/src/main/scala/com/twitter/finagle/client/MethodBuilderRetry.scala",
            cannot: &[
                "a budget: 20 % of the requests of 10 s, and 10 retries a second",
                "a first wait of just 5 ms, and none shorter than the one before it",
                "failures that cannot have reached the server are retried at once, besides",
            ],
            policy: policy(2, (5, 200), Jitter::Decorrelated),
        },
    ]
}

fn libraries() -> [Preset; 3] {
    // Where nothing is waited for, there is no cap to be had: it is the plugin's.
    let cap = Policy::default().max_backoff.millis_ceil();
    [
        Preset {
            name: "tenacity",
            also: &[],
            source: "tenacity 9.2.1, @retry without arguments",
            link: "https://tenacity.readthedocs.io/en/latest/",
            cannot: &[
                "it never gives up; 1000 retries are the most here, and the gateway's limit is lower",
                "it retries at once; with loop = \"as-shipped\" a wait of 0 is no retry",
            ],
            policy: policy(1000, (0, cap), Jitter::None),
        },
        Preset {
            name: "urllib3",
            also: &[],
            source: "urllib3 2.7.0, Retry.DEFAULT",
            link: "https://urllib3.readthedocs.io/en/stable/reference/urllib3.util.html",
            cannot: &[
                "no status is retried but 413, 429 and 503 with Retry-After; here none is",
                "methods that are not idempotent are not retried once they are sent",
                "it retries at once; with loop = \"as-shipped\" a wait of 0 is no retry",
            ],
            policy: Policy {
                retry_on_status: StatusSet::EMPTY,
                ..policy(3, (0, 120_000), Jitter::None)
            },
        },
        Preset {
            name: "backon",
            also: &[],
            source: "backon 1.5.2, ExponentialBuilder::default()",
            link: "https://docs.rs/backon/1.5.2/backon/struct.ExponentialBuilder.html",
            cannot: &["every error is retried, whatever its status; here the plugin's list is"],
            policy: policy(3, (1000, 60_000), Jitter::None),
        },
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::plugin::read;

    #[test]
    fn a_preset_written_out_reads_as_its_policy() {
        for preset in all() {
            let table = Node::bare(Value::Table(preset.written(None)));
            let read = read::read(&table, "policy", &mut Vec::new());
            assert_eq!(read.map(|set| set.base), Ok(preset.policy), "{}", preset.name);
        }
    }

    #[test]
    fn every_preset_has_names_of_its_own_and_a_source() {
        let names = names();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert_eq!(find("off"), find("none"));
        assert_eq!(find("nothing"), None);
        for preset in all() {
            assert!(preset.link.starts_with("https://"), "{}", preset.name);
            assert_eq!(find(preset.name).as_ref(), Some(&preset));
        }
    }

    #[test]
    fn published_values_are_those_of_their_sources() {
        let values = |name| {
            let Policy { max_retries, backoff_base, max_backoff, jitter, .. } =
                find(name).unwrap().policy;
            (max_retries, backoff_base.millis_ceil(), max_backoff.millis_ceil(), jitter)
        };
        for (name, expected) in [
            ("plugin", (2, 200, 5000, Jitter::Full)),
            ("aws-sdk", (2, 1000, 20_000, Jitter::Full)),
            ("aws-sdk-2026", (2, 50, 20_000, Jitter::Full)),
            ("grpc", (3, 100, 1000, Jitter::Equal)),
            ("envoy", (1, 25, 250, Jitter::Full)),
            ("finagle", (2, 5, 200, Jitter::Decorrelated)),
            ("tenacity", (1000, 0, 5000, Jitter::None)),
            ("urllib3", (3, 0, 120_000, Jitter::None)),
            ("backon", (3, 1000, 60_000, Jitter::None)),
        ] {
            assert_eq!(values(name), expected, "{name}");
        }
        assert_eq!(find("none").unwrap().policy.max_retries, 0);
    }
}
