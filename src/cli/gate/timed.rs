//! The timed half of `gate`: processes of two builds, and variants within this one.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::{Context, anyhow, bail};

use super::super::{args, machine, progress, tell, verify};
use super::child::{Running, Start};
use crate::bench::duel::Silent;
use crate::bench::worker::{Build, Request};
use crate::bench::{admit, vectors};
use crate::report::gate::Timed;
use crate::study::gate::timed::{Timed as Rules, calibrate, contest, findings, ratios};
use crate::study::gate::{Finding, Rules as All};
use crate::variants;

/// Head and base, and how they are started.
pub(super) struct Arena<'a> {
    head: PathBuf,
    base: &'a Path,
    cores: Vec<usize>,
    stop: &'a AtomicBool,
}

/// Told to stop.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(in crate::cli) struct Interrupted;

impl<'a> Arena<'a> {
    pub(super) fn new(base: &'a Path, stop: &'a AtomicBool) -> anyhow::Result<Arena<'a>> {
        let head = std::env::current_exe().context("cannot find this build's own file")?;
        Ok(Arena { head, base, cores: machine::cores(), stop })
    }

    /// Two processes for a block: head, slower by a share, and base. Both stay on the same core, another
    /// one in the next block; who is started first takes turns too.
    fn open(&self, block: u32, slower: f64) -> Result<[Running<'a>; 2], Silent> {
        let block = block as usize;
        let core = self.cores.get(block % self.cores.len().max(1)).copied();
        let head = Start { file: &self.head, core, slower };
        let base = Start { file: self.base, core, slower: 0.0 };
        let first = Running::start(if block.is_multiple_of(2) { head } else { base }, self.stop)?;
        let second = Running::start(if block.is_multiple_of(2) { base } else { head }, self.stop)?;
        Ok(if block.is_multiple_of(2) { [first, second] } else { [second, first] })
    }

    /// Asks both who they are and whether they answer as they should.
    fn introduced(&self, rules: &Rules) -> anyhow::Result<Build> {
        let [head, mut base] = self.open(0, 0.0).map_err(silent)?;
        let (built, made) = (head.build(), base.build().clone());
        let pairs =
            [("profile", &built.profile, &made.profile), ("target", &built.target, &made.target)];
        for (what, here, there) in pairs {
            if here != there {
                bail!(
                    "{}: found {what} {there:?}: must be that of this build, {here:?}: build both in the same way",
                    self.base.display()
                );
            }
        }
        for variant in &rules.variants {
            use crate::bench::duel::Side;
            use crate::bench::worker::Answer;
            let answer = base.ask(&Request::Conform(variant.clone())).map_err(silent)?;
            if let Answer::Conforms(Err(why)) = answer {
                tell(format_args!("note: {variant} of the base does not conform: {why}"));
            }
        }
        Ok(made)
    }
}

/// What is in the way of an answer.
fn silent(silent: Silent) -> anyhow::Error {
    match silent {
        Silent::Stopped => anyhow!(Interrupted),
        Silent::Broken(why) => anyhow!(why),
    }
}

/// The rules of the timed half.
fn rules<'a>(all: &'a All, options: &args::Gate) -> anyhow::Result<&'a Rules> {
    let config = options.config.display();
    all.timed.as_ref().ok_or_else(|| {
        anyhow!(
            "{config}: timed: found nothing: must be given to time anything: add the table [timed] \
             (benches/gate.toml of retrylab has one)"
        )
    })
}

/// What does not conform is not timed.
fn admitted(rules: &Rules) -> anyhow::Result<()> {
    let cases = vectors::cases(verify::GOLDEN).context("the golden vectors")?;
    for name in &rules.variants {
        if let Some(Err(why)) = variants::find(name).map(|variant| admit::admit(variant, &cases)) {
            bail!("{name} does not conform and is not timed (`retrylab verify {name}`): {why}");
        }
    }
    Ok(())
}

/// Times what is asked for.
pub(super) fn timed(
    all: &All,
    options: &args::Gate,
    stop: &AtomicBool,
) -> anyhow::Result<(Timed, Vec<Finding>)> {
    let rules = rules(all, options)?;
    admitted(rules)?;
    let begin = Instant::now();
    let bar = progress::bar(options.quiet, 1_000, progress::PLAIN);
    let advance = |what: &str, share: f64| {
        bar.set_message(what.to_owned());
        bar.set_position((1_000.0 * share) as u64);
    };
    let mut timed = Timed { seed: options.seed, ..Timed::default() };
    let mut found = Vec::new();
    if let Some(base) = &options.base {
        let arena = Arena::new(base, stop)?;
        timed.base = Some((base.display().to_string(), arena.introduced(rules)?));
        let mut open = |block| arena.open(block, options.slower);
        timed.trials = contest(rules, options.seed, &mut open, &mut |what, at| advance(what, at))
            .map_err(silent)?;
        found.extend(findings::contests(rules, &timed.trials));
    }
    if options.timed {
        let mut go_on = |share| {
            advance("ratios", share);
            !stop.load(Ordering::Relaxed)
        };
        timed.ratios = ratios::ratios(&rules.ratios, options.seed, variants::find, &mut go_on);
        found.extend(findings::ratios(&timed.ratios));
    }
    bar.finish_and_clear();
    timed.seconds = begin.elapsed().as_secs_f64();
    match stop.load(Ordering::Relaxed) {
        true => Err(anyhow!(Interrupted)),
        false => Ok((timed, found)),
    }
}

/// Times this build against itself.
pub(super) fn calibrated<'a>(
    all: &'a All,
    options: &args::Gate,
    stop: &AtomicBool,
) -> anyhow::Result<(&'a Rules, calibrate::Calibration, f64)> {
    let rules = rules(all, options)?;
    admitted(rules)?;
    let begin = Instant::now();
    let itself = std::env::current_exe().context("cannot find this build's own file")?;
    let arena = Arena::new(&itself, stop)?;
    let bar = progress::bar(options.quiet, 1_000, progress::PLAIN);
    let mut advance = |what: &str, share: f64| {
        bar.set_message(what.to_owned());
        bar.set_position((1_000.0 * share) as u64);
    };
    let mut open = |block, slower| arena.open(block, slower);
    let found = calibrate::calibrate(rules, options.seed, &mut open, &mut advance);
    bar.finish_and_clear();
    Ok((rules, found.map_err(silent)?, begin.elapsed().as_secs_f64()))
}
