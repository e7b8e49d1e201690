//! `list`: what there is, one line each, or one object each for programs.

use std::io::Write;

use serde_json::{Value, json};

use super::args::{Kind, List, ListFormat};
use super::input;
use crate::base::Span;
use crate::plugin::Policy;
use crate::scenario::presets::{self, Preset};
use crate::scenario::{self, Plan};
use crate::variants::{self, Variant};

/// Lists scenarios, variants or presets.
pub(super) fn list(options: &List) -> anyhow::Result<u8> {
    let human = options.format == ListFormat::Human;
    let text = match options.kind {
        Kind::Scenarios => {
            let of = |shipped: &'static scenario::Shipped| {
                Ok((shipped.path(), input::scenario(shipped.name)?))
            };
            let all = scenario::shipped().iter().map(of).collect::<anyhow::Result<Vec<_>>>()?;
            if human { scenarios(&all) } else { objects(all.iter().map(scenario)) }
        }
        Kind::Variants if human => variants::all().iter().map(variant_line).collect(),
        Kind::Variants => objects(variants::all().iter().map(variant)),
        Kind::Presets if human => of_presets(&presets::all()),
        Kind::Presets => objects(presets::all().iter().map(preset)),
    };
    write!(anstream::stdout(), "{text}")?;
    Ok(0)
}

fn objects(all: impl Iterator<Item = Value>) -> String {
    format!("{:#}\n", Value::from_iter(all))
}

fn scenarios(all: &[(String, Plan)]) -> String {
    let width = all.iter().map(|(path, _)| path.len()).max().unwrap_or(0);
    all.iter().map(|(path, plan)| format!("{path:<width$}  {}\n", plan.question)).collect()
}

fn scenario((path, plan): &(String, Plan)) -> Value {
    json!({ "name": path, "question": plan.question, "source": plan.source })
}

fn declared(variant: &Variant) -> Vec<&'static str> {
    variant.deviations.declared().iter().map(|deviation| deviation.name).collect()
}

fn variant_line(variant: &Variant) -> String {
    let words = declared(variant);
    let deviates = match words.is_empty() {
        true => String::new(),
        false => format!(" (deviates: {})", words.join(", ")),
    };
    format!("{:<14} {}{deviates}\n", variant.name, variant.summary)
}

fn variant(variant: &Variant) -> Value {
    let Variant { name, summary, .. } = variant;
    json!({ "name": name, "summary": summary, "deviations": declared(variant) })
}

/// A table, and below it what of each the plugin cannot do.
fn of_presets(all: &[Preset]) -> String {
    let line = |[name, retries, waits, jitter, source]: [&str; 5]| {
        format!("{name:<12}  {retries:>7}  {waits:<15}  {jitter:<12}  {source}\n")
    };
    let mut text = line(["preset", "retries", "waits", "jitter", "source"]);
    for Preset { name, source, policy, .. } in all {
        let Policy { max_retries, backoff_base, max_backoff, jitter, .. } = policy;
        let (waits, jitter) = match (max_retries, *backoff_base) {
            (0, _) => (String::new(), ""),
            (_, Span::ZERO) => ("at once".to_owned(), ""),
            (_, base) => (format!("{base} to {max_backoff}"), jitter.name()),
        };
        text += &line([name, &max_retries.to_string(), &waits, jitter, source]);
    }
    text += "\nWhat these do and the plugin does not, or does otherwise:\n";
    for Preset { name, cannot, .. } in all {
        let names = std::iter::once(*name).chain(std::iter::repeat(""));
        for (name, what) in names.zip(*cannot) {
            text += &format!("{name:<12}  {what}\n");
        }
    }
    text +=
        "\nIn a scenario: preset = \"envoy\" in [policy]; \"policy.preset\" = [...] in [vary].\n";
    text
}

fn preset(preset: &Preset) -> Value {
    let Preset { name, also, source, link, cannot, policy } = preset;
    let Policy { max_retries, backoff_base, max_backoff, jitter, retry_on_status, .. } = policy;
    json!({
        "name": name, "also": also, "source": source, "link": link, "cannot": cannot,
        "policy": {
            "max_retries": max_retries,
            "backoff_base_ms": backoff_base.millis_ceil(),
            "max_backoff_ms": max_backoff.millis_ceil(),
            "retry_on_status": retry_on_status.iter().collect::<Vec<_>>(),
            "jitter": jitter.name(),
        },
    })
}
