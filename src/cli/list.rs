//! `list`: what there is, one line each.

use std::io::Write;

use super::args::Kind;
use super::input;
use crate::plugin::Policy;
use crate::scenario::{self, presets};
use crate::variants;

/// Lists scenarios, variants or presets.
pub(super) fn list(kind: Kind) -> anyhow::Result<u8> {
    let mut out = anstream::stdout();
    match kind {
        Kind::Scenarios => {
            let width = scenario::shipped().iter().map(|s| s.path().len()).max().unwrap_or(0);
            for shipped in scenario::shipped() {
                let (path, plan) = (shipped.path(), input::scenario(shipped.name)?);
                writeln!(out, "{path:<width$}  {}", plan.question)?;
            }
        }
        Kind::Variants => {
            for variant in variants::all() {
                let declared = variant.deviations.declared();
                let words: Vec<&str> = declared.iter().map(|deviation| deviation.name).collect();
                let deviates = match words.is_empty() {
                    true => String::new(),
                    false => format!(" (deviates: {})", words.join(", ")),
                };
                writeln!(out, "{:<14} {}{deviates}", variant.name, variant.summary)?;
            }
        }
        Kind::Presets => {
            for preset in presets::all() {
                let Policy { max_retries, backoff_base, max_backoff, jitter, .. } = &preset.policy;
                let (base, cap) = (backoff_base.as_millis_f64(), max_backoff.as_millis_f64());
                writeln!(
                    out,
                    "{:<14} {} retries, {base} to {cap} ms, jitter {}: {}",
                    preset.name,
                    max_retries,
                    jitter.name(),
                    preset.summary
                )?;
            }
        }
    }
    Ok(0)
}
