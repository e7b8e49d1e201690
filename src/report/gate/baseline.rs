//! `reports/baseline.json`: figures with the identity of whoever gathered them. A value is a number,
//! null for a metric that does not exist, or text.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::study::gate::{Baseline, Value};

/// The form of the file.
const SCHEMA: &str = "retrylab/baseline/1";

/// Who gathered evidence, and where.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// retrylab's version.
    pub version: String,
    /// The commit that it was built from; a `+` behind it says that sources had changed since.
    pub commit: Option<String>,
    /// The compiler that built it.
    pub toolchain: Option<String>,
    /// The machine. Exact evidence does not depend on it.
    pub host: Host,
}

impl Identity {
    /// `retrylab 0.1.0, commit abc`.
    pub fn in_words(&self) -> String {
        let commit = self.commit.as_ref().map_or(String::new(), |c| format!(", commit {c}"));
        format!("retrylab {}{commit}", self.version)
    }
}

/// A machine.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// `linux`.
    pub os: String,
    /// `x86_64`.
    pub architecture: String,
    /// The processor's model, where the system tells.
    pub cpu: Option<String>,
    /// How many threads it runs at once.
    pub cores: Option<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    schema: String,
    retrylab: Identity,
    definitions: BTreeMap<String, String>,
    figures: BTreeMap<String, serde_json::Value>,
}

/// A text that is no baseline.
#[derive(Debug, thiserror::Error)]
pub enum BrokenBaseline {
    /// No JSON, or not of this form.
    #[error("is no baseline: {0}")]
    Json(#[from] serde_json::Error),
    /// Of another form.
    #[error("schema: found {0:?}: must be \"{SCHEMA}\" for this retrylab")]
    Schema(String),
    /// A figure that no gate gathers.
    #[error("figures.{0:?}: found {1}: must be a number, null or text")]
    Figure(String, String),
}

/// The file's text.
///
/// # Errors
/// None for what was gathered; serde's, should a number not be finite.
pub fn to_text(baseline: &Baseline, identity: &Identity) -> serde_json::Result<String> {
    let figure = |(path, v): (&String, &Value)| (path.clone(), value(v));
    let wire = Wire {
        schema: SCHEMA.into(),
        retrylab: identity.clone(),
        definitions: baseline.definitions.clone(),
        figures: baseline.figures.iter().map(figure).collect(),
    };
    serde_json::to_string_pretty(&wire).map(|text| text + "\n")
}

/// Reads the file.
///
/// # Errors
/// Why it is no baseline.
pub fn from_text(text: &str) -> Result<(Baseline, Identity), BrokenBaseline> {
    let whole: serde_json::Value = serde_json::from_str(text)?;
    match whole.get("schema") {
        Some(schema) if schema != SCHEMA => {
            return Err(BrokenBaseline::Schema(schema.as_str().unwrap_or_default().to_owned()));
        }
        _ => {}
    }
    let wire: Wire = serde_json::from_value(whole)?;
    let mut figures = BTreeMap::new();
    for (path, found) in wire.figures {
        let value = match (&found, found.as_f64()) {
            (serde_json::Value::Null, _) => Value::Nothing,
            (serde_json::Value::String(text), _) => Value::Text(text.clone()),
            (_, Some(number)) => Value::Number(number),
            _ => return Err(BrokenBaseline::Figure(path, found.to_string())),
        };
        figures.insert(path, value);
    }
    Ok((Baseline { definitions: wire.definitions, figures }, wire.retrylab))
}

pub(super) fn value(value: &Value) -> serde_json::Value {
    match value {
        Value::Number(x) => (*x).into(),
        Value::Nothing => serde_json::Value::Null,
        Value::Text(text) => text.clone().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_to_the_last_bit() {
        let values = [Value::Number(0.1 + 0.2), Value::Nothing, Value::Text("a \"b\"".into())];
        let named = ["x", "y", "z"].map(str::to_owned).into_iter().zip(values);
        let definitions = [("d".to_owned(), "1".to_owned())].into_iter().collect();
        let baseline = Baseline { definitions, figures: named.collect() };
        let host = Host { os: "a".into(), architecture: "b".into(), cpu: None, cores: Some(2) };
        let (version, toolchain) = ("0".to_owned(), Some("rustc".to_owned()));
        let identity = Identity { version, commit: None, toolchain, host };
        let text = to_text(&baseline, &identity).unwrap_or_default();
        assert_eq!(from_text(&text).ok(), Some((baseline, identity)));
        for (broken, word) in [
            ("{", "is no baseline"),
            ("{\"schema\": \"retrylab/run/1\"}", "must be \"retrylab/baseline/1\""),
            ("{\"schema\": \"retrylab/baseline/1\"}", "missing field"),
            (&text.replace("null,\n    \"z\"", "[1],\n    \"z\""), "must be a number"),
        ] {
            let error = from_text(broken).err().map_or(String::new(), |e| e.to_string());
            assert!(error.contains(word), "{broken}: {error}");
        }
    }
}
