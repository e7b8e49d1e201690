//! `gate`: is all as it was? Gathers the exact evidence that the thresholds ask for, compares it with
//! the committed baseline, times this build beside another one, and says so; or writes a new baseline.

mod child;
mod timed;

use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, anyhow, bail};

use super::args::{self, GateFormat, Half};
use super::faults::faulty;
use super::{input, machine, print, progress, read, tell, verify};
use crate::bench::vectors;
use crate::report::gate::{self as documents, Gate, Identity, calibration};
use crate::study::gate::{self, Baseline, Evidence, Judgement, Material, Rules, Verdict, rules};
use crate::variants;

/// SIGINT ends the processes that are timed.
const INTERRUPTED: &str = "interrupted: no answer";
/// Rows of the table at most.
const MOST: usize = 40;

/// Gates, blesses or calibrates; gives the exit code.
pub(super) fn gate(options: &args::Gate) -> anyhow::Result<u8> {
    match answered(options) {
        Err(error) if error.is::<timed::Interrupted>() => Ok(130),
        other => other,
    }
}

fn answered(options: &args::Gate) -> anyhow::Result<u8> {
    let (text, rules) = thresholds(&options.config)?;
    if options.calibrate {
        return calibrated(&rules, options);
    }
    let times = options.base.is_some() || options.timed || options.only == Some(Half::Timed);
    if times && options.base.is_none() && !options.timed {
        bail!("--only timed: found nothing to time: say --base BIN, --timed, or both");
    }
    if options.only == Some(Half::Exact) && times {
        bail!(
            "--only exact: found --base or --timed: nothing is timed then: leave one of them out"
        );
    }
    let now = machine::maker();
    let exact = match options.only {
        Some(Half::Timed) => None,
        _ => Some((evidence(&options.config, &text, &rules)?, baseline(&options.baseline)?)),
    };
    let before = exact.as_ref().and_then(|(_, before)| before.as_ref());
    let mut findings = exact.as_ref().map_or_else(Vec::new, |(evidence, _)| {
        gate::decide(before.map(|(baseline, _)| baseline), evidence).findings
    });
    let mut timed = None;
    if times {
        let stop = progress::interrupts(INTERRUPTED);
        let (told, more) = timed::timed(&rules, options, &stop)?;
        findings.extend(more);
        timed = Some(told);
    }
    let judgement = Judgement::of(findings);
    let name = options.baseline.display().to_string();
    let made = before.map(|(_, identity)| identity);
    let beside = exact.as_ref().map(|_| (name.as_str(), made));
    let told = Gate { judgement: &judgement, now: &now, baseline: beside, timed: timed.as_ref() };
    tell_all(&told, options)?;
    if let (true, Some((evidence, _))) = (options.bless, &exact) {
        return bless(options, evidence, &judgement, &now);
    }
    Ok(match judgement.verdict {
        Verdict::Pass => 0,
        Verdict::Regression => 1,
        Verdict::Undecided => 3,
        Verdict::NoBaseline => 4,
    })
}

fn calibrated(rules: &Rules, options: &args::Gate) -> anyhow::Result<u8> {
    if options.format == GateFormat::Junit {
        bail!("--format: found junit: must be human, json or markdown: a calibration is no test");
    }
    let stop = progress::interrupts(INTERRUPTED);
    let (rules, found, seconds) = timed::calibrated(rules, options, &stop)?;
    let (found, now, seed) = (&found, &machine::maker(), options.seed);
    let told = calibration::Calibrated { found, rules, now, seed, seconds };
    let text = match options.format {
        GateFormat::Json => calibration::json(&told)?,
        GateFormat::Markdown => calibration::markdown(&told),
        _ => {
            let table = match options.quiet {
                true => String::new(),
                false => print::table(&calibration::rows(&told)) + "\n",
            };
            table + &calibration::lines(&told).join("\n") + "\n"
        }
    };
    match &options.out {
        None => anstream::stdout().write_all(text.as_bytes())?,
        Some(file) => written(file, &text)?,
    }
    Ok(0)
}

/// The thresholds, as text and as rules.
fn thresholds(config: &Path) -> anyhow::Result<(String, Rules)> {
    let name = config.display();
    if !config.exists() {
        bail!(
            "{name}: no such file; run it at the top of a checkout of retrylab, or name thresholds with --config FILE"
        );
    }
    let text = read::text(config, 1 << 20).map_err(anyhow::Error::msg)?;
    let rules = rules::read(&text).map_err(|faults| faulty(&name.to_string(), &text, &faults))?;
    Ok((text, rules))
}

fn evidence(config: &Path, text: &str, rules: &Rules) -> anyhow::Result<Evidence> {
    let name = config.display();
    let mut plans = Vec::new();
    for rule in &rules.scenarios {
        plans.push(input::scenario(&rule.name).with_context(|| format!("in {name}"))?);
    }
    let cases = vectors::cases(verify::GOLDEN).context("the golden vectors")?;
    let material = Material {
        thresholds: text,
        plans: &plans,
        vectors: (verify::GOLDEN, &cases),
        loops: &gate::loops::rows(),
        find: variants::find,
    };
    Ok(gate::gather(rules, &material)?)
}

fn baseline(file: &Path) -> anyhow::Result<Option<(Baseline, Identity)>> {
    if let Err(error) = file.metadata()
        && error.kind() == ErrorKind::NotFound
    {
        return Ok(None);
    }
    let text = read::text(file, read::MAX_RESULT).map_err(anyhow::Error::msg)?;
    let read = documents::from_text(&text);
    let again = "`retrylab gate --bless --baseline` another file writes one";
    read.map(Some).map_err(|error| anyhow!("{}: {error}; {again}", file.display()))
}

/// Writes the answer in the form asked for, to stdout or to a file.
fn tell_all(gate: &Gate<'_>, options: &args::Gate) -> anyhow::Result<()> {
    let text = match options.format {
        GateFormat::Human => human(gate, options.quiet),
        GateFormat::Json => documents::json(gate)?,
        GateFormat::Markdown => documents::markdown(gate),
        GateFormat::Junit => documents::junit(gate),
    };
    match &options.out {
        None => anstream::stdout().write_all(text.as_bytes())?,
        Some(file) => {
            written(file, &text)?;
            if !options.quiet {
                tell(format_args!("gate: {}; {}", gate.judgement.verdict.name(), file.display()));
            }
        }
    }
    Ok(())
}

fn human(gate: &Gate<'_>, quiet: bool) -> String {
    let judgement = gate.judgement;
    let verdict = format!("gate: {}: {}\n", judgement.verdict.name(), documents::advice(gate));
    if quiet {
        return verdict;
    }
    let mut out = String::new();
    let (rows, more) = documents::rows(gate, MOST);
    if rows.len() > 1 {
        out += &(print::table(&rows) + "\n");
    }
    if more > 0 {
        out += &format!("… and {more} more; --format json has them all\n\n");
    }
    for (title, rows) in gate.timed.map(documents::tables).unwrap_or_default() {
        out += &format!("{title}\n\n{}\n", print::table(&rows));
    }
    for reason in documents::reasons(gate) {
        out += &format!("why: {reason}\n");
    }
    if let Some(elsewhere) = documents::elsewhere(gate) {
        out += &format!("note: {elsewhere}\n");
    }
    out + &format!("{}\n{verdict}", documents::counts(judgement))
}

/// Writes the evidence as the new baseline, unless a variant does not conform: that no baseline excuses.
fn bless(
    options: &args::Gate,
    evidence: &Evidence,
    judgement: &Judgement,
    now: &Identity,
) -> anyhow::Result<u8> {
    let file = options.baseline.display();
    let wrong = evidence.inexcusable();
    if !wrong.is_empty() {
        tell(format_args!(
            "not blessed, {file} is left as it was: a variant that does not conform is no baseline: {}",
            wrong.join(", ")
        ));
        return Ok(1);
    }
    if judgement.verdict == Verdict::Pass && judgement.is_the_same() {
        if !options.quiet {
            tell(format_args!("{file} is left as it was: all is the same"));
        }
        return Ok(0);
    }
    written(&options.baseline, &documents::to_text(&evidence.baseline(), now)?)?;
    if !options.quiet {
        tell(format_args!("blessed: {file} holds {} figures", evidence.figures.len()));
    }
    Ok(0)
}

/// A file as a whole, or as it was; behind a link, the file that it leads to. What is no file (a device, a pipe) is written
/// to, not replaced.
fn written(file: &Path, text: &str) -> anyhow::Result<()> {
    let cannot = |error| anyhow!("cannot write {}: {error}", file.display());
    if file.exists() && !file.is_file() {
        return std::fs::write(file, text).map_err(cannot);
    }
    let file = &file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        let mut aside = tempfile::Builder::new().suffix(".tmp").tempfile_in(folder)?;
        aside.write_all(text.as_bytes())?;
        open_to_all(aside.as_file())?;
        aside.persist(file).map(drop).map_err(|error| error.error)
    };
    write().map_err(cannot)
}

/// A temporary file is its owner's alone; a baseline is anybody's to read.
#[cfg(unix)]
fn open_to_all(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn open_to_all(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}
