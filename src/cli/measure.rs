//! `measure`: times the variants that answer as they should, and compares them.

mod effort;

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, anyhow};

use self::effort::{Effort, QUICK, WHOLE};
use super::args::{self, Format};
use super::folder::{self, Place};
use super::{machine, print, progress, tell, verify};
use crate::base::fault::near;
use crate::bench::growth::{self, Curve};
use crate::bench::memory::{self, Weight};
use crate::bench::patience::Patience;
use crate::bench::sample::{self, Series};
use crate::bench::throughput::{self, Flow, Load};
use crate::bench::workload::{self, Path};
use crate::bench::{admit, clock, compare, vectors};
use crate::report::measured::{self, Measured};
use crate::variants::Variant;

/// What is measured and how one is told.
struct Session<'a> {
    variants: Vec<&'a Variant>,
    paths: Vec<&'static Path>,
    effort: &'a Effort,
    seed: u64,
    timer: clock::Timer,
    bar: indicatif::ProgressBar,
    stop: &'a AtomicBool,
}

/// What came of it.
#[derive(Default)]
struct Found {
    series: Vec<Series>,
    curves: Vec<Curve>,
    weights: Vec<(&'static str, Weight)>,
    flows: Vec<Flow>,
}

impl Found {
    fn is_empty(&self) -> bool {
        let sampled = self.series.iter().any(|series| !series.pairs.is_empty());
        !sampled && self.curves.is_empty() && self.weights.is_empty() && self.flows.is_empty()
    }
}

pub(super) fn measure(options: &args::Measure) -> anyhow::Result<u8> {
    let chosen = verify::chosen(&options.variants)?;
    let paths = paths(&options.paths)?;
    let place = match &options.out {
        Some(folder) => Place::Chosen(folder.clone()),
        None => Place::Fresh("measure".into()),
    };
    folder::probe(&place)?;
    let identity = machine::identity();
    if identity.profile.starts_with("debug") && !options.quiet {
        tell("note: this is a debug build; its times say little about a release build");
    }
    let stop = progress::interrupts(progress::SAVED);
    let cases = vectors::cases(verify::GOLDEN).context("the golden vectors")?;
    let (variants, refused) = admitted(&chosen, &cases);
    if variants.is_empty() {
        return Ok(1);
    }
    let session = Session {
        variants,
        paths,
        effort: if options.quick { &QUICK } else { &WHOLE },
        seed: options.seed,
        timer: clock::timer(),
        bar: progress::bar(options.quiet, 1_000, progress::PLAIN),
        stop: &stop,
    };
    let found = session.all();
    session.bar.finish_and_clear();
    if session.stopped() && found.is_empty() {
        tell("interrupted before anything was measured; nothing to save");
        return Ok(130);
    }
    let measured = session.told(identity, &found);
    let mut files = measured::folder(&measured)?;
    let raw = measured::samples(&measured.identity, &found.series, &found.curves, &found.flows);
    files.push(("samples.jsonl".into(), raw.into_bytes()));
    let written = folder::write_files(&files, &place);
    printed(&measured, options.format)?;
    let folder = written?;
    if !options.quiet {
        tell(format_args!("report: {}", folder.join("report.html").display()));
    }
    Ok(match (measured.interrupted, refused) {
        (true, _) => 130,
        (false, true) => 1,
        (false, false) => 0,
    })
}

fn paths(names: &[String]) -> anyhow::Result<Vec<&'static Path>> {
    if names.is_empty() {
        return Ok(workload::PATHS.iter().collect());
    }
    let known = || workload::PATHS.iter().map(|path| path.name);
    let find = |name: &String| {
        workload::find(name).ok_or_else(|| {
            let all = || format!("there are {}", known().collect::<Vec<_>>().join(", "));
            let hint = near(name, known()).map_or_else(all, |n| format!("did you mean `{n}`?"));
            anyhow!("{name}: no such path; {hint}")
        })
    };
    names.iter().map(find).collect()
}

/// Those that may be timed, and whether any may not.
fn admitted<'a>(chosen: &[&'a Variant], cases: &[vectors::Case]) -> (Vec<&'a Variant>, bool) {
    let mut variants = Vec::new();
    for variant in chosen {
        match admit::admit(variant, cases) {
            Ok(()) => variants.push(*variant),
            Err(why) => {
                tell(format_args!("{} does not conform and is not timed: {why}", variant.name));
            }
        }
    }
    let refused = variants.len() < chosen.len();
    (variants, refused)
}

impl Session<'_> {
    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn advance(&self, what: &str, share: f64) {
        self.bar.set_message(what.to_owned());
        self.bar.set_position((1_000.0 * share) as u64);
    }

    fn plan(&self, rounds: u32) -> sample::Plan {
        let Effort { blocks, batch_ns, .. } = *self.effort;
        sample::Plan { seed: self.seed, blocks, rounds, batch_ns, timer: self.timer }
    }

    fn all(&self) -> Found {
        let go_on = |share: f64| {
            self.advance("latency", share);
            !self.stopped()
        };
        let plan = self.plan(self.effort.rounds);
        let series = sample::sample(&self.variants, &self.paths, &plan, &go_on);
        Found { series, curves: self.curves(), weights: self.weights(), flows: self.flows() }
    }

    /// Variant by variant, in an order that is drawn: the sizes of one take turns.
    fn curves(&self) -> Vec<Curve> {
        let plan = self.plan(self.effort.growth_rounds);
        let paths = |name: &str| self.paths.iter().any(|path| path.name == name);
        let go_on = || !self.stopped();
        let filling = self.effort.filling;
        let way = growth::Way { plan: &plan, filling, paths: &paths, go_on: &go_on };
        let all = self.effort.questions.len() * self.variants.len();
        let mut curves = Vec::new();
        for (i, question) in self.effort.questions.iter().enumerate() {
            let order = sample::drawn(self.variants.len(), self.seed, i as u64);
            let mut found: Vec<Vec<Curve>> = self.variants.iter().map(|_| Vec::new()).collect();
            for (n, at) in order.into_iter().enumerate() {
                self.advance("growth", (i * self.variants.len() + n) as f64 / all as f64);
                if go_on() {
                    found[at] = growth::grow(question, self.variants[at], &way);
                }
            }
            curves.extend(found.into_iter().flatten());
        }
        curves.retain(|curve| !curve.points.is_empty());
        curves.sort_by_key(|curve| growth::place(curve.size, curve.path));
        curves
    }

    fn weights(&self) -> Vec<(&'static str, Weight)> {
        let mut weights = Vec::new();
        for (n, variant) in self.variants.iter().enumerate() {
            let mut patience = Patience::of(self.effort.weighing);
            for entries in memory::ENTRIES.iter().filter(|n| **n <= self.effort.entries) {
                if self.stopped() || patience.refuses(*entries).is_some() {
                    break;
                }
                self.advance("memory", n as f64 / self.variants.len() as f64);
                let begin = Instant::now();
                let weight = memory::weigh(variant, *entries);
                patience.saw(*entries, begin.elapsed());
                weights.extend(weight.map(|weight| (variant.name, weight)));
            }
        }
        weights
    }

    fn flows(&self) -> Vec<Flow> {
        let Effort { mix, path, threads, .. } = self.effort;
        let mut flows = Vec::new();
        let paths = self.paths.iter().map(|path| Load::Path(path));
        let loads: Vec<Load> = [Load::Mix, Load::Apart].into_iter().chain(paths).collect();
        let go_on = || !self.stopped();
        for (i, load) in loads.iter().enumerate() {
            if self.stopped() {
                break;
            }
            self.advance("throughput", i as f64 / loads.len() as f64);
            let (effort, threads) = match load {
                Load::Mix => (mix, *threads),
                Load::Apart => (mix, &[1, 8][..]),
                Load::Path(p) if matches!(p.name, "success" | "error_flag") => (path, *threads),
                Load::Path(_) => (path, &[1, 8][..]),
            };
            let found = throughput::flow(&self.variants, *load, threads, effort, self.seed, &go_on);
            flows.extend(found);
        }
        flows
    }

    fn told(&self, identity: measured::Identity, found: &Found) -> Measured {
        let known = |name: &str| self.variants.iter().find(|v| v.name == name).map(|v| v.name);
        let base = known("seed").or(self.variants.first().map(|v| v.name)).unwrap_or_default();
        let compared = measured::comparisons(&found.series, base, self.seed);
        let mut measured = Measured {
            schema: measured::SCHEMA,
            identity,
            seed: self.seed,
            interrupted: self.stopped(),
            base,
            method: measured::Method {
                timer_cost_ns: self.timer.cost_ns,
                timer_step_ns: self.timer.step_ns,
                batch_ns: self.effort.batch_ns,
                blocks: self.effort.blocks,
                rounds: self.effort.rounds,
                margin: compare::RULE.margin,
                level: compare::RULE.level,
                instructions: "not counted here (no perf events)",
            },
            latency: measured::latency(&found.series, compared),
            growth: measured::growth(&found.curves),
            memory: measured::memory(&found.weights),
            throughput: measured::throughput(&found.flows, base),
            bars: Vec::new(),
        };
        measured.bars = measured::bars(&measured);
        measured
    }
}

fn printed(measured: &Measured, format: Format) -> anyhow::Result<()> {
    let mut out = anstream::stdout();
    match format {
        Format::Json => out.write_all(measured::json(measured)?.as_bytes())?,
        Format::Csv => out.write_all(measured::csv(measured).as_bytes())?,
        Format::Human => {
            for line in measured::identity(&measured.identity) {
                writeln!(out, "{line}")?;
            }
            for line in measured::method(measured) {
                writeln!(out, "{line}")?;
            }
            for (title, rows) in measured::tables(measured) {
                writeln!(out, "\n{title}\n\n{}", print::table(&rows))?;
            }
            for line in measured::doubts(measured) {
                writeln!(out, "note: {line}")?;
            }
        }
    }
    Ok(())
}
