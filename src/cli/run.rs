//! `run`: simulates, prints a table and writes the report folder, whole or not at all.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use sha2::{Digest, Sha256};

use super::args;
use crate::report::{self, Run};
use crate::scenario::Plan;
use crate::study::{self, Study};

pub(super) fn run(options: &args::Run) -> anyhow::Result<u8> {
    let mut plan = super::input::scenario(&options.scenario)?;
    plan.seed = options.seed.unwrap_or(plan.seed);
    plan.warnings.iter().for_each(|warning| anstream::eprintln!("warning: {warning}"));
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))?;
    let study = studied(&plan, options, &stop)?;
    let hash: String =
        Sha256::digest(plan.definition.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    let expectations = judged(&plan, &study);
    let found =
        Run { plan: &plan, study: &study, definition_sha256: &hash, expectations: &expectations };
    let folder = written(&found, options.out.as_deref())?;
    print(&found, options, &folder)?;
    let broken = expectations.iter().any(|(_, met)| !met);
    Ok(match (stop.load(Ordering::Relaxed), broken) {
        (true, _) => 130,
        (false, broken) => u8::from(broken),
    })
}

fn studied(plan: &Plan, options: &args::Run, stop: &AtomicBool) -> anyhow::Result<Study> {
    let runs = u64::from(plan.replicas) * plan.columns.len() as u64;
    let bar = match options.quiet || !std::io::stderr().is_terminal() {
        true => indicatif::ProgressBar::hidden(),
        false => indicatif::ProgressBar::new(runs),
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build()?;
    let study = pool.install(|| study::run(plan, stop, &|| bar.inc(1)));
    bar.finish_and_clear();
    Ok(study)
}

/// The value of each expectation and whether it holds.
fn judged(plan: &Plan, study: &Study) -> Vec<(Option<f64>, bool)> {
    let value = |column: usize, metric: &str| {
        let summary = study.columns.get(column)?;
        let (figures, name) = match metric.strip_prefix("tools.").and_then(|m| m.rsplit_once('.')) {
            Some((tool, name)) => (summary.tools.get(tool)?, name),
            None => (&summary.metrics, metric),
        };
        Some(figures.get(name)?.as_ref()?.mean)
    };
    plan.expectations
        .iter()
        .map(|e| (value(e.column, &e.metric), e.test.holds(value(e.column, &e.metric))))
        .collect()
}

/// Writes the folder aside and renames it, so that a killed run leaves nothing or a whole report.
fn written(found: &Run<'_>, out: Option<&Path>) -> anyhow::Result<PathBuf> {
    let folder = match out {
        Some(folder) => folder.to_owned(),
        None => fresh(Path::new("reports/runs"), &found.plan.name),
    };
    let parent = folder.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let failed = || format!("cannot write the report to {}", folder.display());
    std::fs::create_dir_all(parent).with_context(failed)?;
    let aside = tempfile::tempdir_in(parent).with_context(failed)?;
    std::fs::write(aside.path().join("result.json"), report::json(found)).with_context(failed)?;
    std::fs::write(aside.path().join("report.md"), report::markdown(found)).with_context(failed)?;
    std::fs::rename(aside.path(), &folder).with_context(failed)?;
    Ok(folder)
}

/// The first free numbered folder.
fn fresh(runs: &Path, name: &str) -> PathBuf {
    let folder = |n: u32| runs.join(format!("{name}-{n:03}"));
    (1..).map(folder).find(|folder| !folder.exists()).unwrap_or_else(|| runs.join(name))
}

fn print(found: &Run<'_>, options: &args::Run, folder: &Path) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    if options.json {
        write!(out, "{}", report::json(found))?;
        return Ok(());
    }
    let mut table = comfy_table::Table::new();
    let mut rows = report::table(found).into_iter();
    table.set_header(rows.next().unwrap_or_default());
    table.add_rows(rows);
    writeln!(out, "{}\n\n{table}", found.plan.question)?;
    for (expectation, (value, met)) in found.plan.expectations.iter().zip(found.expectations) {
        let column = &found.plan.columns[expectation.column].name;
        let value = value.map_or("n/a".to_owned(), |v| format!("{v:.4}"));
        if !met {
            writeln!(out, "broken: {column}: {} (found {value})", expectation.text)?;
        }
    }
    let met = found.expectations.iter().filter(|(_, met)| *met).count();
    writeln!(out, "{met} of {} expectations met", found.expectations.len())?;
    if !options.quiet {
        writeln!(out, "report: {}", folder.display())?;
    }
    Ok(())
}
