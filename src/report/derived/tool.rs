//! One tool and its load.

use super::faults::faults;
use super::head::tool_name;
use super::words::{comment, grouped, number, percent, plain, quoted, rate, span};
use super::{Told, Traces};
use crate::scenario::log::Role;
use crate::study::derive::Tool;
use crate::study::derive::arrivals::{Arriving, Model};
use crate::study::derive::latency::Latency;

/// What stands for a latency that nobody measured.
const ASSUMED: &str = "100ms";

pub(super) fn tool(told: &Told<'_>, tool: &Tool) -> String {
    let n = tool.facts.calls;
    let share = percent(n as f64 / told.derived.calls.max(1) as f64);
    let renamed = match tool.original == tool.name || !told.log.tells(Role::Tool) {
        true => String::new(),
        false => format!(" (in the log: {})", tool_name(&tool.original)),
    };
    let mut lead = format!("{}{renamed}: {}, {share} of the log.", tool.name, number(n, "call"));
    if tool.cancelled > 0 {
        let cancelled = number(tool.cancelled, "call");
        lead += &format!(" {cancelled} that clients cancelled arrive here, and are no failures.");
    }
    let mut text = comment(&lead, "");
    text += &format!("[[tools]]\nname = {}\n", quoted(&tool.name));
    text += &latency(told, tool.latency.as_ref());
    text += &faults(told, tool);
    text.push('\n');
    text + &load(told, tool)
}

fn latency(told: &Told<'_>, latency: Option<&Latency>) -> String {
    let Some(latency) = latency else {
        let why = match told.log.tells(Role::Duration) {
            true => "No success tells how long it took",
            false => "The log has no durations",
        };
        return comment(&format!("{why}: {ASSUMED} is assumed."), "")
            + &format!("latency = \"{ASSUMED}\"\n");
    };
    let fits = latency.fits.iter().map(|fit| {
        let (log, model) = (span(fit.log), span(fit.model));
        match log == model {
            true => format!("{} {log}", fit.name),
            false => format!("{} {log}, here {model}", fit.name),
        }
    });
    let fits: Vec<String> = fits.collect();
    let words = format!(
        "Latency of {}: {}.",
        number(latency.of, "success").replace("successs", "successes"),
        fits.join("; ")
    );
    let knots: Vec<String> =
        latency.knots.iter().map(|(name, at)| format!("{name} = \"{}\"", span(*at))).collect();
    let form = match &latency.knots[..] {
        [(_, first), .., (_, last)] if first == last => format!("\"{}\"", span(*first)),
        [(_, only)] => format!("\"{}\"", span(*only)),
        _ => format!("{{ {} }}", knots.join(", ")),
    };
    comment(&words, "") + &format!("latency = {form}\n")
}

fn load(told: &Told<'_>, tool: &Tool) -> String {
    let arriving = &tool.arriving;
    let steady = |form: &str| format!("{{ {form} = {{ rate = \"{}\" }} }}", rate(arriving.rate));
    let (verdict, form, from) = match (&arriving.model, told.traces) {
        (Model::Poisson, _) => ("a Poisson process describes them", steady("poisson"), None),
        (Model::Constant, _) => ("they come like clockwork", steady("constant"), None),
        (Model::Trace { .. }, Traces::None) => {
            ("no Poisson process, though it stands here", steady("poisson"), None)
        }
        (Model::Trace { first, .. }, Traces::Beside(_)) => {
            let file = told.trace(tool).unwrap_or_default();
            let form =
                format!("{{ trace = {{ file = {}, column = \"seconds\" }} }}", quoted(&file));
            ("no Poisson process, so these are the arrivals of the log", form, Some(*first))
        }
    };
    let mut text = comment(
        &format!(
            "Arrivals, {} a second: {}{verdict}.",
            plain(arriving.rate, 4),
            evidence(arriving)
        ),
        "",
    );
    text += &format!("[[load]]\ntool     = {}\narrivals = {form}\n", quoted(&tool.name));
    if let Some(first) = from.filter(|first| !first.is_zero()) {
        text += &format!("from     = \"{}\"\n", span(first));
    }
    text
}

fn evidence(arriving: &Arriving) -> String {
    let each = arriving
        .dispersion
        .iter()
        .map(|d| format!("{} in {} (z = {})", plain(d.index, 3), span(d.window), plain(d.z, 2)));
    let each: Vec<String> = each.collect();
    match each.is_empty() {
        true => "too few to tell a pattern; ".into(),
        false => format!("dispersion {}; ", each.join(", ")),
    }
}

/// A tool's arrivals in a few words.
pub(super) fn arrivals(tool: &Tool) -> String {
    let per = rate(tool.arriving.rate);
    match &tool.arriving.model {
        Model::Poisson => format!("Poisson arrivals, {per}"),
        Model::Constant => format!("even arrivals, {per}"),
        Model::Trace { moments, .. } => {
            format!("{} arrivals as recorded, {per} on average", grouped(moments.len()))
        }
    }
}
