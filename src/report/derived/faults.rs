//! How a tool fails, as faults of a scenario.

use super::Told;
use super::words::{comment, number, outcome, percent, plain, signal, span};
use crate::base::{Moment, Span};
use crate::scenario::log::{Outcome, Role};
use crate::study::derive::Tool;
use crate::study::derive::bursts::Bursts;
use crate::study::derive::failures::Kind;
use crate::study::derive::outages::Outage;

/// The gateway's own time-out of an attempt.
const ATTEMPT_TIMEOUT: Span = Span::from_secs(60);

pub(super) fn faults(told: &Told<'_>, tool: &Tool) -> String {
    let failures = &tool.failures;
    if failures.outages.is_empty() && failures.kinds.is_empty() {
        return match told.log.tells(Role::Status) {
            true => comment("No call failed.", ""),
            false => comment(
                "The log does not tell how calls ended: nothing fails here. What you know goes in, like \
                 faults = [{ flaky = { probability = \"2%\", signal = { error_flag_status = 503 } } }]",
                "",
            ),
        };
    }
    let mut text = "faults = [\n".to_owned();
    for each in &failures.outages {
        text += &outage(each);
    }
    for kind in &failures.kinds {
        text += &comment(&evidence(kind, !failures.outages.is_empty()), "  ");
        text += &match &kind.bursts {
            Some(bursts) => in_bursts(kind, bursts),
            None => format!(
                "  {{ flaky = {{ probability = \"{}\", signal = {}{} }} }},\n",
                percent(kind.chance),
                signal(kind.outcome),
                after(kind)
            ),
        };
    }
    text + "]\n"
}

fn moment(at: Moment) -> String {
    // Down to milliseconds, so that the first failure is within and the first success is not.
    span(Span::from_millis(at.as_nanos() / 1_000_000))
}

fn outage(outage: &Outage) -> String {
    let Outage { from, to, calls, kind, after } = outage;
    let words =
        format!("All of {} failed for {}.", number(calls.len(), "call"), span(to.since(*from)));
    // A time-out comes when the time is up, whatever the log tells of it.
    let patience = (*kind == Outcome::Timeout).then_some(ATTEMPT_TIMEOUT);
    let after =
        after.or(patience).map_or(String::new(), |at| format!(", after = \"{}\"", span(at)));
    comment(&words, "  ")
        + &format!(
            "  {{ outage = {{ from = \"{}\", to = \"{}\", signal = {}{after} }} }},\n",
            moment(*from),
            moment(*to),
            signal(*kind)
        )
}

fn evidence(kind: &Kind, outages: bool) -> String {
    let mut words = format!(
        "{}: {}, {} ± {}{}",
        outcome(kind.outcome),
        number(kind.count, "call"),
        percent(kind.share),
        percent(kind.se),
        if outages { " of those outside outages" } else { "" }
    );
    match kind.clusters {
        None => words += "; too few or too many to tell whether they come in bursts.",
        Some(c) => {
            words += &format!(
                "; {} in a row on average (independent: {}), lag-1 autocorrelation {} (z = {})",
                plain(c.run, 3),
                plain(c.independent_run, 3),
                plain(c.autocorrelation, 2),
                plain(c.z, 2)
            );
            if let Some((index, z)) = c.dispersion {
                let (index, z) = (plain(index, 2), plain(z, 2));
                words += &format!(", dispersion in blocks of calls {index} (z = {z})");
            }
            words += match &kind.bursts {
                Some(_) => ": in bursts.",
                None => ": independent.",
            };
        }
    }
    words += match kind.after {
        Some(_) => " Half of them took as long as `after` says.",
        None => "",
    };
    if let Some(bursts) = &kind.bursts {
        words += &format!(
            " Fitted by maximum likelihood (2 ln ratio to independence {}); room for {} bad spells, {} calls in each: \
             lengths are known to about {} %.",
            plain(bursts.likelier, 2),
            plain(bursts.spells, 2),
            plain(bursts.calls, 2),
            plain(100.0 / libm::sqrt(bursts.spells.max(1.0)), 2)
        );
    } else if kind.chance > kind.share * 1.0005 {
        words += " The chance is of those that no fault above has answered.";
    }
    words
}

fn in_bursts(kind: &Kind, bursts: &Bursts) -> String {
    let good = match bursts.good_probability > 0.0 {
        true => format!("good_probability = \"{}\", ", percent(bursts.good_probability)),
        false => String::new(),
    };
    format!(
        "  {{ bursts = {{ good = \"{}\", bad = \"{}\", {good}bad_probability = \"{}\", signal = {}{} }} }},\n",
        span(bursts.good),
        span(bursts.bad),
        percent(bursts.bad_probability),
        signal(kind.outcome),
        after(kind)
    )
}

/// The time that failures of a kind take, where it is their own.
fn after(kind: &Kind) -> String {
    kind.after.map_or(String::new(), |took| format!(", after = \"{}\"", span(took)))
}

/// A tool's failures in a few words.
pub(super) fn failures(tool: &Tool) -> String {
    let outages =
        tool.failures.outages.iter().map(|outage| {
            format!("an outage from {} to {}", moment(outage.from), moment(outage.to))
        });
    let kinds = tool.failures.kinds.iter().map(|kind| match &kind.bursts {
        Some(bursts) => format!(
            "{} in bursts, {} in bad spells of {} every {}",
            outcome(kind.outcome),
            percent(bursts.bad_probability),
            span(bursts.bad),
            span(bursts.good + bursts.bad)
        ),
        None => format!("{} independently, {}", outcome(kind.outcome), percent(kind.share)),
    });
    let all: Vec<String> = outages.chain(kinds).collect();
    if all.is_empty() { "no failures".into() } else { all.join("; ") }
}
