//! Scenarios drawn from a seed: every kind of tool, fault, signal, load, policy and gateway that the
//! grammar knows, in combinations that nobody would think of.

use retrylab::base::random::{Draws, Purpose, Stream, below};

use super::tree::{Tree, table, text, word};

/// The CSV that a drawn trace names.
pub(super) const TRACE: (&str, &str) = ("trace.csv", "at\n10.0\n10.01\n10.01\n10.5\n11.25\n");

/// Draws, one after the other.
struct Dice {
    draws: Stream,
    drawn: u64,
}

impl Dice {
    /// Below `n`.
    fn below(&mut self, n: u64) -> u64 {
        self.drawn += 1;
        below(self.draws.at(self.drawn), n)
    }
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.below(high - low + 1)
    }
    /// True once in `n`.
    fn once_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize].clone()
    }
    fn millis(&mut self, low: u64, high: u64) -> Tree {
        text(format!("{}ms", self.between(low, high)))
    }
    fn rate(&mut self) -> Tree {
        text(format!("{}/s", self.between(1, 60)))
    }
    fn percent(&mut self) -> Tree {
        let percent = self.between(0, 100);
        text(format!("{}%", if self.once_in(5) { percent / 100 * 100 } else { percent }))
    }
}

/// The scenario of a seed.
pub(super) fn scenario(seed: u64) -> Tree {
    let mut dice = Dice { draws: Draws::new(seed, 0).stream(Purpose::Bootstrap, 0), drawn: 0 };
    let d = &mut dice;
    let tools = d.between(1, 3);
    let names: Vec<String> = (0..tools).map(|i| format!("t{i}")).collect();
    let mut loads = Vec::new();
    for name in &names {
        for _ in 0..d.between(1, 2) {
            loads.push(load(d, name));
        }
    }
    let mut file = vec![
        ("question", text('?')),
        ("duration", d.millis(200, 3000)),
        ("replicas", word(d.between(1, 2))),
        ("seed", word(d.below(1_000_000))),
        ("tools", Tree::List(names.iter().map(|name| tool(d, name)).collect())),
        ("load", Tree::List(loads)),
        ("policy", policy(d, &names)),
        ("gateway", gateway(d)),
    ];
    if d.once_in(3) {
        let jitters = ["'none'", "'full'", "'equal'", "'decorrelated'"].map(word);
        file.push(("vary", table([("'policy.jitter'", Tree::List(jitters.into()))])));
    }
    Tree::Table(file)
}

fn tool(d: &mut Dice, name: &str) -> Tree {
    let mut entries = vec![("name", text(name))];
    if d.once_in(4) {
        entries.push(("count", word(d.between(1, 3))));
    }
    if d.once_in(5) {
        let mut lock = vec![("hop", latency(d))];
        if d.once_in(2) {
            lock.push(("conflict", signal(d)));
        }
        entries.push(("optimistic_lock", Tree::Table(lock)));
    } else {
        entries.push(("latency", latency(d)));
        if d.once_in(2) {
            let mut capacity = vec![("servers", word(d.between(1, 3)))];
            if d.once_in(2) {
                capacity.push(("queue", word(d.between(0, 8))));
            }
            if d.once_in(3) {
                capacity.push(("when_full", signal(d)));
            }
            entries.push(("capacity", Tree::Table(capacity)));
        }
    }
    let faults = (0..d.between(0, 3)).map(|_| fault(d)).collect();
    entries.push(("faults", Tree::List(faults)));
    for flag in ["notices_abandoned", "resource", "idempotent"] {
        if d.once_in(3) {
            entries.push((flag, word(true)));
        }
    }
    Tree::Table(entries)
}

fn latency(d: &mut Dice) -> Tree {
    match d.below(7) {
        0 => text("0s"),
        1 => d.millis(1, 80),
        2 => table([("exponential", table([("mean", d.millis(1, 60))]))]),
        3 => table([("uniform", table([("from", d.millis(0, 20)), ("to", d.millis(20, 90))]))]),
        4 => table([(
            "log_normal",
            table([("mean", d.millis(1, 60)), ("cv2", word(d.between(0, 4)))]),
        )]),
        5 => table([("normal", table([("mean", d.millis(1, 30)), ("sd", d.millis(0, 10))]))]),
        _ => table([("p50", d.millis(1, 40)), ("p99", d.millis(41, 300))]),
    }
}

fn signal(d: &mut Dice) -> Tree {
    let word_ = ["error_flag", "structured_flag", "text_flag", "exception", "timeout", "refused"];
    let status = [200, 302, 404, 429, 500, 503];
    let raw = [
        r#"{"isError": true}"#,
        r#"{"isError": false, "structuredContent": {"status_code": 502}}"#,
        r#"{"structuredContent": {"isError": true, "status_code": "503"}}"#,
        r#"{"content": [{"type": "text", "text": "{\"status_code\": 500}"}]}"#,
        r#"{"content": []}"#,
    ];
    match d.below(8) {
        0..=2 => text(d.one_of(&word_)),
        3 => table([("error_flag_status", word(d.one_of(&status)))]),
        4 => table([("status", word(d.one_of(&status)))]),
        5 => table([("text_status", word(d.one_of(&status)))]),
        6 => table([("exception", word(d.one_of(&status)))]),
        _ if d.once_in(2) => table([("raw", text(d.one_of(&raw)))]),
        _ => table([("is", text(d.one_of(&word_))), ("executed", word(true))]),
    }
}

fn reply(d: &mut Dice) -> Tree {
    if d.once_in(3) { text("success") } else { signal(d) }
}

fn window(d: &mut Dice) -> [(&'static str, Tree); 2] {
    let from = d.between(0, 1500);
    let to = from + d.between(1, 1500);
    [("from", text(format!("{from}ms"))), ("to", text(format!("{to}ms")))]
}

fn fault(d: &mut Dice) -> Tree {
    let mut entries = Vec::new();
    let kind = d.one_of(&[
        "outage",
        "brownout",
        "flaky",
        "bursts",
        "throttle",
        "fail_first",
        "script",
        "mix",
    ]);
    match kind {
        "outage" => {
            entries.extend(window(d));
            if d.once_in(3) {
                entries.push(("hold", word(true)));
            } else {
                entries.push(("after", d.millis(0, 50)));
            }
        }
        "brownout" => {
            entries.extend(window(d));
            entries.push(("slowdown", word(d.between(1, 5))));
            entries.push(("probability", d.percent()));
        }
        "flaky" => {
            entries.push(("probability", d.percent()));
            if d.once_in(3) {
                entries.extend(window(d));
            }
        }
        "bursts" => {
            entries.push(("good", d.millis(1, 600)));
            entries.push(("bad", d.millis(1, 300)));
            entries.push(("bad_probability", d.percent()));
        }
        "throttle" => entries.push(("rate", d.rate())),
        "fail_first" => entries.push(("count", word(d.between(1, 5)))),
        "script" => {
            let replies = (0..d.between(1, 4)).map(|_| reply(d)).collect();
            let then = text(d.one_of(&["repeat", "success"]));
            let script = table([("replies", Tree::List(replies)), ("then", then)]);
            return table([("script", script)]);
        }
        _ => {
            let one =
                |d: &mut Dice| table([("weight", word(d.between(1, 9))), ("reply", reply(d))]);
            return table([("mix", Tree::List((0..d.between(1, 4)).map(|_| one(d)).collect()))]);
        }
    }
    entries.push(("signal", signal(d)));
    table([(kind, Tree::Table(entries))])
}

fn load(d: &mut Dice, tool: &str) -> Tree {
    let arrivals = match d.below(7) {
        0 => table([("constant", table([("rate", d.rate())]))]),
        1 => table([("poisson", table([("rate", d.rate())]))]),
        2 => {
            table([("burst", table([("at", d.millis(0, 900)), ("calls", word(d.between(1, 60)))]))])
        }
        3 => {
            let mut closed = vec![("clients", word(d.between(1, 5))), ("think", d.millis(5, 60))];
            if d.once_in(2) {
                closed[1].1 = latency(d);
                closed.push(("calls", word(d.between(1, 12))));
            }
            table([("closed", Tree::Table(closed))])
        }
        4 => {
            let (low, high) = (d.rate(), d.rate());
            let (period, duty) = (d.millis(100, 2000), d.percent());
            let square = [("low", low), ("high", high), ("period", period), ("duty", duty)];
            table([("square", table(square))])
        }
        5 => {
            let low = d.between(0, 30);
            let high = text(format!("{}/s", low + d.between(1, 60)));
            let low = text(format!("{low}/s"));
            let diurnal = [("low", low), ("high", high), ("period", d.millis(100, 2000))];
            table([("diurnal", table(diurnal))])
        }
        _ => table([("trace", table([("file", text(TRACE.0)), ("column", text("at"))]))]),
    };
    let mut entries = vec![("tool", text(tool)), ("arrivals", arrivals)];
    if d.once_in(3) {
        entries.push(("patience", latency(d)));
    }
    Tree::Table(entries)
}

fn policy(d: &mut Dice, tools: &[String]) -> Tree {
    let mut entries = fields(d);
    if d.once_in(3) {
        let tool = d.one_of(tools);
        let name: &'static str = ["t0", "t1", "t2"].iter().find(|name| **name == tool).unwrap();
        entries.push(("tool_overrides", table([(name, Tree::Table(fields(d)))])));
    }
    Tree::Table(entries)
}

fn fields(d: &mut Dice) -> Vec<(&'static str, Tree)> {
    // Now and then waits after which a call counts as an orphan.
    let base = if d.once_in(12) { 310_000 } else { d.one_of(&[0, 1, 5, 40, 200]) };
    let cap = base + d.one_of(&[0, 1, 100, 1000]);
    let mut entries = vec![
        ("max_retries", word(d.between(0, 6))),
        ("backoff_base_ms", word(base)),
        ("max_backoff_ms", word(cap)),
        ("jitter", text(d.one_of(&["none", "full", "equal", "decorrelated"]))),
    ];
    if d.once_in(3) {
        entries.push(("check_text_content", word(true)));
    }
    if d.once_in(4) {
        entries.push(("retry_on_status", Tree::List(vec![word(404), word(503)])));
    }
    entries
}

fn gateway(d: &mut Dice) -> Tree {
    let mut entries = vec![
        ("max_tool_retries", word(d.between(0, 4))),
        ("attempt_timeout", d.millis(10, 400)),
        ("loop", text(d.one_of(&["fixed", "as-shipped"]))),
    ];
    if d.once_in(3) {
        entries.push(("deadline", d.millis(1, 2000)));
    }
    Tree::Table(entries)
}
