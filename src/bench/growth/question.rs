//! What gets larger, and how large: the questions of growth, as data.

use super::super::workload::{Setup, USUAL};

/// What gets larger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// Remembered calls; one and the same call is timed.
    LiveEntries,
    /// Remembered calls; each operation takes another of them, drawn at random, so that what is
    /// remembered is seldom in the processor's cache.
    LiveEntriesAtRandom,
    /// Tools with policies of their own.
    Overrides,
    /// The names of tool and request together, in bytes.
    KeyBytes,
    /// A text, in bytes.
    TextBytes,
}

impl Size {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Size::LiveEntries => "live_entries",
            Size::LiveEntriesAtRandom => "live_entries_at_random",
            Size::Overrides => "overrides",
            Size::KeyBytes => "key_bytes",
            Size::TextBytes => "text_bytes",
        }
    }
    /// What an instance of a size holds.
    pub(super) fn setup(self, x: usize) -> Setup {
        match self {
            Size::LiveEntries | Size::LiveEntriesAtRandom => Setup { live: x, ..USUAL },
            Size::Overrides => Setup { overrides: x, ..USUAL },
            Size::KeyBytes => Setup { key_bytes: x, ..USUAL },
            Size::TextBytes => Setup { text_bytes: Some(x), ..USUAL },
        }
    }
}

/// What is measured. All that is asked is asked of the same instances, for to fill one with a million calls
/// takes longer than to time it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Question {
    /// The sizes, from small to large.
    pub values: &'static [usize],
    /// What grows, and the path: a curve each. Sizes of one question make the same instance.
    pub asked: &'static [(Size, &'static str)],
}

const LIVE: &[usize] = &[1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
const LIVE_QUICK: &[usize] = &[1, 10, 100, 1_000, 10_000, 100_000];
const AMONG_OVERRIDES: Question = Question {
    values: &[0, 5, 50, 500, 5_000],
    asked: &[(Size::Overrides, "error_flag"), (Size::Overrides, "success")],
};

/// All questions.
pub const ALL: &[Question] = &[
    Question {
        values: LIVE,
        asked: &[
            (Size::LiveEntries, "error_flag"),
            (Size::LiveEntries, "success"),
            (Size::LiveEntriesAtRandom, "error_flag"),
        ],
    },
    AMONG_OVERRIDES,
    Question {
        values: &[32, 128, 512, 2_048],
        asked: &[(Size::KeyBytes, "error_flag"), (Size::KeyBytes, "success")],
    },
    Question {
        values: &[60, 250, 1_000, 4_000, 16_000, 64_000],
        asked: &[(Size::TextBytes, "text_1k")],
    },
];

/// Fewer, for a first look.
pub const QUICK: &[Question] = &[
    Question {
        values: LIVE_QUICK,
        asked: &[(Size::LiveEntries, "error_flag"), (Size::LiveEntries, "success")],
    },
    AMONG_OVERRIDES,
];

/// Where a curve stands among all.
pub fn place(size: Size, path: &str) -> usize {
    let all = || ALL.iter().flat_map(|question| question.asked);
    all().position(|asked| *asked == (size, path)).unwrap_or(usize::MAX)
}
