//! What is timed, as data: the same for `measure` and for the criterion benches. A path is the way of one
//! kind of reply through the plugin. An operation is a fixed sequence of replies to one call that leaves
//! the plugin's state as it was, so that the millionth operation costs what the first did:
//!
//! - a success, or a failure that is not tried again, leaves nothing;
//! - a failure that is tried again leaves an entry. Where the path is the failure itself, its call has a
//!   limit out of reach and fails for ever, so that an operation is one call of the hook which finds an
//!   entry and renews it. Where the path is how a call ends, an operation makes the entry and takes it away.

use std::hint::black_box;
use std::sync::Arc;

use crate::base::random::Draws;
use crate::base::{Moment, Span};
use crate::plugin::{
    CallKey, Content, Item, Plugin, Policy, PolicySet, Reply, Seen, Status, Structured,
};
use crate::variants::Variant;

/// What a reply tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// A result.
    Success,
    /// `isError`, without a status.
    Flag,
    /// `isError`, with a status beside it.
    FlagStatus(i64),
    /// A status in `structuredContent`.
    Structured(i64),
    /// A text item: JSON of about so many bytes that says 503 at its end.
    Text(usize),
}

/// A path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Path {
    /// Its name.
    pub name: &'static str,
    /// What an operation is.
    pub what: &'static str,
    /// The replies of an operation, in order.
    pub signals: &'static [Signal],
    /// After how many retries calls are exhausted.
    pub max_retries: u32,
    /// The tool has a policy of its own.
    pub own_policy: bool,
}

/// A limit that no measurement reaches.
const FOR_EVER: u32 = u32::MAX;

const fn path(name: &'static str, what: &'static str, signals: &'static [Signal]) -> Path {
    Path { name, what, signals, max_retries: FOR_EVER, own_policy: false }
}

/// All paths.
pub const PATHS: [Path; 11] = [
    path("success", "a result of a call that never failed", &[Signal::Success]),
    path("error_flag", "isError; the call is remembered and fails again", &[Signal::Flag]),
    path("retryable_status", "a structured 503; the call fails again", &[Signal::Structured(503)]),
    path("not_retryable_status", "a structured 404: no failure", &[Signal::Structured(404)]),
    path("error_flag_404", "isError with status 404: given up at once", &[Signal::FlagStatus(404)]),
    path("text_60", "60 B of JSON text with a 503; the call fails again", &[Signal::Text(60)]),
    path("text_1k", "1 KB of JSON text with a 503; the call fails again", &[Signal::Text(1_000)]),
    path("text_64k", "64 KB of JSON text with a 503; fails again", &[Signal::Text(64_000)]),
    Path {
        max_retries: 1,
        ..path("exhausted", "two failures, the second is the last", &[Signal::Flag, Signal::Flag])
    },
    path("recovered", "a failure, then a result", &[Signal::Flag, Signal::Success]),
    Path {
        own_policy: true,
        ..path("override", "isError of a tool with its own policy", &[Signal::Flag])
    },
];

/// The path of a name.
pub fn find(name: &str) -> Option<&'static Path> {
    PATHS.iter().find(|path| path.name == name)
}

/// What the plugin holds while a path is timed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Setup {
    /// How many calls are remembered, the timed one included if it is.
    pub live: usize,
    /// How many tools have policies of their own.
    pub overrides: usize,
    /// The length of the tool's and the request's name together, at least 24 bytes.
    pub key_bytes: usize,
    /// The size of a text, where it is not the path's own.
    pub text_bytes: Option<usize>,
}

/// One live entry, as in published figures.
pub const USUAL: Setup = Setup { live: 1, overrides: 50, key_bytes: 32, text_bytes: None };

/// Over how many tools remembered calls are spread.
const TOOLS: usize = 50;
/// Between two calls of the hook, by the clock that variants are given.
const PACE: Span = Span::from_nanos(1_000);

impl Path {
    /// A reply to it leaves an entry that stays.
    pub fn is_remembered(&self) -> bool {
        self.max_retries == FOR_EVER
            && !matches!(
                self.signals,
                [.., Signal::Success | Signal::FlagStatus(_) | Signal::Structured(404)]
            )
    }

    /// The policies of a setup.
    pub fn policies(&self, setup: &Setup) -> PolicySet {
        let reads_text = self.signals.iter().any(|s| matches!(s, Signal::Text(_)));
        let base = Policy {
            max_retries: self.max_retries,
            check_text_content: reads_text,
            ..Policy::default()
        };
        let mut set = PolicySet { base: base.clone(), ..PolicySet::default() };
        for i in 0..setup.overrides {
            let max_backoff = Span::from_millis(5_001 + i as u64);
            set.overrides.insert(format!("own-{i:05}"), Policy { max_backoff, ..base.clone() });
        }
        set
    }

    /// An instance of a variant in a setup: its other calls have failed once.
    pub fn instance(&self, variant: &Variant, setup: &Setup, draws: Draws) -> Arc<dyn Plugin> {
        let plugin = (variant.make)(self.policies(setup), draws);
        fill(&*plugin, 0..setup.live - usize::from(self.is_remembered() && setup.live > 0));
        plugin
    }
}

/// A call that is remembered beside the timed one, by its number.
#[derive(Clone, Debug)]
pub struct Other {
    tool: String,
    request: [u8; 16],
}

impl Other {
    /// The call of a number.
    pub fn new(n: usize) -> Other {
        let mut other = Other { tool: String::from("tool-00"), request: *b"request-00000000" };
        other.become_nth(n);
        other
    }
    /// Turns into the call of another number, without asking for memory.
    pub fn become_nth(&mut self, n: usize) {
        let digit = |d: usize| char::from(b'0' + (d % 10) as u8);
        self.tool.truncate(5);
        self.tool.push(digit(n % TOOLS / 10));
        self.tool.push(digit(n % TOOLS));
        for (i, place) in self.request[8..].iter_mut().enumerate() {
            *place = b"0123456789abcdef"[n >> (4 * i) & 15];
        }
    }
    /// Its key.
    pub fn key(&self) -> CallKey<'_> {
        let request = std::str::from_utf8(&self.request).unwrap_or("request");
        CallKey { tool: &self.tool, request }
    }
}

/// Lets calls of a range of numbers fail once. They stay far from being orphans while others are timed.
pub fn fill(plugin: &dyn Plugin, numbers: std::ops::Range<usize>) {
    let reply = reply(Signal::Flag, None);
    let mut other = Other::new(0);
    for n in numbers {
        other.become_nth(n);
        let _ = plugin.tool_post_invoke(&other.key(), Seen::Result(&reply), Moment::START);
    }
}

/// One call that is timed, with the replies of an operation.
#[derive(Clone, Debug)]
pub struct Lane {
    tool: String,
    request: String,
    replies: Vec<Reply>,
    now: Moment,
}

impl Lane {
    /// The n-th lane of a path: each thread has one of its own.
    pub fn new(path: &Path, setup: &Setup, n: usize) -> Lane {
        let tool = if path.own_policy { "own-00000" } else { "tool-00" };
        let width = setup.key_bytes.saturating_sub(tool.len() + 6).max(8);
        let replies = path.signals.iter().map(|s| reply(*s, setup.text_bytes)).collect();
        let now = Moment::START + Span::from_millis(1);
        Lane { tool: tool.into(), request: format!("timed-{n:0width$}"), replies, now }
    }

    /// Does an operation, at a clock that goes on.
    pub fn operate(&mut self, plugin: &dyn Plugin) {
        self.now = self.now + PACE;
        self.at_rest(plugin);
    }

    /// Does an operation, at a clock that stands still: what several threads can share.
    pub fn at_rest(&self, plugin: &dyn Plugin) {
        let call = CallKey { tool: &self.tool, request: &self.request };
        for reply in &self.replies {
            let seen = Seen::Result(black_box(reply));
            let _ = black_box(plugin.tool_post_invoke(black_box(&call), seen, self.now));
        }
    }

    /// How many calls of the hook an operation is.
    pub fn calls(&self) -> usize {
        self.replies.len()
    }

    /// The answers to an operation, for a comparison with those of an oracle.
    pub fn answers(&self, plugin: &dyn Plugin) -> Vec<String> {
        let call = CallKey { tool: &self.tool, request: &self.request };
        let answer =
            |reply| format!("{:?}", plugin.tool_post_invoke(&call, Seen::Result(reply), self.now));
        self.replies.iter().map(answer).collect()
    }
}

/// A reply of a kind; `size` stands in for a text's own.
pub fn reply(signal: Signal, size: Option<usize>) -> Reply {
    let status = |code| Structured::Object { is_error: false, status: Status::Integer(code) };
    let text = |bytes: usize| Content::Items(vec![Item::Text(bytes.to_string().as_bytes().into())]);
    match signal {
        Signal::Success => Reply { content: text(42), ..Reply::default() },
        Signal::Flag => Reply { is_error: true, ..Reply::default() },
        Signal::FlagStatus(code) => {
            Reply { is_error: true, structured: status(code), ..Reply::default() }
        }
        Signal::Structured(code) => Reply { structured: status(code), ..Reply::default() },
        Signal::Text(bytes) => {
            let text = Item::Text(json(size.unwrap_or(bytes)).into_bytes().into());
            Reply { content: Content::Items(vec![text]), ..Reply::default() }
        }
    }
}

/// A record such as tools answer with, of about so many bytes: lists of small objects, then the status.
fn json(bytes: usize) -> String {
    const END: &str = "],\"status_code\":503}";
    let mut text = String::from("{\"rows\":[0");
    let mut n = 0;
    while text.len() + END.len() + 60 < bytes {
        text += &format!(",{{\"id\":{n},\"name\":\"row {n}\",\"score\":{}.5,\"ok\":true}}", n % 97);
        n += 1;
    }
    while text.len() + END.len() < bytes {
        text += ",1";
    }
    text + END
}

#[cfg(test)]
mod tests;
