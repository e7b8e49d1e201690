//! A fault in input. Whoever wrote the file should see every fault at once, each with its place,
//! the value found, the rule that it breaks and the way out.

use std::fmt;
use std::ops::Range;

/// One thing that is wrong with an input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Where in the data, as dotted keys: `tools[0].faults[1].outage.from`.
    pub path: String,
    /// Where in the text, in bytes; `None` where the text is not at hand.
    pub span: Option<Range<usize>>,
    /// The value found, as it was written.
    pub found: String,
    /// The rule that it breaks: "must be 0 to 1000".
    pub rule: String,
    /// The way out, if there is an evident one: "did you mean `max_retries`?".
    pub hint: Option<String>,
}

impl Fault {
    /// A fault at a path, without a place in a text.
    pub fn new(
        path: impl Into<String>,
        found: impl Into<String>,
        rule: impl Into<String>,
    ) -> Fault {
        let (path, found, rule) = (path.into(), shortened(&found.into()), rule.into());
        Fault { path, span: None, found, rule, hint: None }
    }
    /// The same fault with its place in the text.
    pub fn at(mut self, span: Option<Range<usize>>) -> Fault {
        self.span = span;
        self
    }
    /// The same fault with a way out.
    pub fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: found {}: {}", self.path, self.found, self.rule)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

/// The known name nearest to an unknown one, if any is near enough to be a slip of the keyboard.
pub fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(name, k), k))
        .filter(|(d, k)| *d <= 1 + k.len().min(name.len()) / 4)
        .min()
        .map(|(_, k)| k)
}

/// A path and one more key: `policy` and `jitter` give `policy.jitter`. A key that is not a plain word
/// is quoted, so that the path can be read back.
pub fn joined(path: &str, key: &str) -> String {
    let plain = !key.is_empty()
        && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '/'));
    let dot = if path.is_empty() { "" } else { "." };
    if plain { format!("{path}{dot}{key}") } else { format!("{path}{dot}{key:?}") }
}

/// At most 60 characters of a value, so that one line stays one line.
pub fn shortened(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ");
    if text.chars().count() <= 60 {
        return text;
    }
    let mut short: String = text.chars().take(57).collect();
    short.push_str("...");
    short
}

#[cfg(test)]
mod tests {
    use super::near;

    #[test]
    fn a_slip_finds_its_name_and_a_stranger_finds_none() {
        let known = ["max_retries", "jitter", "latency"];
        assert_eq!(near("max_retrys", known), Some("max_retries"));
        assert_eq!(near("jiter", known), Some("jitter"));
        assert_eq!(near("wombat", known), None);
    }
}
