//! A plan can ask for a billion calls as easily as for a thousand. Before a long run, the plan itself is
//! run for a moment to see how far it comes, and its whole length is told, with the way to a shorter one.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::tell;
use crate::scenario::Plan;
use crate::study::{self, WHOLE_RUN, Watch};

/// Fewer calls are done before a word about them is read.
const MANY: f64 = 5e6;
/// How long the plan is tried.
const TRIAL: Duration = Duration::from_millis(300);
/// Runs of a trial at most; so many keep all threads busy.
const RUNS: u32 = 1024;
/// Calls a second on one thread, where the trial could not tell.
const USUAL: f64 = 1e6;
/// Shorter runs need no word.
const LONG: Duration = Duration::from_secs(5);

/// Tells how many calls a plan asks for and about how long they will take, if that is long. What the
/// trial finds is thrown away; `stop` ends it early.
pub(super) fn forecast(plan: &mut Plan, stop: &AtomicBool) {
    let calls = plan.expected_calls();
    if calls < MANY {
        return;
    }
    let seconds = trial(plan, stop).unwrap_or(calls / USUAL);
    if seconds >= LONG.as_secs_f64() {
        let (name, calls, time) = (&plan.name, counted(calls), lasting(seconds));
        tell(format_args!(
            "{name}: about {calls} calls, which will take about {time}{}",
            way_out(plan)
        ));
    }
}

fn way_out(plan: &Plan) -> &'static str {
    match plan.replicas {
        1 => "; a shorter `duration` or lower rates make fewer",
        _ => "; `--replicas 1` is a first look",
    }
}

/// How many seconds the whole plan takes at the pace of its beginning; `None` if that shows nothing.
fn trial(plan: &mut Plan, stop: &AtomicBool) -> Option<f64> {
    let began = Instant::now();
    let (enough, done) = (AtomicBool::new(false), AtomicU64::new(0));
    let advanced = |part: u64| {
        // What is cut says that it is done; that does not count.
        if enough.load(Ordering::Relaxed) {
            return;
        }
        done.fetch_add(part, Ordering::Relaxed);
        if began.elapsed() >= TRIAL || stop.load(Ordering::Relaxed) {
            enough.store(true, Ordering::Relaxed);
        }
    };
    let columns = plan.columns.len().max(1) as u64;
    let all = u64::from(plan.replicas) * columns * WHOLE_RUN;
    let few = (RUNS / plan.columns.len().max(1) as u32).clamp(1, plan.replicas.max(1));
    let asked = std::mem::replace(&mut plan.replicas, few);
    study::run(plan, &Watch { stop: &enough, advanced: &advanced });
    plan.replicas = asked;
    let (took, done) = (began.elapsed().as_secs_f64(), done.load(Ordering::Relaxed));
    (done > 0).then(|| took * all as f64 / done as f64)
}

/// "1,500 million"; two digits are enough.
fn counted(calls: f64) -> String {
    let (scale, name) = match calls {
        c if c >= 1e12 => (1e12, " trillion"),
        c if c >= 1e9 => (1e9, " billion"),
        _ => (1e6, " million"),
    };
    let n = calls / scale;
    if n < 10.0 { format!("{n:.1}{name}") } else { format!("{n:.0}{name}") }
}

/// "40 s", "3 min", "2.5 h", "12 days", "3 years".
fn lasting(seconds: f64) -> String {
    let (scale, name) = match seconds {
        s if s < 100.0 => (1.0, "s"),
        s if s < 6000.0 => (60.0, "min"),
        s if s < 2.0 * 86_400.0 => (3600.0, "h"),
        s if s < 1000.0 * 86_400.0 => (86_400.0, "days"),
        _ => (365.25 * 86_400.0, "years"),
    };
    let n = seconds / scale;
    if n < 10.0 { format!("{n:.1} {name}") } else { format!("{n:.0} {name}") }
}

#[cfg(test)]
mod tests {
    use super::{counted, lasting};

    #[test]
    fn calls_and_times_are_told_in_words_of_two_digits() {
        assert_eq!(counted(1e9), "1.0 billion");
        assert_eq!(counted(25e6), "25 million");
        assert_eq!(counted(3e14), "300 trillion");
        assert_eq!(lasting(42.4), "42 s");
        assert_eq!(lasting(500.0), "8.3 min");
        assert_eq!(lasting(7200.0), "2.0 h");
        assert_eq!(lasting(1e7), "116 days");
        assert_eq!(lasting(1e9), "32 years");
    }
}
