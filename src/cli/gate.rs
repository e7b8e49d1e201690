//! `gate`: is all as it was? Gathers the exact evidence that the thresholds ask for, compares it with
//! the committed baseline, and says so; or writes a new baseline.

use std::io::{ErrorKind, Write};
use std::path::Path;

use anyhow::{Context, anyhow, bail};

use super::args::{self, GateFormat};
use super::faults::faulty;
use super::{host, input, print, read, tell, verify};
use crate::bench::vectors;
use crate::report::gate::{self as documents, Gate, Identity};
use crate::study::gate::{self, Baseline, Evidence, Judgement, Material, Rules, Verdict, rules};
use crate::variants;

/// Rows of the table at most.
const MOST: usize = 40;

/// Gates, or blesses; gives the exit code.
pub(super) fn gate(options: &args::Gate) -> anyhow::Result<u8> {
    let evidence = evidence(&options.config)?;
    let before = baseline(&options.baseline)?;
    let judgement = gate::decide(before.as_ref().map(|(baseline, _)| baseline), &evidence);
    let name = options.baseline.display().to_string();
    let now = host::identity();
    let made = before.as_ref().map(|(_, identity)| identity);
    let told = Gate { judgement: &judgement, now: &now, baseline: (&name, made) };
    tell_all(&told, options)?;
    if options.bless {
        return bless(options, &evidence, &judgement, &now);
    }
    Ok(match judgement.verdict {
        Verdict::Pass => 0,
        Verdict::Regression => 1,
        Verdict::NoBaseline => 4,
    })
}

fn evidence(config: &Path) -> anyhow::Result<Evidence> {
    let name = config.display();
    if !config.exists() {
        bail!(
            "{name}: no such file; run it at the top of a checkout of retrylab, or name thresholds with --config FILE"
        );
    }
    let thresholds = read::text(config, 1 << 20).map_err(anyhow::Error::msg)?;
    let rules: Rules = rules::read(&thresholds)
        .map_err(|faults| faulty(&name.to_string(), &thresholds, &faults))?;
    let mut plans = Vec::new();
    for rule in &rules.scenarios {
        plans.push(input::scenario(&rule.name).with_context(|| format!("in {name}"))?);
    }
    let cases = vectors::cases(verify::GOLDEN).context("the golden vectors")?;
    let material = Material {
        thresholds: &thresholds,
        plans: &plans,
        vectors: (verify::GOLDEN, &cases),
        loops: &gate::loops::rows(),
        find: variants::find,
    };
    Ok(gate::gather(&rules, &material)?)
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
    for reason in documents::reasons(gate) {
        out += &format!("why: {reason}\n");
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

/// A file as a whole, or as it was.
fn written(file: &Path, text: &str) -> anyhow::Result<()> {
    let folder = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        let mut aside = tempfile::Builder::new().suffix(".tmp").tempfile_in(folder)?;
        aside.write_all(text.as_bytes())?;
        open_to_all(aside.as_file())?;
        aside.persist(file).map(drop).map_err(|error| error.error)
    };
    write().map_err(|error| anyhow!("cannot write {}: {error}", file.display()))
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
