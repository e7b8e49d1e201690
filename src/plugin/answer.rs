//! What a hook returns on the wire: a number of whole milliseconds and metadata. A gateway acts on the
//! number; people read the metadata, to see why a call was tried again and what became of it.

use serde_json::{Map, Value, json};

use super::{Decision, GaveUp, Policy};
use crate::base::Span;

/// What a hook returns.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// Whole milliseconds to wait before the next attempt; 0 means "do not retry".
    pub retry_delay_ms: u64,
    /// By the name of who wrote it: `retry_policy`, and `retry_with_backoff` for a call that has failed.
    pub metadata: Map<String, Value>,
}

/// What `tool_post_invoke` returns for a decision under the policy in force.
pub fn tool_post_invoke(decision: &Decision, policy: &Policy) -> Answer {
    let mut answer = resource_post_fetch(policy);
    answer.retry_delay_ms = decision.retry_delay_ms();
    if let Some(told) = told(decision) {
        answer.metadata.insert("retry_with_backoff".into(), told);
    }
    answer
}

/// What `resource_post_fetch` returns: the active policy.
pub fn resource_post_fetch(policy: &Policy) -> Answer {
    let ms = |span: Span| span.as_nanos() / 1_000_000;
    let active = json!({
        "max_retries": policy.max_retries,
        "backoff_base_ms": ms(policy.backoff_base),
        "max_backoff_ms": ms(policy.max_backoff),
        "retry_on_status": policy.retry_on_status.iter().collect::<Vec<_>>(),
    });
    Answer { retry_delay_ms: 0, metadata: Map::from_iter([("retry_policy".into(), active)]) }
}

/// The count, the wait and the reason; on the last one the waits together and how it ended. Nothing for
/// a call that never failed.
fn told(decision: &Decision) -> Option<Value> {
    let delay = decision.retry_delay_ms();
    Some(match decision {
        Decision::Done { retries: 0, .. } => return None,
        Decision::Done { retries, total_wait } => json!({
            "retry_count": retries,
            "retry_delay_ms": delay,
            "total_delay_ms": total_wait.millis_ceil(),
            "recovered": true,
        }),
        Decision::Retry { retry, reason, .. } | Decision::LostRetry { retry, reason } => json!({
            "retry_count": retry,
            "retry_delay_ms": delay,
            "reason": reason.to_string(),
        }),
        Decision::GiveUp { why, retries, total_wait } => json!({
            "retry_count": retries,
            "retry_delay_ms": delay,
            "reason": match why {
                GaveUp::Exhausted(reason) => reason.to_string(),
                GaveUp::NotRetryable(status) => format!("not_retryable({status})"),
            },
            "total_delay_ms": total_wait.millis_ceil(),
            "exhausted": matches!(why, GaveUp::Exhausted(_)),
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::Reason;

    fn told(decision: &Decision) -> (u64, Option<Value>) {
        let answer = tool_post_invoke(decision, &Policy::default());
        let policy = &answer.metadata["retry_policy"];
        assert_eq!(policy["backoff_base_ms"], 200);
        assert_eq!(policy["retry_on_status"], json!([429, 500, 502, 503, 504]));
        (answer.retry_delay_ms, answer.metadata.get("retry_with_backoff").cloned())
    }

    #[test]
    fn a_call_that_never_failed_has_the_policy_only() {
        assert_eq!(told(&Decision::Done { retries: 0, total_wait: Span::ZERO }), (0, None));
        assert_eq!(resource_post_fetch(&Policy::default()).metadata.len(), 1);
    }

    #[test]
    fn every_retry_says_which_and_why_and_the_last_word_what_became_of_the_call() {
        let reason = Reason::StructuredStatus(503);
        let wait = Span::from_nanos(1);
        let retry = Decision::Retry { wait, retry: 1, reason, total_wait: wait };
        let said =
            json!({"retry_count": 1, "retry_delay_ms": 1, "reason": "structured_status(503)"});
        assert_eq!(told(&retry), (1, Some(said)), "no wait becomes 0");
        let total_wait = Span::from_millis(600);
        let (delay, said) = told(&Decision::Done { retries: 2, total_wait });
        assert_eq!((delay, &said.as_ref().unwrap()["recovered"]), (0, &json!(true)));
        assert_eq!(said.unwrap()["total_delay_ms"], 600);
        let why = GaveUp::Exhausted(reason);
        let (delay, said) = told(&Decision::GiveUp { why, retries: 2, total_wait });
        assert_eq!((delay, &said.unwrap()["exhausted"]), (0, &json!(true)));
        let why = GaveUp::NotRetryable(404);
        let (_, said) = told(&Decision::GiveUp { why, retries: 0, total_wait });
        assert_eq!(said.unwrap()["reason"], "not_retryable(404)");
    }
}
