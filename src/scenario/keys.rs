//! The keys of a scenario: the table behind reader, schema and reference. The things that can be
//! written in several forms are in [`super::forms`].

use super::forms::{ARRIVALS, FAULT, LATENCY, MAX_AT_ONCE, SIGNAL};
use super::grammar::Kind::{
    Columns, Count, DurationOrNone, Expect, Flag, List, OneOf, Policy, Table, Text, Vary, Word,
};
use super::grammar::Need::{Default, Optional, Required};
use super::grammar::{SPAN, Shape, TIME, key};

/// Tool instances at most, over all columns.
pub(super) const MAX_INSTANCES: i64 = 1_000_000;
/// Behind so many faults, no near names are looked for among a million tools.
pub(super) const HINTED: usize = 100;
/// Columns at most.
pub(super) const MAX_COLUMNS: usize = 1000;

/// The whole file.
pub(super) static SCENARIO: Shape = Shape {
    title: "the file",
    doc: "One question, and all that is needed to answer it.",
    keys: &[
        key("question", Text, Required, "the one question that the scenario asks"),
        key("source", Text, Default(""), "where it comes from: an incident, a paper, an issue"),
        key("duration", TIME, Required, "for how long calls arrive; those under way then end"),
        key("replicas", Count(1, 100_000), Default("1"), "runs, each on random streams of its own"),
        key("seed", Count(0, i64::MAX), Default("1"), "where the random streams begin"),
        key("variant", Text, Default("sharded"), "which body of the plugin decides"),
        key("tools", List(&Table(&TOOL)), Required, "the tools behind the gateway"),
        key("load", List(&Table(&LOAD)), Required, "the calls that arrive"),
        key("policy", Policy, Optional, "the plugin's own keys, and `preset`"),
        key(
            "policy_from",
            Text,
            Optional,
            "a ContextForge plugins/config.yaml to take the policy from; keys of [policy] replace its",
        ),
        key("gateway", Table(&GATEWAY), Optional, "the gateway's own settings"),
        key("vary", Vary, Optional, "every combination of these values is one column"),
        key("columns", Columns, Optional, "columns given whole, instead of [vary]"),
        key("expect", Expect, Optional, "what must come out; checked in every run"),
    ],
};

/// `[gateway]`
pub(super) static GATEWAY: Shape = Shape {
    title: "[gateway]",
    doc: "The loop that sleeps and calls again.",
    keys: &[
        key("max_tool_retries", Count(0, 1000), Default("3"), "hard upper limit of retries"),
        key("attempt_timeout", TIME, Default("60s"), "time-out of each attempt"),
        key("deadline", DurationOrNone, Default("none"), "time that a call as a whole may take"),
        key(
            "loop",
            Word(&["fixed", "as-shipped"]),
            Default("fixed"),
            "`fixed` takes the exact decision and clamps the policy to the limit; `as-shipped` is the \
             real gateway's, with its faults",
        ),
    ],
};

/// `[[tools]]`
pub(super) static TOOL: Shape = Shape {
    title: "[[tools]]",
    doc: "One tool, or `count` equal ones that know nothing of each other.",
    keys: &[
        key("name", Text, Required, "its name; loads, overrides and expectations refer to it"),
        key("count", Count(1, MAX_INSTANCES), Default("1"), "50 gives search-00 to search-49"),
        key("latency", OneOf(&LATENCY), Default("0s"), "how long it works on an attempt"),
        key("capacity", Table(&CAPACITY), Optional, "servers and a queue; left out: never busy"),
        key("faults", List(&OneOf(&FAULT)), Optional, "asked in this order; the first answers"),
        key(
            "optimistic_lock",
            Table(&LOCK),
            Optional,
            "a versioned row behind a network, instead of latency and capacity",
        ),
        key(
            "notices_abandoned",
            Flag,
            Default("false"),
            "it stops working on an attempt whose caller has timed out or left",
        ),
        key("resource", Flag, Default("false"), "its calls are resource fetches"),
        key("idempotent", Flag, Default("false"), "repeating an executed attempt does no harm"),
    ],
};

/// `capacity`
pub(super) static CAPACITY: Shape = Shape {
    title: "capacity",
    doc: "Servers with one queue, first come first served.",
    keys: &[
        key("servers", Count(1, MAX_AT_ONCE), Required, "attempts served at once"),
        key("queue", Count(0, MAX_AT_ONCE), Optional, "attempts that wait; left out: without end"),
        key(
            "when_full",
            OneOf(&SIGNAL),
            Default("{ status = 503 }"),
            "what an attempt gets, at once, that finds the queue full",
        ),
    ],
};

/// `optimistic_lock`
pub(super) static LOCK: Shape = Shape {
    title: "optimistic_lock",
    doc: "Each attempt reads the row, then writes it; the write conflicts when the version has moved.",
    keys: &[
        key("hop", OneOf(&LATENCY), Required, "one way between client and row; four an attempt"),
        key("conflict", OneOf(&SIGNAL), Default("error_flag"), "what a conflict looks like"),
    ],
};

/// `[[load]]`
pub(super) static LOAD: Shape = Shape {
    title: "[[load]]",
    doc: "Calls that arrive at a tool. Of a tool with a count, each instance has these arrivals.",
    keys: &[
        key("tool", Text, Required, "the name of a [[tools]] entry or of one instance"),
        key("arrivals", OneOf(&ARRIVALS), Required, "when calls arrive"),
        key("patience", OneOf(&LATENCY), Optional, "how long a client waits before it leaves"),
        key(
            "from",
            SPAN,
            Default("0s"),
            "when the load begins; its arrivals count from there. One that begins later and ends is a \
             surge, which the metrics of recovery take for a fault",
        ),
        key("to", TIME, Optional, "first moment after it; left out: to the end"),
    ],
};
