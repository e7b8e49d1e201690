//! The words of `list`.

use clap::{Args, ValueEnum};

#[derive(Args)]
pub(in crate::cli) struct List {
    /// What.
    #[arg(value_enum, default_value_t = Kind::Scenarios)]
    pub(in crate::cli) kind: Kind,
    /// What is printed.
    #[arg(long, value_enum, default_value_t = ListFormat::Human)]
    pub(in crate::cli) format: ListFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Kind {
    /// The scenarios that are compiled in.
    Scenarios,
    /// The bodies of the plugin.
    Variants,
    /// Policies with a name, to begin with.
    Presets,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ListFormat {
    /// A line each.
    Human,
    /// An array of objects.
    Json,
}
