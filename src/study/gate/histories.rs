//! What a variant decides over a long time: random sequences of replies, exceptions, time-outs and
//! forgotten calls to a few tools, with pauses long enough that calls become orphans. Each decision is
//! compared with the oracle's, and all of them together are one digest for the baseline: a rule that
//! changes in the variant shows in the first, one that changes under the oracle too in the second.

use std::fmt::Write;

use crate::base::random::{Draws, Purpose, Stream, below, entity, fingerprint};
use crate::base::{Moment, Span};
use crate::plugin::{
    CallKey, Jitter, ORPHAN_AFTER, Plugin, Policy, PolicySet, Reply, Seen, Status, wire,
};
use crate::variants::Variant;

/// How long a history is.
const STEPS: u64 = 80;
const TOOLS: [&str; 3] = ["alpha", "beta", "al"];
/// With a colon in one: tool `al` and request `pha:r1` are not `alpha` and `r1` joined otherwise.
const REQUESTS: [&str; 4] = ["r1", "r2", "pha:r1", ""];
const JITTERS: [Jitter; 4] = [Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated];

/// Replies in wire form: what tools send, and what stands at the edges of the detectors.
const REPLIES: [&str; 30] = [
    r#"{}"#,
    r#"{"content": [{"type": "text", "text": "ok"}]}"#,
    r#"{"isError": true}"#,
    r#"{"isError": true}"#,
    r#"{"isError": 1}"#,
    r#"{"is_error": true}"#,
    r#"{"isError": true, "structuredContent": {"status_code": 503}}"#,
    r#"{"isError": true, "structuredContent": {"status_code": 404}}"#,
    r#"{"isError": true, "structuredContent": {"status_code": "404"}}"#,
    r#"{"isError": true, "structuredContent": {"status_code": 404.0}}"#,
    r#"{"isError": true, "structuredContent": {"status_code": true}}"#,
    r#"{"isError": true, "structuredContent": {"status_code": -1}}"#,
    r#"{"isError": true, "structuredContent": {"status_code": 1099511627776}}"#,
    r#"{"isError": true, "status_code": 404}"#,
    r#"{"structuredContent": {"status_code": 429}}"#,
    r#"{"structuredContent": {"status_code": 500}}"#,
    r#"{"structuredContent": {"status_code": 503}}"#,
    r#"{"structuredContent": {"status_code": "503"}}"#,
    r#"{"structuredContent": {"status_code": 503.0}}"#,
    r#"{"structuredContent": {"status_code": 501}}"#,
    r#"{"structuredContent": {"isError": true}}"#,
    r#"{"structuredContent": {"isError": true, "status_code": 404}}"#,
    r#"{"structuredContent": {"isError": 1}}"#,
    r#"{"content": [{"type": "text", "text": "{\"isError\": true}"}]}"#,
    r#"{"content": [{"type": "text", "text": "{\"isError\": true, \"status_code\": 404}"}]}"#,
    r#"{"content": [{"type": "text", "text": "{\"status_code\": 503}"}]}"#,
    r#"{"content": [{"type": "text", "text": "{\"status_code\": \"503\"}"}]}"#,
    r#"{"content": [{"type": "image", "text": "{\"isError\": true}"}]}"#,
    r#"{"content": [{"type": "text", "text": "{\"isError\": true}"}], "structuredContent": {}}"#,
    r#"{"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "{\"isError\": true}"}]}"#,
];

/// What a variant made of all histories.
#[derive(Clone, PartialEq, Debug)]
pub struct Course {
    /// Decisions that differ from the oracle's.
    pub different: u64,
    /// The first of them.
    pub first: Option<String>,
    /// Calls that were remembered when a history ended, added up.
    pub live_entries: u64,
    /// Hash over every decision, in hexadecimal digits.
    pub digest: String,
}

/// Lets a variant decide in so many histories.
pub fn course(variant: &Variant, seed: u64, histories: u32) -> Course {
    let replies: Vec<Reply> = REPLIES.iter().filter_map(|text| wire::reply(text).ok()).collect();
    let mut course = Course { different: 0, first: None, live_entries: 0, digest: String::new() };
    let mut all = String::new();
    for number in 0..histories {
        one(variant, Draws::new(seed, u64::from(number)), &replies, (&mut course, &mut all));
    }
    course.digest = format!("{:032x}", fingerprint(&all));
    course
}

fn one(
    variant: &Variant,
    draws: Draws,
    replies: &[Reply],
    (course, all): (&mut Course, &mut String),
) {
    let luck = draws.stream(Purpose::Clients, entity("histories"));
    let overrides = [("beta".to_owned(), policy(luck.sub(1)))].into_iter().collect();
    let policies = PolicySet { base: policy(luck.sub(0)), overrides, ..PolicySet::default() };
    let plugin = (variant.make)(policies.clone(), draws);
    let oracle = variant.oracle(policies, draws);
    let mut now = Moment::START;
    for step in 0..STEPS {
        let luck = luck.sub(2 + step);
        now = now + pause(luck);
        let call = CallKey {
            tool: TOOLS[below(luck.at(0), TOOLS.len() as u64) as usize],
            request: REQUESTS[below(luck.at(1), REQUESTS.len() as u64) as usize],
        };
        let found = told(&*plugin, call, luck, replies, now);
        let expected = told(&*oracle, call, luck, replies, now);
        // A string takes whatever is written to it.
        let _ = writeln!(all, "{found}");
        if found != expected {
            course.different += 1;
            course.first.get_or_insert_with(|| {
                format!(
                    "step {} of a history, {} {}: expected {expected}, found {found}",
                    step + 1,
                    call.tool,
                    call.request
                )
            });
        }
    }
    course.live_entries += plugin.live_entries() as u64;
}

/// Mostly within a second; one time in five so long that calls are about to be, or have become, orphans.
fn pause(luck: Stream) -> Span {
    let long = below(luck.at(2), 5) == 0;
    let most = if long { ORPHAN_AFTER.times(2) } else { Span::from_secs(1) };
    Span::from_nanos(below(luck.at(3), most.as_nanos()))
}

fn policy(luck: Stream) -> Policy {
    let base = below(luck.at(0), 500);
    Policy {
        max_retries: below(luck.at(1), 6) as u32,
        backoff_base: Span::from_millis(base),
        max_backoff: Span::from_millis(base + below(luck.at(2), 4000)),
        jitter: JITTERS[below(luck.at(3), JITTERS.len() as u64) as usize],
        check_text_content: below(luck.at(4), 2) == 0,
        ..Policy::default()
    }
}

/// The plugin's answer in words.
fn told(
    plugin: &dyn Plugin,
    call: CallKey<'_>,
    luck: Stream,
    replies: &[Reply],
    now: Moment,
) -> String {
    let seen = match below(luck.at(4), 10) {
        0 => {
            plugin.forget(&call, now);
            return "forgotten".into();
        }
        1 => Seen::TimedOut,
        2 => Seen::Exception(match below(luck.at(5), 3) {
            0 => Status::Integer(503),
            1 => Status::Integer(404),
            _ => Status::Absent,
        }),
        _ => match replies.get(below(luck.at(6), replies.len() as u64) as usize) {
            Some(reply) => Seen::Result(reply),
            None => Seen::TimedOut,
        },
    };
    match plugin.tool_post_invoke(&call, seen, now) {
        Ok(decision) => format!("{decision:?}"),
        // Which words a variant finds for its failure is its own affair.
        Err(_) => "error".into(),
    }
}
