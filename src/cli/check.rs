//! `check`: every fault of scenarios and of gateway configurations, and what loads but cannot do what it
//! seems to.

use std::io::Write;

use super::faults::Faulty;
use super::input::{self, Input};
use super::tell;
use crate::plugin::{Policy, PolicySet};
use crate::scenario::{self, Plan};
use crate::study;

/// Checks files and names, and sums up where they are several; 2 if any has a fault.
pub(super) fn check(files: &[String]) -> anyhow::Result<u8> {
    let mut out = anstream::stdout();
    let (mut broken, mut odd) = (0, 0);
    for name in files {
        match checked(name) {
            Ok((summary, warnings)) => {
                warnings.iter().for_each(|w| tell(format_args!("warning: {name}: {w}")));
                odd += warnings.len();
                writeln!(out, "{name}: ok: {summary}")?;
            }
            Err(error) => {
                match error.is::<Faulty>() {
                    true => tell(error),
                    false => tell(format_args!("error: {error:#}")),
                }
                broken += 1;
            }
        }
    }
    if files.len() > 1 {
        let sound = files.len() - broken;
        let warnings = number(odd, "warning");
        writeln!(out, "{} files: {sound} ok, {broken} at fault; {warnings}", files.len())?;
    }
    Ok(if broken == 0 { 0 } else { 2 })
}

/// What is in a file, and what is odd about it.
fn checked(name: &str) -> anyhow::Result<(String, Vec<String>)> {
    match input::any(name)? {
        Input::Config(set, warnings) => Ok((policies(&set), warnings)),
        Input::Scenario(plan) => {
            let mut warnings = plan.warnings.clone();
            warnings.extend(scenario::lint(&plan));
            warnings
                .extend(study::check(&plan).map_err(|fault| anyhow::anyhow!("{name}: {fault}"))?);
            Ok((contents(&plan), warnings))
        }
    }
}

fn contents(plan: &Plan) -> String {
    format!(
        "{}, {}, {}",
        number(plan.columns.len(), "column"),
        number(plan.replicas as usize, "replica"),
        number(plan.expectations.len(), "expectation"),
    )
}

/// "1 column", "2 columns".
fn number(n: usize, one: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    }
}

fn policies(set: &PolicySet) -> String {
    let words = |p: &Policy| {
        let statuses: Vec<String> = p.retry_on_status.iter().map(|s| s.to_string()).collect();
        format!(
            "max_retries {}, backoff_base_ms {}, max_backoff_ms {}, jitter {}, retry_on_status [{}], \
             check_text_content {}",
            p.max_retries,
            p.backoff_base.as_millis_f64(),
            p.max_backoff.as_millis_f64(),
            p.jitter.name(),
            statuses.join(", "),
            p.check_text_content,
        )
    };
    let overrides = set.overrides.iter().map(|(tool, p)| format!("\n  {tool}: {}", words(p)));
    words(&set.base) + &overrides.collect::<String>()
}
