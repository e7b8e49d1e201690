//! What is kept of the observations of one tool: whole numbers only, so that parts merge exactly and in
//! any order, in memory that does not depend on the number of calls.

use super::peak::Peak;
use super::reasons::Reasons;
use super::series::Series;
use super::times::Times;
use crate::base::digest::Digest;
use crate::base::{Moment, Span};
use crate::plugin::{Decision, GaveUp};
use crate::sim::record::{Ended, Fate, Observation, Recorder};
use crate::sim::world::Window;

/// The highest number of attempts that is kept apart; calls with more count here.
pub const MOST_ATTEMPTS: usize = 64;
/// Bars of the distribution of waits.
pub const WAIT_BARS: usize = 60;

/// What to look out for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Frame {
    /// From the first fault of the tool to the end of its last one, of faults that have a window.
    pub trouble: Option<Window>,
    /// The longest wait that the distribution of waits shows.
    pub longest_wait: Span,
}

/// Counts over the observations of a tool, or of several.
#[derive(Clone, Debug)]
pub struct Tally {
    frame: Frame,
    pub(super) digest: Digest,
    pub(super) calls: u64,
    pub(super) fates: [u64; Fate::ALL.len()],
    pub(super) first_failed: u64,
    pub(super) attempts: u64,
    pub(super) attempt_time: u128,
    pub(super) duplicates: u64,
    pub(super) lost: u64,
    pub(super) waits: u64,
    pub(super) wait_time: u128,
    /// Whole waits by retry, and by length.
    pub(super) waits_by_retry: Vec<u64>,
    pub(super) wait_bars: Vec<u64>,
    pub(super) latency: Times,
    pub(super) latency_time: u128,
    pub(super) latency_max: Span,
    pub(super) last_reply: Option<Moment>,
    pub(super) reasons: Reasons,
    /// Recovered calls by attempts, and by time since their first failure (microseconds).
    pub(super) recovered_by_attempts: Vec<u64>,
    pub(super) recovered_after: Times,
    pub(super) herd: Series,
    /// Of any tool, and of any that has a trouble.
    pub(super) peak: Peak,
    pub(super) troubled: Peak,
    pub(super) arrived: Series,
    pub(super) succeeded: Series,
    pub(super) rows: u64,
    pub(super) failed_rows: u64,
    pub(super) row_time: u128,
}

impl Tally {
    /// Nothing counted.
    pub fn new(frame: Frame) -> Tally {
        Tally::with(frame, Times::default(), Times::default())
    }

    /// Nothing counted, in the room of a tally that nobody needs any more: what times are kept in is large, and
    /// threads that allocate and free it for every run wait for each other.
    pub fn in_place_of(used: Tally, frame: Frame) -> Tally {
        Tally::with(frame, used.latency.emptied(), used.recovered_after.emptied())
    }

    fn with(frame: Frame, latency: Times, recovered_after: Times) -> Tally {
        Tally {
            frame,
            digest: Digest::default(),
            calls: 0,
            fates: [0; Fate::ALL.len()],
            first_failed: 0,
            attempts: 0,
            attempt_time: 0,
            duplicates: 0,
            lost: 0,
            waits: 0,
            wait_time: 0,
            waits_by_retry: Vec::new(),
            wait_bars: vec![0; WAIT_BARS],
            latency,
            latency_time: 0,
            latency_max: Span::ZERO,
            last_reply: None,
            reasons: Reasons::default(),
            recovered_by_attempts: Vec::new(),
            recovered_after,
            herd: Series::default(),
            peak: Peak::default(),
            troubled: Peak::default(),
            arrived: Series::default(),
            succeeded: Series::default(),
            rows: 0,
            failed_rows: 0,
            row_time: 0,
        }
    }

    /// From the first fault of any tool counted here to the end of the last one.
    pub(super) fn trouble(&self) -> Option<Window> {
        self.frame.trouble
    }

    /// Latency in milliseconds at some rising quantiles; for a tally with calls.
    pub(super) fn latencies_ms(&self, quantiles: &[f64]) -> Vec<f64> {
        // The upper end of a step, at most the longest latency.
        let ms = |micros: u64| (micros as f64 / 1e3).min(self.latency_max.as_millis_f64());
        self.latency.quantiles(quantiles).into_iter().map(ms).collect()
    }

    /// The tool is done: its digest is filed under an index, so that tools add up in any order.
    pub fn close(&mut self, index: u64) {
        self.latency.settle();
        self.recovered_after.settle();
        self.turn(Moment::NEVER);
        self.peak.close(self.frame.trouble);
        self.troubled = self.frame.trouble.map_or(Peak::default(), |_| self.peak);
        let own = std::mem::take(&mut self.digest);
        self.digest.gather(index, own);
    }

    /// Adds the closed tally of other tools.
    pub fn merge(&mut self, other: &Tally) {
        self.frame.trouble = Window::both(self.frame.trouble, other.frame.trouble);
        self.digest.merge(other.digest);
        self.calls += other.calls;
        self.fates.iter_mut().zip(other.fates).for_each(|(a, b)| *a += b);
        self.first_failed += other.first_failed;
        self.attempts += other.attempts;
        self.attempt_time += other.attempt_time;
        self.duplicates += other.duplicates;
        self.lost += other.lost;
        self.waits += other.waits;
        self.wait_time += other.wait_time;
        add_up(&mut self.waits_by_retry, &other.waits_by_retry);
        add_up(&mut self.wait_bars, &other.wait_bars);
        self.latency.merge(&other.latency);
        self.latency_time += other.latency_time;
        self.latency_max = self.latency_max.max(other.latency_max);
        self.last_reply = self.last_reply.max(other.last_reply);
        self.reasons.merge(&other.reasons);
        add_up(&mut self.recovered_by_attempts, &other.recovered_by_attempts);
        self.recovered_after.merge(&other.recovered_after);
        self.herd.merge(&other.herd);
        self.peak = self.peak.max(other.peak);
        self.troubled = self.troubled.max(other.troubled);
        self.arrived.merge(&other.arrived);
        self.succeeded.merge(&other.succeeded);
        self.rows += other.rows;
        self.failed_rows += other.failed_rows;
        self.row_time += other.row_time;
    }

    fn attempt(&mut self, now: Moment) {
        self.attempts += 1;
        if self.peak.is_over(now) {
            self.turn(now);
        }
        self.peak.attempt(now, self.frame.trouble);
    }

    /// What the present bucket of the herd has is known, and the next one begins.
    #[inline(never)] // seldom
    fn turn(&mut self, now: Moment) {
        let (at, attempts) = self.peak.turn(now);
        if attempts > 0 {
            self.herd.add_many(at, attempts);
        }
    }

    #[inline(always)] // a decision is not copied
    fn decided(&mut self, decision: Decision) {
        let reason = match decision {
            Decision::Done { .. } | Decision::GiveUp { why: GaveUp::NotRetryable(_), .. } => return,
            Decision::Retry { reason, .. } => reason,
            Decision::LostRetry { reason, .. } => {
                self.lost += 1;
                reason
            }
            Decision::GiveUp { why: GaveUp::Exhausted(reason), .. } => reason,
        };
        self.reasons.add(reason, 1);
    }

    #[inline(always)] // one place of two asks it often
    fn slept(&mut self, retry: u32, wait: Span, whole: bool) {
        self.waits += 1;
        self.wait_time += u128::from(wait.as_nanos());
        if whole {
            count(&mut self.waits_by_retry, (retry as usize).min(MOST_ATTEMPTS));
            let longest = self.frame.longest_wait.as_nanos().max(1);
            let bar = wait.as_nanos().saturating_mul(WAIT_BARS as u64) / longest;
            self.wait_bars[(bar as usize).min(WAIT_BARS - 1)] += 1;
        }
    }

    #[inline(always)] // one place asks
    fn ended(&mut self, now: Moment, call: &Ended) {
        let latency = now.since(call.arrived);
        self.fates[call.fate as usize] += 1;
        self.latency.record(latency);
        self.latency_time += u128::from(latency.as_nanos());
        self.latency_max = self.latency_max.max(latency);
        self.last_reply = Some(now);
        self.arrived.add(call.arrived);
        if call.fate == Fate::Succeeded {
            self.succeeded.add(call.arrived);
        }
        let Some(failed) = call.first_failure else { return };
        self.first_failed += 1;
        if call.fate == Fate::Succeeded {
            count(&mut self.recovered_by_attempts, (call.attempts as usize).min(MOST_ATTEMPTS));
            self.recovered_after.record(now.since(failed));
        }
    }
}

impl Recorder for Tally {
    // At each place that observes the kind is known: what the others do is left out there.
    #[inline(always)]
    fn observe(&mut self, now: Moment, what: Observation) {
        let mut note = |kind: u64, value: u64| self.digest.add(now.as_nanos(), value << 3 | kind);
        match what {
            Observation::Arrived => {
                note(0, 0);
                self.calls += 1;
            }
            Observation::Attempt { number } => {
                note(1, u64::from(number));
                self.attempt(now);
            }
            Observation::Executed { again } => {
                note(2, u64::from(again));
                self.duplicates += u64::from(again);
            }
            Observation::Returned { took } => {
                note(3, took.as_nanos());
                self.attempt_time += u128::from(took.as_nanos());
            }
            Observation::Decided(decision) => {
                note(4, decision.retry_delay_ms());
                self.decided(decision);
            }
            Observation::Slept { retry, wait, whole } => {
                note(5, wait.as_nanos());
                self.slept(retry, wait, whole);
            }
            Observation::Row(row) => {
                note(6, u64::from(row.succeeded));
                self.rows += 1;
                self.failed_rows += u64::from(!row.succeeded);
                self.row_time += u128::from(row.ended.since(row.started).as_nanos());
            }
            Observation::Ended(call) => {
                note(7, call.fate as u64);
                self.ended(now, &call);
            }
        }
    }
}

fn count(counts: &mut Vec<u64>, i: usize) {
    if counts.len() <= i {
        counts.resize(i + 1, 0);
    }
    counts[i] += 1;
}

pub(super) fn add_up(sums: &mut Vec<u64>, more: &[u64]) {
    if sums.len() < more.len() {
        sums.resize(more.len(), 0);
    }
    sums.iter_mut().zip(more).for_each(|(a, b)| *a += b);
}
