//! The words of `derive`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::base::fault::near;
use crate::scenario::log::{Role, Unit};

#[derive(Args)]
pub(in crate::cli) struct Derive {
    /// A log of calls: CSV with a line of names, or JSON lines; `-` for stdin.
    pub(in crate::cli) log: PathBuf,
    /// The scenario; `-` for stdout [default: the log's name with .toml, in this folder].
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) out: Option<PathBuf>,
    /// Replaces files that are there.
    #[arg(long)]
    pub(in crate::cli) force: bool,
    /// What columns with unusual names are for, like timestamp=when,tool=target,duration=ms,status=rc; in JSON,
    /// dotted paths lead into objects.
    #[arg(long, value_name = "ROLE=NAME", value_delimiter = ',', value_parser = column)]
    pub(in crate::cli) columns: Vec<(Role, String)>,
    /// The unit of durations whose column's name does not end in one [default: ms].
    #[arg(long, value_name = "UNIT", value_enum)]
    pub(in crate::cli) duration_unit: Option<DurationUnit>,
    /// So many malformed lines are left out and told, instead of the first being the end.
    #[arg(long, value_name = "LINES", default_value_t = 0, allow_negative_numbers = true, value_parser = skip)]
    pub(in crate::cli) skip_bad: u64,
    /// No hints.
    #[arg(long, short)]
    pub(in crate::cli) quiet: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum DurationUnit {
    /// Nanoseconds.
    Ns,
    /// Microseconds.
    Us,
    /// Milliseconds.
    Ms,
    /// Seconds.
    S,
}

impl DurationUnit {
    pub(in crate::cli) fn unit(self) -> Unit {
        match self {
            DurationUnit::Ns => Unit::Nanos,
            DurationUnit::Us => Unit::Micros,
            DurationUnit::Ms => Unit::Millis,
            DurationUnit::S => Unit::Secs,
        }
    }
}

fn column(text: &str) -> Result<(Role, String), String> {
    let rule = "must be timestamp, tool, duration or status, =, and a column's name";
    let (role, name) = text.split_once('=').ok_or(rule)?;
    let found = Role::ALL.into_iter().find(|known| known.name() == role.trim());
    match found {
        Some(role) if !name.trim().is_empty() => Ok((role, name.trim().to_owned())),
        Some(_) => Err(rule.into()),
        None => Err(match near(role, Role::ALL.map(Role::name)) {
            Some(known) => format!("{rule}; did you mean `{known}`?"),
            None => rule.into(),
        }),
    }
}

fn skip(text: &str) -> Result<u64, String> {
    super::whole(text, 0, u64::MAX)
}
