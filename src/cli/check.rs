//! `check`: every fault of scenarios and of gateway configurations, and what loads but cannot do what it
//! seems to.

use std::io::Write;

use super::args::{Check, CheckFormat};
use super::faults::{self, Lines};
use super::input::{self, Input};
use super::tell;
use crate::base::Fault;
use crate::plugin::{Policy, PolicySet};
use crate::report::checked::{self, Entry};
use crate::scenario::{Finding, Plan, contextforge, finding};

/// What came of a file.
struct Checked {
    path: String,
    text: String,
    findings: Vec<Finding>,
    state: State,
}

enum State {
    /// What is in it.
    Sound(String),
    Faulty(Vec<Fault>),
    /// Why it was not read.
    Unread(String),
}

/// Checks files and names, and sums up where they are several; 2 if any has a fault.
pub(super) fn check(options: &Check) -> anyhow::Result<u8> {
    let mut out = anstream::stdout();
    let human = options.format == CheckFormat::Human;
    let (mut broken, mut odd) = (0, Vec::new());
    let mut entries = Vec::new();
    for name in &options.files {
        let checked = checked(name, options);
        broken += usize::from(!matches!(checked.state, State::Sound(_)));
        match human {
            true => print(name, &checked, options.quiet, &mut out)?,
            false => entries.extend(of_file(&checked)),
        }
        odd.extend(checked.findings.into_iter().map(|finding| finding.level));
    }
    match options.format {
        CheckFormat::Json => writeln!(out, "{}", checked::json(&entries)?)?,
        CheckFormat::Sarif => writeln!(out, "{}", checked::sarif(&entries)?)?,
        CheckFormat::Human if options.files.len() > 1 && !options.quiet => {
            let files = options.files.len();
            let of = |level| odd.iter().filter(|found| **found == level).count();
            let mut told = number(of(finding::Level::Warning), "warning");
            if of(finding::Level::Note) > 0 {
                told += &format!(", {}", number(of(finding::Level::Note), "note"));
            }
            writeln!(out, "{files} files: {} ok, {broken} at fault; {told}", files - broken)?;
        }
        CheckFormat::Human => {}
    }
    Ok(if broken == 0 { 0 } else { 2 })
}

fn print(name: &str, checked: &Checked, quiet: bool, out: &mut impl Write) -> std::io::Result<()> {
    let Checked { path, text, findings, state } = checked;
    if !findings.is_empty() {
        tell(faults::odd(path, text, findings));
    }
    match state {
        State::Sound(_) if quiet => {}
        State::Sound(summary) => writeln!(out, "{name}: ok: {summary}")?,
        State::Faulty(found) => tell(faults::faulty(path, text, found)),
        State::Unread(why) => tell(format_args!("error: {why}")),
    }
    Ok(())
}

/// What is in a file, and what is odd about it.
fn checked(name: &str, options: &Check) -> Checked {
    let file = match input::named(name) {
        Ok(file) => file,
        Err(error) => {
            let (path, state) = (name.to_owned(), State::Unread(format!("{error:#}")));
            return Checked { path, text: String::new(), findings: Vec::new(), state };
        }
    };
    let (findings, state) = match file.read(options.client_timeout) {
        Err(faults) => (Vec::new(), State::Faulty(faults)),
        Ok(Input::Config(set, findings)) => {
            let late = findings.iter().any(|f| f.rule == "beyond-client-timeout");
            (findings, State::Sound(policies(&set, late)))
        }
        Ok(Input::Scenario(plan)) => {
            (input::findings(&file, &plan, options.client_timeout), State::Sound(contents(&plan)))
        }
    };
    Checked { path: file.path, text: file.text, findings, state }
}

/// All that was found of a file, for programs.
fn of_file(checked: &Checked) -> Vec<Entry> {
    let Checked { path: file, text, findings, state } = checked;
    let lines = Lines::of(text);
    let entry = |rule: &str, level, message: &str| Entry {
        file: file.clone(),
        line: None,
        column: None,
        end_column: None,
        path: None,
        rule: rule.to_owned(),
        level,
        found: None,
        message: message.to_owned(),
        fix: None,
    };
    let placed = |entry: Entry, span: Option<&std::ops::Range<usize>>| match span {
        None => entry,
        Some(span) => {
            let (line, column, end) = lines.place(span);
            Entry { line: Some(line), column: Some(column), end_column: Some(end), ..entry }
        }
    };
    let fault = |fault: &Fault| {
        let (path, found) = (Some(fault.path.clone()), Some(fault.found.clone()));
        let entry = entry(finding::rule_of(fault), checked::Level::Error, &fault.rule);
        placed(Entry { path, found, fix: fault.hint.clone(), ..entry }, fault.span.as_ref())
    };
    let odd = |odd: &Finding| {
        let (path, found, fix) = (odd.path.clone(), odd.found.clone(), odd.fix.clone());
        let level = match odd.level {
            finding::Level::Warning => checked::Level::Warning,
            finding::Level::Note => checked::Level::Note,
        };
        let entry = entry(odd.rule, level, &odd.message);
        placed(
            Entry { path: Some(path), found: Some(found), fix: Some(fix), ..entry },
            odd.span.as_ref(),
        )
    };
    let mut entries: Vec<Entry> = match state {
        State::Sound(_) => Vec::new(),
        State::Faulty(faults) => faults.iter().map(fault).collect(),
        State::Unread(why) => vec![entry("unreadable", checked::Level::Error, why)],
    };
    entries.extend(findings.iter().map(odd));
    entries
}

fn contents(plan: &Plan) -> String {
    format!(
        "{}, {}, {}",
        number(plan.columns.len(), "column"),
        number(plan.replicas as usize, "replica"),
        number(plan.expectations.len(), "expectation"),
    )
}

/// "1 column", "2 columns".
fn number(n: usize, one: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    }
}

/// The policies of a configuration and, unless it was told as too `late`, how long a call can take.
fn policies(set: &PolicySet, late: bool) -> String {
    let words = |p: &Policy| {
        let statuses: Vec<String> = p.retry_on_status.iter().map(|s| s.to_string()).collect();
        format!(
            "max_retries {}, backoff_base_ms {}, max_backoff_ms {}, jitter {}, retry_on_status [{}], \
             check_text_content {}",
            p.max_retries,
            p.backoff_base.as_millis_f64(),
            p.max_backoff.as_millis_f64(),
            p.jitter.name(),
            statuses.join(", "),
            p.check_text_content,
        )
    };
    let overrides = set.overrides.iter().map(|(tool, p)| format!("\n  {tool}: {}", words(p)));
    let mut told = words(&set.base) + &overrides.collect::<String>();
    if !late {
        told += &format!("\n  {}", contextforge::worst_case(set));
    }
    told
}
