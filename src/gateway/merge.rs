//! Several plugins may look at one result, and each may ask the gateway to wait and try again. The
//! gateway needs one answer: the longest wait, for a shorter one would break the promise of the
//! plugin that asked for more. A plugin that runs aside answers too late to be heard, and a plugin
//! that halts the chain has taken the result over: nothing is retried.

use crate::base::Span;

/// What one plugin wants after a result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Vote {
    /// Nothing (`retry_delay_ms` is 0).
    Pass,
    /// A retry after a wait.
    Retry(Span),
    /// The end of the chain.
    Halt,
    /// It runs aside (fire and forget): whatever it wants, nobody waits for it.
    Aside,
}

/// The chain's wait before a retry; `None`: no retry.
pub fn merged(votes: impl IntoIterator<Item = Vote>) -> Option<Span> {
    let mut longest = None;
    for vote in votes {
        match vote {
            Vote::Halt => return None,
            Vote::Retry(wait) => longest = longest.max(Some(wait)),
            Vote::Pass | Vote::Aside => {}
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Vote = Vote::Retry(Span::from_millis(100));
    const LONG: Vote = Vote::Retry(Span::from_millis(700));

    #[test]
    fn the_longest_wait_wins_in_any_order() {
        assert_eq!(merged([SHORT, LONG, Vote::Pass]), Some(Span::from_millis(700)));
        assert_eq!(merged([LONG, SHORT]), Some(Span::from_millis(700)));
        assert_eq!(merged([Vote::Retry(Span::ZERO), Vote::Pass]), Some(Span::ZERO));
    }

    #[test]
    fn a_plugin_that_runs_aside_is_not_heard() {
        assert_eq!(merged([SHORT, Vote::Aside]), Some(Span::from_millis(100)));
        assert_eq!(merged([Vote::Aside]), None);
    }

    #[test]
    fn a_halted_chain_retries_nothing() {
        assert_eq!(merged([LONG, Vote::Halt, SHORT]), None);
        assert_eq!(merged([]), None);
    }
}
