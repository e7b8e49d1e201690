//! The printed JSON Schema: shipped scenarios pass it, slips do not, and `scenarios/README.md` documents
//! every key that it names.

use std::fs;

use retrylab::base::tree::{Node, Value as Written};
use retrylab::scenario::{self, METRICS, toml};
use serde_json::{Map, Value, json};

fn schema() -> Value {
    serde_json::from_str(&scenario::schema()).unwrap()
}

/// What was written, as JSON.
fn json_of(node: &Node) -> Value {
    match &node.value {
        Written::Null => Value::Null,
        Written::Bool(on) => json!(on),
        Written::Int(n) => json!(n),
        Written::Float(x) => json!(x),
        Written::Text(text) => json!(text),
        Written::List(items) => items.iter().map(json_of).collect(),
        Written::Table(entries) => {
            entries.iter().map(|(k, v)| (k.name.clone(), json_of(v))).collect::<Map<_, _>>().into()
        }
    }
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("the schema has a type that this test does not know: {other}"),
    }
}

fn is_one_type_of(value: &Value, types: &Value) -> bool {
    match types {
        Value::String(name) => is_of_type(value, name),
        types => types.as_array().unwrap().iter().any(|t| is_of_type(value, t.as_str().unwrap())),
    }
}

/// Where a value breaks a schema: everything but patterns, which would need an engine of their own. A
/// keyword unknown to this test stops it, so that nothing goes unchecked unseen.
fn breaks(value: &Value, schema: &Value, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (keyword, rule) in schema.as_object().unwrap() {
        let holds = match keyword.as_str() {
            "$schema" | "title" | "description" | "pattern" => true,
            "type" => is_one_type_of(value, rule),
            "enum" => rule.as_array().unwrap().contains(value),
            "minimum" => value.as_f64().is_none_or(|x| x >= rule.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|x| x <= rule.as_f64().unwrap()),
            "minItems" => value.as_array().is_none_or(|a| a.len() as u64 >= rule.as_u64().unwrap()),
            "minProperties" => {
                value.as_object().is_none_or(|o| o.len() as u64 >= rule.as_u64().unwrap())
            }
            "anyOf" => {
                rule.as_array().unwrap().iter().any(|form| breaks(value, form, path).is_empty())
            }
            "required" => value.as_object().is_none_or(|object| {
                rule.as_array().unwrap().iter().all(|k| object.contains_key(k.as_str().unwrap()))
            }),
            "items" => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    found.extend(breaks(item, rule, &format!("{path}[{i}]")));
                }
                true
            }
            "properties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    if let Some(rule) = rule.get(key) {
                        found.extend(breaks(value, rule, &format!("{path}.{key}")));
                    }
                }
                true
            }
            "additionalProperties" => {
                for (key, value) in value.as_object().into_iter().flatten() {
                    let named = schema["properties"].get(key).is_some();
                    match rule {
                        _ if named => {}
                        Value::Bool(allowed) if *allowed => {}
                        Value::Bool(_) => found.push(format!("{path}.{key}: additionalProperties")),
                        rule => found.extend(breaks(value, rule, &format!("{path}.{key}"))),
                    }
                }
                true
            }
            other => panic!("the schema has a keyword that this test does not know: {other}"),
        };
        if !holds {
            found.push(format!("{path}: {keyword}"));
        }
    }
    found
}

fn breaks_of(text: &str) -> Vec<String> {
    breaks(&json_of(&toml::parse(text).unwrap()), &schema(), "")
}

#[test]
fn shipped_scenarios_pass_the_schema() {
    for shipped in scenario::shipped() {
        assert_eq!(breaks_of(shipped.text), [""; 0], "{}", shipped.name);
    }
}

#[test]
fn slips_break_the_schema_where_they_stand() {
    let broken =
        |more: &str| breaks_of(&format!("{}tools = [{{ name = \"a\" }}]\n{more}", super::LEAST));
    assert_eq!(broken(""), [""; 0]);
    assert_eq!(breaks_of("question = \"?\""), [": required"]);
    for (slip, place) in [
        ("replicas = 0", ".replicas: minimum"),
        ("gatway = {}", ".gatway: additionalProperties"),
        ("gateway.loop = \"fixd\"", ".gateway.loop: enum"),
        ("policy.max_retries = \"2\"", ".policy.max_retries: type"),
        ("policy.retry_on_status = [503, 600]", ".policy.retry_on_status[1]: maximum"),
        ("columns = [{}]", ".columns[0]: required"),
        ("vary.\"policy.jitter\" = []", ".vary.policy.jitter: anyOf"),
    ] {
        assert_eq!(broken(slip), [place], "{slip}");
    }
    let tool =
        |tool: &str| breaks_of(&format!("{}tools = [{{ name = \"a\", {tool} }}]", super::LEAST));
    assert_eq!(tool("faults = [{ flaky = { probability = 2 } }]"), [".tools[0].faults[0]: anyOf"]);
    assert_eq!(tool("latency = {}"), [".tools[0].latency: anyOf"]);
}

/// Every property that the schema names, at any depth.
fn keys(schema: &Value, found: &mut Vec<String>) {
    if let Some(properties) = schema["properties"].as_object() {
        found.extend(properties.keys().cloned());
    }
    match schema {
        Value::Object(map) => map.values().for_each(|v| keys(v, found)),
        Value::Array(items) => items.iter().for_each(|v| keys(v, found)),
        _ => {}
    }
}

#[test]
fn every_key_of_the_schema_is_documented_in_the_readme() {
    let mut found = Vec::new();
    keys(&schema(), &mut found);
    for key in ["p999", "hold", "think", "tool_overrides", "notices_abandoned", "weight", "cv2"] {
        assert!(found.iter().any(|k| k == key), "the schema lacks {key}");
    }
    for (metric, _) in METRICS {
        assert!(found.iter().any(|k| k == metric), "the schema lacks {metric}");
    }
    let readme = fs::read_to_string("scenarios/README.md").unwrap();
    for key in &found {
        assert!(readme.contains(&format!("| `{key}` |")), "the README lacks `{key}`");
    }
}
