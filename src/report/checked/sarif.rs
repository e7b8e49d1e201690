//! SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), as far as code scanning reads it:
//! rules with their help, results with a place each.

use serde::Serialize;

use super::{Entry, Level};
use crate::scenario::finding::{RULES, Rule};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    /// Columns count characters.
    column_kind: &'static str,
    results: Vec<Found<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Described>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    help: Text,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    rule_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: Level,
    message: Text,
    locations: [Location; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<usize>,
}

/// All entries as one SARIF log.
///
/// # Errors
/// None for entries; serde's.
pub fn sarif(entries: &[Entry]) -> serde_json::Result<String> {
    let driver = Driver {
        name: "retrylab",
        semantic_version: env!("CARGO_PKG_VERSION"),
        rules: RULES.iter().map(described).collect(),
    };
    let results = entries.iter().map(found).collect();
    let run = Run { tool: Tool { driver }, column_kind: "unicodeCodePoints", results };
    serde_json::to_string_pretty(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] })
}

fn described(rule: &Rule) -> Described {
    let text = |text: &str| Text { text: text.to_owned() };
    Described {
        id: rule.id,
        short_description: text(rule.what),
        full_description: Text { text: format!("{}. {}", rule.what, rule.why) },
        help: text(rule.why),
    }
}

/// Every result has a place, for code scanning refuses one without: the first line where none is known.
fn found(entry: &Entry) -> Found<'_> {
    let region = Region {
        start_line: entry.line.unwrap_or(1),
        start_column: entry.column,
        end_column: entry.end_column,
    };
    let artifact_location = Artifact { uri: uri(&entry.file) };
    Found {
        rule_id: &entry.rule,
        rule_index: RULES.iter().position(|rule| rule.id == entry.rule),
        level: entry.level,
        message: Text { text: entry.told() },
        locations: [Location { physical_location: Physical { artifact_location, region } }],
    }
}

/// A path as a reference of RFC 3986: relative ones stay relative, to the top of a checkout as a rule.
fn uri(path: &str) -> String {
    let path = if cfg!(windows) { path.replace('\\', "/") } else { path.to_owned() };
    let path = path.trim_start_matches("./");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let encoded: String = path
        .bytes()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    if encoded.starts_with('/') { format!("file://{encoded}") } else { encoded }
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_references() {
        assert_eq!(uri("./plugins/config.yaml"), "plugins/config.yaml");
        assert_eq!(uri("/tmp/a b.toml"), "file:///tmp/a%20b.toml");
        assert_eq!(uri("é:1%.toml"), "%C3%A9%3A1%25.toml");
    }
}
