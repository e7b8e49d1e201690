//! A long study can be watched and stopped. Neither changes a figure: a run counts whole or not at all.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::base::{Moment, Span};
use crate::metrics::Tally;
use crate::sim::{Observation, Recorder};

/// What one run of one column counts for in [`Watch::advanced`].
pub const WHOLE_RUN: u64 = 1_000_000;

/// How many events lie between two reports.
const EVERY: u32 = 1 << 12;

/// Whoever watches a study.
pub struct Watch<'a> {
    /// True asks the study to stop.
    pub stop: &'a AtomicBool,
    /// Told, from any thread, how much has been done since the last time, in parts of [`WHOLE_RUN`].
    pub advanced: &'a (dyn Fn(u64) + Sync),
}

/// A tally that tells how far it is.
pub(super) struct Watched<'a> {
    tally: &'a mut Tally,
    watch: &'a Watch<'a>,
    duration: Span,
    /// What this tool counts for, and how much of it has been told.
    part: u64,
    told: u64,
    events: u32,
}

impl<'a> Watched<'a> {
    pub(super) fn new(
        tally: &'a mut Tally,
        watch: &'a Watch<'a>,
        duration: Span,
        part: u64,
    ) -> Self {
        Watched { tally, watch, duration, part, told: 0, events: 0 }
    }
    /// The tool is done.
    pub(super) fn close(self) {
        (self.watch.advanced)(self.part - self.told);
    }
    fn tell(&mut self, now: Moment) {
        let share = now.since(Moment::START).as_secs_f64() / self.duration.as_secs_f64().max(1e-9);
        let done = ((self.part as f64 * share) as u64).min(self.part);
        (self.watch.advanced)(done.saturating_sub(self.told));
        self.told = self.told.max(done);
    }
}

impl Recorder for Watched<'_> {
    #[inline(always)]
    fn observe(&mut self, now: Moment, what: Observation) {
        self.tally.observe(now, what);
    }
    fn has_enough(&mut self, now: Moment) -> bool {
        self.events = self.events.wrapping_add(1);
        if self.events.is_multiple_of(EVERY) {
            self.tell(now);
        }
        self.watch.stop.load(Ordering::Relaxed)
    }
}
