//! The beginning of the file: where it comes from, how well it fits as a whole, and what it cannot tell.

use super::words::{self, comment, grouped, named, number, percent, quoted};
use super::{Checked, Told, Traces, table};
use crate::scenario::log::Role;
use crate::study::derive::arrivals::Model;
use crate::study::derive::{FEW, MOST_TOOLS};

pub(super) fn head(told: &Told<'_>, checked: Checked<'_>) -> String {
    let (log, derived, name) = (told.log, told.derived, named(told.name));
    let calls = number(derived.calls, "call");
    let span = words::span(log.span);
    let mut text = comment(
        &format!(
            "Derived from {name} by retrylab {}: {calls} in {span}, from {}. {}",
            told.version,
            log.begins,
            columns(told)
        ),
        "",
    );
    for note in notes(told) {
        text += &comment(&note, "");
    }
    text += "#\n";
    text += &fit(told, checked);
    let question = quoted(&format!("Should calls as in {name} be retried?"));
    let source = quoted(&format!("{name}: {calls} in {span}, from {}", log.begins));
    text += &format!(
        "question = {question}\nsource   = {source}\nduration = \"{}\"\nreplicas = {}\nseed     = 1\n",
        words::span(derived.duration),
        derived.replicas
    );
    text
}

/// Which columns told what.
fn columns(told: &Told<'_>) -> String {
    let of = |role: Role| {
        let names = told.log.columns.iter().filter(|(of, _)| *of == role);
        let names: Vec<String> = names.map(|(_, name)| format!("`{}`", named(name))).collect();
        (!names.is_empty()).then(|| format!("{} from {}", role.name(), names.join(", ")))
    };
    let found: Vec<String> = Role::ALL.into_iter().filter_map(of).collect();
    let missing = Role::ALL.into_iter().filter(|role| !told.log.tells(*role));
    let missing: Vec<&str> = missing.map(Role::name).collect();
    match missing.is_empty() {
        true => format!("Columns: {}.", found.join("; ")),
        false => format!("Columns: {}; none for {}.", found.join("; "), missing.join(", ")),
    }
}

/// What a reader should know of the whole.
fn notes(told: &Told<'_>) -> Vec<String> {
    let (log, derived) = (told.log, told.derived);
    let mut notes = vec![
        "Timestamps are taken for the beginnings of calls. If whoever wrote the log had retried already, its lines are \
         attempts, and so are the rates."
            .to_owned(),
    ];
    if let (skipped @ 1.., first) = &log.skipped {
        let first = first.as_ref().map_or(String::new(), |wrong| {
            format!(
                " (the first: line {}, {})",
                wrong.line.unwrap_or_default(),
                named(&wrong.fault.to_string())
            )
        });
        notes.push(format!(
            "Left out, for they are no calls: {}{first}.",
            number(*skipped as usize, "line")
        ));
    }
    if log.unordered > 0 {
        let lines = number(log.unordered as usize, "line");
        notes.push(format!("{lines} came before an earlier one; they were sorted."));
    }
    if !derived.left_out.is_empty() {
        let calls: usize = derived.left_out.iter().map(|(_, n)| n).sum();
        let share = percent(calls as f64 / derived.calls.max(1) as f64);
        let few = derived.left_out.iter().take(20);
        let mut names: Vec<String> =
            few.map(|(name, n)| format!("{} ({})", tool_name(name), grouped(*n))).collect();
        if derived.left_out.len() > names.len() {
            names.push(format!("{} more", grouped(derived.left_out.len() - names.len())));
        }
        notes.push(format!(
            "Left out, with fewer than {FEW} calls or behind the {MOST_TOOLS} most called: {} with {share} of the \
             calls: {}.",
            number(derived.left_out.len(), "tool"),
            names.join(", ")
        ));
    }
    notes
}

pub(super) fn tool_name(name: &str) -> String {
    if name.is_empty() { "without a name".into() } else { named(name) }
}

/// The simulation beside the log.
fn fit(told: &Told<'_>, checked: Checked<'_>) -> String {
    let simulated = match checked {
        Checked::NotYet => return String::new(),
        Checked::TooLong => {
            return comment("How well it fits was not simulated: it would have taken long.", "")
                + "\n";
        }
        Checked::Simulated(facts) => facts,
    };
    let mut text = comment(
        "How well it fits: the log, and below it one run of this scenario without retries. Took: all calls, \
         failures included. Dispersion: variance over mean of the calls in a window (Poisson: 1). In a row: failures, \
         on average.",
        "",
    );
    text += "#\n";
    for line in aligned(&table::table(told.derived, Some(simulated))) {
        text += format!("#   {line}").trim_end();
        text.push('\n');
    }
    text += "#\n";
    let traced = told.derived.tools.iter().any(|t| matches!(t.arriving.model, Model::Trace { .. }));
    if traced && told.traces == Traces::None {
        let words = "Some arrivals are no Poisson process. On stdout there is no place for a trace of them, and a rate \
                     stands here: `--out FILE` keeps them.";
        text += &comment(words, "");
        text += "#\n";
    }
    text.truncate(text.len() - 2);
    text + "\n"
}

/// Rows in columns that stand right, but the first.
fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let wide = |i: usize| rows.iter().filter_map(|row| row.get(i)).map(|c| c.chars().count()).max();
    let widths: Vec<usize> =
        (0..rows.first().map_or(0, Vec::len)).map(|i| wide(i).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(i, (cell, width))| match i {
            0 => format!("{cell:<width$}"),
            _ => format!("  {cell:>width$}"),
        });
        cells.collect::<String>()
    };
    rows.iter().map(line).collect()
}
