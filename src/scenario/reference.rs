//! The grammar of scenarios as Markdown: the reference in `scenarios/README.md`, made from the same
//! table as the reader.

use std::fmt::Write;

use crate::base::Span;
use crate::plugin::{Policy, read};

use super::METRICS;
use super::expect::TEST_RULE;
use super::forms::{ARRIVALS, FAULT, LATENCY, REPLY, SIGNAL};
use super::grammar::{Entry, Kind, Need, Union};
use super::keys::{CAPACITY, GATEWAY, LOAD, LOCK, SCENARIO, TOOL};
use super::policy::{PRESET, PRESET_DOC};
use super::presets::{self, Preset};

/// Every key, what it takes, its default and what it does.
pub fn reference() -> String {
    let mut out = String::new();
    for shape in [&SCENARIO, &GATEWAY, &TOOL, &CAPACITY, &LOCK, &LOAD] {
        section(&mut out, shape.title, shape.doc);
        table(&mut out, shape.keys);
    }
    for union in [&ARRIVALS, &FAULT, &LATENCY, &SIGNAL, &REPLY] {
        forms(&mut out, union);
    }
    section(
        &mut out,
        "[policy]",
        "The plugin's own keys, and `preset`. `tool_overrides` takes any of the others for single tools.",
    );
    out.push_str("| key | rule | default | what it does |\n|---|---|---|---|\n");
    let names: Vec<String> = presets::names().iter().map(|name| format!("`\"{name}\"`")).collect();
    let names = names.join(", ");
    let _ = writeln!(out, "| `{PRESET}` | one of {names} | | {PRESET_DOC} |");
    for f in read::FIELDS {
        let _ = writeln!(out, "| `{}` | {} | `{}` | {} |", f.name, f.rule, f.default, f.doc);
    }
    let _ = writeln!(
        out,
        "| `{}` | must be a table: tool name = fields to replace | | for single tools |",
        read::OVERRIDES
    );
    of_presets(&mut out);
    section(&mut out, "[expect]", &format!("A value {TEST_RULE}. The metrics:"));
    out.push_str("| metric | what it is |\n|---|---|\n");
    for (name, what) in METRICS {
        let _ = writeln!(out, "| `{name}` | {what} |");
    }
    out
}

// Writing into a `String` cannot fail; the results of `write!` are dropped for that reason.

fn of_presets(out: &mut String) {
    let doc = "What published gateways, clients and libraries do by default, as near as the plugin comes to it.";
    section(out, PRESET, doc);
    out.push_str(
        "| preset | policy | from | what that does and the plugin does not, or does otherwise |\n",
    );
    out.push_str("|---|---|---|---|\n");
    for Preset { name, source, link, cannot, policy, .. } in presets::all() {
        let Policy { max_retries, backoff_base, max_backoff, jitter, .. } = &policy;
        let plural = if *max_retries == 1 { "retry" } else { "retries" };
        let words = match (max_retries, *backoff_base) {
            (0, _) => "no retries".to_owned(),
            (n, Span::ZERO) => format!("{n} {plural} at once"),
            (n, base) => {
                format!("{n} {plural}, {base} to {max_backoff}, jitter {}", jitter.name())
            }
        };
        let cannot = cannot.join("<br>");
        let _ = writeln!(out, "| `{name}` | {words} | [{source}]({link}) | {cannot} |");
    }
}

fn section(out: &mut String, title: &str, doc: &str) {
    let _ = write!(out, "\n### `{title}`\n\n{doc}\n\n");
}

fn table(out: &mut String, entries: &[Entry]) {
    out.push_str("| key | value | default | what it does |\n|---|---|---|---|\n");
    for entry in entries {
        let default = match entry.need {
            Need::Required => "required".to_owned(),
            Need::Optional | Need::Default("") => String::new(),
            Need::Default(text) => format!("`{text}`"),
        };
        let value = shown(&entry.kind);
        let _ = writeln!(out, "| `{}` | {value} | {default} | {} |", entry.name, entry.doc);
    }
}

fn forms(out: &mut String, union: &Union) {
    section(out, union.title, union.doc);
    let plain = union.text.iter().map(|kind| format!("{}; or ", shown(kind)));
    let any = if union.any_of.is_empty() { "" } else { ", or any of the percentiles" };
    let _ = writeln!(out, "{}a table with one of these keys{any}:\n", plain.collect::<String>());
    out.push_str("| key | value | what it is |\n|---|---|---|\n");
    for entry in union.forms.iter().chain(union.any_of) {
        let _ = writeln!(out, "| `{}` | {} | {} |", entry.name, outlined(&entry.kind), entry.doc);
    }
    for entry in union.beside {
        let (value, doc) = (shown(&entry.kind), entry.doc);
        let _ = writeln!(out, "| `{}` | {value} | beside one of these: {doc} |", entry.name);
    }
    for entry in union.forms {
        let shape = match entry.kind {
            Kind::Table(shape) | Kind::List(&Kind::Table(shape)) => shape,
            _ => continue,
        };
        let _ = write!(out, "\n`{}`:\n\n", entry.name);
        table(out, shape.keys);
    }
}

/// What a form takes: of a table its keys, which are told below.
fn outlined(kind: &Kind) -> String {
    match kind {
        Kind::Table(shape) => {
            let keys: Vec<&str> = shape.keys.iter().map(|key| key.name).collect();
            format!("`{{ {} }}`", keys.join(", "))
        }
        Kind::List(inner @ Kind::Table(_)) => format!("list of {}", outlined(inner)),
        _ => shown(kind),
    }
}

/// What a key takes, in a few words.
fn shown(kind: &Kind) -> String {
    match kind {
        Kind::Text => "text".into(),
        Kind::Flag => "`true` or `false`".into(),
        Kind::Duration { .. } => "duration".into(),
        Kind::DurationOrNone => "duration, or `\"none\"`".into(),
        Kind::Rate { .. } => "rate".into(),
        Kind::Probability => "probability".into(),
        Kind::Count(low, i64::MAX) => format!("integer from {low}"),
        Kind::Count(low, high) => format!("integer, {low} to {high}"),
        Kind::Number(low, high) => format!("number, {low} to {high}"),
        Kind::Word(words) => {
            let words: Vec<String> = words.iter().map(|w| format!("`\"{w}\"`")).collect();
            words.join(", ")
        }
        Kind::Table(shape) => format!("table `{}`", shape.title),
        Kind::OneOf(union) => format!("`{}`", union.title),
        Kind::List(inner) => format!("list of {}", shown(inner)),
        Kind::Policy => "table `[policy]`".into(),
        Kind::Vary => "table: `\"dotted.path\" = [values]`".into(),
        Kind::Expect => "table: `metric = \"test\"`".into(),
        Kind::Columns => "list of tables: `name` and what to replace".into(),
    }
}
