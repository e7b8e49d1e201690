//! What the columns of a log are for, told by their names: `durationMs`, `duration_ms` and `Duration-ms` are one.

use super::Options;
use super::outcome::Says;

/// What a column is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    /// When the call began.
    Timestamp,
    /// Which tool was called.
    Tool,
    /// How long it took.
    Duration,
    /// How it ended.
    Status,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 4] = [Role::Timestamp, Role::Tool, Role::Duration, Role::Status];
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Role::Timestamp => "timestamp",
            Role::Tool => "tool",
            Role::Duration => "duration",
            Role::Status => "status",
        }
    }
}

/// A unit of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Nanoseconds.
    Nanos,
    /// Microseconds.
    Micros,
    /// Milliseconds.
    Millis,
    /// Seconds.
    Secs,
}

impl Unit {
    /// Nanoseconds in it.
    pub(super) fn nanos(self) -> f64 {
        match self {
            Unit::Nanos => 1.0,
            Unit::Micros => 1e3,
            Unit::Millis => 1e6,
            Unit::Secs => 1e9,
        }
    }
}

/// What a cell of a column tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Use {
    Timestamp,
    Tool,
    Duration(Unit),
    Status(Says),
}

impl Use {
    pub(super) fn role(self) -> Role {
        match self {
            Use::Timestamp => Role::Timestamp,
            Use::Tool => Role::Tool,
            Use::Duration(_) => Role::Duration,
            Use::Status(_) => Role::Status,
        }
    }
}

const TIMESTAMPS: [&str; 10] = [
    "timestamp",
    "time",
    "ts",
    "start",
    "starttime",
    "startedat",
    "begin",
    "datetime",
    "date",
    "at",
];
const TOOLS: [&str; 6] = ["tool", "toolname", "name", "service", "function", "target"];
const DURATIONS: [&str; 7] =
    ["duration", "latency", "elapsed", "took", "responsetime", "executiontime", "timetaken"];
const STATUSES: [&str; 7] =
    ["statuscode", "status", "httpstatus", "code", "outcome", "result", "state"];
const FAILURES: [&str; 5] = ["iserror", "error", "err", "failed", "exception"];
const SUCCESSES: [&str; 3] = ["success", "succeeded", "ok"];
const UNITS: [(&str, Unit); 13] = [
    ("ns", Unit::Nanos),
    ("nanos", Unit::Nanos),
    ("us", Unit::Micros),
    ("micros", Unit::Micros),
    ("ms", Unit::Millis),
    ("millis", Unit::Millis),
    ("milliseconds", Unit::Millis),
    ("msec", Unit::Millis),
    ("s", Unit::Secs),
    ("sec", Unit::Secs),
    ("secs", Unit::Secs),
    ("seconds", Unit::Secs),
    ("second", Unit::Secs),
];

/// What a column is for and how much that name stands for it (less is more), if it is known.
pub(super) fn known(name: &str, options: &Options) -> Option<(Use, u8)> {
    let given = options.columns.iter().position(|(_, given)| given == name);
    if let Some(i) = given {
        return Some((of_role(options.columns[i].0, name, options), i as u8));
    }
    let word = plain(name);
    let at = |names: &[&str], first: usize| {
        names.iter().position(|n| *n == word).map(|i| (first + i) as u8)
    };
    let found = at(&TIMESTAMPS, 0)
        .map(|rank| (Use::Timestamp, rank))
        .or_else(|| at(&TOOLS, 0).map(|rank| (Use::Tool, rank)))
        .or_else(|| of_duration(&word).map(|rank| (Use::Duration(unit(name, options)), rank)))
        .or_else(|| at(&STATUSES, 0).map(|rank| (Use::Status(Says::Status), rank)))
        .or_else(|| at(&FAILURES, 10).map(|rank| (Use::Status(Says::Failure), rank)))
        .or_else(|| at(&SUCCESSES, 20).map(|rank| (Use::Status(Says::Success), rank)));
    // A role whose column is given has no other.
    found.filter(|(what, _)| options.columns.iter().all(|(role, _)| *role != what.role()))
}

/// The use of a column that a user named.
fn of_role(role: Role, name: &str, options: &Options) -> Use {
    let word = plain(name.rsplit('.').next().unwrap_or(name));
    match role {
        Role::Timestamp => Use::Timestamp,
        Role::Tool => Use::Tool,
        Role::Duration => Use::Duration(unit(name, options)),
        Role::Status if FAILURES.contains(&word.as_str()) => Use::Status(Says::Failure),
        Role::Status if SUCCESSES.contains(&word.as_str()) => Use::Status(Says::Success),
        Role::Status => Use::Status(Says::Status),
    }
}

/// A name in small letters, without what divides its words.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

fn of_duration(word: &str) -> Option<u8> {
    let fits = |base: &str| {
        let rest = word.strip_prefix(base);
        rest.is_some_and(|rest| rest.is_empty() || UNITS.iter().any(|(unit, _)| *unit == rest))
    };
    DURATIONS.iter().position(|base| fits(base)).map(|i| i as u8)
}

/// The unit that a column's name ends in, else the one that was given.
fn unit(name: &str, options: &Options) -> Unit {
    let word = plain(name.rsplit('.').next().unwrap_or(name));
    let base = DURATIONS.iter().find_map(|base| word.strip_prefix(base));
    // Of a name of another kind, only what is divided off: `upstream_s`, not `ms` of `items`.
    let last = name.rsplit(|c: char| !c.is_alphanumeric()).next().map(plain).unwrap_or_default();
    let is = |word: &str| UNITS.iter().find(|(unit, _)| *unit == word).map(|(_, unit)| *unit);
    base.and_then(is).or_else(|| is(&last)).or(options.unit).unwrap_or(Unit::Millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_are_known() {
        let of = |name| known(name, &Options::default()).map(|(what, _)| what);
        assert_eq!(of("@timestamp"), Some(Use::Timestamp));
        assert_eq!(of("TIMESTAMP"), Some(Use::Timestamp));
        assert_eq!(of("tool_name"), Some(Use::Tool));
        assert_eq!(of("durationMs"), Some(Use::Duration(Unit::Millis)));
        assert_eq!(of("elapsed_seconds"), Some(Use::Duration(Unit::Secs)));
        assert_eq!(of("latency"), Some(Use::Duration(Unit::Millis)));
        assert_eq!(of("status_code"), Some(Use::Status(Says::Status)));
        assert_eq!(of("isError"), Some(Use::Status(Says::Failure)));
        assert_eq!(of("ContextTokens"), None);
    }

    #[test]
    fn a_name_that_is_given_stands_alone() {
        let columns = vec![(Role::Duration, "meta.upstream_us".into())];
        let options = Options { columns, unit: Some(Unit::Secs), skip: 0 };
        let micros = Some((Use::Duration(Unit::Micros), 0));
        assert_eq!(known("meta.upstream_us", &options), micros);
        assert_eq!(known("duration", &options), None);
    }
}
