//! The line of names of a CSV, and what is wrong with lines that are none.

use std::ops::Range;

use super::columns::{Use, known};
use super::{Options, Wrong, cells};
use crate::base::Fault;
use crate::base::fault::shortened;

/// The way out where a log cannot be mended.
pub(super) const SKIP: &str = "mend the line, or leave out up to N bad ones with --skip-bad N";

/// The line of names of a CSV.
pub(super) struct Header {
    pub(super) divider: char,
    pub(super) names: Vec<String>,
    pub(super) uses: Vec<Option<(Use, u8)>>,
}

impl Header {
    pub(super) fn of(number: u64, line: &str, options: &Options) -> Result<Header, Box<Wrong>> {
        let divider = cells::divider(line);
        let mut found = Vec::new();
        cells::cells(line, divider, &mut found)
            .map_err(|place| wrong(number, line, unquoted(line, place)))?;
        let names: Vec<String> = found.iter().map(|(name, _)| name.trim().to_owned()).collect();
        for (role, name) in &options.columns {
            if !names.contains(name) {
                let rule = format!("has no column {name:?}, which is to be the {}", role.name());
                let fault = Fault::new("columns", names.join(","), rule);
                return Err(wrong(
                    number,
                    line,
                    fault.hint("--columns names columns as they are written"),
                ));
            }
        }
        let uses: Vec<_> = names.iter().map(|name| known(name, options)).collect();
        if !uses.iter().flatten().any(|(what, _)| *what == Use::Timestamp) {
            return Err(wrong(number, line, no_timestamp(&names.join(","))));
        }
        Ok(Header { divider, names, uses })
    }
}

pub(super) fn no_timestamp(found: &str) -> Fault {
    let fault = Fault::new("timestamp", found, "must have a column that tells when calls began");
    fault.hint("name it: --columns timestamp=NAME; usual names (timestamp, time, ts) are known")
}

pub(super) fn wrong(line: u64, text: &str, fault: Fault) -> Box<Wrong> {
    Box::new(Wrong { line: Some(line), text: text.to_owned(), fault })
}

pub(super) fn unquoted(line: &str, place: Range<usize>) -> Fault {
    let found = line.get(place.clone()).unwrap_or_default();
    let rule = "a quoted cell must end with its quote, before the next divider";
    let fault = Fault::new("line", found, rule).at(Some(place));
    fault.hint("a quote within a quoted cell is written twice")
}

pub(super) fn no_json(line: &str, error: &serde_json::Error) -> Fault {
    let place = match error.is_eof() {
        true => line.len(),
        false => error.column().saturating_sub(1).min(line.len()),
    };
    let found = match line.get(place..) {
        Some("") => "the end of the line".into(),
        rest => shortened(rest.unwrap_or(line)),
    };
    let why = error.to_string();
    let why = why.split(" at line ").next().unwrap_or_default();
    let fault = Fault::new("line", found, format!("must be an object of JSON: {why}"));
    let fault = fault.at(Some(place..line.len()));
    match line.trim_start().starts_with('[') {
        true => fault.hint("one object a line: `jq -c '.[]' FILE` makes lines of a list"),
        false => fault.hint(SKIP),
    }
}
