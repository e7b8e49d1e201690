//! Expectations: what must come out of a run, checked in every run. `[expect]` names metrics, for all
//! columns or for one, of the whole world or of one tool.

use crate::base::fault::{joined, near};
use crate::base::tree::{Key, Node, Value};
use crate::base::{Fault, text};

use super::keys::HINTED;
use super::plan::{Column, Comparison, Expectation, Test};

/// The metrics that expectations can name, and what each is.
pub use crate::metrics::NAMES as METRICS;

/// The forms that a test can have.
pub(super) const TEST_RULE: &str = "must be a test like \">= 95%\", \"< 200ms\", \"= 3\", \
                             \"0.973 +- 0.002\", \"1.3 .. 1.5\" or \"null\"";

/// What a metric counts in.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    Plain,
    Share,
    Millis,
    PerSecond,
}

/// Reads `[expect]`. One for all columns becomes one expectation for each.
pub(super) fn expectations(
    node: &Node,
    columns: &[Column],
    faults: &mut Vec<Fault>,
) -> Vec<Expectation> {
    let mut reader = Reader { columns, faults, found: Vec::new() };
    for (key, value) in node.entries() {
        let path = joined("expect", &key.name);
        let place = columns.iter().position(|c| c.name == key.name);
        match (&value.value, place) {
            (Value::Table(_), Some(column)) => {
                for (metric, value) in value.entries() {
                    reader.metric(metric, value, &path, &[column]);
                }
            }
            (Value::Table(_), None) if key.name != "tools" => reader.no_column(key, &path),
            _ => reader.metric(key, value, "expect", &(0..columns.len()).collect::<Vec<_>>()),
        }
    }
    reader.found
}

/// A condition as on a command line: `success_rate >= 99.5%`. Gives the metric and what must hold.
///
/// # Errors
/// A fault whose path is empty: the caller knows where it was written.
pub fn condition(text: &str) -> Result<(&'static str, Test), Fault> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let (name, written) = (text[..end].trim(), text[end..].trim());
    let metric = metric(name)?;
    test(written, unit(metric)).map(|test| (metric, test)).map_err(|hint| {
        let written = format!("{written:?}");
        Fault { hint, ..Fault::new(metric, written, TEST_RULE) }
    })
}

/// The metric of a name.
///
/// # Errors
/// A fault with the nearest name that is known.
pub fn metric(name: &str) -> Result<&'static str, Fault> {
    let names = || METRICS.iter().map(|(name, _)| *name);
    names().find(|known| *known == name).ok_or_else(|| {
        let rule = "must be a metric: `retrylab run --format json` shows all of them";
        let fault = Fault::new("metric", format!("{name:?}"), rule);
        match near(name, names()) {
            Some(near) => fault.hint(format!("did you mean `{near}`?")),
            None => fault,
        }
    })
}

struct Reader<'a> {
    columns: &'a [Column],
    faults: &'a mut Vec<Fault>,
    found: Vec<Expectation>,
}

impl Reader<'_> {
    /// A metric and its test, or `tools` and a table of tools with theirs.
    fn metric(&mut self, key: &Key, value: &Node, path: &str, columns: &[usize]) {
        let path = joined(path, &key.name);
        if key.name == "tools" {
            for (tool, metrics) in value.entries() {
                let path = joined(&path, &tool.name);
                for (key, value) in metrics.entries() {
                    let path = joined(&path, &key.name);
                    self.one(Some(&tool.name), &key.name, (key, value), &path, columns);
                }
            }
            return;
        }
        let dotted = key.name.strip_prefix("tools.").and_then(|rest| rest.rsplit_once('.'));
        let (tool, metric) = match dotted {
            Some((tool, metric)) => (Some(tool), metric),
            None => (None, key.name.as_str()),
        };
        self.one(tool, metric, (key, value), &path, columns);
    }

    fn one(
        &mut self,
        tool: Option<&str>,
        metric: &str,
        (key, value): (&Key, &Node),
        path: &str,
        columns: &[usize],
    ) {
        let sound = self.known(tool, metric, key, path, columns);
        let written = match &value.value {
            Value::Text(written) => written.trim().to_owned(),
            Value::Int(_) | Value::Float(_) => format!("= {}", value.shown()),
            _ => String::new(),
        };
        let test = match test(&written, unit(metric)) {
            Ok(test) => test,
            Err(hint) => {
                let fault = Fault::new(path, value.shown(), TEST_RULE).at(value.span.clone());
                self.faults.push(Fault { hint, ..fault });
                return;
            }
        };
        if !sound {
            return;
        }
        let metric = tool.map_or(metric.to_owned(), |tool| format!("tools.{tool}.{metric}"));
        for &column in columns {
            let text = match self.columns {
                [_] => format!("{metric} {written}"),
                many => format!("{:?}.{metric} {written}", many[column].name),
            };
            self.found.push(Expectation { text, column, metric: metric.clone(), test });
        }
    }

    /// Whether the metric exists, and the tool in each of the columns.
    fn known(
        &mut self,
        tool: Option<&str>,
        metric: &str,
        key: &Key,
        path: &str,
        columns: &[usize],
    ) -> bool {
        if !METRICS.iter().any(|(name, _)| *name == metric) {
            let rule = "is neither a metric nor a column";
            let names = METRICS.iter().map(|(name, _)| *name);
            self.stranger(metric, path, key, rule, near(metric, names));
            return false;
        }
        let Some(tool) = tool else { return true };
        let of = |c: &usize| &self.columns[*c].world.tools;
        let there = |c: &usize| of(c).iter().any(|t| *t.name == *tool || *t.group == *tool);
        if columns.iter().all(there) {
            return true;
        }
        let few = if self.faults.len() < HINTED { self.columns } else { &[] };
        let names = few.iter().flat_map(|c| c.world.tools.iter().map(|t| &*t.group));
        let near = near(tool, names).map(str::to_owned);
        self.stranger(tool, path, key, "is not a tool of the column", near.as_deref());
        false
    }

    fn no_column(&mut self, key: &Key, path: &str) {
        let names: Vec<&str> = self.columns.iter().map(|c| c.name.as_str()).collect();
        let near = near(&key.name, names.iter().copied()).map(str::to_owned);
        let rule = format!("is no column; the columns are {}", quoted(&names));
        self.stranger(&key.name, path, key, &rule, near.as_deref());
    }

    fn stranger(&mut self, name: &str, path: &str, key: &Key, rule: &str, near: Option<&str>) {
        let fault = Fault::new(path, format!("{name:?}"), rule).at(key.span.clone());
        let hint = near.map(|near| format!("did you mean \"{near}\"?"));
        self.faults.push(Fault { hint, ..fault });
    }
}

fn quoted(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(8).map(|n| format!("{n:?}")).collect();
    let more = if names.len() > 8 { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

fn unit(metric: &str) -> Unit {
    if metric.contains("_ms") {
        Unit::Millis
    } else if metric.ends_with("_per_s") {
        Unit::PerSecond
    } else if metric.ends_with("_rate") || metric == "recovered_replicas" {
        Unit::Share
    } else {
        Unit::Plain
    }
}

/// A test as it is written; the error is a way out, where there is one.
fn test(written: &str, unit: Unit) -> Result<Test, Option<String>> {
    if written == "null" {
        return Ok(Test::Null);
    }
    let read = |part: &str| quantity(part.trim(), unit);
    if let Some((low, high)) = written.split_once("..") {
        let (low, high) = (read(low)?, read(high)?);
        return if low <= high {
            Ok(Test::Between { low, high })
        } else {
            Err(Some("the first value must not be the larger one".into()))
        };
    }
    if let Some((value, tolerance)) = written.split_once("+-").or_else(|| written.split_once('±'))
    {
        let (value, tolerance) = (read(value)?, read(tolerance)?);
        return match tolerance < 0.0 {
            true => Err(Some("the tolerance must not be negative".into())),
            false => Ok(Test::Near { value, tolerance }),
        };
    }
    const OPERATORS: [(&str, Comparison); 6] = [
        (">=", Comparison::AtLeast),
        ("<=", Comparison::AtMost),
        ("==", Comparison::Equal),
        (">", Comparison::Above),
        ("<", Comparison::Below),
        ("=", Comparison::Equal),
    ];
    for (sign, op) in OPERATORS {
        if let Some(value) = written.strip_prefix(sign) {
            return Ok(Test::Compare { op, value: read(value)? });
        }
    }
    Err(read(written).ok().map(|_| format!("begin with an operator, like \">= {written}\"")))
}

/// A value in the unit of its metric.
fn quantity(written: &str, unit: Unit) -> Result<f64, Option<String>> {
    let number = written.replace('_', "").parse::<f64>().ok().filter(|x| x.is_finite());
    let value = match unit {
        Unit::Millis => {
            let span = if number.is_some() { None } else { text::duration(written) };
            number.or(span.map(|s| s.as_millis_f64()))
        }
        Unit::PerSecond => number.or_else(|| text::rate(written)),
        Unit::Share => match number {
            Some(x) if x > 1.0 => {
                return Err(Some(format!(
                    "a share is a number from 0 to 1: write {written}% instead of {written}"
                )));
            }
            Some(x) => Some(x),
            None => text::probability(written),
        },
        Unit::Plain => number,
    };
    value.ok_or(None)
}
