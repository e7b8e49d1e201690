//! Values of evidence, and how far apart two of them may be.

use std::fmt;

use crate::chart::shown;

/// A piece of evidence.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// A number.
    Number(f64),
    /// A metric that does not exist: no call recovered, so no time of recovery.
    Nothing,
    /// A digest, or a course of events in words.
    Text(String),
}

/// How far a value may be from the baseline's.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Tolerance {
    /// Not at all.
    Exact,
    /// By a share of the baseline's value.
    Relative(f64),
    /// By this much.
    Absolute(f64),
}

impl Tolerance {
    /// Whether a value may stand in the place of another.
    pub fn holds(self, before: &Value, now: &Value) -> bool {
        let (Value::Number(before), Value::Number(now)) = (before, now) else {
            return before == now;
        };
        let off = (now - before).abs();
        match self {
            Tolerance::Exact => off == 0.0,
            Tolerance::Relative(share) => off <= share * before.abs(),
            Tolerance::Absolute(most) => off <= most,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(x) => f.write_str(&shown(*x)),
            Value::Nothing => f.write_str("n/a"),
            Value::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tolerance::Exact => f.write_str("exact"),
            Tolerance::Relative(share) => write!(f, "{}%", shown(share * 100.0)),
            Tolerance::Absolute(most) => write!(f, "+- {}", shown(*most)),
        }
    }
}
