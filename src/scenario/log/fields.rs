//! What the cells of a line tell of its call.

use std::borrow::Cow;
use std::num::NonZeroU64;
use std::ops::Range;

use super::Outcome;
use super::columns::Use;
use super::header::SKIP;
use super::outcome::{self, outcome};
use crate::base::fault::shortened;
use crate::base::{Fault, text};

/// The longest time that a call can take: a year.
const LONGEST: f64 = 3.2e16;

/// One cell that tells something.
pub(super) struct Field<'a> {
    pub(super) what: Use,
    /// Of several that tell the same, the lowest counts.
    pub(super) rank: u8,
    pub(super) name: &'a str,
    pub(super) cell: Cow<'a, str>,
    pub(super) place: Range<usize>,
}

pub(super) fn at_fault(field: &Field<'_>, rule: &str) -> Fault {
    let fault = Fault::new(field.name, shortened(&format!("{:?}", field.cell)), rule);
    let hint = format!("--columns {}=NAME names another column; {SKIP}", field.what.role().name());
    fault.at(Some(field.place.clone())).hint(hint)
}

/// A time in nanoseconds; `Some(None)` if the cell is empty, `None` if it is no time.
pub(super) fn duration(cell: &str, unit: f64) -> Option<Option<NonZeroU64>> {
    let cell = cell.trim();
    if cell.is_empty() || cell == "-" {
        return Some(None);
    }
    let nanos = match cell.parse::<f64>() {
        Ok(number) => number * unit,
        Err(_) => text::duration(cell)?.as_nanos() as f64,
    };
    // No call takes no time at all; clocks are coarse.
    (0.0..LONGEST).contains(&nanos).then(|| NonZeroU64::new(nanos.round().max(1.0) as u64))
}

/// How a call ended: the first column that tells a failure, else the first that tells anything; success if
/// none does.
pub(super) fn ended(fields: &[Field<'_>]) -> Result<Outcome, Fault> {
    let mut ended = None;
    for field in fields {
        let Use::Status(says) = field.what else { continue };
        let told = outcome(&field.cell, says).map_err(|()| at_fault(field, outcome::RULE))?;
        match told {
            Some(told) if told != Outcome::Success => return Ok(told),
            told => ended = ended.or(told),
        }
    }
    Ok(ended.unwrap_or(Outcome::Success))
}
