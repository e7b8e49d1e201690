//! From lines to a log.

use std::collections::HashMap;
use std::io::BufRead;

use super::cells::{self, Cell};
use super::columns::{Use, known};
use super::fields::{Field, at_fault, duration, ended};
use super::header::{Header, SKIP, no_json, no_timestamp, unquoted, wrong};
use super::json::{self, Pairs};
use super::lines::Lines;
use super::stamp::{self, stamp};
use super::{Call, Log, MAX_CALLS, MAX_TOOLS, Options, Role, Wrong};
use crate::base::{Fault, Moment, Span};

/// The longest name of a tool that is kept.
const MAX_NAME: usize = 200;

/// Reads a log: CSV with a line of names, or JSON lines, told by its first character.
///
/// # Errors
/// The first line that is none, unless so many may be left out; or that there is no call.
pub fn read(source: &mut dyn BufRead, options: &Options) -> Result<Log, Box<Wrong>> {
    let mut lines = Lines::new(source);
    let mut reading = Reading::new(options);
    let first = match lines.next(true)? {
        Some((number, line)) if !line.trim_start().starts_with(['{', '[']) => {
            Some(Header::of(number, line, options)?)
        }
        Some((number, line)) => {
            reading.json(number, line)?;
            None
        }
        None => None,
    };
    loop {
        let taken = match (lines.next(first.is_some()), &first) {
            (Ok(None), _) => break,
            (Ok(Some((number, line))), Some(header)) => reading.csv(number, line, header),
            (Ok(Some((number, line))), None) => reading.json(number, line),
            (Err(wrong), _) => {
                reading.left_out(wrong)?;
                lines.skip_rest();
                Ok(())
            }
        };
        taken?;
    }
    reading.done()
}

/// What has been read so far.
struct Reading<'o> {
    options: &'o Options,
    calls: Vec<Call>,
    tools: Vec<String>,
    indices: HashMap<String, u32>,
    /// What keys of JSON are for.
    keys: HashMap<String, Option<(Use, u8)>>,
    used: Vec<(Role, String)>,
    skipped: (u64, Option<Wrong>),
    unordered: u64,
}

impl<'o> Reading<'o> {
    fn new(options: &'o Options) -> Reading<'o> {
        Reading {
            options,
            calls: Vec::new(),
            tools: Vec::new(),
            indices: HashMap::new(),
            keys: HashMap::new(),
            used: Vec::new(),
            skipped: (0, None),
            unordered: 0,
        }
    }

    fn csv(&mut self, number: u64, line: &str, header: &Header) -> Result<(), Box<Wrong>> {
        let mut found: Vec<Cell<'_>> = Vec::with_capacity(header.names.len());
        if let Err(place) = cells::cells(line, header.divider, &mut found) {
            return self.left_out(wrong(number, line, unquoted(line, place)));
        }
        if found.len() != header.names.len() {
            let (n, names) = (found.len(), header.names.len());
            let rule = format!("must be {names}, as in the line of names");
            return self.left_out(wrong(
                number,
                line,
                Fault::new("line", format!("{n} cells"), rule).hint(SKIP),
            ));
        }
        let each = found.into_iter().zip(&header.names).zip(&header.uses);
        let fields = each.filter_map(|(((cell, place), name), what)| {
            let (what, rank) = (*what)?;
            Some(Field { what, rank, name, cell, place })
        });
        self.take(number, line, fields.collect())
    }

    fn json(&mut self, number: u64, line: &str) -> Result<(), Box<Wrong>> {
        let pairs: Pairs<'_> = match serde_json::from_str(line) {
            Ok(pairs) => pairs,
            Err(error) => return self.left_out(wrong(number, line, no_json(line, &error))),
        };
        let mut fields = Vec::new();
        let given = self.options.columns.iter().filter_map(|(_, path)| {
            Some((path.as_str(), json::under(&pairs, path)?, known(path, self.options)?))
        });
        let add = |(name, value, (what, rank))| Field {
            what,
            rank,
            name,
            cell: json::cell(value),
            place: json::place(line, value),
        };
        fields.extend(given.map(add));
        for (key, value) in pairs.0.iter().rev() {
            let what = match self.keys.get(&**key) {
                Some(known) => *known,
                None => {
                    let known = known(key, self.options);
                    if self.keys.len() < 10_000 {
                        self.keys.insert(key.to_string(), known);
                    }
                    known
                }
            };
            fields.extend(what.map(|what| add((key, value, what))));
        }
        self.take(number, line, fields)
    }

    /// Takes the call of a line.
    fn take(
        &mut self,
        number: u64,
        line: &str,
        mut fields: Vec<Field<'_>>,
    ) -> Result<(), Box<Wrong>> {
        fields.sort_by_key(|field| field.rank);
        if self.calls.len() == MAX_CALLS {
            let fault = Fault::new("line", format!("more than {MAX_CALLS} calls"), "must be fewer");
            return Err(wrong(
                number,
                line,
                fault.hint("take a part of the log: a day, or every tenth session"),
            ));
        }
        match self.call(&fields) {
            Ok(call) => {
                self.unordered +=
                    u64::from(self.calls.last().is_some_and(|last| last.at > call.at));
                self.calls.push(call);
                self.note(&fields);
                Ok(())
            }
            Err(fault) => self.left_out(wrong(number, line, fault)),
        }
    }

    fn call(&mut self, fields: &[Field<'_>]) -> Result<Call, Fault> {
        let when = fields.iter().find(|field| field.what == Use::Timestamp);
        let when = when.ok_or_else(|| no_timestamp("a line without one"))?;
        let at = stamp(&when.cell).and_then(|at| i64::try_from(at).ok());
        let at = at.ok_or_else(|| at_fault(when, stamp::RULE))?;
        let took = fields.iter().find_map(|field| match field.what {
            Use::Duration(unit) => Some((field, unit.nanos())),
            _ => None,
        });
        let took = match took {
            Some((field, unit)) => duration(&field.cell, unit).ok_or_else(|| {
                at_fault(field, "must be a time that a call can take: 0 or more, or 120ms")
            })?,
            None => None,
        };
        let outcome = ended(fields)?;
        let tool = fields.iter().find(|field| field.what == Use::Tool);
        let tool = self.tool(tool.map_or("", |field| field.cell.trim()))?;
        // Kept in order by moving the range of signed numbers to that of unsigned ones, until the first is known.
        let at = Moment::from_nanos((at as u64) ^ (1 << 63));
        Ok(Call { at, took, tool, outcome })
    }

    fn tool(&mut self, name: &str) -> Result<u32, Fault> {
        if let Some(index) = self.indices.get(name) {
            return Ok(*index);
        }
        if self.tools.len() == MAX_TOOLS {
            let found = format!("more than {MAX_TOOLS} tools");
            let fault = Fault::new("tool", found, "must be fewer: is it the right column?");
            return Err(fault.hint("--columns tool=NAME names another"));
        }
        let name: String = name.chars().take(MAX_NAME).collect();
        let index = self.tools.len() as u32;
        self.tools.push(name.clone());
        self.indices.insert(name, index);
        Ok(index)
    }

    /// Remembers which columns told something.
    fn note(&mut self, fields: &[Field<'_>]) {
        for field in fields {
            let role = field.what.role();
            let several = role == Role::Status;
            let noted =
                |(of, name): &(Role, String)| *of == role && (!several || name == field.name);
            if self.used.len() < 20 && !self.used.iter().any(noted) {
                self.used.push((role, field.name.to_owned()));
            }
        }
    }

    /// A line is none: the end, unless it may be left out.
    fn left_out(&mut self, wrong: Box<Wrong>) -> Result<(), Box<Wrong>> {
        if self.skipped.0 >= self.options.skip {
            return Err(wrong);
        }
        self.skipped.0 += 1;
        self.skipped.1.get_or_insert(*wrong);
        Ok(())
    }

    fn done(mut self) -> Result<Log, Box<Wrong>> {
        self.calls.sort_by_key(|call| call.at);
        let (Some(first), Some(last)) = (self.calls.first(), self.calls.last()) else {
            let fault = Fault::new("log", "no call", "must have a line for each call");
            let fault = fault.hint("a CSV with a line of names, or JSON lines");
            return Err(Box::new(Wrong { line: None, text: String::new(), fault }));
        };
        let (first, span) = (first.at, last.at.since(first.at));
        let begins = stamp::words(i128::from((first.as_nanos() ^ (1 << 63)) as i64));
        if span > Span::from_secs(100 * 365 * 86_400) {
            let rule = "must lie within a hundred years: are some in other units?";
            let fault = Fault::new("timestamp", format!("{span} from first to last"), rule);
            return Err(Box::new(Wrong { line: None, text: String::new(), fault }));
        }
        for call in &mut self.calls {
            call.at = Moment::START + call.at.since(first);
        }
        self.used.sort();
        let Reading { calls, tools, used, skipped, unordered, .. } = self;
        Ok(Log { calls, tools, columns: used, begins, span, skipped, unordered })
    }
}
