//! What a scenario can say, as data. One table of keys (in [`super::keys`]) drives the reader, its
//! messages, the JSON Schema and the reference in `scenarios/README.md`, so that none of the four can
//! fall behind the others.

/// A table and its keys.
#[derive(Debug)]
pub(super) struct Shape {
    /// What it is called in the reference: `[gateway]`.
    pub(super) title: &'static str,
    /// What it is for.
    pub(super) doc: &'static str,
    /// Its keys.
    pub(super) keys: &'static [Entry],
}

/// One key of a table.
#[derive(Debug)]
pub(super) struct Entry {
    /// The key.
    pub(super) name: &'static str,
    /// What its value is.
    pub(super) kind: Kind,
    /// Whether it must be there.
    pub(super) need: Need,
    /// What it does.
    pub(super) doc: &'static str,
}

/// Whether a key must be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Need {
    /// It must.
    Required,
    /// It may be left out; then nothing stands in its place.
    Optional,
    /// It may be left out; then this stands in its place.
    Default(&'static str),
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// true or false.
    Flag,
    /// A duration: "200ms".
    Duration {
        /// Whether 0 is allowed.
        zero: bool,
    },
    /// A duration, or "none".
    DurationOrNone,
    /// A rate: "150/s".
    Rate {
        /// Whether 0 is allowed.
        zero: bool,
    },
    /// A probability: "5%", "1/20", 0.05.
    Probability,
    /// A whole number within bounds.
    Count(i64, i64),
    /// A number within bounds.
    Number(f64, f64),
    /// One of some words.
    Word(&'static [&'static str]),
    /// A table.
    Table(&'static Shape),
    /// One of several forms.
    OneOf(&'static Union),
    /// A list, each of a kind.
    List(&'static Kind),
    /// The plugin's own policy (`plugin::read`).
    Policy,
    /// Dotted paths, each with the list of its values.
    Vary,
    /// Metrics and what must hold for them.
    Expect,
    /// Whole columns: a name and what to replace.
    Columns,
}

/// Events a second at most.
pub(super) const MAX_RATE: f64 = 1e7;

/// A duration that can be 0.
pub(super) const SPAN: Kind = Kind::Duration { zero: true };
/// A duration longer than 0.
pub(super) const TIME: Kind = Kind::Duration { zero: false };
/// A rate above 0.
pub(super) const RATE: Kind = Kind::Rate { zero: false };

/// An entry in one line.
pub(super) const fn key(name: &'static str, kind: Kind, need: Need, doc: &'static str) -> Entry {
    Entry { name, kind, need, doc }
}

/// One thing that can be written in several forms: a word, or a table with one key that names the
/// form.
#[derive(Debug)]
pub(super) struct Union {
    /// What it is called in the reference: `signal`.
    pub(super) title: &'static str,
    /// What it is for.
    pub(super) doc: &'static str,
    /// The forms that are a plain text.
    pub(super) text: Option<Kind>,
    /// The forms that are a table with one key of these.
    pub(super) forms: &'static [Entry],
    /// Keys that may stand beside that one key.
    pub(super) beside: &'static [Entry],
    /// The form that is a table of any of these keys, at least one.
    pub(super) any_of: &'static [Entry],
}

impl Kind {
    /// The rule that a value of this kind obeys, as messages and reference put it.
    pub(super) fn rule(&self) -> String {
        use crate::base::text::{DURATION_RULE, PROBABILITY_RULE, RATE_RULE};
        match self {
            Kind::Text => "must be text".into(),
            Kind::Flag => "must be true or false".into(),
            Kind::Duration { zero } => format!("{DURATION_RULE}{}", above(*zero)),
            Kind::DurationOrNone => format!("{DURATION_RULE}, or \"none\""),
            Kind::Rate { zero } => format!("{RATE_RULE}{}, at most {MAX_RATE}/s", above(*zero)),
            Kind::Probability => PROBABILITY_RULE.into(),
            Kind::Count(low, i64::MAX) => format!("must be an integer of at least {low}"),
            Kind::Count(low, high) => format!("must be an integer from {low} to {high}"),
            Kind::Number(low, high) => format!("must be a number from {low} to {high}"),
            Kind::Word(words) => format!("must be {}", either(words)),
            Kind::Table(shape) => format!("must be a table, {}", shape.title),
            Kind::OneOf(union) => format!("must be {}", union.choices()),
            Kind::List(_) | Kind::Columns => "must be a list".into(),
            Kind::Policy => "must be a table of policy fields".into(),
            Kind::Vary => "must be a table: \"dotted.path\" = [values]".into(),
            Kind::Expect => "must be a table: metric = \"what must hold\"".into(),
        }
    }
}

impl Union {
    /// All forms in one line.
    fn choices(&self) -> String {
        let words = match self.text {
            Some(Kind::Word(words)) => either(words),
            Some(Kind::Duration { .. }) => "a duration".into(),
            _ => String::new(),
        };
        let keys: Vec<&str> = self.forms.iter().chain(self.any_of).map(|e| e.name).collect();
        let or = if words.is_empty() { "" } else { ", or " };
        format!("{words}{or}a table with one of {}", keys.join(", "))
    }
}

fn above(zero: bool) -> &'static str {
    if zero { "" } else { ", more than 0" }
}

/// "a", "b" or "c".
fn either(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|w| format!("{w:?}")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
