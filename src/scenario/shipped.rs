//! The scenarios that are compiled into the binary, so that an installed `retrylab run outage` works
//! anywhere.

const SHIPPED: [(&str, &str); 8] = [
    ("contention", include_str!("../../scenarios/contention.toml")),
    ("fail_twice", include_str!("../../scenarios/fail_twice.toml")),
    ("fleet", include_str!("../../scenarios/fleet.toml")),
    ("independent", include_str!("../../scenarios/independent.toml")),
    ("mixed", include_str!("../../scenarios/mixed.toml")),
    ("outage", include_str!("../../scenarios/outage.toml")),
    ("rate_limit", include_str!("../../scenarios/rate_limit.toml")),
    ("slow", include_str!("../../scenarios/slow.toml")),
];

/// Name and text of each, in alphabetical order.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &SHIPPED
}
