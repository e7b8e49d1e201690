//! A divergence in a case of sixty steps hides its reason. So whatever is not needed for it goes: steps,
//! in large pieces first (after Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
//! Input", 2002), then what is odd about a step, then what is odd about the policies.

use std::sync::Arc;

use super::trial::Trial;
use crate::base::Moment;
use crate::plugin::trace::{Step, Told};
use crate::plugin::{Policy, Reply};

/// The smallest trial found that still differs; `step` gives the first step that does.
pub(super) fn shrink(mut trial: Trial, step: impl Fn(&Trial) -> Option<usize>) -> Trial {
    let take = |trial: &mut Trial, smaller: Trial| -> bool {
        let Some(last) = step(&smaller) else { return false };
        *trial = smaller;
        trial.steps.truncate(last + 1);
        true
    };
    let whole = trial.clone();
    take(&mut trial, whole);
    loop {
        let mut changed = false;
        changed |= fewer_steps(&mut trial, &take);
        changed |= plainer_steps(&mut trial, &take);
        changed |= plainer_policies(&mut trial, &take);
        if !changed {
            return trial;
        }
    }
}

fn fewer_steps(trial: &mut Trial, take: &impl Fn(&mut Trial, Trial) -> bool) -> bool {
    let mut changed = false;
    let mut piece = trial.steps.len().div_ceil(2);
    while piece > 0 {
        let mut from = 0;
        while from < trial.steps.len() {
            let to = (from + piece).min(trial.steps.len());
            let mut smaller = trial.clone();
            smaller.steps.drain(from..to);
            match take(trial, smaller) {
                true => changed = true,
                false => from += piece,
            }
        }
        piece /= 2;
    }
    changed
}

fn plainer_steps(trial: &mut Trial, take: &impl Fn(&mut Trial, Trial) -> bool) -> bool {
    let mut changed = false;
    let mut i = 0;
    while i < trial.steps.len() {
        let before = i.checked_sub(1).map_or(Moment::START, |b| trial.steps[b].at);
        let pause = trial.steps[i].at.since(before);
        if !pause.is_zero() {
            let mut sooner = trial.clone();
            for step in &mut sooner.steps[i..] {
                step.at = before + (step.at.since(before) - pause);
            }
            changed |= take(trial, sooner);
        }
        for told in plainer(trial.steps.get(i)) {
            let mut smaller = trial.clone();
            smaller.steps[i].told = told;
            if take(trial, smaller) {
                changed = true;
                break;
            }
        }
        i += 1;
    }
    changed
}

/// What a step could say instead, plainest first; only what is plainer than what it says.
fn plainer(step: Option<&Step>) -> Vec<Told> {
    let flagged = Reply { is_error: true, ..Reply::default() };
    let mut forms = vec![
        Told::Result(Arc::new(flagged)),
        Told::Result(Arc::new(Reply::default())),
        Told::TimedOut,
        Told::Forget,
    ];
    let Some(step) = step else { return Vec::new() };
    let rank = forms.iter().position(|form| *form == step.told).unwrap_or(forms.len());
    forms.truncate(rank);
    if let (Told::Result(reply), 4) = (&step.told, rank) {
        let parts = [
            Reply { is_error: false, ..(**reply).clone() },
            Reply { structured: Reply::default().structured, ..(**reply).clone() },
            Reply { content: Reply::default().content, ..(**reply).clone() },
        ];
        forms.extend(parts.into_iter().filter(|p| p != &**reply).map(|p| Told::Result(p.into())));
    }
    forms
}

fn plainer_policies(trial: &mut Trial, take: &impl Fn(&mut Trial, Trial) -> bool) -> bool {
    let mut changed = false;
    for tool in trial.policies.overrides.keys().cloned().collect::<Vec<_>>() {
        let mut smaller = trial.clone();
        let own = smaller.policies.overrides.remove(&tool);
        changed |= take(trial, smaller.clone());
        // What is needed of it may do as well as the base.
        if let (Some(own), true) = (own, trial.policies.overrides.contains_key(&tool)) {
            smaller.policies.base = own;
            changed |= take(trial, smaller);
        }
    }
    for tool in trial.policies.refused.keys().cloned().collect::<Vec<_>>() {
        let mut smaller = trial.clone();
        smaller.policies.refused.remove(&tool);
        changed |= take(trial, smaller);
    }
    let fields: [fn(&mut Policy, &Policy); 6] = [
        |p, d| p.max_retries = d.max_retries,
        |p, d| (p.backoff_base, p.max_backoff) = (d.backoff_base, d.max_backoff),
        |p, d| p.max_backoff = d.max_backoff.max(p.backoff_base),
        |p, d| p.retry_on_status = d.retry_on_status,
        |p, _| p.jitter = crate::plugin::Jitter::None,
        |p, d| p.check_text_content = d.check_text_content,
    ];
    for set in fields {
        let mut smaller = trial.clone();
        let own = smaller.policies.overrides.values_mut();
        own.chain([&mut smaller.policies.base]).for_each(|p| set(p, &Policy::default()));
        if smaller.policies != trial.policies {
            changed |= take(trial, smaller);
        }
    }
    changed
}
