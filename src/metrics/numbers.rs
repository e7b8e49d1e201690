//! The numbers of one replica. A number that does not exist (the recovery rate of a run in which nothing
//! failed) is `None`, never 0.

use std::collections::BTreeMap;

use super::end::End;
use super::recovery::{Recovery, recovery};
use super::tally::Tally;
use crate::base::{Moment, Span};
use crate::sim::Fate;

/// Every metric with what it is, in the order in which documents show them.
pub const NAMES: [(&str, &str); 36] = [
    ("calls", "calls that arrived"),
    ("succeeded", "calls whose last reply was good"),
    ("recovered", "calls that succeeded after a retry"),
    ("exhausted", "calls whose last reply was bad, with no retry left"),
    ("refused", "calls that failed in a way that is not retried"),
    ("timed_out", "calls whose last attempt timed out"),
    ("cancelled", "calls whose client left"),
    ("deadline_exceeded", "calls that ran into their deadline"),
    ("undetected", "calls whose last reply was bad, unseen by every detector"),
    ("attempts", "attempts that reached a tool"),
    ("amplification", "attempts / calls"),
    ("success_rate", "succeeded / calls"),
    ("recovery_rate", "recovered / calls whose first attempt failed"),
    ("first_failed", "calls whose first attempt failed"),
    ("lost_retries", "retries lost to a wait of 0 ms"),
    (
        "duplicates",
        "attempts that did again what an earlier one of the call had done, where that does harm",
    ),
    ("wait_ms_total", "time waited before retries, all calls together"),
    ("latency_ms_mean", "mean latency, from arrival to the end of the call"),
    ("latency_ms_p50", "median latency"),
    ("latency_ms_p90", "90 % of calls end within this"),
    ("latency_ms_p99", "99 % of calls end within this"),
    ("latency_ms_p999", "99.9 % of calls end within this"),
    ("latency_ms_max", "the longest latency"),
    ("herd_peak", "most attempts that reach one tool within 100 ms"),
    (
        "herd_peak_ratio",
        "the peak of a tool with faults or surges / its mean attempts in 100 ms before",
    ),
    (
        "time_to_recover_ms",
        "from the end of the last fault or surge until success is back at its level",
    ),
    ("recovered_replicas", "share of replicas whose success came back"),
    ("goodput_per_s", "succeeded calls a second"),
    ("final_success_rate", "success rate of calls that arrive in the last tenth of the duration"),
    ("final_attempts_per_s", "attempts a second in the last tenth of the duration"),
    ("last_reply_ms", "when the last call ended"),
    ("wait_ms_mean", "mean wait before a retry"),
    ("retries", "waits before retries"),
    ("shipped_rows", "rows of upstream's metrics: one for each attempt"),
    ("shipped_failed_rows", "rows that upstream counts as failed"),
    ("shipped_row_ms_mean", "mean duration that upstream's rows show"),
];

/// The numbers of one replica by name.
pub type Numbers = BTreeMap<&'static str, Option<f64>>;

/// The numbers of a tally over a run of a duration.
pub fn numbers(tally: &Tally, duration: Span) -> Numbers {
    let n = |count: u64| Some(count as f64);
    let ratio = |a: u64, b: u64| (b > 0).then(|| a as f64 / b as f64);
    let ms = |time: u128| Some(time as f64 / 1e6);
    let mean = |time: u128, count: u64| (count > 0).then(|| time as f64 / 1e6 / count as f64);
    let recovered: u64 = tally.recovered_by_attempts.iter().sum();
    let fate = |fate: Fate| tally.fates[fate as usize];
    let succeeded = fate(Fate::Succeeded);
    let last = tally.last_reply.unwrap_or(Moment::START).since(Moment::START);
    let latencies = tally.latencies_ms(&[0.5, 0.9, 0.99, 0.999]);
    let quantile = |i: usize| latencies.get(i).copied().filter(|_| tally.calls > 0);
    let end = End::of(duration);
    let back = recovery(&tally.arrived, &tally.succeeded, tally.trouble());
    let mut numbers = Numbers::from([
        ("calls", n(tally.calls)),
        ("recovered", n(recovered)),
        ("attempts", n(tally.attempts)),
        ("amplification", ratio(tally.attempts, tally.calls)),
        ("success_rate", ratio(succeeded, tally.calls)),
        ("recovery_rate", ratio(recovered, tally.first_failed)),
        ("first_failed", n(tally.first_failed)),
        ("lost_retries", n(tally.lost)),
        ("duplicates", n(tally.duplicates)),
        ("wait_ms_total", ms(tally.wait_time)),
        ("wait_ms_mean", mean(tally.wait_time, tally.waits)),
        ("retries", n(tally.waits)),
        ("latency_ms_mean", mean(tally.latency_time, tally.calls)),
        ("latency_ms_p50", quantile(0)),
        ("latency_ms_p90", quantile(1)),
        ("latency_ms_p99", quantile(2)),
        ("latency_ms_p999", quantile(3)),
        ("latency_ms_max", (tally.calls > 0).then(|| tally.latency_max.as_millis_f64())),
        ("herd_peak", n(tally.peak.most())),
        ("herd_peak_ratio", tally.troubled.ratio()),
        ("goodput_per_s", per_second(succeeded, duration.max(last))),
        ("final_success_rate", end.share(&tally.succeeded, &tally.arrived)),
        ("final_attempts_per_s", end.per_second(&tally.herd)),
        ("last_reply_ms", tally.last_reply.map(|_| last.as_millis_f64())),
        ("shipped_rows", n(tally.rows)),
        ("shipped_failed_rows", n(tally.failed_rows)),
        ("shipped_row_ms_mean", mean(tally.row_time, tally.rows)),
    ]);
    numbers.extend(Fate::ALL.map(|f| (f.name(), n(fate(f)))));
    let (time, share) = match back {
        Recovery::Unknown => (None, None),
        Recovery::After(span) => (Some(span.as_millis_f64()), Some(1.0)),
        Recovery::Never => (None, Some(0.0)),
    };
    numbers.extend([("time_to_recover_ms", time), ("recovered_replicas", share)]);
    numbers
}

fn per_second(count: u64, time: Span) -> Option<f64> {
    (!time.is_zero()).then(|| count as f64 / time.as_secs_f64())
}
