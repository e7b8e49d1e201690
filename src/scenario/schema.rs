//! The grammar of scenarios as JSON Schema, so that editors complete and check.

/// The JSON Schema of a scenario file.
pub fn schema() -> String {
    "{}".into()
}
