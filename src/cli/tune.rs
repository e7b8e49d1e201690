//! `tune`: searches a policy, prints what was found and a block to paste, and writes a report.

mod journal;
mod question;

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::args::{self, TuneFormat};
use super::folder::{self, Place};
use super::{print, progress, tell};
use crate::report::tuned::{self, Told};
use crate::study::Watch;
use crate::study::tune::{Entry, Ledger, Stopped, Target, Tuned, metrics, tune as search};
use journal::Journal;
use question::Asked;

pub(super) fn tune(options: &args::Tune) -> anyhow::Result<u8> {
    let asked = question::asked(options)?;
    for warning in asked.warnings.iter().filter(|_| !options.quiet) {
        tell(format_args!("warning: {warning}"));
    }
    let place = match &options.out {
        Some(folder) => Place::Chosen(folder.clone()),
        None => Place::Fresh(format!("tune-{}", asked.tasks[0].name)),
    };
    folder::probe(&place)?;
    let (journal, earlier) = Journal::open(options.journal.as_deref(), &asked)?;
    if !earlier.is_empty() && !options.quiet {
        tell(format_args!("{} runs of an earlier search are taken over", earlier.len()));
    }
    let threads = options.threads.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let Some(tuned) = pool.install(|| searched(&asked, options.quiet, earlier, &journal))? else {
        tell(match journal.path() {
            Some(path) => format!(
                "interrupted: what was simulated is kept in {}; the same command goes on",
                path.display()
            ),
            None => "interrupted: with --journal FILE a search can be interrupted and go on".into(),
        });
        return Ok(130);
    };
    let recommended = asked.target.column(&asked.tasks[0].column, tuned.recommended.point);
    let command = command();
    let told = Told {
        question: &asked.question,
        tasks: &asked.tasks,
        tuned: &tuned,
        recommended: &recommended,
        tool: match &asked.target {
            Target::Base => None,
            Target::Tool(name) => Some(name),
        },
        seed: options.seed,
        command: &command,
        version: env!("CARGO_PKG_VERSION"),
    };
    let files = tuned::folder(&told)?;
    let written = folder::write_files(&files, &place);
    printed(&told, options)?;
    let folder = written?;
    if !options.quiet {
        tell(format_args!("report: {}", folder.join("report.html").display()));
    }
    // Nothing that was searched is what was asked for: done, and the answer is no.
    Ok(u8::from(!tuned.recommended.holds.by_mean()))
}

/// `None` if it was interrupted.
fn searched(
    asked: &Asked,
    quiet: bool,
    earlier: Vec<Entry>,
    journal: &Journal,
) -> anyhow::Result<Option<Tuned>> {
    let stop = progress::interrupts("interrupted: once more ends at once");
    let form = "{msg} {wide_bar} {pos} of at most {len} runs, {eta} left";
    let bar = progress::bar(quiet, asked.runs(), form);
    bar.set_message("tune");
    bar.enable_steady_tick(Duration::from_millis(200));
    let done = AtomicU64::new(0);
    let keep = |entry: &Entry| {
        journal.keep(entry);
        bar.set_position(done.fetch_add(1, Ordering::Relaxed) + 1);
    };
    let watch = Watch { stop: &stop, advanced: &|_| {} };
    let names = metrics(asked.question.goal, &asked.question.keeps);
    let ledger = Ledger::new(&asked.tasks, asked.target.clone(), names, earlier, (&watch, &keep));
    let found = search(&asked.question, &ledger);
    bar.finish_and_clear();
    journal.close()?;
    match found {
        Ok(tuned) => Ok(Some(tuned)),
        Err(Stopped) => Ok(None),
    }
}

/// The command as it was given, with the name that everybody has for the program.
fn command() -> String {
    let words = std::env::args_os().skip(1).map(|word| {
        let word = word.to_string_lossy().into_owned();
        match word.chars().all(|c| c.is_ascii_alphanumeric() || "-_=./,:".contains(c)) {
            true => word,
            false => format!("'{}'", word.replace('\'', "'\\''")),
        }
    });
    std::iter::once("retrylab".to_owned()).chain(words).collect::<Vec<_>>().join(" ")
}

fn printed(told: &Told<'_>, options: &args::Tune) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    match options.format {
        TuneFormat::Json => out.write_all(tuned::json(told)?.as_bytes())?,
        TuneFormat::Yaml => out.write_all(tuned::block(told).as_bytes())?,
        TuneFormat::Human => {
            for line in tuned::verdict(told) {
                writeln!(out, "{line}")?;
            }
            writeln!(out, "\n{}", print::table(&tuned::table(told)))?;
            writeln!(out, "The front:\n{}", print::table(&tuned::front_table(told)))?;
            if let Some(presets) = tuned::preset_table(told) {
                writeln!(out, "The presets:\n{}", print::table(&presets))?;
            }
            write!(out, "{}", tuned::block(told))?;
        }
    }
    Ok(())
}
