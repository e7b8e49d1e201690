//! Where a variant leaves the rules, as data. The published versions of the plugin differ from what is
//! right in known ways. A difference that is declared here is expected of the variant, to the
//! nanosecond ([`super::expected`]); any other is a divergence.

pub use crate::plugin::Overrides;

/// How a variant differs from the oracle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deviations {
    /// Which version's detectors it has.
    pub detectors: Detectors,
    /// How fine its waits are.
    pub waits: Waits,
    /// How it tells calls apart.
    pub keys: Keys,
    /// What becomes of calls that nobody continues.
    pub orphans: Orphans,
    /// Who shares what it remembers.
    pub memory: Memory,
    /// Who keeps the gateway's limit.
    pub limit: Limit,
    /// When it looks at overrides.
    pub overrides: Overrides,
}

/// Whose detectors.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detectors {
    /// Those of the rules.
    Right,
    /// Those of version 0.3.1: Python where text is checked, else Rust.
    V0_3_1,
    /// Those of version 0.3.11: Rust.
    V0_3_11,
}

/// How fine waits are drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Waits {
    /// In nanoseconds.
    Nanoseconds,
    /// In whole milliseconds, 0 included: such a retry is lost.
    Milliseconds,
}

/// How calls are told apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keys {
    /// By the pair of tool and request.
    Pair,
    /// By both names joined with a colon: `a:b` and `c` are `a` and `b:c`.
    Joined,
}

/// What becomes of calls that nobody continues.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Orphans {
    /// They count no more after 300 s.
    Expire,
    /// They go when a failure scans all entries, at most each 30 s; until then they count.
    WaitForAScan,
    /// They stay and count for ever.
    Stay,
}

/// Who shares what is remembered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Memory {
    /// Each instance has its own.
    OfTheInstance,
    /// Entries are the instance's own, the clock of scans is the process's.
    ClockOfTheProcess,
    /// All instances of a process have one.
    OfTheProcess,
}

/// Who keeps the gateway's limit of retries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Limit {
    /// The plugin: the limit lowers `max_retries` of all its policies when they are loaded.
    OfThePlugin,
    /// The gateway alone: the plugin grants retries that are not made.
    OfTheGateway,
}

/// One declared deviation, in words.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Deviation {
    /// Its name.
    pub name: &'static str,
    /// What is done instead of what is right.
    pub what: &'static str,
}

impl Deviations {
    /// None: the variant answers as the oracle.
    pub const NONE: Deviations = Deviations {
        detectors: Detectors::Right,
        waits: Waits::Nanoseconds,
        keys: Keys::Pair,
        orphans: Orphans::Expire,
        memory: Memory::OfTheInstance,
        limit: Limit::OfThePlugin,
        overrides: Overrides::AtLoad,
    };

    /// Each of them in words.
    pub fn declared(&self) -> Vec<Deviation> {
        let mut found = Vec::new();
        let mut add = |name, what| found.push(Deviation { name, what });
        match self.detectors {
            Detectors::Right => {}
            Detectors::V0_3_1 => add(
                "detectors of 0.3.1",
                "a boolean counts as a status; a status beyond 32 bits and `content: null` are errors; a \
                 structured flag obeys its status; NaN may stand in text",
            ),
            Detectors::V0_3_11 => add(
                "detectors of 0.3.11",
                "a boolean counts as a status; a flagged status beyond 32 bits counts as none, one in text \
                 loses its upper bits; text with lone surrogates, 1e400 or deep nesting is not read",
            ),
        }
        if self.waits == Waits::Milliseconds {
            add("zero wait", "waits are whole milliseconds, and a retry that draws 0 is lost");
        }
        if self.keys == Keys::Joined {
            add("joined key", "tool `a:b` with request `c` is tool `a` with request `b:c`");
        }
        match self.orphans {
            Orphans::Expire => {}
            Orphans::WaitForAScan => add(
                "late scan",
                "an orphan counts until a failure scans all entries, at most once in 30 s",
            ),
            Orphans::Stay => add("orphans stay", "a call that nobody continues is never forgotten"),
        }
        match self.memory {
            Memory::OfTheInstance => {}
            Memory::ClockOfTheProcess => {
                add("shared clock", "all instances of a process share the clock of their scans");
            }
            Memory::OfTheProcess => {
                add("shared by instances", "all instances of a process share what they remember");
            }
        }
        if self.limit == Limit::OfTheGateway {
            add(
                "limit not applied",
                "the gateway's limit lowers no max_retries: the plugin grants retries beyond it, which are \
                 not made",
            );
        }
        if self.overrides == Overrides::AtCall {
            add(
                "late overrides",
                "a bad override is no fault when it is loaded: each call of its tool fails instead",
            );
        }
        found
    }
}
