//! Recorded arrivals: a column of a CSV, as timestamps or as seconds, becomes moments from the first
//! of them.

use jiff::{Timestamp, civil, tz::TimeZone};

use crate::base::Moment;
use crate::base::fault::shortened;

/// Bytes of a line at most: each cell of it takes more memory than text.
const MAX_LINE: usize = 64 << 10;
/// Arrivals at most in one trace.
const MAX_ARRIVALS: usize = 10_000_000;

/// The arrivals of a CSV, rising, the earliest at the start of the run.
///
/// # Errors
/// What is wrong with the table, with its line.
pub(super) fn parse(text: &str, column: Option<&str>) -> Result<Vec<Moment>, String> {
    if let Some(long) = text.lines().position(|line| line.len() > MAX_LINE) {
        return Err(format!("line {}: must be at most {} KiB long", long + 1, MAX_LINE >> 10));
    }
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut index = 0;
    let mut found: Vec<i128> = Vec::new();
    for (n, row) in rows.records().enumerate() {
        let row = row.map_err(|e| broken(&e))?;
        let line = row.position().map_or(n as u64 + 1, csv::Position::line);
        if n == 0 {
            let header = row.iter().map(str::trim);
            if let Some(name) = column {
                let names: Vec<&str> = header.collect();
                index = names.iter().position(|h| *h == name).ok_or_else(|| {
                    let line = shortened(&names.join(","));
                    format!("has no column {name:?}; its first line is {line}")
                })?;
                continue;
            }
            let first = row.get(0).unwrap_or("").trim();
            if nanoseconds(first).is_none() && !first.starts_with(|c: char| c.is_ascii_digit()) {
                continue; // a line of names
            }
        }
        let cell = row.get(index).unwrap_or("").trim();
        let at = nanoseconds(cell).ok_or_else(|| {
            let cell = shortened(&format!("{cell:?}"));
            format!("line {line}: {cell} is neither a timestamp nor a number of seconds")
        })?;
        if found.len() == MAX_ARRIVALS {
            return Err(format!("has more than {MAX_ARRIVALS} arrivals"));
        }
        found.push(at);
    }
    found.sort_unstable();
    let Some(first) = found.first().copied() else {
        return Err("has no arrivals".into());
    };
    Ok(found
        .into_iter()
        .map(|at| Moment::from_nanos(u64::try_from(at - first).unwrap_or(u64::MAX - 1)))
        .collect())
}

/// What is wrong with a table that is none.
fn broken(error: &csv::Error) -> String {
    let line = error.position().map_or(0, csv::Position::line);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!(
                "line {line}: found {len} fields: must be {expected_len}, as in the lines before"
            )
        }
        _ => format!("is not CSV: {error}"),
    }
}

/// A timestamp or a number of seconds, in nanoseconds since some fixed time.
pub(super) fn nanoseconds(cell: &str) -> Option<i128> {
    let cell = cell.trim();
    if let Ok(seconds) = cell.parse::<f64>() {
        return (seconds.abs() < 1e11).then(|| (seconds * 1e9).round() as i128);
    }
    if let Ok(at) = cell.parse::<Timestamp>() {
        return Some(at.as_nanosecond());
    }
    let local: civil::DateTime = cell.parse().ok()?;
    Some(TimeZone::UTC.to_timestamp(local).ok()?.as_nanosecond())
}
