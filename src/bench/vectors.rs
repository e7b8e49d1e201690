//! Golden vectors: random policies and replies with the answers that an oracle gave, one JSON object a
//! line with `id`, `policy`, `steps` (each `tool`, `request` and `result`, the wire form of a reply) and
//! `expect`: for each variant the `retry_delay_ms` of every step, or `"error"`.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::base::Fault;
use crate::base::fault::shortened;
use crate::base::tree::{Key, Node, Value};
use crate::plugin::{Overrides, PolicySet, Reply, read, wire};

/// What a step is answered with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Answer {
    /// `retry_delay_ms`: whole milliseconds, 0 for "do not retry".
    Delay(u64),
    /// The hook failed.
    Error,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Delay(ms) => write!(f, "{ms} ms"),
            Answer::Error => f.write_str("error"),
        }
    }
}

/// One call of the hook.
#[derive(Clone, Debug)]
pub struct Step {
    /// The tool's name.
    pub tool: String,
    /// The request's id.
    pub request: String,
    /// The wire form, as written.
    pub text: String,
    /// The same, read.
    pub reply: Reply,
}

/// A vector.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// The policy, as written.
    pub policy_text: String,
    /// The same, read and merged; or its faults.
    pub policy: Result<PolicySet, Vec<Fault>>,
    /// The same for a body that checks overrides when their tool is called.
    pub policy_at_call: Result<PolicySet, Vec<Fault>>,
    /// The calls of one instance, in order.
    pub steps: Vec<Step>,
    /// The answers to the steps, by variant.
    pub expect: BTreeMap<String, Vec<Answer>>,
}

/// A line that is no vector.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct BrokenVector {
    /// From 1.
    pub line: usize,
    /// What is wrong with it.
    pub what: String,
}

#[derive(Deserialize)]
struct WireCase<'a> {
    #[serde(default, borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    policy: &'a RawValue,
    #[serde(borrow)]
    steps: Vec<WireStep<'a>>,
    expect: BTreeMap<String, Vec<serde_json::Value>>,
}

#[derive(Deserialize)]
struct WireStep<'a> {
    tool: String,
    request: String,
    #[serde(borrow)]
    result: &'a RawValue,
}

/// Reads vectors, one JSON object a line; empty lines are passed over.
///
/// # Errors
/// The first line that is no vector.
pub fn cases(text: &str) -> Result<Vec<Case>, BrokenVector> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(i, line)| case(line).map_err(|what| BrokenVector { line: i + 1, what })).collect()
}

fn case(line: &str) -> Result<Case, String> {
    let wire: WireCase<'_> =
        serde_json::from_str(line).map_err(|e| format!("{}: {FORM}", told(&e)))?;
    let steps: Vec<Step> = wire.steps.into_iter().map(step).collect::<Result<_, _>>()?;
    let mut expect = BTreeMap::new();
    for (variant, answers) in wire.expect {
        if answers.len() != steps.len() {
            let (found, rule) = (answers.len(), steps.len());
            return Err(format!(
                "expect.{variant}: found {found} answers: must be {rule}, one a step"
            ));
        }
        let answers: Result<Vec<Answer>, String> =
            answers.iter().map(|value| answer(&variant, value)).collect();
        expect.insert(variant, answers?);
    }
    let policy: serde_json::Value =
        serde_json::from_str(wire.policy.get()).map_err(|e| format!("policy: {}", told(&e)))?;
    let policy = node(policy);
    Ok(Case {
        id: wire.id.map_or("null".into(), name),
        policy_text: wire.policy.get().to_owned(),
        policy: read::read(&policy, "policy", &mut Vec::new()),
        policy_at_call: read::read_as(Overrides::AtCall, &policy, "policy", &mut Vec::new()),
        steps,
        expect,
    })
}

/// What a line must be.
const FORM: &str = "must be one JSON object on one line (JSON Lines) with policy, steps (a list of tool, \
                    request, result) and expect (variant: a list of answers); `jq -c .` puts one on a line";

/// What JSON's reader says. Its line is always the first, of the vector's own.
fn told(error: &serde_json::Error) -> String {
    let whole = error.to_string();
    let what = whole.split(" at line ").next().unwrap_or_default();
    format!("column {}: {what}", error.column())
}

/// What a case is called: a text, or any other value as it was written.
fn name(id: &RawValue) -> String {
    serde_json::from_str(id.get()).unwrap_or_else(|_| shortened(id.get()))
}

fn step(step: WireStep<'_>) -> Result<Step, String> {
    let text = step.result.get().to_owned();
    let reply = wire::reply(&text).map_err(|e| format!("result: {e}"))?;
    Ok(Step { tool: step.tool, request: step.request, text, reply })
}

fn answer(variant: &str, value: &serde_json::Value) -> Result<Answer, String> {
    match (value.as_u64(), value.as_str()) {
        (Some(ms), _) => Ok(Answer::Delay(ms)),
        (_, Some("error")) => Ok(Answer::Error),
        _ => {
            let value = shortened(&value.to_string());
            Err(format!("expect.{variant}: found {value}: must be whole milliseconds or \"error\""))
        }
    }
}

/// JSON as the tree that policies are read from; no place in a text is known.
fn node(value: serde_json::Value) -> Node {
    use serde_json::Value as Json;
    Node::bare(match value {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(b),
        Json::Number(n) => match (n.as_i64(), n.as_f64()) {
            (Some(i), _) => Value::Int(i),
            (None, Some(x)) => Value::Float(x),
            (None, None) => Value::Null,
        },
        Json::String(s) => Value::Text(s),
        Json::Array(list) => Value::List(list.into_iter().map(node).collect()),
        Json::Object(table) => Value::Table(
            table
                .into_iter()
                .map(|(key, value)| (Key { name: key, span: None }, node(value)))
                .collect(),
        ),
    })
}
