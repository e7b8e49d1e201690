//! What a policy cannot do behind its gateway, told from the configuration alone.

use std::collections::BTreeSet;

use crate::base::Span;
use crate::base::fault::joined;
use crate::gateway::{Gateway, LoopModel, Worst, worst};
use crate::plugin::{Jitter, Policy, PolicySet, read};

use super::super::finding::{Finding, Level};
use super::MOST;

/// Published versions from 0.3.2 on refuse more retries than this.
pub const PUBLISHED_MAX_RETRIES: u32 = 10;

/// Where a policy comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Source {
    /// A gateway's configuration, which is what production does.
    Config,
    /// A scenario, which may do anything to learn from it.
    Scenario,
}

/// What a policy stands behind.
pub(in crate::scenario) struct Behind<'a> {
    pub(in crate::scenario) gateway: &'a Gateway,
    /// How long a client waits.
    pub(in crate::scenario) client: Span,
    pub(in crate::scenario) source: Source,
    /// How much it matters that a call can outlast its client.
    pub(in crate::scenario) late: Level,
    /// The tools behind it, where they are known: an override for another one never matters.
    pub(in crate::scenario) tools: Option<&'a BTreeSet<&'a str>>,
}

impl Behind<'_> {
    /// Of a policy and its overrides. Of an override, what is not the base's already.
    pub(in crate::scenario) fn of_set(&self, path: &str, set: &PolicySet) -> Vec<Finding> {
        let base = self.of_policy(path, &set.base);
        let mut found = base.clone();
        let known = |tool: &str| self.tools.is_none_or(|tools| tools.contains(tool));
        for (tool, own) in set.overrides.iter().filter(|(tool, _)| known(tool)) {
            let path = joined(&joined(path, read::OVERRIDES), tool);
            if *own == set.base {
                let message = "is the base policy again when merged, so it changes nothing";
                let fix = "remove it, or give it the value that was meant";
                found.push(Finding::new(
                    "override-same",
                    (path, format!("{tool:?}")),
                    message,
                    fix,
                ));
            } else {
                let same = |one: &Finding, other: &Finding| {
                    (one.rule, &one.found, &one.message)
                        == (other.rule, &other.found, &other.message)
                };
                let own = self.of_policy(&path, own);
                found.extend(own.into_iter().filter(|f| !base.iter().any(|b| same(f, b))));
            }
            if found.len() > MOST {
                break;
            }
        }
        found
    }

    /// Of the gateway's own settings.
    pub(in crate::scenario) fn of_gateway(&self) -> Option<Finding> {
        let Gateway { attempt_timeout, deadline, .. } = *self.gateway;
        let deadline = deadline.filter(|deadline| attempt_timeout > *deadline)?;
        let message = format!("cannot be reached before the deadline of {deadline}");
        let fix = "a shorter attempt_timeout, which leaves time for a retry";
        let place = ("gateway.attempt_timeout", attempt_timeout);
        Some(Finding::new("timeout-beyond-deadline", place, message, fix))
    }

    fn of_policy(&self, path: &str, policy: &Policy) -> Vec<Finding> {
        let at = |key: &str| joined(path, key);
        let found = [
            self.limit(at("max_retries"), policy),
            published_retries(at("max_retries"), policy),
            published_base(at("backoff_base_ms"), policy),
            self.cap(at("max_backoff_ms"), policy),
            self.deadline(at("backoff_base_ms"), policy),
            self.jitter(at("jitter"), policy),
            self.text(at("check_text_content"), policy),
            self.late(at("max_retries"), policy),
        ];
        found.into_iter().flatten().collect()
    }

    fn retries(&self, policy: &Policy) -> u32 {
        policy.max_retries.min(self.gateway.max_tool_retries)
    }

    fn limit(&self, path: String, policy: &Policy) -> Option<Finding> {
        let (asked, limit) = (policy.max_retries, self.gateway.max_tool_retries);
        let more = match self.gateway.loop_model {
            LoopModel::AsShipped => ", and leaves the call's entry behind in the plugin",
            LoopModel::Fixed => "",
        };
        let message =
            format!("cannot be reached: the gateway's max_tool_retries clamps it to {limit}{more}");
        let fix = format!("max_retries = {limit}, or max_tool_retries = {asked}");
        let finding = || Finding::new("limit-clamps", (path, asked), message, fix);
        (asked > limit).then(finding)
    }

    fn cap(&self, path: String, policy: &Policy) -> Option<Finding> {
        let (retries, cap) = (self.retries(policy), policy.max_backoff);
        let equal = policy.backoff_base == cap && !cap.is_zero();
        let needed = policy.backoff_base.doubled(retries.saturating_sub(1).min(10)).millis_ceil();
        (retries > 1 && equal).then(|| {
            let message = "equals backoff_base_ms, so waits do not grow";
            let fix = format!("max_backoff_ms = {needed}, or a smaller backoff_base_ms");
            Finding::new("base-equals-cap", (path, cap.millis_ceil()), message, fix)
        })
    }

    fn deadline(&self, path: String, policy: &Policy) -> Option<Finding> {
        let deadline = self.gateway.deadline?;
        let endless = Gateway { deadline: None, ..self.gateway.clone() };
        let Worst { attempts, waits, .. } = Worst::of(policy, &endless);
        let retries = attempts - 1;
        (retries > 0 && waits >= deadline).then(|| {
            let message = format!(
                "the waits of {retries} retries can take {waits}, and the deadline is {deadline}"
            );
            let fix = "a smaller backoff_base_ms, fewer max_retries, or a later deadline";
            let place = (path, policy.backoff_base.millis_ceil());
            Finding::new("waits-beyond-deadline", place, message, fix)
        })
    }

    fn jitter(&self, path: String, policy: &Policy) -> Option<Finding> {
        let named = format!("{:?}", policy.jitter.name());
        match (self.source, policy.jitter) {
            // Who can fail together there is seen from its tools.
            (Source::Scenario, Jitter::Equal | Jitter::Decorrelated) => {
                let message = "published versions know true (full) and false (none) only";
                let fix = "in a plugins/config.yaml for such a version: true";
                let finding = Finding::new("published-refuses", (path, named), message, fix);
                Some(finding.at_level(Level::Note))
            }
            (Source::Config, Jitter::None) if self.retries(policy) > 0 => {
                let message = "calls that failed at one instant come back at one instant, as a herd that \
                               knocks a recovering tool over again";
                Some(Finding::new("jitter-off", (path, "false"), message, "jitter: true"))
            }
            _ => None,
        }
    }

    fn text(&self, path: String, policy: &Policy) -> Option<Finding> {
        (policy.check_text_content && self.source == Source::Config).then(|| {
            let message = "a right answer that speaks of a status in a JSON text, as {\"status_code\": 503}, \
                           is taken for a failure and asked for again";
            let fix = "check_text_content: false in tool_overrides for tools that report statuses";
            let finding = Finding::new("text-status-as-data", (path, true), message, fix);
            finding.at_level(Level::Note)
        })
    }

    /// The deadline audit.
    fn late(&self, path: String, policy: &Policy) -> Option<Finding> {
        let (gateway, client) = (self.gateway, self.client);
        let worst = Worst::of(policy, gateway);
        if worst.total <= client {
            return None;
        }
        let message = format!(
            "{}; a client gives up after {}: {} of work for nobody",
            told(&worst),
            seconds(client),
            seconds(worst.total - client)
        );
        let mut ways = Vec::new();
        if let Some(each) = worst.timeout_within(client) {
            ways.push(format!("attempts of at most {} (attempt_timeout)", seconds(each)));
        }
        let own = match self.source {
            Source::Config => " where the gateway has one",
            Source::Scenario => "",
        };
        ways.push(format!("a deadline of {}{own}", seconds(client)));
        let fewer = worst::retries_within(policy, gateway, client);
        if let Some(fewer) = fewer.filter(|fewer| *fewer < self.retries(policy)) {
            ways.push(format!("max_retries = {fewer}"));
        }
        let fix = format!("any of: {}", ways.join(", "));
        let finding =
            Finding::new("beyond-client-timeout", (path, policy.max_retries), message, fix);
        Some(finding.at_level(self.late))
    }
}

/// The worst case in words: "worst case 180.6 s: 3 attempts of 60 s and waits of 0.6 s".
pub(in crate::scenario) fn told(worst: &Worst) -> String {
    let Worst { attempts, attempt_timeout, waits, deadline, total } = worst;
    let s = if *attempts == 1 { "" } else { "s" };
    let waits = match waits.is_zero() {
        true => String::new(),
        false => format!(" and waits of {}", seconds(*waits)),
    };
    let parts = format!("{attempts} attempt{s} of {}{waits}", seconds(*attempt_timeout));
    match deadline {
        Some(_) => format!("worst case {}: the deadline, before {parts}", seconds(*total)),
        None => format!("worst case {}: {parts}", seconds(*total)),
    }
}

/// Seconds with at most three decimals: "180.6 s".
fn seconds(span: Span) -> String {
    let digits = format!("{:.3}", span.as_secs_f64());
    format!("{} s", digits.trim_end_matches('0').trim_end_matches('.'))
}

fn published_retries(path: String, policy: &Policy) -> Option<Finding> {
    let retries = policy.max_retries;
    let message =
        format!("published versions from 0.3.2 on refuse more than {PUBLISHED_MAX_RETRIES}");
    let fix = format!("max_retries = {PUBLISHED_MAX_RETRIES} at most");
    let finding = || Finding::new("published-refuses", (path, retries), message, fix);
    (retries > PUBLISHED_MAX_RETRIES).then(finding)
}

fn published_base(path: String, policy: &Policy) -> Option<Finding> {
    policy.backoff_base.is_zero().then(|| {
        let message = "retries at once, and published versions refuse it";
        Finding::new("published-refuses", (path, 0), message, "backoff_base_ms = 1 at least")
    })
}
