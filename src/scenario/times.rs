//! Distributions of times as they are written.

use crate::base::dist::Distribution;
use crate::base::tree::Node;
use crate::base::{Fault, Span, text};

use super::form::{Form, form};
use super::forms::LATENCY;
use super::table::Table;

const QUANTILES: [(&str, f64); 6] =
    [("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99), ("p999", 0.999)];

/// The distribution under a key; always 0 where the key is absent or at fault.
pub(super) fn times(table: &Table<'_>, key: &str, faults: &mut Vec<Fault>) -> Distribution {
    table
        .get(key)
        .and_then(|node| distribution(node, &table.at(key), faults))
        .unwrap_or(Distribution::Fixed(Span::ZERO))
}

fn distribution(node: &Node, path: &str, faults: &mut Vec<Fault>) -> Option<Distribution> {
    let tagged = match form(node, path, &LATENCY, faults)? {
        Form::Plain(text) => return text::duration(text).map(Distribution::Fixed),
        Form::Any(table) => return Some(through(&table, node, faults)),
        Form::Tagged(tagged) => tagged,
    };
    let table = tagged.table(faults);
    Some(match tagged.name() {
        "exponential" => Distribution::Exponential(table.span("mean")?),
        "log_normal" => Distribution::log_normal(table.span("mean")?, table.number("cv2")?),
        "normal" => Distribution::AbsNormal(table.span("mean")?, table.span("sd")?),
        _ => {
            let (from, to) = (table.span("from")?, table.span("to")?);
            if from > to {
                let rule = format!("must not be after `to`, here {to}");
                let fault = Fault::new(table.at("from"), from.to_string(), rule);
                faults.push(fault.at(table.place_of("from")));
            }
            Distribution::Uniform(from, to)
        }
    })
}

fn through(table: &Table<'_>, node: &Node, faults: &mut Vec<Fault>) -> Distribution {
    let knots: Vec<(f64, Span)> =
        QUANTILES.iter().filter_map(|(name, p)| table.span(name).map(|span| (*p, span))).collect();
    if !knots.is_sorted_by_key(|(_, span)| *span) {
        let rule = "percentiles must not fall";
        faults.push(Fault::new(&*table.path, node.shown(), rule).at(node.span.clone()));
    }
    Distribution::through(&knots)
}
