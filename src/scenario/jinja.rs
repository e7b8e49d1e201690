//! Renders a Jinja2 template over the environment as Python's Jinja2 with autoescape does, for the
//! gateway renders its configuration so before it parses the YAML. Where minijinja differs (it
//! escapes `/` and prints `true`), Python's way is restored.

use std::collections::BTreeMap;
use std::fmt::Write;

use minijinja::value::{Value, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State};

use crate::base::Fault;

use super::toml::line_at;

/// The text that a template gives, with `env` as its only variable.
///
/// # Errors
/// What is wrong with the template, with its line.
pub(super) fn render(text: &str, env: &BTreeMap<String, String>) -> Result<String, Fault> {
    let mut jinja = Environment::new();
    jinja.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    jinja.set_formatter(format_as_python);
    jinja.set_unknown_method_callback(python_method);
    jinja.add_filter("int", int);
    let context = BTreeMap::from([("env", env.clone())]);
    jinja.render_str(text, context).map_err(|error| {
        let start = error.line().map(|line| start_of_line(text, line));
        let found = start.map_or("", |at| line_at(text, &(at..at)));
        let indent = found.len() - found.trim_start().len();
        let span = start.map(|at| at + indent..at + found.trim_end().len().max(indent));
        let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
        Fault::new(
            "template",
            format!("`{}`", found.trim()),
            format!("is not a Jinja2 template: {what}"),
        )
        .at(span)
    })
}

/// The byte at which a line begins; lines count from 1.
pub(super) fn start_of_line(text: &str, line: usize) -> usize {
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
