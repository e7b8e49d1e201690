//! The words of `verify`.

use std::path::PathBuf;

use clap::Args;

use super::{ListFormat, seed, whole};

#[derive(Args)]
pub(in crate::cli) struct Verify {
    /// Variants [default: all].
    pub(in crate::cli) variants: Vec<String>,
    /// More vectors, one JSON object a line: id, policy, steps (tool, request, result) and expect.
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) vectors: Vec<PathBuf>,
    /// The seed of random cases and draws.
    #[arg(long, default_value_t = 1, allow_negative_numbers = true, value_parser = seed)]
    pub(in crate::cli) seed: u64,
    /// How many random cases.
    #[arg(long, default_value_t = 5000, allow_negative_numbers = true, value_parser = cases)]
    pub(in crate::cli) cases: u64,
    /// What is printed.
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(in crate::cli) format: ListFormat,
    /// Only what differs.
    #[arg(long, short)]
    pub(in crate::cli) quiet: bool,
}

fn cases(text: &str) -> Result<u64, String> {
    whole(text, 0, 100_000_000)
}
