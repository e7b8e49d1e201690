//! `run`: simulates, prints a table and writes the report folder.

use std::collections::BTreeSet;
use std::io::Write;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{anyhow, bail};

use super::args::{self, Format};
use super::folder::{self, Place};
use super::forecast::forecast;
use super::{enable, input, print, progress, tell};
use crate::base::digest::sha256;
use crate::report::against::{Against, against};
use crate::report::{self, Saved};
use crate::scenario::Plan;
use crate::study::{self, Study, WHOLE_RUN, Watch};

/// What a run came to, scenario by scenario.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    Met,
    Broken,
    Interrupted,
}

pub(super) fn run(options: &args::Run) -> anyhow::Result<u8> {
    let mut plans = Vec::new();
    for name in &options.scenarios {
        plans.push(prepared(name, options)?);
    }
    let places = places(&plans, options)?;
    places.iter().try_for_each(folder::probe)?;
    let earlier = options.against.as_deref().map(folder::earlier).transpose()?;
    let stop = progress::interrupts(progress::SAVED);
    let threads = options.threads.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    if !pool.install(|| own_policies(&mut plans, options, &stop))? {
        return Ok(130);
    }
    let mut results = Vec::new();
    let mut end = End::Met;
    let mut unwritten = Ok(());
    for (plan, place) in plans.iter_mut().zip(&places) {
        if !options.quiet {
            pool.install(|| forecast(plan, &stop));
        }
        let study = pool.install(|| studied(plan, options, &stop));
        if study.replicas == 0 {
            let name = &plan.name;
            tell(format_args!(
                "{name}: interrupted before the first replica was done; nothing to save"
            ));
            end = End::Interrupted;
            break;
        }
        let saved =
            Saved::of(plan, &study, sha256(&plan.definition), option_env!("RETRYLAB_COMMIT"));
        let against = earlier.as_ref().map(|earlier| against(earlier, &saved));
        let more = against.iter().map(page).collect::<anyhow::Result<Vec<_>>>()?.concat();
        let written = folder::write(&saved, more, place);
        // A disk that is full does not take the figures of a long run with it.
        if options.format == Format::Human {
            print::human(&saved, options.quiet)?;
            against.iter().try_for_each(print::against)?;
        }
        end = end.max(ended(&saved));
        results.push(saved);
        match written {
            Ok(_) if options.quiet => {}
            Ok(folder) => tell(format_args!("report: {}", folder.join("report.html").display())),
            Err(error) => unwritten = Err(error),
        }
        if end == End::Interrupted || unwritten.is_err() {
            break;
        }
    }
    print(&results, options)?;
    unwritten?;
    Ok(match end {
        End::Met => 0,
        End::Broken => 1,
        End::Interrupted => 130,
    })
}

/// Puts the operator's own policy into the plans, where one is given. False if it was interrupted.
fn own_policies(
    plans: &mut [Plan],
    options: &args::Run,
    stop: &AtomicBool,
) -> anyhow::Result<bool> {
    let Some(file) = &options.policy else { return Ok(true) };
    for plan in plans {
        if !options.quiet {
            enable::announce(plan);
        }
        match enable::columns(plan.clone(), file, stop)? {
            Some(columns) => *plan = columns,
            None => return Ok(false),
        }
        warned(plan, options);
    }
    Ok(true)
}

/// The plan of a scenario with the options of the command line.
fn prepared(name: &str, options: &args::Run) -> anyhow::Result<Plan> {
    let mut plan = input::scenario(name)?;
    plan.seed = options.seed.unwrap_or(plan.seed);
    plan.replicas = options.replicas.unwrap_or(plan.replicas);
    let notes = study::check(&plan).map_err(|fault| anyhow!("{name}: {fault}"))?;
    plan.warnings.extend(notes);
    if options.policy.is_none() {
        warned(&plan, options);
    }
    Ok(plan)
}

fn warned(plan: &Plan, options: &args::Run) {
    for warning in plan.warnings.iter().filter(|_| !options.quiet) {
        tell(format_args!("warning: {}: {warning}", plan.name));
    }
}

/// A comparison for people and for programs.
fn page(against: &Against) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let json = serde_json::to_string_pretty(against)? + "\n";
    Ok(vec![
        ("against.md".into(), against.markdown().into_bytes()),
        ("against.json".into(), json.into_bytes()),
    ])
}

/// Where each report goes.
fn places(plans: &[Plan], options: &args::Run) -> anyhow::Result<Vec<Place>> {
    let mut names = BTreeSet::new();
    let place = |plan: &Plan| match &options.out {
        Some(out) if plans.len() == 1 => Ok(Place::Chosen(out.clone())),
        Some(out) if names.insert(plan.name.clone()) => Ok(Place::Chosen(out.join(&plan.name))),
        Some(out) => bail!(
            "two scenarios are called {}: both reports would go to {}; run one of them with another --out",
            plan.name,
            out.join(&plan.name).display()
        ),
        None => Ok(Place::Fresh(plan.name.clone())),
    };
    plans.iter().map(place).collect()
}

fn studied(plan: &Plan, options: &args::Run, stop: &AtomicBool) -> Study {
    let runs = u64::from(plan.replicas) * plan.columns.len() as u64;
    let form = "{msg} {wide_bar} {percent} %, {eta} left";
    let bar = progress::bar(options.quiet, runs * WHOLE_RUN, form);
    bar.set_message(plan.name.clone());
    bar.enable_steady_tick(Duration::from_millis(200));
    let study = study::run(plan, &Watch { stop, advanced: &|part| bar.inc(part) });
    bar.finish_and_clear();
    study
}

fn ended(saved: &Saved) -> End {
    match saved.expectations.iter().all(|e| e.met) {
        _ if saved.replicas < saved.replicas_asked => End::Interrupted,
        true => End::Met,
        false => End::Broken,
    }
}

/// Prints results for machines.
fn print(results: &[Saved], options: &args::Run) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    match (options.format, results) {
        (Format::Human, _) => {}
        (Format::Json, [one]) if options.scenarios.len() == 1 => {
            out.write_all(report::json(one)?.as_bytes())?;
        }
        (Format::Json, all) => writeln!(out, "{}", serde_json::to_string_pretty(all)?)?,
        (Format::Csv, all) => {
            for (i, saved) in all.iter().enumerate() {
                let text = report::csv(saved);
                let body =
                    if i == 0 { &text } else { text.split_once('\n').map_or("", |(_, b)| b) };
                out.write_all(body.as_bytes())?;
            }
        }
    }
    Ok(())
}
