//! The grammar of scenarios as JSON Schema, so that editors complete and check. Made from the same
//! table as the reader.

use serde_json::{Map, Value, json};

use crate::plugin::read;

use super::columns::REPLACEABLE;
use super::expect::TEST_RULE;
use super::grammar::{Entry, Kind, Need, Union};
use super::keys::SCENARIO;
use super::policy::{PRESET, PRESET_DOC};
use super::presets;

/// The JSON Schema (draft 2020-12) of a scenario file.
pub fn schema() -> String {
    let mut whole = table(SCENARIO.doc, SCENARIO.keys);
    whole["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    whole["title"] = json!("A scenario of retrylab");
    format!("{whole:#}\n")
}

fn table(doc: &str, entries: &[Entry]) -> Value {
    let properties: Map<String, Value> =
        entries.iter().map(|e| (e.name.to_owned(), entry(e))).collect();
    let required: Vec<&str> =
        entries.iter().filter(|e| e.need == Need::Required).map(|e| e.name).collect();
    let mut schema = json!({
        "type": "object", "properties": properties, "additionalProperties": false,
    });
    if !doc.is_empty() {
        schema["description"] = json!(doc);
    }
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// A key's value with the key's own description.
fn entry(entry: &Entry) -> Value {
    let mut schema = kind(&entry.kind);
    schema["description"] = json!(match entry.need {
        Need::Default(text) if !text.is_empty() => format!("{}. Default: {text}", entry.doc),
        _ => entry.doc.to_owned(),
    });
    schema
}

fn kind(kind: &Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Duration { .. } => json!({ "type": "string", "pattern": DURATION }),
        Kind::DurationOrNone => {
            json!({ "type": "string", "pattern": format!("^none$|{DURATION}") })
        }
        Kind::Rate { .. } => json!({ "type": "string", "pattern": RATE }),
        Kind::Probability => json!({ "anyOf": [
            { "type": "string", "pattern": PROBABILITY },
            { "type": "number", "minimum": 0, "maximum": 1 },
        ] }),
        Kind::Count(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
        Kind::Number(low, high) => json!({ "type": "number", "minimum": low, "maximum": high }),
        Kind::Word(words) => json!({ "type": "string", "enum": words }),
        Kind::Table(shape) => table(shape.doc, shape.keys),
        Kind::OneOf(union) => one_of(union),
        Kind::List(items) => json!({ "type": "array", "items": self::kind(items) }),
        Kind::Policy => policy(true),
        Kind::Vary => json!({
            "type": "object",
            "additionalProperties": { "anyOf": [
                { "type": "array", "minItems": 1 }, { "type": "object" },
            ] },
        }),
        Kind::Expect => expect(),
        Kind::Columns => columns(),
    }
}

const DURATION: &str = r"^\s*([0-9_.]+\s*(ns|us|µs|ms|s|m|min|h|d)\s*)+$";
const RATE: &str = r"^\s*[0-9_.]+\s*/\s*(s|m|min|h|d)\s*$";
const PROBABILITY: &str = r"^\s*[0-9_.]+\s*(%|/\s*[0-9_.]+)?\s*$";

fn one_of(union: &Union) -> Value {
    let mut forms: Vec<Value> = union.text.iter().map(kind).collect();
    for form in union.forms {
        let mut properties: Map<String, Value> =
            union.beside.iter().map(|e| (e.name.to_owned(), entry(e))).collect();
        properties.insert(form.name.to_owned(), entry(form));
        forms.push(json!({
            "type": "object", "properties": properties,
            "required": [form.name], "additionalProperties": false,
        }));
    }
    if !union.any_of.is_empty() {
        let mut any = table("", union.any_of);
        any["minProperties"] = json!(1);
        forms.push(any);
    }
    json!({ "description": union.doc, "anyOf": forms })
}

fn policy(is_base: bool) -> Value {
    let status = json!({ "type": "integer", "minimum": 100, "maximum": 599 });
    let names = presets::names();
    let named = json!({ "type": "string", "enum": names, "description": PRESET_DOC });
    let mut properties = Map::from_iter([(PRESET.to_owned(), named)]);
    for field in read::FIELDS {
        let mut schema = match field.name {
            "max_retries" => json!({ "type": "integer", "minimum": 0, "maximum": 1000 }),
            "retry_on_status" => json!({ "type": "array", "items": status }),
            "jitter" => json!({ "enum": [true, false, "none", "full", "equal", "decorrelated"] }),
            "check_text_content" => json!({ "type": "boolean" }),
            _ => json!({ "type": "integer", "minimum": 0 }),
        };
        schema["description"] = json!(format!("{}. Default: {}", field.doc, field.default));
        properties.insert(field.name.to_owned(), schema);
    }
    if is_base {
        let overrides = json!({
            "type": "object", "additionalProperties": policy(false),
            "description": "for single tools: any of the fields, replaced",
        });
        properties.insert(read::OVERRIDES.to_owned(), overrides);
    }
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// Metric names cannot be told from column names here, so any key will do; the reader knows better.
fn expect() -> Value {
    let test = json!({ "type": ["string", "number"], "description": TEST_RULE });
    let metrics: Map<String, Value> = super::METRICS
        .iter()
        .map(|(name, doc)| {
            let schema = json!({ "type": ["string", "number"], "description": doc });
            ((*name).to_owned(), schema)
        })
        .collect();
    json!({
        "type": "object",
        "properties": metrics,
        "additionalProperties": { "anyOf": [test, { "type": "object" }] },
    })
}

fn columns() -> Value {
    let mut properties: Map<String, Value> = SCENARIO
        .keys
        .iter()
        .filter(|e| REPLACEABLE.contains(&e.name))
        .map(|e| (e.name.to_owned(), entry(e)))
        .collect();
    properties.insert("name".into(), json!({ "type": "string", "description": "its name" }));
    json!({ "type": "array", "items": {
        "type": "object", "properties": properties,
        "required": ["name"], "additionalProperties": false,
    } })
}
