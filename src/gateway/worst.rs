//! How long a call can take. Whoever sets a time-out for an attempt, a number of retries and a backoff has
//! set a time for the whole call too, mostly without knowing it, and the client has a time-out of its own:
//! what goes on behind that is work for nobody. Here it is worked out from the configuration alone.
//!
//! The worst tool is one that never answers: each attempt takes its whole time-out and fails. In the fixed
//! loop no other tool keeps a call longer. Upstream's loop makes more attempts than a policy grants where
//! exceptions follow results (see `session/as_shipped.rs`); that is not counted here.

use super::config::{Gateway, LoopModel};
use crate::base::Span;
use crate::plugin::{Policy, backoff};

/// The longest that a call to a tool that never answers takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Worst {
    /// How many attempts, if no deadline ends the call before.
    pub attempts: u32,
    /// The time-out of each.
    pub attempt_timeout: Span,
    /// All waits between them together, each as long as it can be.
    pub waits: Span,
    /// What ends the call before it has had all of these.
    pub deadline: Option<Span>,
    /// From the first attempt to the end of the call.
    pub total: Span,
}

impl Worst {
    /// Of a policy behind a gateway.
    pub fn of(policy: &Policy, gateway: &Gateway) -> Worst {
        let waits = waits(policy, gateway);
        Worst::after(gateway, waits.fold((0, Span::ZERO), |(n, sum), wait| (n + 1, sum + wait)))
    }

    fn after(gateway: &Gateway, (retries, waits): (u32, Span)) -> Worst {
        let attempt_timeout = gateway.attempt_timeout;
        let attempts = retries.saturating_add(1);
        let whole = attempt_timeout.times(u64::from(attempts)) + waits;
        let deadline = gateway.deadline.filter(|deadline| *deadline < whole);
        let total = deadline.unwrap_or(whole);
        Worst { attempts, attempt_timeout, waits, deadline, total }
    }

    /// The time-out of an attempt, in whole tenths of a second, with which the call takes no longer.
    pub fn timeout_within(&self, longest: Span) -> Option<Span> {
        let each = (longest - self.waits).as_nanos() / u64::from(self.attempts.max(1));
        let tenths = each / 100_000_000;
        (tenths > 0).then(|| Span::from_millis(tenths * 100))
    }
}

/// The most retries of a policy with which no call takes longer; `None` if one attempt does already.
pub fn retries_within(policy: &Policy, gateway: &Gateway, longest: Span) -> Option<u32> {
    let fits = |done| Worst::after(gateway, done).total <= longest;
    let all = waits(policy, gateway).scan((0, Span::ZERO), |(n, sum), wait| {
        (*n, *sum) = (*n + 1, *sum + wait);
        Some((*n, *sum))
    });
    let most = std::iter::once((0, Span::ZERO)).chain(all).take_while(|done| fits(*done)).last();
    most.map(|(retries, _)| retries)
}

/// The waits between attempts, each as long as it can be. Upstream's loop takes whole milliseconds, and
/// none of them for "do not retry".
fn waits<'a>(policy: &'a Policy, gateway: &Gateway) -> impl Iterator<Item = Span> + use<'a> {
    let shipped = gateway.loop_model == LoopModel::AsShipped;
    let retries = policy.max_retries.min(gateway.max_tool_retries);
    let longest = (0..retries).map(|attempt| backoff::longest(policy, attempt));
    let taken = longest.map(move |wait| match shipped {
        true => Span::from_millis(wait.millis_ceil()),
        false => wait,
    });
    taken.take_while(move |wait| !(shipped && wait.is_zero()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::Jitter;

    fn ms(n: u64) -> Span {
        Span::from_millis(n)
    }

    #[test]
    fn the_default_policy_keeps_a_call_for_three_minutes() {
        for loop_model in [LoopModel::Fixed, LoopModel::AsShipped] {
            let gateway = Gateway { loop_model, ..Gateway::default() };
            let worst = Worst::of(&Policy::default(), &gateway);
            assert_eq!((worst.attempts, worst.waits, worst.total), (3, ms(600), ms(180_600)));
            assert_eq!(worst.timeout_within(ms(60_000)), Some(ms(19_800)));
            assert_eq!(worst.timeout_within(ms(600)), None);
        }
    }

    #[test]
    fn each_jitter_has_its_longest_waits() {
        for (jitter, waits) in [
            (Jitter::None, 200 + 400 + 800),
            (Jitter::Full, 200 + 400 + 800),
            (Jitter::Equal, 200 + 400 + 800),
            (Jitter::Decorrelated, 600 + 1800 + 5000),
        ] {
            let policy = Policy { max_retries: 9, jitter, ..Policy::default() };
            assert_eq!(Worst::of(&policy, &Gateway::default()).waits, ms(waits), "{jitter:?}");
        }
    }

    #[test]
    fn a_deadline_ends_the_call_and_fewer_retries_shorten_it() {
        let policy = Policy::default();
        let gateway = Gateway { deadline: Some(ms(90_000)), ..Gateway::default() };
        assert_eq!(Worst::of(&policy, &gateway).total, ms(90_000));
        assert_eq!(retries_within(&policy, &gateway, ms(90_000)), Some(2));
        for (within, most) in [(59_999, None), (60_000, Some(0)), (120_200, Some(1))] {
            assert_eq!(retries_within(&policy, &Gateway::default(), ms(within)), most);
        }
    }

    #[test]
    fn what_upstream_takes_for_no_wait_is_no_retry() {
        let policy = Policy { backoff_base: Span::ZERO, ..Policy::default() };
        let shipped = Gateway { loop_model: LoopModel::AsShipped, ..Gateway::default() };
        assert_eq!(Worst::of(&policy, &shipped).attempts, 1);
        assert_eq!(Worst::of(&policy, &Gateway::default()).attempts, 3);
    }

    #[test]
    fn numbers_at_their_edges_saturate() {
        let policy = Policy {
            max_retries: u32::MAX,
            backoff_base: Span::MAX,
            max_backoff: Span::MAX,
            ..Policy::default()
        };
        let gateway =
            Gateway { max_tool_retries: 1000, attempt_timeout: Span::MAX, ..Gateway::default() };
        assert_eq!(Worst::of(&policy, &gateway).total, Span::MAX);
        assert_eq!(retries_within(&policy, &gateway, Span::from_secs(1)), None);
    }
}
