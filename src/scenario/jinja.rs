//! Renders a Jinja2 template over the environment as Python's Jinja2 with autoescape does, for the
//! gateway renders its configuration so before it parses the YAML. Where minijinja differs (it
//! escapes `/` and prints `true`), Python's way is restored.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State, filters, functions, tests};

use crate::base::Fault;

use super::template::{Refused, bounded};
use super::toml::line_at;

/// Steps of the engine at most: ten times what the longest configuration takes that is read.
const MAX_STEPS: u64 = 1_000_000;
/// Bytes that a template may give.
const MAX_RENDERED: usize = 4 << 20;

/// The text that a template gives, with `env` as its only variable.
///
/// # Errors
/// What is wrong with the template, with its line.
pub(super) fn render(text: &str, env: &BTreeMap<String, String>) -> Result<String, Fault> {
    bounded(text).map_err(|Refused { place, rule, hint }| {
        let line = line_at(text, &place).trim();
        Fault::new("template", format!("`{line}`"), rule).at(Some(place)).hint(hint)
    })?;
    let jinja = engine();
    let context = BTreeMap::from([("env", env.clone())]);
    let mut out = Bounded(Vec::new());
    let rendered =
        jinja.template_from_str(text).and_then(|t| t.render_captured_to(context, &mut out));
    rendered.map_err(|error| broken(text, &error))?;
    String::from_utf8(out.0).map_err(|_| Fault::new("template", "bytes", "must give text in UTF-8"))
}

/// The engine, with the filters, tests and functions whose results have a bound.
fn engine() -> Environment<'static> {
    let mut jinja = Environment::empty();
    jinja.set_fuel(Some(MAX_STEPS));
    jinja.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    jinja.set_formatter(format_as_python);
    jinja.set_unknown_method_callback(python_method);
    jinja.add_filter("int", int);
    jinja.add_filter("float", filters::float);
    jinja.add_filter("bool", filters::bool);
    jinja.add_filter("default", filters::default);
    jinja.add_filter("d", filters::default);
    jinja.add_filter("lower", filters::lower);
    jinja.add_filter("upper", filters::upper);
    jinja.add_filter("trim", filters::trim);
    jinja.add_filter("length", filters::length);
    jinja.add_filter("safe", filters::safe);
    jinja.add_test("defined", tests::is_defined);
    jinja.add_test("undefined", tests::is_undefined);
    jinja.add_test("none", tests::is_none);
    jinja.add_test("string", tests::is_string);
    jinja.add_test("number", tests::is_number);
    jinja.add_function("range", functions::range);
    jinja
}

/// The fault of a template that the engine refuses.
fn broken(text: &str, error: &Error) -> Fault {
    let start = error.line().map(|line| start_of_line(text, line));
    let found = start.map_or("", |at| line_at(text, &(at..at)));
    let indent = found.len() - found.trim_start().len();
    let span = start.map(|at| at + indent..at + found.trim_end().len().max(indent));
    let rule = match error.kind() {
        ErrorKind::OutOfFuel => format!("must be rendered in {MAX_STEPS} steps"),
        ErrorKind::WriteFailure => format!("must give at most {MAX_RENDERED} bytes"),
        kind => {
            let what = error.detail().map_or_else(|| kind.to_string(), str::to_owned);
            format!("is not a Jinja2 template: {what}")
        }
    };
    let endless = matches!(error.kind(), ErrorKind::OutOfFuel | ErrorKind::WriteFailure);
    let found = if span.is_none() { "all of it".into() } else { format!("`{}`", found.trim()) };
    let fault = Fault::new("template", found, rule).at(span);
    if endless { fault.hint("a loop in it goes on for too long") } else { fault }
}

/// Takes so many bytes and no more.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MAX_RENDERED {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The byte at which a line begins; lines count from 1.
fn start_of_line(text: &str, line: usize) -> usize {
    text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum()
}

/// MarkupSafe's five escapes, and Python's names for nothing, true and false.
fn format_as_python(out: &mut Output, _: &mut State, value: &Value) -> Result<(), Error> {
    let shown = match value.kind() {
        ValueKind::Undefined => return Ok(()),
        ValueKind::None => "None".into(),
        ValueKind::Bool => if value.is_true() { "True" } else { "False" }.into(),
        _ => value.to_string(),
    };
    let plain = value.is_safe();
    for c in shown.chars() {
        let escaped = match c {
            '&' if !plain => "&amp;",
            '<' if !plain => "&lt;",
            '>' if !plain => "&gt;",
            '"' if !plain => "&#34;",
            '\'' if !plain => "&#39;",
            _ => {
                out.write_char(c)?;
                continue;
            }
        };
        out.write_str(escaped)?;
    }
    Ok(())
}

/// `env.get("NAME")` and `env.get("NAME", "default")`.
fn python_method(
    _: &mut State,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    match (method, args) {
        ("get", [name]) => Ok(known(value, name)?.unwrap_or(Value::from(()))),
        ("get", [name, default]) => Ok(known(value, name)?.unwrap_or(default.clone())),
        _ => Err(Error::from(ErrorKind::UnknownMethod)),
    }
}

fn known(value: &Value, name: &Value) -> Result<Option<Value>, Error> {
    Ok(Some(value.get_item(name)?).filter(|v| !v.is_undefined()))
}

/// Jinja2's `int`: a number's whole part, and the default (0) for anything that is no number.
fn int(value: &Value, default: Option<i64>) -> i64 {
    let read = match value.as_str() {
        Some(text) => {
            let text = text.trim().replace('_', "");
            text.parse().ok().or_else(|| text.parse::<f64>().ok().map(|x| x as i64))
        }
        None => i64::try_from(value.clone())
            .ok()
            .or_else(|| f64::try_from(value.clone()).ok().map(|x| x as i64)),
    };
    read.unwrap_or(default.unwrap_or(0))
}
