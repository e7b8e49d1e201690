//! Figures as people read them: tables, each with a title.

use super::{Compared, Identity, Latency, Measured};
use crate::chart::shown;

/// A title and rows, the first with headings.
pub type Table = (String, Vec<Vec<String>>);

/// All tables of a result; those without rows are left out.
pub fn tables(measured: &Measured) -> Vec<Table> {
    let all = [
        latency(measured),
        growth(measured),
        memory(measured),
        throughput(measured),
        bars(measured),
    ];
    all.into_iter().filter(|(_, rows)| rows.len() > 1).collect()
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// Three digits that say something; large numbers whole, small ones with two.
pub(super) fn three(x: f64) -> String {
    match x.abs() {
        size if size >= 1_000.0 => shown(x.round()),
        size if size >= 100.0 => format!("{x:.0}"),
        size if size >= 10.0 => format!("{x:.1}"),
        size if size >= 0.1 || size == 0.0 => format!("{x:.2}"),
        size => format!("{x:.*}", (1.0 - libm::log10(size).floor()).clamp(2.0, 12.0) as usize),
    }
}

fn latency(measured: &Measured) -> Table {
    let against = format!("times as fast as {}", measured.base);
    let head = ["path", "variant", "ns", "p90", "p99", "one p99", "one p99.9", "allocations"];
    let mut rows = vec![row(head)];
    rows[0].extend([against, "verdict".into()]);
    let mut last = "";
    for l in &measured.latency {
        let path = if l.path == last { "" } else { l.path };
        last = l.path;
        let mut cells = row([path, l.variant]);
        cells.extend([l.ns, l.ns_p90, l.ns_p99, l.one_ns_p99, l.one_ns_p999].map(three));
        cells.push(l.allocations.map_or("n/a".into(), |a| shown((a * 100.0).round() / 100.0)));
        let (speed, verdict) = compared(l);
        cells.extend([speed, verdict.into()]);
        rows.push(cells);
    }
    ("One thread, one live entry: ns an operation".into(), rows)
}

fn compared(latency: &Latency) -> (String, &str) {
    match &latency.comparison {
        None => ("1".into(), "base"),
        Some(Compared { ratio, low, high, verdict, .. }) => {
            let speed = |r: f64| three(1.0 / r);
            (format!("{} [{}, {}]", speed(*ratio), speed(*high), speed(*low)), verdict)
        }
    }
}

/// Why comparisons are undecided, a line each.
pub(super) fn doubts(measured: &Measured) -> Vec<String> {
    let doubt = |l: &Latency| {
        let why = l.comparison.as_ref()?.why.as_ref()?;
        Some(format!("{} on {} is undecided: {why}", l.variant, l.path))
    };
    let ends = |g: &super::Growth| {
        let why = g.stopped.as_ref()?;
        let last = g.points.last().map_or(0.0, |p| p.size);
        let name = g.size.replace('_', " ");
        Some(format!("{} on {} by {name} ends at {}: {why}", g.variant, g.path, shown(last)))
    };
    let doubts = measured.latency.iter().filter_map(doubt);
    doubts.chain(measured.growth.iter().filter_map(ends)).collect()
}

fn growth(measured: &Measured) -> Table {
    let mut rows = vec![row([
        "growing", "path", "variant", "from", "to", "ns from", "ns to", "factor", "order",
    ])];
    for g in &measured.growth {
        let (Some(first), Some(last)) = (g.points.first(), g.points.last()) else { continue };
        let size = g.size.replace('_', " ");
        let (from, to) = (shown(first.size), shown(last.size));
        let (low, high, factor) = (three(first.ns), three(last.ns), three(last.factor));
        let order = g.order.unwrap_or("n/a");
        rows.push(row([&size, g.path, g.variant, &from, &to, &low, &high, &factor, order]));
    }
    ("Growth".into(), rows)
}

fn memory(measured: &Measured) -> Table {
    let head =
        row(["variant", "live entries", "bytes an entry", "kept when all have ended", "empty"]);
    let mut rows = vec![head];
    for m in &measured.memory {
        let (entries, bytes) = (shown(m.entries as f64), three(m.bytes_an_entry));
        let kept = format!("{:.2}", m.kept_an_entry);
        let empty = shown(m.empty_bytes);
        rows.push(row([m.variant, &entries, &bytes, &kept, &empty]));
    }
    ("Memory, in bytes".into(), rows)
}

fn throughput(measured: &Measured) -> Table {
    let mut threads: Vec<usize> = measured.throughput.iter().map(|t| t.threads).collect();
    threads.sort_unstable();
    threads.dedup();
    let mut head = row(["load", "variant"]);
    head.extend(threads.iter().map(|n| format!("{n} thread{}", if *n == 1 { "" } else { "s" })));
    let mut rows = vec![head];
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for t in &measured.throughput {
        if seen.contains(&(t.load, t.variant)) {
            continue;
        }
        let again = seen.last().is_some_and(|(load, _)| *load == t.load);
        seen.push((t.load, t.variant));
        let mut cells = row([if again { "" } else { t.load }, t.variant]);
        for n in &threads {
            let same =
                |o: &&super::Throughput| (o.load, o.variant, o.threads) == (t.load, t.variant, *n);
            let found = measured.throughput.iter().find(same);
            cells.push(found.map_or(String::new(), |o| three(o.calls_per_s / 1e6)));
        }
        rows.push(cells);
    }
    ("Throughput: millions of calls of the hook a second, all threads together".into(), rows)
}

fn bars(measured: &Measured) -> Table {
    let mut rows = vec![row(["what the default should reach", "found", "bar", ""])];
    for bar in &measured.bars {
        let word = if bar.met { "met" } else { "NOT MET" };
        rows.push(row([&bar.what, &three(bar.found), &shown(bar.bar), word]));
    }
    ("Bars".into(), rows)
}

/// What, where and when, in lines.
pub fn identity(identity: &Identity) -> Vec<String> {
    let commit =
        identity.commit.as_ref().map_or("commit unknown".into(), |c| format!("commit {c}"));
    let dirty = if identity.dirty { ", with changes" } else { "" };
    let flags = match identity.flags {
        "" => String::new(),
        flags => format!(", flags {flags}"),
    };
    vec![
        format!("retrylab {} ({commit}{dirty}), {}", identity.version, identity.date),
        format!("{}, {} threads, kernel {}", identity.cpu, identity.cores, identity.kernel),
        format!("{}, {}, {}{flags}", identity.toolchain, identity.target, identity.profile),
    ]
}

/// How it was sampled and judged, in lines.
pub fn method(measured: &Measured) -> Vec<String> {
    let m = &measured.method;
    vec![
        format!(
            "clock: {} ns a pair of readings (taken off every batch), steps of {} ns; instructions: {}",
            three(m.timer_cost_ns),
            three(m.timer_step_ns),
            m.instructions
        ),
        format!(
            "{} blocks of {} rounds in an order drawn from seed {}; batches of about {} µs, there and back, \
             the quicker counts",
            m.blocks,
            m.rounds,
            measured.seed,
            shown(m.batch_ns / 1e3)
        ),
        "ns: the median of rounds; p90, p99: of the means of batches; one p99, one p99.9: of operations timed \
         one by one, less the clock"
            .into(),
        "throughput: the median of runs, each on a fresh instance (apart: each thread on one of its own), whose work is taken \
         by whichever thread runs; ratios of runs of one round"
            .into(),
        "growth: the sizes of a variant take turns, of two instances the quicker counts, factors are paired; \
         memory: counted by the allocator"
            .into(),
        format!(
            "ratios: median of paired log ratios with a bootstrap interval of 95 %; a difference below {:.0} % \
             does not count; Holm's correction at {} over all",
            100.0 * m.margin,
            m.level
        ),
    ]
}
