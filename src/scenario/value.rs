//! One value against its kind: whether it is accepted, what it reads as, and the message when it is
//! not. A message names the one bound that is broken where the form is right.

use crate::base::fault::near;
use crate::base::text;
use crate::base::tree::{Node, Value};
use crate::base::{Fault, Span};

use super::grammar::{Kind, MAX_RATE};

/// Whether a value is of a kind, as far as one look can tell: the forms of a union and the keys of an
/// inner table are told when they are opened.
pub(super) fn accepts(kind: &Kind, node: &Node) -> bool {
    match kind {
        Kind::Text => as_text(node).is_some(),
        Kind::Flag => matches!(node.value, Value::Bool(_)),
        Kind::Duration { zero } => as_span(node).is_some_and(|s| *zero || !s.is_zero()),
        Kind::DurationOrNone => {
            as_text(node) == Some("none") || as_span(node).is_some_and(|s| !s.is_zero())
        }
        Kind::Rate { zero } => as_rate(node).is_some_and(|r| (*zero || r > 0.0) && r <= MAX_RATE),
        Kind::Probability => as_probability(node).is_some(),
        Kind::Count(low, high) => {
            matches!(node.value, Value::Int(n) if (*low..=*high).contains(&n))
        }
        Kind::Number(low, high) => {
            !matches!(node.value, Value::Text(_))
                && as_number(node).is_some_and(|x| (*low..=*high).contains(&x))
        }
        Kind::Word(words) => as_text(node).is_some_and(|text| words.contains(&text)),
        Kind::OneOf(_) => true,
        Kind::List(_) | Kind::Columns => matches!(node.value, Value::List(_)),
        Kind::Table(_) | Kind::Policy | Kind::Vary | Kind::Expect => {
            matches!(node.value, Value::Table(_))
        }
    }
}

/// The fault of a value that its kind does not accept.
pub(super) fn misfit(kind: &Kind, node: &Node, path: &str) -> Fault {
    let fault = Fault::new(path, node.shown(), broken(kind, node)).at(node.span.clone());
    if path.contains(".arrivals.") && (as_rate(node) == Some(0.0) || node.value == Value::Int(0)) {
        return fault.hint("where nothing arrives, leave the load out");
    }
    let Some(text) = as_text(node) else { return fault };
    let hint = match kind {
        Kind::Word(words) => quoted(text, words),
        Kind::OneOf(union) => {
            let words = match union.text {
                Some(Kind::Word(words)) => words,
                _ => &[],
            };
            let form = || near(text, union.forms.iter().map(|e| e.name));
            quoted(text, words).or_else(|| Some(format!("did you mean {{ {} = ... }}?", form()?)))
        }
        _ => None,
    };
    Fault { hint, ..fault }
}

/// The rule that a value breaks: the bound alone where only that is wrong.
fn broken(kind: &Kind, node: &Node) -> String {
    match kind {
        Kind::Duration { .. } | Kind::DurationOrNone if as_span(node).is_some() => {
            "must be longer than 0".into()
        }
        Kind::Duration { .. } | Kind::DurationOrNone
            if as_text(node).is_some_and(text::too_long) =>
        {
            "must be shorter than 292 years".into()
        }
        Kind::Rate { .. } => match as_rate(node) {
            Some(rate) if rate > MAX_RATE => format!("must be at most {MAX_RATE}/s"),
            Some(_) => "must be above 0".into(),
            None => kind.rule(),
        },
        Kind::Count(_, i64::MAX) if as_number(node).is_some_and(|n| n >= i64::MAX as f64) => {
            format!("must be at most {}", i64::MAX)
        }
        _ => kind.rule(),
    }
}

fn quoted(text: &str, words: &[&str]) -> Option<String> {
    near(text, words.iter().copied()).map(|word| format!("did you mean \"{word}\"?"))
}

pub(super) fn as_text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

pub(super) fn as_span(node: &Node) -> Option<Span> {
    text::duration(as_text(node)?)
}

pub(super) fn as_rate(node: &Node) -> Option<f64> {
    text::rate(as_text(node)?)
}

/// Defaults are texts, so the readers below read those too; [`accepts`] keeps texts of the file out.
pub(super) fn as_flag(node: &Node) -> Option<bool> {
    match &node.value {
        Value::Bool(on) => Some(*on),
        Value::Text(default) => Some(default == "true"),
        _ => None,
    }
}

pub(super) fn as_whole(node: &Node) -> Option<i64> {
    match &node.value {
        Value::Int(n) => Some(*n),
        Value::Text(default) => default.parse().ok(),
        _ => None,
    }
}

pub(super) fn as_number(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Int(n) => Some(*n as f64),
        Value::Float(x) => Some(*x),
        Value::Text(default) => default.parse().ok(),
        _ => None,
    }
}

pub(super) fn as_probability(node: &Node) -> Option<f64> {
    match &node.value {
        Value::Text(text) => text::probability(text),
        _ => as_number(node).filter(|p| (0.0..=1.0).contains(p)),
    }
}
