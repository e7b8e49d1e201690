//! A derived scenario as a file: what the log gave, each part with the evidence for it beside it, so that whoever
//! edits the file knows what is measured and what is assumed.

mod faults;
mod head;
mod table;
mod tool;
mod words;

pub use table::{sentences, summary, table};

use crate::scenario::log::Log;
use crate::study::derive::arrivals::Model;
use crate::study::derive::facts::Facts;
use crate::study::derive::{Derived, Tool};

/// Where recorded arrivals go that no rate describes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Traces<'a> {
    /// Into files beside the scenario, which has this name without its ending.
    Beside(&'a str),
    /// Nowhere: a rate takes their place.
    None,
}

/// All that a derived scenario is made from.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// The log.
    pub log: &'a Log,
    /// What the log is called.
    pub name: &'a str,
    /// What it gave.
    pub derived: &'a Derived,
    /// Where recorded arrivals go.
    pub traces: Traces<'a>,
    /// retrylab's version.
    pub version: &'a str,
}

/// Whether the scenario was simulated to see how well it fits.
#[derive(Clone, Copy, Debug)]
pub enum Checked<'a> {
    /// Not yet.
    NotYet,
    /// It would have taken long.
    TooLong,
    /// What came of it, tool by tool.
    Simulated(&'a [Facts]),
}

impl Told<'_> {
    /// The file of a tool's arrivals, if it has one.
    fn trace(&self, tool: &Tool) -> Option<String> {
        let (Model::Trace { .. }, Traces::Beside(stem)) = (&tool.arriving.model, self.traces)
        else {
            return None;
        };
        let plain = |c: char| if c.is_ascii_alphanumeric() || "_-.".contains(c) { c } else { '-' };
        let index = self.derived.tools.iter().position(|t| t.name == tool.name).unwrap_or_default();
        let slug: String = tool.name.chars().take(60).map(plain).collect();
        // The number keeps names apart that differ in what a file's name cannot have.
        Some(format!("{stem}-arrivals-{}-{slug}.csv", index + 1))
    }
}

/// The files of recorded arrivals: names and texts.
pub fn traces(told: &Told<'_>) -> Vec<(String, String)> {
    let text = |tool: &Tool| {
        let Model::Trace { moments, .. } = &tool.arriving.model else { return None };
        let mut text = String::with_capacity(moments.len() * 14 + 8);
        text.push_str("seconds\n");
        for at in moments.iter() {
            let nanos = at.as_nanos();
            text += &format!("{}.{:06}\n", nanos / 1_000_000_000, nanos % 1_000_000_000 / 1_000);
        }
        Some((told.trace(tool)?, text))
    };
    told.derived.tools.iter().filter_map(text).collect()
}

/// The scenario.
pub fn scenario(told: &Told<'_>, checked: Checked<'_>) -> String {
    let mut text = head::head(told, checked);
    for tool in &told.derived.tools {
        text.push('\n');
        text += &tool::tool(told, tool);
    }
    text += &gateway(told);
    text += "\n# Should they be retried? The plugin as it is by default beside no retries at all.\n\
             [[columns]]\nname   = \"off\"\npolicy = { max_retries = 0 }\n\n\
             [[columns]]\nname   = \"default\"\npolicy = {}\n";
    text
}

fn gateway(told: &Told<'_>) -> String {
    match told.derived.attempt_timeout {
        None => String::new(),
        Some(timeout) => format!(
            "\n# Half of the calls that timed out had taken so long.\n[gateway]\nattempt_timeout = \"{}\"\n",
            words::span(timeout)
        ),
    }
}
