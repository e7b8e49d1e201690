//! Faults of a file as people fix them: each with its place in the text, the value found, the rule, and
//! the way out where one is evident.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet, Title};

use crate::base::Fault;
use crate::scenario::log::Wrong;
use crate::scenario::{Finding, finding};

/// No more syntax faults than this are shown of one file: a file of another kind has one in every line.
const MOST: usize = 20;
/// Nobody mends more faults than this before asking again.
const MANY: usize = 1000;
/// A longer line is not shown, only named.
const LONG: usize = 10_000;
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
    let shown = syntax.iter().take(MOST).chain(others.iter().take(MANY));
    let lines = Lines::of(text);
    let mut told: String =
        shown.map(|fault| renderer.render(&[group(path, &lines, fault)]) + "\n\n").collect();
    if syntax.len() > MOST {
        told += &format!("… and {} more faults of syntax\n\n", syntax.len() - MOST);
    }
    if others.len() > MANY {
        told += &format!("… and {} more faults\n\n", others.len() - MANY);
    }
    let number = match faults.len() {
        1 => "one fault".into(),
        n => format!("{n} faults"),
    };
    Faulty(format!("{told}{path}: {number}"))
}

/// What is wrong with a log, with its line.
pub(super) fn faulty_line(path: &str, wrong: &Wrong) -> Faulty {
    let Wrong { line, text, fault } = wrong;
    let title = Level::ERROR
        .primary_title(format!("{}: found {}: {}", fault.path, fault.found, fault.rule));
    let lines = Lines::of(text);
    let line = line.and_then(|line| usize::try_from(line).ok());
    let group = match (line, fault.span.as_ref().map(|span| lines.around(span))) {
        (Some(line), Some(Around { line: below, text, span })) if text.len() <= LONG => {
            let place = AnnotationKind::Primary.span(span);
            let snippet = Snippet::source(text).line_start(line + below - 1).path(path);
            title.element(snippet.annotation(place))
        }
        (Some(line), _) => title.element(Origin::path(path).line(line)),
        (None, _) => title.element(Origin::path(path)),
    };
    let hints = fault.hint.iter().map(|hint| Level::HELP.message(hint.as_str()));
    Faulty(Renderer::styled().render(&[group.elements(hints)]) + "\n\n" + path + ": not read")
}

/// Findings of a file, as text for a terminal.
pub(super) fn odd(path: &str, text: &str, findings: &[Finding]) -> String {
    let renderer = Renderer::styled();
    let lines = Lines::of(text);
    let told = findings.iter().map(|finding| {
        let Finding { path: key, found, message, .. } = finding;
        let level = match finding.level {
            finding::Level::Warning => Level::WARNING,
            finding::Level::Note => Level::NOTE,
        };
        let title = level.primary_title(format!("{key}: found {found}: {message}"));
        let title = title.id(finding.rule);
        let group = placed(path, &lines, title, finding.span.as_ref());
        renderer.render(&[group.element(Level::HELP.message(finding.fix.as_str()))]) + "\n"
    });
    told.collect::<Vec<_>>().join("\n")
}

fn group<'a>(path: &'a str, lines: &Lines<'a>, fault: &'a Fault) -> Group<'a> {
    let Fault { path: key, found, rule, .. } = fault;
    let title = Level::ERROR.primary_title(format!("{key}: found {found}: {rule}"));
    let group = placed(path, lines, title, fault.span.as_ref());
    match &fault.hint {
        Some(hint) => group.element(Level::HELP.message(hint.as_str())),
        None => group,
    }
}

/// A title with its place in the text.
fn placed<'a>(
    path: &'a str,
    lines: &Lines<'a>,
    title: Title<'a>,
    span: Option<&Range<usize>>,
) -> Group<'a> {
    match span.map(|span| lines.around(span)) {
        Some(Around { line, text, span, .. }) if text.len() <= LONG => {
            let place = AnnotationKind::Primary.span(span);
            title.element(Snippet::source(text).line_start(line).path(path).annotation(place))
        }
        Some(Around { line, span, .. }) => {
            title.element(Origin::path(path).line(line).char_column(span.start + 1))
        }
        None => title.element(Origin::path(path)),
    }
}

/// A text by lines, so that the hundred-thousandth fault is placed as quickly as the first.
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Where each line begins.
    starts: Vec<usize>,
}

/// A line with a place in it.
#[derive(PartialEq, Eq, Debug)]
struct Around<'a> {
    /// Its number, from 1.
    line: usize,
    text: &'a str,
    /// Within the line, on whole characters.
    span: Range<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Lines<'a> {
        let after = text.bytes().zip(1..).filter(|(byte, _)| *byte == b'\n').map(|(_, next)| next);
        Lines { text, starts: std::iter::once(0).chain(after).collect() }
    }

    /// The line in which a span begins, its first character there and the first behind it, all from 1.
    pub(super) fn place(&self, span: &Range<usize>) -> (usize, usize, usize) {
        let Around { line, text, span } = self.around(span);
        let column = |end: usize| 1 + text.get(..end).unwrap_or("").chars().count();
        (line, column(span.start), column(span.end))
    }

    /// The line in which a span begins; a span that leaves the line ends with it.
    fn around(&self, span: &Range<usize>) -> Around<'a> {
        let text = self.text;
        let floor = |at: usize| (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i));
        let start = floor(span.start).unwrap_or(0);
        let line = self.starts.partition_point(|first| *first <= start).max(1);
        let first = self.starts.get(line - 1).copied().unwrap_or(0);
        let last = self.starts.get(line).map_or(text.len(), |next| next - 1);
        let last = first + text.get(first..last).unwrap_or("").trim_end_matches('\r').len();
        let start = start.min(last);
        let end = floor(span.end.min(last)).unwrap_or(start).max(start);
        let text = text.get(first..last).unwrap_or("");
        Around { line, text, span: start - first..end - first }
    }
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
        let at = |text, span| Lines::of(text).around(&span).span;
        assert_eq!(at("é", 1..9), 0..2);
        assert_eq!(at("", 5..9), 0..0);
        assert_eq!(at("ab\ncd", 1..5), 1..2);
        assert_eq!(at("ab\ncd", 4..5), 1..2);
        assert_eq!(Lines::of("ab\ncd\n").around(&(6..6)).line, 3);
        assert_eq!(at("ab\r\r\r", 5..5), 2..2);
        let fault = Fault::new("", "", "").at(Some(99..100));
        faulty("x", "", &vec![fault; 2000]);
    }
}
