//! Faults of a file as people fix them: each with its place in the text, the value found, the rule, and
//! the way out where one is evident.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use crate::base::Fault;

/// No more syntax faults than this are shown of one file: a file of another kind has one in every line.
const MOST: usize = 20;
/// The path of a fault of syntax.
const SYNTAX: &str = "syntax";

/// A file with faults, as text for a terminal.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Faulty(String);

/// The faults of a file; `path` is the file's, as the user named it.
pub(super) fn faulty(path: &str, text: &str, faults: &[Fault]) -> Faulty {
    let renderer = Renderer::styled();
    let (syntax, others): (Vec<&Fault>, Vec<&Fault>) =
        faults.iter().partition(|f| f.path == SYNTAX);
    let shown = syntax.iter().take(MOST).chain(&others);
    let mut told: String =
        shown.map(|fault| renderer.render(&[group(path, text, fault)]) + "\n\n").collect();
    if syntax.len() > MOST {
        told += &format!("… and {} more faults of syntax\n\n", syntax.len() - MOST);
    }
    let number = match faults.len() {
        1 => "one fault".into(),
        n => format!("{n} faults"),
    };
    Faulty(format!("{told}{path}: {number}"))
}

fn group<'a>(path: &'a str, text: &'a str, fault: &'a Fault) -> Group<'a> {
    let Fault { path: key, found, rule, .. } = fault;
    let title = Level::ERROR.primary_title(format!("{key}: found {found}: {rule}"));
    let group = match fault.span.as_ref().map(|span| within(text, span)) {
        Some(span) => {
            let place = AnnotationKind::Primary.span(span);
            title.element(Snippet::source(text).path(path).annotation(place))
        }
        None => title.element(Origin::path(path)),
    };
    match &fault.hint {
        Some(hint) => group.element(Level::HELP.message(hint.as_str())),
        None => group,
    }
}

/// A span that lies within a text, on whole characters, in one line.
fn within(text: &str, span: &Range<usize>) -> Range<usize> {
    let floor = |at: usize| (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i));
    let start = floor(span.start).unwrap_or(0);
    let line = text[start..].find('\n').map_or(text.len(), |i| start + i);
    let end = floor(span.end.min(line)).unwrap_or(start).max(start);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_names_place_value_rule_and_way_out() {
        let text = "a = 1\nb = é\n";
        let fault = Fault::new("b", "é", "must be a number").at(Some(10..13)).hint("try 2");
        let told = anstream::adapter::strip_str(&faulty("my.toml", text, &[fault]).to_string())
            .to_string();
        for word in
            ["error: b: found é: must be a number", "my.toml:2:5", "b = é", "try 2", "one fault"]
        {
            assert!(told.contains(word), "{told}");
        }
    }

    #[test]
    fn no_span_is_outside_its_text() {
        assert_eq!(within("é", &(1..9)), 0..2);
        assert_eq!(within("", &(5..9)), 0..0);
        assert_eq!(within("ab\ncd", &(1..5)), 1..2);
        let fault = Fault::new("", "", "").at(Some(99..100));
        faulty("x", "", &vec![fault; 50]);
    }
}
