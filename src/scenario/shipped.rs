//! The scenarios that are compiled into the binary, so that an installed `retrylab run outage` works
//! anywhere.

/// Name and text of each, in alphabetical order.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &[]
}
