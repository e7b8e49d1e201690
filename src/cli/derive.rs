//! `derive`: an operator's log becomes a scenario, simulated once to see how well it fits.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};

use super::faults::{faulty, faulty_line};
use super::{args, print, tell};
use crate::report::derived::{self, Checked, Told, Traces};
use crate::scenario::log::{self, Log, Options};
use crate::scenario::{self, Plan};
use crate::study;
use crate::study::derive::derive as derived_from;
use crate::study::derive::simulated::simulated;

pub(super) fn derive(options: &args::Derive) -> anyhow::Result<u8> {
    let name = name(&options.log);
    let out = place(options, &name)?;
    let log = read(options, &name)?;
    let derived = derived_from(&log);
    let stem = out.as_deref().and_then(Path::file_stem).map(|stem| stem.to_string_lossy());
    let told = Told {
        log: &log,
        name: &name,
        derived: &derived,
        traces: stem.as_deref().map_or(Traces::None, Traces::Beside),
        version: env!("CARGO_PKG_VERSION"),
    };
    let traces = derived::traces(&told);
    let plan = plan(&derived::scenario(&told, Checked::NotYet), &traces)?;
    let facts = simulated(&derived, &plan);
    let checked = facts.as_deref().map_or(Checked::TooLong, Checked::Simulated);
    let text = derived::scenario(&told, checked);
    let table = print::table(&derived::table(&derived, facts.as_deref()));
    let mut stdout = anstream::stdout();
    let Some(out) = &out else {
        stdout.write_all(text.as_bytes())?;
        if !options.quiet {
            tell(table.trim_end());
        }
        return Ok(0);
    };
    let folder = out.parent().map(Path::to_owned).unwrap_or_default();
    let traces = traces.into_iter().map(|(name, text)| (folder.join(name), text));
    written(&traces.chain([(out.clone(), text)]).collect::<Vec<_>>(), options.force)?;
    writeln!(stdout, "{}\n\n{table}", derived::summary(&told))?;
    for line in derived::sentences(&derived) {
        writeln!(stdout, "{line}")?;
    }
    if !options.quiet {
        let out = out.display();
        tell(format_args!("scenario: {out}; `retrylab run {out}` tells whether to retry"));
    }
    Ok(0)
}

/// What the log is called.
fn name(log: &Path) -> String {
    match log.to_str() {
        Some("-") => "stdin".into(),
        _ => log.file_name().unwrap_or(log.as_os_str()).to_string_lossy().into_owned(),
    }
}

/// Where the scenario goes; `None` for stdout.
fn place(options: &args::Derive, name: &str) -> anyhow::Result<Option<PathBuf>> {
    let out = match &options.out {
        Some(out) if out.as_os_str() == "-" => return Ok(None),
        Some(out) if out.as_os_str().is_empty() => bail!("--out: must not be empty"),
        Some(out) => out.clone(),
        None => {
            PathBuf::from(Path::new(name).with_extension("toml").file_name().unwrap_or_default())
        }
    };
    if out == options.log {
        bail!("{}: is the log itself; --out names another file", out.display());
    }
    if out.is_dir() {
        bail!("{}: is a folder; --out names a file", out.display());
    }
    free(&out, options.force)?;
    Ok(Some(out))
}

fn free(file: &Path, force: bool) -> anyhow::Result<()> {
    match file.symlink_metadata() {
        Ok(_) if !force => {
            bail!("{}: is there already; --force replaces it, --out names another", file.display())
        }
        _ => Ok(()),
    }
}

fn read(options: &args::Derive, name: &str) -> anyhow::Result<Log> {
    let path = options.log.display();
    let mut source: Box<dyn BufRead> = match options.log.as_os_str() == "-" {
        true => Box::new(std::io::stdin().lock()),
        false if options.log.is_dir() => {
            bail!("cannot read {path}: it is a folder: name a file in it")
        }
        false => {
            let file = File::open(&options.log).with_context(|| format!("cannot read {path}"))?;
            Box::new(BufReader::with_capacity(1 << 20, file))
        }
    };
    let reading = Options {
        columns: options.columns.clone(),
        unit: options.duration_unit.map(args::DurationUnit::unit),
        skip: options.skip_bad,
    };
    log::read(&mut *source, &reading).map_err(|wrong| {
        let path = if options.log.as_os_str() == "-" { name.to_owned() } else { path.to_string() };
        faulty_line(&path, &wrong).into()
    })
}

/// The plan of what was derived. Faults of it are retrylab's, not the user's.
fn plan(text: &str, traces: &[(String, String)]) -> anyhow::Result<Plan> {
    let file = |name: &str| {
        let found = traces.iter().find(|(there, _)| there == name);
        found.map(|(_, text)| text.clone()).ok_or_else(|| format!("there is no {name}"))
    };
    let plan = scenario::load("derived", text, &file, &BTreeMap::new());
    let plan = plan.map_err(|faults| anyhow::Error::from(faulty("derived.toml", text, &faults)))?;
    study::check(&plan).map_err(|fault| anyhow!("derived.toml: {fault}"))?;
    Ok(plan)
}

/// Writes every file or none that is new.
fn written(files: &[(PathBuf, String)], force: bool) -> anyhow::Result<()> {
    files.iter().try_for_each(|(path, _)| free(path, force))?;
    let mut new = Vec::new();
    let done = files.iter().try_for_each(|(path, text)| {
        let failed = || format!("cannot write {}", path.display());
        if force {
            return fs::write(path, text).with_context(failed);
        }
        let mut file =
            OpenOptions::new().write(true).create_new(true).open(path).with_context(failed)?;
        new.push(path);
        file.write_all(text.as_bytes()).with_context(failed)
    });
    if done.is_err() {
        new.iter().for_each(|path| drop(fs::remove_file(path)));
    }
    done
}
