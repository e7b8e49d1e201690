//! Random cases: policies with overrides, replies in every form that tools were seen to send, requests
//! that take turns, pauses beyond the life of an orphan. Hand-written cases hold what their author thought
//! of. A case is a function of (seed, index) alone.

use std::sync::Arc;

use super::trial::Trial;
use crate::base::random::{Draws, Purpose, Stream, below};
use crate::base::{Moment, Span};
use crate::plugin::trace::{Step, Told};
use crate::plugin::{Jitter, Policy, PolicySet, Reply, Status, StatusSet, wire};

const TOOLS: [&str; 6] = ["alpha", "beta", "al", "a", "a:b", "Wörter"];
const REQUESTS: [&str; 7] = ["r1", "r2", "pha:r1", "c", "b:c", "", "r1 "];
const STATUSES: [u16; 14] = [100, 200, 400, 404, 408, 418, 429, 499, 500, 502, 503, 504, 598, 599];

/// The case of an index.
pub fn case(seed: u64, index: u64) -> Trial {
    let draws = Draws::new(seed, index);
    let mut dice = Dice { stream: draws.stream(Purpose::Cases, 0), thrown: 0 };
    let base = dice.policy();
    let mut overrides = std::collections::BTreeMap::new();
    for _ in 0..dice.below(3) {
        overrides.insert(dice.one_of(&TOOLS).to_owned(), dice.override_of(&base));
    }
    let mut now = Moment::START;
    let (tools, requests) = (1 + dice.below(6), 1 + dice.below(7));
    let steps = (0..1 + dice.below(60)).map(|_| {
        now = now + dice.pause();
        Step {
            tool: TOOLS[dice.below(tools) as usize].into(),
            request: REQUESTS[dice.below(requests) as usize].into(),
            at: now,
            told: dice.told(),
        }
    });
    let steps = steps.collect();
    // A body that checks overrides at load is never given such a one, and does not look.
    let refused = match dice.below(8) {
        0 => [(dice.one_of(&TOOLS).to_owned(), "drawn".to_owned())].into_iter().collect(),
        _ => std::collections::BTreeMap::new(),
    };
    let name = format!("random case {index} of seed {seed}");
    Trial { name, policies: PolicySet { base, overrides, refused }, draws, steps }
}

/// Draws that are read one after the other.
struct Dice {
    stream: Stream,
    thrown: u64,
}

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.thrown += 1;
        below(self.stream.at(self.thrown), n)
    }
    fn one_of<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
    fn heads(&mut self) -> bool {
        self.below(2) == 0
    }

    fn policy(&mut self) -> Policy {
        let base = self.one_of(&[0, 1, 1, 2, 3, 7, 100, 200, 200, 1000, 3_600_000]);
        let more = self.one_of(&[0, 1, 50, 4800, 60_000, 10_000_000_000]);
        Policy {
            max_retries: self.one_of(&[0, 1, 2, 2, 3, 5, 10, 70, 1000]),
            backoff_base: Span::from_millis(base),
            max_backoff: Span::from_millis(base + more),
            retry_on_status: self.statuses(),
            jitter: self.jitter(),
            check_text_content: self.heads(),
        }
    }
    fn statuses(&mut self) -> StatusSet {
        match self.below(4) {
            0 => Policy::default().retry_on_status,
            _ => StatusSet::of(STATUSES.into_iter().filter(|_| self.heads())),
        }
    }
    fn jitter(&mut self) -> Jitter {
        self.one_of(&[Jitter::None, Jitter::Full, Jitter::Equal, Jitter::Decorrelated])
    }
    /// The base policy with some fields of another.
    fn override_of(&mut self, base: &Policy) -> Policy {
        let (mut merged, other) = (base.clone(), self.policy());
        if self.heads() {
            merged.max_retries = other.max_retries;
        }
        if self.heads() {
            (merged.backoff_base, merged.max_backoff) = (other.backoff_base, other.max_backoff);
        }
        if self.heads() {
            merged.retry_on_status = other.retry_on_status;
        }
        if self.heads() {
            merged.jitter = other.jitter;
        }
        if self.heads() {
            merged.check_text_content = other.check_text_content;
        }
        merged
    }

    /// Mostly short; now and then beside the 30 s between two scans or the 300 s of an orphan's life.
    fn pause(&mut self) -> Span {
        let limit = match self.below(40) {
            0 => return Span::from_nanos(self.below(900_000_000_000)),
            1 => 30_000_000_000,
            2 => 300_000_000_000,
            3..=8 => return Span::ZERO,
            _ => return Span::from_nanos(self.below(1_000_000_000)),
        };
        Span::from_nanos(limit - 1 + self.below(3))
    }

    fn told(&mut self) -> Told {
        match self.below(20) {
            0..=1 => Told::TimedOut,
            2..=3 => Told::Exception(self.carried()),
            4 => Told::Forget,
            5..=9 => Told::Result(Arc::new(Reply { is_error: true, ..Reply::default() })),
            _ => {
                // What is written here is JSON; a text that were not would be an empty success.
                let text = self.reply();
                Told::Result(Arc::new(wire::reply(&text).unwrap_or_default()))
            }
        }
    }
    fn carried(&mut self) -> Status {
        match self.below(8) {
            0..=2 => Status::Absent,
            3 => Status::Bool(self.heads()),
            4 => Status::Wide,
            5 => Status::Integer(self.one_of(&[-1, 0, 1 << 31, -(1 << 40), (1 << 32) + 503])),
            _ => Status::Integer(i64::from(self.one_of(&STATUSES))),
        }
    }

    /// A reply in its wire form.
    fn reply(&mut self) -> String {
        if self.below(30) == 0 {
            return self.one_of(&["[]", "null", "\"isError\"", "{}", "1"]).to_owned();
        }
        let mut members = Vec::new();
        match self.below(4) {
            0 => {}
            1 => members.push(format!("\"isError\": {}", self.odd_flag())),
            _ => members.push(format!("\"isError\": {}", self.heads())),
        }
        match self.below(6) {
            0..=1 => {}
            2 => members.push("\"structuredContent\": null".to_owned()),
            3 => {
                let odd = self.one_of(&["[]", "0", "\"x\"", "{}", "[{\"isError\": true}]"]);
                members.push(format!("\"structuredContent\": {odd}"));
            }
            _ => members.push(format!("\"structuredContent\": {}", self.object())),
        }
        match self.below(6) {
            0 => {}
            1 => members.push(format!("\"content\": {}", self.one_of(&["null", "{}", "1", "[]"]))),
            _ => {
                let items: Vec<String> = (0..1 + self.below(3)).map(|_| self.item()).collect();
                members.push(format!("\"content\": [{}]", items.join(", ")));
            }
        }
        if self.below(10) == 0 {
            members.push(format!("\"status_code\": {}", self.status()));
        }
        if self.below(4) == 0 {
            members.reverse();
        }
        format!("{{{}}}", members.join(", "))
    }
    fn odd_flag(&mut self) -> &'static str {
        self.one_of(&["1", "0", "\"true\"", "null", "[true]", "{}", "1.0"])
    }
    fn status(&mut self) -> String {
        match self.below(3) {
            0 => self
                .one_of(&[
                    "\"503\"",
                    "503.0",
                    "5.03e2",
                    "true",
                    "false",
                    "null",
                    "[503]",
                    "-1",
                    "0",
                    "1",
                    "2147483647",
                    "2147483648",
                    "-2147483649",
                    "4294967799",
                    "1099511627776",
                    "9223372036854775808",
                    "99999999999999999999999",
                    "-503",
                    "{}",
                ])
                .to_owned(),
            _ => self.one_of(&STATUSES).to_string(),
        }
    }
    /// An object with a flag, a status, both, or one of them twice.
    fn object(&mut self) -> String {
        let mut members = Vec::new();
        if self.below(3) == 0 {
            let flag = self.one_of(&["true", "true", "false", "1", "null"]);
            members.push(format!("\"isError\": {flag}"));
        }
        for _ in 0..self.one_of(&[0, 1, 1, 1, 1, 2]) {
            members.push(format!("\"status_code\": {}", self.status()));
        }
        if self.below(6) == 0 {
            members.push("\"data\": {\"status_code\": 503, \"isError\": true}".to_owned());
        }
        format!("{{{}}}", members.join(", "))
    }
    fn item(&mut self) -> String {
        match self.below(12) {
            0 => self.one_of(&["null", "[]", "{}", "\"x\"", "{\"type\": \"text\"}"]).to_owned(),
            1 => format!("{{\"type\": \"image\", \"text\": {}}}", self.quoted_text()),
            2 => format!("{{\"text\": {}}}", self.quoted_text()),
            3 => "{\"type\": \"text\", \"text\": 1}".to_owned(),
            _ => format!("{{\"type\": \"text\", \"text\": {}}}", self.quoted_text()),
        }
    }
    /// A text that holds an object, or something near it, as a JSON string.
    fn quoted_text(&mut self) -> String {
        let object = self.object();
        let with = |more: &str| match object.as_str() {
            "{}" => format!("{{{more}}}"),
            full => format!("{}, {more}}}", &full[..full.len() - 1]),
        };
        let text = match self.below(24) {
            0 => "plain words, not JSON".to_owned(),
            1 => format!("[{object}]"),
            2 => format!(" \n\t{object}\r "),
            3 => object[..object.len() - 1].to_owned(),
            4 => format!("{object} {object}"),
            5 => with(&format!("\"x\": {}", self.one_of(&["NaN", "-Infinity", "Infinity"]))),
            6 => with("\"x\": \"NaN \\\" Infinity\""),
            7 => with(&format!("\"x\": {}", self.one_of(&["1e400", "-NaN", "nan", "01", "'a'"]))),
            8 => with("\"x\": \"\\ud800\""),
            9 => {
                let deep = self.one_of(&[10, 126, 127, 128, 200]);
                with(&format!("\"x\": {}{}", "[".repeat(deep), "]".repeat(deep)))
            }
            10 => format!("\u{feff}{object}"),
            11 if self.below(400) == 0 => {
                let room = (1 << 20) - 1 + self.below(3) as usize;
                format!("{object}{}", " ".repeat(room.saturating_sub(object.len())))
            }
            _ => object,
        };
        let quoted = serde_json::Value::from(text).to_string();
        // Now and then a lone surrogate in the text itself, beside the object.
        match self.below(60) {
            0 => format!("{}\\udfff\"", &quoted[..quoted.len() - 1]),
            _ => quoted,
        }
    }
}
