//! A plugin that only counts: no jitter, no eviction, nothing that could hide a fault of the loop.

use std::collections::BTreeMap;
use std::sync::Mutex;

use retrylab::base::{Moment, Span};
use retrylab::plugin::{
    CallKey, Clocks, Content, Decision, GaveUp, HookError, Plugin, Policy, Reason, Seen, Status,
    Structured,
};

/// What is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flaw {
    None,
    /// Grants every failure its first retry, for ever.
    LosesCount,
    /// Draws 0 ms for every wait.
    LosesRetries,
    /// Fails itself on every exception.
    FailsOnExceptions,
}

#[derive(Debug)]
pub(crate) struct Plain {
    policy: Policy,
    flaw: Flaw,
    failures: Mutex<BTreeMap<(String, String), u32>>,
    forgets: Mutex<u32>,
}

impl Plain {
    pub(crate) fn new(max_retries: u32, base: Span, flaw: Flaw) -> Plain {
        let max_backoff = Span::from_secs(3600);
        let policy = Policy { max_retries, backoff_base: base, max_backoff, ..Policy::default() };
        Plain { policy, flaw, failures: Mutex::default(), forgets: Mutex::default() }
    }
    /// How often it was told to forget.
    pub(crate) fn forgets(&self) -> u32 {
        *self.forgets.lock().unwrap()
    }
    fn failed(&self, call: CallKey<'_>, reason: Reason) -> Decision {
        let key = (call.tool.to_owned(), call.request.to_owned());
        let mut failures = self.failures.lock().unwrap();
        let retry = failures.get(&key).map_or(1, |n| n + 1);
        if self.flaw == Flaw::LosesCount {
            return self.granted(1, reason);
        }
        if retry > self.policy.max_retries {
            failures.remove(&key);
            let (why, total_wait) = (GaveUp::Exhausted(reason), Span::ZERO);
            return Decision::GiveUp { why, retries: retry - 1, total_wait };
        }
        failures.insert(key, retry);
        match self.flaw {
            Flaw::LosesRetries => Decision::LostRetry { retry, reason },
            _ => self.granted(retry, reason),
        }
    }
    fn granted(&self, retry: u32, reason: Reason) -> Decision {
        let wait = self.policy.backoff_base.doubled(retry - 1).min(self.policy.max_backoff);
        Decision::Retry { wait, retry, reason, total_wait: wait }
    }
    fn remove(&self, call: CallKey<'_>) {
        self.failures.lock().unwrap().remove(&(call.tool.to_owned(), call.request.to_owned()));
    }
}

impl Plugin for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }
    fn tool_post_invoke(
        &self,
        call: &CallKey<'_>,
        seen: Seen<'_>,
        _: Moment,
    ) -> Result<Decision, HookError> {
        let status = match seen {
            Seen::TimedOut => return Ok(self.failed(*call, Reason::Timeout)),
            Seen::Exception(_) if self.flaw == Flaw::FailsOnExceptions => {
                return Err(HookError("exception".into()));
            }
            Seen::Exception(status) => status,
            Seen::Result(reply) if reply.content == Content::Null => {
                return Err(HookError("content is null".into()));
            }
            Seen::Result(reply) => match (reply.is_error, reply.structured) {
                (true, Structured::Object { status, .. }) => status,
                (true, _) => Status::Absent,
                (false, Structured::Object { is_error: true, .. }) => {
                    return Ok(self.failed(*call, Reason::StructuredFlag));
                }
                (false, _) => {
                    self.remove(*call);
                    return Ok(Decision::Done { retries: 0, total_wait: Span::ZERO });
                }
            },
        };
        match status {
            Status::Integer(n) if self.policy.retry_on_status.matching(n).is_none() => {
                self.remove(*call);
                let (why, total_wait) = (GaveUp::NotRetryable(n), Span::ZERO);
                Ok(Decision::GiveUp { why, retries: 0, total_wait })
            }
            _ => Ok(self.failed(*call, Reason::ErrorFlag)),
        }
    }
    fn forget(&self, call: &CallKey<'_>, _: Moment) {
        *self.forgets.lock().unwrap() += 1;
        self.remove(*call);
    }
    fn policy(&self, _: &str) -> &Policy {
        &self.policy
    }
    fn live_entries(&self) -> usize {
        self.failures.lock().unwrap().len()
    }
    fn clocks(&self) -> Clocks {
        Clocks::PerTool
    }
}
