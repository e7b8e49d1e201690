//! What a scenario can write in several forms: times, signals, faults and arrivals.

use super::grammar::Kind::{
    Count, Flag, List, Number, OneOf, Probability, Rate, Table, Text, Word,
};
use super::grammar::Need::{Default, Optional, Required};
use super::grammar::{Entry, Kind, RATE, SPAN, Shape, TIME, Union, key};

/// Calls of one burst or clients of one closed loop at most: all of them are in flight at once.
pub(super) const MAX_AT_ONCE: i64 = 10_000_000;

/// A distribution of times.
pub(super) static LATENCY: Union = Union {
    title: "latency",
    doc: "A distribution of times.",
    text: Some(SPAN),
    forms: &[
        key("exponential", Table(&EXPONENTIAL), Optional, "exponential"),
        key("uniform", Table(&UNIFORM), Optional, "uniform between two times"),
        key("log_normal", Table(&LOG_NORMAL), Optional, "log-normal"),
        key("normal", Table(&NORMAL), Optional, "normal, without its sign"),
    ],
    beside: &[],
    any_of: &[
        key("p50", SPAN, Optional, "its median"),
        key("p75", SPAN, Optional, "its 75th percentile"),
        key("p90", SPAN, Optional, "its 90th percentile"),
        key("p95", SPAN, Optional, "its 95th percentile"),
        key("p99", SPAN, Optional, "its 99th percentile"),
        key("p999", SPAN, Optional, "its 99.9th percentile; log-normal between and beyond"),
    ],
};

static EXPONENTIAL: Shape =
    Shape { title: "exponential", doc: "", keys: &[key("mean", SPAN, Required, "its mean")] };
static UNIFORM: Shape = Shape {
    title: "uniform",
    doc: "",
    keys: &[
        key("from", SPAN, Required, "shortest"),
        key("to", TIME, Required, "longest; not before `from`"),
    ],
};
static LOG_NORMAL: Shape = Shape {
    title: "log_normal",
    doc: "",
    keys: &[
        key("mean", SPAN, Required, "its mean"),
        key("cv2", Number(0.0, 1e6), Required, "variance / mean^2"),
    ],
};
static NORMAL: Shape = Shape {
    title: "normal",
    doc: "",
    keys: &[
        key("mean", SPAN, Required, "its mean"),
        key("sd", SPAN, Required, "its standard deviation"),
    ],
};

/// What a failure looks like.
pub(super) static SIGNAL: Union = Union {
    title: "signal",
    doc: "What a failed attempt looks like from the gateway.",
    text: Some(Word(&SIGNAL_WORDS)),
    forms: &SIGNAL_FORMS,
    beside: &SIGNAL_BESIDE,
    any_of: &[],
};

/// What an attempt brings back, success included.
pub(super) static REPLY: Union = Union {
    title: "reply",
    doc: "A signal, or \"success\": the attempt is served.",
    text: Some(Word(&REPLY_WORDS)),
    forms: &SIGNAL_FORMS,
    beside: &SIGNAL_BESIDE,
    any_of: &[],
};

const SIGNAL_WORDS: [&str; 6] =
    ["error_flag", "structured_flag", "text_flag", "exception", "timeout", "refused"];
const REPLY_WORDS: [&str; 7] =
    ["success", "error_flag", "structured_flag", "text_flag", "exception", "timeout", "refused"];
const SIGNAL_FORMS: [Entry; 6] = [
    key("is", Word(&SIGNAL_WORDS), Optional, "the same words, where `executed` stands beside"),
    key("error_flag_status", STATUS, Optional, "isError with this structured status"),
    key("status", STATUS, Optional, "this structured status, without isError"),
    key("text_status", STATUS, Optional, "this status in a text item that holds a JSON object"),
    key("exception", STATUS, Optional, "the tool raises, with this status"),
    key("raw", Text, Optional, "the reply in its wire form, JSON"),
];
const SIGNAL_BESIDE: [Entry; 2] = [
    key(
        "executed",
        Flag,
        Default("false"),
        "the attempt did its work although it looks like a failure",
    ),
    key("success", Flag, Default("false"), "it is a success, whatever a detector takes it for"),
];
const STATUS: Kind = Count(100, 599);

/// Something that goes wrong.
pub(super) static FAULT: Union = Union {
    title: "fault",
    doc: "Something that goes wrong with a tool.",
    text: None,
    forms: &[
        key("outage", Table(&OUTAGE), Optional, "every attempt that begins in a window fails"),
        key("brownout", Table(&BROWNOUT), Optional, "slower, and failing, in a window"),
        key("flaky", Table(&FLAKY), Optional, "attempts fail independently"),
        key("bursts", Table(&BURSTS), Optional, "good and bad spells (Gilbert-Elliott)"),
        key("throttle", Table(&THROTTLE), Optional, "a token bucket of the tool itself"),
        key("fail_first", Table(&FAIL_FIRST), Optional, "the first attempts of each call fail"),
        key("script", Table(&SCRIPT), Optional, "exact replies, attempt by attempt of each call"),
        key("mix", List(&Table(&MIX)), Optional, "each attempt draws its reply by weight"),
    ],
    beside: &[],
    any_of: &[],
};

const SIGNAL_KEY: Entry =
    key("signal", OneOf(&SIGNAL), Default("error_flag"), "what a failure looks like");
const AFTER: Entry = key(
    "after",
    SPAN,
    Optional,
    "how long an attempt takes to fail, without being served; left out: it is served and fails at its end",
);
const FROM: Entry = key("from", SPAN, Required, "first moment, from the start of the run");
const TO: Entry = key("to", TIME, Required, "first moment after it");

static OUTAGE: Shape = Shape {
    title: "outage",
    doc: "",
    keys: &[
        FROM,
        TO,
        SIGNAL_KEY,
        key("hold", Flag, Default("false"), "attempts hang, and all fail when the outage ends"),
        key("after", SPAN, Default("0s"), "how long an attempt takes to fail"),
    ],
};
static BROWNOUT: Shape = Shape {
    title: "brownout",
    doc: "",
    keys: &[
        FROM,
        TO,
        SIGNAL_KEY,
        key("slowdown", Number(1.0, 1e6), Default("1"), "latency is multiplied by this"),
        key("probability", Probability, Default("0%"), "chance of a failure"),
    ],
};
static FLAKY: Shape = Shape {
    title: "flaky",
    doc: "",
    keys: &[
        key("probability", Probability, Required, "chance of a failure"),
        SIGNAL_KEY,
        key("from", SPAN, Optional, "first moment; left out: from the start"),
        key("to", TIME, Optional, "first moment after it; left out: for ever"),
        AFTER,
    ],
};
static BURSTS: Shape = Shape {
    title: "bursts",
    doc: "",
    keys: &[
        key("good", TIME, Required, "mean length of a good spell"),
        key("bad", TIME, Required, "mean length of a bad spell"),
        key("good_probability", Probability, Default("0%"), "chance of a failure in a good spell"),
        key("bad_probability", Probability, Default("100%"), "chance of a failure in a bad spell"),
        SIGNAL_KEY,
        AFTER,
    ],
};
static THROTTLE: Shape = Shape {
    title: "throttle",
    doc: "",
    keys: &[
        key("rate", RATE, Required, "tokens a second"),
        key("burst", Number(1.0, 1e9), Default("1"), "tokens at most, and at the start"),
        key(
            "signal",
            OneOf(&SIGNAL),
            Default("{ status = 429 }"),
            "what an attempt without a token gets, at once",
        ),
    ],
};
static FAIL_FIRST: Shape = Shape {
    title: "fail_first",
    doc: "",
    keys: &[
        key("count", Count(1, 1_000_000), Required, "how many attempts of each call"),
        SIGNAL_KEY,
    ],
};
static SCRIPT: Shape = Shape {
    title: "script",
    doc: "",
    keys: &[
        key("replies", List(&OneOf(&REPLY)), Required, "in order"),
        key("then", Word(&["repeat", "success"]), Default("repeat"), "after the last of them"),
    ],
};
/// One reply of a mix.
pub(super) static MIX: Shape = Shape {
    title: "mix",
    doc: "",
    keys: &[
        key("weight", Number(0.0, 1e9), Required, "how often, against the other weights"),
        key("reply", OneOf(&REPLY), Required, "what the attempt brings back"),
    ],
};

/// When calls arrive.
pub(super) static ARRIVALS: Union = Union {
    title: "arrivals",
    doc: "When calls arrive.",
    text: None,
    forms: &[
        key("constant", Table(&STEADY), Optional, "evenly spaced"),
        key("poisson", Table(&STEADY), Optional, "a Poisson process"),
        key("burst", Table(&BURST), Optional, "all at one instant"),
        key("closed", Table(&CLOSED), Optional, "clients that call, wait, think and call again"),
        key("square", Table(&SQUARE), Optional, "Poisson with two rates that take turns"),
        key("diurnal", Table(&DIURNAL), Optional, "Poisson with a rate that follows a sine"),
        key("trace", Table(&TRACE), Optional, "recorded arrivals, the first at the start"),
    ],
    beside: &[],
    any_of: &[],
};

static STEADY: Shape = Shape {
    title: "constant, poisson",
    doc: "",
    keys: &[key("rate", RATE, Required, "calls a second")],
};
static BURST: Shape = Shape {
    title: "burst",
    doc: "",
    keys: &[
        key("at", SPAN, Default("0s"), "when"),
        key("calls", Count(1, MAX_AT_ONCE), Required, "how many"),
    ],
};
static CLOSED: Shape = Shape {
    title: "closed",
    doc: "",
    keys: &[
        key("clients", Count(1, MAX_AT_ONCE), Required, "how many"),
        key(
            "think",
            OneOf(&LATENCY),
            Default("0s"),
            "how long a client thinks between calls; 1 ms at least after a call that took no time",
        ),
        key("calls", Count(1, i64::MAX), Optional, "calls of each client; left out: to the end"),
    ],
};
static SQUARE: Shape = Shape {
    title: "square",
    doc: "",
    keys: &[
        key("low", Rate { zero: true }, Required, "calls a second, at first"),
        key("high", RATE, Required, "calls a second, then"),
        key("period", TIME, Required, "both together"),
        key("duty", Probability, Default("50%"), "share of the period at `high`"),
    ],
};
static DIURNAL: Shape = Shape {
    title: "diurnal",
    doc: "",
    keys: &[
        key("low", Rate { zero: true }, Required, "calls a second at the trough, where it starts"),
        key("high", RATE, Required, "calls a second at the peak"),
        key("period", TIME, Required, "one day"),
    ],
};
static TRACE: Shape = Shape {
    title: "trace",
    doc: "",
    keys: &[
        key("file", Text, Required, "a CSV, with or without a line of names"),
        key("column", Text, Optional, "the column's name; left out: the first column"),
    ],
};
