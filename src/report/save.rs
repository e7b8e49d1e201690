//! From a plan and what a study found to what is saved.

use std::collections::BTreeMap;

use super::saved::{self, Column, Curves, Expected, Figure, Herd, Identity, Saved, Waits};
use crate::base::stats::Estimate;
use crate::base::{Moment, Span};
use crate::gateway::{Gateway, LoopModel};
use crate::metrics::Summary;
use crate::metrics::summary::Figures;
use crate::plugin::Policy;
use crate::scenario::{self, Plan};
use crate::sim::world::{Window, World};
use crate::study::{Study, value};

impl Saved {
    /// What a study found of a plan. `definition_sha256` is the hash of the plan's definition, `commit`
    /// the one that retrylab was built from.
    pub fn of(
        plan: &Plan,
        study: &Study,
        definition_sha256: String,
        commit: Option<&str>,
    ) -> Saved {
        let expected = |e: &scenario::Expectation| {
            let found = value(study, e);
            Expected {
                text: e.text.clone(),
                column: plan.columns[e.column].name.clone(),
                value: found,
                met: e.test.holds(found),
            }
        };
        let columns = plan.columns.iter().zip(&study.columns);
        let duration = plan.columns.iter().map(|c| c.world.duration).max().unwrap_or_default();
        Saved {
            schema: saved::SCHEMA.into(),
            retrylab: Identity {
                version: env!("CARGO_PKG_VERSION").into(),
                commit: commit.map(str::to_owned),
            },
            scenario: plan.name.clone(),
            question: plan.question.clone(),
            source: plan.source.clone(),
            definition_sha256,
            seed: plan.seed,
            replicas: study.replicas,
            replicas_asked: plan.replicas,
            duration_ms: duration.as_millis_f64(),
            digest: format!("{:016x}", study.digest),
            warnings: plan.warnings.clone(),
            expectations: plan.expectations.iter().map(expected).collect(),
            columns: columns.map(|(plan, summary)| column(plan, summary)).collect(),
        }
    }
}

pub(super) fn figure(estimate: &Estimate) -> Figure {
    let (low, high) = estimate.interval.unzip();
    Figure { mean: estimate.mean, low, high }
}

fn all(estimates: &[Estimate]) -> Vec<Figure> {
    estimates.iter().map(figure).collect()
}

fn figures(figures: &Figures) -> saved::Figures {
    figures.iter().map(|(name, e)| ((*name).to_owned(), e.as_ref().map(figure))).collect()
}

fn column(plan: &scenario::Column, found: &Summary) -> Column {
    let layer = |(name, (attempts, seconds)): (&&str, &(Estimate, Estimate))| {
        let layer = saved::Layer { attempts: figure(attempts), seconds: figure(seconds) };
        ((*name).to_owned(), layer)
    };
    let overrides = plan.policies.overrides.iter();
    Column {
        name: plan.name.clone(),
        variant: plan.variant.clone(),
        policy: policy(&plan.policies.base),
        overrides: overrides.map(|(tool, p)| (tool.clone(), policy(p))).collect(),
        gateway: gateway(&plan.world.gateway),
        faults: faults(&plan.world),
        instances: instances(&plan.world),
        capacity_per_s: capacity(&plan.world),
        metrics: saved::Metrics {
            figures: figures(&found.metrics),
            reasons: found.reasons.iter().map(|(n, e)| (n.clone(), figure(e))).collect(),
            layers: found.layers.iter().map(layer).collect(),
        },
        tools: found.tools.iter().map(|(name, f)| (name.clone(), figures(f))).collect(),
        curves: curves(found),
    }
}

fn curves(found: &Summary) -> Curves {
    Curves {
        herd: Herd {
            from_ms: ms(found.view.window.from),
            width_ms: found.view.width.as_millis_f64(),
            all: all(&found.herd),
            tools: found.herds.iter().map(|(name, herd)| (name.clone(), all(herd))).collect(),
        },
        recovered_by_attempt: all(&found.by_attempt),
        recovered_by_ms: found
            .by_time
            .iter()
            .map(|(time, share)| (time.as_millis_f64(), figure(share)))
            .collect(),
        latency_ms: found.latency.iter().map(|(share, e)| (*share, figure(e))).collect(),
        waits: Waits {
            longest_ms: found.longest_wait.as_millis_f64(),
            seen: found.waits.iter().map(|(seen, _)| figure(seen)).collect(),
            theory: found.waits.iter().map(|(_, theory)| *theory).collect(),
        },
    }
}

fn ms(moment: Moment) -> f64 {
    moment.since(Moment::START).as_millis_f64()
}

fn policy(policy: &Policy) -> saved::Policy {
    saved::Policy {
        max_retries: policy.max_retries,
        backoff_base_ms: policy.backoff_base.as_millis_f64(),
        max_backoff_ms: policy.max_backoff.as_millis_f64(),
        retry_on_status: policy.retry_on_status.iter().collect(),
        jitter: policy.jitter.name().into(),
        check_text_content: policy.check_text_content,
    }
}

fn gateway(gateway: &Gateway) -> saved::Gateway {
    saved::Gateway {
        r#loop: match gateway.loop_model {
            LoopModel::Fixed => "fixed",
            LoopModel::AsShipped => "as-shipped",
        }
        .into(),
        max_tool_retries: gateway.max_tool_retries,
        attempt_timeout_ms: gateway.attempt_timeout.as_millis_f64(),
        deadline_ms: gateway.deadline.map(Span::as_millis_f64),
    }
}

/// What befalls the tools for a while, each once for a group of tools.
fn faults(world: &World) -> Vec<saved::Fault> {
    let mut faults: Vec<saved::Fault> = Vec::new();
    for tool in &world.tools {
        for (kind, Window { from, to }) in tool.troubles() {
            let tool = tool.group.to_string();
            let fault = saved::Fault { tool, kind: kind.into(), from_ms: ms(from), to_ms: ms(to) };
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
    faults
}

fn instances(world: &World) -> BTreeMap<String, u64> {
    let mut groups = BTreeMap::new();
    world.tools.iter().for_each(|t| *groups.entry(t.group.to_string()).or_default() += 1);
    groups
}

/// Servers over the mean time that an attempt keeps one busy, added up over a group.
fn capacity(world: &World) -> BTreeMap<String, f64> {
    let mut groups = BTreeMap::new();
    for tool in &world.tools {
        let Some(capacity) = &tool.capacity else { continue };
        let mean = tool.latency.mean_secs();
        if mean > 0.0 {
            *groups.entry(tool.group.to_string()).or_default() +=
                f64::from(capacity.servers) / mean;
        }
    }
    groups
}
