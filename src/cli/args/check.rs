//! The words of `check`.

use clap::{Args, ValueEnum};

use crate::base::{Span, text};

#[derive(Args)]
pub(in crate::cli) struct Check {
    /// Scenario files, names of shipped scenarios, or ContextForge plugin configurations (.yaml).
    #[arg(required_unless_present = "schema")]
    pub(in crate::cli) files: Vec<String>,
    /// What is printed. Other than human: one document for all files, faults too, on stdout.
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub(in crate::cli) format: CheckFormat,
    /// How long a client waits for an answer: calls that can take longer are told. 60s is the default of the
    /// MCP SDKs.
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = patience)]
    pub(in crate::cli) client_timeout: Span,
    /// Nothing of files without faults and findings.
    #[arg(long, short)]
    pub(in crate::cli) quiet: bool,
    /// Prints the JSON Schema of scenarios.
    #[arg(long)]
    pub(in crate::cli) schema: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CheckFormat {
    /// Each in its place in the text.
    Human,
    /// A list of faults and findings.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
}

fn patience(words: &str) -> Result<Span, String> {
    text::duration(words)
        .filter(|span| !span.is_zero())
        .ok_or_else(|| format!("{}, more than 0", text::DURATION_RULE))
}
